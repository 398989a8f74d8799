"""Tables as CSV that a spreadsheet may open: no cell of it is taken for a formula."""

import csv
import io
import re
from collections.abc import Sequence
from functools import lru_cache

# Signs with which spreadsheets begin a formula. Source: OWASP, CSV injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*%?")


@lru_cache(maxsize=65536)
def inert(cell: str) -> str:
    """The cell behind an apostrophe where it would be taken for a formula."""
    if cell.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def csv_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Header and rows as text with commas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([inert(cell) for cell in row] for row in (header, *rows))
    return text.getvalue()
