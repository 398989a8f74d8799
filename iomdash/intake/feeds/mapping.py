"""A checked raw file to rows of canonical tables, identifiers replaced by their pseudonyms."""

from collections.abc import Collection
from dataclasses import replace

import duckdb

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Break
from iomdash.intake import pseudonyms
from iomdash.intake.feeds.declaration import (
    AgeBand,
    Fixed,
    FromColumn,
    IdentifierColumns,
    Person,
    Source,
    Table,
)
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.rows import made
from iomdash.intake.staging import Staged

# Lowest age of each band above the first, in years.
_BANDS = {18: "18 to 24", 25: "25 to 34", 35: "35 to 44", 45: "45 or over"}
_YOUNGEST = "under 18"
_SEPARATOR = 0x1F


def rows(
    con: duckdb.DuckDBPyConnection, source: str, raw: Staged, table: Table, contract: Contract,
    key: bytes, *, part: int, without: Collection[int] = (),
) -> Staged:  # fmt: skip
    """The rows of one canonical table, still as text and numbered as in the file, in a table of
    the connection; `source` has the file's rows, of which some numbers are left out.
    """
    people = _People(con, source, key)
    cells = [
        f"{_cell(table.columns[column.name], people)} as {column.name}"
        for column in contract.columns
    ]
    # A caseload row without an identifier of this kind says nothing of whose it is.
    held = "identifier is not null" if "identifier" in table.columns else "true"
    left = ", ".join(map(str, without))
    kept = f"select s.row_number, {', '.join(cells)} from {source} as s {people.joins}"
    numbered = f"where s.row_number not in ({left})" if without else ""
    stored = made(
        con, f"rows_{contract.table}_{part}_{raw.sha256[:16]}",
        f"select * from ({kept} {numbered}) where {held}",
    )  # fmt: skip
    people.drop()
    return replace(
        raw, table=contract.table, rows=stored, warnings=(), missing=(), identified=(),
        identified_total=0, faults=(), faults_total=0, part=part,
    )  # fmt: skip


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _People:
    """Tables of the pseudonyms of a file's identifiers, one for each way in which it names people.

    `joins` are those that the cells which were asked for need.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, source: str, key: bytes) -> None:
        self._con = con
        self._source = source
        self._key = key
        self._tables: dict[IdentifierColumns, str] = {}

    def pseudonym(self, identifier: IdentifierColumns) -> str:
        """The cell that names who an identifier is of."""
        if identifier not in self._tables:
            name = f"named_{len(self._tables)}"
            query = f"select {_whole(identifier)} from {self._source} as s"
            pseudonyms.keep(self._con, name, query, identifier.kind, self._key)
            self._tables[identifier] = name
        return f"{self._tables[identifier]}.pseudonym"

    @property
    def joins(self) -> str:
        return " ".join(
            f"left join {name} on {_whole(identifier)} = {name}.identifier"
            for identifier, name in self._tables.items()
        )

    def drop(self) -> None:
        """Let go of the identifiers."""
        for name in self._tables.values():
            self._con.execute(f"drop table {name}")


def _whole(identifier: IdentifierColumns) -> str:
    return f" || chr({_SEPARATOR}) || ".join(f"s.{name}" for name in identifier.columns)


def _cell(source: Source, people: _People) -> str:
    match source:
        case FromColumn():
            return _translated(source)
        case Fixed():
            return _literal(source.value)
        case IdentifierColumns():
            return people.pseudonym(source)
        case Person():
            return f"coalesce({', '.join(map(people.pseudonym, source.identifiers))})"
        case AgeBand():
            return _age_band(source)


def _translated(source: FromColumn) -> str:
    # A code that is not known stays as it is, for a contract to name.
    cell = f"s.{source.column}"
    if source.codes:
        codes = (f"when {_literal(a)} then {_literal(b)}" for a, b in source.codes.items())
        cell = f"case {cell} {' '.join(codes)} else {cell} end"
    return cell if source.empty is None else f"coalesce({cell}, {_literal(source.empty)})"


def _age_band(source: AgeBand) -> str:
    born, on = (f"try_strptime(s.{name}, '%Y-%m-%d')" for name in (source.born, source.on))
    day = "(month({0}) * 100 + day({0}))"
    age = f"(year({on}) - year({born}) - ({day.format(on)} < {day.format(born)})::int)"
    bands = (f"when {age} >= {n} then '{_BANDS[n]}'" for n in sorted(_BANDS, reverse=True))
    return f"case {' '.join(bands)} when {age} < {min(_BANDS)} then '{_YOUNGEST}' end"


def in_agency_words(
    broken: Break, raw: Staged, contract: Contract, names: tuple[str, ...]
) -> Break:
    """A broken cell of a canonical table as the cell of the raw columns from which it comes."""
    if not names:
        return broken
    column = contract.column(names[0])
    if broken.row is None:  # a figure of the whole file, which stands in no cell
        return replace(
            broken, column=column.header, value=None if column.identifies else broken.value
        )
    value = HIDDEN if column.identifies else raw.rows.cell(broken.row, column.name)
    return replace(broken, column=column.header, value=value)
