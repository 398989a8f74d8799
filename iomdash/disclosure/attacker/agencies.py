"""The attack on agencies' figures: of what a reader who knows who was in which group can be sure.

A *statement* is about a group of few that filters name: just so many of them have a kind. The
reader knows everybody's group, every rule, every release, and what adds up to what. Nothing here
is shared with what protects the figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from iomdash.declared.agencies import MEASURES, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.attacker.measured import OF_PEOPLE, sums
from iomdash.disclosure.attacker.worlds import Fallen, Group, World, certain
from iomdash.disclosure.policy import AgencyRules
from iomdash.release.file import Row
from iomdash.release.reader import Release

PRIME = 998_244_353
PERIOD = AGENCY_FILTERS.index("quarter")
Tables = Mapping[str, Sequence[Row]]


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


def tables(cubes: Mapping[str, pl.DataFrame]) -> Tables:
    """Rows of each measure, as a reader of the release will see them."""
    return {name: cube.to_dicts() for name, cube in cubes.items()}


def of_release(release: Release) -> Tables:
    """Rows of each measure, as the release holds them."""
    sent = [m.id for m in MEASURES if m.id in release.recorded_dates]
    return {name: release.rows(f"select * from recorded_{name}") for name in sent}


def read(releases: Sequence[Release]) -> Mapping[int, Tables]:
    """What releases told, by number."""
    return {release.number: of_release(release) for release in releases}


def attack(
    tables: Tables, before: Mapping[int, Tables], people: pl.DataFrame, rules: AgencyRules
) -> Attacked:
    """Attack what is told of each measure, together with all earlier releases.

    `people` has of, person, cohort, provider, supervision, area, quarter of everybody counted.
    Periods that an earlier release told were attacked then, and must be told as they were.
    """
    attacked, earlier = Attacked(), set[tuple[str, str]]()
    for number, old in before.items():
        earlier |= {(name, row["quarter"]) for name, rows in old.items() for row in rows}
        attacked.falls += _moved(number, old, tables)
    worlds = {key: World.of(part, rules) for key, part in _parts(people)}
    blocks = worlds | {key: World.of(part, rules, AGENCY_FILTERS) for key, part in _years(people)}
    spans: dict[object, list[Fallen]] = {}
    for measure in (m for m in MEASURES if m.id in tables):
        rows = [r for r in tables[measure.id] if r["quarter"] != EVERYONE]
        attacked.cells += len(rows)
        attacked.falls += _few(measure, rows, rules)
        for period in sorted({r["quarter"] for r in rows}):
            world = worlds.get((measure.of, period))
            now = [r for r in rows if r["quarter"] == period]
            if world is None or (measure.id, period) in earlier:
                continue
            groups = sorted({tuple(r[f] for f in STAY) for r in now})
            attacked.groups += len(groups)
            if (seen := (measure.of, period, *groups)) not in spans:
                spans[seen] = list(_small(measure, period, world, groups, rules))
            attacked.falls += spans[seen]
        for block, part in _blocks(measure, rows):
            world = blocks.get((measure.of, block))
            if world and any((measure.id, r["quarter"]) not in earlier for r in part):
                tried, falls = certain(sums(measure, part, world, rules), world, block)
                attacked.statements += tried
                attacked.falls += falls
    return attacked


def _blocks(measure: Measure, rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows of people that add up with each other: of a quarter's end, or of a year and its
    quarters.
    """
    by: dict[str, list[Row]] = {}
    for row in rows if measure.id in OF_PEOPLE else ():
        by.setdefault(row["quarter"] if measure.of == "in" else row["quarter"][:4], []).append(row)
    yield from sorted(by.items())


def _moved(number: int, then: Tables, now: Tables) -> Iterator[Fallen]:
    """Figures of a period that was told that are other ones now: their difference is people."""
    for measure in MEASURES:
        if measure.id not in then:
            continue
        keys = (*AGENCY_FILTERS, *measure.dimensions, "what")
        old = {tuple(r[k] for k in keys): r["n"] for r in then[measure.id]}
        new = {tuple(r[k] for k in keys): r["n"] for r in now.get(measure.id, [])}
        periods = {key[PERIOD] for key in old} - {EVERYONE}
        for key in old.keys() | new.keys():
            if key[PERIOD] in periods and old.get(key, "none") != new.get(key, "none"):
                how = f"another figure than in release {number}"
                yield Fallen(measure.id, str(key[-1]), key[:5], 0, how)


def _few(measure: Measure, rows: Sequence[Row], rules: AgencyRules) -> Iterator[Fallen]:
    """Figures that are themselves of few, and rows that are missing where others stand."""
    own = (*measure.dimensions, "what")
    for row in rows:
        if row["n"] is not None and 0 <= row["n"] < rules.smallest_count:
            group = tuple(row[f] for f in AGENCY_FILTERS)
            yield Fallen(measure.id, row["what"], group, row["n"], "a figure of few")
    if MONTH in measure.dimensions:
        return
    every: dict[str, set[Group]] = {}
    by_group: dict[Group, set[Group]] = {}
    for row in rows:
        group, thing = tuple(row[f] for f in AGENCY_FILTERS), tuple(row[k] for k in own)
        at_end = "end" if row["what"] in measure.at_end else ""
        every.setdefault(f"{row['quarter']}{at_end}", set()).add(thing)
        by_group.setdefault((*group, at_end), set()).add(thing)
    for group, things in by_group.items():
        if things != every[f"{group[4]}{group[5]}"]:
            yield Fallen(measure.id, "", group[:5], 0, "a missing row says nobody")


def _parts(people: pl.DataFrame) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """People of each population in each quarter and in each year."""
    for (of, quarter), part in people.partition_by(["of", "quarter"], as_dict=True).items():
        yield (str(of), str(quarter)), part
    yield from _years(people)


def _years(people: pl.DataFrame) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """People of each population in each year, by quarter; at a quarter's end nothing adds up."""
    during = people.filter(pl.col("of") != "in").with_columns(year=pl.col("quarter").str.head(4))
    for (of, year), part in during.partition_by(["of", "year"], as_dict=True).items():
        yield (str(of), str(year)), part


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
    reduced = _reduced(rows)
    for group, people, inside in world.small:
        one = np.zeros(len(world.cells), dtype=np.int64)
        one[inside] = 1
        if not _left(one, reduced).any():
            how = "others give it when they are added and taken"
            yield Fallen(measure.id, "", (*group, period), people, how)


def _reduced(rows: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Rows that span the same, each with its pivot, modulo a prime."""
    pivots: list[tuple[int, np.ndarray]] = []
    for row in rows:
        left = _left(row, pivots)
        if left.any():
            pivot = int(np.flatnonzero(left)[0])
            pivots.append((pivot, left * pow(int(left[pivot]), -1, PRIME) % PRIME))
    return pivots


def _left(row: np.ndarray, reduced: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
    left = row % PRIME
    for pivot, other in reduced:
        if left[pivot]:
            left = (left - left[pivot] * other) % PRIME
    return left
