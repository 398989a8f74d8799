"""Which groups of people in agencies' records may be shown, by size alone.

A group of filters and a period is shown where it holds enough people, and where it, added to or
taken from other shown groups, leaves no group of fewer that filters can name. What the people did
has no say, so a group that is hidden tells nothing of them.
"""

from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from iomdash.declared.agencies import versions
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.named import BLOCK, named
from iomdash.disclosure.policy import AgencyRules
from iomdash.disclosure.span import Ints, P, Span

Key = tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """A group that filters can name: its choices, how many people, and the cells they are in."""

    key: Key
    people: int
    cells: Ints

    @property
    def filters(self) -> int:
        """How many filters name it beside the period."""
        return sum(value != EVERYONE for value in self.key[:-1])

    @property
    def worth(self) -> tuple[object, ...]:
        """What comes first is shown, of groups that do not go together: few filters, whole years,
        the first filters, many people.
        """
        set_on = tuple(value == EVERYONE for value in self.key[:-1])
        return self.filters, is_quarter(self.key[-1]), set_on, -self.people, self.key


class Block:
    """The groups of a block of a population, and what of few could be worked out of any of them.

    `groups` has the filters, people and cells.
    """

    def __init__(self, groups: pl.DataFrame, rules: AgencyRules) -> None:
        self._rules = rules
        self.few = groups.filter(pl.col("people") < rules.smallest_count)
        self._reached: dict[object, list[Ints]] = {}
        cells = groups["cells"].explode().to_numpy().astype(np.int64)
        ends = groups["cells"].list.len().cum_sum().to_list()
        keys = groups.select(AGENCY_FILTERS).rows()
        self.named = {
            key: Named(key, people, cells[first:end])
            for key, people, (first, end) in zip(
                keys, groups["people"], pairwise([0, *ends]), strict=True
            )
        }
        self.cells = 1 + int(cells.max())

    def reached(self, told: Sequence[Named], filters: int) -> list[Ints]:
        """Sets of few that would be given by what was told and by all groups of enough people that
        so many filters name: what these do not give, fewer do not either.
        """
        below = self._rules.smallest_count
        odd = frozenset(g.key for g in told if g.people < below or g.filters > filters)
        if (odd, filters) not in self._reached:
            every = [g for g in self.named.values()
                     if g.key in odd or (g.people >= below and g.filters <= filters)]  # fmt: skip
            span = _span(every, self.cells, len(every))
            self._reached[odd, filters] = _in_reach(self, span, below)
        return self._reached[odd, filters]


class Choices:
    """Which groups of some people may be told, chosen once for all measures of whom the same was
    told before.

    `people` has of, person and the filters, closed quarters only.
    """

    def __init__(self, people: pl.DataFrame, rules: AgencyRules) -> None:
        self.groups = named(people)
        parts = self.groups.partition_by(BLOCK, as_dict=True)
        self._blocks = {(str(of), str(place)): Block(part, rules)
                        for (of, place), part in parts.items()}  # fmt: skip
        self._rules = rules
        self._made: dict[tuple[str, str, frozenset[Key]], list[Named]] = {}

    def new(self, of: str, before: pl.DataFrame) -> pl.DataFrame:
        """Rows of cohort, provider, supervision, area, quarter, size of the groups that a measure
        of such people may tell in periods that it did not tell before; quarter may be a year.

        Those in `before` it did tell. A period that was told stays as it was.
        """
        told: dict[str, set[Key]] = {}
        for key in before.select(AGENCY_FILTERS).iter_rows():
            told.setdefault(versions.block(of, key[-1]), set()).add(key)
        parts = [
            (*group.key, group.people)
            for (whose, place), block in sorted(self._blocks.items()) if whose == of
            for group in self._of(of, place, block, frozenset(told.get(place, ())))
        ]  # fmt: skip
        types = {**dict.fromkeys(AGENCY_FILTERS, pl.String), "size": pl.Int64}
        return pl.DataFrame(parts, schema=types, orient="row")

    def sizes(self, of: str) -> pl.DataFrame:
        """The filters and `size`, how many people now, of every group of a population."""
        return self.groups.filter(of=of).select(*AGENCY_FILTERS, size="people")

    def _of(self, of: str, place: str, block: Block, told: frozenset[Key]) -> list[Named]:
        if (of, place, told) not in self._made:
            self._made[of, place, told] = _new(block, self._rules, told)
        return self._made[of, place, told]


class Changed(NamedTuple):
    """Of a block the groups of those who have changed since something was told, of so many people
    as have changed or are in it now, whichever are fewer; and the groups of which what they are now
    is told already.
    """

    groups: Block
    known: Set[Key]


def retold(since: Sequence[Changed], asked: Set[Key], rules: AgencyRules) -> Set[Key]:
    """Of the groups of a block those that may be told anew, where they are `asked`: enough people
    are in them now, enough of them have changed since each of several times, or none, and neither
    few who have changed nor a group that is of few now comes into reach.
    """
    return {*_retold(since, asked, rules)}


def _retold(since: Sequence[Changed], asked: Set[Key], rules: AgencyRules) -> Iterator[Key]:
    wanted = {key: block.named[key] for block, _ in since for key in asked & block.named.keys()}
    if not wanted:
        return
    reaches = [
        (block, _Reach(block, [block.named[key] for key in sorted(known)], wanted.values(), rules))
        for block, known in since
    ]
    for group in sorted(wanted.values(), key=lambda group: group.worth):
        parts = [(block.named[group.key], reach) for block, reach in reaches
                 if group.key in block.named]  # fmt: skip
        if all(part.people >= rules.smallest_count for part, _ in parts) and _taken(parts):
            yield group.key


def _new(block: Block, rules: AgencyRules, before: Set[Key]) -> list[Named]:
    """The groups of one block to be told in new periods, beside those that were told, of whoever
    is in them now: who is in a group may have been corrected since.
    """
    settled = {key[-1] for key in before}
    asked = [
        group for group in block.named.values() if group.people >= rules.smallest_count
        and group.filters <= rules.filters_at_once and group.key[-1] not in settled
    ]  # fmt: skip
    if not asked:
        return []
    given = [group for key, group in block.named.items() if key in before]
    ordered = sorted(asked, key=lambda group: group.worth)
    # By themselves, and with what was told.
    reaches = [_Reach(block, told, ordered, rules) for told in ([[], given] if given else [[]])]
    return [group for group in ordered if _taken([(group, reach) for reach in reaches])]


class _Reach:
    """Sets of cells of few, and what the groups that were told and taken give of them.

    What those that were told give by themselves is given, whatever is taken.
    """

    def __init__(
        self, block: Block, told: Sequence[Named], asked: Collection[Named], rules: AgencyRules
    ) -> None:
        self.cells = block.cells
        self.span = _span(told, self.cells, len(told) + len(asked))
        most = max((group.filters for group in asked), default=0)
        reached = block.reached(told, max(most, rules.filters_at_once))
        still = Sets(reached).sums(self.span.hashes).any(axis=1)
        self.small = Sets([reached[i] for i in np.flatnonzero(still).tolist()])

    def left_alone(self, row: Ints | None) -> bool:
        """Whether no set comes into reach with a row of the span."""
        return row is None or bool(self.small.sums(self.span.hashes_with(row)).any(axis=1).all())


def _taken(parts: Sequence[tuple[Named, _Reach]]) -> bool:
    """Takes a group where none of several brings a set of few into reach with it."""
    both = [(reach, reach.span.new(_row(group, reach.cells))) for group, reach in parts]
    safe = all(reach.left_alone(row) for reach, row in both)
    for reach, row in both if safe else ():
        if row is not None:
            reach.span.add(row)
    return safe


def _span(groups: Sequence[Named], cells: int, most: int) -> Span:
    """All that groups give when they are added and taken."""
    span = Span(cells, most)
    for group in groups:
        if (row := span.new(_row(group, cells))) is not None:
            span.add(row)
    return span


def _row(group: Named, cells: int) -> Ints:
    row = np.zeros(cells, dtype=np.int64)
    row[group.cells] = 1
    return row


class Sets:
    """Sets of cells, none of which is empty."""

    def __init__(self, sets: Sequence[Ints]) -> None:
        self._cells = np.concatenate([np.zeros(0, dtype=np.int64), *sets])
        self._starts = np.cumsum([0, *map(len, sets)])[:-1]

    def sums(self, hashes: Ints) -> Ints:
        """The sums of each set's hashes: all are 0 where the set can be worked out."""
        if not len(self._starts):
            return np.zeros((0, hashes.shape[1]), dtype=np.int64)
        return np.add.reduceat(hashes[self._cells], self._starts, axis=0) % P


def _in_reach(block: Block, span: Span, below: int) -> list[Ints]:
    """The groups of few, and those of them that are few together, that a span gives."""
    few = block.few
    alone = [block.named[key].cells for key in few.select(AGENCY_FILTERS).iter_rows()]
    if not alone:
        return []
    sums = Sets(alone).sums(span.hashes)
    reached = [alone[i] for i in np.flatnonzero(~sums.any(axis=1)).tolist()]
    codes = few.select(pl.col(AGENCY_FILTERS).rank("dense")).to_numpy().astype(np.int64)
    # A year and its quarters are no more than the year.
    period = pl.col("quarter").str.contains(" Q")
    chosen = few.select(pl.col(STAY) != EVERYONE, period).to_numpy()
    people = few["people"].to_numpy()
    for place in range(len(AGENCY_FILTERS)):
        numbers = np.flatnonzero(chosen[:, place])
        others = np.delete(codes[numbers], place, axis=1)
        sizes = np.delete(codes.max(axis=0) + 1, place)
        family = np.asarray(np.ravel_multi_index(tuple(others.T), sizes))
        for some in _together(numbers, family, people, sums, below):
            reached.append(np.concatenate([alone[i] for i in some]))
    return reached


def _together(
    numbers: Ints, family: Ints, people: Ints, sums: Ints, below: int
) -> list[list[int]]:  # fmt: skip
    """Numbers of groups of few of a family that are still few together, where the sums of their
    hashes are 0: what is hidden of a whole could be told of all that is hidden.
    """
    order = np.argsort(family, kind="stable")
    family, numbers = family[order], numbers[order]
    people = people[numbers]
    ends = np.searchsorted(family, family, side="right")
    result: list[list[int]] = []
    sets, size, sum_ = np.arange(len(numbers))[:, None], people, sums[numbers]
    while len(sets):
        last = sets[:, -1]
        more = ends[last] - last - 1
        at = np.repeat(np.arange(len(sets)), more)
        new = last[at] + 1 + np.arange(len(at)) - np.repeat(np.cumsum(more) - more, more)
        fits = size[at] + people[new] < below
        at, new = at[fits], new[fits]
        sets, size = np.column_stack([sets[at], new]), size[at] + people[new]
        sum_ = (sum_[at] + sums[numbers[new]]) % P
        result += numbers[sets[~sum_.any(axis=1)]].tolist()
    return result
