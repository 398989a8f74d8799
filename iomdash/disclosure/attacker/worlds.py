"""The worlds that could give agencies' figures: who is where, and what is so in all of them.

A statement is certain where no world that gives the same figures has another number.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
    those of each of its quarters. `small` has a group of few, its people and its cells.
    """

    cells: tuple[Group, ...]
    sizes: np.ndarray
    small: tuple[tuple[Group, int, np.ndarray], ...]
    sizes_of: Mapping[Group, int]
    times_of: Mapping[Group, int]
    known: Mapping[Group, np.ndarray]

    @classmethod
    def of(cls, people: pl.DataFrame, rules: AgencyRules, by: Sequence[str] = STAY) -> "World":
        """From rows person, cohort, provider, supervision, area, and quarter where cells are `by`
        quarter too.
        """
        stays = people.select("person", *by).unique().sort(by)
        at = stays.select(pl.struct(by).rle_id()).to_series().to_numpy().astype(np.int64)
        cells = tuple(stays.select(by).unique(maintain_order=True).rows())
        person = np.unique(stays["person"].to_numpy(), return_inverse=True)[1]
        groups, number = _groups(cells)
        known = _collected(number, np.tile(np.arange(len(cells)), len(number)))
        how_many = int(person.max()) + 1
        pairs, times = np.unique((number[:, at] * how_many + person).ravel(), return_counts=True)
        group = pairs // how_many
        sizes = np.bincount(group)
        most = np.maximum.reduceat(times, np.cumsum(sizes) - sizes)
        small = tuple(
            (groups[i], int(sizes[i]), known[i])
            for i in np.flatnonzero(sizes < rules.smallest_count)
        )
        return cls(
            cells, np.bincount(at), small,
            dict(zip(groups, sizes.tolist(), strict=True)),
            dict(zip(groups, most.tolist(), strict=True)),
            dict(zip(groups, known, strict=True)),
        )  # fmt: skip

    def named(self, small: int, period: str) -> Group:
        """A group of few with its period, as figures name them."""
        group = self.small[small][0]
        return group if group[len(STAY) :] not in ((), (EVERYONE,)) else (*group[:4], period)

    @cached_property
    def nobody(self) -> np.ndarray:
        """No cells."""
        return np.zeros(0, dtype=np.int64)

    def inside(self, group: Group) -> np.ndarray:
        """Which cells a group holds."""
        return self.known.get(group, self.nobody)


def _groups(cells: Sequence[Group]) -> tuple[list[Group], np.ndarray]:
    """Every group that holds one of the cells; and the number of that of each cell, a row for each
    choice of filters.
    """
    table = np.array(cells)
    codes = [np.unique(column, return_inverse=True)[1] for column in table.T]
    groups: list[Group] = []
    numbers: list[np.ndarray] = []
    for chosen in product((True, False), repeat=len(codes)):
        code = np.zeros(len(cells), dtype=np.int64)
        for values, on in zip(codes, chosen, strict=True):
            code = code * (values.max() + 1) + values if on else code
        _, first, number = np.unique(code, return_index=True, return_inverse=True)
        numbers.append(number + len(groups))
        groups += map(tuple, np.where(chosen, table[first], EVERYONE).tolist())
    return groups, np.array(numbers)


def _collected(number: np.ndarray, cells: np.ndarray) -> list[np.ndarray]:
    """The cells of each group, in order."""
    flat = number.ravel()
    order = np.argsort(flat, kind="stable")
    return np.split(cells[order], np.cumsum(np.bincount(flat))[:-1])


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
