"""A large text file as parts that end with a line, and the table in them."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources.delimited import FRESH, SEP, START, head_of, line_feeds, unsigned
from iomdash.intake.sources.quotes import Crooked
from iomdash.intake.sources.raw import Options, Reading

_LONGEST_LINE = 1 << 24  # bytes


def in_pieces(
    path: Path, contract: Contract, options: Options, size: int, *, quoted: bool
) -> tuple[Reading, Callable[[], Iterator[pl.DataFrame]]]:
    """A large file in UTF-8, `size` bytes of it at once; `quoted` tells whether any quotation mark
    stands in it. Raises Unreadable, now or as the pieces are read.
    """

    def words(crooked: Crooked) -> Unreadable:
        return Unreadable(contract.table, path.name, crooked.why, crooked.remedy)

    try:
        with path.open("rb") as file:
            start = file.read(2 * START)
        start = start if len(start) < 2 * START else start[: start.rfind(b"\n") + 1] or start
        text, stated, signs = unsigned(start.removeprefix(BOM_UTF8), quoted=quoted)
        head = head_of(text, contract, signs, options.header_row, stated=stated)
    except Crooked as crooked:
        raise words(crooked) from None
    # A header without an end is all that there is.
    lines = len(re.findall(b"\n|\r|(?<=[^\n\r])\\Z", text[: head.end]))

    def frames() -> Iterator[pl.DataFrame]:
        try:
            yield from head.frames(_behind(_parts(path, size, quoted=quoted), lines))
        except Crooked as crooked:
            raise words(crooked) from None

    return head.reading("UTF-8"), frames


def _parts(path: Path, size: int, *, quoted: bool) -> Iterator[bytes]:
    """The text of a file in whole lines, without what may stand before its first row."""
    with path.open("rb") as file:
        left, begun = b"", False
        while block := file.read(size):
            whole, left = _cut(left + block)
            if whole:
                yield line_feeds(whole if begun else _unmarked(whole), quoted=quoted)
                begun = True
        if left:
            yield line_feeds(left if begun else _unmarked(left), quoted=quoted)


def _cut(block: bytes) -> tuple[bytes, bytes]:
    end = block.rfind(b"\n") + 1
    if not end and len(block) > _LONGEST_LINE:
        raise Crooked("It has a line that is longer than any row is.", FRESH)
    return block[:end], block[end:]


def _unmarked(text: bytes) -> bytes:
    text = text.removeprefix(BOM_UTF8)
    stated = SEP.match(text)
    return text[stated.end() :] if stated else text


def _behind(parts: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """The parts behind so many lines."""
    for part in parts:
        ends = [end.end() for end in islice(re.finditer(b"\n|\r", part), lines)] if lines else []
        if len(ends) == lines:
            yield part[ends[-1] :] if ends else part
        lines -= len(ends)
