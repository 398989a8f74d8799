"""The rules of a table that concern several columns or rows: its key, and compound references."""

from collections.abc import Iterator
from dataclasses import dataclass

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from iomdash.declared.contracts.rules import (
    Rule,
    custom,
    header_of,
    key_of,
    query_rule,
    refers_to,
)


@dataclass(frozen=True)
class Reference:
    """Columns of a table whose values stand in columns of another."""

    columns: tuple[str, ...]
    table: str
    there: tuple[str, ...]


def references(schema: SchemaObject, properties: list[SchemaProperty]) -> Iterator[Reference]:
    """What a table refers to, by one column or by several."""
    for part in properties:
        if target := refers_to(part):
            other, column = target.split(".")
            yield Reference((part.name or "",), other, (column,))
    for relation in schema.relationships or []:
        here, there = _names(relation.from_), _names(relation.to)
        yield Reference(_last(here), there[0].split(".")[0], _last(there))


def _last(names: list[str]) -> tuple[str, ...]:
    return tuple(name.split(".")[1] for name in names)


def keys(schema: SchemaObject, properties: list[SchemaProperty]) -> Iterator[Rule]:
    table, key = schema.name or "", key_of(properties)
    if schema.physicalName and key:
        rest = tuple(part.name or "" for part in properties if not part.primaryKey)
        words = header_of(next(part for part in properties if part.primaryKey))
        yield _same_again_rule(table, key, rest, words)
        yield _same_in_vault_rule(table, schema.physicalName, key, rest, words)
    elif key:
        yield _key_rule(table, key)
        yield _new_key_rule(table, key)


def _same_again_rule(table: str, key: tuple[str, ...], rest: tuple[str, ...], words: str) -> Rule:
    """Rows that an agency sends twice are no fault, unless they differ."""
    columns = ", ".join(key)
    return query_rule(
        f"{table}.key.unique", key[0],
        f"select row_number, {key[0]} from ({_alike(columns)} from alike where ({columns}) in "
        f"(select ({columns}) from alike "
        f"group by {columns} having count(distinct ({', '.join(rest)}, 0)) > 1))",
        f"Stands in the file more than once with the same {words} and different cells.",
        "Keep the row that is right.", alike=True,
    )  # fmt: skip


def _alike(columns: str) -> str:
    """The rows that may have a key in common, `alike`: nearly always none. Numbers are grouped at
    half of what texts cost.
    """
    return (
        f"with alike as (from {{batch}} semi join (select hash({columns}) as place from {{batch}} "
        f"group by place having count(*) > 1) as twice on hash({columns}) = twice.place)"
    )


def _same_in_vault_rule(
    table: str, stored: str, key: tuple[str, ...], rest: tuple[str, ...], words: str
) -> Rule:
    given = " and ".join(f"cast(held.{name} as varchar) = sent.{name}" for name in key)
    other = " or ".join(
        f"cast(held.{name} as varchar) is distinct from sent.{name}" for name in rest
    )
    return query_rule(
        f"{table}.key.new", key[0],
        # A semi-join: DuckDB answers an `exists` with this `or` far more slowly.
        f"select row_number, {key[0]} from (from {{batch}}) as sent "
        f"semi join {stored} as held on {given} and ({other})",
        f"The vault already holds other cells for the same {words} from an extract of that day.",
        "Send corrections in a later extract.",
    )  # fmt: skip


def _key_rule(table: str, key: tuple[str, ...]) -> Rule:
    columns = ", ".join(key)
    return query_rule(
        f"{table}.key.unique", key[0],
        f"select row_number, {key[0]} from ({_alike(columns)} from alike where ({columns}) in "
        f"(select ({columns}) from alike group by {columns} having count(*) > 1) "
        f"and {_all_given(key)})",
        f"Stands in the file more than once with the same {' and '.join(key)}.",
        "Keep one of the rows.", alike=True,
    )  # fmt: skip


def _new_key_rule(table: str, key: tuple[str, ...]) -> Rule:
    columns = ", ".join(key)
    return query_rule(
        f"{table}.key.new", key[0],
        f"select row_number, {key[0]} from {{batch}} "
        f"where ({columns}) in (select ({columns}) from {table})",
        f"The vault already holds a row with the same {' and '.join(key)}.",
        "Remove the row; what is loaded is not loaded again.",
    )  # fmt: skip


def _all_given(columns: tuple[str, ...]) -> str:
    return " and ".join(f"{column} is not null" for column in columns)


def compound_references(schema: SchemaObject, properties: list[SchemaProperty]) -> Iterator[Rule]:
    """A row is named only where each part is known by itself; else its own rule names it."""
    table = schema.name or ""
    single = {part.name: refers_to(part) for part in properties}
    for relation in schema.relationships or []:
        here, there = _last(_names(relation.from_)), _last(_names(relation.to))
        other = _names(relation.to)[0].split(".")[0]
        known = [
            f"{name} in (select {target.split('.')[1]} from {target.split('.')[0]})"
            for name in here
            if (target := single[name])
        ]
        yield query_rule(
            f"{table}.{'_'.join(here)}.known", here[-1],
            f"select row_number, {here[-1]} from {{batch}} where {' and '.join(known)} "
            f"and ({', '.join(here)}) not in (select ({', '.join(there)}) from {other})",
            custom(relation.customProperties, "reason"),
            f"Load the missing {other} first, or correct the cell.",
        )  # fmt: skip


def _names(reference: str | list[str] | None) -> list[str]:
    return [reference] if isinstance(reference, str) else reference or []
