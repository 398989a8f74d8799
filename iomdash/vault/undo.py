"""Batches taken out again: what depends on them, and the one transaction in which they go.

Their rows are gone from the vault. The log keeps that they were there, and the hash of the file,
which may be loaded again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES
from iomdash.declared.contracts.relations import Reference
from iomdash.errors import UsageError
from iomdash.vault import kept, log, tables
from iomdash.vault.connection import transaction
from iomdash.vault.lock import signed_in
from iomdash.vault.log import Batch
from iomdash.vault.writer import Vault


@dataclass(frozen=True)
class Dependent:
    """A batch with rows that refer to rows of another batch and to nothing else."""

    batch: Batch
    rows: int

    def __str__(self) -> str:
        of = self.batch
        return f"{of.batch_id} ({of.file}): {self.rows:,} of its {of.rows:,} rows"


def dependents(con: duckdb.DuckDBPyConnection, batch: str) -> tuple[Dependent, ...]:
    """The batches that cannot stay without one, and those that cannot without them, in the order
    of the log. Raises UsageError where the vault does not hold the batch.
    """
    out, rows = {log.held(con, batch).batch_id}, dict[str, int]()
    while new := {name: n for name, n in _hanging(con, out).items() if name not in out}:
        rows |= new
        out |= {*new}
    return tuple(
        Dependent(loaded, rows[loaded.batch_id])
        for loaded in log.batches(con)
        if loaded.batch_id in rows
    )


def unload(
    vault: Vault, batch: str, *, with_dependents: bool = False, user: str | None = None
) -> tuple[Batch, ...]:
    """Take a batch out, with what depends on it where that is wanted; the batches that went.

    Raises UsageError where the vault does not hold it, or something depends on it.
    """
    con, who = vault.connection, user or signed_in()
    gone = log.held(con, batch)
    others = dependents(con, batch)
    if others and not with_dependents:
        raise UsageError(
            f"Nothing was undone: {words(gone, others)} Undo all of it with: "
            f"python -m iomdash unload {batch} --with-dependents"
        )
    every = (*reversed([one.batch for one in others]), gone)
    with transaction(con):
        for one in every:
            take_out(con, one)
            kept.forget(con, log.ancestors(con, one.batch_id))
            log.mark_gone(con, one.batch_id, who)
    vault.sweep()
    known = {one.batch_id: one for one in log.batches(vault.connection)}
    return tuple(known[one.batch_id] for one in every)


def words(batch: Batch, others: Sequence[Dependent]) -> str:
    """What depends on a batch, in a sentence that begins small."""
    depend = "1 batch depends" if len(others) == 1 else f"{len(others)} batches depend"
    return f"{depend} on {batch.batch_id} ({batch.file}): {'; '.join(map(str, others))}."


def take_out(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Delete the rows of a batch, within an open transaction."""
    for place in tables.filled(batch.table):
        con.execute(f"delete from {place.stored} where batch_id = ?", [batch.batch_id])


@dataclass(frozen=True)
class Hanging:
    """Cells of columns of a table that refer to no row of another, and how many rows hold them."""

    table: str
    of: str
    columns: str
    cells: str
    rows: int


def hanging_rows(con: duckdb.DuckDBPyConnection) -> list[Hanging]:
    """What rows of a vault refer to without its being there."""
    return [
        Hanging(table, reference.table, ", ".join(reference.columns), str(cells), int(rows))
        for table, reference in _references()
        for cells, rows in con.execute(
            f"select concat_ws(', ', {_named('here', reference.columns)}) as cells, count(*) "
            f"from {table} as here anti join {reference.table} as there "
            f"on {_meet(reference, 'there')} "
            "group by cells order by cells"
        ).fetchall()
    ]


def _hanging(con: duckdb.DuckDBPyConnection, out: Collection[str]) -> dict[str, int]:
    """Batches by the number of their rows that would refer to nothing without some batches."""
    hanging: dict[str, int] = {}
    for table, reference in _references():
        rows = con.execute(
            f"select here.batch_id, count(*) from {table} as here "
            f"semi join (from {reference.table} where list_contains($out, batch_id)) as lost "
            f"on {_meet(reference, 'lost')} "
            f"anti join (from {reference.table} where not list_contains($out, batch_id)) as there "
            f"on {_meet(reference, 'there')} group by here.batch_id",
            {"out": list(out)},
        ).fetchall()
        for batch, n in rows:
            hanging[str(batch)] = max(hanging.get(str(batch), 0), int(n))
    return hanging


def _references() -> list[tuple[str, Reference]]:
    """Every reference of one of the vault's tables to another, each with the table it is of."""
    return [
        (table, reference)
        for table in TABLES
        for reference in odcs.load(table).references
        if reference.table in TABLES
    ]


def _meet(reference: Reference, there: str) -> str:
    pairs = zip(reference.columns, reference.there, strict=True)
    return " and ".join(f"here.{mine} = {there}.{other}" for mine, other in pairs)


def _named(table: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in columns)
