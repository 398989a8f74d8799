"""Who counted in which release: kept beside the vault, for analysts only, so that no release
shows by its difference from another what fewer people said than may be shown.

A person's *version* is all that counts of them, as one keyed hash: new codings make a new version.
People who came, went or changed together since a release stand in atoms of their own (`life`),
and the attacker knows all releases that are still kept.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Contract
from iomdash.declared.groups import ATOM, EVERYONE, FILTERS, Group, joined
from iomdash.errors import EnvironmentFault
from iomdash.vault import reader
from iomdash.vault.connection import connected, sweep, transaction
from iomdash.vault.lock import PATIENCE, lock_for
from iomdash.vault.records import InterviewRecords

FILE = "ledger.duckdb"
FOLDER = Path(__file__).parent
INTERVIEW, APPROACH = "interview", "approach"
KINDS = (INTERVIEW, APPROACH)

# What counts, in the order in which one reads the other.
_COUNTING = ("interviews", "approaches", "codings", "excerpts")
# What a person's version is made of: all cells of a row, under a name for each kind.
_CELLS = {"interview_cells": "interviews", "approach_cells": "approaches"}


@dataclass(frozen=True)
class Waiting:
    """A batch that would move a shown group by too few people, and how many are missing."""

    batch_id: str
    table: str
    file: str
    group: Group
    moves: int
    missing: int


@dataclass(frozen=True)
class Shown:
    """A group that an earlier release showed, for one kind of people."""

    release: int
    kind: str
    group: Group


@dataclass(frozen=True)
class Plan:
    """What the next release counts, what waits, and which releases stay or must go first.

    `people` are those who count, or counted in a release that stays, by atom and kind: columns
    of ATOM and n.
    """

    records: InterviewRecords
    people: Mapping[str, pl.DataFrame]
    kept: tuple[int, ...]
    waiting: tuple[Waiting, ...]
    retire: tuple[int, ...]


@contextmanager
def opened(data_dir: Path) -> Generator["Ledger"]:
    """The vault, read-only, and the ledger beside it, made where there is none; locked meanwhile.

    Raises EnvironmentFault.
    """
    with reader.read(data_dir) as con, closing(lock_for(data_dir, wait=PATIENCE)):
        sweep(data_dir)
        path = data_dir / FILE
        try:
            named = str(path).replace("'", "''")
            con.execute(f"attach '{named}' as ledger (read_write)")
            path.chmod(0o600)
            con.execute(_sql("tables"))
        except (duckdb.Error, OSError):
            raise EnvironmentFault(
                f"The ledger {path} cannot be opened: it is damaged, in use or not yours to write. "
                "Wait and try again, mend its rights, or restore it from the backup of the vault."
            ) from None
        yield Ledger(con)


def uncoded(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Interviews of the vault without any coding, which no release counts."""
    return tuple(str(row[0]) for row in con.execute(_sql("uncoded")).fetchall())


def counted(data_dir: Path) -> frozenset[str]:
    """The batches that any release counted; none where nothing is published."""
    path = data_dir / FILE
    if not path.exists():
        return frozenset()
    with connected(path, read_only=True) as con:
        rows = con.execute("select distinct batch_id from included").fetchall()
    return frozenset(str(row[0]) for row in rows)


class Ledger:
    """The ledger beside an open vault."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.connection = con
        self._last = 0
        self._firm: list[str] = []

    def require(self, releases: Iterable[int]) -> None:
        """Raises EnvironmentFault where the ledger does not know who counted in a release, under
        the key that is used now.
        """
        rows = self.connection.execute(
            "select release from ledger.keyed where mark in (select mark from vault.key_marks)"
        ).fetchall()
        if unknown := sorted(set(releases) - {int(row[0]) for row in rows}):
            raise EnvironmentFault(
                f"{FILE} does not know who counted in release {', '.join(map(str, unknown))}, or "
                "knows it under another key, so nothing can be held against it. Restore ledger, "
                "vault and key from one backup, or move the releases and the ledger away and "
                "publish anew."
            )

    def plan(self, shown: Sequence[Shown], smallest: int) -> Plan:
        """What the next release may count, given the groups of every release that is kept, each of
        which has to differ from it by nobody or by at least `smallest` people.
        """
        releases = sorted({one.release for one in shown})
        waiting: list[Waiting] = []
        self._last, self._firm = max(releases, default=0), []
        self._table("corrections", _sql("corrections"))
        self._count([])
        while releases and (waits := self._waits(releases[-1], shown, smallest)):
            changed = self._changed()
            self._count([batch.batch_id for batch in (*waiting, waits)])
            if self._changed() <= changed:
                waiting.append(waits)
            else:
                # What it stands for was undone, so without it people would go missing.
                self._firm.append(waits.batch_id)
                self._count([batch.batch_id for batch in waiting])
        retire = tuple(r for r in releases if self._reveals_who_left(r, shown, smallest))
        kept = tuple(r for r in releases if r not in retire)
        self._live(kept)
        people = {kind: self._by_atom("from lives", kind, {}) for kind in KINDS}
        records = InterviewRecords(self.connection)
        return Plan(records, people, kept, tuple(waiting), retire)

    def counted(self, kind: str, releases: Sequence[int]) -> pl.DataFrame:
        """People by atom as some releases counted them: columns of ATOM and n."""
        return self._by_atom(_sql("counted"), kind, {"kept": list(releases)})

    def record(self, plan: Plan, release: int, user: str) -> None:
        """Write down who counts in a release that was planned here, and who publishes it."""
        con = plan.records.connection
        with transaction(con):
            for table in ("counted", "included", "keyed", "published"):
                con.execute(f"delete from ledger.{table} where release = ?", [release])
            con.execute("insert into ledger.counted select ?, * from present", [release])
            con.execute("insert into ledger.included select ?, batch_id from batches", [release])
            con.execute("insert into ledger.keyed select ?, mark from vault.key_marks", [release])
            con.execute("insert into ledger.published values (?, ?)", [release, user])

    def of(self, release: int) -> tuple[str | None, tuple[str, ...], tuple[datetime, str] | None]:
        """Who published a release, the batches that it counts, and when and by whom the pointer
        was last put on it.
        """
        by = self._rows("published_by", release=release)
        batches = self._rows("included", release=release)
        pointed = self._rows("pointed", release=release)
        return (by[0][0] if by else None, tuple(str(row[0]) for row in batches),
                (pointed[0][0], pointed[0][1]) if pointed else None)  # fmt: skip

    def counts_withdrawn(self, release: int) -> bool:
        """Whether somebody counted in a release has withdrawn since."""
        return bool(self._rows("withdrawn", release=release))

    def point(self, release: int, user: str) -> None:
        """Write down who puts the pointer on a release."""
        at = datetime.now(UTC).replace(tzinfo=None)
        self.connection.execute("insert into ledger.pointed values (?, ?, ?)", [release, at, user])

    def differing(self, release: int) -> int:
        """How many batches only one of a release and what was planned here counts."""
        return int(self._rows("differing", release=release)[0][0])

    def settled(self, release: int) -> tuple[str, ...]:
        """Replaced batches of which rows are kept and that a release has stopped counting."""
        return tuple(str(row[0]) for row in self._rows("settled", release=release))

    def _by_atom(self, source: str, kind: str, values: Mapping[str, object]) -> pl.DataFrame:
        columns = ", ".join(ATOM)
        query = f"select {columns}, count(*) as n from ({source}) where kind = $kind group by all"
        return self.connection.sql(query, params={**values, "kind": kind}).pl()

    def _count(self, left_out: Sequence[str]) -> None:
        """Make the tables of what counts without some batches."""
        self._table("batches", _sql("batches"), left_out=list(left_out), last=self._last)
        for table in _COUNTING:
            self._table(table, _sql(table))
        # Before they go, as a correction may have taken somebody's last coding away.
        self._table("corrected", _sql("corrected"))
        # Nobody knows yet what they said, so they are in no base.
        self._table("coded", _sql("coded"))
        self._table("interviews", "from coded")
        for name, table in _CELLS.items():
            self._table(name, _cells(odcs.load(table)))
        self._table("present", _sql("present"))

    def _live(self, kept: Sequence[int]) -> None:
        """Say of whoever counts in which releases they did."""
        self._table("lives", _sql("lives"), kept=list(kept))
        for table, kind, member in (
            ("interviews", INTERVIEW, "keyed_interview(interviews.interview_id)"),
            ("approaches", APPROACH, "keyed_hash(approaches.approach_id)"),
        ):
            self.connection.execute(
                f"update {table} set life = l.life from lives as l where l.kind = '{kind}'"
                f" and l.member = {member} and ends_with(l.life, 'now')"
            )

    def _table(self, name: str, query: str, **values: object) -> None:
        self.connection.execute(f"create or replace temp table {name} as {query}", values or None)

    def _rows(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(_sql(name), values).fetchall()

    def _waits(self, last: int, shown: Sequence[Shown], smallest: int) -> Waiting | None:
        """The newest batch that moves a whole wave or cohort, as last shown, by too few people."""
        for one in shown:
            if one.release != last or not one.group.by_cohort_only:
                continue
            asked = {"release": last, "kind": one.kind, **_in(one.group)}
            moves = int(self._rows("moved", **asked)[0][0])
            if not 0 < moves < smallest:
                continue
            if batch := self._rows("newest_batch", **asked, firm=self._firm):
                missing = smallest - moves
                return Waiting(*batch[0], group=one.group, moves=moves, missing=missing)
        return None

    def _changed(self) -> int:
        """How many who counted in the last release do not count so now."""
        return int(self._rows("changed", release=self._last)[0][0])

    def _reveals_who_left(self, release: int, shown: Sequence[Shown], smallest: int) -> bool:
        """Whether a release holds somebody who has withdrawn, or of whom a batch was undone, among
        too few who came, went or changed.
        """
        self._table("touched", _sql("touched"), release=release, firm=self._firm)
        for one in (one for one in shown if one.release == release):
            asked = {"release": release, "kind": one.kind, **_in(one.group)}
            left, differ = (int(cell) for cell in self._rows("left", **asked)[0])
            if left and differ < smallest:
                return True
        return False


def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")


def _cells(contract: Contract) -> str:
    """The cells of each row that are filled in, as one text: a column added later changes nobody.

    Follows from the contract, so it is no file.
    """
    cells = ", ".join(
        f"'{column.name}=' || cast({column.name} as varchar)"
        for column in contract.columns
        if column.name not in contract.key
    )
    key = ", ".join(contract.key)
    return f"select {key}, concat_ws('|', {cells}) as cells from {contract.stored}"


def _in(group: Group) -> dict[str, object]:
    """A group as the parameters of a query: its wave, and the values of each filter that is set."""
    chosen = {name: str(getattr(group, name)) for name in FILTERS}
    return {
        "wave": group.wave,
        **{n: None if v == EVERYONE else list(joined(v)) for n, v in chosen.items()},
    }
