"""What is derived of agencies' protected figures: how far blurring is off, and what years count."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.agencies.versions import VERSIONS
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import PATHWAYS
from iomdash.disclosure.agencies.added import whole as whole_of
from iomdash.disclosure.agencies.blur import noise
from iomdash.disclosure.agencies.protect import OWN, _steps
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules
from iomdash.evidence import outcomes
from iomdash.evidence.blurred import off
from iomdash.pictures import unmet
from iomdash.pictures.agency_figures import Counts

RULES = AgencyRules(smallest_count=5, noise=4, filters_at_once=1, largest_two=85)
ALL = (EVERYONE,) * 4
CURVE = BY_ID["time_in_cohort"]


def test_an_interval_allows_for_the_variance_that_the_noise_has() -> None:
    keys = pl.DataFrame({"key": range(256)}).select(noise(pl.col("key"), RULES))["key"]
    assert off(RULES, 1) ** 2 == pytest.approx((keys**2).mean())
    assert off(RULES, 3) ** 2 == pytest.approx(3 * off(RULES, 1) ** 2)


def rounded(people: list[int], key: int, size: int = 1000) -> list[int]:
    """Running totals by month that are told of a group, where so many left in each."""
    months = range(1, len(people) + 1)
    rows = [
        (*ALL, "2030", month, "left", n, n, key if month == 1 + people.index(max(people)) else 0)
        for month, n in enumerate(people, 1) if n
    ]  # fmt: skip
    columns = [*AGENCY_FILTERS, "month", "what", "n", "people", "key"]
    cube = pl.DataFrame(rows, schema=columns, orient="row")
    group = pl.DataFrame([(*ALL, "2030", size)], schema=[*AGENCY_FILTERS, "size"], orient="row")
    told = _steps(CURVE, cube, group, RULES)
    steps = {row["month"]: row["n"] for row in told.iter_rows(named=True)}
    assert all(n % 5 == 0 and n > 0 for n in steps.values())
    return [sum(n for month, n in steps.items() if month <= m) for m in months]


def test_running_totals_are_off_by_nothing_in_the_mean_and_by_four_in_the_square() -> None:
    errors = [rounded([n], key)[0] - n for n in range(1, 26) for key in range(5)]
    assert sum(errors) == 0
    assert sum(error**2 for error in errors) / len(errors) == (5**2 - 1) / 6
    assert max(map(abs, errors)) == 4


@pytest.mark.parametrize("size", range(5, 20))
def test_that_everybody_did_something_is_never_certain_from_a_curve(size: int) -> None:
    for key in range(5):
        told = rounded([size], key, size)[0]
        assert told <= size
        assert any(rounded([size - 1], other, size)[0] == told for other in range(5))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12).filter(any), st.integers(0, 255))
def test_a_curve_rises_by_whole_steps_and_is_never_off_by_a_step(
    people: list[int], key: int
) -> None:
    totals = [sum(people[: month + 1]) for month in range(len(people))]
    told = rounded(people, key)
    assert told == sorted(told)
    assert all(abs(one - other) < 5 for one, other in zip(told, totals, strict=True))


def cube(name: str, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Rows of period told, the measure's own columns, what, n, of everybody."""
    own = BY_ID[name].dimensions
    whole = [(*ALL, *row, None if row[-1] is not None else "few_people") for row in rows]
    types = dict.fromkeys((*AGENCY_FILTERS, *own, "what", *OWN), pl.String)
    return pl.DataFrame(whole, schema={**types, "n": pl.Int64}, orient="row")


def released(cubes: Mapping[str, pl.DataFrame]) -> ReleasableAgencies:
    told = [
        (name, *ALL, period, 1, "told")
        for name, held in cubes.items() for period in held["quarter"].unique()
    ]  # fmt: skip
    return ReleasableAgencies(cubes, pl.DataFrame(told, schema=VERSIONS, orient="row"))


def around(years: Mapping[str, Mapping[str, int | None]]) -> pl.DataFrame:
    """Rates of offences where these are told before and after, by year: days are 3652."""
    rows = [
        (year, period, what, n)
        for year, offences in years.items()
        for period, events in offences.items()
        for what, n in (("offences", events), ("days", 3652))
    ]
    spread = [
        (year, period, what, n)
        for year in years
        for period in ("before", "after")
        for what, n in (("adoptions", 10), ("offences_squared", 90), ("offences_days", 10950),
                        ("days_squared", 1332250))
    ]  # fmt: skip
    safe = released(
        {"offending": cube("offending", rows), "offending_spread": cube("offending_spread", spread)}
    )
    return outcomes.derive(safe, RULES)["offending_rates"]


def test_rates_are_of_closed_years_in_which_both_sides_are_shown() -> None:
    rates = around({
        "2030": {"before": 40, "after": 20},
        "2031": {"before": 60, "after": None},
        "2032": {"before": 30, "after": 30},
        "2033 Q1": {"before": 500, "after": 500},
    })  # fmt: skip
    told = {row["period"]: (row["events"], row["days"], row["rate"])
            for row in rates.iter_rows(named=True)}  # fmt: skip
    assert told == {"before": (70, 7304, 3.5), "after": (50, 7304, 2.5)}
    assert all(row["low"] < row["rate"] < row["high"] for row in rates.iter_rows(named=True))


def test_while_no_year_has_closed_rates_are_of_quarters() -> None:
    rates = around({"2033 Q1": {"before": 40, "after": 20}, "2033 Q2": {"before": 30, "after": 30}})
    assert sorted(rates["events"]) == [50, 70]


def test_a_rate_of_which_noise_leaves_nothing_is_not_told() -> None:
    assert around({"2030": {"before": 2, "after": 1}}).is_empty()


def test_a_sum_of_weights_with_a_part_hidden_has_no_whole() -> None:
    told = cube("harm", [
        ("2030", "after", "harm", 700), ("2031", "after", "harm", None),
        ("2030", "after", "weighed", 9), ("2031", "after", "weighed", None),
    ])  # fmt: skip
    whole = whole_of(BY_ID["harm"], told, RULES)
    assert {(row["what"], row["n"]) for row in whole.iter_rows(named=True)} == {
        ("harm", None), ("weighed", 11),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("within", "weeks"),
    [
        ((0, 0, 500, 1000), (8, 16)),
        ((0, 480, 520, 1000), (4, 16)),
        ((900, 950, 960, 970), (2, 2)),
        ((10, 20, 30, 40), (None, None)),
        ((None, 0, 900, 1000), (2, 8)),
    ],
)
def test_a_median_wait_lies_between_the_weeks_that_its_interval_holds(
    within: tuple[int | None, ...], weeks: tuple[int | None, int | None]
) -> None:
    waits = [
        (EVERYONE, "ete", "referred", f"weeks_{week}", n)
        for week, n in zip((2, 4, 8, 16), within, strict=True)
    ]
    safe = released({
        "waits": cube("waits", waits),
        "pathways": cube("pathways", [(EVERYONE, "ete", "referred", 1000)]),
    })  # fmt: skip
    [row] = outcomes.derive(safe, RULES)["median_waits"].iter_rows(named=True)
    assert (row["from_weeks"], row["to_weeks"]) == weeks


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (None, "▨ too few"),
        ({"from_weeks": 2, "to_weeks": 2}, "up to 2"),
        ({"from_weeks": 2, "to_weeks": 8}, "up to 8"),
        ({"from_weeks": 4, "to_weeks": 8}, "2 to 8"),
        ({"from_weeks": 8, "to_weeks": None}, "over 4"),
        ({"from_weeks": 2, "to_weeks": None}, "cannot be told"),
        ({"from_weeks": None, "to_weeks": None}, "over 16"),
    ],
)
def test_a_wait_is_told_between_weeks(row: dict[str, int | None] | None, message: str) -> None:
    assert unmet.wait(row) == message


def needs(need: int, referred: int | None, started: int | None) -> Counts:
    return {
        "need": (need, None), "referred": (referred, None if referred else "few"),
        "started": (started, None if started else "few"),
    }  # fmt: skip


def test_unmet_needs_are_those_between_the_steps_that_are_shown() -> None:
    whole = unmet.Unmet(PATHWAYS[0], needs(100, 70, 30))
    assert (whole.not_referred, whole.not_started, whole.affected) == (30, 40, 70)
    assert unmet.Unmet(PATHWAYS[0], needs(100, 102, 30)).not_referred == 0
    hidden = unmet.Unmet(PATHWAYS[0], needs(100, None, 30))
    assert (hidden.not_referred, hidden.not_started, hidden.affected) == (None, None, 0)
    assert unmet.message([whole]) == "Most needs without a start: accommodation, 70 of 100 in need."
    assert unmet.message([hidden]) == ""


def test_a_share_of_two_blurred_counts_has_a_wider_interval_than_of_true_ones() -> None:
    told = {
        name: cube(name, [(EVERYONE, what, 40) for what in ("fewer", "not_fewer")])
        for name in ("offending_change",)
    }
    shares = {
        many: outcomes.derive(released(told), AgencyRules(5, many, 1, 85))["shares"].row(
            0, named=True
        )
        for many in (0, 4)
    }
    assert shares[0]["low"] == pytest.approx(0.393, abs=0.001)  # Wilson, 40 of 80
    assert shares[4]["low"] < shares[0]["low"]
    assert (shares[4]["x"], shares[4]["n"]) == (40, 80)
