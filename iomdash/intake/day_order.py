"""In which order a file writes day and month, by what its own cells can only mean."""

from collections.abc import Sequence

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Break
from iomdash.intake import days
from iomdash.intake.sources.raw import Options, Order, placed


def order(
    frame: pl.DataFrame, contract: Contract, options: Options
) -> tuple[Order, Order | None, list[Break], tuple[str, ...]]:
    """In which order figures of days are read, whether any are, the columns that differ, and a
    word where no cell tells the order.
    """
    evidence = {
        column: days.evidence(frame.get_column(column.name).drop_nulls().unique())
        for column in contract.columns
        if column.kind == "date" and column.name in frame.columns
    }
    written = any(seen.day_first or seen.month_first or seen.either for seen in evidence.values())
    if options.order is not None:
        return options.order, options.order if written else None, [], ()
    breaks: list[Break] = []
    swapped = any(seen.month_first for seen in evidence.values())
    for column, seen in evidence.items():
        if seen.month_first:
            breaks.append(_month_first(frame, column, seen))
        elif swapped and seen.either and not seen.day_first:
            breaks.append(_unsure_order(frame, column, seen))
    certain = any(seen.day_first or seen.month_first for seen in evidence.values())
    words = ("Days in figures were read with the day first, as no cell tells otherwise; "
             "state --days month-first if they are American.",)  # fmt: skip
    return (
        "day-first",
        "day-first" if written else None,
        breaks,
        () if certain else (words if written else ()),
    )


def _month_first(frame: pl.DataFrame, column: Column, seen: days.Evidence) -> Break:
    rule = f"Writes the month first: {_where(frame, column, seen.month_first)}."
    remedy = "Write every day of the column as 25/03/2026, or state the order: --days month-first."
    if seen.day_first:
        rule = (
            f"Writes the month first in some cells and the day first in others: "
            f"{_where(frame, column, seen.month_first)}; {_where(frame, column, seen.day_first)}."
        )
        remedy = "Write every day of the column as 25/03/2026."
    return Break("", None, column.header, None, rule, remedy)


def _unsure_order(frame: pl.DataFrame, column: Column, seen: days.Evidence) -> Break:
    where = _where(frame, column, seen.either)
    return Break(
        "", None, column.header, None,
        f"Another column of the file writes the month first, so this one may too: {where}.",
        "Write every day of the column as 25/03/2026, or state the order: --days month-first.",
    )  # fmt: skip


def _where(frame: pl.DataFrame, column: Column, values: Sequence[str]) -> str:
    """The first row that holds one of the values, with it unless it identifies somebody."""
    which = frame.get_column(column.name).is_in([*values])
    row, value = frame.filter(which).select("row_number", column.name).row(0)
    shown = "a day" if column.identifies else f"'{value}'"
    more = int(which.sum()) - 1
    others = f" and {more:,} more" if more else ""
    return f"row {placed(row).row} holds {shown}{others}"
