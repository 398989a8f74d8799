"""The lists that the code declares, as tables beside the microdata, for contracts and measures.

Held against the code at every open, so that a new cohort in scheme.py or a new code in codebook.py
is known to every contract without a second edit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import duckdb

from iomdash.declared import codebook, conditions, places, scheme


@dataclass(frozen=True)
class Reference:
    """One list: its table, columns in SQL, and rows, the id first."""

    table: str
    columns: str
    rows: Sequence[tuple[object, ...]]


def _choices(table: str, choices: Iterable[scheme.Choice]) -> Reference:
    return Reference(table, "id varchar, name varchar", [(c.id, c.name) for c in choices])


SITES = "sites.id"
# The columns of each table, written as a `Reference` writes them.
_HELD = """
    select
      table_name,
      string_agg(column_name || ' ' || lower(data_type), ', ' order by column_index)
    from duckdb_columns() where database_name = current_database() group by table_name
"""


def references() -> tuple[Reference, ...]:
    """Every list that the code declares, as it does now."""
    return (
        Reference(
            "cohorts",
            "id varchar, name varchar, adult boolean",
            [(cohort.id, cohort.name, cohort.adult) for cohort in scheme.COHORTS],
        ),
        _choices("providers", scheme.PROVIDERS),
        _choices("supervisions", scheme.SUPERVISIONS),
        _choices("settings", scheme.SETTINGS),
        _choices("outcomes", scheme.OUTCOMES),
        _choices("origins", scheme.ORIGINS),
        _choices("areas", scheme.AREAS),
        _choices("leaving_reasons", scheme.LEAVING),
        _choices("harm_groups", scheme.HARM_GROUPS),
        Reference(
            "pathways", "id varchar, name varchar", [(p.id, p.name) for p in scheme.PATHWAYS]
        ),
        Reference(
            "agencies", "id varchar, name varchar", [(a.key, a.name) for a in scheme.AGENCIES]
        ),
        Reference(
            "codes",
            "id varchar, theme varchar, name varchar, sensitive boolean",
            [(c.id, c.theme, c.name, c.sensitive) for c in codebook.CODES.values()],
        ),
        Reference("stances", "id varchar", [(stance,) for stance in codebook.STANCES]),
        Reference(
            "success_conditions",
            "id varchar, name varchar",
            [(c.id, c.name) for c in conditions.CONDITIONS],
        ),
        _choices("condition_answers", conditions.ANSWERS),
        _choices("posts", conditions.POSTS),
    )


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Write anew every list that is not there as it is declared; call it inside a transaction."""
    held = dict(con.execute(_HELD).fetchall())
    for listed in (*references(), _sites()):
        if held.get(listed.table) == listed.columns and _is_there(con, listed):
            continue
        con.execute(f"create or replace table {listed.table} ({listed.columns})")
        if listed.rows:
            row = f"({', '.join('?' for _ in listed.rows[0])})"
            rows = ", ".join(row for _ in listed.rows)
            con.execute(f"insert into {listed.table} values {rows}", [*chain(*listed.rows)])


def _is_there(con: duckdb.DuckDBPyConnection, listed: Reference) -> bool:
    return con.execute(f"from {listed.table}").fetchall() == [*listed.rows]


def _sites() -> Reference:
    """The partnership's sites, as its file declares them now."""
    rows = [(site.name, list(site.agencies)) for site in places.declared().sites]
    return Reference("sites", "id varchar, agencies varchar[]", rows)


@cache
def _declared() -> dict[str, tuple[str, ...]]:
    return {
        f"{listed.table}.id": tuple(str(row[0]) for row in listed.rows) for listed in references()
    }


def declared(reference: str) -> Sequence[str]:
    """The ids of a list that code or file declare, as `stances.id`; none of any other table."""
    if reference == SITES:
        return [site.name for site in places.declared().sites]
    return _declared().get(reference, ())


def how_to_add(reference: str) -> str:
    """How a partnership adds to a list that is its own, as the end of a message; else nothing."""
    return places.how_to_declare() if reference == SITES else ""


def known(con: duckdb.DuckDBPyConnection, reference: str) -> Sequence[str]:
    """The values of a list or a table of the vault to which a column refers."""
    if (names := declared(reference)) or reference == SITES:
        return names
    table, column = reference.split(".")
    return [str(row[0]) for row in con.execute(f"select {column} from {table}").fetchall()]
