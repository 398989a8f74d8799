"""Rules as a Great Expectations suite inside DuckDB.

The only module that imports Great Expectations, and only when a file is checked: the import
costs seconds and hundreds of megabytes, and pages show contracts too.
"""

import logging
import os
import threading
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache, cached_property
from importlib import import_module
from typing import Any, ClassVar

import duckdb
import polars as pl

from iomdash.declared.contracts.rules import Rule
from iomdash.errors import MOST_BREAKS, EnvironmentFault
from iomdash.intake.contracts import gx_quick, in_sql
from iomdash.intake.rows import Aside

# The view through which Great Expectations sees whatever is checked now, over a connection that
# it borrows. It writes its whole configuration anew whenever it is told of another table, which
# costs more than a small check.
_CHECKED = "checked_rows"
_TOGETHER = "every rule"
# It has one state for the process, whichever of the server's threads checks a file.
_ONE = threading.RLock()

Rows = list[tuple[int | None, str | None]]


@contextmanager
def _quiet() -> Generator[None]:
    """Great Expectations logs every failed query, and warns of its own future."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _gx(part: str | None = None) -> Any:
    _imported()
    return import_module(f"great_expectations.{part}" if part else "great_expectations")


@cache
def _imported() -> None:
    with gx_quick.without_the_unused():
        import_module("great_expectations")


@cache
def _borrowed() -> Any:
    return import_module("iomdash.intake.contracts.gx_duckdb").Borrowed()


@cache
def _rows() -> Any:
    from sqlalchemy.pool import StaticPool

    context = _gx().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_sql(
        "vault",
        connection_string="duckdb://",
        kwargs={"creator": _borrowed, "poolclass": StaticPool},
    )
    return source.add_table_asset(_CHECKED, _CHECKED).add_batch_definition_whole_table("rows")


def warm() -> None:
    """Import now what the first check would wait for."""
    with duckdb.connect() as con:
        con.execute("create table nothing (row_number integer)")
        with over(con, "nothing", []) as asked:
            asked.opened()


@contextmanager
def over(
    con: duckdb.DuckDBPyConnection, stage: str, rules: Sequence[Rule], aside: Aside = in_sql.NONE
) -> Generator["Suite"]:  # fmt: skip
    """The rules as a suite over staged rows, while it is open; `aside` are smaller tables of which
    some may be asked.

    Raises EnvironmentFault where a rule cannot be run.
    """
    with _ONE:
        con.execute(f"create or replace temp view {_CHECKED} as from {stage}")
        _borrowed().connection = con
        try:
            with _quiet():
                yield Suite(con, rules, aside)
        finally:
            _borrowed().connection = None
            con.execute(f"drop view {_CHECKED}")


def none_broken(con: duckdb.DuckDBPyConnection, every: Sequence[in_sql.Asked]) -> bool:
    """Whether rows break no error of any of these, asked in one statement; not, too, where it
    cannot be asked so.
    """
    if not all(in_sql.known(rule) for asked in every for rule in asked.errors):
        return False
    first, *others = (in_sql.broken_by_any(asked.errors, asked.aside) for asked in every)
    others = [
        query.replace("{batch}", asked.stage)
        for query, asked in zip(others, every[1:], strict=True)
    ]
    with over(con, every[0].stage, []) as suite:
        return suite.finds_none(" union all ".join((first, *others)))


class Suite:
    """Rules that judge the rows in view; `over` opens one."""

    def __init__(self, con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], aside: Aside) -> None:
        self._con = con
        self._aside = aside
        self._errors = [rule for rule in rules if rule.severity == "error"]
        self._warnings = [rule for rule in rules if rule.severity == "warning"]

    @cached_property
    def _batch(self) -> Any:
        return _rows().get_batch()

    def opened(self) -> Any:
        """The rows as Great Expectations knows them, from the first rule on that it judges."""
        return self._batch

    def finds_none(self, query: str) -> bool:
        """Whether a query for broken rows can be run and finds none."""
        [result] = self._results([_together(query)])
        return bool(result.success)

    def refused(self) -> list[Rule]:
        """The errors that rows broke, in the contract's order.

        They are asked in one statement first, as nearly every file is sound. Where it finds rows or
        cannot be run, those are judged one by one that find some by themselves: each costs
        milliseconds, and a file breaks few.
        """
        asked = [rule for rule in self._errors if not in_sql.known(rule)]
        others = [rule for rule in self._errors if in_sql.known(rule)]
        at_once = [_together(in_sql.broken_by_any(others, self._aside))] if others else []
        results = self._results([*asked, *at_once])
        if not all(result.success for result in results if _rule_of(result) == _TOGETHER):
            found = self._with_rows(others)
            doubted = [rule for rule in others if rule.id in found] or others
            asked = [rule for rule in self._errors if rule in asked or rule in doubted]
            results += self._results(doubted)
        return [rule for rule in asked if not self._passed(rule, results)]

    def warned(self) -> list[Rule]:
        """The warnings that rows broke, in the contract's order.

        A sound file breaks some nearly always, so their queries are counted in one statement.
        """
        cells = [rule for rule in self._warnings if rule.query is None]
        results = self._results(cells) if cells else []
        broken = {rule.id for rule in cells if not self._passed(rule, results)}
        broken |= self._with_rows([rule for rule in self._warnings if rule.query is not None])
        return [rule for rule in self._warnings if rule.id in broken]

    def _with_rows(self, rules: list[Rule]) -> set[str]:
        """The ids of the rules, each known in SQL, that find a row."""
        if not rules:
            return set()
        try:
            query = in_sql.found_by(rules, self._aside).format(batch=_CHECKED)
            answers = self._con.execute(query).fetchall()[0]
        except duckdb.Error:
            if len(rules) == 1:
                raise _broken_rule(rules[0]) from None
            return {id for rule in rules for id in self._with_rows([rule])}
        return {rule.id for rule, found in zip(rules, answers, strict=True) if found}

    def _results(self, rules: list[Rule]) -> list[Any]:
        self.opened()  # without it, Great Expectations makes no suite
        suite = _gx().ExpectationSuite("contract")
        for rule in rules:
            suite.add_expectation(_expectation(rule))
        if len(suite.expectations) != len(rules):
            raise EnvironmentFault(
                f"Only {len(suite.expectations)} of {len(rules)} rules can be run: an "
                "expectation type is unknown or stated twice. Correct the contract."
            )
        return list(self._validated(suite, "BOOLEAN_ONLY").results)

    def _validated(self, what: Any, result_format: Any) -> Any:
        return self._batch.validate(what, result_format=result_format)

    def _passed(self, rule: Rule, results: Any) -> bool:
        mine = [result for result in results if _rule_of(result) == rule.id]
        if len(mine) != 1 or _raised(mine[0]):
            raise _broken_rule(rule)
        return bool(mine[0].success)

    def broken(self, rule: Rule, most: int = MOST_BREAKS) -> tuple[Rows, int]:
        """The first rows that broke the rule, with the cell's value, and how many did.

        A row is None where the file as a whole did.
        """
        rows, count = self._by_query(rule, most) if rule.query else self._by_index(rule, most)
        if not rows:
            raise _broken_rule(rule)
        return rows, count

    def numbers(self, rule: Rule) -> pl.Series:
        """The numbers of all rows that broke a rule that is known in SQL."""
        query = in_sql.broken_by_any([rule]).format(batch=_CHECKED)
        return self._con.sql(query).pl().to_series()

    def _by_query(self, rule: Rule, most: int) -> tuple[Rows, int]:
        rows = self._con.execute(
            f"select *, count(*) over () from ({_asked(rule)}) order by row_number, 2 limit {most}"
        ).fetchall()
        # A table that an agency's file becomes has its days as such.
        cells = ((row, str(cell) if isinstance(cell, date) else cell) for row, cell, *_ in rows)
        return [*cells], rows[0][-1] if rows else 0

    def _by_index(self, rule: Rule, most: int) -> tuple[Rows, int]:
        form = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["row_number"],
            "partial_unexpected_count": most,
        }
        result = self._validated(_expectation(rule), form).result
        index: list[dict[str, Any]] = result.get("unexpected_index_list") or []
        rows: Rows = [(int(place["row_number"]), place.get(rule.column or "")) for place in index]
        return rows[:most], int(result.get("unexpected_count") or 0)


@cache
def _counting() -> Any:
    """UnexpectedRowsExpectation without its second run of each query, for rows nobody reads."""
    judging_by_query: Any = _gx("expectations").UnexpectedRowsExpectation

    class NoBrokenRows(judging_by_query):
        metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

        def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            return {"success": metrics["unexpected_rows_query.row_count"] == 0}

    return NoBrokenRows


def _together(query: str) -> Rule:
    """One rule that holds where each does of which the query finds broken rows."""
    kwargs = {"unexpected_rows_query": query}
    return Rule(_TOGETHER, None, "unexpected_rows_expectation", kwargs, "Every rule holds.", "")


def _asked(rule: Rule) -> str:
    return (rule.query or "").format(batch=_CHECKED)


def _rule_of(result: Any) -> str:
    return result.expectation_config.meta["rule"]


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
    parts = [info] if "raised_exception" in info else [*info.values()]
    return any(part["raised_exception"] for part in parts)


def _broken_rule(rule: Rule) -> EnvironmentFault:
    return EnvironmentFault(
        f"Rule {rule.id} cannot be run; the file may be sound. Nothing was loaded. "
        "Correct the rule in data_contracts/, or report it with the name of the rule."
    )
