"""What stands in the XML of one sheet and is lost where its cells are read as values only.

Most sheets hold none of it, which a search for a few signs shows; only the others are parsed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

import polars as pl

from iomdash.intake.sources import number_format
from iomdash.intake.sources.archive import Damaged, Refused

# Cells between the first and the last that holds anything, in a rectangle: each takes memory.
MOST_AREA = 16_000_000
# A cell or a row that does not begin with its place, as spreadsheets write it, or stands beyond
# column Z or row 599,999: up to there is less than the most.
# These are the ways in which what follows is not `r="[A-Z][1-5]?[0-9]{1,5}"`: a search that never
# looks back asks for all that makes a sheet no plain one in little more than the time of one sign.
_FAR = (
    r'<c[\s/>](?:[^r]|r[^=]|r=[^"]|r="[^A-Z]|r="[A-Z](?:[^0-9]|{number}))|'
    r'<row(?:[^ ]| [^r]| r[^=]| r=[^"]| r="(?:[^0-9]|{number}))'
).replace("{number}", '[0-9]{1,6}[^0-9"]|[06-9][0-9]{5}|[0-9]{7}')
_SIGNS = r't="[eb]"|hidden=|<mergeCell |<f[ />]'
_PART, _OVERLAP = 1 << 20, 64  # bytes
_NEVER = "Open it in Excel, let it calculate, and save it."


@dataclass
class Marks:
    """Cells by row and column, both counted from 1, and what they show or why they show nothing."""

    first_column: int = 1
    errors: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    uncalculated: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    numbers: dict[tuple[int, int], tuple[str, str]] = field(
        default_factory=dict[tuple[int, int], tuple[str, str]]
    )
    truths: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    merged: list[tuple[int, int, int, int]] = field(default_factory=list[tuple[int, int, int, int]])
    hidden_rows: list[int] = field(default_factory=list[int])
    hidden_columns: list[int] = field(default_factory=list[int])
    extent: tuple[int, int] = (0, 0)


def is_plain(xml: bytes, styles: Mapping[int, str]) -> bool:
    """Whether the sheet holds nothing that its values do not tell, and no cell far from others."""
    formats = [f's="{style}"' for style, code in styles.items() if not number_format.is_plain(code)]
    return b"<worksheet" in xml[:4096] and not _holds(xml, "|".join((_SIGNS, *formats, _FAR)))


def _holds(xml: bytes, pattern: str) -> bool:
    """Whether a pattern of signs of ASCII is found, by parts that overlap by more than it is."""
    parts = (xml[at : at + _PART + _OVERLAP] for at in range(0, len(xml), _PART))
    texts = pl.Series([part.decode(errors="replace") for part in parts], dtype=pl.String)
    return bool(texts.str.contains(pattern).any())


def refuse_vast(xml: bytes) -> None:
    """Raises Refused where cells lie so far apart that a table of them fills the memory."""
    if b"<worksheet" in xml[:4096] and not _holds(xml, _FAR):
        return
    last_row, last_column = parsed(xml, {}).extent
    if last_row * last_column > MOST_AREA:
        raise Refused(
            f"Its cells reach to row {last_row:,} and column {last_column:,}.",
            "Delete the rows and columns beyond the table, and save it anew.",
        )


def parsed(
    xml: bytes,
    styles: Mapping[int, str],
    *,
    recalculated: bool = False,
    unsure: frozenset[int] = frozenset(),
) -> Marks:
    """The marks of a sheet; `recalculated` says that its program left the values to Excel.

    In the columns `unsure`, days and numbers of more figures than are shown count as marks too.
    """
    reader = _Reader(styles, unsure, recalculated=recalculated)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError):  # the last: an encoding of no such name
        raise Damaged from None
    return reader.finished()


class _Reader:
    """Handlers of one sheet's elements, in the order of the file."""

    def __init__(
        self, styles: Mapping[int, str], unsure: frozenset[int], *, recalculated: bool
    ) -> None:
        self.marks = Marks()
        self._unsure = unsure
        self._styles = styles
        self._recalculated = recalculated
        self._row = self._column = 0
        self._kind = self._value = ""
        self._style = 0
        self._formula = self._within = self._held = False
        self._least = 1 << 30

    def start(self, name: str, given: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._begin(given)
            case "v" | "t":
                self._within = True
            case "f":
                self._formula = True
            case "row":
                self._row = _row_of(given.get("r", "")) or self._row + 1
                self._column = 0
                if _true(given.get("hidden")):
                    self.marks.hidden_rows.append(self._row)
            case "col" if _true(given.get("hidden")):
                first, last = int(given.get("min", 1)), int(given.get("max", 1))
                self.marks.hidden_columns += range(first, min(last, first + 100) + 1)
            case "mergeCell":
                self._merge(given.get("ref", ""))
            case _:
                pass

    def _begin(self, given: dict[str, str]) -> None:
        place = given.get("r", "")
        self._column = column_of(place) if place else self._column + 1
        self._row = _row_of(place) or self._row
        self._kind, self._value = given.get("t", "n"), ""
        self._style = int(given.get("s", 0))
        self._formula = self._held = False

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        rows = [int(re.sub(r"\D", "", corner) or 0) for corner in (first, last)]
        columns = [column_of(corner) for corner in (first, last)]
        self.marks.merged.append((rows[0], columns[0], rows[1], columns[1]))

    def text(self, data: str) -> None:
        if self._within:
            self._held = True
            self._value += data

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._done()
            case "v" | "t":
                self._within = False
            case _:
                pass

    def _done(self) -> None:
        at = (self._row, self._column)
        if self._held:
            self._least = min(self._least, self._column)
            rows, columns = self.marks.extent
            self.marks.extent = max(rows, self._row), max(columns, self._column)
        if self._kind == "e":
            self.marks.errors[at] = self._value or "#N/A"
        elif self._formula and (self._recalculated or not (self._held or self._kind == "str")):
            self.marks.uncalculated.add(at)
        elif self._kind == "b":
            self.marks.truths.add(at)
        elif self._kind == "n" and self._held:
            code = self._styles.get(self._style, number_format.GENERAL)
            if not number_format.is_plain(code) or self._column in self._unsure:
                self.marks.numbers[at] = (self._value, code)

    def finished(self) -> Marks:
        self.marks.first_column = self._least if self._least < 1 << 30 else 1
        return self.marks


def _true(word: str | None) -> bool:
    return word in ("1", "true")


def column_of(place: str) -> int:
    """The column of a reference as A1, counted from 1; 0 where it has none."""
    column = 0
    for sign in place.upper():
        if not "A" <= sign <= "Z":
            break
        column = column * 26 + ord(sign) - 64
    return column


def _row_of(place: str) -> int:
    digits = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    if not digits.isdecimal():
        return 0
    return int(digits) if len(digits) < 9 else 1 << 31


def letters(column: int) -> str:
    """The letters of a column counted from 1: 28 is AB."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
