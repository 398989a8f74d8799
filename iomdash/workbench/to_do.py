"""What is to be mended in a file: as a table, as CSV, and as a workbook with the cells marked."""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Column
from iomdash.errors import Break, ContractBroken
from iomdash.intake import meanings, sources
from iomdash.intake.cells import folded
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.sources import matrix
from iomdash.intake.sources.header import as_called, column_name
from iomdash.intake.sources.raw import AS_IT_IS, Options, Raw
from iomdash.release.table_csv import csv_of, inert

COLUMNS = ("Sheet", "Row", "Column", "Value", "What is wrong", "What to do")
TO_MEND = " to mend"  # added to the name of a file
MOST_CELLS = 1_000_000  # a workbook of more takes minutes to write
_MARK = "#FFD84D"
_HEAD = "#E7EDF3"
_WIDTH = 18  # characters of a column
_NOTE = 32_000  # characters of a note; Excel takes 32,767

Place = tuple[int, int]


def rows(breaks: Sequence[Break]) -> list[dict[str, Any]]:
    """Broken cells under COLUMNS; the sheet only where one is named."""
    sheets = any(each.sheet for each in breaks)
    cells = [
        (each.sheet, each.row, each.column, each.value, each.rule, each.remedy) for each in breaks
    ]
    named: list[dict[str, Any]] = [dict(zip(COLUMNS, row, strict=True)) for row in cells]
    return named if sheets else [{k: v for k, v in row.items() if k != "Sheet"} for row in named]


def left_out(error: ContractBroken) -> str | None:
    """What the list and what is made of it lack; None where they have all of it."""
    held, total = len(error.breaks), error.total
    if held >= total:
        return None
    made = "its CSV" if unmarkable(error) else "its CSV and the marked workbook"
    return (
        f"The first {held:,} of {total:,} are listed; the list and {made} hold no others. "
        "Mend what is wrong with these wherever else it stands, too, and upload the file again: "
        "what is left is listed then."
    )


def listed(shown: int, error: ContractBroken) -> str:
    """How many a search leaves, of those that are listed; '' where it leaves all."""
    held = len(error.breaks)
    if shown >= held:
        return ""
    of = f"{held:,}" if held >= error.total else f"the first {held:,}"
    return f"{shown:,} of {of} are shown."


def matching(breaks: Sequence[Break], words: str) -> list[Break]:
    """Those in which every word stands, in whatever case."""
    wanted = words.casefold().split()
    return [each for each in breaks if all(word in str(each).casefold() for word in wanted)]


def kinds(error: ContractBroken) -> list[tuple[str, int]]:
    """What is wrong, column by column, with the number of all such cells, the most first."""
    return [(f"{column or 'The file'}: {rule}", n) for column, rule, n in error.kinds]


def unlisted(broken: ContractBroken, options: Options) -> list[tuple[str, str]]:
    """Column and word of every cell that is none of its column's list, each once: the words may
    stand for values of it. Those that a message does not show whole are left out.
    """
    contract = as_called(odcs.load(broken.table), options.columns)
    columns = matrix.columns_of([each.column or "" for each in broken.breaks], contract)
    words: dict[tuple[str, str], None] = {}
    for each in broken.breaks:
        column = columns.get(each.column or "")
        if column and each.value and _is_whole(each.value) and _is_none_of(column, each.value):
            words[column.name, each.value] = None
    return [*words]


def _is_none_of(column: Column, value: str) -> bool:
    listed = {folded(one) for one in meanings.values_of(column)}
    return bool(listed) and folded(value) not in listed


def _is_whole(value: str) -> bool:
    return value != HIDDEN and "<U+" not in value and not value.endswith("…")


def as_csv(breaks: Sequence[Break]) -> bytes:
    """The list for a spreadsheet, in UTF-8 with the mark by which Excel knows it."""
    lines = [
        ["" if value is None else str(value) for value in row.values()] for row in rows(breaks)
    ]
    header = list(rows(breaks)[0]) if breaks else COLUMNS
    return csv_of(header, lines).encode("utf-8-sig")


def marked(path: Path, broken: ContractBroken, options: Options = AS_IT_IS) -> bytes | None:
    """The file's own cells as a workbook, the broken ones filled and with a note each.

    Every cell is text and stands in its own row; None where it cannot be marked.
    """
    if unmarkable(broken) is not None:
        return None
    try:
        pages = _pages(path, broken, options)
    except ContractBroken:
        return None
    return _workbook(pages, broken.breaks)


def unmarkable(broken: ContractBroken) -> str | None:
    """Why there is no workbook with the cells marked, as sentences; None where there is one."""
    if broken.reading is None:
        return "It was read as no table, so there are no cells to mark."
    cells = int(str(broken.reading["cells"]))
    if cells > MOST_CELLS:
        return (
            f"It has {cells:,} cells, too many for a workbook with the broken ones marked, which "
            f"takes {MOST_CELLS:,}. Mend your own file by the list."
        )
    return None


def _pages(path: Path, broken: ContractBroken, options: Options) -> Mapping[str, Raw]:
    """The sheets that were read, each as the file has it."""
    contract = as_called(odcs.load(broken.table), options.columns)
    data = sources.bytes_of(path, broken.table)
    whole = sources.table_of(data, path.name, contract, options)
    names = whole.reading.sheets
    if len(names) < 2:
        return {names[0] if names else broken.table: whole}
    return {
        name: sources.table_of(data, path.name, contract, replace(options, sheet=name))
        for name in names
    }


def _workbook(pages: Mapping[str, Raw], breaks: Sequence[Break]) -> bytes:
    import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

    stream = io.BytesIO()
    book: Any = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    formats = _Formats(book)
    for name, raw in pages.items():
        notes = _notes(raw, [each for each in breaks if each.sheet in (None, name)])
        _write(book.add_worksheet(name[:31]), raw, notes, formats)
    book.close()
    return stream.getvalue()


class _Formats:
    """Text, and text that a spreadsheet would take for a formula, each plain, marked and as a
    header.
    """

    def __init__(self, book: Any) -> None:
        looks = {
            "plain": {},
            "marked": {"bg_color": _MARK},
            "head": {"bg_color": _HEAD, "bold": True},
        }
        self._made = {
            (look, quoted): book.add_format({"num_format": "@", "quote_prefix": quoted, **how})
            for look, how in looks.items()
            for quoted in (False, True)
        }

    def of(self, text: str, look: str) -> Any:
        """How a cell looks. A formula's sign stays what it is behind Excel's own mark of text."""
        return self._made[look, inert(text) != text]


def _write(sheet: Any, raw: Raw, notes: Mapping[Place, Sequence[str]], formats: _Formats) -> None:
    head = raw.reading.header_row - 1
    sheet.set_column(0, raw.frame.width - 2, _WIDTH)
    sheet.freeze_panes(head + 1, 0)
    for column, header in enumerate(raw.frame.columns[1:]):
        text = header.rstrip()
        look = "marked" if (head, column) in notes else "head"
        sheet.write_string(head, column, text, formats.of(text, look))
    for number, *cells in raw.frame.iter_rows():
        for column, cell in enumerate(cells):
            look = "marked" if (number - 1, column) in notes else "plain"
            if cell is not None or look == "marked":
                sheet.write_string(number - 1, column, cell or "", formats.of(cell or "", look))
    for (row, column), words in notes.items():
        sheet.write_comment(row, column, "\n\n".join(words)[:_NOTE], {"x_scale": 3, "y_scale": 1.5})


def _notes(raw: Raw, breaks: Sequence[Break]) -> Mapping[Place, Sequence[str]]:
    """The message of each cell, by its place in the sheet, counted from 0. What is wrong with a
    whole column stands on its header, with a row or the file on the first cell.
    """
    columns = {column_name(name): place for place, name in enumerate(raw.frame.columns[1:])}
    found: dict[Place, list[str]] = defaultdict(list)
    for each in breaks:
        row = raw.reading.header_row if each.row is None else each.row
        column = columns.get(column_name(each.column or ""))
        named = f"{each.column}: " if each.column and column is None else ""
        found[row - 1, column or 0].append(f"{named}{each.rule} {each.remedy}")
    return found
