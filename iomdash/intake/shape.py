"""A file of the wrong shape, in one sentence: no header, a matrix, another table's file."""

from collections.abc import Sequence
from difflib import get_close_matches

from iomdash.declared.codebook import CODES
from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Unreadable
from iomdash.intake.sources.header import column_name
from iomdash.intake.staging import ORIGIN, Staged

# Other signs that programs put between cells.
_OTHER_SIGNS = ("^", "~", "§", ":", "\x1f", ",", ";", "|")


def refuse_another(staged: Staged, contract: Contract) -> None:
    """Raises Unreadable where fewer than half of the columns that a table needs are there."""
    needed = [column for column in contract.columns if column.required and column.name != ORIGIN]
    if sum(column.name not in staged.missing for column in needed) * 2 >= len(needed):
        return
    row = staged.reading.header_row
    headers = ", ".join(column.header for column in needed)
    why, remedy = _guess(staged.reading.left_out, contract) or (
        f"The header in row {row} is not that of {contract.table}.",
        f"Its columns are to be: {headers}.",
    )
    start = f"A template comes from: python -m iomdash template {contract.table} FILE.xlsx"
    raise Unreadable(contract.table, staged.file, why, f"{remedy} {start}")


def _guess(names: Sequence[str], contract: Contract) -> tuple[str, str] | None:
    """What the file may be instead, and the remedy; None without a guess."""
    if contract.table == "codings" and any(name in CODES for name in names):
        return (
            "One row for each interview, code and coder is wanted; this looks like a matrix, a "
            "row for each interview and a column for each code.",
            "It is read where it has the columns interview_id and coder too; start from "
            "python -m iomdash template codings FILE.xlsx --wide, or write one row for each.",
        )
    if {"document", "tag", "content"} <= set(names):
        return (
            "It looks like Taguette's export of coded passages.",
            "Say whose names stand for what with --names NAMES.toml.",
        )
    known = {column_name(column.header) for column in contract.columns}
    for sign in _OTHER_SIGNS:
        if any(len(known & {column_name(part) for part in n.split(sign)}) > 1 for n in names):
            return (
                f"All its columns are read as one, with '{sign}' within.",
                "Save it with a comma, semicolon or tab between cells, and without quotation "
                "marks around whole lines.",
            )
    near = {
        column.header: nearest[0]
        for column in contract.columns
        if (nearest := get_close_matches(column_name(column.header), names, 1, 0.8))
        and nearest[0] != column.name
    }
    if near:
        header, nearest = next(iter(near.items()))
        return (
            f"Its headers are written otherwise than those of {contract.table}.",
            f"Rename '{nearest}' to {header}, and the others alike.",
        )
    return None
