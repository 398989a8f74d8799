"""The worlds that could give agencies' figures: who is where, and what figures say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import numpy as np
import polars as pl

from iomdash.declared.agencies.groups import STAY
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.policy import AgencyRules

CONTRADICTION = "no people could have given these figures"
Group = tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """People of a kind, by number, in some cells: at least and at most so many."""

    kind: int
    cells: np.ndarray
    least: float
    most: float


@dataclass(frozen=True)
class Law:
    """What adds up in every cell: the sum of the kinds, each times its factor, is `known` times the
    people of the cell, or at most that unless it is `equal`.
    """

    factors: np.ndarray
    known: int
    equal: bool


@dataclass(frozen=True)
class Sums:
    """What figures of one measure say: how many `kinds` of people they count, which numbers fit
    them, and the kinds `asked` of groups of few, by name. `likely` are numbers to begin with, by
    kind and cell, which need not fit.
    """

    measure: str
    kinds: int
    figures: Sequence[Figure]
    laws: Sequence[Law]
    asked: Mapping[str, int]
    likely: np.ndarray


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
    def few(self) -> np.ndarray:
        """Of each group of few a row, which has 1 for a cell that it holds."""
        rows = np.zeros((len(self.small), len(self.cells)), dtype=np.int64)
        for row, (_, _, cells) in zip(rows, self.small, strict=True):
            row[cells] = 1
        return rows

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
    ordered, ends = cells[order], np.cumsum(np.bincount(flat)).tolist()
    return [ordered[first:end] for first, end in pairwise([0, *ends])]
