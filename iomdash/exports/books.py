# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# pyright: reportUnknownVariableType=false
# XlsxWriter carries no types.
"""Rows as workbooks, XLSX and ODS: whom they count and what columns mean, then the figures."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from iomdash.exports.about import Cell
from iomdash.exports.tidy import MEANING, notes

ABOUT, FIGURES = "About", "Figures"
_LONGEST = 60  # letters of a column's width

Table = Sequence[Mapping[str, Cell]]


def xlsx(title: str, about: Mapping[str, Cell], table: Table) -> bytes:
    """A workbook of two sheets; text is written as text, so no cell is a formula."""
    import xlsxwriter  # of whoever takes a workbook, not of every start

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": title, "subject": "Figures of a release of iomdash"})
        bold, first = book.add_format({"bold": True}), book.add_worksheet(ABOUT)
        first.set_column(0, 0, 16)
        first.set_column(1, 1, _LONGEST)
        first.write_string(0, 0, title, bold)
        for at, (name, words) in enumerate(notes(about), start=2):
            first.write_string(at, 0, name, bold)
            first.write_string(at, 1, words)
        sheet = book.add_worksheet(FIGURES)
        header = _header(table)
        for column, name in enumerate(header):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, min(_LONGEST, max(10, len(name) + 2)))
        for at, row in enumerate(table, start=1):
            for column, name in enumerate(header):
                _write(sheet, at, column, row[name])
        sheet.freeze_panes(1, 0)
        if table:
            sheet.autofilter(0, 0, len(table), len(header) - 1)
    return file.getvalue()


def _write(sheet: object, row: int, column: int, cell: Cell) -> None:
    if cell is None or cell == "":
        return
    # XlsxWriter's own types are loose.
    write = getattr(sheet, "write_string" if isinstance(cell, str) else "write_number")
    write(row, column, cell)


def ods(title: str, about: Mapping[str, Cell], table: Table) -> bytes:
    """The same as an OpenDocument spreadsheet."""
    from odfdo import Document

    document = Document("spreadsheet")
    document.meta.title = title
    document.body.clear()
    first = [[title], [], *([name, words] for name, words in notes(about))]
    header = _header(table)
    rows = [header, *([row[name] for name in header] for row in table)]
    document.body.append(_sheet(ABOUT, first))
    document.body.append(_sheet(FIGURES, rows))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _sheet(name: str, rows: Sequence[Sequence[Cell]]) -> Any:
    from odfdo import Row, Table

    table = Table(name)
    for cells in rows:
        row = Row()
        row.set_values(list(cells))
        table.append(row)
    return table


def _header(table: Table) -> list[str]:
    return list(table[0]) if table else list(MEANING)
