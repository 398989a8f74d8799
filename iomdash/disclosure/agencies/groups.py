"""Which groups of people in agencies' records may be shown, by size alone.

A group of filters and a period is shown where it holds enough people, and where it, added to or
taken from other shown groups, leaves no group of fewer that filters can name. What the people did
has no say, so a group that is hidden tells nothing of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from iomdash.declared.agencies.groups import AGENCY_FILTERS, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.named import named
from iomdash.disclosure.policy import AgencyRules
from iomdash.disclosure.span import Ints, P, Span

Key = tuple[str, ...]
GROUP = ["of", *AGENCY_FILTERS]


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


def shown(people: pl.DataFrame, rules: AgencyRules, before: pl.DataFrame) -> pl.DataFrame:
    """Rows of, cohort, provider, supervision, area, quarter of the groups that may be shown, with
    their size, the people in them.

    `people` has person beside these, closed quarters only; quarter may be a year in what is shown.
    Groups in `before` were shown already, in periods that stay as they are.
    """
    parts = [
        (of, *group.key, group.people)
        for of, block in named(people)
        for group in _block(block, rules, set(_of(before, of)))
    ]
    types = {**dict.fromkeys(GROUP, pl.String), "size": pl.Int64}
    new = pl.DataFrame(parts, schema=types, orient="row")
    gone = before.select(GROUP).join(new, on=GROUP, how="anti")
    return pl.concat([new, gone.with_columns(size=pl.lit(None, pl.Int64))])


def _of(before: pl.DataFrame, of: str) -> list[Key]:
    return before.filter(pl.col("of") == of).select(AGENCY_FILTERS).rows()


def _block(block: pl.DataFrame, rules: AgencyRules, before: set[Key]) -> list[Named]:
    """The groups to be shown of one block, those of before first."""
    is_few = pl.col("people") < rules.smallest_count
    settled = {key[-1] for key in before}
    # A period that was told stays as it was: nothing is added to it.
    asked = [
        group for group in _listed(block.filter(~is_few))
        if group.filters <= rules.filters_at_once
        and (group.key in before or group.key[-1] not in settled)
    ]  # fmt: skip
    ordered = sorted(asked, key=lambda g: (g.key not in before, *g.worth))
    cells = 1 + max(block["cells"].explode().to_list())
    return list(_safe(ordered, _in_reach(block.filter(is_few), ordered, cells, rules), cells))


def _listed(groups: pl.DataFrame) -> Iterator[Named]:
    for *key, people, cells in groups.iter_rows():
        yield Named(tuple(key), people, np.array(cells, dtype=np.int64))


def _safe(ordered: Sequence[Named], small: Sequence[Ints], cells: int) -> Iterator[Named]:
    """The groups, in order, that bring no small set of cells into reach."""
    span = Span(cells, len(ordered))
    sets = Sets(small)
    for group in ordered:
        row = span.new(_row(group, cells))
        if row is None:
            yield group
        elif sets.sums(span.hashes_with(row)).any(axis=1).all():
            span.add(row)
            yield group


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


def _in_reach(
    few: pl.DataFrame, ordered: Sequence[Named], cells: int, rules: AgencyRules
) -> list[Ints]:
    """The groups of few, and those of them that are few together, that all groups would give if
    all were shown: what these do not give, fewer do not either.
    """
    span = Span(cells, len(ordered))
    for group in ordered:
        if (row := span.new(_row(group, cells))) is not None:
            span.add(row)
    alone = [group.cells for group in _listed(few)]
    sums = Sets(alone).sums(span.hashes)
    reached = [alone[i] for i in np.flatnonzero(~sums.any(axis=1)).tolist()]
    numbered = few.with_row_index("number").sort(AGENCY_FILTERS)
    for place in AGENCY_FILTERS:
        like = numbered.filter(pl.col(place) != EVERYONE)
        if place == "quarter":  # A year and its quarters are no more than the year.
            like = like.filter(pl.col("quarter").str.contains(" Q"))
        for some in _together(like, place, sums, rules.smallest_count):
            reached.append(np.concatenate([alone[i] for i in some]))
    return reached


def _together(few: pl.DataFrame, place: str, sums: Ints, below: int) -> list[list[int]]:
    """Numbers of groups of few that differ in one choice and are still few together, where the sums
    of their hashes are 0: what is hidden of a whole could be told of all that is hidden.
    """
    family = pl.struct(name for name in AGENCY_FILTERS if name != place)
    like = few.with_columns(family=family.rank("dense")).sort("family", "number")
    family, numbers, people = (like[name].to_numpy().astype(np.int64)
                               for name in ("family", "number", "people"))  # fmt: skip
    ends = np.searchsorted(family, family, side="right")
    result: list[list[int]] = []
    sets, size, sum_ = np.arange(len(like))[:, None], people, sums[numbers]
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
