"""The rules that a contract states under `quality`: metrics of the standard, SQL, custom ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from open_data_contract_standard.model import DataQuality

from iomdash.declared.contracts.rules import Rule, Severity, custom, literal, query_rule, text_of
from iomdash.declared.contracts.standard import OPERATORS, Place

_WHOLE = "measured"

# Operators that say at most: where they fail, the rows that are too many can be named.
_AT_MOST = ("mustBeLessThan", "mustBeLessOrEqualTo")

_SIGNS = {
    "mustBe": "=", "mustNotBe": "<>", "mustBeGreaterThan": ">", "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<", "mustBeLessOrEqualTo": "<=", "mustBeBetween": "between",
    "mustNotBeBetween": "not between",
}  # fmt: skip


@dataclass(frozen=True)
class Quality:
    """One stated rule; `column` is that under which it stands, '' for a table's."""

    table: str
    column: str
    stated: DataQuality
    place: Place

    def rule(self) -> Iterator[Rule]:
        """The rule, none for mere words. Raises EnvironmentFault."""
        kind = self.stated.type or "library"
        if kind == "custom":
            yield self._custom()
        elif kind == "sql":
            yield self._measured(f"({_sql(self.stated.query or '', self.column)})")
        elif kind == "library":
            yield self._metric()

    @property
    def about(self) -> str:
        """The column that a broken row is named for."""
        return custom(self.stated.customProperties, "column") or self.column

    @property
    def severity(self) -> Severity:
        """An error, unless it says otherwise."""
        return "warning" if self.stated.severity == "warning" else "error"

    def _query(self, query: str) -> Rule:
        remedy = custom(self.stated.customProperties, "remedy")
        return query_rule(
            f"{self.table}.{self.stated.id}", self.about or None, query,
            text_of(self.stated.description), remedy, self.severity,
        )  # fmt: skip

    def _custom(self) -> Rule:
        implementation: Any = self.stated.implementation
        kwargs, place = implementation["kwargs"], self.place.under("implementation")
        if implementation["type"] == "unexpected_rows_expectation":
            for key in {*kwargs} ^ {"unexpected_rows_query"}:
                raise (
                    place.under("kwargs")
                    .under(key)
                    .wrong(
                        "a rule of this type has a query and nothing else.",
                        "Give unexpected_rows_query only.",
                    )
                )
            return self._query(kwargs["unexpected_rows_query"])
        return Rule(
            id=f"{self.table}.{self.stated.id}",
            column=self.about or None,
            expectation=str(implementation["type"]),
            kwargs=dict(kwargs),
            reason=text_of(self.stated.description),
            remedy=custom(self.stated.customProperties, "remedy"),
            severity=self.severity,
        )

    def _metric(self) -> Rule:
        """The rule that a metric of the standard is what it must be."""
        bad = _rows_of(self)
        count = f"count(*) filter (where {bad})"
        if self.stated.unit == "percent":
            count = f"100.0 * {count} / count(*)"
        operator, bound = _operator(self)
        if operator not in _AT_MOST and (operator, bound) != ("mustBe", "0"):
            return self._measured(f"(select {count} from {{batch}})")
        kept = f"select coalesce({count} {_SIGNS[operator]} {bound}, false) from {{batch}}"
        column = self.about or f"null as {_WHOLE}"
        return self._query(
            f"select row_number, {column} from {{batch}} where {bad} and not ({kept})"
        )

    def _measured(self, measure: str) -> Rule:
        """The rule that a figure of the file as a whole is what it must be."""
        operator, bound = _operator(self)
        return self._query(
            f"select row_number, {self.about or _WHOLE} from (select cast(null as bigint) "
            f"as row_number, cast(measure as varchar) as {self.about or _WHOLE}, measure "
            f"from (select {measure} as measure)) "
            f"where not coalesce(measure {_SIGNS[operator]} {bound}, false)"
        )


def _operator(quality: Quality) -> tuple[str, str]:
    """The one operator and its bound as SQL."""
    given = [name for name in OPERATORS if getattr(quality.stated, name) is not None]
    if len(given) != 1:
        place = quality.place.under(" and ".join(given) or "mustBe")
        raise place.wrong("a rule has one bound.", f"Give one of: {', '.join(OPERATORS)}.")
    bound: Any = getattr(quality.stated, given[0])
    if given[0] in ("mustBeBetween", "mustNotBeBetween"):
        least, most = bound
        return given[0], f"{literal(least)} and {literal(most)}"
    return given[0], literal(bound)


def _rows_of(quality: Quality) -> str:
    """The condition of the rows that a metric counts. Raises EnvironmentFault."""
    name, metric = quality.column, quality.stated.metric or ""
    if metric == "rowCount":
        _arguments(quality, on_column=False)
        if quality.stated.unit == "percent":
            raise quality.place.under("unit").wrong("rows are counted.", "Remove it, or give rows.")
        return "true"
    if metric == "duplicateValues":
        return _repeated(quality)
    if metric == "nullValues":
        _arguments(quality, on_column=True)
        return f"{name} is null"
    if metric == "missingValues":
        given = _arguments(quality, "missingValues", on_column=True)
        words = [literal(value) for value in given["missingValues"] if value is not None]
        return f"coalesce({name} in ({', '.join((*words, 'null'))}), {name} is null)"
    given = _arguments(quality, "validValues", "pattern", on_column=True)
    return " or ".join(_invalid(name, key, value) for key, value in given.items())


def _invalid(name: str, key: str, value: Any) -> str:
    if key == "pattern":
        return f"not regexp_matches({name}, {literal(str(value))})"
    return f"{name} not in ({', '.join(literal(str(item)) for item in value)})"


def _repeated(quality: Quality) -> str:
    """Rows whose values stand in a row before them; empty cells repeat nothing."""
    names = [quality.column]
    if not quality.column:
        names = [
            str(name) for name in _arguments(quality, "properties", on_column=False)["properties"]
        ]
    else:
        _arguments(quality, on_column=True)
    given = " and ".join(f"{name} is not null" for name in names)
    return (
        f"row_number in (select row_number from {{batch}} where {given} qualify "
        f"row_number() over (partition by {', '.join(names)} order by row_number) > 1)"
    )


def _arguments(quality: Quality, *names: str, on_column: bool) -> dict[str, Any]:
    """The arguments of a metric, of these names. Raises EnvironmentFault for any other."""
    place = quality.place.under("metric")
    if on_column != bool(quality.column):
        raise place.wrong(
            f"{quality.stated.metric} is a metric of {'a column' if on_column else 'the table'}.",
            f"Move the rule to {'its column' if on_column else 'the quality of the schema'}.",
        )
    given = quality.stated.arguments or {}
    for key in given:
        if key not in names:
            raise (
                quality.place.under("arguments")
                .under(key)
                .wrong(
                    f"{quality.stated.metric} knows no such argument.",
                    f"Give one of: {', '.join(names)}." if names else "Remove it.",
                )
            )
    if names and not given:
        raise quality.place.under("arguments").wrong(
            f"{quality.stated.metric} needs one.", f"Give one of: {', '.join(names)}."
        )
    return given


def _sql(query: str, column: str) -> str:
    """A query of a contract with our marks: the standard writes ${table} and ${column}."""
    marks = {
        "${table}": "{batch}", "${object}": "{batch}", "${column}": column,
        "${property}": column, "{batch}": "{batch}", "{today}": "{today}",
    }  # fmt: skip
    return re.sub(
        r"\$?\{\w+\}|[{}]",
        lambda mark: marks.get(mark[0], mark[0].replace("{", "{{").replace("}", "}}")),
        query.strip().rstrip(";"),
    )
