"""What the agencies say now: of each record the latest row, under the caseload's pseudonyms.

The vault keeps every extract as it came, and each record under the pseudonym of whichever
identifier its agency uses. Both are resolved here, when they are read, so that feeds may be
loaded in any order. A record that a later extract of its table no longer holds is treated as the
contract of its feed states.
"""

import duckdb

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.absence import Absence
from iomdash.declared.contracts.odcs import AGENCY_TABLES, EXTRACT, Column, Contract
from iomdash.declared.places import NOT_DECLARED
from iomdash.intake.contracts import lists
from iomdash.intake.feeds import FEEDS
from iomdash.intake.feeds.declaration import LINKS
from iomdash.vault.records import AgencyRecords


def records(con: duckdb.DuckDBPyConnection) -> AgencyRecords:
    """The current rows of every agency table, as temporary tables under the contracts' names.

    A table that nobody has sent has no row in `extracts`, and is missing, not empty.
    """
    contracts = [odcs.load(table) for table in AGENCY_TABLES if table != LINKS]
    con.execute(f"create or replace temp table {LINKS} as {_links(odcs.load(LINKS))}")
    for contract in contracts:
        con.execute(f"create or replace temp table {contract.table} as {_current(contract)}")
    sent = " union all ".join(_extract(contract) for contract in contracts)
    con.execute(f"create or replace temp view extracts as {sent}")
    return AgencyRecords(con)


def _links(contract: Contract) -> str:
    # A person's earlier identifiers no longer hold: a corrected number must not keep its old
    # owner's records with them.
    return f"""
        select identifier, arg_max(person_id, ({EXTRACT}, person_id)) as person_id
        from (
          from {contract.stored}
          qualify {EXTRACT} = max({EXTRACT}) over (partition by person_id)
        )
        group by identifier
    """


def _current(contract: Contract) -> str:
    key = ", ".join(name for name in contract.key if name != EXTRACT)
    stated = _absences(contract.table)
    ends = [(feed, absence) for feed, absence in stated if absence.table == contract.table]
    cells = {name: cell for feed, absence in ends for name, cell in _ending(feed, absence).items()}
    columns = ", ".join(
        f"{cells.get(column.name) or _cell(column)} as {column.name}" for column in contract.columns
    )
    withdrawn = [feed for feed, absence in stated if absence.treatment == "withdrawn"]
    return f"""
        with sent as (
          select s.*, l.table_name as feed
          from {contract.stored} as s left join loads as l on s.batch_id = l.batch_id
        ),
        extracts as (
          select
            feed, {EXTRACT}, lead({EXTRACT}) over (partition by feed order by {EXTRACT}) as next_on
          from (select distinct feed, {EXTRACT} from sent)
        )
        select {columns}
        from (
          from sent qualify row_number() over (partition by {key} order by {EXTRACT} desc) = 1
        ) as latest
        left join extracts as e on latest.feed = e.feed and latest.{EXTRACT} = e.{EXTRACT}
        left join {LINKS} on latest.person_id = {LINKS}.identifier
        where e.next_on is null or not list_contains({withdrawn}::varchar[], latest.feed)
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
    ended = f"latest.feed = '{feed}' and {ends} is null and e.next_on is not null"
    cells = {absence.ends: f"if({ended}, e.next_on, {ends})"}
    if absence.because:
        column, value = absence.because
        cells[column] = f"if({ended}, '{value}', latest.{column})"
    return cells


def _cell(column: Column) -> str:
    latest = f"latest.{column.name}"
    if column.name == "person_id":
        return f"coalesce({LINKS}.person_id, {latest})"
    if column.refers_to == lists.SITES:
        # A vault may hold sites of before they had to be declared, or that no longer are.
        known = ", ".join(_quoted(site) for site in lists.declared(lists.SITES)) or "null"
        return f"if({latest} in ({known}), {latest}, '{NOT_DECLARED}')"
    return latest


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _extract(contract: Contract) -> str:
    return (
        f"select '{contract.table}' as table_name, max({EXTRACT}) as extracted_on, "
        "if(bool_or(origin = 'synthetic'), 'synthetic', 'collected') as origin "
        f"from {contract.stored} having count(*) > 0"
    )
