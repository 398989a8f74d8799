"""What the cells of a sheet show where it is not what they keep, and those that show no value."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import polars as pl

from iomdash.declared.contracts.odcs import Column
from iomdash.intake.sources import number_format
from iomdash.intake.sources.raw import Fault, Repair
from iomdash.intake.sources.sheet import Marks

_SERIAL = r"^[1-7][0-9]{4}$"  # 18/05/1927 to 03/06/2118
_TIMED_SERIAL = r"^[1-7][0-9]{4}\.[0-9]+$"
_FAULTS = {
    "error": ("Holds {}, an error of the spreadsheet, and no value.",
              "Mend the formula, or clear the cell."),
    "uncalculated": ("Holds a formula that was never calculated.",
                     "Open the file in Excel, let it calculate, and save it."),
    "format": ("Shows its number in a format that cannot be followed with certainty.",
               "Format the cell as text and write what it should say."),
    "day": ("Holds a day, though words belong here: the spreadsheet may have made one of what "
            "was typed.", "Format the cell as text and type it again."),
    "digits": ("Holds a number of more figures than the spreadsheet shows.",
               "Format the cell as text and type it again."),
    "merged": ("Is part of merged cells, of which only the first holds the value.",
               "Split the merged cells and fill in each of them."),
}  # fmt: skip


def as_shown(
    frame: pl.DataFrame, ours: Mapping[str, Column], marks: Marks
) -> tuple[pl.DataFrame, list[Fault]]:
    """Cells as the spreadsheet shows them, and those that it shows without a value."""
    names = frame.columns[1:]
    faults: list[Fault] = []
    changes: dict[str, dict[int, str]] = {}
    for (row, at), change, fault in _marked(ours, names, marks):
        name = names[at]
        if change is not None:
            changes.setdefault(name, {})[row] = change
        if fault is not None:
            why, remedy = _FAULTS[fault]
            shown = change or ""
            faults.append(Fault(row, name, shown, why.format(shown), remedy))
    for name, cells in changes.items():
        new = pl.DataFrame(
            {"row_number": [*cells], name: [*cells.values()]},
            schema={"row_number": pl.UInt32, name: pl.String},
        )
        frame = frame.update(new, on="row_number", how="left")
    rows = {*frame.get_column("row_number").to_list()} if faults else set[int]()
    return frame, [fault for fault in faults if fault.row in rows]


def _marked(
    ours: Mapping[str, Column], names: list[str], marks: Marks
) -> Iterator[tuple[tuple[int, int], str | None, str | None]]:
    """Cell by cell of the contract's columns: what it shows, and the kind of its fault."""

    def column(at: tuple[int, int]) -> Column | None:
        place = at[1] - marks.first_column
        return ours.get(names[place]) if 0 <= place < len(names) else None

    def cell(at: tuple[int, int]) -> tuple[int, int]:
        return at[0], at[1] - marks.first_column

    for at, word in marks.errors.items():
        if column(at):
            yield cell(at), word, "error"
    for at in marks.uncalculated:
        if column(at):
            yield cell(at), None, "uncalculated"
    for at, (number, code) in marks.numbers.items():
        if (ours_here := column(at)) and (display := _number(number, code, ours_here)):
            yield cell(at), *display
    for top, left, bottom, right in marks.merged:
        for row in range(top, min(bottom, top + 1000) + 1):
            for at in ((row, place) for place in range(left, min(right, left + 100) + 1)):
                if at != (top, left) and column(at):
                    yield cell(at), None, "merged"


def _number(number: str, code: str, column: Column) -> tuple[str | None, str | None] | None:
    """What a number shows in its format; None where it is read as it is kept."""
    if code == number_format.DATE:
        return (None, "day") if column.kind == "text" else None
    if number_format.is_plain(code):
        long = column.kind == "text" and len(number.lstrip("-").partition(".")[0]) >= 12
        return (None, "digits") if long else None
    display = number_format.shown(code, number)
    if column.kind == "text":
        return (display, None) if display is not None else (number, "format")
    bare = (display or "").replace(",", "")
    try:
        same = float(bare) == float(number)
    except ValueError:
        same = False
    return None if same else (display or number, None if display else "format")


def with_days(
    frame: pl.DataFrame, ours: Mapping[str, Column], epoch: date
) -> tuple[pl.DataFrame, tuple[Repair, ...]]:
    """Numbers in columns of days as the days that Excel counts by them."""
    repairs: list[Repair] = []
    for name, column in ours.items():
        if column.kind == "integer":
            # fastexcel shows a length of time as a day of 1899.
            bare = pl.col(name).str.replace(r"^1899-12-3[01] ", "")
            frame = frame.with_columns(bare)
        if column.kind != "date":
            continue
        values = frame.get_column(name).drop_nulls().unique()
        serials = values.filter(values.str.contains(_SERIAL)).to_list()
        if serials:
            days = {serial: (epoch + timedelta(int(serial))).isoformat() for serial in serials}
            count = int(frame.get_column(name).is_in(serials).sum())
            frame = frame.with_columns(pl.col(name).replace(days))
            repairs.append(Repair("Excel's number of a day read as the day", column.header, count))
        timed = values.filter(values.str.contains(_TIMED_SERIAL)).to_list()
        if timed:
            moments = {serial: _moment(float(serial), epoch) for serial in timed}
            frame = frame.with_columns(pl.col(name).replace(moments))
    return frame, tuple(repairs)


def _moment(serial: float, epoch: date) -> str:
    day, seconds = divmod(round(serial * 86400), 86400)
    at = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{epoch + timedelta(day)} {at}"
