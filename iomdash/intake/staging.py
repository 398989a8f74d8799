"""Any file to text under contract names, each row with its number in the file.

Reading forgives what does not change a meaning, and says what it forgave: encodings, delimiters,
titles above the header, case, blanks at the ends, ways of writing a day. It casts nothing and
rejects no value: a cell that it cannot normalise stays as it is, so that the contract can name
it. Only what no contract could see is named here: an error in place of a value, lost letters.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import duckdb
import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Break, Kind, Unreadable, UsageError, counted
from iomdash.intake import day_order, meanings, rows, sources
from iomdash.intake.cells import Known
from iomdash.intake.contracts import lists
from iomdash.intake.identifiers import Hit
from iomdash.intake.piece import (
    COLLECTED,
    ORIGIN,
    Cleaning,
    Naming,
    Seen,
    naming,
    unnamed,
    without_origin,
)
from iomdash.intake.rows import Held, Rows
from iomdash.intake.sources import coded, large, matrix
from iomdash.intake.sources.raw import AS_IT_IS, Options, Raw, Reading, Table

_CODINGS_ONLY = "Only codings come as an export of coded passages; leave out --names."
_NOTHING = Held(pl.DataFrame())
# How a file's cleaned pieces are kept; None where there is none.
Keep = Callable[[Iterator[Held]], Rows | None]


class Cells(Protocol):
    """Cells as they stand in a file."""

    def cell(self, row: int, column: str) -> str | None:
        """One of them; None where it is empty, or nothing is known of it."""
        ...


class Again:
    """The cells of a file's table, read again; the piece that was asked for last is kept."""

    def __init__(self, table: Table, names: Naming) -> None:
        self._table = table
        self._names = names
        self._pieces: Iterator[pl.DataFrame] = iter(())
        self._last = Held(pl.DataFrame({"row_number": []}))

    def cell(self, row: int, column: str) -> str | None:
        """One of them; None where it is empty, or nothing is known of it."""
        if not self._reaches(row):
            self._pieces = self._table.frames()
            self._reaches(row)
        return self._last.cell(row, column)

    def _reaches(self, row: int) -> bool:
        """Whether the piece that has a row, or might have, is this one or comes after it."""
        while (numbers := self._last.frame["row_number"]).is_empty() or numbers[-1] < row:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._last = Held(self._names.named(piece))
        return bool(numbers[0] <= row)


@dataclass(frozen=True)
class Staged:
    """A file as read: `rows` have row_number and every column of the contract, all else text.

    `missing` are required columns that the file lacks, `identified` the cells and columns that
    name a person: the first 1,000 of a column, `identified_counts` being those of all by column and
    what they hold. `faults` are cells that are wrong whatever the contract says, the first 1,000 of
    a kind, `fault_counts` being those of all. `raw` has the cells as they stand in the file.
    `sha256` is that of the file's bytes, and `part` tells apart the tables that one file becomes.
    """

    table: str
    file: str
    sha256: str
    rows: Rows = field(repr=False)
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    identified: tuple[Hit, ...]
    identified_counts: Mapping[tuple[str, str], int]
    part: int = 0
    reading: Reading = field(default=Reading(""))
    faults: tuple[Break, ...] = ()
    fault_counts: Mapping[Kind, int] = field(default_factory=dict[Kind, int])
    raw: "Cells" = field(default=_NOTHING, repr=False)
    codes: tuple[str, ...] = ()

    @property
    def frame(self) -> pl.DataFrame:
        """The rows in memory, for whoever reads few."""
        return self.rows.frame

    def without_cells(self) -> "Staged":
        """The same, with the numbers of its rows alone."""
        return replace(self, rows=self.rows.numbers(), raw=_NOTHING)

    def shown(self, row: int, column: str) -> str | None:
        """The cell as it stands in the file; None where it is empty, or nothing is known of it."""
        return self.raw.cell(row, column)


def read(
    path: Path | str,
    contract: Contract,
    options: Options = AS_IT_IS,
    known: Known = lists.declared,
) -> Staged:
    """The file under the contract's names. Raises Unreadable, with the remedy.

    `known` gives the values of a list or table to which a column refers.
    """
    path = Path(path)
    data = sources.bytes_of(path, contract.table)
    raw = sources.table_of(data, path.name, contract, options)
    size = raw.frame.height * (raw.frame.width - 1)
    raw = replace(raw, reading=replace(raw.reading, cells=size))
    if options.names is not None:
        raw = _of_another_program(raw, options.names, contract)
    raw = matrix.unpivoted(raw, contract)
    table = Table(
        path.name, hashlib.sha256(data).hexdigest(), raw.reading, lambda: iter([raw.frame]),
        raw.faults, raw.codes,
    )  # fmt: skip
    return _staged(table, contract, options, known, _held)


def read_large(
    path: Path | str, contract: Contract, options: Options, known: Known,
    con: duckdb.DuckDBPyConnection,
) -> Staged:  # fmt: skip
    """The same of a file that is larger than memory should be, kept in a table of `con`."""
    table = large.table_of(Path(path), contract, options)
    return in_pieces(table, contract, options, known, con)


def in_pieces(
    table: Table, contract: Contract, options: Options, known: Known,
    con: duckdb.DuckDBPyConnection,
) -> Staged:  # fmt: skip
    """A table that is read piece by piece, kept in a table of `con`."""
    if options.names is not None:
        raise UsageError(_CODINGS_ONLY)
    name = f"read_{contract.table}_{table.sha256[:16]}"

    def keep(pieces: Iterator[Held]) -> Rows | None:
        return rows.stored(con, name, (piece.frame for piece in pieces))

    return _staged(table, contract, options, known, keep)


def _held(pieces: Iterator[Held]) -> Rows | None:
    return next(pieces, None)


def _of_another_program(raw: Raw, names: Path, contract: Contract) -> Raw:
    if contract.table != "codings":
        raise UsageError(_CODINGS_ONLY)
    return coded.as_codings(raw, coded.names_of(names))


@dataclass(frozen=True)
class _Whole:
    """What is asked of a whole file before its cells are read."""

    naming: Naming
    days: day_order.Days
    cells: int


def _asked(table: Table, contract: Contract) -> _Whole:
    headers: list[str] = []
    empty: set[str] = set()
    days: list[day_order.Days] = []
    height = 0
    for frame in table.frames():
        here = set(unnamed(frame))
        empty = empty & here if headers else here
        headers, height = frame.columns[1:], height + frame.height
        days.append(day_order.written(frame, contract))
    names = naming(headers, empty, table.file, contract)
    if not height:
        raise _without_rows(table, contract)
    return _Whole(names, day_order.together(days), table.reading.cells or height * len(headers))


def _without_rows(table: Table, contract: Contract) -> Unreadable:
    why = "It has a header but no rows."
    return Unreadable(contract.table, table.file, why, "Add rows, or leave it out.")


def _staged(table: Table, contract: Contract, options: Options, known: Known, keep: Keep) -> Staged:
    whole = _asked(table, contract)
    order, written, about_order, unsure = day_order.order(
        whole.days, contract, options, table.frames
    )
    cleaning = Cleaning(
        table.file, contract, known, order, table.reading.kind == "CSV",
        meanings.stated(contract, options), table.faults, table.codes,
    )  # fmt: skip
    seen = Seen()
    raw = Again(table, whole.naming)
    pieces = (cleaning.done(whole.naming.named(frame), seen) for frame in table.frames())
    kept = keep(piece for piece in pieces if piece.height)
    if kept is None:
        raise _without_rows(table, contract)
    names = whole.naming.names.values()
    absent = [c.name for c in contract.columns if c.required and c.name not in names]
    called = (f"Column '{theirs}' was read as {ours}." for ours, theirs in options.columns)
    collected = (
        (f"Its rows count as {COLLECTED}, as it has no column '{ORIGIN}'.",)
        if without_origin(names, contract) else ()
    )  # fmt: skip
    reading = replace(
        table.reading,
        cells=whole.cells,
        order=written,
        left_out=(*table.reading.left_out, *whole.naming.unknown),
        notes=(*table.reading.notes, *called, *seen.notes, *unsure, *collected),
        repairs=(*table.reading.repairs, *seen.every_repair),
    )
    return Staged(
        table=contract.table,
        file=table.file,
        sha256=table.sha256,
        rows=kept,
        warnings=reading.sentences,
        missing=tuple(name for name in absent if name != ORIGIN),
        identified=seen.every_hit,
        identified_counts=seen.named,
        reading=reading,
        faults=tuple(
            replace(fault, file=table.file) for fault in (*about_order, *seen.every_break)
        ),
        fault_counts=seen.counts + counted(about_order),
        raw=raw,
        codes=table.codes,
    )
