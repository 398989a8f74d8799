"""The attack on figures that are told anew: of what two versions of them are certain together.

The reader knows all releases, and whose records were corrected between them. So a person whose
record changed counts as two, one of *then* and one of *now*; whoever is the same is in both.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import product
from operator import itemgetter

import numpy as np
import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.counting.agencies.counted import kinds
from iomdash.declared.agencies import BY_ID, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, is_quarter
from iomdash.declared.agencies.versions import State, block, quarters
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.attacker.certain import certain
from iomdash.disclosure.attacker.measured import OF_PEOPLE, PART, sums
from iomdash.disclosure.attacker.spans import combined
from iomdash.disclosure.attacker.worlds import Fallen, Group, World
from iomdash.disclosure.policy import AgencyRules
from iomdash.release.file import Row

TOLD_AS = "versions"
THEN, NOW, SAME = "then", "now", "same"
Tables = Mapping[str, Sequence[Row]]
# A measure and a group, and of which release its records are; none where a release does not say.
Version = tuple[str, Group, int | None]
# A block of periods, and of which release the records are.
Told = tuple[str, int | None]
_GROUP = itemgetter(*AGENCY_FILTERS)
_ROW = ["person", *AGENCY_FILTERS]


class Versions:
    """What a release says of the records behind each group of a measure."""

    def __init__(self, tables: Tables) -> None:
        self._told = {
            (row["measure"], _GROUP(row)): (row["release"], row["state"])
            for row in tables.get(TOLD_AS, ())
        }
        self._tables = tables

    @property
    def every(self) -> Set[Version]:
        """All that is told."""
        return {
            self.version(name, _GROUP(row))
            for name, rows in self._tables.items() if name != TOLD_AS for row in rows
        }  # fmt: skip

    def version(self, measure: str, group: Group) -> Version:
        """Of which release the records of a group are."""
        return measure, group, self._told.get((measure, group), (None, ""))[0]

    def added(self, measure: str, group: Group) -> bool:
        """Whether a year is its quarters added up."""
        return self._told.get((measure, group), (None, ""))[1] == State.ADDED

    def marked(self) -> Iterator[Fallen]:
        """Periods of which the release says of some groups alone that records have changed since:
        by groups that tells whose.
        """
        by: dict[tuple[str, str], set[str]] = {}
        for (measure, group), (_, state) in self._told.items():
            if state != State.ANEW:
                by.setdefault((measure, group[-1]), set()).add(state)
        for (measure, period), states in by.items():
            if len(states) > 1:
                everybody = (*(EVERYONE,) * (len(AGENCY_FILTERS) - 1), period)
                yield Fallen(measure, "", everybody, 0, "it says of some groups that they wait")

    def rows(self, measure: Measure) -> Mapping[Told, list[Row]]:
        """Rows of a measure by block and by the release whose records they count."""
        by: dict[Told, list[Row]] = {}
        for row in self._tables.get(measure.id, ()):
            group = _GROUP(row)
            if group[-1] != EVERYONE and not self.added(measure.id, group):
                release = self.version(measure.id, group)[2]
                by.setdefault((block(measure.of, group[-1]), release), []).append(row)
        return by


def stale(now: Tables, moved: pl.DataFrame) -> Set[tuple[str, Group]]:
    """Of each measure the groups that are told of records that have changed since."""
    if moved.is_empty():
        return set()
    return {
        (name, group)
        for name in now.keys() - {TOLD_AS}
        for (_, release), rows in Versions(now).rows(BY_ID[name]).items()
        for group in _groups(_changed(BY_ID[name], release, rows, moved)) & {*map(_GROUP, rows)}
    }


def _groups(changed: pl.DataFrame) -> Set[Group]:
    """Every group that holds somebody."""
    return {
        (*stay, period)
        for *cell, quarter in changed.select(AGENCY_FILTERS).unique().iter_rows()
        for stay in product(*((value, EVERYONE) for value in cell))
        for period in (quarter, quarter[:4])
    }


def between(
    before: Sequence[Tables], now: Tables, old_records: Set[tuple[str, Group]],
    counted: RawAgencies, rules: AgencyRules,
) -> Iterator[Fallen]:  # fmt: skip
    """What earlier releases and this one tell together of few, where this one tells something of
    records that have changed; of some groups it still tells of old records.

    `counted` says who counts now, and who counted otherwise in what was told.
    """
    if counted.moved.is_empty():
        return
    after = Versions(now)
    then = {row["release"] for tables in before for row in tables.get(TOLD_AS, ())}
    newest = next((n for row in now.get(TOLD_AS, ()) if (n := row["release"]) not in then), None)
    for measure in (BY_ID[name] for name in now.keys() - {TOLD_AS}):
        told = after.rows(measure)
        for (place, release), old in _ever(measure, before).items():
            new = [
                row for (here, of), rows in told.items() if here == place and of != release
                for row in rows if (measure.id, _GROUP(row)) not in old_records
            ]  # fmt: skip
            changed = _changed(measure, release, old, counted.moved)
            fresh = {q for row in told.get((place, newest), ()) for q in quarters(row["quarter"])}
            if newest is None or fresh.isdisjoint(changed["quarter"]):
                continue
            yield from _few(measure, place, changed, new, counted.people, rules)
            if measure.id in OF_PEOPLE:
                yield from _certain(measure, place, changed, (old, new), counted.counted, rules)


def _ever(measure: Measure, before: Sequence[Tables]) -> Mapping[Told, list[Row]]:
    """What was told in any release, by block and by the release whose records it counts."""
    row_of = itemgetter(*AGENCY_FILTERS, *measure.dimensions, "what")
    ever: dict[Told, dict[object, Row]] = {}
    for tables in before:
        for told, rows in Versions(tables).rows(measure).items():
            ever.setdefault(told, {}).update((row_of(row), row) for row in rows)
    return {told: [*rows.values()] for told, rows in ever.items()}


def _changed(
    measure: Measure, release: int | None, rows: Sequence[Row], moved: pl.DataFrame
) -> pl.DataFrame:
    """Who counts otherwise than in what was told of a release's records: of MOVED."""
    told = {quarter for row in rows for quarter in quarters(row["quarter"])}
    here = pl.col("quarter").is_in(told), pl.col("of").is_in([measure.id, measure.of])
    return moved.filter(pl.col("release") == release, *here).drop("release")


def _few(
    measure: Measure, place: str, changed: pl.DataFrame, rows: Sequence[Row], people: pl.DataFrame,
    rules: AgencyRules,
) -> Iterator[Fallen]:  # fmt: skip
    """Groups that are told of, or that others give, in which a few have changed, or in which some
    have and that are of few now.
    """
    world = World.of(changed.select(_ROW).unique(), rules, AGENCY_FILTERS)
    groups = sorted({_GROUP(row) for row in rows})
    inside = np.zeros((len(groups), len(world.cells)), dtype=np.int64)
    for row, group in zip(inside, groups, strict=True):
        name = group if is_quarter(group[-1]) else (*group[:-1], EVERYONE)
        row[world.inside(name)] = 1
        if 0 < (few := world.sizes_of.get(name, 0)) < rules.smallest_count:
            yield Fallen(measure.id, "", group, few, "a few have changed in what is told anew")
    small = {group for group, _, _ in world.small}
    named = sorted(small | (_few_now(measure, place, people, rules) & world.known.keys()))
    sets = np.zeros((len(named), len(world.cells)), dtype=np.int64)
    for row, group in zip(sets, named, strict=True):
        row[world.inside(group)] = 1
    for i in np.flatnonzero(combined(sets, inside)):
        *stay, quarter = named[i]
        group = (*stay, place if quarter == EVERYONE else quarter)
        how = "what is told anew gives what has changed of a few"
        yield Fallen(measure.id, "", group, world.sizes_of[named[i]], how)


def _few_now(measure: Measure, place: str, people: pl.DataFrame, rules: AgencyRules) -> Set[Group]:
    """Groups of few as they are now."""
    here = people.filter(pl.col("of") == measure.of, pl.col("quarter").str.starts_with(place))
    if here.is_empty():
        return set()
    return {group for group, _, _ in World.of(here, rules, AGENCY_FILTERS).small}


def _certain(
    measure: Measure, place: str, changed: pl.DataFrame, told: tuple[Sequence[Row], Sequence[Row]],
    counted: pl.DataFrame, rules: AgencyRules,
) -> Iterator[Fallen]:  # fmt: skip
    """What is certain of few in both versions together."""
    here = counted.filter(pl.col("quarter").cast(pl.String).str.starts_with(place))
    members, kinds_ = (
        _parted(here.filter(pl.col("of").cast(pl.String) == of), changed, of)
        for of in (measure.of, measure.id)
    )
    joint, views = _joint(pl.concat([members, kinds_]).select(*_ROW, PART).unique(), rules)
    given = sums(measure, [*zip(told, views, strict=True)], rules, _counts(measure, kinds_))
    yield from certain(given, joint, place)[1]


def _parted(now: pl.DataFrame, changed: pl.DataFrame, of: str) -> pl.DataFrame:
    """What counts of a population or a measure, of who is the same, as it was then and as it is
    now.
    """
    row = [*_ROW, "cell", "n"]
    counts = now.select(pl.col(*_ROW, "cell").cast(pl.String), "n")
    moved = changed.filter(of=of)
    is_now, was = (moved.filter(part=part).select(row) for part in (NOW, THEN))
    then = pl.concat([counts.join(is_now, on=row, how="anti"), was])
    same = counts.join(changed, on=_ROW, how="anti")
    parts = ((same, SAME), *((rows.join(changed, on=_ROW, how="semi"), part)
                             for rows, part in ((then, THEN), (counts, NOW))))  # fmt: skip
    return pl.concat(rows.with_columns(pl.lit(part).alias(PART)) for rows, part in parts)


def _counts(measure: Measure, rows: pl.DataFrame) -> pl.DataFrame:
    """Numbers by cell and kind, of each table that a measure is told by."""
    named = rows.with_columns(kinds(measure))
    return pl.concat(
        named.with_columns(
            pl.lit(EVERYONE).alias(name) for name in measure.dimensions if name not in cut
        )
        for cut in measure.cuts
    )


def _joint(every: pl.DataFrame, rules: AgencyRules) -> tuple[World, list[World]]:
    """Cells by who is the same, of then and of now; and as each of two versions sees them."""
    joint = World.of(every, rules, (*AGENCY_FILTERS, PART))
    views: list[World] = []
    small = [(group[:-1], n, cells) for group, n, cells in joint.small if group[-1] != EVERYONE]
    for part in (THEN, NOW):
        world = World.of(every.filter(pl.col(PART).is_in([SAME, part])), rules, AGENCY_FILTERS)
        known = {
            group: np.union1d(joint.inside((*group, SAME)), joint.inside((*group, part)))
            for group in world.sizes_of
        }
        views.append(replace(world, cells=joint.cells, sizes=joint.sizes, known=known))
        small += [(group, n, known[group]) for group, n, _ in world.small]
    return replace(joint, small=tuple(small)), views
