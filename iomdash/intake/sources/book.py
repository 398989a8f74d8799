"""A workbook, opened.

Values come from fastexcel; whatever they do not tell (errors, formulas that nobody calculated,
number formats, what is hidden) is looked up in the XML of the sheet.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

from iomdash.intake.sources import archive, number_format, sheet
from iomdash.intake.sources.archive import Damaged, Refused
from iomdash.intake.sources.raw import any_fault_as

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Days since which Excel counts, by whether the workbook counts from 1904 (Mac); 1900 had no
# 29 February, which Excel counts, so its day 0 is moved. Source: ECMA-376 part 1, 18.17.4.
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_OUTSIDE_EXCEL = re.compile(rb'number-(rows|columns)-repeated="(\d+)"')


@dataclass(frozen=True)
class Book:
    """A workbook, opened: its values, and the XML of its sheets by name; of the `plain` ones the
    values tell all.
    """

    values: Any
    sheets: Mapping[str, bytes]
    hidden: frozenset[str]
    plain: frozenset[str]
    styles: Mapping[int, str]
    epoch: date
    recalculated: bool


def opened(data: bytes) -> Book:
    """The workbook in a file's bytes. Raises Refused and Damaged."""
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


def _calc(data: bytes, content: bytes) -> Book:
    many = {b"rows": 1 << 21, b"columns": 1 << 15}
    if any(int(n) > many[kind] for kind, n in _OUTSIDE_EXCEL.findall(content)):
        raise Refused("It repeats a cell more often than a sheet has room.", "Save it as CSV.")
    return Book(_values(data), {}, frozenset(), frozenset(), {}, _EPOCHS[False], recalculated=False)


def _values(data: bytes) -> Any:
    import fastexcel

    with any_fault_as(Damaged()):
        return fastexcel.read_excel(data)


def _excel(data: bytes, texts: dict[str, bytes]) -> Book:
    workbook = _xml(texts["xl/workbook.xml"])
    targets = {
        str(element.get("Id")): posixpath.normpath(posixpath.join("xl", str(element.get("Target"))))
        for element in _xml(texts.get("xl/_rels/workbook.xml.rels", b"<none/>"))
    }
    sheets: dict[str, bytes] = {}
    hidden: set[str] = set()
    plain: set[str] = set()
    styles = _styles(texts.get("xl/styles.xml"))
    for element in _all(workbook, "sheet"):
        name = str(element.get("name"))
        part = targets.get(str(element.get(_RELATION)), "").lstrip("/")
        if part.startswith("xl/worksheets/") and part in texts:
            sheets[name] = texts[part]
            if sheet.is_plain(texts[part], styles):
                plain.add(name)
            else:
                sheet.refuse_vast(texts[part])
        if element.get("state", "visible") != "visible":
            hidden.add(name)
    properties = next(_all(workbook, "workbookPr"), None)
    count = next(_all(workbook, "calcPr"), None)
    return Book(
        _values(data), sheets, frozenset(hidden), frozenset(plain), styles,
        _EPOCHS[properties is not None and properties.get("date1904") in ("1", "true")],
        recalculated=count is not None and count.get("fullCalcOnLoad") in ("1", "true"),
    )  # fmt: skip


def _xml(text: bytes) -> ET.Element:
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError, LookupError):
        raise Damaged from None


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (inner for inner in element.iter() if inner.tag.rpartition("}")[2] == name)


def _styles(text: bytes | None) -> dict[int, str]:
    """The number format of every cell style, by its place."""
    if text is None:
        return {}
    root = _xml(text)
    own = {
        _whole(element.get("numFmtId")): element.get("formatCode", "")
        for element in _all(root, "numFmt")
    }
    styles = next(_all(root, "cellXfs"), ET.Element("none"))
    return {
        place: number_format.code_of(_whole(element.get("numFmtId")), own)
        for place, element in enumerate(styles)
    }


def _whole(word: str | None) -> int:
    """A number of the XML; 0 where it is none."""
    return int(word) if word and word.isdecimal() and len(word) < 9 else 0


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
