"""The wide form of codings, a row for each interview and a column for each code, as rows.

Read only where it is certain: beside its codes it must name the interview and the coder.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

import polars as pl

from iomdash.declared.codebook import CODES
from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Break, Kind
from iomdash.intake.sources.header import ENDS, column_name
from iomdash.intake.sources.raw import MATRIX, Raw, placed

_KEYS = ("interview_id", "coder")
OF_A_CODE = ("code", "stance")  # the columns of a row that are a code's own cell


@cache
def _codes() -> dict[str, str]:
    return {code.casefold(): code for code in CODES}


def code_of(header: str) -> str | None:
    """The code that a header names, whatever its case."""
    return _codes().get(header.strip(ENDS).casefold())


def columns_of(headers: list[str], contract: Contract) -> dict[str, Column]:
    """The column of the contract that stands under each header; stances under a code's."""
    known = {column_name(column.header): column for column in contract.columns}
    columns = {h: known[column_name(h)] for h in headers if column_name(h) in known}
    if contract.table == "codings" and "stance" not in {c.name for c in columns.values()}:
        columns |= {header: contract.column("stance") for header in headers if code_of(header)}
    return columns


def heading(column: str | None, code: int, codes: Sequence[str]) -> str | None:
    """What stands above a cell in the file, of one of its `codes`, which a matrix alone has."""
    return codes[code] if codes and column in OF_A_CODE else column


def counted(breaks: Iterable[Break], codes: Sequence[str]) -> Counter[Kind]:
    """How many there are of each kind, by what stands above them in the file."""
    return Counter(
        (heading(each.column, placed(each.row or 0).code, codes), each.rule) for each in breaks
    )


def unpivoted(raw: Raw, contract: Contract) -> Raw:
    """A matrix of codings as one row for each cell that is filled in; any other table as it is."""
    names = {column_name(header): header for header in raw.frame.columns[1:]}
    codes = {header: code for header in raw.frame.columns[1:] if (code := code_of(header))}
    if contract.table != "codings" or not codes or any(name in names for name in OF_A_CODE):
        return raw
    if not all(name in names for name in _KEYS) or len({*codes.values()}) < len(codes):
        return raw
    beside = [header for header in raw.frame.columns[1:] if header not in codes]
    frames = [
        raw.frame.select("row_number", *beside, pl.lit(code).alias("code"),
                         pl.col(header).alias("stance"))
        .filter(pl.col("stance").str.strip_chars() != "")
        .with_columns(pl.col("row_number").cast(pl.Int64) + (place * MATRIX))
        for place, (header, code) in enumerate(codes.items())
    ]  # fmt: skip
    places = {header: place for place, header in enumerate(codes)}
    faults = tuple(
        replace(fault, row=fault.row + places[fault.column] * MATRIX, column="stance")
        if fault.column in places
        else fault
        for fault in raw.faults
    )
    notes = (*raw.reading.notes, f"Read as a matrix of {len(codes):,} codes.")
    return Raw(pl.concat(frames), replace(raw.reading, notes=notes), faults, tuple(codes))
