# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false
# SciPy carries no types; what leaves this module does.
"""What is so in every world that gives agencies' figures.

A statement is certain where no world that gives the same figures has another number. One world that
fits is enough to refute most: somebody is moved from one kind to another, where need be with
somebody of another cell, and where all figures still fit nothing is certain of these kinds there.
What no such move refutes is left to linear programmes, which decide. Numbers are by kind and cell.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from iomdash.declared.agencies.groups import STAY
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.attacker.moved import Moved
from iomdash.disclosure.attacker.worlds import CONTRADICTION, Fallen, Figure, Law, Sums, World
from iomdash.disclosure.solvers import Programme

# Whole people: a world in which less than half a person moves is no other one.
APART = 0.5
SURE = "only one number is possible"


def certain(given: Sums, world: World, period: str) -> tuple[int, list[Fallen]]:
    """How many statements were tried, each of a group of few and a kind, and those that are
    certain: no world has another number.
    """
    if not given.figures or not world.small:
        return 0, []
    falls = [fall for part in _apart(given) for fall in _certain(part, world, period)]
    return len(given.asked) * len(world.small), falls


def _apart(given: Sums) -> Iterator[Sums]:
    """Kinds that no law ties to each other, which are nothing to each other."""
    laws = np.array([law.factors != 0 for law in given.laws]).reshape(-1, given.kinds)
    number, part = csgraph.connected_components(sparse.csr_array(laws.T @ laws))
    figures: list[list[Figure]] = [[] for _ in range(number)]
    for figure in given.figures:
        figures[part[figure.kind]].append(figure)
    for one in range(number):
        kinds = np.flatnonzero(part == one)
        at = {kind: i for i, kind in enumerate(kinds.tolist())}
        yield Sums(
            given.measure, len(kinds),
            [Figure(at[f.kind], f.cells, f.least, f.most) for f in figures[one]],
            [Law(law.factors[kinds], law.known, law.equal)
             for law in given.laws if law.factors[kinds].any()],
            {name: at[kind] for name, kind in given.asked.items() if kind in at},
            given.likely[kinds],
        )  # fmt: skip


def _certain(given: Sums, world: World, period: str) -> Iterator[Fallen]:
    known = Known(given, world)
    one = known.nearest(given.likely)
    if one is None:
        everybody = (*(EVERYONE,) * len(STAY), period)
        yield Fallen(given.measure, "", everybody, 0, CONTRADICTION)
        return
    near = Moved(given, world.sizes, one)
    left = near.alone.astype(float) @ world.few.T == 0
    for name, kind in given.asked.items():
        alone = np.flatnonzero(left[kind])
        for i in alone[~near.exchanged(kind, world.few[alone])].tolist():
            _, people, cells = world.small[i]
            if known.same(one, kind, cells):
                yield Fallen(given.measure, name, world.named(i, period), people, SURE)


class Known:
    """The worlds that give some figures, and in which all laws hold."""

    def __init__(self, given: Sums, world: World) -> None:
        self._given, self._sizes = given, world.sizes
        self._shape = given.kinds, len(world.sizes)
        self._most = np.broadcast_to(world.sizes, self._shape).ravel().astype(float)
        self._found: list[np.ndarray] = []

    def nearest(self, likely: np.ndarray) -> np.ndarray | None:
        """The likely numbers where they fit, else a world that is as near to them as any; None
        where no world fits.
        """
        if self._fits(likely):
            return likely
        rows, least, most = self._rows
        near, wide = likely.ravel().astype(float), self._most.size
        one = sparse.eye_array(wide)
        # How far each number is above the likely one, and how far below it.
        away = sparse.block_array([[rows, None, None], [one, -one, one]]).tocsr()
        upper = np.concatenate([self._most, np.full(2 * wide, np.inf)])
        programme = Programme(away, np.append(least, near), np.append(most, near), upper)
        unknowns = programme.least(np.repeat([0.0, 1.0, 1.0], wide))
        return None if unknowns is None else unknowns[:wide].reshape(self._shape)

    def _fits(self, one: np.ndarray) -> bool:
        """Whether nothing that is told is contradicted."""
        sizes, laws = self._sizes, self._given.laws
        left = [law.known * sizes - law.factors @ one for law in laws]
        told, least, most = self._told @ one.ravel(), *self._ends
        return (
            bool(((one >= 0) & (one <= sizes)).all())
            and bool(((least <= told) & (told <= most)).all())
            and all((not law.equal or not some.any()) and (some >= 0).all()
                    for law, some in zip(laws, left, strict=True))
        )  # fmt: skip

    def same(self, one: np.ndarray, kind: int, cells: np.ndarray) -> bool:
        """Whether as many people are of a kind in some cells in every world as in one."""
        here = one[kind, cells].sum()
        worlds = self._worlds(kind, cells)
        return all(abs(world[kind, cells].sum() - here) < APART for world in worlds)

    def _worlds(self, kind: int, cells: np.ndarray) -> Iterator[np.ndarray]:
        """Those that were found so far, as an end of something is another world for much else; then
        the two in which most and fewest people are of a kind in some cells.
        """
        yield from self._found
        goal = np.zeros(self._shape)
        goal[kind, cells] = 1
        for sign in (1, -1):
            if (end := self._programme.least(sign * goal.ravel())) is not None:
                self._found.append(end.reshape(self._shape))
                yield self._found[-1]

    @cached_property
    def _told(self) -> sparse.csr_array:
        """A row for each figure, which has 1 for every number that it adds up."""
        inside = [f.kind * len(self._sizes) + f.cells for f in self._given.figures]
        starts = np.cumsum([0, *map(len, inside)])
        # Of some kinds no figure is told.
        columns = np.concatenate([np.zeros(0, dtype=np.int64), *inside])
        told = (np.ones(len(columns)), columns, starts)
        return sparse.csr_array(told, shape=(len(inside), self._most.size))

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The least and the most of each figure."""
        figures = self._given.figures
        return np.array([f.least for f in figures]), np.array([f.most for f in figures])

    @cached_property
    def _rows(self) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
        """All figures and laws as rows of a programme."""
        laws, (least_told, most_told) = self._given.laws, self._ends
        cells = sparse.eye_array(len(self._sizes))
        rows = sparse.vstack([
            self._told,
            *(sparse.kron(law.factors[None, :], cells) for law in laws),
        ])  # fmt: skip
        sums = [law.known * self._sizes.astype(float) for law in laws]
        least = [s if law.equal else s - np.inf for law, s in zip(laws, sums, strict=True)]
        return (
            rows.tocsr(),
            np.concatenate([least_told, *least]),
            np.concatenate([most_told, *sums]),
        )

    @cached_property
    def _programme(self) -> Programme:
        return Programme(*self._rows, self._most)
