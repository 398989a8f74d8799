"""Counts of what agencies hold, by cohort, provider, supervision, area and quarter.

Every cube is long: the columns of `FILTERS`, the measure's own dimensions, `what` was counted,
`n` (of it) and `people` (distinct, behind n), for every group that filters can name; `All` is
everybody. Of n, `top` is one person's largest part and `two` the two largest together; `key` is the
sum of the people's record keys, modulo KEYS. A count of nothing has no row. Nothing here divides,
and nothing here is protected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import duckdb
import polars as pl

from iomdash.declared.agencies import BY_ID, MEASURES, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, PERIODS, STAY
from iomdash.declared.groups import EVERYONE
from iomdash.vault.records import AgencyRecords

FOLDER = Path(__file__).parent

# Read by other queries, in this order, before the counts.
VIEWS = {
    "ends": (),
    "stays": ("adoptions",),
    "custody": ("custody_spells",),
    "indexed": ("adoptions", "custody_spells"),
    "exposures": ("adoptions", "custody_spells", "offences", "arrests"),
}
# The harm of one offence of each group, whole units; empty where no published figure is agreed.
# A partnership that agrees on another index replaces the file.
WEIGHTS = FOLDER / "harm_weights.csv"
# Record keys are drawn from so many numbers. Source: ONS, cell key method.
KEYS = 256
# How long the time to a first re-offence is followed.
MONTHS = 36


@dataclass(frozen=True)
class Wanted:
    """Which groups are counted: of at most so many filters beside the period, and by what periods;
    and which measures.

    `record_key` is the SQL of a person's key, a whole number, from the column person_id.
    """

    filters: int = len(STAY)
    periods: tuple[str, ...] = ("quarter", EVERYONE)
    record_key: str = "0"
    measures: tuple[Measure, ...] = MEASURES


@dataclass(frozen=True)
class RawAgencies:
    """Unprotected counts of agencies' records.

    cubes: by measure, without those of which a table was never sent
    people: who was in which group: of, person, cohort, provider, supervision, area, quarter
    until: the last quarter of each measure of which all is known
    dates: measure, data_to (the day that every table it reads reaches) and origin ('synthetic'
      where any is); a measure that is missing has no row
    """

    cubes: Mapping[str, pl.DataFrame]
    people: pl.DataFrame
    until: Mapping[str, str]
    dates: pl.DataFrame


def sql(name: str) -> str:
    """The text of one query file."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def close(records: AgencyRecords) -> None:
    """Let every extract end with the last quarter that had closed; one of before has none."""
    con = records.connection
    con.execute(
        "create or replace temp table closed as select table_name, origin, cast(case "
        "when extracted_on = last_day(extracted_on) and month(extracted_on) % 3 = 0 "
        "then extracted_on else date_trunc('quarter', extracted_on) - interval '1' day end "
        "as date) as extracted_on from extracts"
    )
    con.execute("drop view if exists extracts")
    con.execute("create or replace temp table extracts as select * from closed")


def count(records: AgencyRecords, wanted: Wanted | None = None) -> RawAgencies:
    """The cubes of measures whose tables were all sent, and the people behind them."""
    con, wanted = records.connection, wanted or Wanted()
    sent = _ready(con, wanted)
    cubes = {m.id: _cube(con, m, wanted) for m in wanted.measures if sent.issuperset(m.reads)}
    until = {m: _until(con, BY_ID[m]) for m in cubes}
    return RawAgencies(cubes, _members(con, sent), until, _dates(con))


def _cube(con: duckdb.DuckDBPyConnection, measure: Measure, wanted: Wanted) -> pl.DataFrame:
    """Rows a person, added up for every group: people in two rows of one are counted once."""
    con.execute(
        "create or replace temp table tallied as select t.* exclude (person_id), p.person, p.key "
        f"from ({_query(measure)}) as t inner join people as p on t.person_id = p.person_id"
    )
    at_end = set(measure.at_end) == set(measure.whats)
    periods = [p for p in wanted.periods if p == "quarter" or not at_end]
    return pl.concat(
        [_table(con, measure, cut, p, wanted.filters) for cut in measure.cuts for p in periods]
    )


def _query(measure: Measure) -> str:
    """The query of a measure: its own file, or its table's rows of one that several share."""
    if not measure.recorded_in:
        return sql(measure.id)
    return (
        f"select * exclude (table_name) from ({sql('recorded')}) "
        f"where table_name = '{measure.recorded_in}'"
    )


def _table(
    con: duckdb.DuckDBPyConnection, measure: Measure, cut: tuple[str, ...], period: str,
    filters: int,
) -> pl.DataFrame:  # fmt: skip
    """One table of a cube, in every group of the other filters. Several small ones take a third of
    the memory of all at once, and people a third of that as numbers.
    """
    own = "".join(f"{name}, " for name in cut)
    all_of = "".join(f"'{EVERYONE}' as {name}, " for name in measure.dimensions if name not in cut)
    at_end = ", ".join(f"'{what}'" for what in measure.at_end) or "''"
    chosen = [c for n in range(filters + 1) for c in combinations(STAY, n)]
    groups = ", ".join(f"({', '.join((*c, 'quarter', *cut, 'what', 'person'))})" for c in chosen)
    flat = (
        f"select {', '.join(STAY)}, {PERIODS[period]} as quarter, {own} what, person, key, "
        f"sum(n) as n from tallied where '{period}' = 'quarter' or what not in ({at_end}) "
        "group by all"
    )
    by_person = (
        f"select {', '.join(STAY)}, quarter, {own} what, person, any_value(key) as key, "
        f"sum(n) as n from ({flat}) group by grouping sets ({groups})"
    )
    rows = con.sql(
        f"select {', '.join(STAY)}, quarter, {own} {all_of} what, cast(sum(n) as bigint) as n, "
        f"count(*) as people, cast(sum(key) % {KEYS} as bigint) as key, "
        "cast(max(n) as bigint) as top, cast(list_sum(max(n, 2)) as bigint) as two "
        f"from ({by_person}) group by {', '.join(STAY)}, quarter, {own} what"
    ).pl()
    ordered = (*AGENCY_FILTERS, *measure.dimensions, "what", "n", "people", "key", "top", "two")
    return rows.select(ordered).with_columns(pl.col(STAY).fill_null(EVERYONE))


_PEOPLE = {"of": pl.String, "person": pl.Int64, **dict.fromkeys(AGENCY_FILTERS, pl.String)}


def members(records: AgencyRecords) -> pl.DataFrame:
    """Everybody, once for each population, quarter and stay that they count in."""
    con = records.connection
    return _members(con, _ready(con, Wanted()))


def _ready(con: duckdb.DuckDBPyConnection, wanted: Wanted) -> frozenset[str]:
    """The tables that were sent, with all that other queries read made of them."""
    sent = frozenset(str(n) for (n,) in con.sql("select table_name from extracts").fetchall())
    declare(con)
    for view, reads in VIEWS.items():
        if sent.issuperset(reads):
            con.execute(f"create or replace temp table {view} as {sql(view)}")
    if "adoptions" in sent:
        con.execute(
            "create or replace temp table people as select person_id, row_number() over () as "
            f"person, cast({wanted.record_key} as bigint) as key "
            "from (select distinct person_id from stays)"
        )
    return sent


def _members(con: duckdb.DuckDBPyConnection, sent: frozenset[str]) -> pl.DataFrame:
    kinds = ["members"] if "adoptions" in sent else []
    kinds += ["members_indexed"] if sent.issuperset(VIEWS["indexed"]) else []
    frames = [con.sql(sql(kind)).pl().select(*_PEOPLE) for kind in kinds]
    return pl.concat([pl.DataFrame(schema=_PEOPLE), *frames])


def _until(con: duckdb.DuckDBPyConnection, measure: Measure) -> str:
    """The last quarter that closed long enough before the day that all of its tables reach."""
    tables = ", ".join(f"'{name}'" for name in measure.reads)
    quarters = con.sql(
        "select max(q.quarter) from quarters as q, (select min(extracted_on) as day_on "
        f"from extracts where table_name in ({tables})) as e "
        f"where last_day(q.last_on + interval '{measure.matures}' month) <= e.day_on"
    ).fetchall()
    return str(quarters[0][0] or "")


def _dates(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    extracts = con.sql("select table_name, extracted_on, origin from extracts").pl()
    reads = [(measure.id, table) for measure in MEASURES for table in measure.reads]
    named = pl.DataFrame(reads, schema=["measure", "table_name"], orient="row")
    dated = named.join(extracts, on="table_name", how="left").group_by(
        "measure", maintain_order=True
    )
    synthetic = (pl.col("origin") == "synthetic").any()
    return dated.agg(
        # A least that passes over nulls would date a measure of which a table is missing.
        data_to=pl.when(~pl.col("extracted_on").has_nulls()).then(pl.col("extracted_on").min()),
        origin=pl.when(synthetic).then(pl.lit("synthetic")).otherwise(pl.lit("collected")),
    ).filter(pl.col("data_to").is_not_null())


def declare(con: duckdb.DuckDBPyConnection) -> None:
    """Temporary tables: `days` with quarter and running number, `quarters`, `months`, `weights`."""
    _declared(con, "days", _calendar())
    _declared(con, "months", pl.select(pl.int_range(1, MONTHS + 1).alias("month")))
    _declared(con, "weights", weights().select("harm_group", "weight"))
    con.execute(
        "create or replace temp table quarters as select quarter, min(day_on) as first_on, "
        "max(day_on) as last_on from days group by quarter"
    )


def weights() -> pl.DataFrame:
    """The harm index: harm_group, weight (whole, null where open), source, year."""
    types = {"harm_group": pl.String, "weight": pl.Int64, "source": pl.String, "year": pl.Int64}
    return pl.read_csv(WEIGHTS, schema=types)


def _calendar() -> pl.DataFrame:
    # As wide as any date that a contract passes for somebody alive.
    first, last = date(1900, 1, 1), date(2100, 1, 1) - timedelta(days=1)
    day = pl.col("day_on")
    quarter = pl.concat_str(day.dt.year(), pl.lit(" Q"), day.dt.quarter()).alias("quarter")
    days = pl.select(pl.date_range(first, last, eager=False).alias("day_on"))
    return days.with_row_index("number").select(day, pl.col("number").cast(pl.Int64), quarter)


def _declared(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    con.register("declared", frame)
    con.execute(f"create or replace temp table {name} as select * from declared")
    con.unregister("declared")
