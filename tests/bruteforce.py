"""A reader who tries every possible answer. Shares no code with protection or attacker.

People stand in atoms; `sizes` says how many in each. A statement is what a reader was shown: which
atoms, which of the answers, and from how many to how many of these people gave one of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice, product
from typing import NamedTuple

import numpy as np

MOST, MOST_ATOMS = 300_000, 8


class Statement(NamedTuple):
    """From `least` to `most` people of some atoms gave one of some answers, by number."""

    atoms: frozenset[int]
    answers: frozenset[int]
    least: int
    most: int


class TooMany(Exception):
    """More assignments than can be tried."""


def assignments(sizes: Sequence[int], answers: int, statements: Sequence[Statement]) -> np.ndarray:
    """Every way in which people can have answered: one a row, atoms by answers.

    An answer is whole numbers of people; who gave none of them is left over in each atom.
    """
    if len(sizes) > MOST_ATOMS:
        raise TooMany
    cells = [
        (
            [(atom, answer) for atom in statement.atoms for answer in statement.answers],
            statement.least,
            statement.most,
        )
        for statement in statements
    ]
    cells += [([(i, a) for a in range(answers)], 0, n) for i, n in enumerate(sizes)]
    order = list(product(range(len(sizes)), range(answers)))
    rows = np.zeros((1, 0), dtype=np.int64)
    for step, (atom, _) in enumerate(order):
        if len(rows) * (sizes[atom] + 1) > MOST:
            raise TooMany
        new = np.repeat(np.arange(sizes[atom] + 1), len(rows))
        rows = np.column_stack([np.tile(rows, (sizes[atom] + 1, 1)), new])
        known = order[: step + 1]
        for places, least, most in cells:
            mine = [known.index(place) for place in places if place in known]
            coming = {place[0] for place in places if place not in known}
            sums = rows[:, mine].sum(axis=1)
            open_ = sum(sizes[other] for other in coming)
            rows = rows[(sums <= most) & (sums + open_ >= least)]
    return rows.reshape(len(rows), len(sizes), answers)


def fallen(
    sizes: Sequence[int], answers: int, statements: Sequence[Statement], smallest: int,
    *, sensitive: bool = False, public: Iterable[frozenset[int]] = (),
    asked: Iterable[frozenset[int]] | None = None,
) -> list[tuple[frozenset[int], frozenset[int]]]:  # fmt: skip
    """Sets of fewer than `smallest` people of whom a count is certain, and of which answers.

    Each answer is asked for alone, or those `asked`. What follows from the own 0 or 100 % of a
    group of at least `smallest` people that is shown, or is a sum and difference of such, is no
    fall; of a sensitive code only that of `public` groups.
    """
    result = assignments(sizes, answers, statements)
    assert len(result), "no people could have answered what is shown"
    falls: list[tuple[frozenset[int], frozenset[int]]] = []
    nobody = _excused(sizes, answers, statements, smallest, public if sensitive else None)
    every = frozenset(range(answers + 1))
    for some in asked or [frozenset({answer}) for answer in range(answers)]:
        for group in _unions(sizes):
            people = sum(sizes[i] for i in group)
            values = result[:, sorted(group)][:, :, sorted(some)].sum(axis=(1, 2))
            certain = values.min() == values.max()
            unanimous = certain and values[0] in (0, people)
            few = 0 < people < smallest
            if ((certain and few) or (sensitive and unanimous)) and not all(
                nobody.issuperset(product([i], some))
                or nobody.issuperset(product([i], every - some))
                for i in group
            ):
                falls.append((group, some))
    return falls


def _excused(
    sizes: Sequence[int], answers: int, statements: Sequence[Statement], smallest: int,
    only: Iterable[frozenset[int]] | None,
) -> frozenset[tuple[int, int]]:  # fmt: skip
    """Atoms with answers that nobody of a group that is large enough gave, as its own counts say.

    The number after the last answer stands for none of them.
    """
    known = [
        statement
        for statement in statements
        if statement.least == statement.most and statement.answers
    ]
    bases = {
        some: _Basis([statement for statement in known if statement.answers == some])
        for some in {statement.answers for statement in known}
    }
    excused: set[tuple[int, int]] = set()
    for group in _unions(sizes) if only is None else only:
        people = sum(sizes[i] for i in group)
        counts = {some: basis.count(group) for some, basis in bases.items()}
        own = [Statement(frozenset({0}), a, n, n) for a, n in counts.items() if n is not None]
        if people >= smallest and own:
            ways = assignments([people], answers, own)[:, 0]
            nobody = [a for a in range(answers) if not ways[:, a].any()]
            nobody += [answers] if (ways.sum(axis=1) == people).all() else []
            excused |= {*product(group, nobody)}
    return frozenset(excused)


def _unions(sizes: Sequence[int]) -> Iterator[frozenset[int]]:
    full = [i for i, n in enumerate(sizes) if n]
    for number in range(1, 2 ** len(full)):
        yield frozenset(atom for i, atom in enumerate(full) if number >> i & 1)


class _Basis:
    """Groups whose counts are shown, as rows that can be added and subtracted, in fractions."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._rows: list[tuple[int, dict[int, Fraction], Fraction]] = []
        for statement in statements:
            row, count = self._less(
                {atom: Fraction(1) for atom in statement.atoms}, Fraction(statement.least)
            )
            if row:
                pivot = min(row)
                scale = row[pivot]
                self._rows.append((pivot, {i: v / scale for i, v in row.items()}, count / scale))

    def _less(
        self, row: dict[int, Fraction], count: Fraction
    ) -> tuple[dict[int, Fraction], Fraction]:
        for pivot, other, value in self._rows:
            factor = row.get(pivot, Fraction(0))
            if factor:
                row = {
                    i: left
                    for i in {*row, *other}
                    if (left := row.get(i, Fraction(0)) - factor * other.get(i, Fraction(0)))
                }
                count -= factor * value
        return row, count

    def count(self, group: frozenset[int]) -> int | None:
        """What adding and subtracting tells of a group; None where it tells nothing."""
        row, left = self._less({atom: Fraction(1) for atom in group}, Fraction(0))
        return None if row else int(-left)


def ranges(
    sizes: Sequence[int], answers: int, statements: Sequence[Statement], smallest: int
) -> list[tuple[frozenset[int], int, int]]:
    """Of each class of fewer than `smallest` people that no statement tells apart: its atoms, its
    people, and by how many their number who gave the first answer can differ."""
    result = assignments(sizes, answers, statements)[:, :, 0]
    classes: dict[tuple[bool, ...], list[int]] = {}
    for i in range(len(sizes)):
        classes.setdefault(tuple(i in atoms.atoms for atoms in statements), []).append(i)
    counts = [
        (frozenset(atoms), sum(sizes[i] for i in atoms), result[:, atoms].sum(axis=1))
        for atoms in classes.values()
    ]
    return [(atoms, n, int(np.ptp(many))) for atoms, n, many in counts if 0 < n < smallest]


def spanned(
    sizes: Sequence[int], groups: Sequence[frozenset[int]], smallest: int, *, most: int
) -> list[frozenset[int]]:
    """Sets of fewer than `smallest` people whose size can be worked out of some groups'.

    Atoms that no group tells apart are one. At most so many sets are tried.
    """
    classes: dict[tuple[bool, ...], set[int]] = {}
    for i in range(len(sizes)):
        classes.setdefault(tuple(i in group for group in groups), set()).add(i)
    parts = [*classes.values()]
    people = [sum(sizes[i] for i in part) for part in parts]
    groups_of_parts = [
        frozenset(i for i, part in enumerate(parts) if part <= group) for group in groups
    ]
    basis = _Basis(
        [Statement(group, frozenset(), 0, 0) for group in dict.fromkeys(groups_of_parts)]
    )
    small = islice(_small_unions(people, smallest), most)
    return [group for group in small if basis.count(group) is not None]


def _small_unions(sizes: Sequence[int], smallest: int) -> Iterator[frozenset[int]]:
    """Unions of fewer than `smallest` people, those of fewest parts first."""
    usable = [i for i, n in enumerate(sizes) if 0 < n < smallest]
    for number in range(1, smallest):
        for some in combinations(usable, number):
            if sum(sizes[i] for i in some) < smallest:
                yield frozenset(some)
