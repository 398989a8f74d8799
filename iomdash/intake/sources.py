"""The kinds of file that can be read, told by their content: CSV, XLSX and Parquet.

Every reader gives text columns under the file's own headers behind `row_number`, which counts
the header as row 1.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable

_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FRESH = "Save it anew, or ask for it again."


@dataclass(frozen=True)
class Raw:
    """A table as the file has it, and what the reader should be told of the reading."""

    frame: pl.DataFrame
    warnings: tuple[str, ...] = ()


def bytes_of(path: Path, table: str) -> bytes:
    """The file's bytes. Raises Unreadable for a folder, a missing, locked or empty file."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise Unreadable(table, path.name, "It is a folder.", "Name the file in it.") from None
    except FileNotFoundError:
        raise Unreadable(table, path.name, "There is no such file.", "Check the name.") from None
    except OSError as fault:
        why = f"It cannot be opened ({fault.strerror})."
        raise Unreadable(table, path.name, why, "Check who may read it.") from None
    if not data or data.isspace():
        raise Unreadable(table, path.name, "It is empty.", _FRESH)
    return data


def table_of(data: bytes, file: str, contract: Contract) -> Raw:
    """The table in the bytes. Raises Unreadable, with the remedy."""
    if data.startswith(_OLE2):
        raise _old_excel(data, file, contract)
    if data.startswith(b"PK\x03\x04"):
        return _guarded(_xlsx, data, file, contract, "an Excel workbook")
    if data.startswith(b"PAR1"):
        return _guarded(_parquet, data, file, contract, "a Parquet file")
    return _csv(data, file, contract)


def _old_excel(data: bytes, file: str, contract: Contract) -> Unreadable:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable(
            contract.table, file, "It is protected by a password.",
            "Remove the password in Excel (File, Info, Protect Workbook) and save it.",
        )  # fmt: skip
    return Unreadable(
        contract.table, file, "It is in the old Excel format (.xls).",
        "Open it in Excel and save it as .xlsx or CSV.",
    )  # fmt: skip


def _guarded(
    reader: Callable[[bytes], Raw], data: bytes, file: str, contract: Contract, kind: str
) -> Raw:
    # The readers raise whatever their Rust cores raise, without a common class.
    try:
        raw = reader(data)
    except Exception:
        why = f"It begins like {kind}, but is truncated or damaged."
        raise Unreadable(contract.table, file, why, _FRESH) from None
    if raw.frame.width < 2:
        raise Unreadable(contract.table, file, "It has no header.", "Name its columns in row 1.")
    return raw


def _xlsx(data: bytes) -> Raw:
    workbook: Any = fastexcel.read_excel(data)
    sheet: pl.DataFrame = workbook.load_sheet(0, header_row=None, dtypes="string").to_polars()
    if sheet.is_empty():
        return Raw(pl.DataFrame())
    header = [str(cell or "") for cell in sheet.row(0)]
    frame = sheet.slice(1)
    frame.columns = _distinct(header)
    others = workbook.sheet_names[1:]
    words = f"Only the first sheet, '{workbook.sheet_names[0]}', was read."
    return Raw(_numbered(frame), (words,) if others else ())


def _parquet(data: bytes) -> Raw:
    frame = pl.read_parquet(io.BytesIO(data))
    return Raw(_numbered(frame.select(pl.all().cast(pl.String))))


def column_name(header: str) -> str:
    """A header as the contract writes it: ' Interview-ID ' is interview_id."""
    return "_".join(header.lower().replace("-", " ").replace("_", " ").split())


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_row_index("row_number", offset=2)


def _distinct(header: list[str]) -> list[str]:
    """Headers as they are, each made unique by trailing spaces, which naming strips again."""
    return [name + " " * header[:place].count(name) for place, name in enumerate(header)]


def _csv(data: bytes, file: str, contract: Contract) -> Raw:
    text = _utf8(data, file, contract)
    header, delimiter = _header(text, contract)
    try:
        frame = _numbered(
            pl.read_csv(
                text, has_header=False, skip_rows=1, new_columns=_distinct(header),
                separator=delimiter, infer_schema=False, raise_if_empty=False,
            )
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        frame = None
    if frame is None or _may_have_short_row(frame, text, delimiter):
        wrong = _first_wrong(text, delimiter, len(header))
        if wrong or frame is None:
            why, remedy = wrong or ("It is damaged.", _FRESH)
            raise Unreadable(contract.table, file, why, remedy)
    return Raw(frame)


def _may_have_short_row(frame: pl.DataFrame, text: bytes, delimiter: str) -> bool:
    """Polars fills short rows up in silence; only a row that ends in nothing can be one."""
    cells = pl.exclude("row_number").is_not_null()
    empty = frame.filter(pl.last().is_null() & pl.any_horizontal(cells))
    if empty.is_empty():
        return False
    if b'"' in text:
        # Lines and rows may differ: only a full reading can tell.
        return True
    lines, sign = text.split(b"\n"), delimiter.encode()
    width = frame.width - 2
    rows: list[int] = empty.get_column("row_number").to_list()
    return any(lines[row - 1].count(sign) < width for row in rows)


def _utf8(data: bytes, file: str, contract: Contract) -> bytes:
    """The text as UTF-8 without byte order mark, its lines ended by line feeds."""
    text = _decoded(data)
    if text is None or b"\0" in text or _is_junk(text[:65536]):
        why = "It is no table: neither CSV, XLSX nor Parquet."
        raise Unreadable(contract.table, file, why, "Save it as one of the three.")
    return text.lstrip(b"\r\n") if b"\n" in text else text.replace(b"\r", b"\n")


def _decoded(data: bytes) -> bytes | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _as_utf8(data[len(bom) :], encoding)
    try:
        data.decode()
    except UnicodeDecodeError:
        return _as_utf8(data, "cp1252")
    return data


def _as_utf8(data: bytes, encoding: str) -> bytes | None:
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError:
        return None


def _is_junk(text: bytes) -> bool:
    return len(text.translate(None, bytes([*range(9), 11, 12, *range(14, 32)]))) < len(text)


def _header(text: bytes, contract: Contract) -> tuple[list[str], str]:
    """The header and the delimiter under which it names most columns of the contract."""
    start = text[:65536].decode(errors="ignore")
    known = {column_name(column.header) for column in contract.columns}

    def rank(read: tuple[list[str], str]) -> tuple[int, int]:
        return len(known & {column_name(name) for name in read[0]}), len(read[0])

    return max(((_first_row(start, sign), sign) for sign in _DELIMITERS), key=rank)


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        return next(_rows(text, delimiter), [""])
    except csv.Error:
        return [""]


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _first_wrong(text: bytes, delimiter: str, width: int) -> tuple[str, str] | None:
    """What is wrong with the first row that is unlike the header, and the remedy."""
    number = 0
    try:
        for number, cells in enumerate(_rows(text.decode(), delimiter), start=1):
            if cells and len(cells) != width:
                return (
                    f"Row {number} has {len(cells)} cells, the header has {width}.",
                    f"Complete the row, or put cells that hold '{delimiter}' in quotation marks.",
                )
    except csv.Error:
        return (
            f"Row {number + 1} has a quotation mark in the middle of a cell, or never closed.",
            "Close it, or double it where it belongs to the text.",
        )
    return None
