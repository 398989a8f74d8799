"""Rules of cells in SQL, so that all that a contract asks is asked of a file in one statement.

Great Expectations asks each of them in milliseconds of its own, which is most of the check of a
small file. What one says here is what its expectation says: tests hold both against each other.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iomdash.declared.contracts.rules import Rule, literal
from iomdash.intake.rows import Aside

_Kwargs = Mapping[str, Any]
NONE = Aside()


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
    """A query for rows that break any of these rules, all of them known; cells in one scan.

    Where a column's values are `aside`, what a rule asks of each cell is asked of these, and where
    rows that may be alike are, what only such rows can break.
    """
    asked: dict[str, list[str]] = defaultdict(list)
    queries: list[str] = []
    for rule in rules:
        values = aside.values.get(rule.column or "")
        if rule.query is not None and (rule.cell is None or values is None):
            alike = aside.alike if rule.alike else None
            query = rule.query.replace("{batch}", alike) if alike else rule.query
            queries.append(f"select row_number from ({query})")
        else:
            asked[values or "{batch}"].append(rule.cell or _broken(rule))
    for rows, conditions in asked.items():
        number = "row_number" if rows == "{batch}" else "0"
        queries.append(f"select {number} from {rows} where {' or '.join(conditions)}")
    return " union all ".join(queries)


def _broken(rule: Rule) -> str:
    broken, _ = _BROKEN[rule.expectation]
    column = str(rule.kwargs["column"]).replace('"', '""')
    cell = f'"{column}"'
    return f"({broken(rule.kwargs, cell)})"
