"""What differs between the rows of a batch, set aside, and those of the file that corrects it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from iomdash.declared.contracts.odcs import EXTRACT, Contract
from iomdash.intake.contracts.checked import Checked
from iomdash.vault import tables
from iomdash.vault.log import Batch
from iomdash.vault.writer import cast_rows

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


def old(table: str, batch: Batch) -> str:
    """The table in which the rows that a batch had in another are set aside."""
    return f'"old_{table}_{batch.batch_id}"'


def of(con: duckdb.DuckDBPyConnection, batch: Batch, checked: Checked) -> tuple[Difference, ...]:
    """What differs in each table that the batch fills, its own rows being set aside."""
    parts = checked.parts or (checked,)
    return tuple(
        _difference(
            con, contract, [part for part in parts if part.contract.table == contract.table], batch
        )
        for contract in tables.filled(batch.table)
    )


def _difference(
    con: duckdb.DuckDBPyConnection, contract: Contract, parts: Sequence[Checked], batch: Batch
) -> Difference:
    # Another extract of the same records has another day.
    key = [name for name in contract.key if name != EXTRACT]
    values = [column.name for column in contract.columns if column.name not in key]
    con.execute(_matched(old(contract.stored, batch), parts, key, values))
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
    before: str, parts: Sequence[Checked], key: Sequence[str], values: Sequence[str]
) -> str:
    """Rows of both sides by their key, as the table `matched`: kind, columns that differ, key."""
    names = ", ".join([*key, *values])
    differs = ", ".join(
        f"if(old.{name} is distinct from new.{name}, '{name}', null)" for name in values
    )
    both = " and ".join(f"old.{name} is not distinct from new.{name}" for name in key)
    # A file of which no row makes one of this table has no part of it.
    new = " union all by name ".join(map(cast_rows, parts)) or f"from {before} limit 0"
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
        from (select distinct {names}, true as there from {before}) as old
        full join (select distinct {names}, true as there from ({new})) as new
          on {both},
          lateral (select list_filter([{differs}], lambda x: x is not null) as differs)
    """
