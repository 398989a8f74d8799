"""The reader who was shown everything: what can they say of fewer people than they may know of?

Unknowns are the people of each atom who gave each answer, and who gave none: whole numbers of
at least 0 that sum to the people there are. Every shown cell is an equation on them. Two
questions are answered at once. One linear programme finds every unknown that the cells force to
0 (Freund, Roundy and Todd 1985: a solution with the most positive unknowns); with those gone, a
figure has a single possible value exactly if it is a rational combination of the equations. So
what the bounds of least and greatest value would tell, and what adding and subtracting tells,
are both found, without two programmes for every set of people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from iomdash.disclosure import solvers
from iomdash.disclosure.attacker import unanimity
from iomdash.disclosure.attacker.equations import System
from iomdash.disclosure.figures import Cell
from iomdash.disclosure.population import Population
from iomdash.disclosure.span import HASHES, SEED, Bools, Ints, P, orthogonal, small_sets

# Attacks that are remembered.
KEPT = 4096


@dataclass(frozen=True)
class Fall:
    """People of some atoms of whom a figure could be worked out, up to so many that stay open."""

    atoms: frozenset[int]
    people: int
    answers: tuple[str, ...]
    left_open: int = 0


@dataclass(frozen=True)
class Attack:
    """What came of an attack on one tally; `allowed` follow from a group's own 0 or 100 %."""

    falls: tuple[Fall, ...]
    allowed: int
    tried: int
    complete: bool


@dataclass(frozen=True)
class Rules:
    """What counts as a fall: fewer than `smallest` people of whom less than `width` stays open.

    `unanimous`: whether a shown group's own 0 % or 100 % may tell about its members, as it may
    of codes that are not sensitive; of others only that of a whole wave may.
    """

    smallest: int
    unanimous: bool = True
    width: int = 1


Key = tuple[bytes, Rules]
# A release that is read back is attacked by the very figures that were let through, one by one.
_KNOWN: dict[Key, Attack] = {}


def attack(
    world: Population, answers: tuple[str, ...], before: Sequence[Cell], cells: Sequence[Cell],
    rules: Rules,
) -> Attack:  # fmt: skip
    """Everything that `cells` tell of few people that the cells `before` did not tell already.

    Raises Contradiction where no people could have answered so.
    """
    attacked = _attack(world, answers, [*before, *cells], rules)
    if not attacked.falls or not before:
        return attacked
    old = {(f.atoms, f.answers) for f in _attack(world, answers, before, rules).falls}
    new = tuple(f for f in attacked.falls if (f.atoms, f.answers) not in old)
    return replace(attacked, falls=new)


def _attack(
    world: Population, answers: tuple[str, ...], cells: Sequence[Cell], rules: Rules
) -> Attack:
    system = System(world, answers, cells)
    key = system.fingerprint, rules
    if (attacked := _KNOWN.get(key)) is None:
        attacked = _worked_out(system, rules)
        learn({key: attacked})
    return attacked


def known() -> Mapping[Key, Attack]:
    """What attacks came to in this process, by what was attacked."""
    return dict(_KNOWN)


def learn(attacks: Mapping[Key, Attack]) -> None:
    """Remember what attacks came to, here or in a process beside, and forget the oldest."""
    _KNOWN.update(attacks)
    for oldest in [*_KNOWN][: max(0, len(_KNOWN) - KEPT)]:
        _KNOWN.pop(oldest, None)


def _worked_out(system: System, rules: Rules) -> Attack:
    forced = _forced(system)
    allowed = unanimity.zeros_of_groups(system, filtered=rules.unanimous)
    certain = [*_by_bounds(system, forced, allowed)]
    if certain and rules.unanimous:
        allowed |= unanimity.zeros_of_rests(
            system, rules.smallest, frozenset[int]().union(*(fall.atoms for fall in certain))
        )
        certain = [*_by_bounds(system, forced, allowed)]
    linear, tried, complete = _by_adding(system, forced, rules.smallest)
    narrow = _too_narrow(system, rules) if rules.width > 1 else []
    falls = (*certain, *linear, *narrow)
    if not falls:
        falls = tuple(_by_whole_people(system, forced, rules))
    return Attack(falls, len(allowed & forced), tried + len(forced), complete)


def _forced(system: System) -> frozenset[int]:
    """Unknowns that every solution sets to 0. Raises Contradiction."""
    return solvers.always_zero(*system.equations)


def _by_bounds(system: System, forced: frozenset[int], allowed: frozenset[int]) -> Iterator[Fall]:
    """Classes in which an answer is certain to be nobody's or everybody's."""
    for label, size in enumerate(system.sizes.tolist()):
        every = set(range(label * system.parts, (label + 1) * system.parts))
        for answers in system.asked:
            given = set(system.columns(label, answers))
            if any(some <= forced and not some <= allowed for some in (given, every - given)):
                yield Fall(system.atoms([label]), size, answers)


def _open(system: System, forced: frozenset[int], answers: tuple[str, ...]) -> Bools:
    """Classes of which it is not settled that nobody, or that everybody, gave such an answer."""
    open_classes: list[bool] = []
    for label in range(len(system.sizes)):
        given = {*system.columns(label, answers)}
        rest = {*range(label * system.parts, (label + 1) * system.parts)} - given
        open_classes.append(not (given <= forced or rest <= forced))
    return np.array(open_classes)


def _by_adding(
    system: System, forced: frozenset[int], smallest: int
) -> tuple[list[Fall], int, bool]:
    """Sets of few people of whom a count is a combination of the equations."""
    null = _null_space(system, forced)
    falls: list[Fall] = []
    tried, complete = 0, True
    for answers in system.asked:
        columns = np.array([system.columns(c, answers) for c in range(len(system.sizes))])
        open_ = _open(system, forced, answers)
        people = np.where(open_, system.sizes, 0)
        search = small_sets(null[columns].sum(axis=1) % P, people.tolist(), smallest)
        tried, complete = tried + search.tried, complete and search.complete
        for classes in search.sets:
            size = int(system.sizes[list(classes)].sum())
            falls.append(Fall(system.atoms(classes), size, answers))
    return falls, tried, complete


def _by_whole_people(system: System, forced: frozenset[int], rules: Rules) -> Iterator[Fall]:
    """The first set of few people whose count is certain because nobody can be halved.

    Sets of which two answers in whole numbers differ are open, and all such are struck off at
    once; each set that is left takes two programmes, until none is left.
    """
    for answers in system.asked:
        columns = np.array([system.columns(c, answers) for c in range(len(system.sizes))])
        open_ = _open(system, forced, answers)
        people = np.where(open_ & (system.sizes < rules.smallest), system.sizes, 0)
        if not people.any():
            continue
        ways = [_way(system, sign * _weights(columns, system)) for sign in (1, -1)]
        while True:
            seen = [way[columns].sum(axis=1) for way in ways]
            apart = np.array([way - seen[0] for way in seen[1:]]).T
            hashes = (apart % P) @ (_random((apart.shape[1], HASHES)) % 2**20) % P
            left = small_sets(hashes, people.tolist(), rules.smallest).sets
            if not left:
                break
            both, open_people = ends(system, columns[list(left[0])].ravel())
            if not open_people:
                yield Fall(system.atoms(left[0]), int(people[list(left[0])].sum()), answers)
                return
            ways += both


def _weights(columns: Ints, system: System) -> Ints:
    goal = np.zeros(system.equations[2], dtype=np.int64)
    goal[columns] = _random(columns.shape) % 1000 - 500
    return goal


def ends(system: System, columns: Sequence[int] | Ints) -> tuple[list[Ints], int]:
    """Answers in whole numbers with fewest and most of some unknowns, and how many that parts."""
    goal = np.zeros(system.equations[2], dtype=np.int64)
    goal[columns] = 1
    fewest, most = (_way(system, sign * goal) for sign in (1, -1))
    return [fewest, most], int(goal @ most - goal @ fewest)


def _way(system: System, goal: Ints) -> Ints:
    people = system.programme.least(goal.astype(np.float64))
    if people is None:
        raise solvers.Contradiction
    return np.rint(people).astype(np.int64)


def _kept(system: System, forced: frozenset[int]) -> list[tuple[int, dict[int, int]]]:
    """Equations that bind, by number: one with an unknown of its own that is free binds nothing."""
    rows, _, _ = system.equations
    uses: dict[int, int] = {}
    for row in rows:
        for column in row:
            uses[column] = uses.get(column, 0) + 1
    kept: list[tuple[int, dict[int, int]]] = []
    for number, row in enumerate(rows):
        free = {column: value for column, value in row.items() if column not in forced}
        figure = len(system.sizes) * system.parts
        own = [
            c for c in free
            if uses[c] == 1 and (c >= figure or c % system.parts == system.parts - 1)
        ]  # fmt: skip
        if free and not own:
            kept.append((number, free))
    return kept


def _null_space(system: System, forced: frozenset[int]) -> Ints:
    """Per unknown, numbers whose sum over a set is 0 if it is a combination of the equations.

    They are random vectors of the null space modulo a large prime, where whatever is a combination
    of the equations is one too.
    """
    kept = _kept(system, forced)
    width = len(system.sizes) * system.parts
    columns = sorted({column for _, row in kept for column in row})
    hashes = _random((width, HASHES))
    hashes[sorted(column for column in forced if column < width)] = 0
    if not kept:
        return hashes
    place = {column: i for i, column in enumerate(columns)}
    rows = [{place[column]: value for column, value in row.items()} for _, row in kept]
    vectors = orthogonal(rows, len(columns))
    for column, i in place.items():
        if column < width:
            hashes[column] = vectors[i]
    return hashes


def _random(shape: tuple[int, int]) -> Ints:
    return np.random.default_rng(SEED).integers(1, P, size=shape, dtype=np.int64)


def _too_narrow(system: System, rules: Rules) -> list[Fall]:
    """Classes of few people of whom less stays open than the policy demands."""
    falls: list[Fall] = []
    for label in np.flatnonzero(system.sizes < rules.smallest).tolist():
        size = int(system.sizes[label])
        for answers in system.asked:
            _, open_people = ends(system, system.columns(label, answers))
            if open_people < min(rules.width, size):
                falls.append(Fall(system.atoms([label]), size, answers, open_people))
    return falls
