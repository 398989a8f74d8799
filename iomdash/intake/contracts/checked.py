"""What a check came to: a file that no rule refuses, its warnings, and every rule as it ran."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Literal

import duckdb

from iomdash.declared.contracts.odcs import Contract
from iomdash.declared.contracts.rules import Severity
from iomdash.errors import Break
from iomdash.intake.feeds.absent import Absent
from iomdash.intake.staging import Staged

Result = Literal["passed", "failed", "implied"]


@dataclass(frozen=True)
class Check:
    """One rule of a load as it ran, for the log.

    `broken` counts the rows that broke a rule that failed, the whole file being one. A rule that
    is implied was not run: whatever `implied_by` names keeps it.
    """

    rule: str
    reason: str
    result: Result = "passed"
    severity: Severity = "error"
    broken: int = 0
    implied_by: str | None = None

    @property
    def passed(self) -> bool:
        """Whether it was run and held."""
        return self.result == "passed"


@dataclass(frozen=True)
class Warned:
    """A warning that a file broke, with its first ten broken cells and the count of all."""

    rule: str
    count: int
    breaks: tuple[Break, ...]

    def __str__(self) -> str:
        cells = "1 cell" if self.count == 1 else f"{self.count:,} cells"
        return f"Warning of {self.rule}, {cells}. The first: {self.breaks[0]}"

    def as_json(self) -> Mapping[str, object]:
        """`{rule, count, breaks: [{file, row, column, value, rule, remedy}]}`."""
        return {**vars(self), "breaks": [asdict(broken) for broken in self.breaks]}


@dataclass(frozen=True)
class Checked:
    """A staged file that no rule of its contract refuses; only `check` makes one.

    Its rows stand as text in `stage`, a view of the connection that checked them. An
    agency's file is not stored itself: `parts` are the rows that it becomes, checked alike, and
    `absent` says which of the extract before it no longer holds.
    """

    contract: Contract
    staged: Staged
    stage: str
    checks: tuple[Check, ...]
    warned: tuple[Warned, ...] = ()
    parts: tuple["Checked", ...] = ()
    absent: tuple[Absent, ...] = ()

    def forget(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let go of the rows that were checked."""
        self.staged.rows.hide(con, self.stage)
        self.staged.rows.drop()

    def without_cells(self) -> "Checked":
        """All that is said of the file once its rows are let go: cells would fill memory."""
        parts = tuple(part.without_cells() for part in self.parts)
        return replace(self, staged=self.staged.without_cells(), parts=parts)

    @property
    def log(self) -> tuple[Check, ...]:
        """Every rule as it ran, those of the parts among them, each once."""
        every = (*self.checks, *(check for part in self.parts for check in part.log))
        order = {check.rule: place for place, check in reversed([*enumerate(every)])}
        ran = sorted(every, key=lambda check: order[check.rule])
        return tuple(_joined(tuple(same)) for _, same in groupby(ran, key=attrgetter("rule")))

    @property
    def every_warning(self) -> tuple[Warned, ...]:
        """The warnings that were broken, those of the parts among them."""
        return (*self.warned, *(warned for part in self.parts for warned in part.every_warning))


def _joined(ran: Sequence[Check]) -> Check:
    """One rule that was run over several parts of a file: it failed where it failed in any."""
    worst = max(ran, key=lambda check: ("implied", "passed", "failed").index(check.result))
    return replace(worst, broken=sum(check.broken for check in ran))
