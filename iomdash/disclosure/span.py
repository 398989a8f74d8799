"""What can be worked out of shown groups by adding and subtracting them.

People stand in *atoms*, and a group is a row of 0 and 1 over them. Whatever can be computed
from groups lies in their span; a set of people lies in it exactly if every vector that is
orthogonal to all groups is orthogonal to the set. `Span` keeps random such vectors, modulo a
prime, so that a set is tested by one sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

P = 2**31 - 1
SEED = 20261125
HASHES = 2
MOST_SETS = 400_000

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


class Span:
    """The groups added so far, as independent rows of which each alone uses its pivot atom.

    `hashes`: per atom, random numbers whose sums over a set are all 0 exactly if it can be worked
    out. A group touches the rows whose pivots lie in it and those that use its own, which are few
    where groups are nested, so that adding one takes far less than going through all rows.
    """

    def __init__(self, atoms: int, most: int) -> None:
        self._rows = np.zeros((min(most, atoms), atoms), dtype=np.int64)
        self._pivots = np.zeros(min(most, atoms), dtype=np.int64)
        self._rank = 0
        # How many rows use each atom.
        self._uses = np.zeros(atoms, dtype=np.int64)
        self.hashes: Ints = np.random.default_rng(SEED).integers(1, P, size=(atoms, HASHES))

    def new(self, group: Ints | Bools) -> Ints | None:
        """What of a group the others leave, as a row; None if it can be worked out already.

        Instead of a group it may be any row of whole numbers over the atoms.
        """
        at = group[self._pivots[: self._rank]].astype(np.int64)
        inside = np.flatnonzero(at)
        row = (group - (at[inside, None] * self._rows[inside] % P).sum(axis=0)) % P
        if not row.any():
            return None
        used = np.flatnonzero(row)
        pivot = used[self._uses[used].argmin()]
        return row * _inverse(int(row[pivot])) % P

    def hashes_with(self, row: Ints) -> Ints:
        """The hashes when a row of `new` is added."""
        pivot, using = self._pivot(row)
        short = (row[:, None] * self.hashes % P).sum(axis=0) % P
        hashes = self.hashes.copy()
        hashes[pivot] = (hashes[pivot] - short) % P
        factors = self._rows[using, pivot][:, None]
        moved = self._pivots[using]
        hashes[moved] = (hashes[moved] + factors * short[None, :]) % P
        return hashes

    def add(self, row: Ints) -> None:
        """Take in a row of `new`."""
        self.hashes = self.hashes_with(row)
        pivot, using = self._pivot(row)
        old = self._rows[using]
        left = (old - old[:, [pivot]] * row[None, :]) % P
        self._uses += (left != 0).sum(axis=0) - (old != 0).sum(axis=0) + (row != 0)
        self._rows[using] = left
        self._rows[self._rank], self._pivots[self._rank] = row, pivot
        self._rank += 1

    def _pivot(self, row: Ints) -> tuple[int, Ints]:
        """The row's own atom, and the rows that use it."""
        one = np.flatnonzero(row == 1)
        pivot = int(one[self._uses[one].argmin()])
        return pivot, np.flatnonzero(self._rows[: self._rank, pivot])


def orthogonal(rows: Sequence[Mapping[int, int]], width: int) -> Ints:
    """Per unknown, numbers whose sums over a set are all 0 exactly if it can be worked out of rows
    of coefficients by unknown.
    """
    span = Span(width, len(rows))
    for row in rows:
        dense = np.zeros(width, dtype=np.int64)
        dense[list(row)] = [*row.values()]
        if (left := span.new(dense)) is not None:
            span.add(left)
    return span.hashes


def _inverse(value: int) -> int:
    return pow(value, -1, P)


def classes(groups: Iterable[Bools], atoms: int) -> Ints:
    """Number of the class of each atom: atoms that no group tells apart share one."""
    incidence = [*groups]
    if not incidence:
        return np.zeros(atoms, dtype=np.int64)
    _, labels = np.unique(np.array(incidence), axis=1, return_inverse=True)
    return np.asarray(labels, dtype=np.int64).reshape(-1)


def refine(labels: Ints, group: Bools) -> Ints:
    """Numbers of the classes when one group more tells atoms apart."""
    _, pairs = np.unique(labels * 2 + group, return_inverse=True)
    return np.asarray(pairs, dtype=np.int64).reshape(-1)


def sums(values: Ints, labels: Ints) -> Ints:
    """Sums of rows of `values` by class, modulo P."""
    table = np.zeros((int(labels.max(initial=-1)) + 1, *values.shape[1:]), dtype=np.int64)
    np.add.at(table, labels, values)
    return table % P


@dataclass(frozen=True)
class Search:
    """Sets of few people that can be worked out, and whether all could be tried."""

    sets: tuple[tuple[int, ...], ...]
    tried: int
    complete: bool


def small_sets(
    values: Ints, weights: Sequence[int], below: int, *, signed: bool = False, most: int = MOST_SETS
) -> Search:
    """Sets of classes with fewer than `below` people whose `values` sum to 0 modulo P.

    `signed` also takes classes off each other: the difference of two small classes. A set that
    holds another such set is not named. Too many sets are tried smallest number of classes first.
    """
    heads = np.array(weights, dtype=np.int64)
    usable = np.flatnonzero((heads > 0) & (heads < below))
    sets: list[tuple[int, ...]] = []
    members = usable[:, None]
    totals, people = values[usable], heads[usable]
    tried, complete = 0, True
    while len(members):
        tried += len(members)
        zero = ~totals.any(axis=1)
        sets += [tuple(int(m) for m in row) for row in members[zero]]
        members, totals, people = members[~zero], totals[~zero], people[~zero]
        if len(members) * max(len(usable), 1) > most:
            complete = complete and _is_last(people, heads[usable], below)
            break
        members, totals, people = _longer(
            members, totals, people, usable, values, heads, below, signed=signed
        )
    return Search(tuple(sets), tried, complete)


def _is_last(people: Ints, heads: Ints, below: int) -> bool:
    """Whether no set could take another class in."""
    return not len(people) or int(people.min() + heads.min(initial=below)) >= below


def _longer(
    members: Ints, totals: Ints, people: Ints, usable: Ints, values: Ints, heads: Ints, below: int,
    *, signed: bool,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Every set with one class more, of a higher number than its others."""
    fits = (members[:, -1:] < usable[None, :]) & (people[:, None] + heads[usable][None, :] < below)
    rows, columns = np.nonzero(fits)
    new = usable[columns]
    grown = np.column_stack([members[rows], new])
    weight = people[rows] + heads[new]
    plus = (totals[rows] + values[new]) % P
    if not signed:
        return grown, plus, weight
    minus = (totals[rows] - values[new]) % P
    return np.vstack([grown, grown]), np.vstack([plus, minus]), np.concatenate([weight, weight])
