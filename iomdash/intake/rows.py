"""Rows that were read: those of a small file in memory, those of a large one in a table.

A table of a connection is a temporary one: what does not fit into the connection's memory goes to
its encrypted files, and nothing of it outlasts the connection.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import duckdb
import polars as pl
import pyarrow  # noqa: F401  # pyright: ignore  # Polars hands frames over by it

from iomdash.intake.sources.header import NUMBER

# Rows of a table that are in memory at once.
_AT_ONCE = 200_000
# Columns of at most so many values stand in one table: another costs as much as these.
_SHORT = 5_000


@dataclass(frozen=True)
class Aside:
    """Tables of the distinct `values` of columns, by column, where some have few, and of the rows
    that may have their key in common, `alike`; None where they are not known, or none is
    as all keys are `distinct`. A table of several columns may hold a value more than once.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    alike: str | None = None
    distinct: bool = False


class Rows(Protocol):
    """Text columns behind `row_number`, which grows from row to row."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        ...

    @property
    def frame(self) -> pl.DataFrame:
        """All of them, in memory."""
        ...

    def cell(self, row: int, column: str) -> str | None:
        """One cell; None where it is empty, or nothing is known of it."""
        ...

    def show(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """Make them known to a connection under a name, until they are hidden."""
        ...

    def hide(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """Take the name away."""
        ...

    def aside(
        self, con: duckdb.DuckDBPyConnection, name: str, key: Sequence[str]
    ) -> AbstractContextManager["Aside"]:
        """Smaller tables of which some rules may be asked in the place of these rows."""
        ...

    def become(self, name: str, change: "Callable[[Held], pl.DataFrame]") -> "Rows":
        """What a change makes of them, kept alike; `name` is that of a table, if it is one."""
        ...

    def numbers(self) -> "Rows":
        """The same without cells, where they are in memory."""
        ...

    def drop(self) -> None:
        """Let go of them."""
        ...


@dataclass(frozen=True)
class Held:
    """Rows in memory, and the distinct values of columns that have few, None among them."""

    frame: pl.DataFrame
    few: Mapping[str, pl.Series] = field(default_factory=dict[str, pl.Series])

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.frame.height

    def cell(self, row: int, column: str) -> str | None:
        """One cell; None where it is empty, or nothing is known of it."""
        if column not in self.frame.columns:
            return None
        numbers = self.frame.get_column(NUMBER)
        at = int(numbers.search_sorted(row))
        if at >= len(numbers) or numbers[at] != row:
            return None
        return self.frame.get_column(column)[at]

    def show(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """Read where they lie, an Arrow table that nothing can change, and nothing is copied."""
        con.register(name, arrow(self.frame))

    def hide(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """Take the name away."""
        con.unregister(name)

    @contextmanager
    def aside(
        self, con: duckdb.DuckDBPyConnection, name: str, key: Sequence[str]
    ) -> Generator[Aside]:
        """Smaller tables of which some rules may be asked in the place of these rows."""
        values = {
            column: f"{name}_{column if len(few) > _SHORT else 'values'}"
            for column, few in self.few.items()
        }
        frames = {table: self._side_by_side(values, table) for table in {*values.values()}}
        alike = self._alike(key)
        if alike is not None:
            frames[f"{name}_alike"] = alike
        for table, frame in frames.items():
            con.register(table, arrow(frame))
        try:
            yield Aside(values, f"{name}_alike", distinct=alike is None)
        finally:
            for table in frames:
                con.unregister(table)

    def _side_by_side(self, values: Mapping[str, str], table: str) -> pl.DataFrame:
        """The values of the columns of one table, those of the shorter ones begun anew."""
        columns = [self.few[column].alias(column) for column in values if values[column] == table]
        most = max(map(len, columns))
        return pl.DataFrame([few.extend_constant(few[0], most - len(few)) for few in columns])

    def _alike(self, key: Sequence[str]) -> pl.DataFrame | None:
        """The rows whose key has the hash of another's; None where there are none, as nearly
        always.
        """
        if not key:
            return None
        hashes = self.frame.select(key).hash_rows()
        inorder = hashes.sort()
        twice = inorder.filter(inorder == inorder.shift())
        return self.frame.filter(hashes.is_in(twice.implode())) if len(twice) else None

    def become(self, name: str, change: "Callable[[Held], pl.DataFrame]") -> Rows:  # noqa: ARG002
        """What a change makes of them, in memory too."""
        return Held(change(self))

    def numbers(self) -> Rows:
        """Their numbers alone."""
        return Held(self.frame.select(NUMBER))

    def drop(self) -> None:
        """They go with the last who holds them."""


@dataclass(frozen=True)
class Stored:
    """Rows in a temporary table of a connection, `name`."""

    con: duckdb.DuckDBPyConnection
    name: str
    height: int

    @property
    def frame(self) -> pl.DataFrame:
        """All of them, in memory: of a few rows, or for a test."""
        return self.con.sql(f"from {self.name} order by {NUMBER}").pl()

    def pieces(self, most: int) -> Iterator[pl.DataFrame]:
        """At most so many of them at once, of rows that are numbered through."""
        numbers = f"coalesce(min({NUMBER}), 0), coalesce(max({NUMBER}), -1)"
        [(first, last)] = self.con.execute(f"select {numbers} from {self.name}").fetchall()
        for begin in range(first, last + 1, most):
            those = f"{NUMBER} between {begin} and {begin + most - 1}"
            yield self.con.sql(f"from {self.name} where {those} order by {NUMBER}").pl()

    def cell(self, row: int, column: str) -> str | None:
        """One cell; None where it is empty, or nothing is known of it."""
        found = self.con.execute(
            f'select "{column}" from {self.name} where {NUMBER} = ?', [row]
        ).fetchone()
        return found[0] if found else None

    def show(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """By one name more."""
        con.execute(f"create or replace temp view {name} as from {self.name}")

    def hide(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """Take the name away."""
        with suppress(duckdb.Error):  # an error may have ended the transaction already
            con.execute(f"drop view if exists {name}")

    def aside(
        self,
        con: duckdb.DuckDBPyConnection,  # noqa: ARG002
        name: str,  # noqa: ARG002
        key: Sequence[str],  # noqa: ARG002
    ) -> AbstractContextManager[Aside]:
        """None, as nobody has told apart what its pieces hold."""
        return nullcontext(Aside())

    def become(self, name: str, change: Callable[[Held], pl.DataFrame]) -> Rows:
        """What a change makes of them piece by piece, in another table."""
        kept = stored(self.con, name, (change(Held(piece)) for piece in self.pieces(_AT_ONCE)))
        return Held(pl.DataFrame({NUMBER: []})) if kept is None else kept

    def numbers(self) -> Rows:
        """Themselves, as none is in memory."""
        return self

    def drop(self) -> None:
        """Drop the table."""
        with suppress(duckdb.Error):
            self.con.execute(f"drop table if exists {self.name}")


def stored(
    con: duckdb.DuckDBPyConnection, name: str, frames: Iterator[pl.DataFrame]
) -> Stored | None:
    """The rows of frames that have the same columns, one behind the other; None without a frame."""
    kept = None
    for frame in frames:
        con.register("piece_of_rows", arrow(frame))
        if kept is None:
            kept = made(con, name, "from piece_of_rows")
        else:
            con.execute(f"insert into {name} from piece_of_rows")
            kept = Stored(con, name, kept.height + frame.height)
        con.unregister("piece_of_rows")
    return kept


def made(con: duckdb.DuckDBPyConnection, name: str, query: str) -> Stored:
    """The rows of a query."""
    rows = con.execute(f"create or replace temp table {name} as {query}").fetchall()
    return Stored(con, name, int(rows[0][0]))


def swapped(cells: pl.Series, values: pl.Series, by: pl.Series) -> pl.Series:
    """Cells with another for each, where `values` are all that they hold, each once."""
    if len(values) == 1:
        return by.new_from_index(0, len(cells)).alias(cells.name)
    return cells.replace_strict(values, by)


def arrow(frame: pl.DataFrame) -> Any:
    """The frame as an Arrow table, without a copy."""
    return cast("Any", frame).to_arrow(compat_level=pl.CompatLevel.newest())
