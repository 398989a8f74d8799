"""An agency's file through two contracts: its own form, then the tables that it becomes.

Both are judged at once, so that the agency's file comes back with every cell to mend, under the
agency's own headers. A cell that is broken by its own contract is not named a second time for
what it makes of the tables.
"""

from dataclasses import replace
from datetime import date

import duckdb
import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.errors import MOST_BREAKS, Break, ContractBroken
from iomdash.intake.contracts import checking
from iomdash.intake.contracts.checking import Checked
from iomdash.intake.feeds import implied, mapping
from iomdash.intake.feeds.declaration import Feed, Table, raw_columns
from iomdash.intake.staging import Staged

Cell = tuple[int | None, str | None]


def check(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    staged: Staged,
    key: bytes,
    *,
    today: date | None = None,
) -> Checked:
    """The agency's file, checked, with the rows of each table that it becomes as its `parts`.

    Raises ContractBroken with the cells of the agency's file.
    """
    raw, found = _form(con, feed, staged, today)
    breaks, total = list(found.breaks if found else ()), found.total if found else 0
    parts: list[Checked] = []
    for place, table in enumerate(feed.tables):
        rows = _linked(replace(mapping.rows(staged, table, key), part=place), feed, table, breaks)
        try:
            if not rows.frame.is_empty():
                parts.append(_part(con, feed, table, rows, today))
        except ContractBroken as broken:
            new = _new(broken, staged, feed, table, breaks)
            total += len(new) + max(0, broken.total - MOST_BREAKS)
            breaks += new
    if raw is None or breaks:
        _drop(con, parts)
        raise ContractBroken(feed.name, sorted(breaks, key=_place), total)
    return replace(raw, parts=tuple(parts))


def _part(
    con: duckdb.DuckDBPyConnection, feed: Feed, table: Table, rows: Staged, today: date | None
) -> Checked:
    known = implied.rules(odcs.load(feed.name), table)
    return checking.check(con, odcs.load(table.name), rows, today=today, implied=known)


def _linked(rows: Staged, feed: Feed, table: Table, known: list[Break]) -> Staged:
    """Without the links that a broken cell would give to somebody else."""
    if "identifier" not in table.columns:
        return rows
    contract = odcs.load(feed.name)
    read = {name for source in table.columns.values() for name in raw_columns(source)}
    headers = {contract.column(name).header for name in read}
    broken = [each.row for each in known if each.column in headers]
    return replace(rows, frame=rows.frame.filter(~pl.col("row_number").is_in(broken)))


def _form(
    con: duckdb.DuckDBPyConnection, feed: Feed, staged: Staged, today: date | None
) -> tuple[Checked | None, ContractBroken | None]:
    try:
        raw = checking.check(con, odcs.load(feed.name), staged, today=today)
    except ContractBroken as broken:
        if broken.total > MOST_BREAKS:
            raise
        return None, broken
    _drop(con, [raw])
    return raw, None


def _drop(con: duckdb.DuckDBPyConnection, checked: list[Checked]) -> None:
    for each in checked:
        con.unregister(each.stage)


def _new(
    broken: ContractBroken, staged: Staged, feed: Feed, table: Table, known: list[Break]
) -> list[Break]:
    """The breaks that no broken cell among their sources explains already."""
    contract = odcs.load(feed.name)
    named: set[Cell] = {(each.row, each.column) for each in known}
    sources = {
        column.header: table.columns[column.name] for column in odcs.load(table.name).columns
    }
    found: dict[Break, None] = {}
    for each in broken.breaks:
        names = raw_columns(sources[each.column]) if each.column else ()
        headers = [contract.column(name).header for name in names]
        cells = {(row, header) for header in headers for row in (each.row, None)}
        if not cells & named:
            found[mapping.in_agency_words(each, staged, contract, names)] = None
    return list(found)


def _place(broken: Break) -> tuple[int, str]:
    return broken.row or 0, broken.column or ""
