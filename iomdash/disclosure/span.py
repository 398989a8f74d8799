"""What can be worked out of shown groups by adding and subtracting them.

People stand in *atoms*, and a group is a row of 0 and 1 over them. Whatever can be computed
from groups lies in their span; a set of people lies in it exactly if every vector that is
orthogonal to all groups is orthogonal to the set. `Span` keeps random such vectors, modulo a
prime, so that a set is tested by one sum; the attacker tests the same without chance, over
the integers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

P = 2**31 - 1
SEED = 20261125
HASHES = 2
MOST_SETS = 400_000

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Span:
    """Random vectors orthogonal to every group added so far: `null` is atoms x vectors."""

    null: Ints
    mix: Ints

    @staticmethod
    def empty(atoms: int, groups: int) -> "Span":
        """The span of nothing, ready for `groups` groups over `atoms` atoms."""
        dice = np.random.default_rng(SEED)
        width = groups + HASHES
        null = dice.integers(1, P, size=(atoms, width), dtype=np.int64)
        return Span(null, dice.integers(1, P, size=(width, HASHES), dtype=np.int64))

    def add(self, group: Bools) -> "Span":
        """The span with one group more; the same if it can be worked out already."""
        along = self.null[group].sum(axis=0) % P
        if not along.any():
            return self
        pivot = int(along.argmax())
        factor = along * _inverse(int(along[pivot])) % P
        left = (self.null - self.null[:, [pivot]] * factor[None, :]) % P
        return Span(np.delete(left, pivot, axis=1), np.delete(self.mix, pivot, axis=0))

    def hashes(self) -> Ints:
        """Per atom, numbers whose sums over a set are all 0 exactly if it can be worked out."""
        if not self.null.shape[1]:
            return np.zeros((len(self.null), HASHES), dtype=np.int64)
        return np.column_stack([_product(self.null, self.mix[:, i]) for i in range(HASHES)])


def _inverse(value: int) -> int:
    return pow(value, -1, P)


def _product(matrix: Ints, vector: Ints) -> Ints:
    return ((matrix * vector[None, :]) % P).sum(axis=1) % P


def classes(groups: Iterable[Bools], atoms: int) -> Ints:
    """Number of the class of each atom: atoms that no group tells apart share one."""
    incidence = [*groups]
    if not incidence:
        return np.zeros(atoms, dtype=np.int64)
    _, labels = np.unique(np.array(incidence), axis=1, return_inverse=True)
    return np.asarray(labels, dtype=np.int64).reshape(-1)


def refine(labels: Ints, group: Bools) -> Ints:
    """Numbers of the classes when one group more tells atoms apart."""
    _, found = np.unique(labels * 2 + group, return_inverse=True)
    return np.asarray(found, dtype=np.int64).reshape(-1)


def sums(values: Ints, labels: Ints) -> Ints:
    """Sums of rows of `values` by class, modulo P."""
    found = np.zeros((int(labels.max(initial=-1)) + 1, *values.shape[1:]), dtype=np.int64)
    np.add.at(found, labels, values)
    return found % P


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
    found: list[tuple[int, ...]] = []
    members = usable[:, None]
    totals, people = values[usable], heads[usable]
    tried, complete = 0, True
    while len(members):
        tried += len(members)
        zero = ~totals.any(axis=1)
        found += [tuple(int(m) for m in row) for row in members[zero]]
        members, totals, people = members[~zero], totals[~zero], people[~zero]
        if len(members) * max(len(usable), 1) > most:
            complete = complete and _is_last(people, heads[usable], below)
            break
        members, totals, people = _longer(
            members, totals, people, usable, values, heads, below, signed=signed
        )
    return Search(tuple(found), tried, complete)


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
