"""Lines over quarters: their intervals by hand, and when a figure is said to have changed."""

from itertools import product

import polars as pl
import pytest
from test_charts import rows
from test_outcomes import ALL, released

from iomdash.declared.agencies import BY_ID, WHOLE
from iomdash.declared.agencies import trends as declared
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.agencies.trends import TRENDS
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import COHORTS
from iomdash.disclosure.agencies.protect import OWN
from iomdash.disclosure.policy import AgencyRules
from iomdash.evidence import outcomes
from iomdash.pictures.trends import Line, Point, _latest, trend
from iomdash.release.reader import Release

EXACT = AgencyRules(smallest_count=5, noise=0, filters_at_once=1, largest_two=85)
QUARTER = "2030 Q1"


def cube(measure: str, told: dict[str, int]) -> pl.DataFrame:
    """Figures of everybody in one quarter, of all choices of the measure's own columns."""
    own = BY_ID[measure].dimensions
    rows = [(*ALL, QUARTER, *(EVERYONE for _ in own), what, n, None) for what, n in told.items()]
    columns = [*AGENCY_FILTERS, *own, "what", *OWN]
    return pl.DataFrame(rows, schema=columns, orient="row")


def share(measure: str, told: dict[str, int], people: int) -> tuple[int, int, float, float]:
    cubes = {measure: cube(measure, told), WHOLE: cube(WHOLE, {"in": people})}
    table = outcomes.derive(released(cubes), EXACT)["shares"].filter(measure=measure)
    return table.select("x", "n", "low", "high").row(0)


def test_an_interval_of_appointments_is_no_narrower_than_one_of_the_people_who_had_them() -> None:
    # 240 of 300 kept by 30 people: Wilson's interval of 24 of 30, as printed by epitools.
    x, n, low, high = share("attendance", {"kept": 240, "missed": 45, "rearranged": 15}, 30)
    assert (x, n) == (240, 300)
    assert (low, high) == pytest.approx((0.6269, 0.9050), abs=1e-4)


def test_fewer_appointments_than_people_are_as_many_as_they_are() -> None:
    *_, low, high = share("attendance", {"kept": 24, "missed": 6, "rearranged": 0}, 400)
    assert (low, high) == pytest.approx((0.6269, 0.9050), abs=1e-4)


def test_people_with_an_offence_are_a_share_of_those_in_the_cohort_then() -> None:
    told = share("lately", {"offended": 24}, 30)
    assert told == pytest.approx((24, 30, 0.6269, 0.9050), abs=1e-4)


def line(before: tuple[float, float, float], last: tuple[float, float, float]) -> Line:
    told = [before, *[(0.0, 0.0, 0.0)] * 3, last]
    quarters = [f"{year} Q{n}" for year, n in product((2029, 2030), range(1, 5))]
    points = [Point(q, *ends, f"{ends[0]:g}") for q, ends in zip(quarters, told, strict=False)]
    return Line("People", points)


@pytest.mark.parametrize(
    ("id", "before", "last", "said"),
    [
        ("caseload", (20, 16, 24), (29, 25, 33), "29, more than a year before (20)"),
        ("caseload", (29, 25, 33), (20, 16, 24), "20, fewer than a year before (29)"),
        ("caseload", (20, 16, 24), (28, 24, 32), "28, no clear change in a year"),
        (
            "lately",
            (0.2, 0.1, 0.3),
            (0.5, 0.4, 0.6),
            "0.5, a larger share than a year before (0.2)",
        ),
        (
            "lately",
            (0.5, 0.4, 0.6),
            (0.2, 0.1, 0.3),
            "0.2, a smaller share than a year before (0.5)",
        ),
    ],
)
def test_a_figure_has_changed_in_a_year_only_where_the_bands_lie_apart(
    id: str, before: tuple[float, float, float], last: tuple[float, float, float], said: str
) -> None:
    assert _latest(line(before, last), declared.BY_ID[id], "2030 Q1") == said


def test_the_last_quarter_shown_is_named_where_it_is_not_the_newest() -> None:
    words = _latest(line((20, 16, 24), (29, 25, 33)), declared.BY_ID["caseload"], "2030 Q2")
    assert words.startswith("29 in 2030 Q1, ")


@pytest.mark.parametrize("id", [item.id for item in TRENDS])
def test_every_band_holds_its_line_and_no_hidden_quarter_reaches_the_browser(
    board: Release, id: str
) -> None:
    groups = [AgencyGroup(), *(AgencyGroup(cohort=cohort.id) for cohort in COHORTS)]
    pictures = [picture for group in groups if (picture := trend(board, group, id)).spec]
    assert pictures
    for picture in pictures:
        points = [row for row in rows(picture) if row["value"] is not None]
        assert all(0 <= row["low"] <= row["value"] <= row["high"] for row in points)
        shown = {row["quarter"] for row in points}
        assert len(picture.table) == len(board.quarters)
        told = {
            row["Quarter"] for row in picture.table
            if any("▨" not in str(v) for k, v in row.items() if k != "Quarter" and v)
        }  # fmt: skip
        assert shown == told


def test_a_declared_share_is_one_that_the_evidence_tells() -> None:
    shares = {item.measure for item in TRENDS if item.is_share}
    assert shares <= set(outcomes.PART_OF_WHOLE)
