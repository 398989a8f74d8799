"""The rules of a contract: those it states, and those that follow from its fields.

A rule is either a custom quality rule of the file, which is a query, or follows from a field
of it: type, required, allowed values, pattern, length, range, key, relationship. Either way it
has a reason in words, which the analyst sees when a row breaks it, and a remedy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    SchemaObject,
    SchemaProperty,
)


@dataclass(frozen=True)
class Rule:
    """One promise; `expectation` is the Great Expectations type that judges it, with `kwargs`.

    A `query` selects row_number (and the column's value) of the rows that break the rule, with
    {batch} for the staged rows and {today} for the day of the load; it is None for rules that
    name their rows through Great Expectations.
    """

    id: str
    column: str | None
    expectation: str
    kwargs: dict[str, Any]
    reason: str
    remedy: str

    @property
    def query(self) -> str | None:
        """The SQL of the rule, where it is one."""
        return self.kwargs.get("unexpected_rows_query")


def derive(schema: SchemaObject) -> Iterator[Rule]:
    """Every rule of a table: column by column, then those of its key and of whole rows."""
    table, properties = schema.name or "", schema.properties or []
    for each in properties:
        yield from _column_rules(table, each)
    yield from _key_rules(schema, properties)
    yield from _compound_references(schema, properties)
    yield from _stated(table, schema.quality)


def _column_rules(table: str, each: SchemaProperty) -> Iterator[Rule]:
    name, options, header = each.name or "", each.logicalTypeOptions or {}, header_of(each)
    words = text_of(next((q.description for q in each.quality or [] if q.type == "text"), None))
    yield from _type_rule(table, name, each.logicalType, options.get("format"))
    if each.required:
        yield _map_rule(
            table, name, "required", "expect_column_values_to_not_be_null", {},
            f"A row without {header} cannot be used.", "Fill the cell in, or remove the row.",
        )  # fmt: skip
    if values := allowed(each):
        yield _map_rule(
            table, name, "allowed", "expect_column_values_to_be_in_set",
            {"value_set": list(values)}, f"Not one of {', '.join(values)}. {words}",
            f"Correct the cell, or add the value to data_contracts/{table}.odcs.yaml.",
        )  # fmt: skip
    if pattern := options.get("pattern"):
        yield _map_rule(
            table, name, "pattern", "expect_column_values_to_match_regex",
            {"regex": pattern}, f"Not of the right form. {words}", "Correct the cell.",
        )  # fmt: skip
    if "maxLength" in options:
        yield _length_rule(table, name, options, words)
    if "maximum" in options:
        yield _range_rule(table, name, options, words)
    if target := refers_to(each):
        yield _reference(table, name, target)
    yield from _stated(table, each.quality)


def _map_rule(
    table: str, column: str, what: str, expectation: str, kwargs: dict[str, Any],
    reason: str, remedy: str,
) -> Rule:  # fmt: skip
    kwargs = {"column": column, **kwargs}
    return Rule(f"{table}.{column}.{what}", column, expectation, kwargs, reason.strip(), remedy)


def _query_rule(id: str, column: str | None, query: str, reason: str, remedy: str) -> Rule:
    kwargs = {"unexpected_rows_query": query.strip()}
    return Rule(id, column, "unexpected_rows_expectation", kwargs, reason.strip(), remedy)


def _type_rule(table: str, name: str, logical: str | None, style: str | None) -> Iterator[Rule]:
    if logical == "integer":
        yield _map_rule(
            table, name, "type", "expect_column_values_to_match_regex",
            {"regex": "^-?[0-9]{1,9}$"}, "Not a whole number.",
            "Write digits only, without units, points or words.",
        )  # fmt: skip
    if logical == "date":
        # A cast alone would take 'infinity', '2025-1-5' and the year 25 for dates.
        yield _query_rule(
            f"{table}.{name}.type", name,
            f"select row_number, {name} from {{batch}} where {name} not like '____-__-__' "
            f"or {name} is not null "
            f"and coalesce(try_cast({name} as date), date '0001-01-01') < date '1900-01-01'",
            "Not a day since 1900.",
            f"Write the day as {style}, or as 31/12/2025."
            if style
            else "Write the day as 31/12/2025 or 2025-12-31, the year in four digits.",
        )  # fmt: skip


def _length_rule(table: str, name: str, options: dict[str, Any], words: str) -> Rule:
    least, most = options.get("minLength", 0), options["maxLength"]
    return _map_rule(
        table, name, "length", "expect_column_value_lengths_to_be_between",
        {"min_value": least, "max_value": most},
        f"Not between {least} and {most} characters long. {words}", "Shorten or complete the text.",
    )  # fmt: skip


def _range_rule(table: str, name: str, options: dict[str, Any], words: str) -> Rule:
    least, most = options["minimum"], options["maximum"]
    return _query_rule(
        f"{table}.{name}.range", name,
        f"select row_number, {name} from {{batch}} "
        f"where try_cast({name} as bigint) not between {least} and {most}",
        f"Not from {least} to {most}. {words}", "Correct the cell.",
    )  # fmt: skip


def _reference(table: str, name: str, target: str) -> Rule:
    other, column = target.split(".")
    # The lists that the code declares are keyed by `id`, tables that are loaded are not.
    remedy = (
        f"Correct the cell; the known {other} are listed on the Methods page."
        if column == "id"
        else f"Load the file with the missing {other} first, or correct the cell."
    )
    return _query_rule(
        f"{table}.{name}.known", name,
        f"select row_number, {name} from {{batch}} "
        f"where {name} not in (select {column} from {other})",
        f"Not among the known {other}.", remedy,
    )  # fmt: skip


def _key_rules(schema: SchemaObject, properties: list[SchemaProperty]) -> Iterator[Rule]:
    table, key = schema.name or "", key_of(properties)
    if schema.physicalName and key:
        rest = tuple(each.name or "" for each in properties if not each.primaryKey)
        words = header_of(next(each for each in properties if each.primaryKey))
        yield _same_again_rule(table, key, rest, words)
        yield _same_in_vault_rule(table, schema.physicalName, key, rest, words)
    elif key:
        yield _key_rule(table, key)
        yield _new_key_rule(table, key)


def _same_again_rule(table: str, key: tuple[str, ...], rest: tuple[str, ...], words: str) -> Rule:
    """Rows that an agency sends twice are no fault, unless they differ."""
    columns = ", ".join(key)
    return _query_rule(
        f"{table}.key.unique", key[0],
        f"select row_number, {key[0]} from {{batch}} where ({columns}) in (select ({columns}) "
        f"from {{batch}} where ({columns}) in (select ({columns}) from {{batch}} "
        f"group by {columns} having count(*) > 1) "
        f"group by {columns} having count(distinct ({', '.join(rest)}, 0)) > 1)",
        f"Stands in the file more than once with the same {words} and different cells.",
        "Keep the row that is right.",
    )  # fmt: skip


def _same_in_vault_rule(
    table: str, stored: str, key: tuple[str, ...], rest: tuple[str, ...], words: str
) -> Rule:
    given = " and ".join(f"cast(held.{name} as varchar) = sent.{name}" for name in key)
    other = " or ".join(
        f"cast(held.{name} as varchar) is distinct from sent.{name}" for name in rest
    )
    return _query_rule(
        f"{table}.key.new", key[0],
        # A semi-join: DuckDB answers an `exists` with this `or` far more slowly.
        f"select row_number, {key[0]} from (from {{batch}}) as sent "
        f"semi join {stored} as held on {given} and ({other})",
        f"The vault already holds other cells for the same {words} from an extract of that day.",
        "Send corrections in a later extract.",
    )  # fmt: skip


def _key_rule(table: str, key: tuple[str, ...]) -> Rule:
    columns = ", ".join(key)
    return _query_rule(
        f"{table}.key.unique", key[0],
        f"select row_number, {key[0]} from {{batch}} where ({columns}) in (select ({columns}) "
        f"from {{batch}} group by {columns} having count(*) > 1) and {_all_given(key)}",
        f"Stands in the file more than once with the same {' and '.join(key)}.",
        "Keep one of the rows.",
    )  # fmt: skip


def _new_key_rule(table: str, key: tuple[str, ...]) -> Rule:
    columns = ", ".join(key)
    return _query_rule(
        f"{table}.key.new", key[0],
        f"select row_number, {key[0]} from {{batch}} "
        f"where ({columns}) in (select ({columns}) from {table})",
        f"The vault already holds a row with the same {' and '.join(key)}.",
        "Remove the row; what is loaded is not loaded again.",
    )  # fmt: skip


def _all_given(columns: tuple[str, ...]) -> str:
    return " and ".join(f"{column} is not null" for column in columns)


def _compound_references(schema: SchemaObject, properties: list[SchemaProperty]) -> Iterator[Rule]:
    """A row is named only where each part is known by itself; else its own rule names it."""
    table = schema.name or ""
    single = {each.name: refers_to(each) for each in properties}
    for each in schema.relationships or []:
        here = [name.split(".")[1] for name in _names(each.from_)]
        other = _names(each.to)[0].split(".")[0]
        there = [name.split(".")[1] for name in _names(each.to)]
        known = [
            f"{name} in (select {target.split('.')[1]} from {target.split('.')[0]})"
            for name in here
            if (target := single[name])
        ]
        yield _query_rule(
            f"{table}.{'_'.join(here)}.known", here[-1],
            f"select row_number, {here[-1]} from {{batch}} where {' and '.join(known)} "
            f"and ({', '.join(here)}) not in (select ({', '.join(there)}) from {other})",
            custom(each.customProperties, "reason"),
            f"Load the missing {other} first, or correct the cell.",
        )  # fmt: skip


def _names(reference: str | list[str] | None) -> list[str]:
    return [reference] if isinstance(reference, str) else reference or []


def _stated(table: str, quality: list[DataQuality] | None) -> Iterator[Rule]:
    for each in quality or []:
        if each.type == "custom" and isinstance(each.implementation, dict):
            yield Rule(
                id=f"{table}.{each.id}",
                column=custom(each.customProperties, "column") or None,
                expectation=str(each.implementation["type"]),
                kwargs=dict(each.implementation["kwargs"]),
                reason=text_of(each.description),
                remedy=custom(each.customProperties, "remedy"),
            )


def header_of(each: SchemaProperty) -> str:
    """What the file calls a column: the agency's own header, or the column's name."""
    return each.businessName or each.name or ""


def text_of(words: str | None) -> str:
    return (words or "").strip()


def custom(properties: list[CustomProperty] | None, name: str) -> str:
    found = [each.value for each in properties or [] if each.property == name]
    return str(found[0]) if found else ""


def allowed(each: SchemaProperty) -> tuple[str, ...]:
    return tuple(str(item.value) for item in each.enum or [])


def refers_to(each: SchemaProperty) -> str | None:
    return str(each.relationships[0].to) if each.relationships else None


def key_of(properties: list[SchemaProperty]) -> tuple[str, ...]:
    keys = [each for each in properties if each.primaryKey]
    return tuple(
        each.name or "" for each in sorted(keys, key=lambda each: each.primaryKeyPosition or 0)
    )
