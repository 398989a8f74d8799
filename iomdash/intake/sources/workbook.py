"""Excel workbooks (and Calc's): what a cell shows is what is read, or the cell is named.

Values come from fastexcel; whatever they do not tell (errors, formulas that nobody calculated,
number formats, what is hidden) is looked up in the XML of the sheet.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources import archive, header, matrix, number_format, sheet
from iomdash.intake.sources.archive import Damaged, Refused
from iomdash.intake.sources.delimited import MOST_COLUMNS
from iomdash.intake.sources.raw import (
    SHEET,
    Fault,
    Options,
    Raw,
    Reading,
    Repair,
    any_fault_as,
    quoted,
)
from iomdash.intake.sources.sheet import Marks

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Sheets of a template that explain it.
EXAMPLE = "Example"
NOT_READ = (EXAMPLE, "Explanation", "Lists")
# Days since which Excel counts, by whether the workbook counts from 1904 (Mac); 1900 had no
# 29 February, which Excel counts, so its day 0 is moved. Source: ECMA-376 part 1, 18.17.4.
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_SERIAL = r"^[1-7][0-9]{4}$"  # 18/05/1927 to 03/06/2118
_TIMED_SERIAL = r"^[1-7][0-9]{4}\.[0-9]+$"
# Words that the spreadsheet may show otherwise: days, and numbers of many figures.
_UNSURE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}|^[0-9]{12,}$"
_OUTSIDE_EXCEL = re.compile(rb'number-(rows|columns)-repeated="(\d+)"')
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


@dataclass(frozen=True)
class _Book:
    """A workbook, opened: its values, and the XML of its sheets by name."""

    values: Any
    sheets: Mapping[str, bytes]
    hidden: frozenset[str]
    styles: Mapping[int, str]
    epoch: date
    recalculated: bool


@dataclass(frozen=True)
class _Page:
    """One sheet as read, its header found in `row`; None where no cell holds anything."""

    name: str
    frame: pl.DataFrame
    row: int | None
    known: int
    above: int = 0


def read(data: bytes, file: str, contract: Contract, options: Options) -> Raw:
    """The table in a workbook. Raises Unreadable."""
    try:
        book = _opened(data)
        return _table(book, contract, options)
    except Refused as refused:
        raise Unreadable(contract.table, file, refused.why, refused.remedy) from None
    except Damaged:
        raise Unreadable(
            contract.table, file, "It begins like an Excel workbook, but is truncated or damaged.",
            "Save it anew, or ask for it again.",
        ) from None  # fmt: skip


def _opened(data: bytes) -> _Book:
    parts = archive.opened(data)
    if "xl/workbook.bin" in parts:
        raise Refused("It is a binary Excel workbook (.xlsb).", "Save it as .xlsx or CSV.")
    is_calc = "content.xml" in parts and "mimetype" in parts
    if "xl/workbook.xml" not in parts and not is_calc:
        raise Refused(
            f"It is a ZIP archive of {_files(len(parts))} and no workbook.",
            "Unpack it and give the file that is in it.",
        )
    texts = archive.inflated(data, parts)
    if is_calc:
        return _calc(data, texts["content.xml"])
    return _excel(data, texts)


def _calc(data: bytes, content: bytes) -> _Book:
    many = {b"rows": 1 << 21, b"columns": 1 << 15}
    if any(int(n) > many[kind] for kind, n in _OUTSIDE_EXCEL.findall(content)):
        raise Refused("It repeats a cell more often than a sheet has room.", "Save it as CSV.")
    return _Book(_values(data), {}, frozenset(), {}, _EPOCHS[False], recalculated=False)


def _values(data: bytes) -> Any:
    import fastexcel

    with any_fault_as(Damaged()):
        return fastexcel.read_excel(data)


def _excel(data: bytes, texts: dict[str, bytes]) -> _Book:
    workbook = _xml(texts["xl/workbook.xml"])
    targets = {
        str(each.get("Id")): posixpath.normpath(posixpath.join("xl", str(each.get("Target"))))
        for each in _xml(texts.get("xl/_rels/workbook.xml.rels", b"<none/>"))
    }
    sheets: dict[str, bytes] = {}
    hidden: set[str] = set()
    for each in _all(workbook, "sheet"):
        name = str(each.get("name"))
        part = targets.get(str(each.get(_RELATION)), "").lstrip("/")
        if part.startswith("xl/worksheets/") and part in texts:
            sheets[name] = texts[part]
            sheet.refuse_vast(texts[part])
        if each.get("state", "visible") != "visible":
            hidden.add(name)
    told = next(_all(workbook, "workbookPr"), None)
    count = next(_all(workbook, "calcPr"), None)
    return _Book(
        _values(data), sheets, frozenset(hidden), _styles(texts.get("xl/styles.xml")),
        _EPOCHS[told is not None and told.get("date1904") in ("1", "true")],
        recalculated=count is not None and count.get("fullCalcOnLoad") in ("1", "true"),
    )  # fmt: skip


def _xml(text: bytes) -> ET.Element:
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError):
        raise Damaged from None


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)


def _styles(text: bytes | None) -> dict[int, str]:
    """The number format of every cell style, by its place."""
    if text is None:
        return {}
    root = _xml(text)
    own = {
        _whole(each.get("numFmtId")): each.get("formatCode", "") for each in _all(root, "numFmt")
    }
    styles = next(_all(root, "cellXfs"), ET.Element("none"))
    return {
        place: number_format.code_of(_whole(each.get("numFmtId")), own)
        for place, each in enumerate(styles)
    }


def _whole(word: str | None) -> int:
    """A number of the XML; 0 where it is none."""
    return int(word) if word and word.isdecimal() and len(word) < 9 else 0


def _table(book: _Book, contract: Contract, options: Options) -> Raw:
    chosen, notes = _chosen(book, contract, options)
    raws = [_raw(book, page, contract) for page in chosen]
    reading = replace(
        raws[0].reading,
        sheets=tuple(page.name for page in chosen),
        hidden=tuple(words for raw in raws for words in raw.reading.hidden),
        notes=tuple(notes),
        repairs=_added([repair for raw in raws for repair in raw.reading.repairs]),
    )
    if len(raws) == 1:
        return replace(raws[0], reading=reading)
    frames = [_behind(raw.frame, place) for place, raw in enumerate(raws)]
    faults = [
        replace(fault, row=fault.row + place * SHEET)
        for place, raw in enumerate(raws)
        for fault in raw.faults
    ]
    return Raw(pl.concat(frames, how="diagonal"), reading, tuple(faults))


def _added(repairs: list[Repair]) -> tuple[Repair, ...]:
    sums: dict[tuple[str, str], int] = {}
    for each in repairs:
        sums[each.what, each.column] = sums.get((each.what, each.column), 0) + each.cells
    return tuple(Repair(what, column, cells) for (what, column), cells in sums.items())


def _behind(frame: pl.DataFrame, place: int) -> pl.DataFrame:
    """A sheet's rows under names that all sheets share, numbered behind those before it."""
    names = header.distinct([header.column_name(name) for name in frame.columns[1:]])
    return frame.rename(dict(zip(frame.columns[1:], names, strict=True))).with_columns(
        pl.col("row_number") + place * SHEET
    )


def _chosen(book: _Book, contract: Contract, options: Options) -> tuple[list[_Page], list[str]]:
    """The sheets that hold rows of the table, and what should be said of the others."""
    names = [str(name) for name in book.values.sheet_names]
    if options.sheet is not None:
        if options.sheet not in names:
            raise Refused(
                f"It has no sheet '{options.sheet}'.", f"Choose from {quoted(tuple(names))}."
            )
        page = _page(book, options.sheet, contract)
        if page.row is None:
            raise _no_header()
        return [page], []
    explained = [name for name in names if name in NOT_READ and len(names) > 1]
    pages = [_page(book, name, contract) for name in names if name not in explained]
    pages = [page for page in pages if page.row is not None]
    if not pages:
        raise _no_header()
    wanted = sum(column.required for column in contract.columns)
    alike = [page for page in pages if page.known * 2 >= wanted and page.known]
    full = [page for page in alike if not page.frame.is_empty()]
    if not alike:
        if len(pages) == 1:
            return pages, []
        raise Refused(
            f"None of its {len(pages)} sheets has the headers of {contract.table}.",
            f"The headers are: {', '.join(c.header for c in contract.columns if c.required)}.",
        )
    if not full:
        raise _no_rows(alike, pages)
    _refuse_hidden_beside_shown(book, full)
    rest = [page.name for page in pages if page not in alike and not page.frame.is_empty()]
    notes = [f"Left out, as its headers are others: sheet {quoted((name,))}." for name in rest]
    if any(_page(book, name, contract).frame.height > 1 for name in explained if name == EXAMPLE):
        notes.append(f"The sheet '{EXAMPLE}' is never read.")
    return full, notes


def _no_header() -> Refused:
    return Refused("It has no header.", "Name its columns in row 1.")


def _no_rows(alike: list[_Page], pages: list[_Page]) -> Refused:
    rest = tuple(page.name for page in pages if page not in alike)
    others = f" Rows stand in {quoted(rest)}, without the header." if rest else ""
    return Refused(
        f"It has a header but no rows.{others}",
        "Put the header above the rows." if rest else "Add rows, or leave it out.",
    )


def _refuse_hidden_beside_shown(book: _Book, pages: list[_Page]) -> None:
    hidden = tuple(page.name for page in pages if page.name in book.hidden)
    if hidden and len(hidden) < len(pages):
        raise Refused(
            f"Rows stand in hidden sheets too: {quoted(hidden)}.",
            "Say which sheet to read with --sheet NAME, or delete the hidden ones.",
        )


def _page(book: _Book, name: str, contract: Contract) -> _Page:
    if book.sheets and name not in book.sheets:
        return _Page(name, pl.DataFrame(), None, 0)  # a chart by itself
    with any_fault_as(Damaged()):
        loaded = book.values.load_sheet(name, header_row=None, dtypes="string", skip_rows=0)
        cells: pl.DataFrame = loaded.to_polars()
    if cells.width > MOST_COLUMNS:
        raise Refused(
            f"It has {cells.width:,} columns; a table has at most {MOST_COLUMNS:,}.",
            "Keep the columns that the contract names, and save it anew.",
        )
    above = [
        [cell or "" for cell in row] for row in cells.head(_blank(cells) + header.ABOVE).rows()
    ]
    known = header.known_headers(contract)
    place = header.header_place(above, known)
    if place is None:
        return _Page(name, pl.DataFrame(), None, 0)
    frame = cells.slice(place + 1)
    frame.columns = header.distinct(above[place])
    frame = frame.with_row_index("row_number", offset=place + 2)
    held = pl.any_horizontal(pl.exclude("row_number").is_not_null())
    return _Page(
        name, frame.filter(held), place + 1,
        len({column.name for column in matrix.columns_of(above[place], contract).values()}),
        sum(any(cell.strip(header.ENDS) for cell in row) for row in above[:place]),
    )  # fmt: skip


def _blank(cells: pl.DataFrame) -> int:
    """How many rows at the top hold nothing."""
    if not cells.width:
        return 0
    held = cells.select(pl.any_horizontal(pl.all().is_not_null()).arg_max()).item()
    return int(held or 0)


def _raw(book: _Book, page: _Page, contract: Contract) -> Raw:
    ours = matrix.columns_of(page.frame.columns[1:], contract)
    marks = _marks(book, page, ours)
    frame, faults = _shown(page.frame, ours, marks)
    frame, repairs = _days(frame, ours, book.epoch)
    reading = Reading(
        "Excel workbook" if book.sheets else "OpenDocument spreadsheet",
        header_row=page.row or 1,
        rows_above=page.above,
        hidden=tuple(_hidden(book, page, marks)),
        repairs=repairs,
    )
    return Raw(frame, reading, tuple(faults))


def _marks(book: _Book, page: _Page, ours: Mapping[str, Column]) -> Marks:
    xml = book.sheets.get(page.name)
    if xml is None:
        return Marks()
    texts = [name for name, column in ours.items() if column.kind == "text"]
    unsure = [name for name in texts if page.frame.get_column(name).str.contains(_UNSURE).any()]
    if not unsure and not sheet.needs_parsing(xml, book.styles):
        return Marks()
    marks = sheet.parsed(xml, book.styles, recalculated=book.recalculated)
    if not unsure:
        return marks
    first = marks.first_column - 1
    places = frozenset(page.frame.columns.index(name) + first for name in unsure)
    return sheet.parsed(xml, book.styles, recalculated=book.recalculated, unsure=places)


def _hidden(book: _Book, page: _Page, marks: Marks) -> Iterator[str]:
    if page.name in book.hidden:
        yield f"sheet '{page.name}'"
    rows = sorted({*marks.hidden_rows} & {*page.frame.get_column("row_number").to_list()})
    if rows:
        yield f"{'row' if len(rows) == 1 else f'{len(rows):,} rows:'} {_listed(rows)}"
    last = marks.first_column + page.frame.width - 2
    columns = [c for c in sorted({*marks.hidden_columns}) if marks.first_column <= c <= last]
    if columns:
        yield f"column {', '.join(map(sheet.letters, columns))}"


def _listed(rows: list[int]) -> str:
    few = ", ".join(map(str, rows[:10]))
    return few if len(rows) <= 10 else f"{few}, ..."


def _shown(
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
        if (ours_here := column(at)) and (told := _number(number, code, ours_here)):
            yield cell(at), *told
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
    told = number_format.shown(code, number)
    if column.kind == "text":
        return (told, None) if told is not None else (number, "format")
    bare = (told or "").replace(",", "")
    try:
        same = float(bare) == float(number)
    except ValueError:
        same = False
    return None if same else (told or number, None if told else "format")


def _days(
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
            days = {each: (epoch + timedelta(int(each))).isoformat() for each in serials}
            count = int(frame.get_column(name).is_in(serials).sum())
            frame = frame.with_columns(pl.col(name).replace(days))
            repairs.append(Repair("Excel's number of a day read as the day", column.header, count))
        timed = values.filter(values.str.contains(_TIMED_SERIAL)).to_list()
        if timed:
            moments = {each: _moment(float(each), epoch) for each in timed}
            frame = frame.with_columns(pl.col(name).replace(moments))
    return frame, tuple(repairs)


def _moment(serial: float, epoch: date) -> str:
    day, seconds = divmod(round(serial * 86400), 86400)
    at = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{epoch + timedelta(day)} {at}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
