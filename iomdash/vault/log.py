"""The log of loads: which batches the vault holds, which it held, and what became of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb

from iomdash.errors import UsageError
from iomdash.intake.contracts.checked import Warned
from iomdash.intake.feeds.absent import Absent

State = Literal["loaded", "undone", "replaced"]

SEE = "See: python -m iomdash loads"

_BATCHES = """
select
  l.batch_id, l.table_name, l.file_name, l.sha256, l.row_count,
  coalesce(c.passed, 0), coalesce(c.failed, 0), coalesce(c.warned, 0), coalesce(c.implied, 0),
  l.loaded_at, l.loaded_by, l.undone_at, l.undone_by, l.replaced_by, o.batch_id,
  coalesce(l.together, [])
from loads as l
left join loads as o on o.replaced_by = l.batch_id
left join (
  select
    batch_id,
    count(*) filter (where result = 'passed') as passed,
    count(*) filter (where result = 'failed' and severity = 'error') as failed,
    count(*) filter (where result = 'failed' and severity = 'warning') as warned,
    count(*) filter (where result = 'implied') as implied
  from load_checks
  group by batch_id
) as c on l.batch_id = c.batch_id
order by l.loaded_at, l.batch_id
"""


@dataclass(frozen=True)
class Loaded:
    """One batch in the vault; `loaded_at` is UTC, `reading` what was decided of its file.

    `checks` counts the rules of its log. `warned` are the rules that it broke and was let in
    with, known as it is loaded only; the log keeps their count. `absent` are rows of the extract
    before that it no longer holds; `warnings` says so, too.
    """

    batch_id: str
    table: str
    file: str
    rows: int
    checks: int
    warnings: tuple[str, ...]
    loaded_at: datetime
    warned: tuple[Warned, ...] = field(default=(), compare=False)
    absent: tuple[Absent, ...] = field(default=(), compare=False)
    reading: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class Batch:
    """One load as the log has it; times are UTC, `rows` those of the file.

    `passed`, `failed`, `warned` and `implied` count rules. `undone_at` is when it was undone or
    replaced; `replaced_by` and `replaces` name other batches, `together` those that came in one act
    with it.
    """

    batch_id: str
    table: str
    file: str
    sha256: str
    rows: int
    passed: int
    failed: int
    warned: int
    implied: int
    loaded_at: datetime
    loaded_by: str
    undone_at: datetime | None
    undone_by: str | None
    replaced_by: str | None
    replaces: str | None
    together: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """What became of it."""
        if self.undone_at is None:
            return "loaded"
        return "undone" if self.replaced_by is None else "replaced"

    @property
    def standing(self) -> str:
        """The same in words, with other batches: "replaces codings-3faa849aa55a9cc8, loaded"."""
        first = "" if self.replaces is None else f"replaces {self.replaces}, "
        if self.together:
            first += f"in one act with {' and '.join(self.together)}, "
        now = f"replaced by {self.replaced_by}" if self.state == "replaced" else self.state
        return first + now

    def __str__(self) -> str:
        return (
            f"{self.batch_id}: {self.file} into {self.table}, {self.rows:,} rows, on "
            f"{self.loaded_at:%d/%m/%Y at %H:%M} UTC by {self.loaded_by}; checks: "
            f"{self.passed} passed, {self.failed} failed, {self.warned} warned; "
            f"{self.standing}{self._end()}; SHA-256 {self.sha256}"
        )

    def _end(self) -> str:
        if self.undone_at is None:
            return ""
        return f" on {self.undone_at:%d/%m/%Y at %H:%M} UTC by {self.undone_by}"

    def as_json(self) -> Mapping[str, object]:
        """Every field and the state; times as ISO 8601, in UTC."""
        times = {
            name: None if at is None else at.replace(tzinfo=UTC).isoformat(timespec="seconds")
            for name, at in (("loaded_at", self.loaded_at), ("undone_at", self.undone_at))
        }
        return {**vars(self), **times, "state": self.state}


@dataclass(frozen=True)
class Rule:
    """A rule as it ran on a load; `result` is passed, failed or implied, `broken` counts rows."""

    rule: str
    reason: str
    severity: str
    result: str
    broken: int
    implied_by: str | None


@dataclass(frozen=True)
class Details:
    """What the log has of one load besides: what was decided of its file and warned of, in
    sentences, and its rules.
    """

    decided: tuple[str, ...]
    warnings: tuple[str, ...]
    rules: tuple[Rule, ...]


def details(con: duckdb.DuckDBPyConnection, batch: str) -> Details:
    """The details of a batch, held or not. Raises UsageError where there is no such batch."""
    rows = con.execute(
        "select warnings, coalesce(reading, '{}') from loads where batch_id = ?", [batch]
    ).fetchall()
    if not rows:
        raise UsageError(f"There is no batch '{batch}'. {SEE}")
    warnings, reading = rows[0]
    decisions: Mapping[str, Any] = json.loads(reading)
    ran = con.execute(
        "select rule, reason, severity, result, broken, implied_by from load_checks "
        "where batch_id = ? order by result <> 'failed', rule",
        [batch],
    ).fetchall()
    decided = tuple(map(str, decisions.get("sentences", ())))
    return Details(decided, tuple(warnings), tuple(Rule(*row) for row in ran))


def batches(con: duckdb.DuckDBPyConnection) -> tuple[Batch, ...]:
    """Every load that the vault knows, oldest first."""
    rows = con.execute(_BATCHES).fetchall()
    return tuple(Batch(*cells, together=tuple(together)) for *cells, together in rows)


def held(con: duckdb.DuckDBPyConnection, batch: str) -> Batch:
    """A batch whose rows the vault holds. Raises UsageError where it does not."""
    known = next((one for one in batches(con) if one.batch_id == batch), None)
    if known is None:
        raise UsageError(f"There is no batch '{batch}'; nothing was changed. {SEE}")
    if known.undone_at is not None:
        raise UsageError(
            f"{batch} ({known.file}) was {known.standing.rsplit(', ', 1)[-1]} on "
            f"{known.undone_at:%d/%m/%Y at %H:%M} UTC; nothing was changed. {SEE}"
        )
    return known


def ancestors(con: duckdb.DuckDBPyConnection, batch: str) -> tuple[str, ...]:
    """The batches that a batch replaced, one after the other, the latest first."""
    older = {later.replaced_by: later.batch_id for later in batches(con) if later.replaced_by}
    older_ones: list[str] = []
    while (batch := older.get(batch, "")) and batch not in older_ones:
        older_ones.append(batch)
    return tuple(older_ones)


def mark_gone(
    con: duckdb.DuckDBPyConnection, batch: str, user: str, replaced_by: str | None = None
) -> None:
    """Write that the rows of a batch are no longer in the vault."""
    con.execute(
        "update loads set undone_at = ?, undone_by = ?, replaced_by = ? where batch_id = ?",
        [datetime.now(UTC).replace(tzinfo=None), user, replaced_by, batch],
    )


def mark_together(con: duckdb.DuckDBPyConnection, batches: Sequence[str]) -> None:
    """Write that batches came in one act; nothing of one by itself."""
    for batch in batches if len(batches) > 1 else ():
        others = [other for other in batches if other != batch]
        con.execute("update loads set together = ? where batch_id = ?", [others, batch])


def id_of(con: duckdb.DuckDBPyConnection, table: str, sha256: str) -> str:
    """The batch of this content: the same whenever it is loaded, with a number after it where
    the log has had it before.
    """
    known = con.execute(
        "select count(*) from loads where table_name = ? and sha256 = ?", [table, sha256]
    ).fetchall()
    before = int(known[0][0])
    return batch_id(table, sha256) + (f"-{before + 1}" if before else "")


def batch_id(table: str, sha256: str) -> str:
    """The first batch of a content in a table."""
    return f"{table}-{sha256[:16]}"
