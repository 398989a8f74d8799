"""What a group's own figures say of each of its members: that all of them, or none, gave an answer.

It is allowed of a group that is shown, is large enough, and is asked nothing sensitive. A group's
figures are read together: where as many said one thing as said that or another, nobody said the
other alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np

from iomdash.declared.groups import EVERYONE
from iomdash.disclosure import solvers
from iomdash.disclosure.attacker.equations import System
from iomdash.disclosure.figures import Answers, Cell
from iomdash.disclosure.span import Bools, Ints

KEPT = 4096
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
    if not shown:
        return
    masks = np.array([mask for _, mask in shown])
    # A mask lies in another where it has nothing outside. Numbers with a point multiply faster.
    inside = masks.astype(float) @ (~masks.T).astype(float) == 0
    least = np.array([cell.least for cell, _ in shown])
    for (place, (wider, mask)), family in product(enumerate(shown), _families(shown)):
        parts = family[inside[family, place] & (family != place)]
        if not len(parts) or shown[int(family[0])][0].answers != wider.answers:
            continue
        covered = masks[parts].sum(axis=0)
        rest = mask & (covered == 0)
        if covered.max() == 1 and system.world.size(rest) >= smallest:
            yield wider, rest, wider.least - int(least[parts].sum())


def _families(shown: Shown) -> list[Ints]:
    """Cells, by number, whose groups cannot overlap: each alone, and those of the same answers told
    apart by one filter only.
    """
    families: dict[object, list[int]] = {}
    for i, (cell, _) in enumerate(shown):
        for name in cell.group.filters:
            others = replace(cell.group, **{name: EVERYONE})
            families.setdefault((cell.release, cell.answers, name, others), []).append(i)
    return [np.array(some) for some in (*families.values(), *([i] for i in range(len(shown))))]


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
    given = tuple((tuple(system.columns(0, answers)), n) for answers, n in counts.items())
    return _given_by_nobody(given, people, system.parts)


# Many groups are as large and said the same.
@lru_cache(maxsize=KEPT)
def _given_by_nobody(
    counts: tuple[tuple[tuple[int, ...], int], ...], people: int, parts: int
) -> frozenset[int]:
    asked = [i for answers, _ in counts for i in answers]
    if len(asked) > len({*asked}):
        rows = [dict.fromkeys(answers, 1) for answers, _ in counts]
        every = dict.fromkeys(range(parts), 1)
        right = [people, *(n for _, n in counts)]
        return solvers.always_zero([every, *rows], right, parts)
    given = {i for answers, n in counts if n for i in answers}
    everybody = sum(n for _, n in counts) == people
    return frozenset(range(parts) if everybody else asked) - given
