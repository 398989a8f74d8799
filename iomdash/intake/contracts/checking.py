"""Contract to passed, or every broken cell by file, row and column.

The rules run inside DuckDB over the loader's own connection: first for a yes or no per rule, then,
for the rules that failed only, for the rows that broke them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import duckdb
import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.declared.contracts.rules import Rule
from iomdash.errors import Break, ContractBroken
from iomdash.intake import identifiers
from iomdash.intake.contracts import suite
from iomdash.intake.staging import Staged

# Characters of a broken cell that a message repeats: enough to find it.
_LONGEST = 60


@dataclass(frozen=True)
class Check:
    """One rule that was run, for the log of the load."""

    rule: str
    reason: str
    passed: bool


_FIRST = (
    Check("columns", "Every required column is there.", passed=True),
    Check("identifiers", "No cell and no column identifies a person directly.", passed=True),
)


@dataclass(frozen=True)
class Checked:
    """A staged file that kept every rule of its contract; only `check` makes one.

    Its rows stand as text in `stage`, a view of the connection that checked them. An
    agency's file is not stored itself: `parts` are the rows that it becomes, checked alike.
    """

    contract: Contract
    staged: Staged
    stage: str
    checks: tuple[Check, ...]
    parts: tuple["Checked", ...] = ()

    @property
    def kept(self) -> tuple[Check, ...]:
        """Every rule that was run, those of the parts among them, each once."""
        every = (*self.checks, *(check for part in self.parts for check in part.kept))
        return tuple({check.rule: check for check in every}.values())


def check(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    staged: Staged,
    *,
    today: date | None = None,
    implied: frozenset[str] = frozenset(),
) -> Checked:
    """The staged file, checked. Raises ContractBroken with the first 1,000 broken cells.

    `implied` are ids of rules that an earlier check of the same cells keeps; they are not run.
    `con` must see the tables to which the contract refers. Call it outside a transaction: one
    SQL error inside it would abort the rest. Raises EnvironmentFault where a rule cannot be run.
    """
    day = today or date.today()  # noqa: DTZ011
    rules = [
        _bound(rule, day)
        for rule in contract.rules
        if rule.id not in implied and not _is_about_missing(rule, staged)
    ]
    stage = _stage(con, staged)
    try:
        breaks, total = _breaks(con, stage, rules, staged, contract)
    except BaseException:
        con.unregister(stage)
        raise
    if breaks:
        con.unregister(stage)
        raise ContractBroken(contract.table, sorted(breaks, key=_place), total)
    return Checked(contract, staged, stage, (*_FIRST, *(_kept(rule) for rule in contract.rules)))


def _stage(con: duckdb.DuckDBPyConnection, staged: Staged) -> str:
    # Named by its content and read where it lies, an Arrow table that nothing can change: what is
    # promoted is what was checked, and nothing is copied.
    stage = f"stage_{staged.table}_{staged.part}_{staged.sha256[:16]}"
    con.register(stage, cast("Any", staged.frame).to_arrow(compat_level=pl.CompatLevel.newest()))
    return stage


def _breaks(
    con: duckdb.DuckDBPyConnection,
    stage: str,
    rules: list[Rule],
    staged: Staged,
    contract: Contract,
) -> tuple[list[Break], int]:
    breaks = [*staged.faults, *_absent(staged, contract), *_personal(staged, contract)]
    total = staged.faults_total + len(staged.missing) + staged.identified_total
    told = {(each.row, each.column) for each in staged.faults}
    with suite.over(con, stage, rules) as asked:
        for rule in asked.failed():
            rows, count = asked.broken(rule)
            new = [_break(staged, contract, rule, row, value) for row, value in rows]
            kept = [each for each in new if not _places(each) & told]
            breaks += kept
            total += count - len(new) + len(kept)
    return breaks, total


def _places(broken: Break) -> set[tuple[int | None, str | None]]:
    """Where a fault that was found in reading says already what is wrong with the cell."""
    return {(broken.row, broken.column), (broken.row, None), (None, broken.column)} - {(None, None)}


def _is_about_missing(rule: Rule, staged: Staged) -> bool:
    return rule.column in staged.missing and rule.id.endswith(".required")


def _absent(staged: Staged, contract: Contract) -> Iterator[Break]:
    for column in staged.missing:
        header = contract.column(column).header
        # What no column takes may be the missing one under another name.
        beside = staged.reading.words_on_left_out
        remedy = f"Add it; its header is {header}.{' ' if beside else ''}{beside}"
        yield Break(staged.file, None, header, None, "The column is missing.", remedy)


def _personal(staged: Staged, contract: Contract) -> Iterator[Break]:
    headers = {column.name: column.header for column in contract.columns}
    expected = [column.header for column in contract.columns if column.identifies]
    taken = f"takes them under {', '.join(expected)} only" if expected else "takes pseudonyms only"
    for hit in staged.identified:
        yield Break(
            staged.file, hit.row, headers.get(hit.column, hit.column), identifiers.HIDDEN,
            f"Holds {hit.what}, which identifies a person directly.",
            f"Remove it from the file; iomdash {taken}.",
        )  # fmt: skip


def _kept(rule: Rule) -> Check:
    return Check(rule.id, rule.reason, passed=True)


def _bound(rule: Rule, today: date) -> Rule:
    if rule.query is None:
        return rule
    query = rule.query.replace("{today}", f"date '{today.isoformat()}'")
    kwargs = {**rule.kwargs, "unexpected_rows_query": query}
    return Rule(rule.id, rule.column, rule.expectation, kwargs, rule.reason, rule.remedy)


def _break(staged: Staged, contract: Contract, rule: Rule, row: int, value: str | None) -> Break:
    if rule.column is None:
        return Break(staged.file, row, None, _shown(value), rule.reason, rule.remedy)
    column = contract.column(rule.column)
    shown = identifiers.HIDDEN if column.identifies and value is not None else _shown(value)
    return Break(staged.file, row, column.header, shown, rule.reason, rule.remedy)


def _shown(value: str | None) -> str | None:
    if value is not None and identifiers.in_text(value):
        return identifiers.HIDDEN
    return value if value is None or len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _place(broken: Break) -> tuple[int, str]:
    return broken.row or 0, broken.column or ""
