"""Rows of the extract before that an agency's file no longer holds, counted as it is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from iomdash.declared.contracts.absence import Treatment
from iomdash.declared.contracts.odcs import EXTRACT, Contract

# What happens to them, as the end of a sentence.
WORDS: Mapping[Treatment, str] = {
    "kept": "kept",
    "ended": "ended, where they were open",
    "withdrawn": "withdrawn, as they count no more",
}


@dataclass(frozen=True)
class Absent:
    """How many records of a table the extract before had and this one has not, of how many."""

    table: str
    rows: int
    of: int
    before: date
    treatment: Treatment

    def __str__(self) -> str:
        one = self.rows == 1
        return (
            f"{self.rows:,} of {self.of:,} rows of {self.table} in the extract before, of "
            f"{self.before:%d/%m/%Y}, {'is' if one else 'are'} no longer there: "
            f"{WORDS[self.treatment]}."
        )

    def as_json(self) -> Mapping[str, object]:
        """`{table, rows, of, before, treatment}`."""
        return {**asdict(self), "before": self.before.isoformat()}


def count(
    con: duckdb.DuckDBPyConnection, feed: str, contract: Contract, stages: Sequence[str],
    treatment: Treatment,
) -> Absent | None:  # fmt: skip
    """What is absent of one table, of which the staged rows are a new extract of a feed; None where
    nothing is, or there is no earlier extract.
    """
    key = [name for name in contract.key if name != EXTRACT]
    both = " and ".join(f"cast(held.{name} as varchar) = sent.{name}" for name in key)
    columns = ", ".join(key)
    new = " union all by name ".join(
        f"select {columns}, try_cast({EXTRACT} as date) as {EXTRACT} from {stage}"
        for stage in stages
    )
    # An extract may come in several files, so what an earlier one of that day held is there.
    row = con.execute(
        f"""
        with sent as materialized ({new}),
        day as (select max({EXTRACT}) as now_on from sent),
        stored as (
          from {contract.stored}
          where batch_id in (select batch_id from loads where table_name = $feed)
        ),
        last as (
          select max({EXTRACT}) as before_on from stored
          where {EXTRACT} < (select now_on from day)
        ),
        held as (
          select distinct {columns} from stored
          where {EXTRACT} = (select before_on from last)
        ),
        beside as (
          select {columns} from stored where {EXTRACT} = (select now_on from day)
        )
        select
          (select count(*) from held anti join sent on {both} anti join beside using ({columns})),
          (select count(*) from held),
          (select before_on from last)
    """,
        {"feed": feed},
    ).fetchall()[0]
    rows, of, before = row
    return Absent(contract.table, rows, of, before, treatment) if rows else None
