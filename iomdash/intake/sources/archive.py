"""A ZIP archive that a workbook is, read within bounds and without trusting what it says.

Nothing is unpacked to a disk. Every part is inflated once here, so that what later reads the
archive in one go cannot be made to fill the memory.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_PARTS = 2000
MOST_UNPACKED = 300 * 2**20  # bytes: a million rows of codings are a little more
_CHUNK = 1 << 20
# Nobody reads the texts of the cells here; their beginning tells what they are.
_STRINGS = "xl/sharedStrings.xml"
_LOCAL_HEADER = 30  # bytes before the name; APPNOTE 4.3.7
_DTD = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


@dataclass(frozen=True)
class Refused(Exception):
    """Why an archive is not read, and the remedy."""

    why: str
    remedy: str


class Damaged(Exception):
    """It is no archive, or not a whole one."""


_UNTRUSTED = "Ask for the file again, saved from Excel itself."


def opened(data: bytes) -> dict[str, zipfile.ZipInfo]:
    """The parts by name. Raises Refused and Damaged."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError):
        raise Damaged from None
    if len(parts) > MOST_PARTS:
        raise Refused(f"It holds {len(parts):,} files; a workbook holds few.", _UNTRUSTED)
    for part in parts:
        _refuse_leading_out(part)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_large()
    return {part.filename: part for part in parts}


def _refuse_leading_out(part: zipfile.ZipInfo) -> None:
    steps = part.filename.replace("\\", "/").split("/")
    if ".." in steps or part.filename.startswith(("/", "\\")) or ":" in steps[0]:
        raise Refused("It holds a file whose path leads out of the archive.", _UNTRUSTED)
    if stat.S_ISLNK(part.external_attr >> 16):
        raise Refused("It holds a link to another file.", _UNTRUSTED)
    if part.flag_bits & 1:
        raise Refused("It is protected by a password.", "Remove the password and save it anew.")


def _too_large() -> Refused:
    return Refused(
        f"Unpacked it is larger than {MOST_UNPACKED // 2**20} MB.",
        "Save the table as CSV, or split it into several files.",
    )


def inflated(data: bytes, parts: dict[str, zipfile.ZipInfo]) -> dict[str, bytes]:
    """What the XML parts hold; the others are only measured. Raises Refused and Damaged."""
    total = 0
    texts: dict[str, bytes] = {}
    for name, part in parts.items():
        kept: list[bytes] = []
        for chunk in _chunks(data, part):
            total += len(chunk)
            if total > MOST_UNPACKED:
                raise _too_large()
            if name.endswith((".xml", ".rels")) and (name != _STRINGS or not kept):
                kept.append(chunk)
        if kept:
            texts[name] = kept[0] if len(kept) == 1 else b"".join(kept)
            if any(mark in texts[name][:65536] for mark in _DTD):
                raise Refused("It holds a document type definition, as no workbook does.",
                              _UNTRUSTED)  # fmt: skip
    return texts


def _chunks(data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    at = part.header_offset
    if data[at : at + 4] != b"PK\x03\x04":
        raise Damaged
    names = int.from_bytes(data[at + 26 : at + 28], "little")
    extra = int.from_bytes(data[at + 28 : at + 30], "little")
    start = at + _LOCAL_HEADER + names + extra
    packed = data[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Damaged
    engine = zlib.decompressobj(-15)
    try:
        while packed and not engine.eof:
            yield engine.decompress(packed, _CHUNK)
            packed = engine.unconsumed_tail
    except zlib.error:
        raise Damaged from None
    if not engine.eof:
        raise Damaged
