"""The attack on agencies' figures: of what a reader who knows who was in which group can be sure.

A *statement* is about a group of few that filters name: just so many of them have a kind. The
reader knows everybody's group, every rule, every release, and what adds up to what. Nothing here
is shared with what protects the figures.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import MEASURES, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.agencies.kinds import kinds
from iomdash.declared.agencies.versions import State, block
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.attacker.certain import certain
from iomdash.disclosure.attacker.measured import OF_PEOPLE, sums
from iomdash.disclosure.attacker.spans import combined
from iomdash.disclosure.attacker.told import VERSION, Tables, block_of, ever, key, told, versions
from iomdash.disclosure.attacker.versions import between, marked, stale
from iomdash.disclosure.attacker.worlds import Fallen, Group, World
from iomdash.disclosure.policy import AgencyRules


@dataclass
class Attacked:
    """How many groups, figures and statements were tried, and what fell."""

    groups: int = 0
    cells: int = 0
    statements: int = 0
    falls: list[Fallen] = field(default_factory=list[Fallen])

    @property
    def words(self) -> str:
        """The attack in a few lines."""
        head = (
            f"Agencies' figures: {self.groups:,} groups, {self.cells:,} figures, "
            f"{self.statements:,} statements about few people attacked."
        )
        fell = [f"{len(self.falls)} fell:"] if self.falls else []
        return "\n".join([head, *fell, *(fall.words for fall in self.falls)])


def attack(
    tables: Tables, before: Mapping[int, Tables], counted: RawAgencies, rules: AgencyRules
) -> Attacked:
    """Attack what is told of each measure, together with all earlier releases.

    Of what was counted a reader knows who was in which group; the counts only show what else could
    be. Periods that an earlier release told were attacked then, and must be told as they were, or
    anew of records of which enough have changed.
    """
    attacked, then, said = Attacked(), ever(before), versions(tables)
    # Of a measure that is gone its figures are.
    now = {name: rows.drop("number").clear() for name, rows in then.items()} | told(tables)
    old_records = stale(now, counted.moved)
    attacked.falls += between(then, now, _newest(said, before), old_records, counted, rules)
    attacked.falls += marked(said)
    worlds = _Worlds(counted.people, rules)
    spans: dict[object, list[Fallen]] = {}
    for measure in (m for m in MEASURES if m.id in now):
        rows, earlier = now[measure.id], then.get(measure.id)
        attacked.cells += len(rows)
        new = _new(rows, earlier)
        if earlier is not None:
            attacked.falls += _moved(measure, earlier, rows, said.filter(measure=measure.id))
        attacked.falls += _few(measure, rows, rules, new)
        attacked.falls += _added(measure, rows, rules)
        # What is told of other records than these was attacked with those.
        own = rows.filter(~pl.col("added")).join(
            old_records[measure.id], on=AGENCY_FILTERS, how="anti", maintain_order="left"
        )
        shown = own.select(AGENCY_FILTERS).unique().sort(AGENCY_FILTERS)
        by_period = {period: part.rows() for period, part in _parts(shown, "quarter").items()}
        for period in sorted(new & by_period.keys()):
            if (world := worlds.alone(measure.of, period)) is None:
                continue
            groups = [group[:-1] for group in by_period[period]]
            attacked.groups += len(groups)
            if (seen := (measure.of, period, *groups)) not in spans:
                spans[seen] = list(_small(measure, period, world, groups, rules))
            attacked.falls += spans[seen]
        if measure.id not in OF_PEOPLE:
            continue
        cells, blocks = _cells(counted, measure), _parts(own, "block")
        for place in sorted({block(measure.of, period) for period in new} & blocks.keys()):
            if (world := worlds.together(measure.of, place)) is None:
                continue
            likely = cells.get(place, pl.DataFrame())
            given = sums(measure, [(blocks[place], world)], rules, likely)
            tried, falls = certain(given, world, place)
            attacked.statements += tried
            attacked.falls += falls
    return attacked


def _parts(rows: pl.DataFrame, by: str) -> Mapping[str, pl.DataFrame]:
    return {str(value): part for (value,), part in rows.partition_by(by, as_dict=True).items()}


def _newest(said: pl.DataFrame, before: Mapping[int, Tables]) -> int | None:
    """The release that is attacked, where it tells anything of its own records."""
    then = {n for tables in before.values() for n in versions(tables)["release"].unique()}
    return next((n for n in said["release"].unique() if n not in then), None)


def _new(rows: pl.DataFrame, earlier: pl.DataFrame | None) -> Set[str]:
    """Periods of which something is told that no earlier release told of the same records."""
    if earlier is not None:
        rows = rows.join(earlier, on=VERSION, how="anti", nulls_equal=True)
    return {*rows["quarter"].unique()}


def _cells(counted: RawAgencies, measure: Measure) -> Mapping[str, pl.DataFrame]:
    """What was counted of the cells of all filters in quarters, by block; nothing where that
    measure was not.
    """
    if measure.id not in counted.cubes:
        return {}
    quarter = pl.col("quarter")
    chosen = (pl.col(name) != EVERYONE for name in STAY)
    cells = counted.cubes[measure.id].filter(quarter.str.contains(" Q"), *chosen)
    return _parts(cells.with_columns(block=block_of(measure)), "block")


def _moved(
    measure: Measure, earlier: pl.DataFrame, rows: pl.DataFrame, said: pl.DataFrame
) -> Iterator[Fallen]:
    """Figures of a period that was told that are other ones now, of the same records: their
    difference is people.
    """
    now = said.select(
        *AGENCY_FILTERS, now="release", now_added=pl.col("state") == State.ADDED.value
    )
    # A year that is added up follows from its quarters.
    old = earlier.join(now, on=AGENCY_FILTERS, how="left").filter(
        pl.col("release").eq_missing(pl.col("now")), pl.col("now_added").eq_missing(True).not_()
    )
    versions = earlier.group_by(VERSION).agg(since=pl.col("number").min())
    periods = earlier.group_by("quarter").agg(first=pl.col("number").min())
    new = rows.filter(~pl.col("added")).join(periods, on="quarter").join(
        versions, on=VERSION, how="left", nulls_equal=True
    ).filter(pl.col("since").is_not_null() | pl.col("release").is_null())  # fmt: skip
    by = [*key(measure), "release"]
    both = old.with_columns(old=True).join(
        new.with_columns(new=True), on=by, how="full", coalesce=True, nulls_equal=True
    )
    other = both.filter(
        pl.any_horizontal(pl.col("old", "new").is_null())
        | pl.col("n").ne_missing(pl.col("n_right"))
    )
    first = pl.coalesce("number", "since", "first")
    for *group, what, number in other.select(*AGENCY_FILTERS, "what", first).iter_rows():
        how = f"another figure than in release {number}"
        yield Fallen(measure.id, what, tuple(group), 0, how)


def _added(measure: Measure, rows: pl.DataFrame, rules: AgencyRules) -> Iterator[Fallen]:
    """Figures of years that are said to be added up, and are not what their quarters come to."""
    thing = [*STAY, *measure.dimensions, "what"]
    middle = (rules.smallest_count - 1) // 2
    years = rows.filter(pl.col("added"), pl.col("n").is_not_null())
    if years.is_empty():
        return
    quarters = rows.filter(pl.col("quarter").str.contains(" Q")).with_columns(
        quarter=pl.col("quarter").str.head(4), part=pl.col("n").fill_null(middle)
    )
    sums_ = quarters.group_by(*thing, "quarter").agg(pl.col("part").sum())
    other = years.join(sums_, on=[*thing, "quarter"], how="left").filter(
        pl.col("n").ne_missing(pl.col("part"))
    )
    for *group, what in other.select(*AGENCY_FILTERS, "what").iter_rows():
        how = "a year that is not what its quarters come to"
        yield Fallen(measure.id, what, tuple(group), 0, how)


def _few(
    measure: Measure, rows: pl.DataFrame, rules: AgencyRules, new: Set[str]
) -> Iterator[Fallen]:
    """Figures that are themselves of few, and rows that are missing where others stand, or that are
    declared and missing in new periods.
    """
    of_few = rows.filter(pl.col("n") >= 0, pl.col("n") < rules.smallest_count)
    for *group, what, n in of_few.select(*AGENCY_FILTERS, "what", "n").iter_rows():
        yield Fallen(measure.id, what, tuple(group), n, "a figure of few")
    if MONTH in measure.dimensions:
        return
    own = [*measure.dimensions, "what"]
    declared = pl.DataFrame(
        [(period, *kind) for period, kind in product(new, kinds(measure))],
        schema=dict.fromkeys(["quarter", *own], pl.String), orient="row",
    )  # fmt: skip
    at_end = pl.col("what").is_in(measure.at_end).alias("at_end")
    things = pl.concat([declared, rows.select("quarter", *own)]).unique()
    every = things.group_by("quarter", at_end).len("every")
    of_group = rows.select(key(measure)).unique().group_by(*AGENCY_FILTERS, at_end).len()
    some = of_group.join(every, on=["quarter", "at_end"]).filter(pl.col("len") != pl.col("every"))
    for group in some.select(AGENCY_FILTERS).iter_rows():
        yield Fallen(measure.id, "", group, 0, "a missing row says nobody")


class _Worlds:
    """The worlds of each population, quarter and year, made when they are asked for."""

    def __init__(self, people: pl.DataFrame, rules: AgencyRules) -> None:
        # At a quarter's end nothing adds up.
        years = people.filter(pl.col("of") != "in").with_columns(by=pl.col("quarter").str.head(4))
        every = pl.concat([people.with_columns(by="quarter"), years])
        self._people = every.partition_by(["of", "by"], as_dict=True, include_key=True)
        self._rules = rules
        self._made: dict[tuple[str, str, Sequence[str]], World | None] = {}

    def alone(self, of: str, period: str) -> World | None:
        """People of a quarter or a year by their stay; None where there is nobody."""
        return self._world(of, period, STAY)

    def together(self, of: str, block: str) -> World | None:
        """People of a quarter's end, or those of a year by quarter as well."""
        return self._world(of, block, STAY if is_quarter(block) else AGENCY_FILTERS)

    def _world(self, of: str, period: str, by: Sequence[str]) -> World | None:
        people = self._people.get((of, period))
        if people is None:
            return None
        key = (of, period, by)
        if key not in self._made:
            self._made[key] = World.of(people, self._rules, by)
        return self._made[key]


def _small(
    measure: Measure, period: str, world: World, groups: Sequence[Group], rules: AgencyRules
) -> Iterator[Fallen]:
    """Groups of few that are told of, or that others give when they are added and taken."""
    rows = np.zeros((len(groups), len(world.cells)), dtype=np.int64)
    for i, group in enumerate(groups):
        rows[i, world.inside(group)] = 1
        if 0 < world.sizes_of.get(group, 0) < rules.smallest_count:
            people = world.sizes_of[group]
            yield Fallen(measure.id, "", (*group, period), people, "a group of few is told of")
    for i in np.flatnonzero(combined(world.few, rows)):
        group, people, _ = world.small[i]
        how = "others give it when they are added and taken"
        yield Fallen(measure.id, "", (*group, period), people, how)
