"""Text with a sign between cells: CSV, and what else spreadsheets write as text."""

import csv
import io
import re
from itertools import islice

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
_SEP = re.compile(rb'"?sep=([,;|\t])"?[ \t]*(?:\r\n|\n|\r)', re.IGNORECASE)
_START = 1 << 20
_FRESH = "Save it anew, or ask for it again."


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
    text, _, signs = _unsigned(decoded.data)
    start = text[:_START].decode(errors="ignore")
    return [cells for sign in signs for cells, _ in _first_rows(start, sign)]


def _beginning(data: bytes) -> bytes:
    """As much as holds every first row, cut where no letter is."""
    start = data[: _START * 4]
    whole = len(start) == len(data) or b"\0" in start[:_START]
    return start if whole else start[: start.rfind(b"\n") + 1] or start


def _unsigned(text: bytes) -> tuple[bytes, bool, tuple[str, ...]]:
    """The text behind a line that states the sign between cells, whether it has one, the signs."""
    stated = _SEP.match(text)
    text = _line_feeds(text[stated.end() :] if stated else text)
    return text, stated is not None, (stated[1].decode(),) if stated else _DELIMITERS


def _table(text: bytes, encoding: str, contract: Contract, options: Options) -> Raw:
    text, stated, signs = _unsigned(text)
    names, delimiter, place, above, end = _header(text, contract, signs, options.header_row)
    if len(names) > MOST_COLUMNS:
        raise Crooked(
            f"It has {len(names):,} columns; a table has at most {MOST_COLUMNS:,}.",
            "Keep the columns that the contract names, and save it anew.",
        )
    body = text[end:].lstrip(b"\n")
    first = place + 1 + len(text) - end - len(body)
    frame = _fast(body, names, delimiter, first)
    if frame is None:
        frame = _slow(body, names, delimiter, first)
    notes = ("The sign between cells was taken from its first line.",) if stated else ()
    reading = Reading(
        "CSV",
        encoding=encoding,
        delimiter=_NAMES[delimiter],
        header_row=place,
        rows_above=above,
        notes=notes,
    )
    return Raw(frame, reading)


def _line_feeds(text: bytes) -> bytes:
    if b"\r" not in text:
        return text
    text = text.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    # A carriage return by itself ends a line, unless it stands in a quoted cell.
    return text if b'"' in text else text.replace(b"\r", b"\n")


def _header(
    text: bytes, contract: Contract, signs: tuple[str, ...], stated: int | None
) -> tuple[list[str], str, int, int, int]:
    """The header, the delimiter under which it names most, its row, how many rows above it hold
    anything, and where it ends.
    """
    start = text[:_START].decode(errors="ignore")
    known = header.known_headers(contract)
    read = [(sign, _first_rows(start, sign, stated or 0)) for sign in signs]

    def rank(reading: tuple[str, list[tuple[list[str], int]]]) -> tuple[int, int]:
        rows = [cells for cells, _ in reading[1]]
        place = header.header_place(rows, known, stated)
        if place is None:
            return 0, 0
        return len(known & {header.column_name(c) for c in rows[place]}), len(rows[place])

    sign, rows = max(read, key=rank)
    place = header.header_place([cells for cells, _ in rows], known, stated)
    if place is None:
        raise Crooked(*header.missing(stated))
    cells, lines = rows[place]
    ends = [line_end.end() for line_end in islice(re.finditer("\n|\r", start), lines)]
    end = len(start[: ends[-1]].encode()) if len(ends) == lines else len(text)
    if len(ends) < lines and len(text) > _START:
        raise Crooked("Its header is longer than a header can be.", _FRESH)
    above = sum(any(cell.strip(header.ENDS) for cell in row) for row, _ in rows[:place])
    return cells, sign, place + 1, above, end


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
    if b"\r" in body:
        return False
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
    """Polars fills short rows up in silence; only a row that ends in nothing can be one."""
    cells = pl.exclude("row_number").is_not_null()
    empty = frame.filter(pl.last().is_null() & pl.any_horizontal(cells))
    if empty.is_empty():
        return False
    lines, sign = body.split(b"\n"), delimiter.encode()
    width = frame.width - 2
    rows: list[int] = empty.get_column("row_number").to_list()
    return any(lines[row - first].count(sign) < width for row in rows)


def _slow(body: bytes, names: list[str], delimiter: str, first: int) -> pl.DataFrame:
    numbers: list[int] = []
    columns: list[list[str | None]] = [[] for _ in names]
    for number, cells in quotes.rows(body.decode(), delimiter, len(names), first):
        numbers.append(number)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell or None)
    schema = dict.fromkeys(header.distinct(names), pl.String)
    frame = pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)
    return frame.insert_column(0, pl.Series("row_number", numbers, dtype=pl.UInt32))
