"""Counts of what agencies hold, by cohort, provider, supervision, area and quarter.

Every cube is long: the columns of `FILTERS`, the measure's own dimensions, `what` was counted,
`n` (of it) and `people` (distinct, behind n), for every group that filters can name; `All` is
everybody. A count of nothing has no row. Nothing here divides, and nothing here is protected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from iomdash.declared.agencies import MEASURES, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.groups import EVERYONE
from iomdash.vault.records import AgencyRecords

FOLDER = Path(__file__).parent

# Read by other queries, in this order, before the counts.
VIEWS = {
    "stays": ("adoptions",),
    "custody": ("custody_spells",),
    "indexed": ("adoptions", "custody_spells"),
    "exposures": ("adoptions", "custody_spells", "offences", "arrests"),
}
# The harm of one offence of each group, whole units; empty where no published figure is agreed.
# A partnership that agrees on another index replaces the file.
WEIGHTS = FOLDER / "harm_weights.csv"
# How long the time to a first re-offence is followed.
MONTHS = 36


def sql(name: str) -> str:
    """The text of one query file."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class RawAgencies:
    """Unprotected counts of agencies' records.

    cubes: by measure, None where a table that it reads was never sent
    dates: measure, data_to (the day that every table it reads reaches) and origin ('synthetic'
      where any is); a measure that is missing has no row
    """

    cubes: Mapping[str, pl.DataFrame | None]
    dates: pl.DataFrame


def count(records: AgencyRecords) -> RawAgencies:
    """Every measure counted."""
    con = records.connection
    rows = con.sql("select table_name from extracts").fetchall()
    sent = {str(name) for (name,) in rows}
    declare(con)
    for view, reads in VIEWS.items():
        if sent.issuperset(reads):
            con.execute(f"create or replace temp table {view} as {sql(view)}")
    if "adoptions" in sent:
        con.execute(
            "create or replace temp table people as select person_id, row_number() over () "
            "as person from (select distinct person_id from stays)"
        )
    cubes = {
        measure.id: _cube(con, measure) if sent.issuperset(measure.reads) else None
        for measure in MEASURES
    }
    return RawAgencies(cubes, _dates(con))


def _cube(con: duckdb.DuckDBPyConnection, measure: Measure) -> pl.DataFrame:
    """Rows a person, added up for every group: people in two rows of one are counted once."""
    con.execute(
        "create or replace temp table told as select t.* exclude (person_id), p.person "
        f"from ({sql(measure.id)}) as t inner join people as p on t.person_id = p.person_id"
    )
    over_quarters = (True, False) if set(measure.at_end) != set(measure.whats) else (False,)
    return pl.concat(
        [_table(con, measure, cut, over) for cut in measure.cuts for over in over_quarters]
    )


def _table(
    con: duckdb.DuckDBPyConnection, measure: Measure, cut: tuple[str, ...], over_quarters: bool
) -> pl.DataFrame:  # fmt: skip
    """One table of a cube, in every group of the other filters. Several small ones take a third of
    the memory of all at once, and people a third of that as numbers.
    """
    kept = ", ".join((*(() if over_quarters else ("quarter",)), *cut, "what"))
    lost = [
        *(("quarter",) if over_quarters else ()),
        *(d for d in measure.dimensions if d not in cut),
    ]
    all_of = ", ".join(f"'{EVERYONE}' as {name}" for name in lost)
    at_end = ", ".join(f"'{what}'" for what in measure.at_end) or "''"
    flat = (
        f"select {', '.join(STAY)}, {kept}, person, sum(n) as n from told "
        f"where not {over_quarters} or what not in ({at_end}) group by all"
    )
    found = con.sql(
        f"select {', '.join(STAY)}, {kept}, {all_of + ',' if lost else ''} "
        "cast(sum(n) as bigint) as n, count(distinct person) as people "
        f"from ({flat}) group by cube ({', '.join(STAY)}), {kept}"
    ).pl()
    ordered = (*AGENCY_FILTERS, *measure.dimensions, "what", "n", "people")
    return found.select(ordered).with_columns(pl.col(STAY).fill_null(EVERYONE))


def _dates(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    extracts = con.sql("select table_name, extracted_on, origin from extracts").pl()
    reads = [(measure.id, table) for measure in MEASURES for table in measure.reads]
    named = pl.DataFrame(reads, schema=["measure", "table_name"], orient="row")
    told = named.join(extracts, on="table_name", how="left").group_by(
        "measure", maintain_order=True
    )
    synthetic = (pl.col("origin") == "synthetic").any()
    return told.agg(
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
