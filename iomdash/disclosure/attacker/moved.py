"""Worlds that are near one that fits: somebody moved in one cell, or somebody in each of two.

A *move* is one person more or fewer of a kind, or of two kinds, as equal laws allow. Whatever is
found here is another world that gives the same figures; where nothing is, there may be others.
"""

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations_with_replacement, product

import numpy as np

from iomdash.disclosure.attacker.worlds import Figure, Sums
from iomdash.disclosure.solvers import WHOLE

# More (1) or fewer (-1) by kind; and beside it, in which cells laws allow that.
Move = Mapping[int, int]
Lawful = tuple[Move, np.ndarray]
SIGNS = (1, -1)


class Moved:
    """The worlds beside `one`, which is numbers by kind and cell, that give the same figures."""

    def __init__(self, given: Sums, sizes: np.ndarray, one: np.ndarray) -> None:
        self._laws, self._sizes, self._one = given.laws, sizes, one
        figures = [[f for f in given.figures if f.kind == kind] for kind in range(given.kinds)]
        self._kinds = [_Kind(f, n, sizes) for f, n in zip(figures, one, strict=True)]
        self._exchanges: dict[int, np.ndarray] = {}

    @cached_property
    def alone(self) -> np.ndarray:
        """Of which kinds a move in a cell alone gives another world, by kind and cell."""
        moved = np.zeros(self._one.shape, dtype=bool)
        for move, lawful in self._moves:
            kinds = [*move]
            if not moved[kinds].all():
                room = [self._kinds[kind].room[sign] >= 1 for kind, sign in move.items()]
                moved[kinds] |= np.logical_and.reduce([lawful, *room])
        return moved

    def exchanged(self, kind: int, sets: np.ndarray) -> np.ndarray:
        """Of sets of cells, rows of 0 and 1, none of them empty, whether a move of a kind in one of
        theirs does, with another beside them that takes back what they have in common.
        """
        if not len(sets):
            return np.zeros(0, dtype=bool)
        rows, cells = np.nonzero(sets)
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        beside = np.logical_or.reduceat(self._taken_back(kind)[cells], first, axis=0)
        return np.any(beside & (sets == 0), axis=1)

    def _taken_back(self, kind: int) -> np.ndarray:
        """For which two cells a move of a kind in the first and one in the second that takes it
        back give another world.
        """
        if kind not in self._exchanges:
            here = [move for move in self._moves if kind in move[0]]
            fits = np.zeros((len(self._sizes), len(self._sizes)), dtype=bool)
            for one, other in product(here, self._moves):
                if _opposite(one[0], other[0]):
                    fits |= self._together(one, other)
            self._exchanges[kind] = fits
        return self._exchanges[kind]

    def _together(self, one: Lawful, other: Lawful) -> np.ndarray:
        """For which two cells one move in the first and another in the second do together."""
        (here, lawful), (there, lawful_there) = one, other
        fits = lawful[:, None] & lawful_there
        for kind in here.keys() | there.keys():
            fits &= self._kinds[kind].both(here.get(kind, 0), there.get(kind, 0))
        return fits

    @cached_property
    def _moves(self) -> list[Lawful]:
        """Every move, and in which cells laws allow it."""
        return [
            (move, lawful)
            for one, other in combinations_with_replacement(range(len(self._kinds)), 2)
            for signs in product(SIGNS, repeat=1 if one == other else 2)
            for move in [dict(zip((one, other), signs, strict=False))]
            for lawful in [self._lawful(move)]
            if lawful.any()
        ]

    def _lawful(self, move: Move) -> np.ndarray:
        """In which cells no law is broken by a move."""
        fits = np.ones(len(self._sizes), dtype=bool)
        for law in self._laws:
            by = sum(sign * int(law.factors[kind]) for kind, sign in move.items())
            left = law.known * self._sizes - law.factors @ self._one
            fits &= (by == 0) if law.equal else (by <= left)
        return fits


def _opposite(one: Move, other: Move) -> bool:
    """Whether two moves have kinds in common, and each is one more of them where the other is one
    fewer.
    """
    both = one.keys() & other.keys()
    return bool(both) and all(one[kind] == -other[kind] for kind in both)


class _Kind:
    """One kind: which cells its figures hold, and how far they are from their ends."""

    def __init__(self, figures: list[Figure], numbers: np.ndarray, sizes: np.ndarray) -> None:
        self._inside = np.zeros((len(figures), len(sizes)), dtype=bool)
        for row, figure in zip(self._inside, figures, strict=True):
            row[figure.cells] = True
        told = self._inside @ numbers
        most = np.array([figure.most for figure in figures]) - told
        least = told - np.array([figure.least for figure in figures])
        # How many more, or fewer, by figure and by cell.
        self._figures = {1: most + WHOLE, -1: least + WHOLE}
        self._cells = {1: sizes - numbers + WHOLE, -1: numbers + WHOLE}
        self._pairs: dict[tuple[int, int], np.ndarray] = {}

    @cached_property
    def room(self) -> Mapping[int, np.ndarray]:
        """How many more, or fewer, figures leave room for in a cell, by sign."""
        wide = {
            s: np.where(self._inside, left[:, None], np.inf) for s, left in self._figures.items()
        }
        return {s: np.minimum(self._cells[s], wide[s].min(axis=0, initial=np.inf)) for s in SIGNS}

    def both(self, here: int, there: int) -> np.ndarray:
        """For which two cells there is room for a person more, or fewer, in the first and for the
        opposite in the second, or for none where a sign is 0: a figure at its end must hold both.
        """
        if (here, there) not in self._pairs:
            self._pairs[here, there] = self._both(here, there)
        return self._pairs[here, there]

    def _both(self, here: int, there: int) -> np.ndarray:
        every = np.ones(self._inside.shape[1], dtype=bool)
        if not (here and there):
            fits = [self.room[sign] >= 1 if sign else every for sign in (here, there)]
            return fits[0][:, None] & fits[1]
        fits = (self._cells[here] >= 1)[:, None] & (self._cells[there] >= 1)
        for sign, axis in ((here, 1), (there, 0)):
            at_end = self._inside[self._figures[sign] < 1].astype(float)
            together = at_end.T @ at_end
            fits &= together == np.expand_dims(together.diagonal(), axis)
        return fits
