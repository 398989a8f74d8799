"""Rows of a text file in which quotation marks stand: as written where only one reading fits.

A cell is either quoted, its own marks doubled, or holds no mark at its beginning. Programs write
other cells too; such a row is taken where exactly one reading gives it as many cells as the
header has, and refused otherwise.
"""

import csv
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cache

from iomdash.intake.sources.header import BLANKS

# Readings of one row that are looked at before it counts as uncertain.
_MOST_READINGS = 2000
_MOST_LINES = 1000
_MOST_BESIDE = 200  # delimiters within cells of one row; with more no reading is looked for


@dataclass(frozen=True)
class Crooked(Exception):
    """A row that cannot be read with certainty, and the remedy."""

    why: str
    remedy: str


def crooked_quote(row: int) -> Crooked:
    """The refusal of a row in which it is open where a cell ends."""
    return Crooked(
        f"Row {row} has a quotation mark in the middle of a cell, or never closed.",
        "Close it, or double it where it belongs to the text.",
    )


def wrong_width(row: int, cells: int, width: int, delimiter: str) -> Crooked:
    """The refusal of a row that has more or fewer cells than the header."""
    sign = "a tab" if delimiter == "\t" else f"'{delimiter}'"
    return Crooked(
        f"Row {row} has {cells} cells, the header has {width}.",
        f"Complete the row, or put cells that hold {sign} in quotation marks.",
    )


@cache
def sound(delimiter: str) -> str:
    """The pattern of a line in which each quotation mark is where it should be."""
    sign = re.escape(delimiter)
    cell = f'(?:"[^"]*(?:""[^"]*)*"|[^"{sign}]*)'
    return f"^{cell}(?:{sign}{cell})*$"


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of a whole row in which no cell is uncertain, and of one that goes on in the next line."""
    sign = re.escape(delimiter)
    cell = f'(?:"[^"]*(?:""[^"]*)*"|(?:[^"{sign}][^{sign}]*)?)'
    return (
        re.compile(f"{cell}(?:{sign}{cell})*"),
        re.compile(f'(?:{cell}{sign})*"[^"]*(?:""[^"]*)*'),
    )


def rows(
    text: str, delimiter: str, width: int, first: int, *, more: bool = False
) -> Generator[tuple[int, list[str]], None, tuple[str, int]]:
    """Each row that holds anything, with its number; `first` is that of the first line.

    A row that goes over several lines counts as one, as spreadsheets show it. Where `more` lines
    follow the text, a row that is open at its end is left. Returns what is left, and the number of
    the row that begins there. Raises Crooked.
    """
    parts = re.split("(\n|\r)", text)
    lines, ends = parts[::2], parts[1::2]
    if more and not lines[-1]:
        lines.pop()
    whole, opened = _patterns(delimiter)
    at, number = 0, first
    while at < len(lines):
        line, here = lines[at], number
        at, number = at + 1, number + 1
        if '"' not in line:
            cells = line.split(delimiter)
        elif whole.fullmatch(line):
            cells = _cells(line, delimiter, here)
        elif opened.fullmatch(line):
            try:
                line, at = _joined(lines, ends, at - 1, whole, opened, here)
            except Crooked:
                if more and _may_close(lines, at - 1, opened):
                    return "".join(parts[2 * (at - 1) :]), here
                raise
            cells = _cells(line, delimiter, here)
            _refuse_swallowed(line, delimiter, width, here)
        else:
            cells = _only_reading(line, delimiter, width, here)
        if any(cell.strip(BLANKS) for cell in cells):
            if len(cells) != width:
                raise wrong_width(here, len(cells), width, delimiter)
            _refuse_blank_before(cells, here)
            yield here, cells
    return "", number


def _may_close(lines: list[str], at: int, opened: re.Pattern[str]) -> bool:
    """Whether a row that begins in a line may end in a line that follows all of these."""
    return len(lines) - at < _MOST_LINES and bool(opened.fullmatch("\n".join(lines[at:])))


def _cells(line: str, delimiter: str, row: int) -> list[str]:
    reader = csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, strict=True)
    try:
        return next(reader, [""])
    except csv.Error:  # a cell longer than any is
        raise crooked_quote(row) from None


def _joined(
    lines: list[str],
    ends: list[str],
    at: int,
    whole: re.Pattern[str],
    opened: re.Pattern[str],
    row: int,
) -> tuple[str, int]:
    """The row that begins in one line and ends in a later one, and the place after it."""
    line = lines[at]
    for end in range(at + 2, min(len(lines), at + _MOST_LINES) + 1):
        line += ends[end - 2] + lines[end - 1]
        if '"' not in lines[end - 1]:
            continue
        if whole.fullmatch(line):
            return line, end
        if not opened.fullmatch(line):
            break
    raise crooked_quote(row)


def _refuse_swallowed(line: str, delimiter: str, width: int, row: int) -> None:
    """A cell over several lines may be a text, or rows between two stray marks."""
    lines = re.split("\n|\r", line)
    if all(part.count(delimiter) == width - 1 for part in lines):
        raise Crooked(
            f"Row {row} has a cell that holds another row: a quotation mark opens before it "
            f"and closes after it, {len(lines) - 1} lines on.",
            "Remove the two marks, or double them where they belong to the text.",
        )


def _refuse_blank_before(cells: list[str], row: int) -> None:
    for cell in cells:
        bare = cell.strip(BLANKS)
        if cell[:1] in BLANKS and len(bare) > 1 and bare[0] == bare[-1] == '"':
            raise Crooked(
                f"Row {row} has a blank between the sign that ends a cell and a quotation mark.",
                "Remove the blank, so that the mark opens the cell.",
            )


def _only_reading(line: str, delimiter: str, width: int, row: int) -> list[str]:
    readings: list[list[str]] = []
    pieces = line.split(delimiter)
    if len(pieces) > width + _MOST_BESIDE:
        raise wrong_width(row, len(pieces), width, delimiter)
    for reading in _readings(pieces, delimiter, width):
        readings.append(reading)
        if len(readings) > 1:
            raise crooked_quote(row)
    if not readings:
        many = len(pieces)
        raise wrong_width(row, many, width, delimiter) if many > width else crooked_quote(row)
    return readings[0]


def _readings(pieces: list[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """Every way to make `width` cells of what stands between delimiters.

    A cell that begins with a mark and does not end with one holds the mark, which must be closed
    in it; one that begins and ends with a mark is quoted, over as many pieces as it takes.
    """
    tried = 0
    todo: list[tuple[int, list[str]]] = [(0, [])]
    while todo:
        tried += 1
        if tried > _MOST_READINGS:
            return
        at, cells = todo.pop()
        if at == len(pieces):
            if len(cells) == width:
                yield cells
            continue
        if len(cells) >= width or len(pieces) - at < width - len(cells):
            continue
        if not pieces[at].startswith('"'):
            todo.append((at + 1, [*cells, pieces[at]]))
            continue
        if not pieces[at].endswith('"') and pieces[at].count('"') % 2 == 0:
            todo.append((at + 1, [*cells, pieces[at]]))
        for end in range(at + 1, len(pieces) + 1):
            inner = _unquoted(delimiter.join(pieces[at:end]))
            if inner is not None:
                todo.append((end, [*cells, inner]))


def _unquoted(cell: str) -> str | None:
    """What stands between the outer marks; None where they are no pair, or inner ones unsure."""
    if len(cell) < 2 or not cell.endswith('"'):
        return None
    inner = cell[1:-1]
    doubled = inner.replace('""', "")
    if '"' not in doubled:
        return inner.replace('""', '"')
    # Marks as they are, in pairs; some doubled and some not would be neither.
    return inner if '""' not in inner and inner.count('"') % 2 == 0 else None
