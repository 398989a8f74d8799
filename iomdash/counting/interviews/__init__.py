"""Counts of the vault by atom: each question an SQL file, in the subset that Spark runs too.

An *atom* is a smallest set of interviews that filters can tell apart. Nothing here divides,
and nothing here is protected: `RawCounts` go to `iomdash.disclosure` and nowhere else.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from iomdash.declared import findings
from iomdash.declared.codebook import CODES, DERIVED
from iomdash.vault.records import InterviewRecords

FOLDER = Path(__file__).parent

# Read by other queries, in this order, before the counts.
VIEWS = ("stances",)
COUNTS = (
    "sizes",
    "codes",
    "conditions",
    "pairs",
    "profile",
    "recruitment",
    "caseloads",
    "excerpts",
    "voices",
    "waves",
)


@dataclass(frozen=True)
class RawCounts:
    """Unprotected answers, one frame a query of `COUNTS`; columns as each file's header says."""

    sizes: pl.DataFrame
    codes: pl.DataFrame
    conditions: pl.DataFrame
    pairs: pl.DataFrame
    profile: pl.DataFrame
    recruitment: pl.DataFrame
    caseloads: pl.DataFrame
    excerpts: pl.DataFrame
    voices: pl.DataFrame
    waves: pl.DataFrame


def sql(name: str) -> str:
    """The text of one query file."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def asked() -> list[tuple[str, str]]:
    """Every (code, among) that is counted; among is '' for everybody."""
    return [(code, "") for code in (*CODES, *DERIVED)] + findings.asks()


def count(records: InterviewRecords) -> RawCounts:
    """Every question answered."""
    con = records.connection
    _declare(con)
    for view in VIEWS:
        con.execute(f"create or replace temp table {view} as {sql(view)}")
    return RawCounts(**{name: con.sql(sql(name)).pl() for name in COUNTS})


def _declare(con: duckdb.DuckDBPyConnection) -> None:
    """Temporary tables of what the declarations ask: codes with conditions, unions, pairs."""
    derived = [(d.id, part) for d in DERIVED.values() for part in d.parts]
    _table(con, "asks", ("code", "among"), asked())
    _table(con, "derived", ("code", "part"), derived)
    _table(con, "pairs", ("one", "other"), findings.pairs())


def _table(
    con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, str], rows: list[tuple[str, str]]
) -> None:
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    con.register("declared", frame)
    con.execute(f"create or replace temp table {name} as select * from declared")
    con.unregister("declared")
