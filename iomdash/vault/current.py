"""What the agencies say now: of each record the latest row, under the caseload's pseudonyms.

The vault keeps every extract as it came, and each record under the pseudonym of whichever
identifier its agency uses. Both are resolved here, when they are read, so that feeds may be
loaded in any order.
"""

import duckdb

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import AGENCY_TABLES, EXTRACT, Column, Contract
from iomdash.declared.places import NOT_DECLARED
from iomdash.intake.contracts import lists
from iomdash.vault.records import AgencyRecords

LINKS = "person_links"


def records(con: duckdb.DuckDBPyConnection) -> AgencyRecords:
    """The current rows of every agency table, as temporary tables under the contracts' names.

    A table that nobody has sent has no row in `extracts`, and is missing, not empty.
    """
    contracts = [odcs.load(table) for table in AGENCY_TABLES if table != LINKS]
    con.execute(f"create or replace temp table {LINKS} as {_links(odcs.load(LINKS))}")
    for each in contracts:
        con.execute(f"create or replace temp table {each.table} as {_current(each)}")
    sent = " union all ".join(_extract(each) for each in contracts)
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
    columns = ", ".join(_cell(column) for column in contract.columns)
    return f"""
        select {columns}
        from (
          from {contract.stored}
          qualify row_number() over (partition by {key} order by {EXTRACT} desc) = 1
        ) as latest
        left join {LINKS} on latest.person_id = {LINKS}.identifier
    """


def _cell(column: Column) -> str:
    if column.name == "person_id":
        return f"coalesce({LINKS}.person_id, latest.person_id) as person_id"
    if column.refers_to == lists.SITES:
        # A vault may hold sites of before they had to be declared, or that no longer are.
        known = ", ".join(_quoted(site) for site in lists.declared(lists.SITES)) or "null"
        told = f"latest.{column.name}"
        return f"if({told} in ({known}), {told}, '{NOT_DECLARED}') as {column.name}"
    return f"latest.{column.name}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _extract(contract: Contract) -> str:
    return (
        f"select '{contract.table}' as table_name, max({EXTRACT}) as extracted_on, "
        "if(bool_or(origin = 'synthetic'), 'synthetic', 'collected') as origin "
        f"from {contract.stored} having count(*) > 0"
    )
