"""Broken cells in the words of who has to mend them.

A contract knows rules; here the cell is shown as it stands in the file, its row and sheet as the
user's program numbers them, invisible signs as their codes, and beside a rule on a list the values
that are allowed, the nearest first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from difflib import SequenceMatcher, get_close_matches

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Break, ContractBroken
from iomdash.intake import identifiers
from iomdash.intake.cells import Known, folded, visible
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.sources.header import column_name
from iomdash.intake.sources.raw import placed
from iomdash.intake.staging import Staged

_LONGEST = 60  # characters of a cell that a message repeats: enough to find it
_MOST_LISTED = 20
_NEAR = 3
_LIKE = 0.6  # difflib's own measure of a good match
# Values of a list that are compared with a cell; beyond, only what is written alike.
_MOST_COMPARED = 2000
_TIMED = re.compile(r"\d\d?:\d\d")
_SERIAL = re.compile(r"[1-7]\d{4}")
_EXCEL = date(1899, 12, 30)


def completed(
    broken: ContractBroken, staged: Staged, contract: Contract, known: Known
) -> ContractBroken:
    """The same breaks, in the order of the file."""
    columns = {column.header: column for column in contract.columns}
    listed: dict[str, Sequence[str]] = {}

    def values(column: Column) -> Sequence[str]:
        if column.name not in listed:
            refers = known(column.refers_to) if column.refers_to else ()
            listed[column.name] = column.allowed or refers
        return listed[column.name]

    placed_breaks: list[tuple[tuple[int, int, str], Break]] = []
    for item in broken.breaks:
        column = columns.get(item.column or "")
        new = _shown(item, staged, column)
        if column is not None:
            new = _remedied(new, item, staged, column, values, contract)
        place = placed(item.row or 0)
        placed_breaks.append(((place.sheet, place.row, new.column or ""), new))
    placed_breaks.sort(key=lambda pair: pair[0])
    return ContractBroken(
        broken.table, [item for _, item in placed_breaks], broken.total, staged.reading.as_json()
    )


def _shown(broken: Break, staged: Staged, column: Column | None) -> Break:
    if broken.row is None:
        return broken
    place = placed(broken.row)
    sheets = staged.reading.sheets
    value, header = broken.value, broken.column
    if column is not None and value != HIDDEN and not column.identifies:
        value = staged.shown(broken.row, column.name) or value
    if staged.codes and header in ("code", "stance"):
        header = staged.codes[place.code]
    return replace(
        broken, row=place.row, column=header, value=_safe(value),
        sheet=sheets[place.sheet] if len(sheets) > 1 else None,
    )  # fmt: skip


def _safe(value: str | None) -> str | None:
    if value is None or value == HIDDEN:
        return value
    if identifiers.in_text(value):
        return HIDDEN
    text = visible(value)
    return text if len(text) <= _LONGEST + 1 else f"{text[:_LONGEST]}…"


def _remedied(
    new: Break,
    broken: Break,
    staged: Staged,
    column: Column,
    values: Callable[[Column], Sequence[str]],
    contract: Contract,
) -> Break:
    kind = _kind_of(broken, contract, column)
    if kind == "missing":
        return replace(new, remedy=_renamed(column, staged) or new.remedy)
    if kind in ("allowed", "known"):
        return _listed(new, kind, column, values(column), contract)
    if kind == "type" and column.kind == "date":
        return _day(new)
    return new


def _kind_of(broken: Break, contract: Contract, column: Column) -> str:
    if broken.row is None:
        return "missing" if broken.rule == "The column is missing." else ""
    names = {
        rule.id.rpartition(".")[2]
        for rule in contract.rules
        if rule.column == column.name and rule.reason == broken.rule
    }
    return next(iter(names), "")


def _renamed(column: Column, staged: Staged) -> str | None:
    """The column of the file that may be the missing one."""
    wanted = column_name(column.header)
    near = get_close_matches(wanted, staged.reading.left_out, 1, 0.8)
    near += [name for name in staged.reading.left_out if name.startswith(wanted)]
    return f"Rename '{near[0]}' to {column.header}." if near else None


def _listed(
    new: Break, kind: str, column: Column, values: Sequence[str], contract: Contract
) -> Break:
    near = _nearest(new.value or "", values) if new.value != HIDDEN else []
    guess = f"Did you mean {_or(near)}? " if near else ""
    if kind == "known" and column.refers_to and not column.refers_to.endswith(".id"):
        return replace(new, remedy=f"{guess}{new.remedy}")
    rest = [value for value in values if value not in near]
    rule = f"{new.rule.split('.')[0]}." if kind == "known" else "Not one of the allowed values."
    if len(values) <= _MOST_LISTED:
        remedy = f"Write one of: {', '.join((*near, *rest))}."
    else:
        remedy = (
            f"{guess}All {len(values):,} values stand in the template: "
            f"python -m iomdash template {contract.table} FILE.xlsx"
        )
    return replace(new, rule=rule, remedy=remedy)


def _or(names: Sequence[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def _nearest(value: str, values: Sequence[str]) -> list[str]:
    """At most three values like the one that was written, the nearest first."""
    bare = _bare(value)
    alike = [other for other in values if _bare(other) == bare]
    if alike or len(values) > _MOST_COMPARED:
        return alike[:_NEAR]
    if len(values) <= _MOST_LISTED:
        begun = folded(value)
        return sorted(
            (other for other in values if _ratio(begun, folded(other)) >= _LIKE or
             folded(other) in begun),
            key=lambda other: -_ratio(begun, folded(other)),
        )[:_NEAR]  # fmt: skip
    names = {folded(other): other for other in values}
    return [names[other] for other in get_close_matches(folded(value), [*names], _NEAR, _LIKE)]


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _day(new: Break) -> Break:
    value = new.value or ""
    if _SERIAL.fullmatch(value):
        day = _EXCEL + timedelta(int(value))
        return replace(
            new, remedy=f"It may be Excel's number of {day:%d/%m/%Y}: format the column as a date "
            "there, and save it anew.",
        )  # fmt: skip
    if _TIMED.search(value) and new.value != HIDDEN:
        return replace(
            new, rule="Holds a time of day beside the day.",
            remedy="Write the day by itself, as 31/12/2025.",
        )  # fmt: skip
    return new
