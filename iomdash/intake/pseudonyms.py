"""Keyed pseudonyms: one person's records meet, and nobody can tell from the vault who they are.

HMAC-SHA-256 over the kind of an identifier and its normal form, under a key that lies outside
the data folder. Who has the vault but not the key cannot try out names or numbers. Interviewees
are named by the researcher, in another space: an interview's id has no colon, a pseudonym has.
What is kept of who counted, and of who withdrew, is hashed under a key derived from that one.
Sources: RFC 2104 (HMAC); PNC ID format, Police National Computer; NHS Data Dictionary.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl

from iomdash.errors import EnvironmentFault

PREFIX = "p:"
_LENGTH = 32  # hexadecimal characters, 128 bits: two people in a million never share one
FORM = f"^{PREFIX}[0-9a-f]{{{_LENGTH}}}$"
_KEY_BYTES = 32
# RFC 2104: the key fills a block of SHA-256, bytes, once with each of these in it.
_BLOCK = 64
_PADS = (0x36, 0x5C)
# Two-digit years of PNC IDs: 40 to 99 are 1940 to 1999, the computer holding older births.
_CENTURY = 40


def key_of(path: Path, data_dir: Path, *, make: bool = True) -> bytes:
    """The key, made on first use with rights for its owner alone.

    Raises EnvironmentFault where it lies in the data folder, others may read it, it is no key, or
    it is missing and a vault needs the old one (`make` is false).
    """
    path, folder = path.absolute(), data_dir.absolute()
    if path.resolve().is_relative_to(folder.resolve()):
        raise EnvironmentFault(
            f"The key {path} lies in the data folder {folder}; who copies the one has the other. "
            "Move it elsewhere and set IOMDASH_KEY to its new place."
        )
    try:
        if make and not path.exists():
            _make(path)
        return _read(path)
    except OSError as fault:
        raise EnvironmentFault(
            f"The key {path} cannot be read or made ({fault.strerror}). "
            "Restore it from its safe copy, or set IOMDASH_KEY to a file that is yours alone."
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole before it has its name: two who begin at once must not make two keys, or read half.
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def _read(path: Path) -> bytes:
    rights = path.stat().st_mode & 0o777
    if rights & 0o077:
        raise EnvironmentFault(
            f"Others than its owner may read the key {path} (rights {rights:o}). "
            f"Run: chmod 600 {path}"
        )
    word = path.read_text("ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(word)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise EnvironmentFault(
            f"The file {path} holds no key of iomdash. Restore it from its safe copy; "
            "without the old key, records that are loaded no longer meet those in the vault."
        )
    return key


def mark(key: bytes) -> str:
    """What tells one key from another and gives neither away."""
    return _digest(_begun(key), "mark:iomdash")


def enable(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Make `keyed_hash(text)` and `keyed_interview(interview_id)` known to a connection's SQL.

    Both give 64 hexadecimal digits; the second is the same for each way of writing an id.
    """
    begun = _begun(hmac.digest(key, b"interviews:iomdash", "sha256"))

    def keyed_hash(text: str) -> str:
        mac = begun.copy()
        mac.update(text.encode())
        return mac.hexdigest()

    def keyed_interview(interview_id: str) -> str:
        return keyed_hash(re.sub("[-_]", "", interview_id).upper())

    con.create_function("keyed_hash", keyed_hash, ["VARCHAR"], "VARCHAR")  # pyright: ignore[reportUnknownMemberType]
    con.create_function("keyed_interview", keyed_interview, ["VARCHAR"], "VARCHAR")  # pyright: ignore[reportUnknownMemberType]


def of(identifiers: pl.Series, kind: str, key: bytes) -> pl.Series:
    """The pseudonym of each identifier, of which each should be there once, as it is hashed.

    The pseudonym is the same for each way of writing an identifier, and null where it names
    nobody. `kind` is one of KINDS; identifiers of two kinds never share a pseudonym.
    """
    normal = identifiers.to_frame("sent").select(KINDS[kind](pl.col("sent"))).to_series()
    inner, outer = (hashlib.sha256(pad) for pad in _pads(key))
    inner.update(f"{kind}:".encode())

    def pseudonym(text: str | None) -> str | None:
        if text is None:
            return None
        # Copies take over what key and kind alone decide: half of the work of `hmac.digest`.
        message, whole = inner.copy(), outer.copy()
        message.update(text.encode())
        whole.update(message.digest())
        return PREFIX + whole.hexdigest()[:_LENGTH]

    return pl.Series(map(pseudonym, normal), dtype=pl.String)


def _pads(key: bytes) -> Iterator[bytes]:
    """The key as the two hashes of an HMAC begin with it, the inner one first."""
    whole = key.ljust(_BLOCK, b"\0")
    return (bytes(byte ^ pad for byte in whole) for pad in _PADS)


def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _digest(begun: hmac.HMAC, message: str) -> str:
    # A copy takes over what the key alone decides.
    mac = begun.copy()
    mac.update(message.encode())
    return PREFIX + mac.hexdigest()[:_LENGTH]


def _plain(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_uppercase().str.replace_all(r"[\s.-]", "")


def _pnc(cell: pl.Expr) -> pl.Expr:
    """Year in four digits, seven digits, letter: 01/123456X is 20010123456X."""
    parts = _plain(cell).str.extract_groups(
        r"^(?<year>(?:19|20)?[0-9]{2})(?:/(?<short>[0-9]{1,7})|(?<long>[0-9]{7}))(?<letter>[A-Z])$"
    )
    year = parts.struct.field("year")
    recent = year.str.slice(-2).cast(pl.Int32) < _CENTURY
    century = pl.when(recent).then(pl.lit("20")).otherwise(pl.lit("19"))
    number = pl.coalesce(parts.struct.field("short"), parts.struct.field("long")).str.zfill(7)
    whole = pl.concat_str(
        pl.when(year.str.len_chars() == 4).then(year).otherwise(century + year),
        number, parts.struct.field("letter"),
    )  # fmt: skip
    return pl.coalesce(whole, _plain(cell))


def _name_and_birth(cell: pl.Expr) -> pl.Expr:
    """Letters of the surname and the first forename, without accents, and the day of birth; none
    where a name has no letter, as the day alone is many people's.
    """
    parts = cell.str.normalize("NFKD").str.to_lowercase().str.split_exact("\x1f", 2)
    surname, forename, born = (parts.struct.field(f"field_{place}") for place in range(3))
    first = forename.str.strip_chars().str.extract(r"^([^\s]+)")
    letters = [name.str.replace_all(r"[^\p{L}]", "") for name in (surname, first)]
    named = pl.all_horizontal(name != "" for name in letters)
    return pl.when(named).then(pl.concat_str(*letters, born, separator="|"))


KINDS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "caseload": _plain,
    "pnc": _pnc,
    "nhs": _plain,
    "crn": _plain,
    "nino": _plain,
    "name_and_birth": _name_and_birth,
}
# Of these kinds, a cell may hold something and yet name nobody.
NOT_ALWAYS = frozenset({"name_and_birth"})
