"""The attacker of agencies' figures finds what is planted, and nothing in what is protected."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest
from agency_reader import alone, changed, described, few, pinned, twice
from made_up_agencies import counted, many, quarters

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import BY_ID, MEASURES, MONTH
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.agencies.kinds import kinds
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.agencies import checked
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.attacker.agencies import Attacked, attack
from iomdash.disclosure.attacker.told import Tables
from iomdash.disclosure.attacker.worlds import CONTRADICTION, Fallen
from iomdash.disclosure.policy import AgencyRules, for_audience
from iomdash.errors import Revealing
from iomdash.release.reader import Release

RULES = AgencyRules()
QUARTERS = quarters((2030,))
Figures = dict[str, list[dict[str, Any]]]
Leak = Callable[[Figures, RawAgencies, Random], None]


@cache
def world(seed: int) -> tuple[RawAgencies, Figures]:
    raw = counted(many(70, seed, QUARTERS), QUARTERS[-1])
    return raw, figures_of(protect_agencies(raw, RULES))


def figures_of(safe: ReleasableAgencies) -> Figures:
    return {name: cube.to_dicts() for name, cube in safe.cubes.items()}


def attacked(figures: Figures, raw: RawAgencies, before: Figures | None = None) -> Attacked:
    return attack(told(figures), {1: told(before)} if before else {}, raw, RULES)


def told(figures: Figures) -> Tables:
    columns = {name: [*AGENCY_FILTERS, *BY_ID[name].dimensions, "what"] for name in figures}
    numbers = {"n": pl.Int64, MONTH: pl.Int64}
    return {
        name: pl.DataFrame(rows, schema={
            c: numbers.get(c, pl.String) for c in (*columns[name], "n", "hidden")
        })
        for name, rows in figures.items()
    }  # fmt: skip


def some(figures: Figures, dice: Random, measure: str | None = None) -> dict[str, Any]:
    """A random row of a quarter."""
    rows = figures[measure or dice.choice(sorted(figures))]
    return dice.choice([r for r in rows if " Q" in r["quarter"]])


def number(n: int) -> Leak:
    def leak(figures: Figures, _: RawAgencies, dice: Random) -> None:
        some(figures, dice).update(n=n, hidden=None)

    return leak


def missing(figures: Figures, _: RawAgencies, dice: Random) -> None:
    rows = figures[dice.choice(sorted(figures))]
    rows.remove(dice.choice([r for r in rows if " Q" in r["quarter"]]))


def missing_everywhere(figures: Figures, _: RawAgencies, dice: Random) -> None:
    """A kind of which no group has a row: nobody has it."""
    row = some(figures, dice, "housing")
    figures["housing"] = [
        r for r in figures["housing"] if (r["what"], r["quarter"]) != (row["what"], row["quarter"])
    ]


def only_one(figures: Figures, _: RawAgencies, dice: Random) -> None:
    row = some(figures, dice, "housing")
    figures["housing"] = [
        r for r in figures["housing"]
        if r is row or any(r[f] != row[f] for f in AGENCY_FILTERS)
    ]  # fmt: skip


def of_few(measure: str) -> Leak:
    """Every row of a group of few, all told as few."""

    def leak(figures: Figures, raw: RawAgencies, dice: Random) -> None:
        cell = dice.choice([c for c in sizes(raw, *STAY).items() if c[1] < 5])[0]
        quarter = dict(zip((*STAY, "quarter"), cell, strict=True))
        whats = {r["what"] for r in figures[measure]}
        figures[measure] += [{**quarter, "what": w, "n": None, "hidden": "few"} for w in whats]

    return leak


def sizes(raw: RawAgencies, *names: str) -> dict[tuple[str, ...], int]:
    frame = raw.people.filter(of="in").group_by(*names, "quarter").len()
    return {tuple(row[:-1]): row[-1] for row in frame.iter_rows()}


def left_over(name: str) -> Leak:
    """Every group of a filter but one of few, whose whole is told as well."""

    def leak(figures: Figures, raw: RawAgencies, dice: Random) -> None:
        known = sizes(raw, name)
        small = [c for c, n in known.items() if n < 5]
        value, quarter = dice.choice(small)
        whats = sorted({r["what"] for r in figures["housing"]})
        everybody = dict.fromkeys(STAY, EVERYONE)
        shown = {(r[name], r["quarter"]) for r in figures["housing"]
                 if all(r[f] == EVERYONE for f in STAY if f != name)}  # fmt: skip
        groups = [(v, q) for v, q in known if q == quarter and v != value]
        figures["housing"] += [
            {**everybody, name: v, "quarter": q, "what": w, "n": 20, "hidden": None}
            for v, q in [*groups, (EVERYONE, quarter)] if (v, q) not in shown for w in whats
        ]  # fmt: skip

    return leak


def everybody(measure: str, what: str) -> Leak:
    """A figure that only everybody can have given, the most noise taken off."""

    def leak(figures: Figures, raw: RawAgencies, dice: Random) -> None:
        row = dice.choice([r for r in figures[measure] if r["what"] == what and
                           all(r[f] == EVERYONE for f in STAY)])  # fmt: skip
        row.update(n=sizes(raw)[(row["quarter"],)] + RULES.noise, hidden=None)

    return leak


def nobody(figures: Figures, _: RawAgencies, dice: Random) -> None:
    """A kind that is told as everybody's leaves none for another."""
    everybody("in_custody", "in_custody")(figures, _, dice)


def all_of(measure: str, what: str, period: str, **own: str | int) -> Leak:
    """One figure of a measure that only everybody can have given."""

    def leak(figures: Figures, raw: RawAgencies, _: Random) -> None:
        of = pl.col("of") == BY_ID[measure].of
        people = raw.people.filter(of, pl.col("quarter").str.starts_with(period))
        most = people["person"].n_unique() + (RULES.smallest_count - 1 if own else RULES.noise)
        group = {**dict.fromkeys(STAY, EVERYONE), "quarter": period, "what": what}
        figures.setdefault(measure, []).append({**group, **own, "n": most, "hidden": None})

    return leak


LEAKS: dict[str, Leak] = {
    "everybody who joined in a quarter": all_of("offending_change", "fewer", "2030 Q3"),
    "everybody who joined in a year": all_of("offending_change", "fewer", "2030"),
    "everybody at the end of a curve": all_of("time_in_cohort", "left", "2030", month=12),
    "everybody who left": all_of("caseload", "left", "2030 Q4", reason=EVERYONE),
    **{f"a figure of {n}": number(n) for n in range(5)},
    "a missing row": missing,
    "a kind that is missing everywhere": missing_everywhere,
    "one row of several": only_one,
    **{
        f"a group of few in {m}": of_few(m)
        for m in ("housing", "in_custody", "breaches_and_recalls")
    },
    **{f"few left over of {name}": left_over(name) for name in ("cohort", "supervision")},
    "everybody at large": everybody("in_custody", "at_large"),
    "everybody in custody": nobody,
    "everybody housed alike": everybody("housing", "permanent"),
}


def one_more(figures: Figures, dice: Random) -> None:
    rows = [r for m in sorted(figures) for r in figures[m] if r["n"] and r["quarter"] != EVERYONE]
    dice.choice(rows)["n"] += 1


def now_few(figures: Figures, dice: Random) -> None:
    rows = [r for m in sorted(figures) for r in figures[m] if r["n"] and r["quarter"] != EVERYONE]
    dice.choice(rows).update(n=None, hidden="few")


def no_longer_few(figures: Figures, dice: Random) -> None:
    every = [r for measure in sorted(figures) for r in figures[measure]]
    rows = [r for r in every if r["hidden"] and r["quarter"] != EVERYONE]
    dice.choice(rows).update(n=9, hidden=None)


def gone(figures: Figures, dice: Random) -> None:
    row = some(figures, dice, "housing")
    figures["housing"] = [
        r for r in figures["housing"] if any(r[f] != row[f] for f in AGENCY_FILTERS)
    ]  # fmt: skip


def gone_whole(figures: Figures, dice: Random) -> None:
    """A measure of which nothing is told any more."""
    del figures[dice.choice(sorted(figures))]


def new_group(figures: Figures, dice: Random) -> None:
    quarter = some(figures, dice, "housing")["quarter"]
    group = {**dict.fromkeys(STAY, EVERYONE), "cohort": "U18", "quarter": quarter}
    figures["housing"] += [
        {**group, "what": w, "n": None, "hidden": "few"}
        for w in sorted({r["what"] for r in figures["housing"]})
    ]  # fmt: skip


CHANGES = (one_more, now_few, no_longer_few, gone, gone_whole, new_group)


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_falls_of_what_is_protected(seed: int) -> None:
    raw, figures = world(seed)
    result = attacked(figures, raw, figures)
    assert result.falls == []
    assert attacked(figures, raw).statements > 500


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("leak", LEAKS)
def test_what_is_planted_at_a_random_place_is_found(leak: str, seed: int) -> None:
    raw, whole = world(seed)
    figures = deepcopy(whole)
    LEAKS[leak](figures, raw, Random(seed))
    assert attacked(figures, raw).falls


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_what_was_told_is_found(
    change: Callable[[Figures, Random], None], seed: int
) -> None:
    raw, whole = world(seed)
    figures = deepcopy(whole)
    change(figures, Random(seed))
    assert [fall for fall in attacked(figures, raw, whole).falls if "release 1" in fall.how]


def test_twenty_kinds_of_leaks_are_planted_at_least() -> None:
    assert len(LEAKS) + len(CHANGES) >= 20


def test_a_fall_says_where_and_how_and_no_figure() -> None:
    raw, whole = world(1)
    figures = deepcopy(whole)
    LEAKS["a figure of 3"](figures, raw, Random(1))
    [fall] = attacked(figures, raw).falls
    assert fall.words.endswith(": a figure of few")
    assert "3" not in fall.words.replace("2030", "").replace("Q3", "")


def test_a_reader_of_the_demonstration_makes_nothing_of_it(
    board: Release, coordinator: Release
) -> None:
    for release in (board, coordinator):
        assert described(release) == []
        assert few(release) == []
        assert alone(release) == []
        assert list(twice(release)) == []
        assert pinned(release, for_audience(release.manifest["audience"]["name"]).people) == []
        assert changed(release, release) == []


CERTAIN = Fallen("housing", "", (*(EVERYONE,) * 4, "2030 Q1"), 3, "only one number is possible")


def test_a_measure_of_which_something_falls_is_withheld_in_that_period(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw, before = world(1)
    attacks = [Attacked(falls=[CERTAIN]), Attacked()]
    monkeypatch.setattr(checked, "attack", lambda *_: attacks.pop(0))
    safe, _ = checked.checked(raw, RULES, [], 1)
    after = figures_of(safe)
    reasons = {r["hidden"] for r in after["housing"] if r["quarter"] == "2030 Q1"}
    assert reasons == {Reason.WORKED_OUT.value}
    assert {r["n"] for r in after["housing"] if r["quarter"] == "2030 Q1"} == {None}
    others = [r for r in after["housing"] if r["quarter"] != "2030 Q1"]
    assert others == [r for r in before["housing"] if r["quarter"] != "2030 Q1"]


def test_nothing_is_published_where_something_falls_nevertheless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checked, "attack", lambda *_: Attacked(falls=[CERTAIN]))
    with pytest.raises(Revealing, match="the attacker found something") as refused:
        checked.checked(world(1)[0], RULES, [], 1)
    assert "housing, 2030 Q1: only one number is possible" in str(refused.value)


def test_where_figures_contradict_each_other_a_year_and_its_quarters_are_withheld(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw, _ = world(1)
    year = replace(CERTAIN, group=(*(EVERYONE,) * 4, "2030"), how=CONTRADICTION)
    attacks = [Attacked(falls=[replace(year, measure="breaches_and_recalls")]), Attacked()]
    monkeypatch.setattr(checked, "attack", lambda *_: attacks.pop(0))
    safe, attacked = checked.checked(raw, RULES, [], 1)
    assert attacked.falls == []
    told = safe.cubes["breaches_and_recalls"].filter(pl.col("quarter") != EVERYONE)
    assert set(told["quarter"]) == {"2030", *QUARTERS}
    assert set(told["hidden"]) == {Reason.WORKED_OUT.value}


def test_figures_that_still_contradict_each_other_refuse_a_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fall = replace(CERTAIN, how=CONTRADICTION)
    monkeypatch.setattr(checked, "attack", lambda *_: Attacked(falls=[fall]))
    with pytest.raises(Revealing, match="no people could have given these figures"):
        checked.checked(world(1)[0], RULES, [], 1)


def test_of_a_curve_that_is_withheld_no_row_tells_where_it_has_steps() -> None:
    raw, _ = world(1)
    everybody = {**dict.fromkeys(STAY, EVERYONE), "quarter": "2030", "what": "left"}
    steps = [
        {**everybody, "month": month, "n": 12, "people": 12, "key": 0, "top": 1, "two": 2}
        for month in (3, 9)
    ]
    cubes = {**raw.cubes, "time_in_cohort": pl.DataFrame(steps)}
    raw = replace(raw, cubes=cubes, until={**raw.until, "time_in_cohort": "2030 Q4"})
    told, withheld = (
        protect_agencies(raw, RULES, (), fallen).cubes["time_in_cohort"]
        for fallen in (frozenset(), frozenset({("time_in_cohort", "2030")}))
    )
    assert set(told["month"]) == {3, 9}
    assert withheld.is_empty()


def test_whatever_was_counted_is_of_a_kind_that_is_declared(board: Release) -> None:
    """What depends on records alone is named here, so that no dimension is forgotten."""
    of_records = {MONTH, "period"}
    for measure in (m for m in MEASURES if m.id in board.recorded_dates):
        if of_records.isdisjoint(measure.dimensions):
            names = ", ".join((*measure.dimensions, "what"))
            rows = board.rows(f"select distinct {names} from recorded_{measure.id}")
            told = {tuple(row.values()) for row in rows}
            # Whoever is in, or joined, has no reason to have left.
            assert {kind for kind in told - {*kinds(measure)} if kind[0]} == set(), measure.id
            assert {*kinds(measure)} - told == set(), measure.id
