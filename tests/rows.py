"""Rows of tests, put into a table at once: one by one DuckDB takes a millisecond for each."""

from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl


def insert(con: duckdb.DuckDBPyConnection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Rows into a table, by the order of its columns or of those that are named after it."""
    con.register("given", pl.DataFrame(rows, orient="row", infer_schema_length=None))
    con.execute(f"insert into {into} from given")
    con.unregister("given")
