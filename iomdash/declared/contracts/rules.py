"""A rule of a contract, and how the parts of a contract that make one are read.

A rule either is stated under `quality` (quality.py), or follows from a field of a column
(columns.py) or of the table (relations.py). Either way it has a reason in words, which the
analyst sees when a row breaks it, and a remedy.
"""

from dataclasses import dataclass
from typing import Any, Literal

from open_data_contract_standard.model import CustomProperty, SchemaProperty

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One promise; `expectation` is the Great Expectations type that judges it, with `kwargs`.

    A `query` selects row_number (and the column's value) of the rows that break the rule, with
    {batch} for the staged rows and {today} for the day of the load; it is None for rules that
    name their rows through Great Expectations. A row without a number means the file as a whole.
    A broken error refuses the file; a broken warning lets it in, and is told. `cell` is the
    condition of a query that judges each cell of the column by itself; `alike` says that only rows
    that have their key in common can break it.
    """

    id: str
    column: str | None
    expectation: str
    kwargs: dict[str, Any]
    reason: str
    remedy: str
    severity: Severity = "error"
    cell: str | None = None
    alike: bool = False

    @property
    def query(self) -> str | None:
        """The SQL of the rule, where it is one."""
        return self.kwargs.get("unexpected_rows_query")


def map_rule(
    table: str, column: str, what: str, expectation: str, kwargs: dict[str, Any],
    reason: str, remedy: str,
) -> Rule:  # fmt: skip
    """A rule that Great Expectations asks of each cell of a column."""
    kwargs = {"column": column, **kwargs}
    return Rule(f"{table}.{column}.{what}", column, expectation, kwargs, reason.strip(), remedy)


def query_rule(
    id: str, column: str | None, query: str, reason: str, remedy: str,
    severity: Severity = "error", cell: str | None = None, *, alike: bool = False,
) -> Rule:  # fmt: skip
    """A rule that is a query."""
    kwargs = {"unexpected_rows_query": query.strip()}
    return Rule(
        id,
        column,
        "unexpected_rows_expectation",
        kwargs,
        reason.strip(),
        remedy,
        severity,
        cell,
        alike,
    )


def literal(value: object) -> str:
    """A value of a contract as SQL: text quoted, its braces safe from `str.format`."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    quoted = str(value).replace("'", "''")
    return "'" + quoted.replace("{", "{{").replace("}", "}}") + "'"


def header_of(field: SchemaProperty) -> str:
    """What the file calls a column: the agency's own header, or the column's name."""
    return field.businessName or field.name or ""


def text_of(words: str | None) -> str:
    return (words or "").strip()


def custom(properties: list[CustomProperty] | None, name: str) -> str:
    values = [pair.value for pair in properties or [] if pair.property == name]
    return str(values[0]) if values else ""


def allowed(field: SchemaProperty) -> tuple[str, ...]:
    return tuple(str(item.value) for item in field.enum or [])


def refers_to(field: SchemaProperty) -> str | None:
    return str(field.relationships[0].to) if field.relationships else None


def key_of(properties: list[SchemaProperty]) -> tuple[str, ...]:
    keys = [field for field in properties if field.primaryKey]
    return tuple(
        field.name or "" for field in sorted(keys, key=lambda field: field.primaryKeyPosition or 0)
    )
