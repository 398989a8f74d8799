"""Cells, rows and columns of a file that are wrong whatever the contract says."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import MOST_BREAKS, Break
from iomdash.intake import cells
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.sources.header import BLANKS, INVISIBLE, column_name
from iomdash.intake.sources.raw import Fault

_APART = f"[{BLANKS}{INVISIBLE}_-]"  # what parts the words of a header
_REPEATED = ("Repeats the header.", "Remove the row.")


def faults(
    file: str,
    shown: Sequence[Fault],
    frame: pl.DataFrame,
    values: Mapping[str, pl.Series],
    contract: Contract,
) -> tuple[list[Break], int]:
    """Cells, rows and columns that are wrong whatever the contract says; `shown` are those that a
    reader saw already.
    """
    headers = {column_name(column.header): column for column in contract.columns}
    wrong = [
        _fault(headers[column_name(fault.column)], fault.row, fault.value, fault.rule, fault.remedy)
        for fault in shown
        if column_name(fault.column) in headers
    ]
    total = len(wrong)
    named = {(fault.row, fault.column) for fault in wrong}
    for column in contract.columns:
        if column.name not in values:
            continue
        for fault in cells.wrong(values[column.name].drop_nulls(), column):
            rows = frame.filter(pl.col(column.name) == fault.value).get_column("row_number")
            new = [row for row in rows.head(MOST_BREAKS) if (row, column.header) not in named]
            total += max(len(rows) - MOST_BREAKS, 0) + len(new)
            wrong += [_fault(column, row, fault.value, fault.rule, fault.remedy) for row in new]
    repeated = _repeated_headers(frame, values, contract)
    return [*wrong, *(Break(file, row, None, None, *_REPEATED) for row in repeated)], (
        total + len(repeated)
    )


def _fault(column: Column, row: int, value: str | None, rule: str, remedy: str) -> Break:
    if column.identifies and value:
        rule, value = rule.replace(value, HIDDEN), HIDDEN
    return Break("", row, column.header, value or None, rule, remedy)


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
