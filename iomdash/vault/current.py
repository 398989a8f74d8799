"""What the agencies say now: of each record the latest row, under the caseload's pseudonyms.

The vault keeps every extract as it came, and each record under the pseudonym of whichever
identifier its agency uses. Both are resolved here, when they are read, so that feeds may be
loaded in any order. A record that a later extract of its table no longer holds is treated as the
contract of its feed states.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.absence import Absence
from iomdash.declared.contracts.odcs import AGENCY_TABLES, EXTRACT, Column, Contract
from iomdash.declared.places import NOT_DECLARED
from iomdash.intake.contracts import lists
from iomdash.intake.feeds import FEEDS
from iomdash.intake.feeds.declaration import LINKS
from iomdash.vault import spark
from iomdash.vault.engine import DuckDB, Engine
from iomdash.vault.records import AgencyRecords

# What no measure reads; of many records it fills memory.
_UNCOUNTED = (EXTRACT, "origin")
# What one query reads, or none, is put in order as it is read: of many records that is less work
# than keeping them, as only the columns that are read are carried.
READ_ONCE = (
    "appointments", "arrests", "breaches", "drug_tests", "health_spells", "pathway_needs",
    "programmes", "sentences",
)  # fmt: skip


def records(
    con: duckdb.DuckDBPyConnection, engine: Engine | None = None, *, numbered: bool = False
) -> AgencyRecords:
    """The current rows of every agency table, under the contracts' names in an engine that has
    the logs and `loads`: the vault's own connection unless another is given.

    Where people are `numbered`, for counting, what no measure reads of a record is left out.
    A table that nobody has sent has no row in `extracts`, and is missing, not empty.
    """
    engine = engine or DuckDB(con)
    contracts = [odcs.load(table) for table in AGENCY_TABLES if table != LINKS]
    engine.keep(LINKS, _links(odcs.load(LINKS)))
    if numbered:
        _number(engine)
    engine.keep("extracts", " union all ".join(_extract(contract) for contract in contracts))
    newest = _newest(engine)
    twice = _twice(engine, contracts, newest)
    for contract in contracts:
        made = engine.name if contract.table in READ_ONCE else engine.keep
        once = None if contract.table in twice else newest.get(contract.table)
        made(contract.table, _current(contract, _latest(contract, once), numbered=numbered))
    return AgencyRecords(engine, numbered)


@contextmanager
def counted_by(name: str, con: duckdb.DuckDBPyConnection, folder: Path) -> Generator[Engine]:
    """An engine, one of `settings.ENGINES`, that has the logs of an open vault, whose lock the
    caller holds. Raises EnvironmentFault.
    """
    if name == "duckdb":
        yield DuckDB(con)
        return
    logs = ("loads", *(odcs.load(table).stored for table in AGENCY_TABLES))
    with spark.opened(con, folder, logs) as engine:
        yield engine


def _number(engine: Engine) -> None:
    """Put numbers in the place of pseudonyms in the links, which then name everybody who was ever
    adopted: nobody else counts.
    """
    adoptions = odcs.load("adoptions").stored
    engine.keep(
        "numbers",
        "select pseudonym, row_number() over (order by pseudonym nulls last) as person_id from ("
        f"select distinct coalesce(l.person_id, a.person_id) as pseudonym from {adoptions} as a "
        f"left join {LINKS} as l on a.person_id = l.identifier) as everybody",
    )
    engine.keep(
        LINKS,
        f"select l.identifier, n.person_id from {LINKS} as l "
        "inner join numbers as n on l.person_id = n.pseudonym union all "
        "select n.pseudonym, n.person_id from numbers as n "
        f"left join {LINKS} as l on n.pseudonym = l.identifier where l.identifier is null",
    )


def _links(contract: Contract) -> str:
    # A person's earlier identifiers no longer hold: a corrected number must not keep its old
    # owner's records with them.
    return f"""
        select identifier, person_id
        from (
          select identifier, person_id, row_number() over (
            partition by identifier order by {EXTRACT} desc nulls last, person_id desc nulls last
          ) as place
          from (
            select *, max({EXTRACT}) over (partition by person_id) as newest_on
            from {contract.stored}
          ) as held
          where {EXTRACT} = newest_on
        ) as placed
        where place = 1
    """


def _newest(engine: Engine) -> dict[str, str]:
    """Which rows are of the newest extract, by table that was sent. Where its day is stated, plans
    are smaller, and of a log that is one extract no other row is looked for.
    """
    days = engine.frame("select table_name, extracted_on from extracts")
    return {table: f"{EXTRACT} = date '{day}'" for table, day in days.iter_rows()}


def _twice(
    engine: Engine, contracts: Sequence[Contract], newest: Mapping[str, str]
) -> frozenset[str]:
    """The tables whose newest extract holds a record more than once: agencies may send a row
    again.
    """
    counts = [
        f"select '{c.table}' as table_name, count(*) - count(distinct {_key(c)}) as many "
        f"from {c.stored} where {newest[c.table]}"
        for c in contracts if c.table in newest
    ]  # fmt: skip
    if not counts:
        return frozenset()
    every = engine.frame(" union all ".join(counts))
    return frozenset(every.filter(pl.col("many") > 0)["table_name"])


def _latest(contract: Contract, newest: str | None) -> str:
    """The latest row of each record. Where it is known which rows are `newest`, each of another
    record, they are theirs, and only records that are not among them are put in order.
    """
    names = ", ".join((*(column.name for column in contract.columns), "batch_id"))
    key, stored = _key(contract), contract.stored
    held = f"select 1 from {stored} as n where n.{key} = o.{key} and {newest}"
    older = f"where ({newest}) is not true and not exists ({held})"
    return f"""
        {f"select {names} from {stored} where {newest} union all" if newest else ""}
        select {names} from (
          select *, row_number() over (
            partition by {key} order by {EXTRACT} desc nulls last
          ) as place
          from {stored} as o {older if newest else ""}
        ) as placed
        where place = 1
    """


def _key(contract: Contract) -> str:
    [key] = (name for name in contract.key if name != EXTRACT)
    return key


def _current(contract: Contract, latest: str, *, numbered: bool) -> str:
    stated = _absences(contract.table)
    ends = [(feed, absence) for feed, absence in stated if absence.table == contract.table]
    cells = {name: cell for feed, absence in ends for name, cell in _ending(feed, absence).items()}
    columns = ", ".join(
        f"{cells.get(column.name) or _cell(column, numbered=numbered)} as {column.name}"
        for column in contract.columns
        if not (numbered and column.name in _UNCOUNTED)
    )
    withdrawn = [feed for feed, absence in stated if absence.treatment == "withdrawn"]
    still = f"where (e.next_on is null or l.table_name not in ({_listed(withdrawn)}))"
    return f"""
        select {columns}
        from ({latest}) as latest
        {_sent_on(contract) if ends or withdrawn else ""}
        left join {LINKS} on latest.person_id = {LINKS}.identifier
        {still if withdrawn else ""}
    """


def _sent_on(contract: Contract) -> str:
    """Joins of the feed that a row came by, `l`, and of its next extract, `e`."""
    # A common table that is read twice would be kept whole: the log is read once more instead.
    return f"""
        left join loads as l on latest.batch_id = l.batch_id
        left join (
          select feed, {EXTRACT}, lead({EXTRACT}) over (
            partition by feed order by {EXTRACT} nulls last
          ) as next_on
          from (
            select distinct f.table_name as feed, s.{EXTRACT}
            from {contract.stored} as s left join loads as f on s.batch_id = f.batch_id
          ) as days
        ) as e on l.table_name = e.feed and latest.{EXTRACT} = e.{EXTRACT}
    """


def _absences(table: str) -> list[tuple[str, Absence]]:
    """How each feed that fills a table treats what its later extract no longer holds."""
    return [
        (feed.name, stated)
        for feed in FEEDS.values()
        if any(form.name == table for form in feed.tables)
        and (stated := odcs.load(feed.name).absence)
    ]


def _ending(feed: str, absence: Absence) -> dict[str, str]:
    """The cells of a record that ended with the first extract without it, in SQL."""
    ends = f"latest.{absence.ends}"
    ended = f"l.table_name = '{feed}' and {ends} is null and e.next_on is not null"
    cells = {absence.ends: f"case when {ended} then e.next_on else {ends} end"}
    if absence.because:
        column, value = absence.because
        cells[column] = f"case when {ended} then '{value}' else latest.{column} end"
    return cells


def _cell(column: Column, *, numbered: bool) -> str:
    latest = f"latest.{column.name}"
    if column.name == "person_id":
        return f"{LINKS}.person_id" if numbered else f"coalesce({LINKS}.person_id, {latest})"
    if column.refers_to == lists.SITES:
        # A vault may hold sites of before they had to be declared, or that no longer are.
        known = _listed(lists.declared(lists.SITES)) or "null"
        return f"case when {latest} in ({known}) then {latest} else '{NOT_DECLARED}' end"
    return latest


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(_quoted(text) for text in texts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _extract(contract: Contract) -> str:
    return (
        f"select '{contract.table}' as table_name, max({EXTRACT}) as extracted_on, "
        "case when count(*) filter (where origin = 'synthetic') > 0 then 'synthetic' "
        "else 'collected' end as origin "
        f"from {contract.stored} having count(*) > 0"
    )
