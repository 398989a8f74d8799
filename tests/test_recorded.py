"""Agencies' figures as pictures and pages tell them: dated, labelled, missing, hidden."""

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_charts import rows as sent

from iomdash.counting.agencies import weights as weights_of
from iomdash.declared.agencies import BY_ID, MEASURES, WHOLE
from iomdash.declared.agencies.comparisons import COMPARISONS, Comparison
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.agencies.offending import ROBBERY, SHOP_THEFT
from iomdash.declared.agencies.trends import TRENDS
from iomdash.declared.findings import find
from iomdash.declared.scheme import COHORTS
from iomdash.pictures import agencies, appointments, around, joining, reoffending, situation
from iomdash.pictures.agency_figures import (
    FEWER_FILTERS,
    HIDDEN,
    NOT_SENT,
    blurring,
    counts,
    figure,
)
from iomdash.pictures.curve import Line, Step, curve
from iomdash.pictures.dots import Dot
from iomdash.pictures.gap import gap
from iomdash.pictures.heat import HeatCell
from iomdash.pictures.rates import RateRow, rates
from iomdash.pictures.trends import trend
from iomdash.release import shelf
from iomdash.release.reader import Release

ROOT = Path(__file__).parents[1]
PPO = AgencyGroup(cohort="PPO")
SPOS = AgencyGroup("SPOS")  # so few that some figures are hidden
TWO = AgencyGroup(cohort="PPO", provider="CRC")
STEPS = tuple(Step(m, 20 - m, m / 20, m / 25, m / 15) for m in range(1, 15))


@pytest.fixture
def unsent(demo_dir: Path, tmp_path: Path) -> Release:
    """A release for which no agency has sent anything."""
    path = tmp_path / "board.duckdb"
    path.write_bytes(shelf.path_of(demo_dir / "releases", "board").read_bytes())
    with duckdb.connect(path) as con:
        con.execute("delete from recorded_dates")
        for measure in MEASURES:
            con.execute(f"drop table if exists recorded_{measure.id}")
    return Release(path)


@pytest.mark.parametrize("name", agencies.PICTURES)
def test_a_picture_names_its_day_and_that_it_is_made_up(board: Release, name: str) -> None:
    picture = agencies.PICTURES[name](board, AgencyGroup())
    assert picture.spec is not None
    assert "to 30 September 2026 (synthetic)" in picture.subtitle


def test_harm_a_person_year_is_that_of_the_figures_beside_it_to_two_figures(board: Release) -> None:
    # Of the years of adoption that have closed, 12 months since.
    figures = {
        (name, row["period"], row["what"]): row["n"]
        for year in ("2023", "2024")
        for name in ("harm", "offending") for row in board.recorded(name, PPO.where(quarter=year))
        if row["n"] is not None
    }  # fmt: skip
    assert len(figures) > 10
    rows = {(r["period"], r["what"]): r for r in board.rates(PPO)}
    for period in ("before", "after"):
        row = rows[period, "harm"]
        sums = [
            sum(
                r["n"] or 0
                for year in ("2023", "2024")
                for r in board.recorded(name, PPO.where(quarter=year))
                if (r["period"], r["what"]) == (period, what)
            )
            for name, what in (("harm", "harm"), ("offending", "days"))
        ]
        assert [row["events"], row["days"]] == sums
        assert row["rate"] == float(f"{sums[0] / (sums[1] / 365.25):.2g}")


@pytest.mark.parametrize("name", agencies.PICTURES)
def test_a_feed_that_nobody_sent_is_missing_and_not_zero(unsent: Release, name: str) -> None:
    picture = agencies.PICTURES[name](unsent, AgencyGroup())
    assert picture.title.endswith(NOT_SENT)
    assert not picture.table


@pytest.mark.parametrize("name", sorted({"pathways", "kept by site", "peer mentoring"}))
def test_the_board_is_told_that_it_set_too_many_filters(board: Release, name: str) -> None:
    assert agencies.PICTURES[name](board, TWO).title.endswith(FEWER_FILTERS)


@pytest.mark.parametrize("name", agencies.PICTURES)
def test_the_coordinator_may_set_two_filters(coordinator: Release, name: str) -> None:
    assert FEWER_FILTERS not in agencies.PICTURES[name](coordinator, TWO).title
    three = TWO.where(area="tipton")
    assert coordinator.too_many_filters(three)
    assert not coordinator.too_many_filters(TWO.where(quarter="2025 Q1"))


def test_what_nobody_did_and_what_few_did_read_alike(board: Release) -> None:
    rows = board.recorded("treatment", SPOS)
    hidden = {(r["substance"], r["what"]) for r in rows if r["n"] is None}
    assert hidden
    for substance in ("drugs", "alcohol"):
        figures = counts(board, "treatment", SPOS, agencies.TREATED, substance=substance)
        for what, (n, why) in figures.items():
            assert (n is None) == ((substance, what) in hidden)
            assert why == (None if n else "fewer than 5 people")
    nobody = counts(board, "treatment", SPOS, ("started",), substance="gas")
    assert nobody == {"started": (None, "fewer than 5 people")}
    assert counts(board, "treatment", AgencyGroup(cohort="U18"), ("started",), substance="gas") == {
        "started": (None, HIDDEN)
    }


@pytest.mark.parametrize(
    ("n", "why", "message"), [(0, None, "0"), (1200, None, "1,200"), (None, "few", "▨ few")]
)
def test_a_count_in_a_table_is_a_number_or_a_sign_and_the_reason(
    n: int | None, why: str | None, message: str
) -> None:
    assert figure(n, why) == message


def test_no_audience_sees_a_figure_of_few(board: Release, coordinator: Release) -> None:
    for held in (board, coordinator):
        rows = [r["n"] for m in MEASURES for r in held.rows(f"select n from recorded_{m.id}")]
        assert min(n for n in rows if n is not None) == 5
        assert {n % 5 for n in rows if n is not None} == {0, 1, 2, 3, 4}
        assert not held.person_level


def test_what_both_audiences_see_is_the_same(board: Release, coordinator: Release) -> None:
    """Else who had both would take one from the other."""
    for measure in MEASURES:
        keys = [*AGENCY_FILTERS, *measure.dimensions, "what"]
        both = [
            {
                tuple(r[k] for k in keys): r["n"]
                for r in held.rows(f"select * from recorded_{measure.id}")
                if r["quarter"] != "All"
            }
            for held in (board, coordinator)
        ]  # fmt: skip
        common = both[0].keys() & both[1].keys()
        assert common
        assert {key: both[0][key] for key in common} == {key: both[1][key] for key in common}


def test_a_part_is_never_told_as_more_than_its_whole(board: Release) -> None:
    for cohort in board.choices("cohort"):
        figures = counts(board, "reoffending", AgencyGroup(cohort), ("people", "reoffenders"))
        (n, _), (x, _) = figures["people"], figures["reoffenders"]
        assert n is None or x is None or x <= n


def test_the_message_of_the_matrix_is_the_largest_drop() -> None:
    figures = {
        "need": (90, None), "referred": (80, None), "started": (30, None), "completed": (None, "x"),
    }  # fmt: skip
    assert agencies.largest_drop(figures) == (50, "80 referred, 30 started")
    assert (
        agencies.largest_drop({**figures, "referred": (None, "x"), "started": (None, "x")}) is None
    )


def test_a_cell_of_the_matrix_says_its_figure_or_why_there_is_none() -> None:
    cells = [
        HeatCell("Work", "In need", 20, 80),
        HeatCell("Work", "Started", None, 20, "fewer than 5"),
    ]
    picture = gap("Most are lost", "Records", cells, rows_are="Pathway")
    [row] = picture.table
    assert row == {
        "Pathway": "Work", "In need": "20 of 80", "Started": "too few to show (fewer than 5)",
    }  # fmt: skip
    assert "Work, Started: too few to show (fewer than 5)" in picture.alt
    assert "▨" in json.dumps(json.loads(picture.spec or ""), ensure_ascii=False)


def test_a_curve_has_its_band_and_people_at_risk_in_the_table() -> None:
    lines = [Line("Offence", STEPS), Line("Custody", STEPS)]
    picture = curve("Half by month 10", "Records", lines)
    assert [row["Month"] for row in picture.table] == ["3", "6", "9", "12", "14"]
    assert picture.table[1] == {
        "Month": "6", "At risk": "14", "Offence, of 100": "30 (24 to 40)",
        "Custody, of 100": "30 (24 to 40)",
    }  # fmt: skip
    assert "19 at risk" in str(picture.spec)
    assert picture.alt.startswith("Half by month 10. Offence 15 % by month 3; Offence 30 % by")


def steps(*bands: tuple[float, float]) -> list[Step]:
    """One month each, with these bands."""
    return [
        Step(m, 50, (low + high) / 2, low, high) for m, (low, high) in enumerate(bands, start=1)
    ]


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ([(0.3, 0.49), (0.5, 0.7)], "at least half left within 2 months"),
        ([(0.5, 0.7)], "at least half left within 1 month"),
        ([(0.1, 0.3), (0.2, 0.49)], "fewer than half left within 2 months"),
        ([(0.1, 0.3), (0.2, 0.5)], "20 to 50 of 100 left within 2 months"),
        ([(0.3, 0.6)] * 11 + [(0.41, 0.6)] * 3, "41 to 60 of 100 left within 12 months"),
    ],
)
def test_a_curve_says_what_its_band_bears(bands: list[tuple[float, float]], message: str) -> None:
    assert reoffending.reached(steps(*bands), "left") == message


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=36))
def test_a_curve_never_says_half_where_its_band_holds_both(pairs: list[tuple[float, ...]]) -> None:
    bands = [(min(pair), max(pair)) for pair in pairs]
    words = reoffending.reached(steps(*bands), "left")
    if "at least half" in words:
        assert any(low >= 0.5 for low, _ in bands)
    if "fewer than half" in words:
        assert bands[-1][1] < 0.5


@pytest.mark.parametrize(("x", "contradicted"), [(12, False), (15, True)])
def test_a_curve_below_what_is_proven_says_nothing(x: int, contradicted: bool) -> None:
    proven = {"x": x, "n": 20, "low": 0.1, "high": 0.9}
    told = steps(*[(0.2, 0.7)] * 12)
    assert reoffending._contradicted(proven, told) is contradicted
    assert not reoffending._contradicted(proven, told[:11])
    assert not reoffending._contradicted(None, told)


def test_no_title_of_the_board_contradicts_the_proven_re_offending_beside_it(
    board: Release,
) -> None:
    for cohort in ("All", *(cohort.id for cohort in COHORTS)):
        group = AgencyGroup(cohort)
        proven, title = board.reoffending(group), reoffending.first_reoffence(board, group).title
        if proven and proven["x"] and "fewer than half" in title:
            assert proven["x"] / proven["n"] < 0.5


def test_a_rate_that_is_hidden_keeps_its_row() -> None:
    items = [RateRow("Before", 4.25, 3.0, 6.0), RateRow("After", None, hidden="too few people")]
    picture = rates("Offences", "Records", items)
    assert [row["A person-year"] for row in picture.table] == [
        "4.2", "▨ too few to show (too few people)",
    ]  # fmt: skip
    assert [row["95 % interval"] for row in picture.table] == ["3.0 to 6.0", "not shown"]


def test_re_offending_says_who_is_left_out(board: Release) -> None:
    text = reoffending.followed(board, AgencyGroup())
    assert " people re-offended within 12 months, proven within 18." in text
    assert text.endswith("Who joined in the last 18 months is left out.")
    assert "which allows for the noise in the counts" in text
    newest = AgencyGroup(quarter=board.quarters[-1])
    assert reoffending.followed(board, newest).startswith("▨ too few people to show.")


@pytest.mark.parametrize("pair", COMPARISONS, ids=lambda pair: f"{pair.finding} {pair.care[:20]}")
def test_what_stands_beside_a_finding_is_declared_and_can_be_counted(
    board: Release, pair: Comparison
) -> None:
    measure = BY_ID[pair.measure]
    assert find(pair.finding)
    assert set(pair.whats) <= set(measure.whats)
    assert {name for name, _ in pair.own} == set(measure.dimensions)
    figures = counts(board, pair.measure, AgencyGroup(), pair.whats, **dict(pair.own))
    assert any(n or why for n, why in figures.values())


@pytest.mark.parametrize("by", appointments.DIMENSIONS)
def test_kept_appointments_are_those_of_all_that_were_due(coordinator: Release, by: str) -> None:
    rows = [r for r in coordinator.recorded("attendance", AgencyGroup()) if r[by] != "All"]
    counts_of = {value: [r["n"] for r in rows if r[by] == value] for value in {r[by] for r in rows}}
    due = {value: sum(parts) for value, parts in counts_of.items() if None not in parts}
    picture = appointments.kept(coordinator, AgencyGroup(), by)
    assert sorted(row["Of"] for row in picture.table) == sorted(f"{n:,}" for n in due.values())


def test_a_quarter_in_which_an_outcome_is_hidden_is_named_and_not_drawn(board: Release) -> None:
    seen: set[str] = set()
    for group in [AgencyGroup(), *(AgencyGroup(cohort=cohort.id) for cohort in COHORTS)]:
        picture = trend(board, group, "attendance")
        drawn = {row["Quarter"] for row in picture.table if "▨" not in row["Appointments due"]}
        rows = board.recorded_by("attendance", group, "quarter")
        hidden = {
            r["quarter"] for r in rows
            if " Q" in r["quarter"] and r["n"] is None
            and r["site"] == r["agency"] == r["joint"] == "All"
        }  # fmt: skip
        assert not drawn & hidden
        named = {row["Quarter"] for row in picture.table}
        assert not drawn or hidden <= named
        assert not picture.spec or not hidden & {row["quarter"] for row in sent(picture)}
        seen |= hidden
    assert seen


def test_a_hidden_quarter_keeps_its_row_and_its_reason(board: Release) -> None:
    seen: list[str] = []
    for cohort in COHORTS:
        picture = trend(board, AgencyGroup(cohort=cohort.id), "caseload")
        rows = {row["Quarter"]: row["People"] for row in picture.table}
        assert not rows or list(rows) == board.quarters
        hidden = [words for words in rows.values() if "▨" in words]
        assert set(hidden) <= {f"▨ {HIDDEN}", "▨ fewer than 5 people"}
        seen += hidden
    assert seen


def test_a_cohort_of_nobody_reads_as_one_of_few(board: Release) -> None:
    nobody = AgencyGroup(cohort="U18")
    assert board.recorded("caseload", nobody) == []
    for picture in (trend(board, nobody, "caseload"), around.before_and_after(board, nobody)):
        assert picture.title.endswith(f": {HIDDEN}")
        assert picture.withheld


def test_how_counts_are_blurred_is_said_as_the_policy_says_it(board: Release) -> None:
    assert blurring(board) == (
        "Counts are moved by up to 4, sums by as many times one person's part, so parts need not "
        "add up to totals. Nobody and fewer than 5 people read alike. Figures are of closed "
        "quarters and stay as they were told until enough people's records have changed."
    )


def test_cohorts_are_named_for_re_offending_only_where_their_intervals_lie_apart() -> None:
    near = [Dot("PPO", 20, 40, 0.35, 0.65), Dot("HCCU", 10, 40, 0.15, 0.4)]
    assert reoffending._apart(near) == "no clear difference between cohorts"
    assert reoffending._apart(near[:1]) == "no clear difference between cohorts"
    between = Dot("SPOS", 14, 40, 0.22, 0.5)
    far = [near[0], between, Dot("HCCU", 10, 40, 0.15, 0.34)]
    assert reoffending._apart(far) == "most in PPO (20 of 40) and least in HCCU (10 of 40)"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.5, 0.99, "fewer"), (0.5, 1.0, "unclear"), (1.0, 2.0, "unclear"), (1.01, 2.0, "more")],
)
def test_a_change_is_told_where_the_whole_interval_bears_it(
    low: float, high: float, word: str
) -> None:
    assert around._verdict({"low": low, "high": high}, "fewer", "more", "unclear") == word


def test_offending_after_joining_stands_beside_that_before_the_peak(board: Release) -> None:
    text = around.fallen(board, AgencyGroup())
    assert "times the recorded offences of one before it" in text
    assert "Held against months 24 to 13 before joining" in text
    assert around.fallen(board, AgencyGroup(cohort="U18")) == ""
    [everyone, *cohorts] = around.rows(board, AgencyGroup())
    assert [row["Cohort"] for row in cohorts] == [cohort.id for cohort in COHORTS]
    assert everyone["After to before"].count("to") == 1


def test_harm_is_told_in_offences_that_everybody_knows(board: Release) -> None:
    weights = {row["harm_group"]: row["weight"] for row in weights_of().to_dicts()}
    assert (weights["robbery"], weights["shoplifting"]) == (ROBBERY, SHOP_THEFT)
    text = around.harm_in_words(board, AgencyGroup())
    assert "robberies by ten people in a year" in text
    # What only the police's own activity finds has no weight.
    found = ("drugs_supply", "drugs_possession", "weapons")
    assert [weights[name] for name in found] == [None] * 3


def test_who_left_as_six_months_clear_leads_with_what_the_records_say(board: Release) -> None:
    text = joining.deselected(board, AgencyGroup())
    assert text.startswith(f"{counted(board, 'deselected')} left as six months clear; the records")
    assert f"agree for {counted(board, 'deselected_clear')}, " in text


def counted(board: Release, what: str) -> int | None:
    return counts(board, "deselection", AgencyGroup(), (what,))[what][0]


def test_domestic_incidents_are_told_by_quarter_and_before_and_after(board: Release) -> None:
    group = AgencyGroup(cohort="DV&A")
    picture = trend(board, group, "domestic")
    assert [row["Quarter"] for row in picture.table] == board.quarters
    assert around.domestic(board, group).startswith("Domestic incidents a person-year: ")
    assert around.domestic(board, AgencyGroup(cohort="U18")).endswith(": ▨ fewer than 5 people.")


def test_every_measure_that_is_counted_has_its_place_on_a_page() -> None:
    """Figures that nobody sees are not counted."""
    pages = "".join(
        path.read_text("utf-8")
        for folder in ("pages", "iomdash/pictures", "iomdash/release", "iomdash/declared")
        for path in (ROOT / folder).rglob("*.py")
        if path.parent.name != "agencies"
    )
    trends = {trend.measure for trend in TRENDS}
    placed = {WHOLE, *situation.NOW, *situation.OVER_TIME, *trends}
    placed |= {c.measure for c in COMPARISONS}
    shown = [m.id for m in MEASURES if m.shown and m.id not in placed and f'"{m.id}"' not in pages]
    assert shown == []


def test_how_people_live_names_what_is_hidden_and_why(board: Release) -> None:
    rows = situation.rows(board, AgencyGroup())
    assert [row["Recorded"] for row in rows] == [BY_ID[name].title for name in situation.NOW]
    [few, *_] = situation.rows(board, AgencyGroup(cohort="U18"))
    assert few["How many"] == f"▨ {HIDDEN}"
