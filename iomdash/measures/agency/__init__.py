"""Counts of what agencies hold, by cohort, provider, supervision, area and quarter.

Every cube is long: the columns of `FILTERS`, the measure's own dimensions, `what` was counted,
`n` (of it) and `people` (distinct, behind n), for every group that filters can name; `All` is
everybody. A count of nothing has no row. Nothing here divides, and nothing here is protected.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from iomdash.groups import EVERYONE
from iomdash.recorded import MEASURES, Measure
from iomdash.recorded.people import FILTERS

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


def count(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame | None]:
    """Each measure's cube by id; None where a table that it reads was never sent.

    The connection sees the tables of `feeds.current.views`.
    """
    rows = con.sql("select table_name from extracts").fetchall()
    sent = {str(name) for (name,) in rows}
    declare(con)
    for view, reads in VIEWS.items():
        if sent.issuperset(reads):
            con.execute(f"create or replace temp table {view} as {sql(view)}")
    return {
        measure.id: _cube(con, measure) if sent.issuperset(measure.reads) else None
        for measure in MEASURES
    }


def _cube(con: duckdb.DuckDBPyConnection, measure: Measure) -> pl.DataFrame:
    """Rows a person, added up for every group: people in two rows of one are counted once."""
    names = ", ".join(FILTERS)
    cuts = ", ".join(f"({', '.join(cut)})" for cut in measure.cuts)
    own = ", ".join((*measure.dimensions, "what"))
    found = con.sql(
        f"select {names}, {own}, cast(sum(n) as bigint) as n, "
        f"count(distinct person_id) as people from ({sql(measure.id)}) "
        f"group by cube ({names}), grouping sets ({cuts}), what"
    ).pl()
    over_quarters = pl.col("quarter").is_null() & pl.col("what").is_in(measure.at_end)
    joined = [*FILTERS, *(measure.dimensions if measure.one_at_a_time else ())]
    return found.filter(~over_quarters).with_columns(pl.col(joined).fill_null(EVERYONE))


def dates(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """measure, data_to and origin: the day that every table it reads reaches, and whether any of
    them is synthetic. A measure that is missing has no row.

    The connection sees `extracts` of `feeds.current.views`.
    """
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
    _table(con, "days", _calendar())
    _table(con, "months", pl.select(pl.int_range(1, MONTHS + 1).alias("month")))
    _table(con, "weights", weights().select("harm_group", "weight"))
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


def _table(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    con.register("declared", frame)
    con.execute(f"create or replace temp table {name} as select * from declared")
    con.unregister("declared")
