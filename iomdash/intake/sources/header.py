"""Where a table begins: the row that names most of the contract's columns."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import UsageError

NUMBER = "row_number"
# Signs that no program shows: blanks of every width, marks of direction and of byte order.
INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
BLANKS = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)
ENDS = BLANKS + INVISIBLE
# Titles, notes and blank rows above a header are few.
ABOVE = 30

_WORDS = re.compile(f"[^{re.escape(BLANKS)}_-]+")
_UNSEEN = str.maketrans("", "", INVISIBLE)


def column_name(header: str) -> str:
    """A header as the contract writes it: ' Interview-ID ' is interview_id."""
    return "_".join(_WORDS.findall(header.translate(_UNSEEN).lower()))


def as_called(contract: Contract, columns: Sequence[tuple[str, str]]) -> Contract:
    """The contract with the headers that a file has for some of its columns.

    Raises UsageError for a column that it does not have.
    """
    given = dict(columns)
    known = [column.name for column in contract.columns]
    for name in given:
        if name not in known:
            raise UsageError(
                f"{contract.table} has no column '{name}'. Its columns are: {', '.join(known)}."
            )
    if not given:
        return contract
    named = [replace(c, header=given.get(c.name, c.header)) for c in contract.columns]
    return replace(contract, columns=tuple(named))


def known_headers(contract: Contract) -> frozenset[str]:
    """The names by which a header of the contract's columns is known."""
    return frozenset(column_name(column.header) for column in contract.columns)


def header_place(
    rows: Sequence[Sequence[str]], known: frozenset[str], stated: int | None = None
) -> int | None:
    """The place among `rows` of the first that names as many known columns as any.

    Where no row names one, it is the first that holds anything; None where none does. A row that
    is `stated`, counted from 1, is the header if it holds anything, and no other is.
    """
    if stated is not None:
        held = stated <= len(rows) and any(cell.strip(ENDS) for cell in rows[stated - 1])
        return stated - 1 if held else None
    named = [len(known & {column_name(cell) for cell in row}) for row in rows]
    if any(named):
        return named.index(max(named))
    return next((place for place, row in enumerate(rows) if any(c.strip(ENDS) for c in row)), None)


def missing(stated: int | None) -> tuple[str, str]:
    """Why a table without a header is not read, and the remedy."""
    if stated is None:
        return "It has no header.", "Name its columns in row 1."
    return (f"Row {stated} holds nothing, so no header stands in it.", "State another row.")


def distinct(header: Sequence[str]) -> list[str]:
    """Headers as they are, each made unique by trailing spaces, which naming strips again. That of
    the numbers of rows, which stand before them, is taken.
    """
    seen: Counter[str] = Counter()
    unique: dict[str, None] = {NUMBER: None}
    for name in header:
        own = name + " " * seen[name]
        while own in unique:
            own += " "
        unique[own] = None
        seen[name] += 1
    return list(unique)[1:]
