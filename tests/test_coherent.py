"""The demonstration is one made-up place: its sides fit, and its pages find what was planted."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from itertools import combinations
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency, norm

from iomdash.declared.agencies import WHOLE
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import CODES
from iomdash.declared.groups import EVERYONE, Group
from iomdash.pictures.agency_figures import counts
from iomdash.release.reader import Release
from iomdash.study import agencies, synthetic
from iomdash.study.draw import Draw
from iomdash.vault import current, reader

WAVE, ADULTS = "2026", ("PPO", "HCCU", "SPOS", "DV&A")
# What the agencies' files call a cohort that the scheme calls otherwise.
NAMES = {"DVA": "DV&A"}
CHANCE = 0.05
MOST = 4  # times the largest part of one person that a published sum may be off, by the policy


@cache
def cases() -> pl.DataFrame:
    """Every stay in a cohort, as the synthetic agencies' caseload has it."""
    known = agencies.parameters()
    draw = Draw(np.random.default_rng(known["seed"]), known["people"], known)
    return draw.cases.with_columns(pl.col("cohort").replace(NAMES))


def managed(since: Any, until: Any) -> Mapping[str, int]:
    """People in a cohort on any day from one to another, by cohort."""
    there = cases().filter(
        pl.col("adopted") <= until, pl.col("left").is_null() | (pl.col("left") > since)
    )
    return dict(there.group_by("cohort").agg(pl.col("person").n_unique()).iter_rows())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    files = synthetic.write(tmp_path_factory.mktemp("made"))
    return {table: pl.read_csv(path) for table, path in files.items()}


def by_cohort(frame: pl.DataFrame) -> Mapping[str, int]:
    return dict(frame.group_by("cohort").len().iter_rows())


def test_the_wave_and_the_agencies_have_one_caseload(made: dict[str, pl.DataFrame]) -> None:
    day = synthetic.parameters()["caseloads_on"]
    assert day == agencies.parameters()["last_day"]
    assert set(made["caseloads"]["as_of"]) == {str(day)}
    named = dict(made["caseloads"].select("cohort", "people").iter_rows())
    theirs = managed(day, day)
    assert {cohort: named[cohort] for cohort in theirs} == theirs
    assert set(theirs) == set(ADULTS)


def test_fewer_are_interviewed_than_managed_and_nobody_is_asked_who_was_not_managed(
    made: dict[str, pl.DataFrame],
) -> None:
    known = synthetic.parameters()
    then = managed(known["first_month"], known["last_month"])
    now = managed(known["caseloads_on"], known["caseloads_on"])
    asked, interviewed = by_cohort(made["approaches"]), by_cohort(made["interviews"])
    for cohort in ADULTS:
        assert interviewed[cohort] < now[cohort], cohort
        assert asked[cohort] <= then[cohort], cohort


def test_pages_show_one_caseload_on_both_sides(coordinator: Release) -> None:
    rows = coordinator.rows("select cohort, n from caseloads where wave = '2026'")
    known = {r["cohort"]: r["n"] for r in rows}
    for cohort in ADULTS:
        shown = counts(coordinator, WHOLE, AgencyGroup(cohort), ("in",), reason=EVERYONE)["in"][0]
        assert shown is not None
        assert abs(known[cohort] - shown) <= 5, cohort


@pytest.fixture(scope="module")
def offences(demo_dir: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Offences in the year before and in the year after, adoption by adoption, by cohort."""
    query = """
      select a.cohort, count(o.offence_id) filter (where committed_on < adopted_on
          and committed_on >= adopted_on - 365) as before,
        count(o.offence_id) filter (where committed_on >= adopted_on
          and committed_on < adopted_on + 365) as after
      from adoptions as a left join offences as o using (person_id)
      where adopted_on <= $last group by a.cohort, a.person_id, a.adopted_on
    """
    with reader.read(demo_dir) as con:
        last = agencies.parameters()["last_day"] - timedelta(days=365)
        current.records(con)
        rows = con.sql(query, params={"last": last}).pl()
    return {
        cohort: (of["before"].to_numpy(), of["after"].to_numpy())
        for (cohort,), of in rows.partition_by("cohort", as_dict=True).items()
    }


def mean(numbers: np.ndarray) -> tuple[float, float]:
    """Log of a mean and its standard error, by people."""
    return log(numbers.mean()), float(numbers.std() / numbers.mean() / sqrt(len(numbers)))


def ratio(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Log of the ratio of two sums over the same people and its standard error."""
    share = after.sum() / before.sum()
    return log(share), float(sqrt(len(after)) * (after - share * before).std() / after.sum())


def published(release: Release) -> Mapping[tuple[str, str], float]:
    """Log of the published rate of offences, by cohort and period."""
    rows = release.rows(
        "select cohort, period, rate from offending_rates where provider = 'All' and"
        " supervision = 'All' and area = 'All' and quarter = 'All' and what = 'offences'"
    )
    return {(r["cohort"], r["period"]): log(r["rate"]) for r in rows if r["cohort"] in ADULTS}


def different(figures: Mapping[str, tuple[float, float]]) -> set[frozenset[str]]:
    """Pairs of cohorts whose figures differ by more than chance, for as many pairs as there are."""
    pairs = list(combinations(figures, 2))
    least = norm.isf(CHANCE / len(pairs) / 2)
    return {
        frozenset(pair)
        for pair in pairs
        for (one, err), (other, error) in [(figures[pair[0]], figures[pair[1]])]
        if abs(one - other) / sqrt(err**2 + error**2) > least
    }


def planted(figures: Mapping[str, float]) -> set[frozenset[str]]:
    named = {NAMES.get(cohort, cohort): figure for cohort, figure in figures.items()}
    return {frozenset(p) for p in combinations(named, 2) if named[p[0]] != named[p[1]]}


def test_people_offend_more_before_adoption_where_it_was_planted_and_nowhere_else(
    offences: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    before = {cohort: mean(of[0]) for cohort, of in offences.items()}
    assert different(before) == planted(agencies.parameters()["offending"]["mean"])


def test_offending_falls_by_more_where_the_scheme_was_made_to_do_more_and_nowhere_else(
    offences: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    fall = {cohort: ratio(*of) for cohort, of in offences.items()}
    assert different(fall) == planted(agencies.parameters()["offending"]["effect"])
    assert min(fall, key=lambda cohort: fall[cohort][0]) == "HCCU"


@pytest.mark.parametrize("audience", ["board", "coordinator"])
def test_published_rates_show_what_was_planted_and_no_more_than_their_noise_besides(
    audience: str, offences: dict[str, tuple[np.ndarray, np.ndarray]],
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    rates = published(request.getfixturevalue(audience))
    noise = {
        (c, period): log(1 + MOST * of[i].max() / of[i].sum())
        for c, of in offences.items() for i, period in enumerate(("before", "after"))
    }  # fmt: skip
    fall = {c: rates[c, "after"] - rates[c, "before"] for c in ADULTS}
    known = agencies.parameters()["offending"]
    for figures, parameter, periods in (
        ({c: rates[c, "before"] for c in ADULTS}, known["mean"], ("before",)),
        (fall, known["effect"], ("before", "after")),
    ):
        set_to = {NAMES.get(name, name): value for name, value in parameter.items()}
        for one, other in combinations(ADULTS, 2):
            apart = figures[one] - figures[other]
            if set_to[one] != set_to[other]:
                assert (apart > 0) == (set_to[one] > set_to[other]), (one, other)
                continue
            chance = 3 * sqrt(
                sum(mean(offences[c][i])[1] ** 2 for c in (one, other) for i in range(len(periods)))
            )
            allowed = sum(noise[c, period] for c in (one, other) for period in periods)
            assert abs(apart) < chance + allowed, (one, other)


def test_published_domestic_incidents_differ_where_it_was_planted_and_nowhere_else(
    coordinator: Release,
) -> None:
    rows = coordinator.rows(
        "select cohort, n from recorded_domestic where provider = 'All' and supervision = 'All'"
        " and area = 'All' and quarter = 'All' and risk = 'standard' and what = 'incidents'"
    )
    incidents = {r["cohort"]: r["n"] for r in rows if r["cohort"] in ADULTS and r["n"]}
    people = managed(agencies.parameters()["first_day"], agencies.parameters()["last_day"])
    rates = {c: (log(n / people[c]), sqrt(1 / n)) for c, n in incidents.items()}
    assert set(rates) >= {"PPO", "HCCU", "DV&A"}, "of a cohort of few the number is not shown"
    domestic = {
        name: rate
        for name, rate in agencies.parameters()["offending"]["domestic"].items()
        if NAMES.get(name, name) in rates
    }
    assert different(rates) == planted(domestic)


def by_chance(release: Release) -> dict[str, float]:
    """p of a test between cohorts of every code whose counts are shown for each, Holm-adjusted."""
    raw: dict[str, float] = {}
    for code in CODES:
        cells = release.by_cohort(Group(WAVE), (code,))
        if all(cell.yes is not None for cell in cells):
            table = [[c.yes or 0 for c in cells], [(c.n or 0) - (c.yes or 0) for c in cells]]
            raw[code] = float(chi2_contingency(table).pvalue)
    order = sorted(raw, key=lambda code: raw[code])
    adjusted = np.maximum.accumulate([raw[c] * (len(raw) - i) for i, c in enumerate(order)])
    return dict(zip(order, np.minimum(adjusted, 1), strict=True))


def test_interviewees_differ_by_cohort_where_it_was_planted_and_nowhere_else(
    coordinator: Release,
) -> None:
    adjusted = by_chance(coordinator)
    shifts = [c for c in synthetic.parameters()["shifts"] if not CODES[c].sensitive]
    seen = [code for code, p in adjusted.items() if p < CHANCE]
    assert len(adjusted) > 60
    assert set(seen) <= set(shifts)
    # One of the six is planted in one cohort alone and smaller than so many tests can tell.
    assert len(seen) == len(shifts) - 1
    assert set(list(adjusted)[: len(shifts)]) == set(shifts)


def test_the_tests_of_the_finding_on_attitudes_find_the_planted_differences_and_no_others(
    board: Release,
) -> None:
    rows = board.rows(
        "select distinct code, adjusted from tests where wave = '2026' and cohort = 'All'"
        " and provider = 'All' and supervision = 'All' and finding = 'F02'"
    )
    found = {r["code"] for r in rows if r["adjusted"] < CHANCE}
    assert found == {r["code"] for r in rows} & set(synthetic.parameters()["shifts"])
    assert len(rows) > len(found) > 1


def test_more_appointments_are_missed_in_the_quarters_of_winter(coordinator: Release) -> None:
    rows = coordinator.rows(
        "select quarter, what, n from recorded_attendance where cohort = 'All' and"
        " provider = 'All' and supervision = 'All' and area = 'All' and agency = 'All'"
        " and site = 'All' and joint = 'All' and contains(quarter, ' Q')"
    )
    numbers: dict[tuple[bool, str], int] = {}
    for r in rows:
        winter = r["quarter"][-1] in "14"
        numbers[winter, r["what"]] = numbers.get((winter, r["what"]), 0) + (r["n"] or 0)
    shares = {}
    for winter in (True, False):
        missed, kept = numbers[winter, "missed"], numbers[winter, "kept"]
        shares[winter] = (missed / (missed + kept), missed + kept)
    (one, n), (other, m) = shares[True], shares[False]
    assert (one - other) / sqrt(one * (1 - one) / n + other * (1 - other) / m) > 2.5


def test_every_planted_effect_is_written_beside_its_parameter() -> None:
    folder = Path(agencies.__file__).parent
    text = (folder / "agencies.toml").read_text("utf-8")
    for effect in ("mean = {", "effect = {", "domestic = {", "winter_missed"):
        before, _, after = text.partition(effect)
        assert after, effect
        assert "planted" in (before[-600:] + after.partition("\n")[0]).lower(), effect
    assert "[shifts]  # planted" in (folder / "synthetic.toml").read_text("utf-8")
