"""An agency's file through two contracts: its own form, then the tables that it becomes.

Both are judged at once, so that the agency's file comes back with every cell to mend, under the
agency's own headers. A cell that is broken by its own contract is not named a second time for
what it makes of the tables.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import duckdb

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import (
    MOST_BREAKS,
    Break,
    ContractBroken,
    Kind,
    Unconfirmed,
    counted,
)
from iomdash.intake.contracts import checking
from iomdash.intake.contracts.checked import Checked
from iomdash.intake.contracts.checking import Claim
from iomdash.intake.feeds import absent, implied, mapping
from iomdash.intake.feeds.absent import Absent
from iomdash.intake.feeds.declaration import LINKS, Feed, Table, raw_columns
from iomdash.intake.staging import Staged

Cell = tuple[int | None, str | None]


@dataclass(frozen=True)
class Becoming:
    """A table that the agency's file becomes: its declaration and its contract.

    `form` is the contract of the file itself, `staged` the file as read.
    """

    form: Contract
    staged: Staged
    table: Table
    contract: Contract

    def sources(self, column: str | None) -> tuple[str, ...]:
        """The columns of the file from which that column of the table comes, none for a row."""
        named = (own.name for own in self.contract.columns if own.header == column)
        return tuple(name for own in named for name in raw_columns(self.table.columns[own]))

    def headers(self, names: Iterable[str]) -> set[str]:
        """What the file calls these columns of it."""
        return {self.form.column(name).header for name in names}

    @cached_property
    def known(self) -> Mapping[str, str]:
        """The ids of the rules of the table that are kept where the file is sound."""
        return implied.rules(self.form, self.table, self.contract)

    @property
    def days(self) -> list[str]:
        """The columns of the table that hold days or nothing where the file is sound."""
        table, columns = self.contract.table, self.contract.columns
        days = (column.name for column in columns if column.kind == "date")
        return [name for name in days if f"{table}.{name}.type" in self.known]

    def rows(
        self, key: bytes, part: int, *, without: Collection[int] = (), days: Collection[str] = ()
    ) -> Staged:
        """The rows of the table."""
        return mapping.rows(
            self.staged, self.table, self.contract, key, part=part, without=without, days=days
        )

    def in_agency_words(self, broken: Break) -> Break:
        """A broken cell of the table as that of the file from which it comes."""
        return mapping.in_agency_words(broken, self.staged, self.form, self.sources(broken.column))


def check(
    con: duckdb.DuckDBPyConnection,
    feed: Feed,
    form: Contract,
    staged: Staged,
    key: bytes,
    *,
    today: date | None = None,
    confirmed: int | None = None,
) -> Checked:
    """The agency's file, checked, with the rows of each table that it becomes as its `parts`.

    `form` is the contract of the file. Raises ContractBroken with the cells of the agency's file,
    Unconfirmed where it would end too many rows that are not as many as `confirmed`.
    """
    try:
        every = [Becoming(form, staged, table, odcs.load(table.name)) for table in feed.tables]
        checked = _at_once(con, every, key, today) or _one_by_one(con, every, key, today)
    finally:
        staged.rows.drop()
    missing = tuple(_absent(con, form, [*checked.parts]))
    try:
        absent.demand(form.table, staged.file, missing, confirmed)
    except Unconfirmed:
        _drop(con, checked.parts)
        raise
    return replace(checked, absent=missing)


def _at_once(
    con: duckdb.DuckDBPyConnection, every: Sequence[Becoming], key: bytes, today: date | None
) -> Checked | None:
    """A sound file, checked with its tables, as nearly every file is; None of another."""
    form, staged = every[0].form, every[0].staged
    claims = [
        Claim(one.contract, one.rows(key, place, days=one.days), one.known)
        for place, one in enumerate(every)
    ]
    held = [claim for claim in claims if claim.staged.rows.height]
    checked = checking.together(con, [Claim(form, staged), *held], today=today)
    if checked is None:
        for claim in held:
            claim.staged.rows.drop()
        return None
    raw, *parts = checked
    staged.rows.hide(con, raw.stage)
    return replace(raw, parts=tuple(_named(part, every[part.staged.part]) for part in parts))


def _one_by_one(
    con: duckdb.DuckDBPyConnection, every: Sequence[Becoming], key: bytes, today: date | None
) -> Checked:
    """The file and then each table, with every cell that is broken. Raises ContractBroken."""
    form, staged = every[0].form, every[0].staged
    parts: list[Checked] = []
    try:
        raw, of_form = _form(con, form, staged, today)
        breaks = list(of_form.breaks if of_form else ())
        counts = Counter(of_form.counts if of_form else ())
        for place, becoming in enumerate(every):
            rows = becoming.rows(
                key, place, without=_doubtful(becoming, breaks), days=becoming.days if raw else (),
            )  # fmt: skip
            try:
                if rows.rows.height:
                    part = checking.check(
                        con, becoming.contract, rows, today=today, implied=becoming.known
                    )
                    parts.append(_named(part, becoming))
            except ContractBroken as broken:
                rows.rows.drop()
                new = _new(broken, becoming, breaks)
                counts += counted(new) + _beyond(broken, becoming)
                breaks += new
        if raw is None or breaks:
            raise ContractBroken(form.table, sorted(breaks, key=_place), counts)
    except BaseException:
        _drop(con, parts)
        raise
    return replace(raw, parts=tuple(parts))


def _absent(
    con: duckdb.DuckDBPyConnection, form: Contract, parts: list[Checked]
) -> Iterator[Absent]:
    """What the extract before held of the tables that the file becomes, and the file does not."""
    for table in dict.fromkeys(part.contract.table for part in parts):
        stages = [part.stage for part in parts if part.contract.table == table]
        # Who somebody is, is held whatever a later extract says.
        if table != LINKS and form.absence:
            missing = absent.count(con, form.table, odcs.load(table), stages, form.absence)
            yield from [missing] if missing else []


def _named(part: Checked, becoming: Becoming) -> Checked:
    """A table that was checked, with its warnings in the agency's words."""
    warned = (
        replace(
            warning, breaks=tuple(becoming.in_agency_words(broken) for broken in warning.breaks)
        )
        for warning in part.warned
    )
    return replace(part, warned=tuple(warned))


def _doubtful(becoming: Becoming, known: list[Break]) -> list[int]:
    """The rows of links that a broken cell would give to somebody else."""
    columns = becoming.table.columns
    if "identifier" not in columns:
        return []
    headers = becoming.headers(name for source in columns.values() for name in raw_columns(source))
    return [one.row for one in known if one.column in headers and one.row is not None]


def _form(
    con: duckdb.DuckDBPyConnection, form: Contract, staged: Staged, today: date | None
) -> tuple[Checked | None, ContractBroken | None]:
    try:
        raw = checking.check(con, form, staged, today=today)
    except ContractBroken as broken:
        if broken.total > MOST_BREAKS:
            raise
        return None, broken
    staged.rows.hide(con, raw.stage)
    return raw, None


def _drop(con: duckdb.DuckDBPyConnection, checked: Iterable[Checked]) -> None:
    for part in checked:
        part.forget(con)


def _new(broken: ContractBroken, becoming: Becoming, known: list[Break]) -> list[Break]:
    """The breaks that no broken cell among their sources explains already."""
    named: set[Cell] = {(item.row, item.column) for item in known}
    breaks: dict[Break, None] = {}
    for item in broken.breaks:
        headers = becoming.headers(becoming.sources(item.column))
        cells = {(row, header) for header in headers for row in (item.row, None)}
        if not cells & named:
            breaks[becoming.in_agency_words(item)] = None
    return list(breaks)


def _beyond(broken: ContractBroken, becoming: Becoming) -> Counter[Kind]:
    """How many of each kind there are that are not listed."""
    beyond: Counter[Kind] = Counter()
    for (column, rule), n in (Counter(broken.counts) - counted(broken.breaks)).items():
        beyond[becoming.in_agency_words(Break("", None, column, None, rule, "")).kind] += n
    return beyond


def _place(broken: Break) -> tuple[int, str]:
    return broken.row or 0, broken.column or ""
