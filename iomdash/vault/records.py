"""Records that may be counted, as types: who holds one knows that its tables are there.

Only the ledger makes `InterviewRecords`, only `current` makes `AgencyRecords`, and counting takes
nothing else.
"""

from dataclasses import dataclass

import duckdb

from iomdash.vault.engine import Engine


@dataclass(frozen=True)
class InterviewRecords:
    """What the next release counts of interviews, as tables of a connection.

    interviews and approaches, with `life`, and codings and excerpts of them; the other tables of
    the vault are those of their contracts.
    """

    connection: duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class AgencyRecords:
    """What the agencies say now, as tables of an engine.

    Each agency table bears the name of its contract, one row a record; `extracts` has table_name,
    extracted_on (the latest) and origin ('synthetic' where any row is) of those that were sent.
    Where people are `numbered`, person_id is the number of a pseudonym in the table `numbers`
    (person_id, pseudonym), as numbers join and group faster, and null of whoever was never
    adopted; origin and day of extract are left out.
    """

    engine: Engine
    numbered: bool = False
