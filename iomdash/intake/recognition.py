"""Which table a file is of, by its headers: every contract is held against it, the nearest wins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from iomdash.declared.codebook import CODES
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES, Contract
from iomdash.intake import sources
from iomdash.intake.feeds import ENTRIES
from iomdash.intake.sources import matrix
from iomdash.intake.sources.delimited import MOST_COLUMNS
from iomdash.intake.sources.header import column_name, known_headers
from iomdash.intake.staging import ORIGIN

# Shares of what a table needs and of what a file has, multiplied: below it a guess is none.
_LEAST = 0.35
# Two tables this near to one another are a tie.
_TIE = 0.1
_MOST_ROWS = 8  # of a file, any of which may be its header


@dataclass(frozen=True)
class Recognised:
    """What a file may be: `tables` has one where it is plain, several where they are as likely,
    none where its headers are nobody's.

    `headers` are those by which it is known again, as a contract writes them; `sheets` the names
    of its sheets, none where it has one table only.
    """

    tables: tuple[str, ...]
    headers: tuple[str, ...]
    sheets: tuple[str, ...] = ()

    @property
    def table(self) -> str | None:
        """The one table that it is of; None where somebody has to say."""
        return self.tables[0] if len(self.tables) == 1 else None


def recognised(path: Path) -> Recognised:
    """The tables whose headers a file has. Raises Unreadable where it cannot be opened."""
    tops = sources.tops(sources.bytes_of(path, "It"))
    rows = _likely_headers([row for top in tops.values() for row in top])
    ranked = sorted(_scores(rows), key=lambda pair: -pair[1])
    best = ranked[0][1] if ranked else 0
    likely = [table for table, score in ranked if score >= max(_LEAST, best - _TIE)]
    return Recognised(tuple(likely), _headers(rows, likely), tuple(name for name in tops if name))


def in_order(tables: Sequence[str]) -> list[int]:
    """The places of tables in the order in which their files can be loaded: what another refers to
    comes first.
    """
    return sorted(range(len(tables)), key=lambda place: _depth(tables[place]))


def needs(table: str) -> frozenset[str]:
    """The tables to which the rows of one refer."""
    return frozenset(each.table for each in odcs.load(table).references if each.table in TABLES)


@cache
def _depth(table: str) -> int:
    return 1 + max((_depth(other) for other in needs(table) - {table}), default=0)


def _likely_headers(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The rows that name most columns of any table, of no more columns than a table has; the first
    that holds anything where none does.
    """
    named = [(len(_known() & {column_name(cell) for cell in row}), row)
             for row in rows if len(row) <= MOST_COLUMNS]  # fmt: skip
    most = sorted(named, key=lambda pair: -pair[0])[:_MOST_ROWS]
    return [row for n, row in most if n] or [row for _, row in named if any(row)][:1]


@cache
def _known() -> frozenset[str]:
    contracts = [odcs.load(table) for table in ENTRIES]
    return frozenset(map(column_name, CODES)).union(*map(known_headers, contracts))


def _scores(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, float]]:
    for table in ENTRIES:
        contract = odcs.load(table)
        yield table, max((_score(row, contract) for row in rows), default=0)


def _score(row: Sequence[str], contract: Contract) -> float:
    """How much of what the table needs a row names, times how much of the row the table knows."""
    headers = [cell for cell in row if column_name(cell)]
    named = _named(headers, contract)
    needed = {c.name for c in contract.columns if c.required and c.name != ORIGIN}
    held = {column for columns in named.values() for column in columns}
    return len(held & needed) / len(needed) * len(named) / len(headers) if headers else 0


def _named(headers: Sequence[str], contract: Contract) -> Mapping[str, tuple[str, ...]]:
    """The columns of the contract that each header names; that of a code names code and stance."""
    columns = matrix.columns_of([*headers], contract)
    return {
        header: ("code", column.name) if matrix.code_of(header) else (column.name,)
        for header, column in columns.items()
    }


def _headers(rows: Sequence[Sequence[str]], tables: Sequence[str]) -> tuple[str, ...]:
    """Those of the row that the first table knows best; of the first row that holds anything where
    there is no table.
    """
    if not tables:
        held = next((row for row in rows if any(map(column_name, row))), ())
    else:
        contract = odcs.load(tables[0])
        held = max(rows, key=lambda row: _score(row, contract))
    return tuple(sorted(filter(None, map(column_name, held))))
