"""Files made to do harm: refused in words, soon, within bounds, and nothing is written."""

import io
import os
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from kinds import CODED, ROW, book_of, coded, workbook

from iomdash.declared.contracts import odcs
from iomdash.declared.uploads import LARGEST
from iomdash.errors import Unreadable
from iomdash.intake import staging

CODINGS = odcs.load("codings")
SECONDS = 10
GIB = 2**30
SHEET = "xl/worksheets/sheet1.xml"


def archive(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return stream.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    """A sound workbook in which one part is another."""
    sound = zipfile.ZipFile(io.BytesIO(book_of(coded())))
    return archive(**{item: sound.read(item) for item in sound.namelist()} | {name: part})


def bomb(declared: int | None = None) -> bytes:
    """A workbook of 2 GB of blanks in a few MB; its directory may say that it is small."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    mebibyte = engine.compress(b" " * 2**20) + engine.flush(zlib.Z_FULL_FLUSH)
    packed = mebibyte * 2048 + engine.flush()
    whole = bytearray(with_part(SHEET, b"x"))
    book = zipfile.ZipFile(io.BytesIO(bytes(whole)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for item in book.namelist():
            if item != SHEET:
                new.writestr(item, book.read(item))
        new.writestr(SHEET, packed)
    data = bytearray(stream.getvalue())
    # The part was stored as it is; its headers are made to say that it is deflated.
    size = (declared if declared is not None else 2048 * 2**20).to_bytes(4, "little")
    central = data.rfind(b"PK\x01\x02")
    local = zipfile.ZipFile(io.BytesIO(bytes(data))).getinfo(SHEET).header_offset
    for at, place in ((local, 8), (central, 10)):
        data[at + place : at + place + 2] = (8).to_bytes(2, "little")
    for at, place in ((local, 22), (central, 24)):
        data[at + place : at + place + 4] = size
    return bytes(data)


def linked() -> bytes:
    stream = io.BytesIO(book_of(coded()))
    with zipfile.ZipFile(stream, "a") as book:
        link = zipfile.ZipInfo("xl/media/link")
        link.external_attr = 0o120777 << 16
        book.writestr(link, "/etc/passwd")
    return stream.getvalue()


def entities(sheet: bytes) -> bytes:
    """A sheet that expands itself, billions of times."""
    levels = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    dtd = b'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a0 "lol">' + levels + b"]>"
    return with_part(SHEET, dtd + sheet)


MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + MAIN + b'<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>' + END
)  # fmt: skip
FAR = MAIN + b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576">' + (
    b"<v>1</v></c></row>"
) + END  # fmt: skip
FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a workbook of 2 GB in 2 MB": (bomb, "Unpacked it is larger than 300 MB."),
    "a workbook that denies its size": (lambda: bomb(100), "Unpacked it is larger than 300 MB."),
    "a path that leads out": (
        lambda: with_part("../../escaped.xml", b"<x/>"), "whose path leads out of the archive."
    ),
    "a path from the root": (
        lambda: with_part("/escaped.xml", b"<x/>"), "whose path leads out of the archive."
    ),
    "a path of Windows": (
        lambda: with_part("xl\\..\\..\\escaped.xml", b"<x/>"), "leads out of the archive."
    ),
    "a link": (linked, "It holds a link to another file."),
    "entities within entities": (
        lambda: entities(MAIN + b'<row r="1"><c r="A1"><v>&a11;</v></c></row>' + END),
        "It holds a document type definition",
    ),
    "an entity that names a file": (
        lambda: with_part(SHEET, OUTSIDE), "It holds a document type definition"
    ),
    "cells at both ends of a sheet": (
        lambda: with_part(SHEET, FAR), "Its cells reach to row 1,048,576 and column 16,384."
    ),
    "a sheet nested a million deep": (
        lambda: with_part(SHEET, MAIN + b"<a>" * 1_000_000), "truncated or damaged"
    ),
    "100,000 parts": (
        lambda: archive(**{f"xl/{n}.xml": b"" for n in range(5000)}), "It holds 5,000 files"
    ),
    "100,000 columns of CSV": (
        lambda: (",".join(["x"] * 100_000) + "\n" + ",".join(["1"] * 100_000)).encode(),
        "It has 100,000 columns; a table has at most 2,000.",
    ),
    "16,384 columns of Excel": (
        lambda: workbook({"A": "<row r='1'>" + "".join(
            f"<c><v>{n}</v></c>" for n in range(16_384)) + "</row><row r='2'><c><v>1</v></c></row>"
        }), "It has 16,384 columns; a table has at most 2,000.",
    ),
    "a line of 100 MB": (lambda: b"x" * (100 * 2**20), "It has no header."),
    "quotation marks only": (lambda: f"{CODED}\n".encode() + b'"' * (5 * 2**20), "Row 2 has a"),
    "quotation marks and commas": (
        lambda: f"{CODED}\n".encode() + b'","a"b' * 20_000, "Row 2 has "
    ),
    "a million open quotes": (
        lambda: f"{CODED}\n".encode() + b'"a,b\n' * 200_000, "Row 2 has a quotation mark"
    ),
    "a NUL byte": (lambda: f"{CODED}\n{ROW}\0\n".encode(), "It is no table"),
    "a picture named as a table": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "It is no table"),
    "a program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(4096), "It is no table"),
    "a script": (lambda: b"#!/bin/sh\nrm -rf .\n", "is not that of codings"),
    "a page of the web": (lambda: b"<html><body>Sign in</body></html>", "no rows"),
    "a ZIP of nothing": (lambda: archive(), "It is a ZIP archive of 0 files and no workbook."),
    "a Word document": (
        lambda: archive(**{"word/document.xml": b"<x/>"}), "It is a ZIP archive of 1 file"
    ),
    "a binary workbook": (
        lambda: archive(**{"xl/workbook.bin": b"x"}), "It is a binary Excel workbook (.xlsb)."
    ),
    "a Calc sheet that repeats without end": (
        lambda: archive(mimetype=b"x", **{"content.xml": b'<a number-rows-repeated="999999999"/>'}),
        "It repeats a cell more often than a sheet has room.",
    ),
    "Parquet by its first letters": (lambda: b"PAR1" + bytes(100) + b"PAR1", "truncated or damag"),
}  # fmt: skip

_READ = """
import sys, time
from pathlib import Path
from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken
from iomdash.intake import shape, staging
begun = time.process_time()
try:
    contract = odcs.load("codings")
    shape.refuse_another(staging.read(Path(sys.argv[1]), contract), contract)
except ContractBroken as broken:
    print(broken)
# Not of getrusage, which counts what the process had that began this one.
status = Path("/proc/self/status").read_text()
[peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
print(time.process_time() - begun, int(peak) * 1024)
"""


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_do_harm_is_refused_soon_within_bounds(name: str, tmp_path: Path) -> None:
    make, words = FILES[name]
    place = tmp_path / "in"
    place.mkdir()
    (place / "codings.csv").write_bytes(make())
    before = {*tmp_path.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(place / "codings.csv")],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    *lines, last = done.stdout.splitlines()
    seconds, peak = (float(item) for item in last.split())
    assert words in "\n".join(lines)
    assert seconds < SECONDS
    assert peak < GIB
    assert {*tmp_path.rglob("*")} == before


def test_a_file_of_1_gb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "vast.csv"
    with path.open("wb") as file:
        file.truncate(GIB)
    assert LARGEST < GIB
    with pytest.raises(Unreadable, match=r"It is 1,024 MB large; a file may have 200 MB\. Split"):
        staging.read(path, CODINGS)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    signal.alarm(SECONDS)
    try:
        with pytest.raises(Unreadable, match=r"It cannot be opened \(it is a device or a pipe\)\."):
            staging.read(path, CODINGS)
    finally:
        signal.alarm(0)


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "codings.parquet"
    path.write_bytes(book_of(coded()))
    assert staging.read(path, CODINGS).reading.kind == "Excel workbook"
    path.write_text(f"{CODED}\n{ROW}\n")
    assert staging.read(path, CODINGS).reading.kind == "CSV"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_a_part_in_an_encoding_that_does_not_exist_is_refused_as_damaged(
    part: str, tmp_path: Path
) -> None:
    body = b'<?xml version="1.0" encoding="UT-F-8"?><worksheet><c><v>1</v></c></worksheet>'
    path = tmp_path / "codings.xlsx"
    path.write_bytes(with_part(part, body))
    with pytest.raises(Unreadable, match="truncated or damaged"):
        staging.read(path, CODINGS)
