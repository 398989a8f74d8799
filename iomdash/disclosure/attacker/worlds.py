"""The worlds that could give agencies' figures: who is where, and what is so in all of them.

A statement is certain where no world that gives the same figures has another number.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import polars as pl

from iomdash.declared.agencies.groups import STAY
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.policy import AgencyRules
from iomdash.disclosure.solvers import Programme

# Whole people: a world in which less than half a person moves is no other one.
APART = 0.5
CONTRADICTION = "no people could have given these figures"
# How many worlds in a row may be like the first before each statement that is left is tried alone.
FRUITLESS = 3
Group = tuple[str, ...]
# Unknowns with their factors, and the least and the most of their sum.
Tie = tuple[Mapping[int, float], float, float]
# A what and a group of few, both by number, and the unknowns that each such statement is of.
Statement = tuple[int, int]
Owned = Mapping[Statement, np.ndarray]


@dataclass(frozen=True)
class Sums:
    """What figures of one measure say: how many `kinds` of people they count, which numbers fit
    them, and what is `asked` of groups of few, each thing by the kinds that have it.

    The unknown of a kind and a cell stands at kind * cells + cell.
    """

    measure: str
    kinds: int
    ties: Sequence[Tie]
    asked: Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Fallen:
    """What a reader can be certain of, in words without the figure, and of how many people."""

    measure: str
    what: str
    group: Group
    people: int
    how: str

    @property
    def words(self) -> str:
        """The statement as a message."""
        chosen = ", ".join(part for part in self.group if part != EVERYONE)
        of = f"{self.measure} {self.what}".rstrip()
        return f"{of}, {chosen or 'everybody'}: {self.how}"


@dataclass(frozen=True)
class World:
    """Who is where in one period: the size of each cell of all filters, and every group of few.

    A person in two cells counts in both, so many times at most in a group. Of a year the cells are
    those of each of its quarters.
    """

    cells: tuple[Group, ...]
    sizes: np.ndarray
    small: tuple[tuple[Group, int, np.ndarray], ...]
    sizes_of: Mapping[Group, int]
    times_of: Mapping[Group, int]
    known: dict[Group, np.ndarray] = field(default_factory=dict[Group, np.ndarray])

    @classmethod
    def of(cls, people: pl.DataFrame, rules: AgencyRules, by: Sequence[str] = STAY) -> "World":
        """From rows person, cohort, provider, supervision, area, and quarter where cells are `by`
        quarter too.
        """
        who: dict[Group, set[int]] = {}
        for person, *cell in people.select("person", *by).iter_rows():
            who.setdefault(tuple(cell), set()).add(person)
        cells = tuple(sorted(who))
        named: dict[Group, list[int]] = {}
        for chosen in product((True, False), repeat=len(by)):
            for i, cell in enumerate(cells):
                pairs = zip(cell, chosen, strict=True)
                named.setdefault(tuple(c if o else EVERYONE for c, o in pairs), []).append(i)
        in_cells = {g: Counter(p for i in at for p in who[cells[i]]) for g, at in named.items()}
        sizes_of = {group: len(times) for group, times in in_cells.items()}
        times_of = {group: max(times.values()) for group, times in in_cells.items()}
        small = tuple(
            (group, sizes_of[group], np.array(at))
            for group, at in named.items() if sizes_of[group] < rules.smallest_count
        )  # fmt: skip
        sizes = np.array([len(who[cell]) for cell in cells])
        return cls(cells, sizes, small, sizes_of, times_of)

    def named(self, small: int, period: str) -> Group:
        """A group of few with its period, as figures name them."""
        group = self.small[small][0]
        return group if group[len(STAY) :] not in ((), (EVERYONE,)) else (*group[:4], period)

    @cached_property
    def table(self) -> np.ndarray:
        """The cells, a row for each and a column for each filter."""
        return np.array(self.cells)

    def inside(self, group: Group) -> np.ndarray:
        """Which cells a group holds."""
        if group not in self.known:
            chosen = [i for i, value in enumerate(group) if value != EVERYONE]
            same = self.table[:, chosen] == np.array(group)[chosen]
            self.known[group] = np.flatnonzero(same.all(axis=1))
        return self.known[group]


class Known:
    """Worlds that give the figures: rows of people that lie between two numbers."""

    def __init__(self, ties: Sequence[Tie], most: np.ndarray) -> None:
        self._ties, self._most = ties, most
        rows, low, high = zip(*ties, strict=True)
        self._programme = Programme(rows, low, high, most)

    def world(self, goal: np.ndarray) -> np.ndarray | None:
        """The world with the least sum of people, each times its goal; None where there is none."""
        return self._programme.least(goal)

    def may(self, fewest: np.ndarray) -> np.ndarray:
        """Which unknowns can be above 0, by one programme.

        Of worlds that each have another unknown above 0 the mean has all of them so, if by little:
        as many as possible are counted, each up to that little.
        Source: Freund, Roundy and Todd 1985.
        """
        wide = len(fewest)
        little = APART / (wide + 1)
        counted = [({wide + i: 1.0, i: -1.0}, -np.inf, 0.0) for i in range(wide)]
        upper = np.concatenate([self._most, np.full(wide, little)])
        rows, low, high = zip(*self._ties, *counted, strict=True)
        both = Programme(rows, low, high, upper)
        solution = both.least(np.concatenate([np.zeros(wide), -np.ones(wide)]))
        return fewest > APART if solution is None else solution[wide:] > little / 2


def certain(given: Sums, world: World, period: str) -> tuple[int, list[Fallen]]:
    """How many statements were tried, each of a group of few and some kinds, and those that are
    certain: in the world with fewest they have a number, and in no world another one.
    """
    cells = len(world.cells)
    if not given.ties or not world.small:
        return 0, []
    known = Known(given.ties, np.tile(world.sizes, given.kinds))
    fewest = known.world(np.ones(given.kinds * cells))
    if fewest is None:
        everybody = (*(EVERYONE,) * len(STAY), period)
        return 0, [Fallen(given.measure, "", everybody, 0, CONTRADICTION)]
    may = known.may(fewest)
    some = {(k, i): np.add.outer(np.array(kinds) * cells, inside).ravel()
            for k, kinds in enumerate(given.asked.values())
            for i, (_, _, inside) in enumerate(world.small)}  # fmt: skip
    people, possible = (_sums(numbers, some.values()) for numbers in (fewest, may))
    sure = [at for at, n, more in zip(some, people, possible, strict=True) if n <= APART > more]
    left = [at for at, n in zip(some, people, strict=True) if n > APART]
    dice = np.random.default_rng(0)
    fruitless = 0
    while left and fruitless < FRUITLESS:
        other = known.world(dice.uniform(-1, 1, len(fewest)))
        alike = _alike(fewest, other, left, some)
        fruitless = fruitless + 1 if alike.all() else 0
        left = [at for at, still in zip(left, alike, strict=True) if still]
    for at in left:
        goal = np.zeros(len(fewest))
        goal[some[at]] = 1
        ends = [known.world(sign * goal) for sign in (1.0, -1.0)]
        sure += [at] if all(_alike(fewest, end, [at], some).all() for end in ends) else []
    how, names = "only one number is possible", [*given.asked]
    falls = [
        Fallen(given.measure, names[k], world.named(i, period), world.small[i][1], how)
        for k, i in sure
    ]
    return len(some), falls


def _alike(
    one: np.ndarray, other: np.ndarray | None, left: Sequence[Statement], some: Owned
) -> np.ndarray:
    """Of which statements two worlds give the same number."""
    if other is None:
        return np.ones(len(left), dtype=bool)
    return np.abs(_sums(one - other, [some[at] for at in left])) < APART


def _sums(numbers: np.ndarray, sets: Collection[np.ndarray]) -> np.ndarray:
    """The sum over each of some sets of unknowns, none of which is empty."""
    if not sets:
        return np.zeros(0)
    starts = np.cumsum([0, *map(len, sets)][:-1])
    return np.add.reduceat(numbers[np.concatenate([*sets])].astype(float), starts)
