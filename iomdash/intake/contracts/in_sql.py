"""Rules of cells in SQL, so that all that a contract asks is asked of a file in one statement.

Great Expectations asks each of them in milliseconds of its own, which is most of the check of a
small file. What one says here is what its expectation says: tests hold both against each other.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from iomdash.declared.contracts.rules import Rule, literal
from iomdash.intake.rows import Aside

_Kwargs = Mapping[str, Any]
NONE = Aside()
# A query that asks each row by itself, with its condition, and what would make it another one.
_OF_ROWS = re.compile(r"select row_number, \w+ from \{batch\}\s+where\b(.+)", re.DOTALL)
_MORE = re.compile(
    r"\{batch\}|--|/\*|\b(?:select|group|having|qualify|window|order|limit|offset|fetch|using|union"
    r"|intersect|except)\b", re.IGNORECASE
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Staged rows, the rules that are asked of them, and smaller tables of which some may be."""

    stage: str
    rules: Sequence[Rule]
    aside: Aside = NONE

    @property
    def errors(self) -> list[Rule]:
        """The rules that refuse a file."""
        return [rule for rule in self.rules if rule.severity == "error"]


def _not_null(_: _Kwargs, cell: str) -> str:
    return f"{cell} is null"


def _in_set(kwargs: _Kwargs, cell: str) -> str:
    return f"{cell} not in ({', '.join(map(literal, kwargs['value_set']))})"


def _matches(kwargs: _Kwargs, cell: str) -> str:
    return f"not regexp_matches({cell}, {literal(kwargs['regex'])})"


def _length(kwargs: _Kwargs, cell: str) -> str:
    bounds = (("<", kwargs.get("min_value")), (">", kwargs.get("max_value")))
    return " or ".join(f"length({cell}) {sign} {n}" for sign, n in bounds if n is not None)


# What breaks a cell, by the type of the expectation and the arguments that it may have.
_BROKEN: Mapping[str, tuple[Callable[[_Kwargs, str], str], frozenset[str]]] = {
    "expect_column_values_to_not_be_null": (_not_null, frozenset()),
    "expect_column_values_to_be_in_set": (_in_set, frozenset({"value_set"})),
    "expect_column_values_to_match_regex": (_matches, frozenset({"regex"})),
    "expect_column_value_lengths_to_be_between": (_length, frozenset({"min_value", "max_value"})),
}


def known(rule: Rule) -> bool:
    """Whether a rule is a query, or can be said as one."""
    if rule.query is not None:
        return True
    _, arguments = _BROKEN.get(rule.expectation, (None, frozenset[str]()))
    given = {*rule.kwargs} - {"column"}
    return rule.expectation in _BROKEN and given <= arguments and _is_whole(rule.kwargs, given)


def _is_whole(kwargs: _Kwargs, given: set[str]) -> bool:
    return "value_set" not in given or bool(kwargs["value_set"])


def broken_by_any(rules: Sequence[Rule], aside: Aside = NONE) -> str:
    """A query for rows that break any of these rules, all of them known; in one scan those that ask
    each row by itself. None of them can be broken where it is empty.

    Where a column's values are `aside`, what a rule asks of each cell is asked of these, and where
    rows that may be alike are, what only such rows can break.
    """
    asked: dict[str, list[str]] = defaultdict(list)
    queries: list[str] = []
    for rule in rules:
        for rows, condition in _conditions(rule, aside):
            asked[rows].append(condition)
        queries += _queries(rule, aside)
    for rows, conditions in asked.items():
        number = "row_number" if rows == "{batch}" else "0"
        queries.append(f"select {number} from {rows} where {' or '.join(conditions)}")
    return " union all ".join(queries) or "select 0 where false"


def found_by(rules: Sequence[Rule], aside: Aside = NONE) -> str:
    """A query of one row: whether each of these rules, all of them known, finds any."""
    asked: dict[str, list[str]] = defaultdict(list)
    answers: list[str] = []
    for rule in rules:
        every = [f"exists (from ({query}))" for query in _queries(rule, aside)]
        for rows, condition in _conditions(rule, aside):
            conditions = asked[rows]
            every.append(f"coalesce(by{[*asked].index(rows)}.n{len(conditions)}, false)")
            conditions.append(f"bool_or({condition}) as n{len(conditions)}")
        answers.append(" or ".join(every) or "false")
    scans = [
        f"(select {', '.join(conditions)} from {rows}) as by{place}"
        for place, (rows, conditions) in enumerate(asked.items())
    ]
    return f"select {', '.join(answers)}{' from ' if scans else ''}{', '.join(scans)}"


def _conditions(rule: Rule, aside: Aside) -> Iterator[tuple[str, str]]:
    """What a rule asks of each row by itself, at most once: of which rows, and what breaks it."""
    values = aside.values.get(rule.column or "")
    if values and (rule.query is None or rule.cell is not None):
        yield values, f"({rule.cell or _broken(rule)})"
    elif rule.query is None:
        yield "{batch}", _broken(rule)
    elif not rule.alike and (condition := rule.cell or _of_rows(rule.query)) is not None:
        yield "{batch}", f"({condition})"


def _queries(rule: Rule, aside: Aside) -> Iterator[str]:
    """The query of a rule that does not ask each row by itself."""
    if rule.query is None or [*_conditions(rule, aside)]:
        return
    if not rule.alike:
        yield f"select row_number from ({rule.query})"
    elif not aside.distinct:
        alike = rule.query.replace("{batch}", aside.alike or "{batch}")
        yield f"select row_number from ({alike})"


@cache
def _of_rows(query: str) -> str | None:
    """The condition of a query that asks each row by itself; None of any other."""
    stated = _OF_ROWS.fullmatch(query)
    return None if stated is None or _MORE.search(stated[1]) else stated[1].strip()


def _broken(rule: Rule) -> str:
    broken, _ = _BROKEN[rule.expectation]
    column = str(rule.kwargs["column"]).replace('"', '""')
    cell = f'"{column}"'
    return f"({broken(rule.kwargs, cell)})"
