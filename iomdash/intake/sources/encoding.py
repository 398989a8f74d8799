"""The one encoding of a text file, or a refusal that names the row and the likely one."""

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_WINDOWS = "Windows-1252"
# Where the signs of Windows-1252 make no sense, one of these may.
_OTHERS = (
    ("mac_roman", "Mac Roman"), ("cp850", "CP850 (MS-DOS)"), ("iso8859_15", "ISO 8859-15"),
    ("cp1250", "Windows-1250"), ("cp437", "CP437 (MS-DOS)"),
)  # fmt: skip
_START = 4096
_JUNK = bytes([*range(9), 11, 12, *range(14, 32)])
# A file of text in UTF-16 without its mark: nearly every second byte of English is 0.
_MOSTLY = 0.4
# Signs that follow or stand within a word in no language that is written here.
_ODD = re.compile(
    r"(?<=[a-z])[À-ÖØ-Þ‚„ƒˆ‰Š‹ŒŽ˜›Ÿ]|[a-z][¡¢¤¥¦¨ª«¬¯±²³´µ¶¸¹º»¼½¾¿×÷†‡][a-z]"
    r"|œ(?![a-z])|[¤¦¬¯ˆ˜ƒ‹›\u0080-\u009f]|(?<![A-Za-zÀ-ÿ])[ØÞÐßþð](?![A-Za-zÀ-ÿ])"
)
# Signs for which texts leave ASCII: those of English prose, and letters of names.
_USUAL = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŠšŽžŒœŸ‘’“”–—…£€•·°½¼¾©®™§\u00a0´×²³º\x00-\x7f]")


@dataclass(frozen=True)
class Text:
    """Text as UTF-8 without a byte order mark, and the encoding in which it stood."""

    data: bytes
    encoding: str


@dataclass(frozen=True)
class Mixed:
    """Why bytes are not text in one encoding, and the remedy."""

    why: str
    remedy: str


def text_of(data: bytes) -> Text | Mixed | None:
    """The bytes as text, or why they are not; None where they are no text at all."""
    decoded = _decoded(data)
    if isinstance(decoded, Text) and (b"\0" in decoded.data or _is_junk(decoded.data[:65536])):
        return None
    return decoded


def _decoded(data: bytes) -> Text | Mixed | None:
    for bom, encoding, name in _BOMS:
        if data.startswith(bom):
            return _as_utf8(data[len(bom) :], encoding, name) or (
                _eight_bits(data[len(bom) :]) if encoding == "utf-8" else None
            )
    if order := _order_without_mark(data[:_START]):
        return _as_utf8(data, order, "UTF-16 without a byte order mark")
    return _as_utf8(data, "utf-8", "UTF-8") or _eight_bits(data)


def _as_utf8(data: bytes, encoding: str, name: str) -> Text | None:
    try:
        return Text(data if data.isascii() and encoding == "utf-8" else _through(data, encoding),
                    name)  # fmt: skip
    except UnicodeError:
        return None


def _through(data: bytes, encoding: str) -> bytes:
    return data.decode(encoding).encode()


def _order_without_mark(start: bytes) -> str | None:
    pairs = len(start) // 2
    if pairs < 4:  # too short to tell
        return None
    first, second = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if second > _MOSTLY * pairs and first < second / 8:
        return "utf-16-le"
    if first > _MOSTLY * pairs and second < first / 8:
        return "utf-16-be"
    return None


def _eight_bits(data: bytes) -> Text | Mixed | None:
    """Windows-1252 where every sign makes sense in it."""
    if _is_junk(data[:65536]) or b"\0" in data:
        return None
    row = _row_of(data)
    if re.search(rb"[\xc3\xc2][\x80-\xbf]|\xe2\x80[\x80-\xbf]|\xe2\x82\xac", data):
        return Mixed(
            f"Two encodings stand in it: UTF-8, and from row {row} on probably {_WINDOWS}.",
            "Save each part as UTF-8 before putting them together, or export the file anew.",
        )
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = None
    if text is not None and not _ODD.search(text):
        return Text(text.encode(), _WINDOWS)
    if sum(byte < 128 for byte in data[:_START]) < len(data[:_START]) / 2:
        return None
    words = _likely(data) or "an encoding other than UTF-8 and Windows-1252"
    return Mixed(
        f"Row {row} holds signs that are not written as UTF-8; it looks like {words}.",
        "Save the file as UTF-8: in Excel, 'CSV UTF-8 (Comma delimited)'.",
    )


def _usual(text: str) -> bool:
    return not _USUAL.sub("", "".join(set(text)))


def _likely(data: bytes) -> str | None:
    for encoding, name in _OTHERS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _ODD.search(text) and _usual(text):
            return name
    return None


def _row_of(data: bytes) -> int:
    """The line of the first byte that is no UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as fault:
        before = data[: fault.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return before.count(b"\n") + 1
    return 1


def _is_junk(text: bytes) -> bool:
    return len(text.translate(None, _JUNK)) < len(text)
