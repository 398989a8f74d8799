"""Contract to Great Expectations suite to passed, or every broken cell by file, row and column.

The only module that imports Great Expectations, and only when a file is checked: the import
costs seconds and hundreds of megabytes, and pages show contracts too.
The suite runs inside DuckDB over the loader's own connection: first for a yes or no per rule,
then, for the rules that failed only, for the rows that broke them.
"""

import logging
import os
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, cast

import duckdb

from iomdash import identifiers
from iomdash.errors import MOST_BREAKS, Break, ContractBroken, EnvironmentFault
from iomdash.odcs import TABLES, Column, Contract, load
from iomdash.rules import Rule
from iomdash.staging import Staged

__all__ = ["TABLES", "Check", "Checked", "Column", "Contract", "Rule", "check", "load"]


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

    Its rows stand as text in `stage`, a TEMP table of the connection that checked them. An
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
) -> Checked:
    """The staged file, checked. Raises ContractBroken with the first 1,000 broken cells.

    `con` must see the tables to which the contract refers. Call it outside a transaction: one
    SQL error inside it would abort the rest. Raises EnvironmentFault where a rule cannot be run.
    """
    day = today or date.today()  # noqa: DTZ011
    rules = [_bound(rule, day) for rule in contract.rules if not _is_about_missing(rule, staged)]
    stage = _stage(con, staged)
    try:
        breaks, total = _breaks(con, stage, rules, staged, contract)
    except BaseException:
        con.execute(f"drop table {stage}")
        raise
    if breaks:
        con.execute(f"drop table {stage}")
        raise ContractBroken(contract.table, sorted(breaks, key=_place), total)
    return Checked(contract, staged, stage, (*_FIRST, *(_kept(rule) for rule in rules)))


def _stage(con: duckdb.DuckDBPyConnection, staged: Staged) -> str:
    # Named by its content, so that what is promoted is what was checked.
    stage, frame = (
        f"stage_{staged.table}_{staged.part}_{staged.sha256[:16]}",
        cast("Any", staged.frame),
    )
    con.register("staged_frame", frame.to_arrow())
    con.execute(f"create or replace temp table {stage} as from staged_frame")
    con.unregister("staged_frame")
    return stage


def _breaks(
    con: duckdb.DuckDBPyConnection,
    stage: str,
    rules: list[Rule],
    staged: Staged,
    contract: Contract,
) -> tuple[list[Break], int]:
    breaks = [*_absent(staged, contract), *_personal(staged, contract)]
    total = len(staged.missing) + staged.identified_total
    with _quiet():
        suite = _Suite(con, stage, rules)
        for rule in suite.failed():
            rows, count = suite.broken(rule)
            breaks += [_break(staged, contract, rule, row, value) for row, value in rows]
            total += count
    return breaks, total


def _is_about_missing(rule: Rule, staged: Staged) -> bool:
    return rule.column in staged.missing and rule.id.endswith(".required")


def _absent(staged: Staged, contract: Contract) -> Iterator[Break]:
    for column in staged.missing:
        header = contract.column(column).header
        remedy = f"Add it; its header is {header}."
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


@contextmanager
def _quiet() -> Generator[None]:
    """Great Expectations logs every failed query, and warns of its own future."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _gx(part: str | None = None) -> Any:
    return import_module(f"great_expectations.{part}" if part else "great_expectations")


class _Suite:
    """The rules as a Great Expectations suite over a TEMP table."""

    def __init__(self, con: duckdb.DuckDBPyConnection, stage: str, rules: list[Rule]) -> None:
        from sqlalchemy.pool import StaticPool

        from iomdash.gx_duckdb import Borrowed

        self._con, self._stage = con, stage
        self._rules = {rule.id: rule for rule in rules}
        context = _gx().get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        source = context.data_sources.add_sql(
            "vault",
            connection_string="duckdb://",
            kwargs={"creator": lambda: Borrowed(con), "poolclass": StaticPool},
        )
        rows = source.add_table_asset(stage, stage)
        self._batch: Any = rows.add_batch_definition_whole_table("rows").get_batch()

    def failed(self) -> list[Rule]:
        """The rules that rows broke, in the contract's order."""
        suite = _gx().ExpectationSuite("contract")
        for rule in self._rules.values():
            suite.add_expectation(_expectation(rule))
        if len(suite.expectations) != len(self._rules):
            raise EnvironmentFault(
                f"Only {len(suite.expectations)} of {len(self._rules)} rules can be run: an "
                "expectation type is unknown or stated twice. Correct the contract."
            )
        results = self._validated(suite, "BOOLEAN_ONLY").results
        return [rule for rule in self._rules.values() if not self._passed(rule, results)]

    def _validated(self, what: Any, result_format: Any) -> Any:
        return self._batch.validate(what, result_format=result_format)

    def _passed(self, rule: Rule, results: Any) -> bool:
        mine = [each for each in results if each.expectation_config.meta["rule"] == rule.id]
        if len(mine) != 1 or _raised(mine[0]):
            raise _broken_rule(rule)
        return bool(mine[0].success)

    def broken(self, rule: Rule) -> tuple[list[tuple[int, str | None]], int]:
        """The first 1,000 rows that broke the rule, with the cell's value, and how many did."""
        rows, count = self._by_query(rule) if rule.query else self._by_index(rule)
        if not rows:
            raise _broken_rule(rule)
        return rows, count

    def _by_query(self, rule: Rule) -> tuple[list[tuple[int, str | None]], int]:
        query = (rule.query or "").format(batch=self._stage)
        found = self._con.execute(
            f"select *, count(*) over () from ({query}) order by row_number limit {MOST_BREAKS}"
        ).fetchall()
        return [(row, rest[0]) for row, *rest in found], found[0][-1] if found else 0

    def _by_index(self, rule: Rule) -> tuple[list[tuple[int, str | None]], int]:
        form = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["row_number"],
            "partial_unexpected_count": MOST_BREAKS,
        }
        result = self._validated(_expectation(rule), form).result
        index: list[dict[str, Any]] = result.get("unexpected_index_list") or []
        rows = [(int(each["row_number"]), each.get(rule.column or "")) for each in index]
        return rows, int(result.get("unexpected_count") or 0)


@cache
def _counting() -> Any:
    """UnexpectedRowsExpectation without its second run of each query, for rows nobody reads."""
    judging_by_query: Any = _gx("expectations").UnexpectedRowsExpectation

    class NoBrokenRows(judging_by_query):
        metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

        def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            return {"success": metrics["unexpected_rows_query.row_count"] == 0}

    return NoBrokenRows


def _expectation(rule: Rule) -> Any:
    meta = {"rule": rule.id}
    if rule.query is not None:
        return _counting()(**rule.kwargs, meta=meta)
    stated = _gx("expectations.expectation_configuration").ExpectationConfiguration
    configuration = stated(type=rule.expectation, kwargs=dict(rule.kwargs), meta=meta)
    try:
        return configuration.to_domain_obj()
    except _gx("exceptions").ExpectationNotFoundError:
        raise _broken_rule(rule) from None


def _raised(result: Any) -> bool:
    """Whether the expectation failed because it could not be run, not because of the data."""
    info: dict[str, Any] = result.exception_info or {}
    each = [info] if "raised_exception" in info else [*info.values()]
    return any(found["raised_exception"] for found in each)


def _broken_rule(rule: Rule) -> EnvironmentFault:
    return EnvironmentFault(
        f"Rule {rule.id} cannot be run; the file may be sound. Nothing was loaded. "
        "Correct the rule in data_contracts/, or report it with the name of the rule."
    )
