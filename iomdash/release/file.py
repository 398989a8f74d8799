"""One release as a file: an immutable DuckDB database, with the manifest that says what it is.

Names are never reused, because a path reopened in one process silently returns what it held before.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Self

import duckdb
import polars as pl

from iomdash.declared import findings
from iomdash.declared.reasons import Reason, words
from iomdash.errors import EnvironmentFault

AUDIT = "audit.json"
# Rises whenever a page needs what releases did not hold before.
FORMAT = 7
CACHED = 4096
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

Row = Mapping[str, Any]
Param = str | tuple[str, ...]


class ReleaseFile:
    """One published file, open for reading. Safe for threads: each query has its own cursor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # What `remembered` functions made of this release: gone with it.
        self.memo: dict[Callable[..., Any], Callable[..., Any]] = {}
        try:
            con = duckdb.connect(path, read_only=True, config=CONFIG)
            # It would stand in the output of --json. Cursors take this over.
            con.execute("set enable_progress_bar = false")
            # Of the connection, as one of the release itself would keep the release alive.
            self._asked = partial(_query, con)
            self._cached = lru_cache(maxsize=CACHED)(self._asked)
            self._framed = partial(_frame, con)
            self.manifest: Mapping[str, Any] = json.loads(
                str(self.rows("select json from manifest")[0]["json"])
            )
        except duckdb.Error as error:
            raise EnvironmentFault(
                f"The release {path} cannot be read: it is damaged or another program's file. "
                "Restore it from a backup. If there is none, retire it: delete the .duckdb files "
                "in its folder, not the folder, then run: python -m iomdash publish"
            ) from error

    def readable(self) -> Self:
        """Itself. Raises EnvironmentFault where another version of iomdash made it, or one that
        did not know all the findings and codes of this one.
        """
        if self.form != FORMAT:
            raise EnvironmentFault(
                f"Release {self.number} was made by another version of iomdash, and pages cannot "
                "read it. Publish anew, with it and the ledger moved away: "
                "python -m iomdash publish"
            )
        if missing := sorted(findings.questions().difference(self.manifest["questions"])):
            raise EnvironmentFault(
                f"Release {self.number} does not answer all that is declared by now: {missing[0]} "
                f"is new, one of {len(missing)}. Publish anew: python -m iomdash publish"
            )
        return self

    @property
    def form(self) -> int | None:
        """The form of its tables; None of one from before forms were numbered."""
        return self.manifest.get("format")

    @property
    def number(self) -> int:
        """Number of the release, from 1."""
        return int(self.manifest["release"])

    @cached_property
    def attacked(self) -> Mapping[str, Any]:
        """What the attack before publishing tried: groups, cells, sets, seconds; empty if lost."""
        try:
            tried = json.loads((self.path.parent / AUDIT).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return tried.get(self.path.stem, {})

    def rows(self, sql: str, params: Iterable[Param] = ()) -> list[Row]:
        """Rows of one query as mappings, kept because a release is constant: do not change them."""
        return self._cached(sql, tuple(params))

    def table(self, name: str, order: str = "") -> list[Row]:
        """Every row of a table, in the `order` of columns; it may be long and is not kept."""
        return self._asked(f'select * from "{name}"{f" order by {order}" if order else ""}', ())

    def frame(self, name: str) -> pl.DataFrame:
        """A table as a frame, in the order in which it was written; it is not kept."""
        return self._framed(name)

    def words(self, reason: Reason) -> str:
        """Why a figure is not shown, under this release's policy. See `reasons.words`."""
        return words(reason, self.manifest["policy"])


def _query(con: duckdb.DuckDBPyConnection, sql: str, params: tuple[Param, ...]) -> list[Row]:
    cursor = con.cursor()
    given = [list(p) if isinstance(p, tuple) else p for p in params]
    rows = cursor.execute(sql, given).fetchall()
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _frame(con: duckdb.DuckDBPyConnection, table: str) -> pl.DataFrame:
    return con.cursor().table(table).pl()
