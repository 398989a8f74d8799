"""Who was counted in agencies' figures at each release, so that corrections are known as such.

A row is kept from the release that first counted it until the one that did no more.
"""

from pathlib import Path

import duckdb
import polars as pl

from iomdash.vault.connection import transaction

FOLDER = Path(__file__).parent


def moved(
    con: duckdb.DuckDBPyConnection, counted: pl.DataFrame, told: pl.DataFrame
) -> pl.DataFrame:
    """Rows that releases counted in what they told and that do not count now ('then'), and that
    count now and did not ('now').

    `counted` is what counts now, with the columns of `counting.agencies.COUNTED`; `told` has
    release, of and quarter. The result has `counting.agencies.MOVED`.
    """
    con.register("counted_now", counted)
    con.register("told_before", told)
    rows = con.sql(_sql("recorded_moved")).pl()
    con.unregister("counted_now")
    con.unregister("told_before")
    return rows


def at(con: duckdb.DuckDBPyConnection, release: int) -> pl.DataFrame:
    """What a release counted, with the columns of `counting.agencies.COUNTED`."""
    return con.sql(_sql("recorded_at"), params={"release": release}).pl()


def settled(con: duckdb.DuckDBPyConnection, release: int) -> pl.DataFrame:
    """By year the values of filters that a release counted: `counting.agencies.merged.SETTLED`."""
    return con.sql(_sql("recorded_settled"), params={"release": release}).pl()


def record(con: duckdb.DuckDBPyConnection, counted: pl.DataFrame, release: int) -> None:
    """Write down what a release counts; what was written of a release of that number goes."""
    con.register("counted_now", counted)
    with transaction(con):
        con.execute("delete from ledger.recorded where since = ?", [release])
        con.execute("update ledger.recorded set until = null where until = ?", [release])
        con.execute(_sql("recorded_ended"), {"release": release})
        con.execute(_sql("recorded_begun"), {"release": release})
    con.unregister("counted_now")


def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")
