"""Which groups of people in agencies' records may be shown, by size alone.

A group of filters and a period is shown where it holds enough people, and where it, added to or
taken from other shown groups, leaves no group of fewer that filters can name. What the people did
has no say, so a group that is hidden tells nothing of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import polars as pl

from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter, last_quarter
from iomdash.declared.groups import EVERYONE
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
        (str(of), *group.key, group.people)
        for (of, *_), block in _blocks(people)
        for group in _block(block, rules, set(_of(before, str(of))), years=of != "in")
    ]
    types = {**dict.fromkeys(GROUP, pl.String), "size": pl.Int64}
    new = pl.DataFrame(parts, schema=types, orient="row")
    gone = before.select(GROUP).join(new, on=GROUP, how="anti")
    return pl.concat([new, gone.with_columns(size=pl.lit(None, pl.Int64))])


def _of(before: pl.DataFrame, of: str) -> list[Key]:
    return before.filter(pl.col("of") == of).select(AGENCY_FILTERS).rows()


def _blocks(people: pl.DataFrame) -> Iterator[tuple[tuple[object, ...], pl.DataFrame]]:
    """People of whom figures may add up: of a year, or of a quarter's end, which stands alone."""
    block = pl.when(of="in").then("quarter").otherwise(pl.col("quarter").str.head(4))
    parts = people.with_columns(block=block).partition_by(["of", "block"], as_dict=True)
    yield from sorted(parts.items(), key=lambda item: tuple(map(str, item[0])))


def _block(
    people: pl.DataFrame, rules: AgencyRules, before: set[Key], *, years: bool
) -> list[Named]:
    """The groups to be shown of one block, those of before first."""
    named = list(_named(people, years=years))
    small = [g.cells for g in named if g.people < rules.smallest_count]
    small += list(_together(named, rules))
    asked = [g for g in named if g.filters <= rules.filters_at_once]
    asked = [g for g in asked if g.people >= rules.smallest_count]
    settled = {key[-1] for key in before}
    # A period that was told stays as it was: nothing is added to it.
    new = [g for g in asked if g.key in before or g.key[-1] not in settled]
    ordered = sorted(new, key=lambda g: (g.key not in before, *g.worth))
    return list(_safe(ordered, small, 1 + max(int(g.cells.max()) for g in named)))


def _safe(ordered: list[Named], small: list[Ints], cells: int) -> Iterator[Named]:
    """The groups, in order, that bring no small set of cells into reach."""
    span = Span(cells, len(ordered))
    members = np.concatenate(small) if small else np.zeros(0, dtype=np.int64)
    starts = np.cumsum([0, *map(len, small)])[:-1]
    for group in ordered:
        vector = np.zeros(cells, dtype=np.int64)
        vector[group.cells] = 1
        row = span.new(vector)
        if row is None:
            yield group
            continue
        hashes = span.hashes_with(row)
        sums = np.add.reduceat(hashes[members], starts, axis=0) % P if small else np.ones((1, 1))
        if sums.any(axis=1).all():
            span.add(row)
            yield group


def _named(people: pl.DataFrame, *, years: bool) -> Iterator[Named]:
    """Every group of any filters that holds somebody, in every quarter and, closed, the year."""
    who: dict[Key, set[int]] = {}
    for person, *cell in people.select("person", *AGENCY_FILTERS).iter_rows():
        who.setdefault(tuple(cell), set()).add(person)
    cells = sorted(who)
    closed = years and any(cell[-1] == last_quarter(cell[-1][:4]) for cell in cells)
    inside: dict[Key, list[int]] = {}
    for place, (*stay, quarter) in enumerate(cells):
        for set_on in product((True, False), repeat=len(STAY)):
            chosen = (v if on else EVERYONE for v, on in zip(stay, set_on, strict=True))
            filters = tuple(chosen)
            for period in (quarter, quarter[:4]) if closed else (quarter,):
                inside.setdefault((*filters, period), []).append(place)
    for key, at in inside.items():
        people_in = len(set[int]().union(*(who[cells[place]] for place in at)))
        yield Named(key, people_in, np.array(at, dtype=np.int64))


def _together(named: list[Named], rules: AgencyRules) -> Iterator[Ints]:
    """Groups of few that differ in one choice, taken together where they are still few: what is
    hidden of a whole could be told of all that is hidden.
    """
    few = [g for g in named if g.people < rules.smallest_count]
    siblings: dict[tuple[int, Key], list[Named]] = {}
    for group in few:
        for place in range(len(AGENCY_FILTERS)):
            whole = (*group.key[:place], "", *group.key[place + 1 :])
            if group.key[place] != EVERYONE:
                siblings.setdefault((place, whole), []).append(group)
    for several in siblings.values():
        for n in range(2, min(len(several), rules.smallest_count - 1) + 1):
            for some in combinations(several, n):
                if sum(g.people for g in some) < rules.smallest_count:
                    yield np.unique(np.concatenate([g.cells for g in some]))
