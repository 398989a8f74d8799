"""A batch corrected by another file: the old rows out and the new ones in, in one transaction.

Correcting is not withdrawing: an interview keeps its id, and counts as the same interview. Of a
batch that the last release counted, the vault keeps the old rows until a release counts the new
ones: a correction of few people waits, as every small batch does, and theirs must not go missing.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from iomdash.declared.contracts.odcs import EXTRACT, Contract
from iomdash.errors import Break, ContractBroken
from iomdash.intake.contracts.checking import Checked
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.vault import ledger, log, tables, undo
from iomdash.vault.connection import transaction
from iomdash.vault.lock import signed_in
from iomdash.vault.log import Batch, Loaded
from iomdash.vault.writer import Vault, cast_rows, not_stored, silent

# Rows of each table that a difference names by their key.
MOST_ROWS = 20


@dataclass(frozen=True)
class Row:
    """One row that differs: its key, and the columns in which; none of a row of one side only."""

    key: tuple[str, ...]
    kind: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What a file changes in one table: rows by their key, and changed cells by column.

    `rows` names the first 20 that differ; `key` says what names a row.
    """

    table: str
    key: tuple[str, ...]
    added: int
    gone: int
    changed: int
    same: int
    columns: Mapping[str, int]
    rows: tuple[Row, ...]

    @property
    def sentences(self) -> Sequence[str]:
        """The same in words, a line each."""
        first = (
            f"{self.table}: {self.added:,} rows added, {self.gone:,} gone, "
            f"{self.changed:,} changed, {self.same:,} the same."
        )
        cells = (f"  {column}: {n:,} changed" for column, n in self.columns.items())
        rows = (
            f"  {row.kind}: {', '.join(row.key)}"
            + (f" ({', '.join(row.columns)})" if row.columns else "")
            for row in self.rows
        )
        more = self.added + self.gone + self.changed - len(self.rows)
        return (first, *cells, *rows, *([f"  and {more:,} rows more"] if more > 0 else []))

    def as_json(self) -> Mapping[str, object]:
        """Every field; `rows` as `{key, kind, columns}`."""
        return {**vars(self), "rows": [vars(row) for row in self.rows]}


Show = Callable[[Sequence[Difference]], None]


class _Shown(Exception):
    """Ends the transaction of a preview."""


def preview(
    vault: Vault, batch: str, path: Path | str, *, today: date | None = None,
    options: Options = AS_IT_IS, progress: Callable[[str], None] = silent,
) -> tuple[Difference, ...]:  # fmt: skip
    """What a file would change in a batch; nothing is changed. Raises as `replace` does."""
    differences: list[Difference] = []

    def show(every: Sequence[Difference]) -> None:
        differences.extend(every)
        raise _Shown

    with suppress(_Shown):
        replace(vault, batch, path, today=today, options=options, progress=progress, show=show)
    return tuple(differences)


def replace(
    vault: Vault, batch: str, path: Path | str, *, user: str | None = None,
    today: date | None = None, options: Options = AS_IT_IS,
    progress: Callable[[str], None] = silent, show: Show = lambda _: None,
) -> Loaded:  # fmt: skip
    """One file in the place of a batch, whole or not at all; what was loaded.

    `show` gets the differences before anything is kept, and may raise to stop. Raises as
    `Vault.check` does, ContractBroken too where something refers to rows that the file has not, and
    UsageError where the vault does not hold the batch; the old batch then stays as it was.
    """
    try:
        with transaction(vault.connection):
            loaded = within(
                vault, batch, path, user=user, today=today, options=options, progress=progress,
                show=show,
            )  # fmt: skip
    except duckdb.Error as fault:
        raise not_stored(Path(path).name, fault) from None
    vault.sweep()
    return loaded


def within(
    vault: Vault, batch: str, path: Path | str, *, user: str | None = None,
    today: date | None = None, options: Options = AS_IT_IS,
    progress: Callable[[str], None] = silent, show: Show = lambda _: None,
) -> Loaded:  # fmt: skip
    """The same within an open transaction, which is to be rolled back where this raises."""
    con, who = vault.connection, user or signed_in()
    old = log.held(con, batch)
    counted = batch in ledger.counted(vault.folder)
    checked: Checked | None = None
    try:
        aside = _set_aside(con, old)
        checked = vault.check(old.table, path, today=today, progress=progress, options=options)
        show(_differences(con, old, checked))
        progress("storing")
        loaded = vault.store(checked, user=who)
        log.mark_gone(con, batch, who, loaded.batch_id)
        _refuse_hanging(con, checked)
        _keep(con, aside, counted=counted)
        return loaded
    finally:
        if checked:
            with suppress(duckdb.Error):  # it may be in a transaction that cannot go on
                vault.release(checked)


def _old(table: str) -> str:
    return f"old_{table}"


def _set_aside(con: duckdb.DuckDBPyConnection, batch: Batch) -> tuple[str, ...]:
    """Move the rows of a batch into temporary tables; the tables where they lay."""
    stored = tuple(contract.stored for contract in tables.filled(batch.table))
    for table in stored:
        con.execute(
            f"create or replace temp table {_old(table)} as from {table} where batch_id = ?",
            [batch.batch_id],
        )
    undo.take_out(con, batch)
    return stored


def _keep(con: duckdb.DuckDBPyConnection, aside: Sequence[str], *, counted: bool) -> None:
    """Keep the old rows of a batch that counted in a release, and let go of all others."""
    for table in aside:
        if counted and table in tables.REPLACED:
            con.execute(f"insert into {tables.replaced(table)} by name from {_old(table)}")
        con.execute(f"drop table {_old(table)}")


def _differences(
    con: duckdb.DuckDBPyConnection, old: Batch, checked: Checked
) -> tuple[Difference, ...]:
    parts = checked.parts or (checked,)
    return tuple(
        _difference(
            con, contract, [part for part in parts if part.contract.table == contract.table]
        )
        for contract in tables.filled(old.table)
    )


def _difference(
    con: duckdb.DuckDBPyConnection, contract: Contract, parts: Sequence[Checked]
) -> Difference:
    # Another extract of the same records has another day.
    key = [name for name in contract.key if name != EXTRACT]
    values = [column.name for column in contract.columns if column.name not in key]
    con.execute(_matched(contract.stored, parts, key, values))
    kinds = dict(con.execute("select kind, count(*) from matched group by kind").fetchall())
    differing = [f"count(*) filter (where list_contains(columns, '{name}'))" for name in values]
    cells = con.execute(f"select {', '.join(differing)} from matched").fetchall()[0]
    rows = con.execute(
        f"select kind, columns, {', '.join(key)} from matched where kind <> 'same' "
        f"order by all limit {MOST_ROWS}"
    ).fetchall()
    con.execute("drop table matched")
    return Difference(
        contract.table, tuple(key),
        *(int(kinds.get(kind, 0)) for kind in ("added", "gone", "changed", "same")),
        columns={name: int(n) for name, n in zip(values, cells, strict=True) if n},
        rows=tuple(
            Row(tuple(map(str, named)), kind, tuple(columns)) for kind, columns, *named in rows
        ),
    )  # fmt: skip


def _matched(
    stored: str, parts: Sequence[Checked], key: Sequence[str], values: Sequence[str]
) -> str:
    """Rows of both sides by their key, as the table `matched`: kind, columns that differ, key."""
    names = ", ".join([*key, *values])
    differs = ", ".join(
        f"if(old.{name} is distinct from new.{name}, '{name}', null)" for name in values
    )
    both = " and ".join(f"old.{name} is not distinct from new.{name}" for name in key)
    # A file of which no row makes one of this table has no part of it.
    new = " union all by name ".join(map(cast_rows, parts)) or f"from {_old(stored)} limit 0"
    either = ", ".join(f"coalesce(new.{name}, old.{name}) as {name}" for name in key)
    return f"""
        create or replace temp table matched as
        select
          case
            when not coalesce(old.there, false) then 'added'
            when not coalesce(new.there, false) then 'gone'
            when differs = [] then 'same'
            else 'changed'
          end as kind,
          if(kind = 'changed', differs, []) as columns,
          {either}
        from (select distinct {names}, true as there from {_old(stored)}) as old
        full join (select distinct {names}, true as there from ({new})) as new
          on {both},
          lateral (select list_filter([{differs}], lambda x: x is not null) as differs)
    """


def _refuse_hanging(con: duckdb.DuckDBPyConnection, checked: Checked) -> None:
    breaks = [
        Break(
            checked.staged.file, None, columns, named,
            f"The file has it no more, and rows of {table} refer to it: {rows:,}.",
            "Keep the row; or unload the batches that refer to it first (python -m iomdash unload "
            "names them). If the interviewee takes back their consent, that is no correction: "
            "run python -m iomdash withdraw.",
        )
        for table, columns, named, rows in undo.hanging_rows(con)
    ]  # fmt: skip
    if breaks:
        raise ContractBroken(checked.staged.table, breaks)
