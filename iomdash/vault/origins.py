"""What a vault holds beside a demonstration."""

from collections.abc import Mapping

import duckdb

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import AGENCY_TABLES, TABLES
from iomdash.declared.sources import MADE_UP
from iomdash.vault import tables


def collected(con: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """Rows of each table that come from anywhere but a demonstration, those of batches that were
    replaced included; tables without any are missing.
    """
    counts = {name: _rows(con, name) for name in _tables()}
    return {name: n for name, n in counts.items() if n}


def _tables() -> list[str]:
    stored = [odcs.load(table).stored for table in (*TABLES, *AGENCY_TABLES)]
    return [*stored, *map(tables.replaced, tables.REPLACED)]


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    made_up = ", ".join(f"'{origin}'" for origin in sorted(MADE_UP))
    query = f"select count(*) from {table} where coalesce(origin, '') not in ({made_up})"
    return int(con.execute(query).fetchall()[0][0])
