"""Cells, rows and columns of a file that are wrong whatever the contract says."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import MOST_BREAKS, Break, Kind
from iomdash.intake import cells
from iomdash.intake.cells import Wrong
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.sources.header import BLANKS, INVISIBLE, NUMBER, column_name
from iomdash.intake.sources.matrix import counted, heading
from iomdash.intake.sources.raw import MATRIX, Fault

_APART = f"[{BLANKS}{INVISIBLE}_-]"  # what parts the words of a header
_REPEATED = ("Repeats the header.", "Remove the row.")


def faults(
    file: str,
    shown: Sequence[Fault],
    frame: pl.DataFrame,
    values: Mapping[str, pl.Series],
    contract: Contract,
    codes: Sequence[str] = (),
) -> tuple[list[Break], Counter[Kind]]:
    """Cells, rows and columns that are wrong whatever the contract says, the first 1,000 of each
    column, and how many of each kind there are; `shown` are those that a reader saw already,
    `codes` those of a matrix.
    """
    headers = {column_name(column.header): column for column in contract.columns}
    wrong = [
        _fault(headers[column_name(fault.column)], fault.row, fault)
        for fault in shown
        if column_name(fault.column) in headers
    ]
    named = {(fault.row, fault.column) for fault in wrong}
    counts = counted(wrong, codes)
    for column in contract.columns:
        if column.name in values:
            new, more = _of_column(column, frame, values[column.name], codes)
            kept = [fault for fault in new if (fault.row, fault.column) not in named]
            counts += more - (counted(new, codes) - counted(kept, codes))
            wrong += kept
    repeated = [
        Break(file, row, None, None, *_REPEATED)
        for row in _repeated_headers(frame, values, contract)
    ]
    return [*wrong, *repeated], counts + counted(repeated, codes)


def _of_column(
    column: Column, frame: pl.DataFrame, values: pl.Series, codes: Sequence[str]
) -> tuple[list[Break], Counter[Kind]]:
    """The first cells of a column that stand for nothing, and how many of each kind do."""
    wrong: defaultdict[str, list[Wrong]] = defaultdict(list)
    for fault in cells.wrong(values.drop_nulls(), column):
        wrong[fault.value].append(fault)
    if not wrong:
        return [], Counter()
    held = frame.filter(pl.col(column.name).is_in([*wrong])).select(NUMBER, column.name)
    counts: Counter[Kind] = Counter()
    for code, value, n in held.group_by(pl.col(NUMBER) // MATRIX, column.name).len().iter_rows():
        for fault in wrong[value]:
            header, rule = _fault(column, 0, fault).kind
            counts[heading(header, code, codes), rule] += n
    first = [
        _fault(column, row, fault)
        for row, value in held.head(MOST_BREAKS).iter_rows()
        for fault in wrong[value]
    ]
    return first, counts


def _fault(column: Column, row: int, fault: Fault | Wrong) -> Break:
    rule, value = fault.rule, fault.value
    if column.identifies and value:
        rule, value = rule.replace(value, HIDDEN), HIDDEN
    return Break("", row, column.header, value or None, rule, fault.remedy)


def _repeated_headers(
    frame: pl.DataFrame, values: Mapping[str, pl.Series], contract: Contract
) -> list[int]:
    ours = [column for column in contract.columns if column.name in frame.columns]
    if len(ours) < 2:
        return []
    # Whatever column has the fewest values tells soonest that no row does.
    fewest = min(ours, key=lambda column: len(values[column.name]))
    first = values[fewest.name].drop_nulls().unique()
    name = column_name(fewest.header)
    # Of all at once those of the same letters, then of these few those of the same words.
    letters = f"{_APART}*".join(map(re.escape, name.replace("_", "")))
    alike = first.filter(first.str.contains(f"(?i)^{_APART}*{letters}{_APART}*$"))
    like = [value for value in alike if column_name(value) == name]
    if not like:
        return []
    rows = frame.filter(pl.col(fewest.name).is_in(like)).select(
        "row_number", *(column.name for column in ours)
    )
    return [
        row[0]
        for row in rows.iter_rows()
        if all(
            column_name(cell or "") == column_name(column.header)
            for cell, column in zip(row[1:], ours, strict=True)
        )
    ]
