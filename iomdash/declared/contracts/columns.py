"""The rules that follow from the fields of one column: a table of fields, and what each asks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from open_data_contract_standard.model import SchemaProperty

from iomdash.declared.contracts.rules import (
    Rule,
    allowed,
    header_of,
    map_rule,
    query_rule,
    refers_to,
    text_of,
)
from iomdash.declared.contracts.standard import WIDTHS, Place


@dataclass(frozen=True)
class Field:
    """One column of one table as its contract states it.

    `stored` is whether the vault's table of that name is to hold each value once: not so of a
    file that is not kept, nor of a table that keeps every extract.
    """

    table: str
    stored: bool
    stated: SchemaProperty
    place: Place

    @property
    def name(self) -> str:
        """What the column is called in the vault and in queries."""
        return self.stated.name or ""

    @property
    def options(self) -> dict[str, Any]:
        """The options of its type."""
        return self.stated.logicalTypeOptions or {}

    @property
    def words(self) -> str:
        """Why its bounds are what they are."""
        said = (quality for quality in self.stated.quality or [] if quality.type == "text")
        return text_of(next((quality.description for quality in said), None))

    @property
    def cell(self) -> str:
        """Its cell as a value of its type, in SQL."""
        kind = {"integer": "bigint", "date": "date"}[self.stated.logicalType or ""]
        return f"try_cast({self.name} as {kind})"

    def bound(self, option: str) -> str:
        """An option that is a number, or a day, in SQL. Raises EnvironmentFault."""
        value, of_days = self.options[option], self.stated.logicalType == "date"
        if of_days and _is_day(value):
            return f"date '{value}'"
        if not of_days and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise self._wrong(option, "a day as 2025-12-31" if of_days else "a number")

    def length(self, option: str) -> int | None:
        """An option that is a count of characters, None where it is left out.

        Raises EnvironmentFault.
        """
        value = self.options.get(option)
        if value is None or (type(value) is int and value >= 0):
            return value
        raise self._wrong(option, "a whole number of characters")

    def _wrong(self, option: str, form: str) -> Exception:
        place = self.place.under("logicalTypeOptions").under(option)
        return place.wrong(f"'{self.options[option]}' is no such bound.", f"Give {form}.")

    def where(
        self, what: str, condition: str, reason: str, remedy: str, *, alone: bool = True
    ) -> Rule:
        """The rule that no row meets a condition, which asks nothing of other rows if `alone`."""
        query = f"select row_number, {self.name} from {{batch}} where {condition}"
        return query_rule(
            f"{self.table}.{self.name}.{what}", self.name, query, reason, remedy,
            cell=condition if alone else None,
        )  # fmt: skip

    def bounded(self, what: str, condition: str, reason: str) -> Rule:
        """The same of a bound that has its reason in words."""
        return self.where(what, condition, f"{reason} {self.words}", "Correct the cell.")


def _is_day(value: object) -> bool:
    return isinstance(value, date) or bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)))


def rules(field: Field) -> Iterator[Rule]:
    """Every rule that follows from the fields of a column. Raises EnvironmentFault."""
    _demand(field)
    for rule in (_type, _required, _allowed):
        yield from rule(field)
    for keys, option in _OPTIONS:
        if any(key in field.options for key in keys):
            yield option(field)
    # Of days it is how the file writes them, which is read and not judged.
    if "format" in field.options and field.stated.logicalType == "integer":
        yield _width(field)
    if field.stated.unique:
        yield from _unique(field)
    if target := refers_to(field.stated):
        yield _reference(field, target)


def _demand(field: Field) -> None:
    stated = field.stated
    if stated.primaryKeyPosition is not None and not stated.primaryKey:
        raise field.place.under("primaryKeyPosition").wrong(
            "it stands without primaryKey.", "Add primaryKey: true, or remove it."
        )
    relations = stated.relationships or []
    target = relations[0].to if relations else "table.column"
    if len(relations) > 1 or not re.fullmatch(r"\w+\.\w+", str(target)):
        raise field.place.under("relationships").wrong(
            "a column refers to one column of one table.", "Give one, as to: table.column."
        )


def _type(field: Field) -> Iterator[Rule]:
    if field.stated.logicalType == "integer":
        yield map_rule(
            field.table, field.name, "type", "expect_column_values_to_match_regex",
            {"regex": "^-?[0-9]{1,9}$"}, "Not a whole number.",
            "Write digits only, without units, points or words.",
        )  # fmt: skip
    if field.stated.logicalType == "date":
        name, style = field.name, field.options.get("format")
        # A cast alone would take 'infinity', '2025-1-5' and the year 25 for dates.
        yield field.where(
            "type",
            f"{name} not like '____-__-__' or {name} is not null "
            f"and coalesce({field.cell}, date '0001-01-01') < date '1900-01-01'",
            "Not a day since 1900.",
            f"Write the day as {style}, or as 31/12/2025."
            if style
            else "Write the day as 31/12/2025 or 2025-12-31, the year in four digits.",
        )  # fmt: skip


def _required(field: Field) -> Iterator[Rule]:
    if field.stated.required:
        yield map_rule(
            field.table, field.name, "required", "expect_column_values_to_not_be_null", {},
            f"A row without {header_of(field.stated)} cannot be used.",
            "Fill the cell in, or remove the row.",
        )  # fmt: skip


def _allowed(field: Field) -> Iterator[Rule]:
    if values := allowed(field.stated):
        yield map_rule(
            field.table, field.name, "allowed", "expect_column_values_to_be_in_set",
            {"value_set": list(values)}, f"Not one of {', '.join(values)}. {field.words}",
            f"Correct the cell, or add the value to data_contracts/{field.table}.odcs.yaml.",
        )  # fmt: skip


def _pattern(field: Field) -> Rule:
    pattern = field.options["pattern"]
    return map_rule(
        field.table, field.name, "pattern", "expect_column_values_to_match_regex",
        {"regex": pattern}, f"Not of the right form. {field.words}", "Correct the cell.",
    )  # fmt: skip


def _length(field: Field) -> Rule:
    least, most = field.length("minLength"), field.length("maxLength")
    if least is None:
        reason = f"Longer than {most} characters."
    elif most is None:
        reason = f"Shorter than {least} characters."
    else:
        reason = f"Not between {least} and {most} characters long."
    return map_rule(
        field.table, field.name, "length", "expect_column_value_lengths_to_be_between",
        {"min_value": least, "max_value": most}, f"{reason} {field.words}",
        "Shorten or complete the text.",
    )  # fmt: skip


def _range(field: Field) -> Rule:
    bounds = [field.bound(key) if key in field.options else None for key in ("minimum", "maximum")]
    least, most = bounds
    low, high = (field.options.get(key) for key in ("minimum", "maximum"))
    if least is None:
        return field.bounded("range", f"{field.cell} > {most}", f"Over {high}.")
    if most is None:
        return field.bounded("range", f"{field.cell} < {least}", f"Under {low}.")
    condition = f"{field.cell} not between {least} and {most}"
    return field.bounded("range", condition, f"Not from {low} to {high}.")


def _above(field: Field) -> Rule:
    condition = f"{field.cell} <= {field.bound('exclusiveMinimum')}"
    return field.bounded("above", condition, f"Not over {field.options['exclusiveMinimum']}.")


def _below(field: Field) -> Rule:
    condition = f"{field.cell} >= {field.bound('exclusiveMaximum')}"
    return field.bounded("below", condition, f"Not under {field.options['exclusiveMaximum']}.")


def _multiple(field: Field) -> Rule:
    step = field.options["multipleOf"]
    if not isinstance(step, int | float) or step <= 0:
        raise (
            field.place.under("logicalTypeOptions")
            .under("multipleOf")
            .wrong(f"'{step}' is no step.", "Give a number above 0.")
        )
    return field.bounded("multiple", f"{field.cell} % {step} <> 0", f"Not a multiple of {step}.")


def _width(field: Field) -> Rule:
    low, high = WIDTHS[field.options["format"]]
    condition = f"{field.cell} not between {low} and {high}"
    return field.bounded("width", condition, f"Not from {low} to {high}.")


_OPTIONS: tuple[tuple[tuple[str, ...], Callable[[Field], Rule]], ...] = (
    (("pattern",), _pattern),
    (("minLength", "maxLength"), _length),
    (("minimum", "maximum"), _range),
    (("exclusiveMinimum",), _above),
    (("exclusiveMaximum",), _below),
    (("multipleOf",), _multiple),
)


def _unique(field: Field) -> Iterator[Rule]:
    name, header = field.name, header_of(field.stated)
    yield field.where(
        "unique",
        f"{name} in (select {name} from {{batch}} group by {name} having count(*) > 1)",
        f"Stands in the file more than once. {field.words}", f"Keep one row with this {header}.",
        alone=False,
    )  # fmt: skip
    if field.stored:
        yield field.where(
            "new", f"{name} in (select cast({name} as varchar) from {field.table})",
            f"The vault already holds a row with this {header}. {field.words}",
            "Remove the row, or correct the cell.",
        )  # fmt: skip


def _reference(field: Field, target: str) -> Rule:
    other, column = target.split(".")
    # The lists that the code declares are keyed by `id`, tables that are loaded are not.
    remedy = (
        f"Correct the cell; the known {other} are listed on the Methods page."
        if column == "id"
        else f"Load the file with the missing {other} first, or correct the cell."
    )
    return field.where(
        "known", f"{field.name} not in (select {column} from {other})",
        f"Not among the known {other.replace('_', ' ')}.", remedy,
    )  # fmt: skip
