"""Parquet files: the columns that the contract knows, as text."""

import io
from typing import Any

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources import header
from iomdash.intake.sources.delimited import MOST_COLUMNS
from iomdash.intake.sources.raw import Raw, Reading, any_fault_as

MOST_ROWS = 5_000_000
MOST_UNPACKED = 2**30  # bytes
_DAMAGED = "It begins like a Parquet file, but is truncated or damaged."


def read(data: bytes, file: str, contract: Contract) -> Raw:
    """The table in a Parquet file. Raises Unreadable."""

    def refused(why: str, remedy: str = "Save it anew, or ask for it again.") -> Unreadable:
        return Unreadable(contract.table, file, why, remedy)

    with any_fault_as(refused(_DAMAGED)):
        rows, columns, size = _measured(data)
        if columns > MOST_COLUMNS or rows > MOST_ROWS or size > MOST_UNPACKED:
            raise refused(
                f"It holds {rows:,} rows and {columns:,} columns, more than a table may.",
                "Split it, or keep only the columns of the contract.",
            )
        schema = pl.read_parquet_schema(io.BytesIO(data))
        flat = [name for name, kind in schema.items() if not kind.is_nested()]
        known = header.known_headers(contract)
        nested = [name for name in schema if name not in flat]
        for name in nested:
            if header.column_name(name) in known:
                raise refused(f"Column '{name}' holds lists, not cells.", "Write one value a cell.")
        frame = pl.read_parquet(io.BytesIO(data), columns=flat)
    texts: list[pl.Series] = []
    for column in frame.get_columns():
        try:
            texts.append(column.to_frame().select(_text(column)).to_series())
        except pl.exceptions.PolarsError:
            if header.column_name(column.name) in known:
                raise refused(
                    f"Column '{column.name}' holds bytes that are no text.", "Write it as text."
                ) from None
            nested.append(column.name)
    if not texts:
        raise refused("It has no header.", "Name its columns in row 1.")
    left_out = tuple(header.column_name(name) for name in nested)
    table = pl.DataFrame(texts).with_row_index("row_number", offset=2)
    return Raw(table, Reading("Parquet", left_out=left_out))


def tops(data: bytes) -> list[list[str]]:
    """The headers, as the one row at the beginning; none where the file is damaged."""
    try:
        with any_fault_as(ValueError()):
            return [[*pl.read_parquet_schema(io.BytesIO(data))]]
    except ValueError:
        return []


def _measured(data: bytes) -> tuple[int, int, int]:
    """Rows, columns, and bytes when unpacked, as the file itself says."""
    from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

    reader: Any = parquet
    metadata: Any = reader.ParquetFile(io.BytesIO(data)).metadata
    size = sum(
        metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups)
    )
    return metadata.num_rows, metadata.num_columns, size


def _text(column: pl.Series) -> pl.Expr:
    cell = pl.col(column.name)
    if isinstance(column.dtype, pl.Datetime):
        # The wall clock of the file's own zone: a midnight there is a day.
        cell = cell.dt.replace_time_zone(None).dt.to_string("%Y-%m-%d %H:%M:%S%.f")
    return cell.cast(pl.String)
