"""What a reader can work out of counts that add up, and which of them to withhold so that no small
count is certain.

A reader knows of each count the range that its figure leaves, and which counts add up to which. A
count is *certain* where all whole numbers that fit give it one value. Counts that share no sum
are tried apart, each in its block; blocks that share one count pass on its range.
Source: Fischetti and Salazar-Gonzalez 2001, the cell suppression problem with linear constraints.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from iomdash.disclosure import solvers

UNKNOWN = -1
"""The greatest value of a count of which nothing is known."""

Key = tuple[Any, ...]


class Known(NamedTuple):
    """What a reader knows of one count: its range, and whether it must not be certain."""

    least: int
    most: int
    small: bool = False
    true: int = 0


NOTHING = Known(0, UNKNOWN)


@dataclass
class Block:
    """Counts by key, what adds up to what, and tables that can be withheld: their names sort by
    what they are worth, the best first.
    """

    told: dict[Key, Known] = field(default_factory=dict[Key, Known])
    sums: list[tuple[tuple[Key, ...], tuple[Key, ...]]] = field(
        default_factory=list[tuple[tuple[Key, ...], tuple[Key, ...]]]
    )
    tables: dict[Key, tuple[Key, ...]] = field(default_factory=dict[Key, tuple[Key, ...]])

    def equal(self, one: Iterable[Key], other: Iterable[Key]) -> None:
        """Note that two sums are equal; where they are not, it would mislead who relied on it."""
        sides = tuple(one), tuple(other)
        for key in chain(*sides):
            self.told.setdefault(key, Known(0, 0))
        if len({sum(self.told[key].true for key in side) for side in sides}) == 1:
            self.sums.append(sides)

    def withheld(self, before: Set[Key] = frozenset()) -> list[Key]:
        """The tables to withhold so that no small count is certain, those of counts that were
        withheld `before` among them: who has the old ones would join them to those shown now.
        """
        out = [name for name, keys in self.tables.items() if not before.isdisjoint(keys)]
        certain = self._certain(out, [key for key, told in self.told.items() if told.small])
        while certain:
            out += self._freeing(out, certain[0])
            certain = self._certain(out, certain)
        return out

    def _freeing(self, out: Sequence[Key], certain: Key) -> list[Key]:
        """Tables that set a certain count free, none of them worth more than it takes."""
        rest = sorted((name for name in self.tables if name not in out), reverse=True)
        chosen: list[Key] = []

        def free(worst: int) -> bool:
            return not self._certain([*out, *chosen, *rest[:worst]], [certain])

        while not free(0):
            least = bisect_left(range(len(rest) + 1), True, key=free)
            chosen.append(rest[least - 1])
            rest = rest[: least - 1]
        return chosen

    def narrow(self, other: "Block", key: Key) -> None:
        """Bound a count that is in another block as well by what its sums here leave of it."""
        least, most = self._counts(()).ends(list(self.told).index(key))
        known = other.told[key]
        high = most if known.most == UNKNOWN else min(most, known.most)
        other.told[key] = known._replace(least=max(least, known.least), most=high)

    def _certain(self, out: Iterable[Key], suspects: Sequence[Key]) -> list[Key]:
        """Which of some counts have one possible value where some tables are withheld."""
        place = {key: i for i, key in enumerate(self.told)}
        found = self._counts(out).settled([place[key] for key in suspects])
        return [key for key in suspects if place[key] in found]

    def _counts(self, out: Iterable[Key]) -> solvers.WholeCounts:
        hidden = {key for name in out for key in self.tables[name]}
        known = [NOTHING._replace(true=t.true) if k in hidden else t for k, t in self.told.items()]
        place = {key: i for i, key in enumerate(self.told)}
        rows = [
            {**{place[key]: 1 for key in one}, **{place[key]: -1 for key in other}}
            for one, other in self.sums
        ]
        # No figure that a reader must reckon with is larger.
        bound = 2 * sum(max(told.true, told.most) for told in known) + 1
        return solvers.WholeCounts(
            rows,
            [told.least for told in known],
            [bound if told.most == UNKNOWN else told.most for told in known],
            [told.true for told in known],
        )
