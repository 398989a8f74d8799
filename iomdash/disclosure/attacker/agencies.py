"""The attack on agencies' figures: of what a reader who knows who was in which group can be sure.

A *statement* is about a group of few that filters name: just so many of them have a kind. The
reader knows everybody's group, every rule, every release, and what adds up to what. Nothing here
is shared with what protects the figures.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import product
from operator import itemgetter

import numpy as np
import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import MEASURES, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.agencies.kinds import kinds
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.attacker.certain import certain
from iomdash.disclosure.attacker.measured import OF_PEOPLE, sums
from iomdash.disclosure.attacker.spans import combined
from iomdash.disclosure.attacker.versions import TOLD_AS, Tables, Version, Versions, between, stale
from iomdash.disclosure.attacker.worlds import Fallen, Group, World
from iomdash.disclosure.policy import AgencyRules
from iomdash.release.file import Row
from iomdash.release.reader import Release

PERIOD = AGENCY_FILTERS.index("quarter")
_GROUP, _STAY = itemgetter(*AGENCY_FILTERS), itemgetter(*STAY)


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


def tables(safe: ReleasableAgencies) -> Tables:
    """Rows of each measure, and of versions, as a reader of the release will see them."""
    return {name: cube.to_dicts() for name, cube in {**safe.cubes, TOLD_AS: safe.versions}.items()}


def of_release(release: Release) -> Tables:
    """Rows of each measure, and of versions, as the release holds them."""
    sent = [m.id for m in MEASURES if m.id in release.recorded_dates]
    return {name: release.rows(f"select * from recorded_{name}") for name in [*sent, TOLD_AS]}


def read(releases: Sequence[Release]) -> Mapping[int, Tables]:
    """What releases told, by number."""
    return {release.number: of_release(release) for release in releases}


def attack(
    tables: Tables, before: Mapping[int, Tables], counted: RawAgencies, rules: AgencyRules
) -> Attacked:
    """Attack what is told of each measure, together with all earlier releases.

    Of what was counted a reader knows who was in which group; the counts only show what else could
    be. Periods that an earlier release told were attacked then, and must be told as they were, or
    anew of records of which enough have changed.
    """
    attacked, earlier, told_as = Attacked(), set[Version](), Versions(tables)
    for number, old in before.items():
        earlier |= Versions(old).every
        attacked.falls += _moved(number, old, tables)
    old_records = stale(tables, counted.moved)
    attacked.falls += between([*before.values()], tables, old_records, counted, rules)
    attacked.falls += told_as.marked()
    worlds = _Worlds(counted.people, rules)
    spans: dict[object, list[Fallen]] = {}
    for measure in (m for m in MEASURES if m.id in tables):
        told = _by_period(tables[measure.id])
        attacked.cells += sum(map(len, told.values()))
        new = _new(measure, told, told_as, earlier)
        attacked.falls += _few(measure, told, rules, new)
        attacked.falls += _added(measure, told, told_as, rules)
        # What is told of other records than these was attacked with those.
        periods = {
            period: [
                row
                for row in rows
                if (measure.id, _GROUP(row)) not in old_records
                and not told_as.added(measure.id, _GROUP(row))
            ]
            for period, rows in told.items()
        }
        for period in sorted(new):
            world = worlds.alone(measure.of, period)
            groups = sorted({*map(_STAY, periods[period])})
            if world is None or not groups:
                continue
            attacked.groups += len(groups)
            if (seen := (measure.of, period, *groups)) not in spans:
                spans[seen] = list(_small(measure, period, world, groups, rules))
            attacked.falls += spans[seen]
        for block, together in _blocks(measure, periods):
            world = worlds.together(measure.of, block) if new & together else None
            if world:
                part = [row for period in together for row in periods[period]]
                cells = _cells(counted, measure, block)
                given = sums(measure, [(part, world)], rules, cells)
                tried, falls = certain(given, world, block)
                attacked.statements += tried
                attacked.falls += falls
    return attacked


def _new(
    measure: Measure, told: Mapping[str, Sequence[Row]], told_as: Versions, earlier: Set[Version]
) -> Set[str]:
    """Periods of which something is told that no earlier release told of the same records."""
    return {
        period for period, rows in told.items()
        if any(told_as.version(measure.id, _GROUP(row)) not in earlier for row in rows)
    }  # fmt: skip


def _by_period(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by period, those of all periods left out, as they follow from the others."""
    by: dict[str, list[Row]] = {}
    for row in rows:
        by.setdefault(row["quarter"], []).append(row)
    return {period: part for period, part in by.items() if period != EVERYONE}


def _blocks(measure: Measure, periods: Iterable[str]) -> Iterator[tuple[str, Set[str]]]:
    """Periods of which people add up: a quarter's end, or a year and its quarters."""
    by: dict[str, dict[str, None]] = {}
    for period in periods if measure.id in OF_PEOPLE else ():
        by.setdefault(period if measure.of == "in" else period[:4], {})[period] = None
    yield from ((block, together.keys()) for block, together in sorted(by.items()))


def _cells(counted: RawAgencies, measure: Measure, block: str) -> pl.DataFrame:
    """What was counted of the cells of all filters, in the quarters of a block; no row where that
    measure was not.
    """
    if measure.id not in counted.cubes:
        return pl.DataFrame()
    cube = counted.cubes[measure.id]
    chosen = (pl.col(name) != EVERYONE for name in STAY)
    quarter = pl.col("quarter")
    return cube.filter(quarter.str.starts_with(block), quarter.str.contains(" Q"), *chosen)


def _moved(number: int, then: Tables, now: Tables) -> Iterator[Fallen]:
    """Figures of a period that was told that are other ones now, of the same records: their
    difference is people.
    """
    was, is_ = Versions(then), Versions(now)
    for measure in MEASURES:
        if measure.id not in then:
            continue
        keys = (*AGENCY_FILTERS, *measure.dimensions, "what")
        of = itemgetter(*keys)
        old = {of(row): row["n"] for row in then[measure.id]}
        new = {of(row): row["n"] for row in now.get(measure.id, [])}
        periods = {key[PERIOD] for key in old} - {EVERYONE}
        for key in old.keys() | new.keys():
            # A year that is added up follows from its quarters.
            same = not is_.added(measure.id, key[:5]) and (
                was.version(measure.id, key[:5]) == is_.version(measure.id, key[:5])
            )
            if key[PERIOD] in periods and same and old.get(key, "none") != new.get(key, "none"):
                how = f"another figure than in release {number}"
                yield Fallen(measure.id, str(key[-1]), key[:5], 0, how)


def _added(
    measure: Measure, told: Mapping[str, Sequence[Row]], told_as: Versions, rules: AgencyRules
) -> Iterator[Fallen]:
    """Figures of years that are said to be added up, and are not what their quarters come to."""
    thing = itemgetter(*STAY, *measure.dimensions, "what")
    middle = (rules.smallest_count - 1) // 2
    parts: dict[tuple[str, object], int] = {}
    for row in (row for period, rows in told.items() if is_quarter(period) for row in rows):
        of = row["quarter"][:4], thing(row)
        parts[of] = parts.get(of, 0) + (middle if row["n"] is None else row["n"])
    for row in (row for rows in told.values() for row in rows):
        sum_ = parts.get((row["quarter"], thing(row)))
        if told_as.added(measure.id, _GROUP(row)) and row["n"] not in (None, sum_):
            how = "a year that is not what its quarters come to"
            yield Fallen(measure.id, row["what"], _GROUP(row), 0, how)


def _few(
    measure: Measure, told: Mapping[str, Sequence[Row]], rules: AgencyRules, new: Set[str]
) -> Iterator[Fallen]:  # fmt: skip
    """Figures that are themselves of few, and rows that are missing where others stand, or that are
    declared and missing in new periods.
    """
    rows = [row for part in told.values() for row in part]
    for row in rows:
        if row["n"] is not None and 0 <= row["n"] < rules.smallest_count:
            yield Fallen(measure.id, row["what"], _GROUP(row), row["n"], "a figure of few")
    if MONTH in measure.dimensions:
        return
    thing = itemgetter(*measure.dimensions, "what")
    every: dict[tuple[str, bool], set[object]] = {}
    for period, kind in product(new, kinds(measure)):
        at_end = kind[-1] in measure.at_end
        every.setdefault((period, at_end), set()).add(kind if measure.dimensions else kind[0])
    by_group: dict[tuple[Group, bool], set[object]] = {}
    for row in rows:
        at_end = row["what"] in measure.at_end
        by_group.setdefault((_GROUP(row), at_end), set()).add(thing(row))
    for (group, at_end), things in by_group.items():
        every.setdefault((group[PERIOD], at_end), set()).update(things)
    for (group, at_end), things in by_group.items():
        if things != every[group[PERIOD], at_end]:
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
