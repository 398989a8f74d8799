"""Agencies' counts of people: small ones hidden, others rounded, nothing to be worked out."""

from collections.abc import Mapping, Sequence, Set
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import BY_ID, MEASURES
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason, words
from iomdash.disclosure import history
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.agencies.suppression import NOTHING, Block, Known
from iomdash.disclosure.agencies.ties import Place
from iomdash.disclosure.policy import AgencyRules, for_audience
from iomdash.release.reader import Release

BOARD = AgencyRules(smallest_count=5, rounding=5, filters_at_once=1)
TRUE = AgencyRules(smallest_count=1, rounding=1, filters_at_once=5)
FEW = AgencyRules(smallest_count=4, rounding=4, filters_at_once=1)
COHORTS, PROVIDERS = ("DV&A", "HCCU", "PPO"), ("CRC", "NPS")
MEASURE = "domestic"


def cube(atoms: dict[tuple[str, str], int], what: str = "high") -> pl.DataFrame:
    """Counts of every group by cohort and provider, each event of a person of its own."""
    rows = [
        (c, p, EVERYONE, EVERYONE, EVERYONE, what, n, n)
        for c, p in product((*COHORTS, EVERYONE), (*PROVIDERS, EVERYONE))
        if (n := sum(v for (a, b), v in atoms.items() if c in (a, EVERYONE) and p in (b, EVERYONE)))
    ]
    schema = {
        **dict.fromkeys((*AGENCY_FILTERS, "what"), pl.String),
        "n": pl.Int64,
        "people": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def protected(
    cubes: Mapping[str, pl.DataFrame | None], rules: AgencyRules, before: Set[Place] = frozenset()
) -> Mapping[str, pl.DataFrame]:
    return protect_agencies(RawAgencies(cubes, pl.DataFrame()), rules, before).cubes


def caseload() -> pl.DataFrame:
    everybody = cube(dict.fromkeys(product(COHORTS, PROVIDERS), 50), "joined")
    return everybody.with_columns(reason=pl.lit(EVERYONE)).select(
        *AGENCY_FILTERS, "reason", "what", "n", "people"
    )


def why_not(row: Mapping[str, Any], rules: AgencyRules, measure: str = MEASURE) -> str | None:
    """Why a row has no figure, in the words that a reader sees."""
    heaviest = BY_ID[measure].heaviest.get(row["what"], 1)
    policy = {"smallest_count": rules.smallest_count}
    return row["hidden"] and words(Reason(row["hidden"]), policy, heaviest=heaviest)


def shown(
    counts: pl.DataFrame, rules: AgencyRules, measure: str = MEASURE
) -> dict[tuple[str, str], tuple[int | None, str]]:
    """What is shown of each cohort and provider, and why it is not."""
    none = {measure.id: None for measure in MEASURES}
    told = protected({**none, "caseload": caseload(), measure: counts}, rules)[measure]
    return {
        (r["cohort"], r["provider"]): (r["n"], why_not(r, rules, measure) or "")
        for r in told.iter_rows(named=True)
    }


def one(n: int, persons: int | None = None) -> pl.DataFrame:
    counts = cube({("PPO", "CRC"): n, ("HCCU", "CRC"): 20, ("DV&A", "NPS"): 30})
    if persons is None:
        return counts
    return counts.with_columns(
        people=pl.when(cohort="PPO").then(persons).otherwise(pl.col("people"))
    )


EDGES = [(1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)]


@pytest.mark.parametrize(("n", "told"), EDGES)
def test_one_to_four_people_are_hidden_from_the_board_and_others_rounded_to_five(
    n: int, told: int | None
) -> None:
    assert shown(one(n), BOARD)["PPO", EVERYONE][0] == told


def test_a_count_of_nobody_stays_without_a_row() -> None:
    assert ("PPO", EVERYONE) not in shown(one(0), BOARD)


def test_many_events_of_few_people_are_hidden() -> None:
    assert shown(one(40, 4), BOARD)["PPO", EVERYONE] == (None, "fewer than 5 people")
    assert shown(one(40, 5), BOARD)["PPO", EVERYONE] == (40, "")


@pytest.mark.parametrize(
    ("days", "told"),
    [
        # Five of the heaviest offence are 1,825 days: 372 is surely one robbery among small things.
        (372, (None, "less than 1825")),
        (1_824, (None, "less than 1825")),
        (1_825, (1_825, "")),
        (2_737, (1_825, "")),
        (2_738, (3_650, "")),
    ],
)
def test_harm_is_told_in_fives_of_the_heaviest_offence(
    days: int, told: tuple[int | None, str]
) -> None:
    counts = cube({("PPO", "CRC"): 30, ("HCCU", "NPS"): 30}, "harm").with_columns(
        n=pl.lit(days), period=pl.lit("after")
    )
    board = shown(counts, BOARD, "harm")
    assert board["PPO", EVERYONE] == told
    # Two cohorts, or none: what is hidden in both has no total.
    assert board[EVERYONE, EVERYONE][0] == (None if told[0] is None else 2 * told[0])
    assert shown(counts, TRUE, "harm")["PPO", EVERYONE] == (days, "")


def test_the_coordinator_sees_true_counts_with_every_filter() -> None:
    told = shown(one(1), TRUE)
    assert told["PPO", "CRC"] == (1, "")
    assert told[EVERYONE, EVERYONE] == (51, "")


def test_the_board_sets_one_filter_at_a_time() -> None:
    asked = shown(one(9), BOARD)
    assert asked
    assert all(EVERYONE in pair for pair in asked)


def test_a_total_adds_up_what_is_shown_and_takes_a_hidden_count_as_its_middle() -> None:
    # 20 and 30 are shown, and 1 to 4 are hidden: 52.5 rounds up to 55, whatever is hidden.
    assert {shown(one(n), BOARD)[EVERYONE, EVERYONE] for n in (1, 2, 3, 4)} == {(55, "")}


def test_there_is_no_total_where_no_part_is_shown() -> None:
    counts = cube({("PPO", "CRC"): 4, ("HCCU", "CRC"): 4, ("DV&A", "CRC"): 3})
    assert shown(counts, BOARD)[EVERYONE, EVERYONE] == (None, "fewer than 5 people in each cohort")


def test_a_breakdown_that_would_make_a_hidden_count_certain_is_withheld_in_full() -> None:
    # Eight people under one provider read 10, so 8 to 12: two hidden cohorts are 4 and 4.
    counts = cube({("PPO", "CRC"): 4, ("HCCU", "CRC"): 4})
    told = shown(counts, BOARD)
    assert told["PPO", EVERYONE] == told["HCCU", EVERYONE] == (None, "fewer than 5 people")
    withheld = (None, "could be worked out from other figures")
    assert told[EVERYONE, "CRC"] == told[EVERYONE, "NPS"] == withheld


def test_what_was_withheld_before_is_withheld_again_in_full() -> None:
    before = {Place(MEASURE, "high", (), ("PPO", *[EVERYONE] * 4))}
    none = {measure.id: None for measure in MEASURES}
    cubes = {**none, "caseload": caseload(), MEASURE: one(20)}
    told = protected(cubes, BOARD, before)[MEASURE]
    shown_now = {(r["cohort"], r["provider"]) for r in told.to_dicts() if r["hidden"] is None}
    assert shown_now == {(EVERYONE, "CRC"), (EVERYONE, "NPS")}


def test_the_next_release_knows_what_this_one_withheld(board: Release) -> None:
    found = history.withheld([board])
    rows = board.rows("select * from recorded_housing where hidden = 'worked_out'")
    assert rows
    assert {at for at in found if at.measure == "housing"} == {
        Place("housing", r["what"], (), tuple(r[name] for name in AGENCY_FILTERS)) for r in rows
    }
    assert history.withheld([]) == frozenset()


def test_reasons_that_a_total_would_make_certain_are_withheld() -> None:
    # Eight of PPO left, which reads 10, so 8 to 12: four for each of two reasons.
    rows = [("PPO", reason, n) for reason, n in ((EVERYONE, 8), ("moved", 4), ("died", 4))]
    left = pl.DataFrame(
        [(c, *[EVERYONE] * 4, reason, "left", n, n) for c, reason, n in rows],
        schema=caseload().schema, orient="row",
    )  # fmt: skip
    none = {measure.id: None for measure in MEASURES}
    told = protected({**none, "caseload": pl.concat([caseload(), left])}, BOARD)["caseload"]
    found = {
        r["reason"]: why_not(r, BOARD) for r in told.filter(cohort="PPO", what="left").to_dicts()
    }
    why = "could be worked out from other figures"
    assert found == {EVERYONE: None, "moved": why, "died": "fewer than 5 people"}


def test_a_total_holds_nothing_of_a_part_that_is_withheld() -> None:
    # 28 of PPO read 30, so 28 at least: 12, 12 and 4, of which 10, 10 and "few" would be shown. The
    # few are withheld, and a total of them less the other cohort's would bring them back.
    of_ppo = {EVERYONE: 28, "moved": 12, "died": 12, "other": 4}
    of_hccu = {EVERYONE: 40, "moved": 20, "died": 20}
    rows = [
        (cohort, *[EVERYONE] * 4, reason, "left", n, n)
        for cohort, told in {"PPO": of_ppo, "HCCU": of_hccu}.items()
        for reason, n in told.items()
    ]
    rows += [
        (EVERYONE, *[EVERYONE] * 4, reason, "left", n + of_hccu.get(reason, 0), n)
        for reason, n in of_ppo.items()
    ]
    left = pl.DataFrame(rows, schema=caseload().schema, orient="row")
    none = {measure.id: None for measure in MEASURES}
    told = protected({**none, "caseload": pl.concat([caseload(), left])}, BOARD)["caseload"]
    whole = told.filter(cohort=EVERYONE, provider=EVERYONE, what="left")
    why = "could be worked out from other figures"
    assert {r["reason"]: (r["n"], why_not(r, BOARD)) for r in whole.to_dicts()} == {
        EVERYONE: (70, None), "moved": (30, None), "died": (30, None), "other": (None, why),
    }  # fmt: skip


def test_who_is_in_is_withheld_where_who_joined_and_who_left_make_it_certain() -> None:
    # By fours, 5 who joined read 4, so 4 or 5, and 4 who left read the same: one is in for certain.
    rows = [
        ("PPO", *[EVERYONE] * 3, EVERYONE, EVERYONE, "joined", 5, 5),
        ("PPO", *[EVERYONE] * 3, EVERYONE, EVERYONE, "left", 4, 4),
        ("PPO", *[EVERYONE] * 3, "2030 Q1", EVERYONE, "in", 1, 1),
    ]
    rows += [(EVERYONE, *row[1:]) for row in rows]
    flow = pl.DataFrame(rows, schema=caseload().schema, orient="row")
    none = {measure.id: None for measure in MEASURES}
    told = protected({**none, "caseload": flow}, FEW)["caseload"].filter(cohort="PPO")
    why = "could be worked out from other figures"
    assert {r["what"]: (r["n"], why_not(r, FEW)) for r in told.to_dicts()} == {
        "joined": (4, None), "left": (None, why), "in": (None, "fewer than 4 people"),
    }  # fmt: skip


SMALL = Known(1, 4, small=True, true=4)


@pytest.mark.parametrize(
    ("one", "other", "falls"),
    [
        # Two tables of one whole, of which the second may be withheld.
        ([SMALL, SMALL], [Known(8, 12, true=8)], True),
        ([SMALL, SMALL], [Known(7, 12, true=8)], False),
        ([SMALL, Known(3, 7, true=4)], [Known(8, 12, true=8)], False),
        ([SMALL, Known(5, 7, true=7)], [Known(11, 12, true=11)], True),
        ([SMALL._replace(true=1), Known(8, 12, true=8)], [Known(3, 9, true=9)], True),
    ],
)
def test_a_table_is_withheld_where_it_makes_a_small_count_certain(
    one: list[Known], other: list[Known], falls: bool
) -> None:
    block = Block()
    block.told[("whole",)] = NOTHING._replace(true=sum(told.true for told in one))
    for table, parts in (("a", one), ("b", other)):
        keys = [(table, i) for i, _ in enumerate(parts)]
        block.told.update(zip(keys, parts, strict=True))
        block.equal(keys, [("whole",)])
        block.tables[(table,)] = tuple(keys)
    assert block.withheld() == ([("b",)] if falls else [])


def test_counts_are_whole_numbers() -> None:
    # Two equal counts that are 5 or 6 together are 3 each; halves would admit 2.5.
    block = Block()
    block.told.update({("e",): Known(1, 4, small=True, true=3), ("f",): Known(1, 4, true=3)})
    block.told[("sum",)] = Known(5, 6, true=6)
    block.equal([("e",)], [("f",)])
    block.equal([("e",), ("f",)], [("sum",)])
    block.tables[("sum",)] = (("sum",),)
    assert block.withheld() == [("sum",)]


def test_a_sum_that_does_not_hold_binds_nobody() -> None:
    block = Block()
    block.told.update({("a",): SMALL, ("b",): Known(1, 1, true=1)})
    block.equal([("a",)], [("b",)])
    assert block.withheld() == []


def consistent(
    told: dict[tuple[str, str], tuple[int | None, str]], rules: AgencyRules
) -> np.ndarray:
    """Every table by cohort and provider, 0 to 6 in each cell, that may stand behind what is shown.

    Whoever reads knows the rule: absent is nobody, hidden is 1 to below the smallest.
    """
    tables = np.indices((7,) * 6).reshape(6, -1).T.reshape(-1, 3, 2)
    fits = np.ones(len(tables), dtype=bool)
    margins = [(c, EVERYONE, tables[:, i].sum(1)) for i, c in enumerate(COHORTS)]
    margins += [(EVERYONE, p, tables[:, :, j].sum(1)) for j, p in enumerate(PROVIDERS)]
    for cohort, provider, sums in margins:
        n, why = told.get((cohort, provider), (0, ""))
        if n is not None:
            nearest = np.floor(sums / rules.rounding + 0.5) * rules.rounding
            large = (sums >= rules.smallest_count) & (nearest == n)
            fits &= large if n else sums == 0
        elif "fewer" in why:
            fits &= (sums > 0) & (sums < rules.smallest_count)
    return tables[fits]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6))
@example([3, 0, 3, 0, 0, 0])
@example([3, 0, 2, 1, 0, 0])
def test_every_hidden_count_may_have_been_another_one(counts: list[int]) -> None:
    told = shown(cube(dict(zip(product(COHORTS, PROVIDERS), counts, strict=True))), FEW)
    tables = consistent(told, FEW)
    truth = np.array(counts).reshape(3, 2)
    assert (tables == truth).all(axis=(1, 2)).any()
    for i, cohort in enumerate(COHORTS):
        if 0 < truth[i].sum() < FEW.smallest_count:
            assert told[cohort, EVERYONE][0] is None
            assert len(np.unique(tables[:, i].sum(1))) > 1
    for j, provider in enumerate(PROVIDERS):
        if 0 < truth[:, j].sum() < FEW.smallest_count:
            assert told[EVERYONE, provider][0] is None
            assert len(np.unique(tables[:, :, j].sum(1))) > 1


KINDS = ("in_custody", "at_large")


def state(atoms: np.ndarray, whats: Sequence[str], own: dict[str, str]) -> pl.DataFrame:
    """Counts at the end of one quarter, by what, cohort and provider, of every group."""
    groups = list(product((*COHORTS[:2], EVERYONE), (*PROVIDERS, EVERYONE)))
    rows = [
        (cohort, provider, EVERYONE, EVERYONE, "2030 Q1", *own.values(), what, n, n)
        for what, table in zip(whats, atoms, strict=True)
        for cohort, provider in groups
        if (n := int(table[np.ix_(among(COHORTS[:2], cohort), among(PROVIDERS, provider))].sum()))
    ]
    return pl.DataFrame(rows, schema=[*AGENCY_FILTERS, *own, "what", "n", "people"], orient="row")


def among(values: Sequence[str], chosen: str) -> list[bool]:
    return [chosen in (value, EVERYONE) for value in values]


def fits(sums: np.ndarray, n: int | None, why: str) -> np.ndarray:
    """Whether each count may stand behind a figure, by the rule that everybody knows."""
    if n is None:
        few = (sums > 0) & (sums < FEW.smallest_count)
        return few if "fewer" in why else np.ones(len(sums), dtype=bool)
    nearest = np.floor(sums / FEW.rounding + 0.5) * FEW.rounding
    return (sums >= FEW.smallest_count) & (nearest == n) if n else sums == 0


# Counts of one kind by two cohorts and by two providers: any with equal totals are those of people.
MARGINS = np.array([m for m in product(range(14), repeat=4) if m[0] + m[1] == m[2] + m[3]])
GROUPS = [*((c, EVERYONE) for c in COHORTS[:2]), *((EVERYONE, p) for p in PROVIDERS)]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=8, max_size=8))
@example([0, 1, 3, 0, 1, 0, 0, 0])
@example([0, 3, 0, 0, 1, 0, 4, 3])
def test_no_hidden_count_is_certain_from_all_that_adds_up_to_the_caseload(
    counts: list[int],
) -> None:
    truth = np.array(counts).reshape(2, 2, 2)  # kind, cohort, provider
    cubes = {
        "caseload": state(truth.sum(0, keepdims=True), ["in"], {"reason": EVERYONE}),
        "in_custody": state(truth, KINDS, {}),
    }
    if not sum(counts):
        return
    told = protected({**{m.id: None for m in MEASURES}, **cubes}, FEW)
    found = {
        (r["what"], r["cohort"], r["provider"]): (r["n"], why_not(r, FEW) or "")
        for frame in told.values() for r in frame.to_dicts()
    }  # fmt: skip
    told_of = {w: [found.get((w, *g), (0, "")) for g in GROUPS] for w in ("in", *KINDS)}

    def possible(sums: np.ndarray, what: str) -> np.ndarray:
        return np.all([fits(sums[:, i], *told_of[what][i]) for i in range(4)], axis=0)

    one, two = (MARGINS[possible(MARGINS, kind)] for kind in KINDS)
    i, j = np.indices((len(one), len(two))).reshape(2, -1)
    both = possible(one[i] + two[j], "in")
    left = {KINDS[0]: one[i][both], KINDS[1]: two[j][both], "in": (one[i] + two[j])[both]}
    for what, figures in told_of.items():
        for place, (_, why) in enumerate(figures):
            assert len(left[what])
            if "fewer" in why:
                assert len(np.unique(left[what][:, place])) > 1, (what, GROUPS[place])


@given(st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_what_cohorts_show_decides_the_total(counts: list[int]) -> None:
    atoms = dict(zip(product(COHORTS, PROVIDERS), counts, strict=True))
    told = shown(cube(atoms), BOARD)
    parts = [told.get((cohort, EVERYONE), (0, "")) for cohort in COHORTS]
    if all(n is None for n, _ in parts if n != 0):
        assert told.get((EVERYONE, EVERYONE), (None, ""))[0] is None
        return
    around = sum(2.5 if n is None else n for n, _ in parts)
    assert abs((told[EVERYONE, EVERYONE][0] or 0) - around) <= 2.5


def test_the_policy_of_each_audience_is_the_one_that_is_tried_here() -> None:
    assert for_audience("board").people == BOARD
    assert for_audience("coordinator").people == TRUE
