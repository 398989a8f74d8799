"""Which groups of people in agencies' records may be shown, by size alone.

A group of filters and a period is shown where it holds enough people, and where it, added to or
taken from other shown groups, leaves no group of fewer that filters can name. What the people did
has no say, so a group that is hidden tells nothing of them.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
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


class Choices:
    """Which groups of some people may be told, chosen once for all measures of whom the same was
    told before.

    `people` has of, person and the filters, closed quarters only.
    """

    def __init__(self, people: pl.DataFrame, rules: AgencyRules) -> None:
        self.groups = named(people)
        self._blocks = self.groups.partition_by(BLOCK, as_dict=True)
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
            for (whose, block), groups in sorted(self._blocks.items()) if whose == of
            for group in self._of(of, block, groups, frozenset(told.get(block, ())))
        ]  # fmt: skip
        types = {**dict.fromkeys(AGENCY_FILTERS, pl.String), "size": pl.Int64}
        return pl.DataFrame(parts, schema=types, orient="row")

    def sizes(self, of: str) -> pl.DataFrame:
        """The filters and `size`, how many people now, of every group of a population."""
        return self.groups.filter(of=of).select(*AGENCY_FILTERS, size="people")

    def _of(self, of: str, block: str, groups: pl.DataFrame, told: frozenset[Key]) -> list[Named]:
        if (of, block, told) not in self._made:
            self._made[of, block, told] = _block(groups, self._rules, told)
        return self._made[of, block, told]


class Changed(NamedTuple):
    """Of a block the groups of those who have changed since something was told, of so many people
    as have changed or are in it now, whichever are fewer; and the groups of which what they are now
    is told already.
    """

    groups: pl.DataFrame
    known: Set[Key]


def retold(since: Sequence[Changed], asked: Set[Key], rules: AgencyRules) -> Set[Key]:
    """Of the groups of a block those that may be told anew, where they are `asked`: enough people
    are in them now, enough of them have changed since each of several times, or none, and neither
    few who have changed nor a group that is of few now comes into reach.
    """
    return {*_retold(since, asked, rules)}


def _retold(since: Sequence[Changed], asked: Set[Key], rules: AgencyRules) -> Iterator[Key]:
    listed = [{group.key: group for group in _listed(groups)} for groups, _ in since]
    wanted = {key: group for groups in listed for key, group in groups.items() if key in asked}
    if not wanted:
        return
    reaches = [
        _Reach(block, [group for key, group in groups.items() if key in known],
               [groups[key] for key in wanted if key in groups], rules)
        for (block, known), groups in zip(since, listed, strict=True)
    ]  # fmt: skip
    for group in sorted(wanted.values(), key=lambda group: group.worth):
        parts = [(groups[group.key], reach) for groups, reach in zip(listed, reaches, strict=True)
                 if group.key in groups]  # fmt: skip
        if all(part.people >= rules.smallest_count for part, _ in parts) and _taken(parts):
            yield group.key


def _block(block: pl.DataFrame, rules: AgencyRules, before: Set[Key]) -> list[Named]:
    """The groups of one block to be told in new periods, beside those that were told, of whoever
    is in them now: who is in a group may have been corrected since.
    """
    is_few = pl.col("people") < rules.smallest_count
    settled = {key[-1] for key in before}
    asked = [
        group for group in _listed(block.filter(~is_few))
        if group.filters <= rules.filters_at_once and group.key[-1] not in settled
    ]  # fmt: skip
    if not asked:
        return []
    given = [group for group in _listed(block) if group.key in before]
    ordered = sorted(asked, key=lambda group: group.worth)
    # By themselves, and with what was told.
    reaches = [_Reach(block, told, ordered, rules) for told in ([[], given] if given else [[]])]
    return [group for group in ordered if _taken([(group, reach) for reach in reaches])]


class _Reach:
    """Sets of cells of few, and what the groups that were told and taken give of them.

    What those that were told give by themselves is given, whatever is taken.
    """

    def __init__(
        self, block: pl.DataFrame, told: Sequence[Named], asked: Sequence[Named], rules: AgencyRules
    ) -> None:
        every = [*told, *asked]
        few = block.filter(pl.col("people") < rules.smallest_count)
        self.cells = 1 + max(block["cells"].explode().to_list())
        self.span = _span(told, self.cells, len(every))
        reached = _in_reach(few, _span(every, self.cells, len(every)), rules)
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


def _listed(groups: pl.DataFrame) -> Iterator[Named]:
    for *key, people, cells in groups.select(*AGENCY_FILTERS, "people", "cells").iter_rows():
        yield Named(tuple(key), people, np.array(cells, dtype=np.int64))


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


def _in_reach(few: pl.DataFrame, span: Span, rules: AgencyRules) -> list[Ints]:
    """The groups of few, and those of them that are few together, that all groups would give if
    all were shown: what these do not give, fewer do not either.
    """
    alone = [group.cells for group in _listed(few)]
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
        for some in _together(numbers, family, people, sums, rules.smallest_count):
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
