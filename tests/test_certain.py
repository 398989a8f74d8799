"""What is certain in every world: against all worlds of a few people, counted one by one."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.attacker.certain import APART, SURE, certain
from iomdash.disclosure.attacker.measured import sums
from iomdash.disclosure.attacker.moved import Moved
from iomdash.disclosure.attacker.worlds import CONTRADICTION, Figure, Law, Sums, World
from iomdash.disclosure.policy import AgencyRules

CELLS, KINDS = 3, 3
GROUPS = ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2))
NAMES = ("a", "b", "c")
# Each person has one kind; some have two, as the laws of accommodation say; nothing is known.
PARTITION = Law(np.array([1, 1, 1]), 1, equal=True)
AT_LEAST = Law(np.array([-1, -1, -1]), -1, equal=False)
LAWS: Sequence[tuple[Law, ...]] = ((), (PARTITION,), (AT_LEAST,))
Statement = tuple[int, tuple[int, ...]]


def world(sizes: Sequence[int]) -> World:
    """People in three cells, of which every group but that of all is one of few."""
    small = tuple(
        ((str(i), "", "", ""), sum(sizes[c] for c in group), np.array(group))
        for i, group in enumerate(GROUPS)
    )
    return World(tuple((str(i),) * 4 for i in range(CELLS)), np.array(sizes), small, {}, {}, {})


def rows_of(*sets: Sequence[int] | np.ndarray) -> np.ndarray:
    rows = np.zeros((len(sets), CELLS), dtype=np.int64)
    for row, cells in zip(rows, sets, strict=True):
        row[cells] = 1
    return rows


def lawful(people: np.ndarray, laws: Sequence[Law], sizes: np.ndarray) -> bool:
    sums = [(law, law.factors @ people, law.known * sizes) for law in laws]
    return all((a == b).all() if law.equal else (a <= b).all() for law, a, b in sums)


def every_world(sums: Sums, sizes: Sequence[int]) -> np.ndarray:
    """All whole numbers of people that fit, by world, kind and cell."""
    numbers = np.indices([n + 1 for _ in range(KINDS) for n in sizes]).reshape(KINDS * CELLS, -1)
    people = numbers.T.reshape(-1, KINDS, CELLS)
    fits = np.ones(len(people), dtype=bool)
    for figure in sums.figures:
        told = people[:, figure.kind, figure.cells].sum(axis=1)
        fits &= (figure.least <= told) & (told <= figure.most)
    for law in sums.laws:
        over = np.einsum("k,wkc->wc", law.factors, people) - law.known * np.array(sizes)
        fits &= ((over == 0) if law.equal else (over <= 0)).all(axis=1)
    return people[fits]


def ranges(sums: Sums, sizes: Sequence[int]) -> Mapping[Statement, set[int]]:
    """Of each statement, the numbers that it has in any world."""
    every = every_world(sums, sizes)
    return {
        (kind, group): set(every[:, kind, list(group)].sum(axis=1).tolist())
        for kind, group in product(range(KINDS), GROUPS)
    }


@st.composite
def told(draw: st.DrawFn) -> tuple[Sums, list[int]]:
    """Figures about people who are there: each off by some noise, of some groups."""
    laws = draw(st.sampled_from(LAWS))
    sizes = draw(st.lists(st.integers(0, 2), min_size=CELLS, max_size=CELLS))
    cells = [
        draw(st.sampled_from([
            people for people in product(range(n + 1), repeat=KINDS)
            if lawful(np.array(people)[:, None], laws, np.array([n]))
        ]))
        for n in sizes
    ]  # fmt: skip
    people = np.array(cells).T
    figures = []
    for kind, group in product(range(KINDS), GROUPS):
        if draw(st.booleans()):
            below, above = draw(st.integers(0, 1)), draw(st.integers(0, 1))
            n = int(people[kind, list(group)].sum())
            figures.append(Figure(kind, np.array(group), n - below, n + above))
    figures = figures or [Figure(0, np.arange(CELLS), 0, np.inf)]
    likely = people if draw(st.booleans()) else np.zeros_like(people)
    asked = {name: i for i, name in enumerate(NAMES)}
    return Sums("made_up", KINDS, figures, laws, asked, likely), sizes


@settings(deadline=None, max_examples=60)
@given(told())
def test_whatever_falls_has_one_number_in_every_world_there_is(
    case: tuple[Sums, list[int]],
) -> None:
    sums, sizes = case
    seen = ranges(sums, sizes)
    _, falls = certain(sums, world(sizes), "2030")
    for fall in falls:
        assert fall.how == SURE
        assert len(seen[NAMES.index(fall.what), GROUPS[int(fall.group[0])]]) == 1


@settings(deadline=None, max_examples=60)
@given(told())
def test_whatever_a_move_or_an_exchange_refutes_has_two_numbers(
    case: tuple[Sums, list[int]],
) -> None:
    sums, sizes = case
    one = every_world(sums, sizes)[0]
    near = Moved(sums, np.array(sizes), one)
    for (kind, group), numbers in ranges(sums, sizes).items():
        cells = np.array(group)
        if near.alone[kind, cells].any() or near.exchanged(kind, rows_of(cells)).all():
            assert len(numbers) > 1


@settings(deadline=None, max_examples=60)
@given(told())
def test_what_falls_is_what_another_solver_gives_no_room(case: tuple[Sums, list[int]]) -> None:
    sums, sizes = case
    _, falls = certain(sums, world(sizes), "2030")
    fell = {(NAMES.index(fall.what), GROUPS[int(fall.group[0])]) for fall in falls}
    assert fell == {at for at in ranges(sums, sizes) if _room(sums, sizes, *at) < APART}


def _room(sums: Sums, sizes: Sequence[int], kind: int, group: Sequence[int]) -> float:
    """How far apart the least and the most of a statement are, by SciPy's own linear programmes."""
    equal, rows = [], []
    for figure in sums.figures:
        row = np.zeros((KINDS, CELLS))
        row[figure.kind, figure.cells] = 1
        rows += [(row, figure.most), (-row, -figure.least)] if figure.most < np.inf else []
    for law, cell in product(sums.laws, range(CELLS)):
        row = np.zeros((KINDS, CELLS))
        row[:, cell] = law.factors
        (equal if law.equal else rows).append((row, law.known * sizes[cell]))
    given_: dict[str, object] = {}
    for name, parts in (("ub", rows), ("eq", equal)):
        if parts:
            given_[f"A_{name}"] = np.array([row.ravel() for row, _ in parts])
            given_[f"b_{name}"] = np.array([right for _, right in parts])
    goal = np.zeros((KINDS, CELLS))
    goal[kind, list(group)] = 1
    bounds = [(0, size) for _ in range(KINDS) for size in sizes]
    least, most = (
        linprog(sign * goal.ravel(), bounds=bounds, method="highs-ipm", **given_).fun
        for sign in (1, -1)
    )
    return -most - least


def test_most_statements_about_figures_with_room_need_no_programme(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = np.array([[1, 0, 2], [0, 1, 0], [1, 1, 0]])
    sizes = [2, 2, 2]
    figures = [
        Figure(kind, np.array(group), n - 1, n + 1)
        for kind, group in product(range(KINDS), GROUPS)
        for n in [int(people[kind, list(group)].sum())]
    ]
    sums = Sums(
        "made_up", KINDS, figures, (PARTITION,), dict(zip(NAMES, range(3), strict=True)), people
    )
    monkeypatch.setattr("iomdash.disclosure.attacker.certain.Known.same", lambda *_: 1 / 0)
    assert certain(sums, world(sizes), "2030") == (len(NAMES) * len(GROUPS), [])


def test_figures_that_no_people_could_have_given_are_a_contradiction() -> None:
    everybody = np.arange(CELLS)
    figures = [Figure(0, everybody, 5, 6)]
    sums = Sums("made_up", KINDS, figures, (), {"a": 0}, np.zeros((KINDS, CELLS), dtype=int))
    _, [fall] = certain(sums, world([1, 1, 1]), "2030")
    assert fall.how == CONTRADICTION


def test_a_figure_with_room_on_one_side_only_is_refuted_by_two_people() -> None:
    """One more of a kind in a cell would be one too many of all; one fewer beside it makes room."""
    figures = [Figure(0, np.arange(CELLS), 1, 1)]
    one = np.array([[1, 0, 0]])
    sums = Sums("made_up", 1, figures, (), {"a": 0}, one)
    near = Moved(sums, np.array([1, 1, 1]), one)
    assert not near.alone.any()
    assert near.exchanged(0, rows_of([1], [*range(CELLS)])).tolist() == [True, False]


# ------------------------------------------------------------------------------------ curves

CURVE = BY_ID["time_in_cohort"]
# Of three cohorts one is of few.
PEOPLE = {"PPO": 20, "HCCU": 20, "SPOS": 3}
TOLD = (EVERYONE, "PPO", "HCCU")
PLACE = ("NPS", "statutory", "tipton")


def curve(*steps: tuple[str, int, int], still_in: Sequence[int] = ()) -> list[str]:
    """What falls of the few where of cohorts so many are told to have left in a month; and so many
    of everybody and of each of the others never did.
    """
    people = pl.DataFrame(
        [(n, *stay, "2030 Q1") for cohort, size in PEOPLE.items() for n, stay in
         enumerate([(cohort, *PLACE)] * size, 100 * [*PEOPLE].index(cohort))],
        schema=["person", *AGENCY_FILTERS], orient="row",
    )  # fmt: skip
    rows = pl.DataFrame(
        [(cohort, *(EVERYONE,) * 3, "2030", month, what, n, None) for what, cohort, month, n in (
            *(("left", *step) for step in steps),
            *(("still_in", group, 9, n) for group, n in zip(TOLD, still_in, strict=False)),
        )],
        schema=[*AGENCY_FILTERS, "month", "what", "n", "hidden"], orient="row",
    ).with_columns(pl.col("hidden").cast(pl.String))  # fmt: skip
    there = World.of(people, AgencyRules(), AGENCY_FILTERS)
    _, falls = certain(sums(CURVE, [(rows, there)], AgencyRules(), pl.DataFrame()), there, "2030")
    return sorted({fall.what for fall in falls if fall.group[0] == "SPOS"})


@pytest.mark.parametrize(
    ("by_3", "fallen"),
    [
        # 21 or more have left, and 9 at most of each of the others: so all three of the few have.
        ((25, 5, 5), ["left 3", "still_in 3"]),
        ((20, 5, 5), []),
        ((25, 5, 10), []),
        ((25, 10, 10), []),
    ],
)
def test_a_curve_is_attacked_by_each_month_though_its_end_leaves_everything_open(
    by_3: tuple[int, int, int], fallen: list[str]
) -> None:
    ends = (40, 20, 20)
    steps = [(group, 3, n) for group, n in zip(TOLD, by_3, strict=True)]
    later = [(group, 9, end - n) for group, n, end in zip(TOLD, by_3, ends, strict=True)]
    assert curve(*steps, *later) == fallen


def test_few_who_had_left_in_the_end_are_found_as_before() -> None:
    steps = [(group, 9, n) for group, n in zip(TOLD, (25, 5, 5), strict=True)]
    assert curve(*steps, still_in=(20, 15, 15)) == ["left at the end", "still_in at the end"]
