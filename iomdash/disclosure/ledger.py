"""Who counted in which release: kept beside the vault, for analysts only, so that no release
shows by its difference from another what fewer people said than may be shown.

A person's *version* is all that counts of him, as one number: new codings make a new version.
People who came, went or changed together since a release stand in atoms of their own (`life`),
and the attacker knows all releases that are still kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.declared.groups import ATOM, EVERYONE, FILTERS, Group, joined
from iomdash.disclosure.policy import Policy
from iomdash.disclosure.population import NOW
from iomdash.errors import EnvironmentFault

FILE = "ledger.duckdb"
INTERVIEW, APPROACH = "interview", "approach"

_TABLES = """
create table if not exists ledger.counted (
  release integer not null, kind varchar not null, member varchar not null,
  version varchar not null, wave varchar not null, cohort varchar not null,
  provider varchar not null, supervision varchar not null, setting varchar not null
);
create table if not exists ledger.included (release integer not null, batch_id varchar not null);
create table if not exists ledger.keyed (release integer not null, mark varchar not null);
"""

_PEOPLE = "kind, member, version, wave, cohort, provider, supervision, setting"


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
    """What the next release may count: batches that wait, and releases that must go first."""

    kept: tuple[int, ...]
    waiting: tuple[Waiting, ...]
    retire: tuple[int, ...]


def attach(con: duckdb.DuckDBPyConnection, data_dir: Path) -> None:
    """Open the ledger beside the vault on its connection, and make it where there is none.

    Raises EnvironmentFault.
    """
    path = data_dir / FILE
    try:
        con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as ledger (read_write)")
        path.chmod(0o600)
        con.execute(_TABLES)
    except (duckdb.Error, OSError):
        raise EnvironmentFault(
            f"The ledger {path} cannot be opened: it is damaged, in use or not yours to write. "
            "Wait and try again, mend its rights, or restore it from the backup of the vault."
        ) from None


def require(con: duckdb.DuckDBPyConnection, releases: Iterable[int]) -> None:
    """Raises EnvironmentFault where the ledger does not know who counted in a release, under the
    key that is used now.
    """
    rows = con.execute(
        "select release from ledger.keyed where mark in (select mark from vault.key_marks)"
    ).fetchall()
    if unknown := sorted(set(releases) - {int(row[0]) for row in rows}):
        raise EnvironmentFault(
            f"{FILE} does not know who counted in release {', '.join(map(str, unknown))}, or knows "
            "it under another key, so nothing can be held against it. Restore ledger, vault and "
            "key from one backup, or move the releases and the ledger away and publish anew."
        )


def plan(con: duckdb.DuckDBPyConnection, shown: Sequence[Shown], policy: Policy) -> Plan:
    """Decide what waits and what is retired, and leave the temporary tables that measures read.

    `shown` are the groups of every release that is kept. Afterwards `interviews`, `codings`,
    `excerpts` and `approaches` are what the next release counts, each with its `life`.
    """
    releases = sorted({each.release for each in shown})
    waiting: list[Waiting] = []
    left_out: list[str] = []
    _present(con, left_out)
    while releases and (found := _waits(con, releases[-1], shown, policy)):
        waiting.append(found)
        left_out.append(found.batch_id)
        _present(con, left_out)
    retire = tuple(r for r in releases if _reveals_who_left(con, r, shown, policy))
    kept = tuple(r for r in releases if r not in retire)
    _lives(con, kept)
    return Plan(kept, tuple(waiting), retire)


def sizes(con: duckdb.DuckDBPyConnection, kind: str) -> pl.DataFrame:
    """People by atom, those who count no more included: columns of ATOM and n. After `plan`."""
    return _by_atom(con, "from lives", kind, [])


def counted(con: duckdb.DuckDBPyConnection, kind: str, releases: Sequence[int]) -> pl.DataFrame:
    """People by atom as some releases counted them: columns of ATOM and n."""
    source = (
        f"select {_PEOPLE}, string_agg(cast(release as varchar), ' ' order by release) as life"
        " from ledger.counted where list_contains(?::integer[], release) group by all"
    )
    return _by_atom(con, source, kind, [list(releases)])


def _by_atom(
    con: duckdb.DuckDBPyConnection, source: str, kind: str, values: list[object]
) -> pl.DataFrame:
    query = f"select {', '.join(ATOM)}, count(*) as n from ({source}) where kind = ? group by all"
    return con.sql(query, params=[*values, kind]).pl()


def record(con: duckdb.DuckDBPyConnection, release: int) -> None:
    """Write down who counts in a release, in one transaction. After `plan`."""
    con.execute("begin")
    for table in ("counted", "included", "keyed"):
        con.execute(f"delete from ledger.{table} where release = ?", [release])
    con.execute(f"insert into ledger.counted select ?, {_PEOPLE} from present", [release])
    con.execute("insert into ledger.included select ?, batch_id from batches", [release])
    con.execute("insert into ledger.keyed select ?, mark from vault.key_marks", [release])
    con.execute("commit")


def _present(con: duckdb.DuckDBPyConnection, left_out: Iterable[str]) -> None:
    """Temporary tables of what counts without some batches: microdata, batches, people."""
    out = list(left_out)
    con.execute(
        "create or replace temp table batches as select batch_id, table_name, file_name, loaded_at"
        " from vault.loads where not list_contains(?::varchar[], batch_id)",
        [out],
    )
    for table in ("interviews", "approaches"):
        con.execute(
            f"create or replace temp table {table} as select *, '{NOW}' as life"
            f" from vault.main.{table} where batch_id in (select batch_id from batches)"
        )
    for table in ("codings", "excerpts"):
        con.execute(
            f"create or replace temp table {table} as select * from vault.main.{table}"
            " where batch_id in (select batch_id from batches)"
            " and interview_id in (select interview_id from interviews)"
        )
    con.execute(
        f"create or replace temp table present as {_interviews()} union all {_approaches()}"
    )


def _interviews() -> str:
    return f"""
    select '{INTERVIEW}' as kind, keyed_interview(i.interview_id) as member,
      keyed_hash(concat_ws('|', {_answers("interviews", "i")}, c.coded)) as version,
      i.wave, i.cohort, i.provider, i.supervision, i.setting
    from interviews as i left join (
      select interview_id, string_agg(coding, ' ' order by coding) as coded
      from (select interview_id, concat_ws('=', code, stance, coder) as coding from codings)
      group by interview_id
    ) as c on i.interview_id = c.interview_id
    """


def _approaches() -> str:
    return f"""
    select '{APPROACH}', keyed_hash(a.approach_id), keyed_hash({_answers("approaches", "a")}),
      a.wave, coalesce(a.cohort, ''), '', '', ''
    from approaches as a
    """


def _answers(table: str, alias: str) -> str:
    """Cells of a row that are filled in, as one text: a column added later changes nobody."""
    contract = odcs.load(table)
    cells = (
        f"'{column.name}=' || cast({alias}.{column.name} as varchar)"
        for column in contract.columns
        if column.name not in contract.key
    )
    return f"concat_ws('|', {', '.join(cells)})"


def _waits(
    con: duckdb.DuckDBPyConnection, last: int, shown: Sequence[Shown], policy: Policy
) -> Waiting | None:
    """The newest batch that moves a whole wave or cohort, as last shown, by too few people."""
    for each in shown:
        if each.release != last or not each.group.by_cohort_only:
            continue
        where, values = _where(each.group, "n")
        rows = con.execute(
            "select count(*) from present as n left join ledger.counted as o"
            " on o.release = ? and n.kind = o.kind and n.member = o.member"
            f" where n.kind = ? and {where} and n.version is distinct from o.version",
            [last, each.kind, *values],
        ).fetchall()
        moves = int(rows[0][0])
        if 0 < moves < policy.smallest and (batch := _newest(con, last, each)):
            missing = policy.smallest - moves
            return Waiting(*batch, group=each.group, moves=moves, missing=missing)
    return None


def _newest(con: duckdb.DuckDBPyConnection, last: int, each: Shown) -> tuple[str, str, str] | None:
    """The newest batch since a release that touches people of a group."""
    where, values = _where(each.group, "n")
    source = (
        "select batch_id from approaches as n"
        if each.kind == APPROACH
        else "select n.batch_id from interviews as n"
    )
    codings = (
        ""
        if each.kind == APPROACH
        else " union select c.batch_id from codings as c inner join interviews as n"
        f" on c.interview_id = n.interview_id where {where}"
    )
    values = values if each.kind == APPROACH else [*values, *values]
    rows = con.execute(
        "select b.batch_id, b.table_name, b.file_name from batches as b"
        f" where b.batch_id in ({source} where {where}{codings}) and b.batch_id not in"
        " (select batch_id from ledger.included where release = ?)"
        " order by b.loaded_at desc, b.batch_id limit 1",
        [*values, last],
    ).fetchall()
    return None if not rows else (str(rows[0][0]), str(rows[0][1]), str(rows[0][2]))


def _reveals_who_left(
    con: duckdb.DuckDBPyConnection, release: int, shown: Sequence[Shown], policy: Policy
) -> bool:
    """Whether a release holds somebody who has withdrawn, among too few who came or went."""
    for each in shown:
        if each.release != release:
            continue
        before, values = _where(each.group, "o")
        after, _ = _where(each.group, "n")
        rows = con.execute(
            "select count(*) filter (where n.member is null), count(*)"
            f" from (select * from ledger.counted as o where o.release = ? and o.kind = ? and"
            f" {before}) as o full join (select * from present as n where n.kind = ? and {after})"
            " as n on o.member = n.member where n.version is distinct from o.version",
            [release, each.kind, *values, each.kind, *values],
        ).fetchall()
        left, differ = (int(cell) for cell in rows[0])
        if left and differ < policy.smallest:
            return True
    return False


def _lives(con: duckdb.DuckDBPyConnection, kept: Sequence[int]) -> None:
    con.execute(
        "create or replace temp table lives as"
        f" select {_PEOPLE}, concat_ws(' ', string_agg(cast(release as varchar), ' '"
        f" order by release), any_value(now)) as life from ("
        f" select {_PEOPLE}, release, null as now from ledger.counted"
        " where list_contains(?::integer[], release)"
        f" union all select {_PEOPLE}, null, '{NOW}' from present) group by {_PEOPLE}",
        [list(kept)],
    )
    for table, kind, member in (
        ("interviews", INTERVIEW, "keyed_interview(interviews.interview_id)"),
        ("approaches", APPROACH, "keyed_hash(approaches.approach_id)"),
    ):
        con.execute(
            f"update {table} set life = l.life from lives as l where l.kind = '{kind}'"
            f" and l.member = {member} and ends_with(l.life, '{NOW}')"
        )


def _where(group: Group, alias: str) -> tuple[str, list[object]]:
    """Who is in a group, as a condition and its values."""
    parts, values = [f"{alias}.wave = ?"], list[object]([group.wave])
    for name in FILTERS:
        value = str(getattr(group, name))
        if value != EVERYONE:
            parts.append(f"list_contains(?::varchar[], {alias}.{name})")
            values.append(list(joined(value)))
    return " and ".join(parts), values
