"""The attack on figures that are told anew: of what two versions of them are certain together.

The reader knows all releases, and whose records were corrected between them. So a person whose
record changed counts as two, one of *then* and one of *now*; whoever is the same is in both.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.counting.agencies.counted import COUNTED, kinds
from iomdash.declared.agencies import BY_ID, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.agencies.versions import State, quarters
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.attacker.certain import certain
from iomdash.disclosure.attacker.measured import OF_PEOPLE, PART, sums
from iomdash.disclosure.attacker.spans import combined
from iomdash.disclosure.attacker.told import VERSION, Told, by_block, groups
from iomdash.disclosure.attacker.worlds import Fallen, Group, World
from iomdash.disclosure.policy import AgencyRules

THEN, NOW, SAME = "then", "now", "same"
_ROW = ["person", *AGENCY_FILTERS]


def marked(versions: pl.DataFrame) -> Iterator[Fallen]:
    """Periods of which a release says of some groups alone that records have changed since: by
    groups that tells whose.
    """
    told = versions.filter(pl.col("state") != State.ANEW.value)
    states = told.group_by("measure", "quarter").agg(pl.col("state").n_unique())
    for measure, period, _ in states.filter(pl.col("state") > 1).sort(pl.all()).iter_rows():
        yield Fallen(measure, "", _everybody(period), 0, "it says of some groups that they wait")


def _everybody(period: str) -> Group:
    return (*(EVERYONE,) * len(STAY), period)


def stale(now: Told, moved: pl.DataFrame) -> Told:
    """Of each measure the groups that are told of records that have changed since."""
    return {name: _stale(BY_ID[name], rows, moved) for name, rows in now.items()}


def _stale(measure: Measure, rows: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    told = rows.filter(~pl.col("added")).drop_nulls("release").select(VERSION).unique()
    if moved.is_empty():
        return told.clear().drop("release")
    periods = [
        (quarter, release)
        for period, release in told.select("quarter", "release").unique().iter_rows()
        for quarter in quarters(period)
    ]
    asked = pl.DataFrame(periods, schema={"quarter": pl.String, "release": pl.Int64}, orient="row")
    changed = moved.filter(pl.col("of").is_in([measure.id, measure.of])).join(
        asked, on=["quarter", "release"], how="semi"
    )
    held = pl.concat(_wider(changed.select(VERSION).unique())).unique()
    return told.join(held, on=VERSION, how="semi").drop("release")


def _wider(cells: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Every group that holds somebody."""
    for names in (some for n in range(len(STAY) + 1) for some in combinations(STAY, n)):
        groups = cells.with_columns(pl.lit(EVERYONE).alias(name) for name in names)
        yield groups
        yield groups.with_columns(pl.col("quarter").str.head(4))


def between(
    before: Told, now: Told, newest: int | None, old_records: Told, counted: RawAgencies,
    rules: AgencyRules,
) -> Iterator[Fallen]:  # fmt: skip
    """What was told `before` and what is told now say together of few, where something is told now
    of the newest records, some of which have changed; of some groups that is still of old ones.

    `counted` says who counts now, and who counted otherwise in what was told.
    """
    if counted.moved.is_empty() or newest is None:
        return
    moved = counted.moved.partition_by("release", "of", as_dict=True)
    worlds = _Made(counted, rules)
    for measure in (BY_ID[name] for name in now.keys() & before.keys()):
        told = by_block(now[measure.id])
        for (place, release), old in by_block(before[measure.id]).items():
            parts = [
                moved[release, of] for of in (measure.id, measure.of) if (release, of) in moved
            ]
            if (place, newest) not in told or not parts:
                continue
            fresh = told[place, newest]["quarter"].unique()
            changed = _changed(old["quarter"].unique(), parts)
            if {q for period in fresh for q in quarters(period)}.isdisjoint(changed["quarter"]):
                continue
            others = [rows for (here, of), rows in told.items() if here == place and of != release]
            new = pl.concat(others).join(old_records[measure.id], on=AGENCY_FILTERS, how="anti")
            yield from _few(measure, place, changed, new, worlds)
            if measure.id in OF_PEOPLE:
                yield from _certain(measure, place, changed, (old, new), worlds)


def _changed(periods: Iterable[str], moved: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Who of those who count otherwise, frames of MOVED, does so in periods."""
    told = {quarter for period in periods for quarter in quarters(period)}
    return pl.concat(moved).filter(pl.col("quarter").is_in(told)).drop("release")


class _Made:
    """Who counts now, by population or measure and block; worlds of people, made once of the same;
    and groups of few as they are now.
    """

    def __init__(self, counted: RawAgencies, rules: AgencyRules) -> None:
        self._people, self.rules = counted.people, rules
        parts = counted.counted.partition_by("of", as_dict=True)
        self._counted = {str(of): part for (of,), part in parts.items()}
        self._here: dict[tuple[str, str], pl.DataFrame] = {}
        self._of: dict[object, World] = {}
        self._joint: dict[object, tuple[World, list[World]]] = {}
        self._few: dict[tuple[str, str], Set[Group]] = {}

    def counted(self, of: str, place: str) -> pl.DataFrame:
        """Rows person, the filters, cell and n of a population or a measure, in a block."""
        if (of, place) not in self._here:
            every = self._counted.get(of, pl.DataFrame(schema=COUNTED)).select(
                pl.col(*_ROW, "cell").cast(pl.String), "n"
            )
            self._here[of, place] = every.filter(pl.col("quarter").str.starts_with(place))
        return self._here[of, place]

    def of(self, people: pl.DataFrame) -> World:
        """Of rows person and the filters, one each."""
        if (same := frozenset(people.iter_rows())) not in self._of:
            self._of[same] = World.of(people, self.rules, AGENCY_FILTERS)
        return self._of[same]

    def joint(self, every: pl.DataFrame) -> tuple[World, list[World]]:
        """See `_joint`."""
        if (same := frozenset(every.iter_rows())) not in self._joint:
            self._joint[same] = _joint(every, self.rules)
        return self._joint[same]

    def few(self, of: str, place: str) -> Set[Group]:
        """Groups of few of a population and a block."""
        if (of, place) not in self._few:
            in_block = pl.col("quarter").str.starts_with(place)
            here = self._people.filter(pl.col("of") == of, in_block)
            world = None if here.is_empty() else World.of(here, self.rules, AGENCY_FILTERS)
            self._few[of, place] = {group for group, _, _ in world.small} if world else set()
        return self._few[of, place]


def _few(
    measure: Measure, place: str, changed: pl.DataFrame, new: pl.DataFrame, worlds: _Made
) -> Iterator[Fallen]:
    """Groups that are told of, or that others give, in which a few have changed, or in which some
    have and that are of few now.
    """
    world = worlds.of(changed.select(_ROW).unique())
    told = groups(new)
    inside = np.zeros((len(told), len(world.cells)), dtype=np.int64)
    for row, group in zip(inside, told, strict=True):
        name = group if is_quarter(group[-1]) else (*group[:-1], EVERYONE)
        row[world.inside(name)] = 1
        if 0 < (few := world.sizes_of.get(name, 0)) < worlds.rules.smallest_count:
            yield Fallen(measure.id, "", group, few, "a few have changed in what is told anew")
    small = {group for group, _, _ in world.small}
    named = sorted(small | (worlds.few(measure.of, place) & world.known.keys()))
    sets = np.zeros((len(named), len(world.cells)), dtype=np.int64)
    for row, group in zip(sets, named, strict=True):
        row[world.inside(group)] = 1
    for i in np.flatnonzero(combined(sets, inside)):
        *stay, quarter = named[i]
        group = (*stay, place if quarter == EVERYONE else quarter)
        how = "what is told anew gives what has changed of a few"
        yield Fallen(measure.id, "", group, world.sizes_of[named[i]], how)


def _certain(
    measure: Measure, place: str, changed: pl.DataFrame, told: tuple[pl.DataFrame, pl.DataFrame],
    worlds: _Made,
) -> Iterator[Fallen]:  # fmt: skip
    """What is certain of few in both versions together."""
    members, kinds_ = (
        _parted(worlds.counted(of, place), changed, of) for of in (measure.of, measure.id)
    )
    joint, views = worlds.joint(pl.concat([members, kinds_]).select(*_ROW, PART).unique())
    given = sums(measure, [*zip(told, views, strict=True)], worlds.rules, _counts(measure, kinds_))
    yield from certain(given, joint, place)[1]


def _parted(counts: pl.DataFrame, changed: pl.DataFrame, of: str) -> pl.DataFrame:
    """What counts of a population or a measure, of who is the same, as it was then and as it is
    now.
    """
    row = [*_ROW, "cell", "n"]
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
            group: np.concatenate([joint.inside((*group, SAME)), joint.inside((*group, part))])
            for group in world.sizes_of
        }
        views.append(replace(world, cells=joint.cells, sizes=joint.sizes, known=known))
        small += [(group, n, known[group]) for group, n, _ in world.small]
    return replace(joint, small=tuple(small)), views
