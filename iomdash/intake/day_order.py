"""In which order a file writes day and month, by what its own cells can only mean."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Break
from iomdash.intake import days
from iomdash.intake.sources.header import column_name
from iomdash.intake.sources.raw import Options, Order, placed

# Days in figures by column, each once as written.
Days = Mapping[str, pl.Series]
# The pieces of a table under its own headers, read again.
Frames = Callable[[], Iterator[pl.DataFrame]]


def written(frame: pl.DataFrame, contract: Contract) -> Days:
    """The days in figures of a table under its own headers."""
    values = {
        column.name: frame[header].unique()
        for column in contract.columns
        if column.kind == "date" and (header := _header(frame, column))
    }
    return {
        name: seen.filter(seen.str.contains(days.BEGINS_IN_FIGURES))
        for name, seen in values.items()
    }


def _header(frame: pl.DataFrame, column: Column) -> str | None:
    """What the file calls a column, if it has it; the last where several are called so."""
    headers = {column_name(header): header for header in frame.columns[1:]}
    return headers.get(column_name(column.header))


def together(pieces: Sequence[Days]) -> Days:
    """The days of all pieces of a table."""
    if len(pieces) == 1:
        return pieces[0]
    names = dict.fromkeys(name for piece in pieces for name in piece)
    return {name: pl.concat([piece[name] for piece in pieces]).unique() for name in names}


def order(
    seen_days: Days, contract: Contract, options: Options, frames: Frames
) -> tuple[Order, Order | None, list[Break], tuple[str, ...]]:
    """In which order figures of days are read, whether any are, the columns that differ, and a
    word where no cell tells the order.
    """
    evidence = {
        column: days.evidence(seen_days[column.name])
        for column in contract.columns
        if column.name in seen_days
    }
    written = any(seen.day_first or seen.month_first or seen.either for seen in evidence.values())
    if options.order is not None:
        return options.order, options.order if written else None, [], ()
    breaks: list[Break] = []
    swapped = any(seen.month_first for seen in evidence.values())
    for column, seen in evidence.items():
        if seen.month_first:
            breaks.append(_month_first(frames, column, seen))
        elif swapped and seen.either and not seen.day_first:
            breaks.append(_unsure_order(frames, column, seen))
    certain = any(seen.day_first or seen.month_first for seen in evidence.values())
    words = ("Days in figures were read with the day first, as no cell tells otherwise; "
             "state --days month-first if they are American.",)  # fmt: skip
    return (
        "day-first",
        "day-first" if written else None,
        breaks,
        () if certain else (words if written else ()),
    )


def _month_first(frames: Frames, column: Column, seen: days.Evidence) -> Break:
    rule = f"Writes the month first: {_where(frames, column, seen.month_first)}."
    remedy = "Write every day of the column as 25/03/2026, or state the order: --days month-first."
    if seen.day_first:
        rule = (
            f"Writes the month first in some cells and the day first in others: "
            f"{_where(frames, column, seen.month_first)}; {_where(frames, column, seen.day_first)}."
        )
        remedy = "Write every day of the column as 25/03/2026."
    return Break("", None, column.header, None, rule, remedy)


def _unsure_order(frames: Frames, column: Column, seen: days.Evidence) -> Break:
    where = _where(frames, column, seen.either)
    return Break(
        "", None, column.header, None,
        f"Another column of the file writes the month first, so this one may too: {where}.",
        "Write every day of the column as 25/03/2026, or state the order: --days month-first.",
    )  # fmt: skip


def _where(frames: Frames, column: Column, values: Sequence[str]) -> str:
    """The first row that holds one of the values, with it unless it identifies somebody."""
    those = pl.concat(
        frame.select("row_number", day=header).filter(pl.col("day").is_in([*values]))
        for frame in frames()
        if (header := _header(frame, column))
    )
    row, value = those.row(0)
    shown = "a day" if column.identifies else f"'{value}'"
    more = those.height - 1
    others = f" and {more:,} more" if more else ""
    return f"row {placed(row).row} holds {shown}{others}"
