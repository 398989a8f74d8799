"""Text with a sign between cells: CSV, and what else spreadsheets write as text."""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources import header, quotes
from iomdash.intake.sources.encoding import Mixed, text_of
from iomdash.intake.sources.quotes import Crooked
from iomdash.intake.sources.raw import AS_IT_IS, Options, Raw, Reading

MOST_COLUMNS = 2000

_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SEP = re.compile(rb'"?sep=([,;|\t])"?[ \t]*(?:\r\n|\n|\r)', re.IGNORECASE)
_QUOTED = re.compile(rb'"(?:[^"]|"")*"')
_STATED = ("The sign between cells was taken from its first line.",)
START = 1 << 20
FRESH = "Save it anew, or ask for it again."


def read(data: bytes, file: str, contract: Contract, options: Options = AS_IT_IS) -> Raw:
    """The table in a text file. Raises Unreadable."""
    decoded = text_of(data)
    if decoded is None:
        raise Unreadable(
            contract.table, file, "It is no table: neither CSV, XLSX nor Parquet.",
            "Save it as one of the three.",
        )  # fmt: skip
    if isinstance(decoded, Mixed):
        raise Unreadable(contract.table, file, decoded.why, decoded.remedy)
    try:
        return _table(decoded.data, decoded.encoding, contract, options)
    except Crooked as crooked:
        raise Unreadable(contract.table, file, crooked.why, crooked.remedy) from None


def tops(data: bytes) -> list[list[str]]:
    """The rows at the beginning of a text file, by any sign that may stand between its cells;
    none where it is no text.
    """
    decoded = text_of(_beginning(data))
    if decoded is None or isinstance(decoded, Mixed):
        return []
    text, _, signs = unsigned(decoded.data)
    start = text[:START].decode(errors="ignore")
    return [cells for sign in signs for cells, _ in _first_rows(start, sign)]


def _beginning(data: bytes) -> bytes:
    """As much as holds every first row, cut where no letter is."""
    start = data[: START * 4]
    whole = len(start) == len(data) or b"\0" in start[:START]
    return start if whole else start[: start.rfind(b"\n") + 1] or start


def unsigned(text: bytes, *, quoted: bool | None = None) -> tuple[bytes, bool, tuple[str, ...]]:
    """The text behind a line that states the sign between cells, whether it has one, the signs."""
    stated = SEP.match(text)
    text = line_feeds(text[stated.end() :] if stated else text, quoted=quoted)
    return text, stated is not None, (stated[1].decode(),) if stated else _DELIMITERS


@dataclass(frozen=True)
class Head:
    """The header, the sign between cells, and how many lines end before the rows begin.

    `place` is the header's row, `above` how many rows above it hold anything.
    """

    names: list[str]
    sign: str
    place: int
    above: int
    end: int
    stated: bool

    def reading(self, encoding: str) -> Reading:
        """What was decided."""
        return Reading(
            "CSV",
            encoding=encoding,
            delimiter=_NAMES[self.sign],
            header_row=self.place,
            rows_above=self.above,
            notes=_STATED if self.stated else (),
        )

    def frames(self, bodies: Iterator[bytes]) -> Iterator[pl.DataFrame]:
        """The rows of each part of the text behind the header; those of none where there is none.

        A part ends with a line. A row that goes on in the next one is read with it.
        """
        first, left, part = self.place + 1, b"", next(bodies, b"")
        for following in chain(bodies, (None,)):
            body = (left + part).lstrip(b"\n")
            first += len(left) + len(part) - len(body)
            frame = _fast(body, self.names, self.sign, first)
            if frame is None:
                more = following is not None
                frame, left, first = _slow(body, self.names, self.sign, first, more=more)
            else:
                left, first = b"", first + (0 if following is None else body.count(b"\n"))
            yield frame
            part = following or b""


def _table(text: bytes, encoding: str, contract: Contract, options: Options) -> Raw:
    text, stated, signs = unsigned(text)
    head = head_of(text, contract, signs, options.header_row, stated=stated)
    [frame] = head.frames(iter([text[head.end :]]))
    return Raw(frame, head.reading(encoding))


def line_feeds(text: bytes, *, quoted: bool | None = None) -> bytes:
    """The text with lines as they are here; `quoted` tells of the whole file, if this is a part."""
    if b"\r" not in text:
        return text
    text = text.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    # A carriage return by itself ends a line, unless it stands in a quoted cell.
    quoted = b'"' in text if quoted is None else quoted
    return text if quoted else text.replace(b"\r", b"\n")


def head_of(
    text: bytes, contract: Contract, signs: tuple[str, ...], row: int | None, *, stated: bool
) -> Head:
    """The header under the sign by which it names most, in a `row` if one is given."""
    start = text[:START].decode(errors="ignore")
    known = header.known_headers(contract)
    read = [(sign, _first_rows(start, sign, row or 0)) for sign in signs]

    def rank(reading: tuple[str, list[tuple[list[str], int]]]) -> tuple[int, int]:
        rows = [cells for cells, _ in reading[1]]
        place = header.header_place(rows, known, row)
        if place is None:
            return 0, 0
        return len(known & {header.column_name(c) for c in rows[place]}), len(rows[place])

    sign, rows = max(read, key=rank)
    place = header.header_place([cells for cells, _ in rows], known, row)
    if place is None:
        raise Crooked(*header.missing(row))
    cells, lines = rows[place]
    ends = [line_end.end() for line_end in islice(re.finditer("\n|\r", start), lines)]
    end = len(start[: ends[-1]].encode()) if len(ends) == lines else len(text)
    if len(ends) < lines and len(text) > START:
        raise Crooked("Its header is longer than a header can be.", FRESH)
    above = sum(any(c.strip(header.ENDS) for c in other) for other, _ in rows[:place])
    if len(cells) > MOST_COLUMNS:
        raise Crooked(
            f"It has {len(cells):,} columns; a table has at most {MOST_COLUMNS:,}.",
            "Keep the columns that the contract names, and save it anew.",
        )
    return Head(cells, sign, place + 1, above, end, stated)


def _first_rows(start: str, sign: str, least: int = 0) -> list[tuple[list[str], int]]:
    """The rows at the beginning, each with the number of lines read when it ends."""
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=sign)
    rows: list[tuple[list[str], int]] = []
    try:
        for cells in islice(reader, max(header.ABOVE, least)):
            rows.append((cells, reader.line_num))
    except csv.Error:
        pass
    return rows


def _fast(body: bytes, names: list[str], delimiter: str, first: int) -> pl.DataFrame | None:
    """The rows, read by Polars; None where it would change a cell or not find a fault."""
    quoted = b'"' in body
    # Polars would take the first for a part of a cell, and the second for a mark of its own.
    if b"\r" in body or body.startswith(BOM_UTF8):
        return None
    if quoted and not _is_sound(body, delimiter):
        return None
    try:
        frame = pl.read_csv(
            body, has_header=False, new_columns=header.distinct(names), separator=delimiter,
            quote_char='"' if quoted else None, infer_schema=False, raise_if_empty=False,
        ).with_row_index("row_number", offset=first)  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    if frame.width != len(names) + 1 or _may_have_short_row(frame, body, delimiter, first):
        return None
    return frame


def _is_sound(body: bytes, delimiter: str) -> bool:
    lines = pl.read_csv(
        body, has_header=False, separator="\x1f", quote_char=None, infer_schema=False,
        new_columns=["line"],
    )  # fmt: skip
    return bool(
        lines.width == 1
        and lines.select(
            pl.col("line").str.contains(quotes.sound(delimiter)).fill_null(value=True).all()
        ).item()
    )


def _may_have_short_row(frame: pl.DataFrame, body: bytes, delimiter: str, first: int) -> bool:
    """Polars fills short rows up in silence; only a row that ends in nothing can be one. A sign in
    a quoted cell stands between none.
    """
    if not frame.to_series(-1).null_count():
        return False
    cells = pl.exclude("row_number").is_not_null()
    empty = frame.filter(pl.last().is_null() & pl.any_horizontal(cells))
    if empty.is_empty():
        return False
    lines, sign = body.split(b"\n"), delimiter.encode()
    width = frame.width - 2
    rows: list[int] = empty.get_column("row_number").to_list()
    return any(_QUOTED.sub(b"", lines[row - first]).count(sign) < width for row in rows)


def _slow(
    body: bytes, names: list[str], delimiter: str, first: int, *, more: bool
) -> tuple[pl.DataFrame, bytes, int]:
    """The rows, what is left of the body where `more` follows, and the number of its row."""
    numbers: list[int] = []
    columns: list[list[str | None]] = [[] for _ in names]
    rows = quotes.rows(body.decode(), delimiter, len(names), first, more=more)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration as end:
            left, following = end.value
            break
        numbers.append(number)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell or None)
    schema = dict.fromkeys(header.distinct(names), pl.String)
    frame = pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)
    numbered = frame.insert_column(0, pl.Series("row_number", numbers, dtype=pl.UInt32))
    return numbered, left.encode(), following
