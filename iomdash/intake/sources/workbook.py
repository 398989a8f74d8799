"""Excel workbooks (and Calc's): what a cell shows is what is read, or the cell is named.

`book` opens the file, `sheet` reads the XML of a sheet, `displayed` follows what it shows; which
sheets hold rows of the table is chosen here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources import displayed, header, matrix, sheet
from iomdash.intake.sources.archive import Damaged, Refused
from iomdash.intake.sources.book import Book, opened
from iomdash.intake.sources.delimited import MOST_COLUMNS
from iomdash.intake.sources.raw import (
    SHEET,
    Options,
    Raw,
    Reading,
    Repair,
    any_fault_as,
    quoted,
)
from iomdash.intake.sources.sheet import Marks

# Sheets of a template that explain it.
EXAMPLE = "Example"
NOT_READ = (EXAMPLE, "Explanation", "Lists")
# Words that the spreadsheet may show otherwise: days, and numbers of many figures.
_UNSURE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}|^[0-9]{12,}$"


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
        return _table(opened(data), contract, options)
    except Refused as refused:
        raise Unreadable(contract.table, file, refused.why, refused.remedy) from None
    except Damaged:
        raise Unreadable(
            contract.table, file, "It begins like an Excel workbook, but is truncated or damaged.",
            "Save it anew, or ask for it again.",
        ) from None  # fmt: skip


def _table(book: Book, contract: Contract, options: Options) -> Raw:
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
    for repair in repairs:
        sums[repair.what, repair.column] = sums.get((repair.what, repair.column), 0) + repair.cells
    return tuple(Repair(what, column, cells) for (what, column), cells in sums.items())


def _behind(frame: pl.DataFrame, place: int) -> pl.DataFrame:
    """A sheet's rows under names that all sheets share, numbered behind those before it."""
    names = header.distinct([header.column_name(name) for name in frame.columns[1:]])
    return frame.rename(dict(zip(frame.columns[1:], names, strict=True))).with_columns(
        pl.col("row_number") + place * SHEET
    )


def _chosen(book: Book, contract: Contract, options: Options) -> tuple[list[_Page], list[str]]:
    """The sheets that hold rows of the table, and what should be said of the others."""
    names = [str(name) for name in book.values.sheet_names]
    if options.sheet is not None:
        if options.sheet not in names:
            raise Refused(
                f"It has no sheet '{options.sheet}'.", f"Choose from {quoted(tuple(names))}."
            )
        page = _page(book, options.sheet, contract, options.header_row)
        if page.row is None:
            raise Refused(*header.missing(options.header_row))
        return [page], []
    explained = [name for name in names if name in NOT_READ and len(names) > 1]
    row = options.header_row
    pages = [_page(book, name, contract, row) for name in names if name not in explained]
    pages = [page for page in pages if page.row is not None]
    if not pages:
        raise Refused(*header.missing(options.header_row))
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


def _no_rows(alike: list[_Page], pages: list[_Page]) -> Refused:
    rest = tuple(page.name for page in pages if page not in alike)
    others = f" Rows stand in {quoted(rest)}, without the header." if rest else ""
    return Refused(
        f"It has a header but no rows.{others}",
        "Put the header above the rows." if rest else "Add rows, or leave it out.",
    )


def _refuse_hidden_beside_shown(book: Book, pages: list[_Page]) -> None:
    hidden = tuple(page.name for page in pages if page.name in book.hidden)
    if hidden and len(hidden) < len(pages):
        raise Refused(
            f"Rows stand in hidden sheets too: {quoted(hidden)}.",
            "Say which sheet to read with --sheet NAME, or delete the hidden ones.",
        )


def tops(data: bytes) -> dict[str, list[list[str]]]:
    """The rows at the beginning of each sheet that may hold a table, by its name.

    Raises Refused and Damaged.
    """
    book = opened(data)
    names = [str(name) for name in book.values.sheet_names]
    read = [name for name in names if not book.sheets or name in book.sheets]
    return {
        name: _top(_cells(book, name, header.ABOVE))
        for name in read
        if name not in NOT_READ or len(names) == 1
    }


def _cells(book: Book, name: str, rows: int | None = None) -> pl.DataFrame:
    with any_fault_as(Damaged()):
        loaded = book.values.load_sheet_eager(
            name, header_row=None, dtypes="string", skip_rows=0, n_rows=rows
        )
        return pl.DataFrame(loaded)


def _top(cells: pl.DataFrame, least: int = 0) -> list[list[str]]:
    """The first rows, blank ones at the top beside those that may stand above a header."""
    rows = max(_blank(cells) + header.ABOVE, least)
    return [[cell or "" for cell in row] for row in cells.head(rows).rows()]


def _page(book: Book, name: str, contract: Contract, stated: int | None = None) -> _Page:
    if book.sheets and name not in book.sheets:
        return _Page(name, pl.DataFrame(), None, 0)  # a chart by itself
    cells = _cells(book, name)
    if cells.width > MOST_COLUMNS:
        raise Refused(
            f"It has {cells.width:,} columns; a table has at most {MOST_COLUMNS:,}.",
            "Keep the columns that the contract names, and save it anew.",
        )
    above = _top(cells, stated or 0)
    known = header.known_headers(contract)
    place = header.header_place(above, known, stated)
    if place is None:
        return _Page(name, pl.DataFrame(), None, 0)
    frame = cells.slice(place + 1)
    frame.columns = header.distinct(above[place])
    frame = frame.with_row_index("row_number", offset=place + 2)
    held = frame.select(pl.any_horizontal(pl.exclude("row_number").is_not_null())).to_series()
    return _Page(
        name, frame if held.all() else frame.filter(held), place + 1,
        len({column.name for column in matrix.columns_of(above[place], contract).values()}),
        sum(any(cell.strip(header.ENDS) for cell in row) for row in above[:place]),
    )  # fmt: skip


def _blank(cells: pl.DataFrame) -> int:
    """How many rows at the top hold nothing."""
    if not cells.width:
        return 0
    held = cells.select(pl.any_horizontal(pl.all().is_not_null()).arg_max()).item()
    return int(held or 0)


def _raw(book: Book, page: _Page, contract: Contract) -> Raw:
    ours = matrix.columns_of(page.frame.columns[1:], contract)
    marks = _marks(book, page, ours)
    frame, faults = displayed.as_shown(page.frame, ours, marks)
    frame, repairs = displayed.with_days(frame, ours, book.epoch)
    reading = Reading(
        "Excel workbook" if book.sheets else "OpenDocument spreadsheet",
        header_row=page.row or 1,
        rows_above=page.above,
        hidden=tuple(_hidden(book, page, marks)),
        repairs=repairs,
    )
    return Raw(frame, reading, tuple(faults))


def _marks(book: Book, page: _Page, ours: Mapping[str, Column]) -> Marks:
    xml = book.sheets.get(page.name)
    if xml is None:
        return Marks()
    texts = [name for name, column in ours.items() if column.kind == "text"]
    unsure = [name for name in texts if _is_unsure(page.frame.get_column(name))]
    if not unsure and page.name in book.plain:
        return Marks()
    marks = sheet.parsed(xml, book.styles, recalculated=book.recalculated)
    if not unsure:
        return marks
    first = marks.first_column - 1
    places = frozenset(page.frame.columns.index(name) + first for name in unsure)
    return sheet.parsed(xml, book.styles, recalculated=book.recalculated, unsure=places)


def _is_unsure(cells: pl.Series) -> bool:
    return bool(cells.unique().str.contains(_UNSURE).any())


def _hidden(book: Book, page: _Page, marks: Marks) -> Iterator[str]:
    if page.name in book.hidden:
        yield f"sheet '{page.name}'"
    held = page.frame.get_column("row_number")
    rows = held.filter(held.is_in(marks.hidden_rows)).to_list() if marks.hidden_rows else []
    if rows:
        yield f"{'row' if len(rows) == 1 else f'{len(rows):,} rows:'} {_listed(rows)}"
    last = marks.first_column + page.frame.width - 2
    columns = [c for c in sorted({*marks.hidden_columns}) if marks.first_column <= c <= last]
    if columns:
        yield f"column {', '.join(map(sheet.letters, columns))}"


def _listed(rows: list[int]) -> str:
    few = ", ".join(map(str, rows[:10]))
    return few if len(rows) <= 10 else f"{few}, ..."
