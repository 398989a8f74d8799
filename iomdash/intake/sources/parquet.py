"""Parquet files: the columns that the contract knows, as text."""

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources import header
from iomdash.intake.sources.delimited import MOST_COLUMNS
from iomdash.intake.sources.raw import Raw, Reading, any_fault_as

MOST_ROWS = 5_000_000
MOST_UNPACKED = 2**30  # bytes
_FRESH = "Save it anew, or ask for it again."
_DAMAGED = "It begins like a Parquet file, but is truncated or damaged."


def read(data: bytes, file: str, contract: Contract) -> Raw:
    """The table in a Parquet file. Raises Unreadable."""

    def refused(why: str, remedy: str = _FRESH) -> Unreadable:
        return Unreadable(contract.table, file, why, remedy)

    with any_fault_as(refused(_DAMAGED)):
        rows, columns, size = _measured(io.BytesIO(data))
        if columns > MOST_COLUMNS or rows > MOST_ROWS or size > MOST_UNPACKED:
            raise refused(
                f"It holds {rows:,} rows and {columns:,} columns, more than a table may.",
                "Split it, or keep only the columns of the contract.",
            )
        flat, left_out = _flat(pl.read_parquet_schema(io.BytesIO(data)), contract, refused)
        frame = pl.read_parquet(io.BytesIO(data), columns=flat)
    texts = _texts(frame, contract, refused)
    if not texts:
        raise refused("It has no header.", "Name its columns in row 1.")
    table = pl.DataFrame(texts).with_row_index("row_number", offset=2)
    return Raw(table, Reading("Parquet", left_out=left_out))


def is_large(path: Path) -> bool:
    """Whether it holds more than is read at once; a damaged file does not."""
    try:
        with any_fault_as(ValueError()):
            rows, columns, size = _measured(path)
    except ValueError:
        return False
    return columns <= MOST_COLUMNS and (rows > MOST_ROWS or size > MOST_UNPACKED)


def in_pieces(
    path: Path, contract: Contract, rows_at_once: int
) -> tuple[Reading, Callable[[], Iterator[pl.DataFrame]]]:
    """A large file, so many rows of it at once. Raises Unreadable, now or as they are read."""
    damaged = Unreadable(contract.table, path.name, _DAMAGED, _FRESH)
    with any_fault_as(damaged):
        rows, _, _ = _measured(path)
        schema = pl.read_parquet_schema(path)

    def read(columns: list[str]) -> Iterator[pl.DataFrame]:
        for begin in range(0, rows, rows_at_once):
            with any_fault_as(damaged):
                piece = pl.scan_parquet(path).select(columns).slice(begin, rows_at_once).collect()
            yield piece

    return as_text(path.name, schema, read, contract)


def as_text(
    file: str, schema: Mapping[str, pl.DataType],
    read: Callable[[list[str]], Iterator[pl.DataFrame]], contract: Contract,
) -> tuple[Reading, Callable[[], Iterator[pl.DataFrame]]]:  # fmt: skip
    """Pieces of a table with types as text, numbered through. Raises Unreadable, now or later."""

    def refused(why: str, remedy: str) -> Unreadable:
        return Unreadable(contract.table, file, why, remedy)

    if len(schema) > MOST_COLUMNS:
        why = f"It holds {len(schema):,} columns, more than a table may."
        raise refused(why, "Keep only the columns of the contract.")
    flat, left_out = _flat(schema, contract, refused)
    if not flat:
        raise refused("It has no header.", "Name its columns in row 1.")

    def frames() -> Iterator[pl.DataFrame]:
        first = 2
        for piece in read(flat):
            texts = pl.DataFrame(_texts(piece, contract, refused))
            yield texts.with_row_index("row_number", offset=first)
            first += piece.height

    return Reading("Parquet", left_out=left_out), frames


def _flat(
    schema: Mapping[str, pl.DataType], contract: Contract, refused: Callable[..., Unreadable]
) -> tuple[list[str], tuple[str, ...]]:
    """The columns that hold cells, and those that do not, by their names."""
    nested = [name for name, kind in schema.items() if kind.is_nested()]
    for name in nested:
        if header.column_name(name) in header.known_headers(contract):
            raise refused(f"Column '{name}' holds lists, not cells.", "Write one value a cell.")
    return (
        [name for name in schema if name not in nested],
        tuple(header.column_name(name) for name in nested),
    )


def _texts(
    frame: pl.DataFrame, contract: Contract, refused: Callable[..., Unreadable]
) -> list[pl.Series]:
    """The columns as text; bytes that are none, of a column that is left out, are no cell."""
    known = header.known_headers(contract)
    texts: list[pl.Series] = []
    for column in frame.get_columns():
        try:
            texts.append(column.to_frame().select(_text(column, strict=True)).to_series())
        except pl.exceptions.PolarsError:
            if header.column_name(column.name) in known:
                raise refused(
                    f"Column '{column.name}' holds bytes that are no text.", "Write it as text."
                ) from None
            texts.append(column.to_frame().select(_text(column, strict=False)).to_series())
    names = header.distinct([text.name for text in texts])
    return [text.alias(name) for text, name in zip(texts, names, strict=True)]


def tops(data: bytes) -> list[list[str]]:
    """The headers, as the one row at the beginning; none where the file is damaged."""
    try:
        with any_fault_as(ValueError()):
            return [[*pl.read_parquet_schema(io.BytesIO(data))]]
    except ValueError:
        return []


def _measured(data: io.BytesIO | Path) -> tuple[int, int, int]:
    """Rows, columns, and bytes when unpacked, as the file itself says."""
    from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

    reader: Any = parquet
    metadata: Any = reader.ParquetFile(data).metadata
    size = sum(
        metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups)
    )
    return metadata.num_rows, metadata.num_columns, size


def _text(column: pl.Series, *, strict: bool) -> pl.Expr:
    cell = pl.col(column.name)
    if isinstance(column.dtype, pl.Datetime):
        # The wall clock of the file's own zone: a midnight there is a day.
        cell = cell.dt.replace_time_zone(None).dt.to_string("%Y-%m-%d %H:%M:%S%.f")
    return cell.cast(pl.String, strict=strict)
