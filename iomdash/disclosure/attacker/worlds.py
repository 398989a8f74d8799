"""The worlds that could give agencies' figures: who is where, and what is so in all of them.

A statement is certain where no world that gives the same figures has another number.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl

from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import STAY, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.policy import AgencyRules
from iomdash.disclosure.solvers import Programme
from iomdash.release.file import Row

# Whole people: a world in which less than half a person moves is no other one.
APART = 0.5
CONTRADICTION = "no people could have given these figures"
# How many worlds are tried before each statement that is left is tried by itself.
DIRECTIONS = 12
Group = tuple[str, ...]
# Unknowns with their factors, and the least and the most of their sum.
Tie = tuple[Mapping[int, float], float, float]
# A what and a group of few, both by number, and the unknowns that each such statement is of.
Statement = tuple[int, int]
Owned = Mapping[Statement, np.ndarray]


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

    A person in two cells counts in both.
    """

    cells: tuple[Group, ...]
    sizes: np.ndarray
    small: tuple[tuple[Group, int, np.ndarray], ...]
    sizes_of: Mapping[Group, int]
    known: dict[Group, np.ndarray] = field(default_factory=dict[Group, np.ndarray])

    @classmethod
    def of(cls, people: pl.DataFrame, rules: AgencyRules) -> "World":
        """From rows person, cohort, provider, supervision, area."""
        who: dict[Group, set[int]] = {}
        for person, *cell in people.select("person", *STAY).iter_rows():
            who.setdefault(tuple(cell), set()).add(person)
        cells = tuple(sorted(who))
        named: dict[Group, list[int]] = {}
        for chosen in product((True, False), repeat=len(STAY)):
            for i, cell in enumerate(cells):
                pairs = zip(cell, chosen, strict=True)
                named.setdefault(tuple(c if o else EVERYONE for c, o in pairs), []).append(i)
        sizes_of = {
            g: len(set[int]().union(*(who[cells[i]] for i in at))) for g, at in named.items()
        }
        small = tuple(
            (group, sizes_of[group], np.array(at))
            for group, at in named.items() if sizes_of[group] < rules.smallest_count
        )  # fmt: skip
        return cls(cells, np.array([len(who[cell]) for cell in cells]), small, sizes_of)

    def inside(self, group: Group) -> np.ndarray:
        """Which cells a group holds."""
        if group not in self.known:
            self.known[group] = np.flatnonzero(
                [all(g in (EVERYONE, c) for g, c in zip(group, cell, strict=True))
                 for cell in self.cells]
            )  # fmt: skip
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


def certain(
    measure: Measure, period: str, world: World, rows: Sequence[Row], rules: AgencyRules
) -> tuple[int, list[Fallen]]:
    """Statements about groups of few that hold in every world that gives these figures."""
    whats = [what for what in measure.whats if what not in measure.unpublished]
    if measure.id == "reoffending":
        whats = ["people", "reoffenders"]
    cells = len(world.cells)
    ties: list[Tie] = []
    for row in rows:
        if row["what"] in whats and is_quarter(period) and row["hidden"] != Reason.WORKED_OUT.value:
            base = whats.index(row["what"]) * cells
            inside = world.inside(tuple(row[f] for f in STAY))
            n, noise = row["n"], rules.noise
            least, most = (
                (0, rules.smallest_count - 1 + noise) if n is None else (n - noise, n + noise)
            )
            ties.append(({base + int(c): 1.0 for c in inside}, least, _open(most, n, world, row)))
    for cell in range(cells):
        if measure.adds_up:
            terms = {k * cells + cell: 1.0 for k in range(len(whats))}
            ties.append((terms, float(world.sizes[cell]), np.inf))
        for part, whole in measure.within.items():
            if part in whats and whole in whats:
                a, b = whats.index(part) * cells + cell, whats.index(whole) * cells + cell
                ties.append(({a: 1.0, b: -1.0}, -np.inf, 0))
    if not ties or not world.small:
        return 0, []
    return _tried(measure, period, world, whats, Known(ties, np.tile(world.sizes, len(whats))))


def _open(most: float, n: int | None, world: World, row: Row) -> float:
    """The greatest count behind a figure: one as large as the group may have been cut to it."""
    size = world.sizes_of.get(tuple(row[f] for f in STAY), 0)
    return np.inf if n is not None and n >= size else most


def _tried(
    measure: Measure, period: str, world: World, whats: Sequence[str], known: Known
) -> tuple[int, list[Fallen]]:
    """Each group of few and each what: in the world with fewest they have a number, and another
    one in some world, or it is certain.
    """
    cells = len(world.cells)
    fewest = known.world(np.ones(len(whats) * cells))
    if fewest is None:
        return 0, [Fallen(measure.id, "", (*(EVERYONE,) * len(STAY), period), 0, CONTRADICTION)]
    may = known.may(fewest)
    some = {(k, i): k * cells + inside for k in range(len(whats))
            for i, (_, _, inside) in enumerate(world.small)}  # fmt: skip
    people, possible = (_sums(numbers, some.values()) for numbers in (fewest, may))
    sure = [at for at, n, more in zip(some, people, possible, strict=True) if n <= APART > more]
    left = [at for at, n in zip(some, people, strict=True) if n > APART]
    dice = np.random.default_rng(0)
    for _ in range(DIRECTIONS):
        if len(left) > DIRECTIONS:
            other = known.world(dice.uniform(-1, 1, len(fewest)))
            alike = _alike(fewest, other, left, some)
            left = [at for at, still in zip(left, alike, strict=True) if still]
    for at in left:
        goal = np.zeros(len(fewest))
        goal[some[at]] = 1
        ends = [known.world(sign * goal) for sign in (1.0, -1.0)]
        sure += [at] if all(_alike(fewest, end, [at], some).all() for end in ends) else []
    how = "only one number is possible"
    falls = [
        Fallen(measure.id, whats[k], (*world.small[i][0], period), world.small[i][1], how)
        for k, i in sure
    ]
    return len(whats) * len(world.small), falls


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
