"""How an analyst last had files of one source read: proposed when the next such file comes.

A source is a table and the headers of its file, kept as a hash. Of the headers themselves only
those that somebody gave another name are kept, and of the cells the words that stand for a value.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from iomdash.intake.sources.raw import AS_IT_IS, MOST_ABOVE, ORDERS, Options

FILE = "reading.json"
CHOSEN = ("sheet", "order", "header_row", "columns", "values")


def source(table: str, headers: Sequence[str]) -> str:
    """What files of one kind have in common."""
    return hashlib.sha256("\n".join([table, *sorted(headers)]).encode()).hexdigest()[:32]


def recall(data_dir: Path, of: str) -> Options:
    """The choices made for a source; as it is where there are none, or they cannot be read."""
    stated = _all(data_dir).get(of)
    if not isinstance(stated, dict):
        return AS_IT_IS
    given = cast("Mapping[str, Any]", stated)
    sheet, order, row, columns, values = (given.get(name) for name in CHOSEN)
    return Options(
        sheet=sheet if isinstance(sheet, str) else None,
        order=order if order in ORDERS else None,
        header_row=row if isinstance(row, int) and 0 < row <= MOST_ABOVE else None,
        columns=tuple((ours, theirs) for ours, theirs in _rows(columns, 2)),
        values=tuple((column, ours, theirs) for column, ours, theirs in _rows(values, 3)),
    )


def remember(data_dir: Path, of: str, options: Options) -> None:
    """Keep the choices of a source, for the owner of the data folder alone."""
    kept = {name: value for name in CHOSEN if (value := getattr(options, name))}
    every = {key: value for key, value in _all(data_dir).items() if key != of}
    if kept:
        every[of] = kept
    elif not (data_dir / FILE).exists():
        return
    handle, name = tempfile.mkstemp(prefix=f".{FILE}-", dir=data_dir)  # 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(every, file, indent=1, sort_keys=True)
    Path(name).replace(data_dir / FILE)


def _rows(stated: object, words: int) -> list[list[str]]:
    """Rows of so many words; none of anything else."""
    if not isinstance(stated, list):
        return []
    rows = [cast("list[Any]", row) for row in cast("list[Any]", stated) if isinstance(row, list)]
    return [[str(word) for word in row] for row in rows if len(row) == words]


def _all(data_dir: Path) -> dict[str, Any]:
    try:
        stated = json.loads((data_dir / FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", stated) if isinstance(stated, dict) else {}
