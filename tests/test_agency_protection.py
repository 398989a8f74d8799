"""Agencies' figures: groups by size alone, nobody and a few alike, blurred, told once."""

import csv
from dataclasses import replace
from itertools import combinations, pairwise, product
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_agencies import counted, drawn, many, moved, quarters

from iomdash.declared.agencies import BY_ID, MEASURES
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies import groups
from iomdash.disclosure.agencies.blur import blurred, noise
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.attacker.agencies import attack
from iomdash.disclosure.attacker.told import Tables, tables
from iomdash.disclosure.policy import AgencyRules, for_audience
from iomdash.disclosure.span import P, Span

BOARD = AgencyRules(smallest_count=5, noise=4, filters_at_once=1, largest_two=85)
COORDINATOR = replace(BOARD, filters_at_once=2)
YEARS = quarters((2030, 2031))
NONE = pl.DataFrame(schema=dict.fromkeys(AGENCY_FILTERS, pl.String))


def members(*cells: tuple[int, str, str]) -> pl.DataFrame:
    """So many people in a cohort and under a provider, each at the end of one quarter."""
    rows = [
        ("in", (i, j), cohort, provider, "statutory", "tipton", "2030 Q1")
        for i, (n, cohort, provider) in enumerate(cells) for j in range(n)
    ]  # fmt: skip
    numbered = [(of, i, *rest) for i, (of, _, *rest) in enumerate(rows)]
    return pl.DataFrame(numbered, schema=["of", "person", *AGENCY_FILTERS], orient="row")


def shown(people: pl.DataFrame, rules: AgencyRules = BOARD) -> set[tuple[str, str]]:
    result = (
        groups.Choices(people, rules).new("in", NONE).filter(supervision=EVERYONE, area=EVERYONE)
    )
    return set(result.select("cohort", "provider").rows())


@pytest.mark.parametrize(("n", "is_shown"), [(4, False), (5, True)])
def test_a_group_is_shown_from_the_smallest_on(n: int, is_shown: bool) -> None:
    people = members((n, "PPO", "NPS"), (30, "HCCU", "NPS"), (30, "SPOS", "CRC"))
    assert (("PPO", EVERYONE) in shown(people)) is is_shown


def test_the_group_that_would_leave_a_few_by_subtraction_is_hidden_too() -> None:
    # 40 less 20 less 17 are 3: of the two the one of fewer people is hidden with them.
    people = members((20, "PPO", "NPS"), (17, "HCCU", "NPS"), (3, "SPOS", "NPS"))
    cohorts = {cohort for cohort, provider in shown(people) if provider == EVERYONE}
    assert cohorts == {EVERYONE, "PPO"}


def test_few_of_two_kinds_who_are_still_few_together_are_not_left_over_either() -> None:
    people = members((20, "PPO", "NPS"), (17, "HCCU", "NPS"), (2, "SPOS", "NPS"), (2, "U18", "NPS"))
    cohorts = {cohort for cohort, provider in shown(people) if provider == EVERYONE}
    assert cohorts == {EVERYONE, "PPO"}


def searched(people: pl.DataFrame, rules: AgencyRules) -> set[tuple[str, ...]]:
    """The groups of one quarter's end that trying every set of few against them leaves."""
    who: dict[tuple[str, ...], set[int]] = {}
    for person, *cell in people.select("person", *STAY).iter_rows():
        for key in product(*((value, EVERYONE) for value in cell)):
            who.setdefault(key, set()).add(person)
    order = {person: i for i, person in enumerate(sorted(people["person"]))}
    few = [(key, who_) for key, who_ in who.items() if len(who_) < rules.smallest_count]
    families: dict[tuple[int, tuple[str, ...]], list[tuple[tuple[str, ...], set[int]]]] = {}
    for key, who_ in few:
        for i in (i for i, value in enumerate(key) if value != EVERYONE):
            families.setdefault((i, key[:i] + key[i + 1 :]), []).append((key, who_))
    alike = [s for one in families.values() for n in (2, 3, 4) for s in combinations(one, n)]
    small = [w for _, w in few] + [set[int]().union(*(w for _, w in some)) for some in alike]
    small = [s for s in small if len(s) < rules.smallest_count]
    span, chosen = Span(len(order), len(who)), set[tuple[str, ...]]()
    for key in sorted(who, key=lambda k: groups.Named((*k, ""), len(who[k]), np.array([])).worth):
        filters = sum(value != EVERYONE for value in key)
        if len(who[key]) < rules.smallest_count or filters > rules.filters_at_once:
            continue
        row = span.new(_row(who[key], order))
        hashes = span.hashes if row is None else span.hashes_with(row)
        if all((_row(s, order) @ hashes % P).any() for s in small):
            chosen.add(key)
            if row is not None:
                span.add(row)
    return chosen


def _row(people: set[int], order: dict[int, int]) -> np.ndarray:
    row = np.zeros(len(order), dtype=np.int64)
    row[[order[person] for person in people]] = 1
    return row


@pytest.mark.parametrize("filters", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_the_groups_are_those_that_a_search_of_every_small_set_leaves(
    seed: int, filters: int
) -> None:
    everybody = counted(many(60, seed, YEARS[:2]), YEARS[1]).people
    people = everybody.filter(of="in", quarter=YEARS[1])
    rules = replace(BOARD, filters_at_once=filters)
    result = groups.Choices(people, rules).new("in", NONE).select(STAY).rows()
    assert {*result} == searched(people, rules)


def test_what_people_did_has_no_say_in_which_groups_are_shown() -> None:
    people = many(120, 3, YEARS)
    idle = [
        replace(
            p, does={k: 1 for k in p.does if k[1] != "breaches_and_recalls" or k[0] == YEARS[0]}
        )
        for p in people
    ]
    one, other = (protect_agencies(counted(item, YEARS[-1]), BOARD) for item in (people, idle))
    for name in one.cubes:
        told, same = (safe.told(BY_ID[name]).sort(AGENCY_FILTERS) for safe in (one, other))
        assert told.equals(same)


def test_every_group_that_is_shown_has_every_row_so_that_none_that_is_missing_says_nobody() -> None:
    safe = protect_agencies(counted(many(120, 3, YEARS), YEARS[-1]), COORDINATOR)
    for cube in safe.cubes.values():
        published = cube.filter(pl.col("quarter").str.contains(" Q")).group_by(AGENCY_FILTERS)
        assert published.agg(pl.col("what").n_unique())["what"].n_unique() == 1


def test_a_kind_that_nobody_has_is_told_like_one_that_a_few_have() -> None:
    raw = counted(many(120, 3, YEARS), YEARS[-1])
    assert "transient" not in raw.cubes["housing"]["what"]
    cube = protect_agencies(raw, COORDINATOR).cubes["housing"]
    everywhere = cube.filter(what="permanent")
    nobody = cube.filter(what="transient")
    assert nobody.height == everywhere.height > 50
    assert set(nobody.filter(pl.col("quarter") != EVERYONE)["hidden"]) == {"few_people"}


def test_a_quarter_in_which_nothing_happened_reads_like_one_in_which_a_little_did() -> None:
    people = many(120, 3, YEARS)
    none = [
        replace(p, does={k: n for k, n in p.does.items()
                         if k[1] != "breaches_and_recalls" or k[0] not in YEARS[3:5]})
        for p in people
    ]  # fmt: skip
    cube = protect_agencies(counted(none, YEARS[-1]), BOARD).cubes["breaches_and_recalls"]
    told = cube.filter(pl.col("quarter").str.contains(" Q"))
    assert set(told["quarter"]) == set(YEARS)
    assert set(told.filter(pl.col("quarter").is_in(YEARS[3:5]))["n"]) == {None}


@pytest.mark.parametrize("people", [0, 1, 4])
def test_nobody_and_a_few_read_alike(people: int) -> None:
    cube = cell(people, 128 if people else 0)
    assert blurred(cube, pl.lit(False), BOARD)["n"].to_list() == [None]


def cell(people: int, key: int, size: int = 1000, **more: int) -> pl.DataFrame:
    """One figure of people who each count once, or nothing of nobody."""
    values = {"n": people, "people": people, "key": key, "top": 1, "two": 2, **more}
    row = {name: value if people else None for name, value in values.items()}
    return pl.DataFrame({**row, "size": size}, schema=dict.fromkeys((*values, "size"), pl.Int64))


def published(of: pl.DataFrame, rules: AgencyRules = BOARD) -> int | None:
    return blurred(of, pl.lit(False), rules)["n"].item()


def test_noise_is_that_of_the_package_of_the_office_for_national_statistics() -> None:
    # Made with cell-key-perturbation 3.1.0 and a table of this noise, threshold 5.
    path = Path(__file__).parent / "data" / "cell_key_perturbation_3_1_0.csv"
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert {row["published"] == "" for row in rows} == {True, False}
    for row in rows:
        cube = cell(int(row["people"]), int(row["sum_of_record_keys"]) % 256)
        assert published(cube) == (int(row["published"]) if row["published"] else None)


def test_noise_is_0_in_the_mean_and_as_likely_up_as_down() -> None:
    keys = pl.DataFrame({"key": range(256)}).select(noise(pl.col("key"), BOARD))["key"]
    assert keys.mean() == 0
    assert keys.abs().mean() == pytest.approx(1.09, abs=0.01)
    assert (keys.min(), keys.max()) == (-4, 4)


@pytest.mark.parametrize("n", range(5, 30))
def test_everybody_is_never_told_of_more_than_there_are(n: int) -> None:
    figures = {published(cell(n, key, size=n)) for key in range(256)} - {None}
    assert max(figures) == n
    assert len(figures) > 1 or n == 5


@pytest.mark.parametrize(("two", "is_shown"), [(84, True), (85, True), (86, False)])
def test_a_sum_of_which_two_people_make_more_than_85_in_100_is_told_as_few(
    two: int, is_shown: bool
) -> None:
    cube = cell(20, 15, n=100, top=50, two=two)
    assert (published(cube) is not None) is is_shown


def test_a_sum_is_moved_by_as_many_times_the_largest_part() -> None:
    # 7 is 111 in bits: one less than nothing; 15 is nothing.
    assert published(cell(20, 7, n=100, top=10, two=15)) == 90
    assert published(cell(20, 15, n=100, top=10, two=15)) == 100


def steps(people: list, rules: AgencyRules) -> list[ReleasableAgencies]:
    """What was told at the end of each quarter of two years, one person more at each step."""
    held: list[ReleasableAgencies] = []
    dice = Random(8)
    for number, quarter in enumerate(YEARS):
        held.append(protect_agencies(counted(people, quarter), rules, held[-1:]))
        people = [p for p in people if p.number != number]  # deleted
        people = [moved(p, "SPOS") if p.number == 20 + number else p for p in people]
        people.append(drawn(1000 + number, dice, YEARS))  # in past quarters too
    return held


@pytest.mark.parametrize("rules", [BOARD, COORDINATOR], ids=["board", "coordinator"])
def test_what_was_told_of_a_quarter_stays_whoever_is_added_moved_or_deleted(
    rules: AgencyRules,
) -> None:
    every = steps(many(150, 5, YEARS), rules)
    for one, other in pairwise(every):
        for name, cube in one.cubes.items():
            old = cube.filter(pl.col("quarter") != EVERYONE)
            new = other.cubes[name].filter(
                pl.col("quarter").is_in(old["quarter"].unique().implode())
            )
            assert new.sort(new.columns).equals(old.sort(old.columns))
    assert every[-1].cubes["housing"]["quarter"].n_unique() > 5


def new_of(*cells: tuple[int, str, str], told: tuple[tuple[str, str], ...]) -> set[tuple[str, str]]:
    """Cohort and period of the groups that may be told newly, of so many people by cohort and
    quarter, where some were told.
    """
    rows = [
        ("present", f"{cohort} {quarter} {i}", cohort, "NPS", "statutory", "tipton", quarter)
        for n, cohort, quarter in cells for i in range(n)
    ]  # fmt: skip
    people = pl.DataFrame(rows, schema=["of", "person", *AGENCY_FILTERS], orient="row")
    before = pl.DataFrame(
        [(cohort, EVERYONE, EVERYONE, EVERYONE, period) for cohort, period in told],
        schema=AGENCY_FILTERS, orient="row",
    )  # fmt: skip
    new = groups.Choices(people, BOARD).new("present", before)
    new = new.filter(provider=EVERYONE, supervision=EVERYONE, area=EVERYONE)
    return set(new.select("cohort", "quarter").rows())


def test_what_was_told_of_people_who_have_changed_since_is_no_reason_to_tell_more_of_them() -> None:
    # Told of the first quarter when 5 were in HCCU; 3 are now, whom the year would give anew.
    told = ((EVERYONE, "2030 Q1"), ("PPO", "2030 Q1"))
    new = new_of((17, "PPO", "2030 Q1"), (3, "HCCU", "2030 Q1"), (20, "PPO", "2030 Q4"), told=told)
    assert (EVERYONE, "2030") in new
    assert ("PPO", "2030") not in new


def test_a_year_is_told_beside_quarters_that_were_told_only_where_the_rest_is_of_enough() -> None:
    # Of HCCU 8 in the year less 5 in the first quarter are 3 in the last.
    cells = ((15, "PPO", "2030 Q1"), (5, "HCCU", "2030 Q1"), (20, "PPO", "2030 Q4"),
             (3, "HCCU", "2030 Q4"))  # fmt: skip
    first = ((EVERYONE, "2030 Q1"), ("PPO", "2030 Q1"), ("HCCU", "2030 Q1"))
    new = new_of(*cells, told=first)
    assert new & {("PPO", "2030"), ("HCCU", "2030")} == set()
    assert {(EVERYONE, "2030"), (EVERYONE, "2030 Q4")} <= new
    assert ("PPO", "2030") in new_of(*cells, told=())


@pytest.mark.parametrize("seed", range(3))
def test_a_measure_that_follows_people_tells_a_quarter_of_whoever_is_in_its_groups_then(
    seed: int,
) -> None:
    """Others told the quarter before, of people some of whom are elsewhere now, or gone."""
    people, dice = many(60, seed, YEARS), Random(seed)
    before: list[ReleasableAgencies] = []
    late = "breaches_and_recalls"
    told_then: dict[int, Tables] = {}
    for number, (matured, quarter) in enumerate(pairwise(YEARS)):
        raw = counted(people, quarter)
        raw = replace(raw, until={**raw.until, late: matured})
        before = [protect_agencies(raw, COORDINATOR, before)]
        now = tables(before[-1])
        assert attack(now, told_then, raw, COORDINATOR).falls == []
        told_then[number] = now
        gone, away = dice.sample(people, 2)
        people = [moved(p, "SPOS") if p == away else p for p in people if p != gone]
        people.append(drawn(1000 + number, dice, YEARS))
    told = before[-1].cubes[late].filter(pl.col("quarter").str.contains(" Q"))
    assert set(told["quarter"]) == set(YEARS[:-1])


def test_all_time_adds_up_what_is_told_and_a_few_as_their_middle() -> None:
    safe = protect_agencies(counted(many(150, 5, YEARS), YEARS[-1]), BOARD).cubes[
        "breaches_and_recalls"
    ]
    total = safe.filter(pl.col("quarter") == EVERYONE)
    years = safe.filter(pl.col("quarter").is_in(["2030", "2031"]))
    by = [*STAY, "what"]
    parts = years.group_by(by).agg(pl.col("n").fill_null(2).sum(), any=pl.col("n").count())
    both = total.join(parts, on=by)
    assert both.height > 10
    assert both.filter(pl.col("any") > 0).select((pl.col("n") == pl.col("n_right")).all()).item()
    assert both.filter(pl.col("any") == 0)["n"].null_count() == both.filter(any=0).height


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 200))
def test_no_group_of_few_can_be_added_up_or_taken_from_groups_that_are_shown(
    seed: int, n: int
) -> None:
    raw = counted(many(n, seed, YEARS[:4]), YEARS[3])
    safe = protect_agencies(raw, COORDINATOR)
    only = {"breaches_and_recalls": tables(safe)["breaches_and_recalls"]}
    assert attack(only, {}, raw, COORDINATOR).falls == []


def test_the_policy_of_each_audience_is_the_one_that_is_tried_here() -> None:
    assert for_audience("board").people == BOARD
    assert for_audience("coordinator").people == COORDINATOR
    assert not for_audience("coordinator").people.person_level
    assert replace(BOARD, filters_at_once=3).person_level


def test_the_same_fact_is_declared_once() -> None:
    same = {(m.id, what): at for m in MEASURES for what, at in m.same.items()}
    assert set(same) == {("benefit", "not_recorded"), ("deselection", "deselected")}
