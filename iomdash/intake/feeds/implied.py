"""The rules of a table that cannot be broken by cells that keep the agency's own contract.

An agency's file passes two contracts, and much of the second says again what the first has said.
What follows here follows from the declarations alone: the two contracts, the codes of the feed,
and the form of every pseudonym. A cell that breaks its own contract is named for that already.
"""

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
_SAME_CELL = ("type", "pattern", "length", "range", "above", "below", "multiple", "width")

_DECLARED = "the declaration of the feed"


def rules(raw: Contract, table: Table, contract: Contract) -> dict[str, str]:
    """The ids of the rules of a table's contract that are kept already, each with what keeps it.

    That is a rule of `raw`, the contract of the agency's file, by its id, or what is declared of
    the feed, in words.
    """
    return {
        rule.id: kept
        for column in contract.columns
        for rule in contract.rules
        if rule.column == column.name
        and (kept := _kept_by(rule, column, table.columns[column.name], raw))
    }


def _kept_by(rule: Rule, column: Column, source: Source, raw: Contract) -> str | None:
    what = rule.id.removeprefix(f"{rule.id.split('.')[0]}.{column.name}.")
    match source:
        case FromColumn():
            return _of_column(what, rule, column, source, raw)
        case Person() | IdentifierColumns():
            return _of_pseudonym(what, rule, source, raw)
        case _:
            fixed = what == "required" and isinstance(source, Fixed)
            return _DECLARED if fixed else None


def _of_column(
    what: str, rule: Rule, column: Column, source: FromColumn, raw: Contract
) -> str | None:
    of_file = raw.column(source.column)
    stated = f"{raw.table}.{of_file.name}"
    if what == "required":
        return (
            _DECLARED if source.empty is not None else _if(of_file.required, f"{stated}.required")
        )
    if what in ("allowed", "known"):
        listed = "allowed" if of_file.allowed else "known"
        return _if(_within(column, source, of_file), f"{stated}.{listed}")
    unchanged = not source.codes and source.empty is None and what in _SAME_CELL
    return _if(unchanged and _same_rule(what, rule, of_file, raw), f"{stated}.{what}")


def _if(kept: bool, by: str) -> str | None:
    return by if kept else None


def _within(column: Column, source: FromColumn, of_file: Column) -> bool:
    """Whether every value that the file may hold becomes one of the column's list."""
    target, first = _listed(column), _listed(of_file)
    become = {source.codes.get(value, value) for value in first} | ({source.empty} - {None})
    return bool(first) and become <= target


def _listed(column: Column) -> set[str]:
    if column.allowed:
        return set(column.allowed)
    return set(lists.declared(column.refers_to or ""))


def _same_rule(what: str, rule: Rule, of_file: Column, raw: Contract) -> bool:
    twin = f"{raw.table}.{of_file.name}.{what}"
    asked = _asked(rule, rule.column or "")
    return any(_asked(other, of_file.name) == asked for other in raw.rules if other.id == twin)


def _asked(rule: Rule, column: str) -> tuple[str, str]:
    """What a rule asks of its cells, whatever the column is called."""
    return rule.expectation, str(rule.kwargs).replace(column, "{column}")


def _of_pseudonym(
    what: str, rule: Rule, source: Person | IdentifierColumns, raw: Contract
) -> str | None:
    if what == "pattern":
        return _if(rule.kwargs["regex"] == pseudonyms.FORM, "the form of every pseudonym")
    if what != "required":
        return None
    # A row without this identifier becomes no row.
    if isinstance(source, IdentifierColumns):
        return _DECLARED
    for identifier in source.identifiers:
        always = identifier.kind not in pseudonyms.NOT_ALWAYS
        if always and all(raw.column(name).required for name in identifier.columns):
            return " and ".join(f"{raw.table}.{name}.required" for name in identifier.columns)
    return None
