"""Broken cells in the words of who has to mend them.

A contract knows rules; here the cell is shown as it stands in the file, its row and sheet as the
user's program numbers them, invisible signs as their codes, and beside a rule on a list the values
that are allowed, the nearest first.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import Break, ContractBroken, Kind
from iomdash.intake import identifiers, screening
from iomdash.intake.cells import Known, folded, visible
from iomdash.intake.contracts import lists
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.sources.header import column_name
from iomdash.intake.sources.raw import placed
from iomdash.intake.staging import Staged

_LONGEST = 60  # characters of a cell that a message repeats: enough to find it
_MOST_LISTED = 20
_NEAR = 3
_LIKE = 0.6  # difflib's own measure of a good match
# Words of a file times values of their list that are compared; beyond, only what is written alike.
_MOST_COMPARED = 100_000
_TIMED = re.compile(r"\d\d?:\d\d")
_SERIAL = re.compile(r"[1-7]\d{4}")
_EXCEL = date(1899, 12, 30)
_SCREENED = screening.RULE.rpartition(".")[2]


def completed(
    broken: ContractBroken, staged: Staged, contract: Contract, known: Known
) -> ContractBroken:
    """The same breaks, in the order of the file."""
    columns = {column.header: column for column in contract.columns}
    listed: dict[str, _List] = {}

    def values(column: Column) -> _List:
        if column.name not in listed:
            refers = known(column.refers_to) if column.refers_to else ()
            listed[column.name] = _List(column.allowed or refers)
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
    breaks = [item for _, item in placed_breaks]
    counts = _counts(broken, contract, staged) if broken.total > len(breaks) else None
    return ContractBroken(broken.table, breaks, counts, staged.reading.as_json())


def _counts(broken: ContractBroken, contract: Contract, staged: Staged) -> Mapping[Kind, int]:
    """How many cells there are of each kind, in the words for all of a kind."""
    columns = {column.header: column for column in contract.columns}
    columns |= {code: contract.column("stance") for code in staged.codes}
    counts: Counter[Kind] = Counter()
    for (header, rule), n in broken.counts.items():
        column = columns.get(header or "")
        kind = _kind_of(rule, contract, column) if column else ""
        counts[header, _in_short(rule, kind)] += n
    return counts


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
    values: "Callable[[Column], _List]",
    contract: Contract,
) -> Break:
    if broken.row is None:
        renamed = _renamed(column, staged) if broken.rule == "The column is missing." else None
        return replace(new, remedy=renamed or new.remedy)
    kind = _kind_of(broken.rule, contract, column)
    if kind == _SCREENED:
        return replace(new, rule=screening.words(_cell(broken, staged, column)), value=HIDDEN)
    if kind in ("allowed", "known"):
        return _listed(new, kind, column, values(column), contract)
    if kind == "type" and column.kind == "date":
        return _day(new)
    return new


def _kind_of(reason: str, contract: Contract, column: Column) -> str:
    """Which rule of a column it is that a cell broke."""
    names = (
        rule.id.rpartition(".")[2]
        for rule in contract.rules
        if rule.column == column.name and rule.reason == reason
    )
    return next(names, "")


def _cell(broken: Break, staged: Staged, column: Column) -> str:
    """The whole cell as it is stored."""
    rows = staged.frame.filter(pl.col("row_number") == broken.row)
    return str(rows[column.name].item())


def _renamed(column: Column, staged: Staged) -> str | None:
    """The column of the file that may be the missing one."""
    wanted = column_name(column.header)
    near = get_close_matches(wanted, staged.reading.left_out, 1, 0.8)
    near += [name for name in staged.reading.left_out if name.startswith(wanted)]
    return f"Rename '{near[0]}' to {column.header}." if near else None


class _List:
    """The values that a column may have, asked for those like a word."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = values
        self._compared = 0
        self._near: dict[str, list[str]] = {}

    def nearest(self, word: str) -> list[str]:
        """At most three values like the one that was written, the nearest first."""
        if word not in self._near:
            self._near[word] = self._found(word)
        return self._near[word]

    @cached_property
    def _alike(self) -> Mapping[str, list[str]]:
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for value in self.values:
            alike[_bare(value)].append(value)
        return alike

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {folded(value): value for value in self.values}

    def _found(self, word: str) -> list[str]:
        alike = self._alike.get(_bare(word), [])
        self._compared += 0 if alike else len(self.values)
        if alike or self._compared > _MOST_COMPARED:
            return alike[:_NEAR]
        begun = folded(word)
        if len(self.values) <= _MOST_LISTED:
            return sorted(
                (other for other in self.values if _ratio(begun, folded(other)) >= _LIKE or
                 folded(other) in begun),
                key=lambda other: -_ratio(begun, folded(other)),
            )[:_NEAR]  # fmt: skip
        return [self._names[near] for near in get_close_matches(begun, self._names, _NEAR, _LIKE)]


def _listed(new: Break, kind: str, column: Column, listed: _List, contract: Contract) -> Break:
    near = listed.nearest(new.value or "") if new.value != HIDDEN else []
    guess = f"Did you mean {_or(near)}? " if near else ""
    if kind == "known" and column.refers_to and not column.refers_to.endswith(".id"):
        return replace(new, remedy=f"{guess}{new.remedy}")
    values = listed.values
    rest = [value for value in values if value not in near]
    rule = _in_short(new.rule, kind)
    how = lists.how_to_add(column.refers_to or "")
    if how:
        few = f"Write one of: {', '.join((*near, *rest))}; or"
        remedy = f"{few if len(values) <= _MOST_LISTED else guess + 'Correct the cell, or'} {how}."
    elif len(values) <= _MOST_LISTED:
        remedy = f"Write one of: {', '.join((*near, *rest))}."
    else:
        remedy = (
            f"{guess}All {len(values):,} values stand in the template: "
            f"python -m iomdash template {contract.table} FILE.xlsx"
        )
    return replace(new, rule=rule, remedy=remedy)


def _in_short(rule: str, kind: str) -> str:
    """What is wrong with a cell that is none of a list, without the list."""
    short = {"known": f"{rule.split('.')[0]}.", "allowed": "Not one of the allowed values."}
    return short.get(kind, rule)


def _or(names: Sequence[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


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
