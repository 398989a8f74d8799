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
        said = (each for each in self.stated.quality or [] if each.type == "text")
        return text_of(next((each.description for each in said), None))

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

    def where(self, what: str, condition: str, reason: str, remedy: str) -> Rule:
        """The rule that no row meets a condition."""
        query = f"select row_number, {self.name} from {{batch}} where {condition}"
        return query_rule(f"{self.table}.{self.name}.{what}", self.name, query, reason, remedy)

    def bounded(self, what: str, condition: str, reason: str) -> Rule:
        """The same of a bound that has its reason in words."""
        return self.where(what, condition, f"{reason} {self.words}", "Correct the cell.")


def _is_day(value: object) -> bool:
    return isinstance(value, date) or bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)))


def rules(each: Field) -> Iterator[Rule]:
    """Every rule that follows from the fields of a column. Raises EnvironmentFault."""
    _demand(each)
    for rule in (_type, _required, _allowed):
        yield from rule(each)
    for keys, option in _OPTIONS:
        if any(key in each.options for key in keys):
            yield option(each)
    # Of days it is how the file writes them, which is read and not judged.
    if "format" in each.options and each.stated.logicalType == "integer":
        yield _width(each)
    if each.stated.unique:
        yield from _unique(each)
    if target := refers_to(each.stated):
        yield _reference(each, target)


def _demand(each: Field) -> None:
    stated = each.stated
    if stated.primaryKeyPosition is not None and not stated.primaryKey:
        raise each.place.under("primaryKeyPosition").wrong(
            "it stands without primaryKey.", "Add primaryKey: true, or remove it."
        )
    relations = stated.relationships or []
    target = relations[0].to if relations else "table.column"
    if len(relations) > 1 or not re.fullmatch(r"\w+\.\w+", str(target)):
        raise each.place.under("relationships").wrong(
            "a column refers to one column of one table.", "Give one, as to: table.column."
        )


def _type(each: Field) -> Iterator[Rule]:
    if each.stated.logicalType == "integer":
        yield map_rule(
            each.table, each.name, "type", "expect_column_values_to_match_regex",
            {"regex": "^-?[0-9]{1,9}$"}, "Not a whole number.",
            "Write digits only, without units, points or words.",
        )  # fmt: skip
    if each.stated.logicalType == "date":
        name, style = each.name, each.options.get("format")
        # A cast alone would take 'infinity', '2025-1-5' and the year 25 for dates.
        yield each.where(
            "type",
            f"{name} not like '____-__-__' or {name} is not null "
            f"and coalesce({each.cell}, date '0001-01-01') < date '1900-01-01'",
            "Not a day since 1900.",
            f"Write the day as {style}, or as 31/12/2025."
            if style
            else "Write the day as 31/12/2025 or 2025-12-31, the year in four digits.",
        )  # fmt: skip


def _required(each: Field) -> Iterator[Rule]:
    if each.stated.required:
        yield map_rule(
            each.table, each.name, "required", "expect_column_values_to_not_be_null", {},
            f"A row without {header_of(each.stated)} cannot be used.",
            "Fill the cell in, or remove the row.",
        )  # fmt: skip


def _allowed(each: Field) -> Iterator[Rule]:
    if values := allowed(each.stated):
        yield map_rule(
            each.table, each.name, "allowed", "expect_column_values_to_be_in_set",
            {"value_set": list(values)}, f"Not one of {', '.join(values)}. {each.words}",
            f"Correct the cell, or add the value to data_contracts/{each.table}.odcs.yaml.",
        )  # fmt: skip


def _pattern(each: Field) -> Rule:
    pattern = each.options["pattern"]
    return map_rule(
        each.table, each.name, "pattern", "expect_column_values_to_match_regex",
        {"regex": pattern}, f"Not of the right form. {each.words}", "Correct the cell.",
    )  # fmt: skip


def _length(each: Field) -> Rule:
    least, most = each.length("minLength"), each.length("maxLength")
    if least is None:
        reason = f"Longer than {most} characters."
    elif most is None:
        reason = f"Shorter than {least} characters."
    else:
        reason = f"Not between {least} and {most} characters long."
    return map_rule(
        each.table, each.name, "length", "expect_column_value_lengths_to_be_between",
        {"min_value": least, "max_value": most}, f"{reason} {each.words}",
        "Shorten or complete the text.",
    )  # fmt: skip


def _range(each: Field) -> Rule:
    bounds = [each.bound(key) if key in each.options else None for key in ("minimum", "maximum")]
    least, most = bounds
    low, high = (each.options.get(key) for key in ("minimum", "maximum"))
    if least is None:
        return each.bounded("range", f"{each.cell} > {most}", f"Over {high}.")
    if most is None:
        return each.bounded("range", f"{each.cell} < {least}", f"Under {low}.")
    condition = f"{each.cell} not between {least} and {most}"
    return each.bounded("range", condition, f"Not from {low} to {high}.")


def _above(each: Field) -> Rule:
    condition = f"{each.cell} <= {each.bound('exclusiveMinimum')}"
    return each.bounded("above", condition, f"Not over {each.options['exclusiveMinimum']}.")


def _below(each: Field) -> Rule:
    condition = f"{each.cell} >= {each.bound('exclusiveMaximum')}"
    return each.bounded("below", condition, f"Not under {each.options['exclusiveMaximum']}.")


def _multiple(each: Field) -> Rule:
    step = each.options["multipleOf"]
    if not isinstance(step, int | float) or step <= 0:
        raise (
            each.place.under("logicalTypeOptions")
            .under("multipleOf")
            .wrong(f"'{step}' is no step.", "Give a number above 0.")
        )
    return each.bounded("multiple", f"{each.cell} % {step} <> 0", f"Not a multiple of {step}.")


def _width(each: Field) -> Rule:
    low, high = WIDTHS[each.options["format"]]
    condition = f"{each.cell} not between {low} and {high}"
    return each.bounded("width", condition, f"Not from {low} to {high}.")


_OPTIONS: tuple[tuple[tuple[str, ...], Callable[[Field], Rule]], ...] = (
    (("pattern",), _pattern),
    (("minLength", "maxLength"), _length),
    (("minimum", "maximum"), _range),
    (("exclusiveMinimum",), _above),
    (("exclusiveMaximum",), _below),
    (("multipleOf",), _multiple),
)


def _unique(each: Field) -> Iterator[Rule]:
    name, header = each.name, header_of(each.stated)
    yield each.where(
        "unique",
        f"{name} in (select {name} from {{batch}} group by {name} having count(*) > 1)",
        f"Stands in the file more than once. {each.words}", f"Keep one row with this {header}.",
    )  # fmt: skip
    if each.stored:
        yield each.where(
            "new", f"{name} in (select cast({name} as varchar) from {each.table})",
            f"The vault already holds a row with this {header}. {each.words}",
            "Remove the row, or correct the cell.",
        )  # fmt: skip


def _reference(each: Field, target: str) -> Rule:
    other, column = target.split(".")
    # The lists that the code declares are keyed by `id`, tables that are loaded are not.
    remedy = (
        f"Correct the cell; the known {other} are listed on the Methods page."
        if column == "id"
        else f"Load the file with the missing {other} first, or correct the cell."
    )
    return each.where(
        "known", f"{each.name} not in (select {column} from {other})",
        f"Not among the known {other.replace('_', ' ')}.", remedy,
    )  # fmt: skip
