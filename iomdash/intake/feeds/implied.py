"""The rules of a table that cannot be broken by cells that keep the agency's own contract.

An agency's file passes two contracts, and much of the second says again what the first has said.
What follows here follows from the declarations alone: the two contracts, the codes of the feed,
and the form of every pseudonym. A cell that breaks its own contract is named for that already.
"""

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.declared.contracts.rules import Rule
from iomdash.intake import pseudonyms
from iomdash.intake.contracts import lists
from iomdash.intake.feeds.declaration import (
    Fixed,
    FromColumn,
    IdentifierColumns,
    Person,
    Source,
    Table,
)

# These judge a cell by itself; the last part of a rule's id tells them.
_SAME_CELL = ("type", "pattern", "length", "range")


def rules(raw: Contract, table: Table) -> frozenset[str]:
    """The ids of the rules of `table` that `raw` and the feed's declaration already keep."""
    contract = odcs.load(table.name)
    return frozenset(
        rule.id
        for column in contract.columns
        for rule in contract.rules
        if rule.column == column.name and _follows(rule, column, table.columns[column.name], raw)
    )


def _follows(rule: Rule, column: Column, source: Source, raw: Contract) -> bool:
    what = rule.id.removeprefix(f"{rule.id.split('.')[0]}.{column.name}.")
    match source:
        case FromColumn():
            return _of_told(what, rule, column, source, raw)
        case Person() | IdentifierColumns():
            return _of_pseudonym(what, rule, source, raw)
        case _:
            return what == "required" and isinstance(source, Fixed)


def _of_told(what: str, rule: Rule, column: Column, source: FromColumn, raw: Contract) -> bool:
    told = raw.column(source.column)
    if what == "required":
        return told.required or source.empty is not None
    if what in ("allowed", "known"):
        return _within(column, source, told)
    unchanged = not source.codes and source.empty is None
    return unchanged and what in _SAME_CELL and _same_rule(what, rule, told, raw)


def _within(column: Column, source: FromColumn, told: Column) -> bool:
    """Whether every value that the file may hold becomes one of the column's list."""
    target, first = _listed(column), _listed(told)
    become = {source.codes.get(value, value) for value in first} | ({source.empty} - {None})
    return bool(first) and become <= target


def _listed(column: Column) -> set[str]:
    if column.allowed:
        return set(column.allowed)
    return set(lists.declared(column.refers_to or ""))


def _same_rule(what: str, rule: Rule, told: Column, raw: Contract) -> bool:
    twin = f"{raw.table}.{told.name}.{what}"
    asked = _asked(rule, rule.column or "")
    return any(_asked(each, told.name) == asked for each in raw.rules if each.id == twin)


def _asked(rule: Rule, column: str) -> tuple[str, str]:
    """What a rule asks of its cells, whatever the column is called."""
    return rule.expectation, str(rule.kwargs).replace(column, "{column}")


def _of_pseudonym(what: str, rule: Rule, source: Person | IdentifierColumns, raw: Contract) -> bool:
    if what == "pattern":
        return rule.kwargs["regex"] == pseudonyms.FORM
    if what != "required":
        return False
    # A row without this identifier becomes no row.
    kinds = source.identifiers if isinstance(source, Person) else ()
    return isinstance(source, IdentifierColumns) or any(
        each.kind not in pseudonyms.NOT_ALWAYS
        and all(raw.column(name).required for name in each.columns)
        for each in kinds
    )
