"""How often the truth lies outside what readers are shown: curves, shares and ratios by group.

Made-up people are drawn into the tables of a vault; the truth is what is counted of them, and the
figures are those that an audience would see, under as many draws of people and of their noise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import polars as pl

from benchmarks.rows import Row, plain, step
from iomdash.counting import agencies
from iomdash.counting.agencies import RawAgencies, Wanted
from iomdash.declared import audiences
from iomdash.declared.agencies import BY_ID, MONTH
from iomdash.declared.agencies.groups import STAY
from iomdash.declared.contracts import odcs
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.protect import ReleasableAgencies, protect_agencies
from iomdash.disclosure.policy import AgencyRules, for_audience
from iomdash.evidence import outcomes
from iomdash.evidence.around import AGAINST
from iomdash.evidence.survival import incidence
from iomdash.study.agencies import parameters
from iomdash.study.draw import Draw
from iomdash.vault.engine import DuckDB
from iomdash.vault.records import AgencyRecords

PERIODS = ("quarter", "year")
MEASURES = tuple(
    BY_ID[name]
    for name in (
        "reoffending", "first_reoffence", "time_in_cohort", "offending", "offending_spread",
        "offending_change",
    )
)  # fmt: skip
# Of a hundred, the most that may lie outside intervals of 95 %.
MOST = 5.0
SEED = 11
TABLES: Mapping[str, tuple[str, ...]] = {
    "adoptions": (
        "adoption_id", "person_id", "cohort", "provider", "supervision", "area", "adopted_on",
        "left_on", "left_reason",
    ),
    "offences": ("offence_id", "person_id", "committed_on", "proven_on", "harm_group"),
    "custody_spells": ("custody_id", "person_id", "from_on", "to_on"),
    "arrests": ("arrest_id", "person_id", "arrested_on"),
}  # fmt: skip

Group = tuple[str, ...]


@dataclass(frozen=True)
class Sizes:
    """How many people, in how many vaults."""

    people: tuple[int, ...]
    vaults: int


FULL = Sizes((260, 1000), 10)
SMOKE = Sizes((80,), 1)


@dataclass
class Seen:
    """Figures held against the truth, how many of them lie outside, and how wide they are."""

    figures: int = 0
    outside: int = 0
    wide: float = 0.0

    def add(self, truth: float, low: float, high: float) -> None:
        """One figure; a truth at the edge, but for rounding, lies inside."""
        self.figures += 1
        self.outside += not low - 1e-9 <= truth <= high + 1e-9
        self.wide += high - low

    def rows(self, what: str) -> Iterator[Row]:
        """The share outside with its bar, and the mean width of what is a share."""
        if self.figures:
            yield plain(f"{what}: outside, of 100", [100 * self.outside / self.figures], MOST)
            yield plain(f"{what}: mean width", [self.wide / self.figures])


def run(sizes: Sizes) -> Iterator[Row]:
    """Shares of figures whose truth lies outside, by number of people and audience."""
    for people in sizes.people:
        seen: dict[tuple[str, str], Seen] = {}
        for vault in range(sizes.vaults):
            step(f"{people} people, vault {vault + 1} of {sizes.vaults}")
            raw = _counted(people, SEED + vault)
            for audience in audiences.names():
                rules = for_audience(audience).people
                safe = protect_agencies(raw, rules)
                for what, truth, low, high in _figures(raw, safe, rules):
                    seen.setdefault((audience, what), Seen()).add(truth, low, high)
        for (audience, what), held in seen.items():
            yield from held.rows(f"{people} people, {audience}, {what}")


def _counted(people: int, seed: int) -> RawAgencies:
    """What is counted of so many made-up people."""
    filters = max(for_audience(name).people.filters_at_once for name in audiences.names())
    with duckdb.connect() as con:
        _store(con, Draw(np.random.default_rng(seed), people, parameters()))
        records = AgencyRecords(DuckDB(con))
        agencies.close(records)
        return agencies.count(records, Wanted(filters, PERIODS, _keys, MEASURES))


def _keys(person_id: pl.Series) -> pl.Series:
    return (person_id.hash(SEED) % 256).cast(pl.Int64)


def _store(con: duckdb.DuckDBPyConnection, draw: Draw) -> None:
    """The draw as the tables that agencies send."""
    n = draw.cases.height
    crimes = draw.offending()
    arrested = crimes.filter(draw.chance(0.5, crimes.height))
    proven = draw.until(pl.col("day"), draw.known["offending"]["proven_days"], crimes.height)
    frames = {
        "adoptions": draw.cases.select(
            _id("adoption"), _person(), pl.col("cohort").replace({"DVA": "DV&A"}),
            pl.Series("provider", draw.codes({"NPS": 0.5, "CRC": 0.5}, n)),
            pl.Series("supervision", draw.codes({"statutory": 0.7, "voluntary": 0.3}, n)),
            pl.Series("area", draw.codes({"tipton": 0.5, "oldbury": 0.5}, n)),
            adopted_on="adopted", left_on="left",
            left_reason=pl.when(pl.col("left").is_not_null()).then(pl.lit("other")),
        ),
        "offences": crimes.select(
            _id("offence"), _person(), committed_on="day",
            proven_on=pl.when(draw.chance(0.34, crimes.height)).then(proven),
            harm_group=pl.lit("theft"),
        ),
        "custody_spells": draw.custody.select(_id("custody"), _person(), from_on="day", to_on="to"),
        "arrests": arrested.select(_id("arrest"), _person(), arrested_on="day"),
    }  # fmt: skip
    con.execute("create table sent (table_name varchar, extracted_on date, origin varchar)")
    con.execute("create temp view extracts as select * from sent")
    for table, columns in TABLES.items():
        types = {column.name: column.sql_type for column in odcs.load(table).columns}
        con.execute(f"create table {table} ({', '.join(f'{c} {types[c]}' for c in columns)})")
        frame = frames[table].select(columns)
        con.register("drawn", frame)
        con.execute(f"insert into {table} select * from drawn")
        con.unregister("drawn")
        con.execute("insert into sent values (?, ?, 'synthetic')", [table, draw.end.item()])


def _id(kind: str) -> pl.Expr:
    return pl.format("{}", pl.int_range(pl.len())).alias(f"{kind}_id")


def _person() -> pl.Expr:
    return pl.format("p{}", "person").alias("person_id")


def _figures(
    raw: RawAgencies, safe: ReleasableAgencies, rules: AgencyRules
) -> Iterator[tuple[str, float, float, float]]:
    """What it is, the truth, and the ends of what is shown, in every group and month of curves."""
    shown = outcomes.derive(safe, rules)
    yield from _curves(raw, safe, shown["curves"])
    yield from _shares(raw, safe, shown["reoffending_shares"])
    yield from _ratios(raw, safe, shown["offending_ratios"])


def _years(safe: ReleasableAgencies, name: str) -> list[str]:
    """The closed years that a measure is told of."""
    periods = set(safe.cubes[name]["quarter"]) - {EVERYONE}
    return sorted(period for period in periods if " Q" not in period)


def _curves(
    raw: RawAgencies, safe: ReleasableAgencies, shown: pl.DataFrame
) -> Iterator[tuple[str, float, float, float]]:
    for name, (causes, last_seen) in outcomes.CURVES.items():
        cube = raw.cubes[name].filter(pl.col("quarter").is_in(_years(safe, name)))
        cube = cube.group_by(*STAY, MONTH, "what").agg(pl.col("n").sum())
        true: dict[Group, dict[str, dict[int, int]]] = {}
        for *stay, month, what, n in cube.iter_rows():
            counted = true.setdefault(tuple(stay), {what: {} for what in (*causes, last_seen)})
            counted[what][month] = n
        curves = {
            (*stay, cause): {point.month: point.share for point in points}
            for stay, counted in true.items()
            for cause, points in zip(
                causes, incidence([counted[c] for c in causes], counted[last_seen]), strict=True
            )
        }  # fmt: skip
        for row in shown.filter(measure=name).iter_rows(named=True):
            points = curves[(*(row[f] for f in STAY), row["cause"])]
            # Past the last event on record the share stays as it is.
            last = points[min(row["month"], max(points))]
            yield f"curve of {name}", last, row["low"], row["high"]


def _shares(
    raw: RawAgencies, safe: ReleasableAgencies, shown: pl.DataFrame
) -> Iterator[tuple[str, float, float, float]]:
    true = _sums(raw.cubes["reoffending"], _told(safe, "reoffending"))
    for row in shown.filter(quarter=EVERYONE).drop_nulls("low").iter_rows(named=True):
        figures = true[tuple(row[f] for f in STAY)]
        share = figures.get("reoffenders", 0) / figures["people"]
        yield "share re-offending", share, row["low"], row["high"]


def _ratios(
    raw: RawAgencies, safe: ReleasableAgencies, shown: pl.DataFrame
) -> Iterator[tuple[str, float, float, float]]:
    years = _years(safe, "offending")
    periods = {period for pair in AGAINST for period in pair}
    cubes = {p: raw.cubes["offending"].filter(period=p) for p in periods}
    true = {period: _sums(cube, years) for period, cube in cubes.items()}
    for row in shown.filter(what="offences", period="after").iter_rows(named=True):
        both = [true[p][tuple(row[f] for f in STAY)] for p in (row["period"], row["against"])]
        after, before = (float(np.log(max(f.get("offences", 0), 0.1) / f["days"])) for f in both)
        ends = (float(np.log(row[end])) for end in ("low", "high"))
        yield f"log ratio, after to {row['against']}", after - before, *ends


def _told(safe: ReleasableAgencies, name: str) -> list[str]:
    years = _years(safe, name)
    periods = set(safe.cubes[name]["quarter"]) - {EVERYONE}
    return [*years, *(p for p in periods if " Q" in p and p[:4] not in years)]


def _sums(cube: pl.DataFrame, periods: list[str]) -> dict[Group, dict[str, Any]]:
    rows = cube.filter(pl.col("quarter").is_in(periods)).group_by(*STAY, "what").agg(
        pl.col("n").sum()
    )  # fmt: skip
    sums: dict[Group, dict[str, Any]] = {}
    for *stay, what, n in rows.iter_rows():
        sums.setdefault(tuple(stay), {})[what] = n
    return sums
