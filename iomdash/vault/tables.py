"""The tables of a vault: those of the contracts, of the log of loads, and of replaced rows."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping

import duckdb

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import AGENCY_TABLES, TABLES, Contract
from iomdash.intake.contracts import lists
from iomdash.intake.feeds import FEEDS
from iomdash.vault.connection import transaction

# Where a batch that replaced another waits, the rows that it replaced count until it may.
REPLACED = ("interviews", "codings", "approaches")

# Of numbers of records hardly two are alike. What DuckDB would try suits words that come again: it
# costs them half as much time as all other cells of a row together, for a sixth less room.
_OF_NUMBERS = " using compression zstd"

_LOG = """
create table if not exists loads (
  batch_id varchar primary key, table_name varchar not null, file_name varchar not null,
  sha256 varchar not null, row_count bigint not null, loaded_at timestamp not null,
  loaded_by varchar not null, checks integer not null, warnings varchar[] not null,
  reading varchar
);
alter table loads add column if not exists reading varchar;
alter table loads add column if not exists undone_at timestamp;
alter table loads add column if not exists undone_by varchar;
alter table loads add column if not exists replaced_by varchar;
alter table loads add column if not exists together varchar[];
create table if not exists load_checks (
  batch_id varchar not null, rule varchar not null, reason varchar not null,
  severity varchar not null, result varchar not null, broken bigint not null, implied_by varchar
);
create table if not exists key_marks (mark varchar primary key);
create table if not exists contract_marks (mark varchar not null);
create table if not exists withdrawn (
  member varchar primary key, withdrawn_at timestamp not null, noted_by varchar not null
);
"""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make every table that is missing, and every column that an older vault lacks."""
    with transaction(con):
        lists.fill(con)
        con.execute(_LOG)
        if con.execute("select mark from contract_marks").fetchall() == [(_mark(con),)]:
            return  # to read every contract costs more than to check a small file
        _complete(con)
        con.execute("delete from contract_marks")
        con.execute("insert into contract_marks values (?)", [_mark(con)])


def _mark(con: duckdb.DuckDBPyConnection) -> str:
    """What tells whether these contracts have been held against these columns."""
    columns = sorted((table, *sorted(names)) for table, names in _columns(con).items())
    return hashlib.sha256(f"{odcs.mark()} {REPLACED} {columns}".encode()).hexdigest()


def _complete(con: duckdb.DuckDBPyConnection) -> None:
    held = _columns(con)
    for name, contract in _every():
        if name not in held:
            _create(con, name, contract)
        # A vault may be older than the last column of its contract.
        for column in contract.columns if name in held else ():
            if column.name not in held[name]:
                con.execute(f"alter table {name} add column {column.name} {column.sql_type}")


def _every() -> Iterator[tuple[str, Contract]]:
    for table in (*TABLES, *AGENCY_TABLES):
        contract = odcs.load(table)
        yield contract.stored, contract
        if table in REPLACED:
            yield replaced(table), contract


def _columns(con: duckdb.DuckDBPyConnection) -> Mapping[str, set[str]]:
    """The names of the columns of each table."""
    held: dict[str, set[str]] = defaultdict(set)
    for table, column in con.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database()"
    ).fetchall():
        held[table].add(column)
    return held


def outdated(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a vault is older than what whoever only reads it asks for: it lacks a table."""
    rows = con.execute("select table_name from duckdb_tables()").fetchall()
    return not {name for name, _ in _every()} <= {str(row[0]) for row in rows}


def replaced(table: str) -> str:
    """The table of the rows that a load replaced, of one of REPLACED."""
    return f"replaced_{table}"


def filled(table: str) -> tuple[Contract, ...]:
    """The contracts of the vault's tables that a batch of a table or feed fills, each once."""
    into = [form.name for form in FEEDS[table].tables] if table in FEEDS else [table]
    return tuple(odcs.load(name) for name in dict.fromkeys(into))


def about_interviews(table: str) -> bool:
    """Whether each row of a table is about one interview."""
    return any(column.name == "interview_id" for column in odcs.load(table).columns)


def _create(con: duckdb.DuckDBPyConnection, name: str, contract: Contract) -> None:
    number = contract.key[0] if name == contract.stored != contract.table else None
    columns = [
        f"{column.name} {column.sql_type}{_OF_NUMBERS if column.name == number else ''}"
        f"{' not null' if column.required else ''}"
        for column in contract.columns
    ]
    con.execute(f"create table {name} ({', '.join(columns)}, batch_id varchar not null)")
