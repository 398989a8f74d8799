"""Rows of the extract before that an agency's file no longer holds, counted as it is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from iomdash.declared.contracts.absence import FEW, MOST_GONE, Absence, Treatment
from iomdash.declared.contracts.odcs import EXTRACT, Contract
from iomdash.errors import Break, Unconfirmed

# What happens to them, as the end of a sentence.
WORDS: Mapping[Treatment, str] = {
    "kept": "kept",
    "ended": "ended, where they were open",
    "withdrawn": "withdrawn, as they count no more",
}


@dataclass(frozen=True)
class Absent:
    """How many records of a table the extract before had and this one has not, of how many.

    `gone` are those of them that end or are withdrawn by that, of the `current` ones.
    """

    table: str
    rows: int
    of: int
    before: date
    treatment: Treatment
    gone: int = 0
    current: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether so many go that the extract may be a part of one."""
        return self.gone >= FEW and self.gone > MOST_GONE * self.current

    def __str__(self) -> str:
        one = self.rows == 1
        return (
            f"{self.rows:,} of {self.of:,} rows of {self.table} in the extract before, of "
            f"{self.before:%d/%m/%Y}, {'is' if one else 'are'} no longer there: "
            f"{WORDS[self.treatment]}."
        )

    def as_json(self) -> Mapping[str, object]:
        """`{table, rows, of, before, treatment, gone, current}`."""
        return {**asdict(self), "before": self.before.isoformat()}


# Grain: one row. An extract may come in several files, so what an earlier one of that day held is
# there.
_QUERY = """
    with sent as materialized ({sent}),
    day as (select max({day}) as now_on from sent),
    stored as (
      from {stored} where batch_id in (select batch_id from loads where table_name = $feed)
    ),
    last as (
      select max({day}) as before_on from stored where {day} < (select now_on from day)
    ),
    held as (
      select distinct {key}, {current} as is_current from stored
      where {day} = (select before_on from last)
    ),
    beside as (select {key} from stored where {day} = (select now_on from day)),
    gone as (from held anti join sent on {same} anti join beside using ({key}))
    select
      (select count(*) from gone),
      (select count(*) from held),
      (select before_on from last),
      (select count(*) from gone where is_current),
      (select count(*) from held where is_current)
"""


def count(
    con: duckdb.DuckDBPyConnection, feed: str, contract: Contract, stages: Sequence[str],
    absence: Absence,
) -> Absent | None:  # fmt: skip
    """What is absent of one table, of which the staged rows are a new extract of a feed; None where
    nothing is, or there is no earlier extract.
    """
    sent = "select count(*) from loads where table_name = ?"
    if con.execute(sent, [feed]).fetchall() == [(0,)]:
        return None
    names = [name for name in contract.key if name != EXTRACT]
    key = ", ".join(names)
    parts = {
        "day": EXTRACT, "stored": contract.stored, "key": key,
        "sent": " union all by name ".join(
            f"select {key}, try_cast({EXTRACT} as date) as {EXTRACT} from {stage}"
            for stage in stages
        ),
        "same": " and ".join(f"cast(held.{name} as varchar) = sent.{name}" for name in names),
        "current": _current(contract, absence),
    }  # fmt: skip
    rows, of, before, gone, now = con.execute(_QUERY.format(**parts), {"feed": feed}).fetchall()[0]
    if not rows:
        return None
    return Absent(contract.table, rows, of, before, absence.treatment, gone, now)


def _current(contract: Contract, absence: Absence) -> str:
    """The condition, in SQL, of a row that ends or is withdrawn when its extract leaves it out."""
    if absence.treatment == "ended" and absence.table == contract.table:
        return f"{absence.ends} is null"
    return "true" if absence.treatment == "withdrawn" else "false"


def demand(feed: str, file: str, every: Sequence[Absent], confirmed: int | None) -> None:
    """Raises Unconfirmed where more would end than nearly ever does, unless it is that number of
    rows that is confirmed.
    """
    doubtful = [one for one in every if one.doubtful]
    rows = sum(one.gone for one in doubtful)
    if not doubtful or rows == confirmed:
        return
    remedy = (
        f"If it is a part of the extract, load the whole one. If the {rows:,} rows are over, or "
        f"come in another file of that day, confirm it: --yes-absent {rows}, or the tick in Upload."
    )
    raise Unconfirmed(
        feed, [Break(file, None, None, None, _too_many(one), remedy) for one in doubtful], rows
    )


def _too_many(one: Absent) -> str:
    would = "end" if one.treatment == "ended" else "withdraw"
    return (
        f"It would {would} {one.gone:,} of {one.current:,} current rows of {one.table}, as it does "
        f"not hold them: more than a third."
    )
