"""Files that are larger than memory should be, as pieces: CSV in UTF-8, and Parquet."""

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable
from iomdash.intake import sources
from iomdash.intake.sources import parquet, parts
from iomdash.intake.sources.raw import Options, Table

# Read at once: bytes of text, and rows of Parquet. With what is made of them, some 300 MB.
TEXT = 32 * 2**20
ROWS = 500_000
_BLOCK = 1 << 22  # bytes
_PARQUET = b"PAR1"
_OTHERS = (b"PK", b"\xd0\xcf\x11\xe0")  # workbooks, which are read whole


def is_large(path: Path) -> bool:
    """Whether a file is to be read piece by piece, as it would fill memory."""
    try:
        with path.open("rb") as file:
            start = file.read(4) if path.is_file() else _OTHERS[0]
    except (OSError, ValueError):
        return False  # whoever reads it whole says why it cannot be
    if start == _PARQUET:
        return parquet.is_large(path)
    return path.stat().st_size > sources.LARGEST and not start.startswith(_OTHERS)


def table_of(
    path: Path, contract: Contract, options: Options, *, text: int = TEXT, rows: int = ROWS
) -> Table:
    """A file as pieces of so many bytes of text, or of so many rows. Raises Unreadable, now or as
    they are read.
    """
    try:
        before, looked = _state(path), _Looked(path)
    except OSError as fault:
        why = f"It cannot be opened ({fault.strerror or fault})."
        raise Unreadable(contract.table, path.name, why, "Check who may read it.") from None
    if looked.parquet:
        reading, frames = parquet.in_pieces(path, contract, rows)
    else:
        if looked.binary:
            raise Unreadable(
                contract.table, path.name, "It is no table: neither CSV, XLSX nor Parquet.",
                "Save it as one of the three.",
            )  # fmt: skip
        if not looked.utf8:
            raise Unreadable(
                contract.table, path.name,
                f"It is {path.stat().st_size / 2**20:,.0f} MB large and not written as UTF-8; "
                f"in another encoding a file may have {sources.LARGEST // 2**20} MB.",
                "Save it as UTF-8, or split it into several files.",
            )  # fmt: skip
        reading, frames = parts.in_pieces(path, contract, options, text, quoted=looked.quoted)

    def unchanged() -> Iterator[pl.DataFrame]:
        yield from frames()
        if _state(path) != before:
            why = "It was changed while it was read."
            raise Unreadable(contract.table, path.name, why, "Load it again when it is whole.")

    return Table(path.name, looked.sha256, reading, unchanged)


def _state(path: Path) -> tuple[int, int]:
    stated = path.stat()
    return stated.st_size, stated.st_mtime_ns


class _Looked:
    """What a look at every byte of a file tells."""

    def __init__(self, path: Path) -> None:
        digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
        self.quoted = self.binary = self.parquet = False
        self.utf8 = True
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                self.parquet = self.parquet or (file.tell() <= _BLOCK and block[:4] == _PARQUET)
                digest.update(block)
                if not self.parquet:
                    self._look(block, decoder)
        self.sha256 = digest.hexdigest()
        self.utf8 = self.utf8 and _ends(decoder)

    def _look(self, block: bytes, decoder: codecs.IncrementalDecoder) -> None:
        self.quoted = self.quoted or b'"' in block
        self.binary = self.binary or b"\0" in block
        if self.utf8:
            try:
                decoder.decode(block)
            except UnicodeError:
                self.utf8 = False


def _ends(decoder: codecs.IncrementalDecoder) -> bool:
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
