"""What a group's own figures say of each of its members: that all of them, or none, gave an answer.

It is allowed of a group that is shown, is large enough, and is asked nothing sensitive. A group's
figures are read together: where as many said one thing as said that or another, nobody said the
other alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from iomdash.declared.groups import EVERYONE
from iomdash.disclosure import solvers
from iomdash.disclosure.attacker.equations import System
from iomdash.disclosure.figures import Answers, Cell
from iomdash.disclosure.span import Bools

Shown = list[tuple[Cell, Bools]]
Counts = Mapping[Answers, int]


def zeros_of_groups(system: System, *, filtered: bool) -> frozenset[int]:
    """Unknowns that shown groups' own figures set to 0; only whole waves' unless `filtered`."""
    own = ((c, mask, c.least) for c, mask in _exact(system) if filtered or not c.group.filtered)
    return _zeros(system, own)


def zeros_of_rests(system: System, smallest: int, atoms: frozenset[int]) -> frozenset[int]:
    """As `zeros_of_groups`, for what shown groups leave of a wider one, where that is large enough.

    Only what is left that holds any of some atoms is looked at.
    """
    some = sorted(atoms)
    return _zeros(system, (rest for rest in _rests(system, smallest) if rest[1][some].any()))


def _exact(system: System) -> Shown:
    """Cells that show a number, once each: two tallies may count the same people."""
    every = zip(system.cells, system.masks, strict=True)
    return [
        *{(c.answers, c.group.filtered, m.tobytes()): (c, m) for c, m in every if c.exact}.values()
    ]


def _rests(system: System, smallest: int) -> Iterator[tuple[Cell, Bools, int]]:
    shown = _exact(system)
    for (wider, mask), inside in product(shown, _families(shown)):
        parts = [(c, m) for c, m in inside if c is not wider and bool((m <= mask).all())]
        if not parts or any(c.answers != wider.answers for c, _ in parts):
            continue
        covered = np.sum([m for _, m in parts], axis=0)
        rest = mask & (covered == 0)
        if covered.max() == 1 and system.world.size(rest) >= smallest:
            yield wider, rest, wider.least - sum(c.least for c, _ in parts)


def _families(shown: Shown) -> list[Shown]:
    """Cells whose groups cannot overlap: each alone, and those told apart by one filter only."""
    families: dict[object, Shown] = {}
    for cell, mask in shown:
        for name in cell.group.filters:
            others = replace(cell.group, **{name: EVERYONE})
            families.setdefault((cell.release, cell.answers, name, others), []).append((cell, mask))
    return [*families.values(), *([pair] for pair in shown)]


def _zeros(system: System, figures: Iterable[tuple[Cell, Bools, int]]) -> frozenset[int]:
    """Unknowns that are 0 by all figures of one group together, group after group."""
    groups: dict[bytes, tuple[Bools, dict[Answers, int]]] = {}
    for cell, mask, count in figures:
        groups.setdefault(mask.tobytes(), (mask, {}))[1][cell.answers] = count
    return frozenset(
        label * system.parts + part
        for mask, counts in groups.values()
        for part in _nobody(system, counts, system.world.size(mask))
        for label in set(system.labels[mask].tolist())
    )


def _nobody(system: System, counts: Counts, people: int) -> frozenset[int]:
    """Answers, by number, that nobody of some people can have given; the last is none of them."""
    if any({*one} & {*other} for one, other in combinations(counts, 2)):
        rows = [dict.fromkeys(system.columns(0, answers), 1) for answers in counts]
        every = dict.fromkeys(range(system.parts), 1)
        return solvers.always_zero([every, *rows], [people, *counts.values()], system.parts)
    asked = {i for answers in counts for i in system.columns(0, answers)}
    given = {i for answers, n in counts.items() if n for i in system.columns(0, answers)}
    everybody = sum(counts.values()) == people
    return frozenset(range(system.parts) if everybody else asked) - given
