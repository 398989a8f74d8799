"""Vault to release: count, protect, judge, write one immutable file for each audience, attack it.

A release whose attack brings anything to light is not published.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from iomdash import __version__
from iomdash.counting import agencies, interviews
from iomdash.declared.findings import claims
from iomdash.declared.groups import EVERYONE, FILTERS
from iomdash.disclosure import history, ledger, read_back
from iomdash.disclosure.agencies.checked import checked
from iomdash.disclosure.agencies.protect import ReleasableAgencies, rounded
from iomdash.disclosure.attacker.agencies import CONTRADICTION, attack, of_release, read
from iomdash.disclosure.attacker.audit import Report, audit
from iomdash.disclosure.history import Before
from iomdash.disclosure.interviews.protect import Earlier, Releasable, protect
from iomdash.disclosure.ledger import Waiting
from iomdash.disclosure.policy import Policy, for_audience
from iomdash.errors import EnvironmentFault, Revealing
from iomdash.evidence import outcomes
from iomdash.evidence.judge import judge
from iomdash.release import reader, shelf
from iomdash.release.reader import Release
from iomdash.settings import AUDIENCES
from iomdash.study import provenance
from iomdash.vault import current
from iomdash.vault import reader as vault_reader
from iomdash.vault.lock import lock_for

PERIODS = ("quarter", "year")
# Keys of people's records, by which agencies' counts are blurred; in no release.
KEY = "cast('0x' || left(keyed_hash('record:' || person_id), 8) as bigint)"
VERSIONS = ("duckdb", "polars", "great_expectations", "scipy", "statsmodels")
# A file of few interviews would tell by its rows how much each of them said, and its hash would
# confirm a guess of all that it holds; its name may be one.
LOG = {
    "loads": "select l.table_name, case when {enough} then l.sha256 end as sha256,"
    " case when {enough} then l.row_count end as row_count, l.loaded_at, l.checks"
    " from vault.loads as l"
    " inner join batches as b on l.batch_id = b.batch_id left join ("
    " select batch_id, count(distinct interview_id) as people from codings group by batch_id"
    " union all select batch_id, count(distinct interview_id) from interviews group by batch_id"
    " union all select batch_id, count(distinct interview_id) from excerpts group by batch_id"
    " union all select batch_id, count(*) from approaches group by batch_id"
    ") as p on l.batch_id = p.batch_id order by l.loaded_at, l.table_name",
    "checks": "select l.table_name, c.rule, c.reason, c.passed from vault.load_checks as c"
    " inner join vault.loads as l on c.batch_id = l.batch_id"
    " inner join batches as b on c.batch_id = b.batch_id"
    " order by l.loaded_at, l.table_name, c.rule",
}

_ENOUGH = (
    "(p.people >= {smallest} or l.row_count >= {smallest} and l.table_name not in"
    " ('interviews', 'codings', 'excerpts', 'approaches'))"
)

_NOTE = ("wave", "code", "among", "note")

Step = Callable[[str], None]
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Published:
    """What was published, where it lies, what waits, what was retired, and the attacks on it."""

    number: int
    folder: Path
    rows: Mapping[str, int]
    waiting: tuple[Waiting, ...]
    retired: tuple[int, ...]
    reports: tuple[Report, ...]


def publish(data_dir: Path, releases: Path, *, step: Step = lambda _: None) -> Published:
    """Build the next release beside the others and swap the pointer to it.

    Readers of an older release keep it: files are never changed and numbers never used again.
    Raises EnvironmentFault when the vault holds no interview or the folder cannot be written,
    Revealing when the attacker finds something in the release.
    """
    with vault_reader.read(data_dir) as con, closing(lock_for(data_dir)):
        ledger.attach(con, data_dir)
        try:
            return _published(con, releases, step)
        except OSError as error:
            raise EnvironmentFault(
                f"The release could not be written to {releases}: {error.strerror}. "
                "Make room or mend the folder's rights, then publish again."
            ) from error


def attack_again(
    data_dir: Path, releases: Path, audience: str, number: int | None = None,
    *, step: Step = lambda _: None,
) -> Report:  # fmt: skip
    """Attack a published release, the newest by default, with all earlier ones still kept.

    Raises EnvironmentFault where there is no such release.
    """
    step(audience)
    newest = Release(shelf.path_of(releases, audience, number))
    kept = [n for n in shelf.kept(releases) if n < newest.number]
    every = [*(Release(shelf.path_of(releases, audience, n)) for n in kept), newest]
    with vault_reader.read(data_dir) as con, closing(lock_for(data_dir)):
        ledger.attach(con, data_dir)
        ledger.require(con, [each.number for each in every])
        policy = for_audience(audience)
        current.views(con)
        agencies.close(con)
        found = attack(of_release(newest), read(every[:-1]), agencies.members(con), policy.people)
        # Records that have come since do not fit figures that were told before.
        found.falls = [fall for fall in found.falls if fall.how != CONTRADICTION]
        return replace(audit(con, audience, every, policy), agencies=found)


def _published(con: duckdb.DuckDBPyConnection, releases: Path, step: Step) -> Published:
    policies = {audience: for_audience(audience) for audience in AUDIENCES}
    strictest = max(policies.values(), key=lambda policy: policy.smallest)
    step("count")
    before = history.read(releases)
    ledger.require(con, [each.number for each in before[strictest.audience]])
    plan = ledger.plan(con, history.groups(before), strictest)
    raw = interviews.count(con)
    if raw.sizes.is_empty():
        raise EnvironmentFault(
            "The vault holds no interview that may be counted, so there is nothing to publish. "
            "Load interviews and codings first, or run: python -m iomdash demo"
        )
    current.views(con)
    agencies.close(con)
    most = max(policy.people.filters_at_once for policy in policies.values())
    counted, dates = agencies.count(con, agencies.Wanted(most, PERIODS, KEY)), agencies.dates(con)
    step("protect")
    # With all that was told, a release that is to go among it.
    held = {
        audience: checked(
            counted, policy.people, history.agencies(before[audience]), before[audience]
        )
        for audience, policy in policies.items()
    }
    # What a retired release said, compared with this one, would tell of who withdrew.
    before = history.kept(before, plan)
    safe = _protected(con, raw, policies, before)
    step("judge")
    enough = _ENOUGH.format(smallest=strictest.smallest)
    log = {name: con.sql(query.format(enough=enough)).pl() for name, query in LOG.items()}
    log["recorded_dates"] = dates
    tables = {
        audience: {**_tables(each, log), **_recorded(held[audience][0])}
        for audience, each in safe.items()
    }
    step("write")
    with _building(releases) as building:
        number = max(shelf.numbers(releases), default=0) + 1
        rows = _fill(building, number, safe, tables, before)
        ledger.record(con, number)
        step("attack")
        reports = tuple(
            replace(report, agencies=held[report.audience][1])
            for report in _attacked(con, building, before, policies)
        )
        told = {report.audience: report.as_json() for report in reports}
        (building / reader.AUDIT).write_text(json.dumps(told, indent=1), encoding="utf-8")
        (building / reader.AUDIT).chmod(0o444)
        folder = releases / f"{number:04d}"
        building.chmod(0o755)
        building.rename(folder)
    shelf.point(releases, number)
    for old in plan.retire:
        shelf.retire(releases, old)
    return Published(number, folder, rows, plan.waiting, plan.retire, reports)


def _protected(
    con: duckdb.DuckDBPyConnection, raw: interviews.RawCounts, policies: Mapping[str, Policy],
    before: Before,
) -> Mapping[str, Releasable]:  # fmt: skip
    """Protected answers by audience; protected once for audiences with the same rules and past."""
    earlier = {audience: history.known(con, before[audience]) for audience in policies}
    done: dict[str, Releasable] = {}
    for audience, policy in policies.items():
        twin = next((a for a in done if _alike(policy, policies[a], earlier, audience, a)), None)
        done[audience] = (
            protect(raw, policy, earlier[audience])
            if twin is None
            else replace(
                done[twin],
                policy=policy,
                caseloads=rounded(raw.caseloads, policy.people),
            )
        )
    return done


def _alike(
    one: Policy, other: Policy, earlier: Mapping[str, Earlier], audience: str, twin: str
) -> bool:
    rules = (one.interviews, one.bands, one.public) == (other.interviews, other.bands, other.public)
    now, then = earlier[audience], earlier[twin]
    return rules and (now.cells, now.groups) == (then.cells, then.groups)


def _tables(safe: Releasable, log: Tables) -> Tables:
    return {**_frames(safe), **judge(safe), **log, "provenance": _provenance(safe)}


def _recorded(safe: ReleasableAgencies) -> Tables:
    """What may be told of agencies, and the shares, rates and curves of that."""
    shown = {f"recorded_{name}": frame for name, frame in safe.cubes.items()}
    return {**shown, "recorded_groups": safe.groups, **outcomes.derive(safe)}


def _attacked(
    con: duckdb.DuckDBPyConnection, building: Path, before: Before,
    policies: Mapping[str, Policy],
) -> tuple[Report, ...]:  # fmt: skip
    """An attack for each audience; one for audiences that see the same figures by one rule."""
    done: list[tuple[object, Report]] = []
    for audience, policy in policies.items():
        every = [*before[audience], Release(building / f"{audience}.duckdb")]
        seen = (policy.interviews, [read_back.cells(each) for each in every])
        known = next((report for other, report in done if other == seen), None)
        report = replace(known, audience=audience) if known else audit(con, audience, every, policy)
        done.append((seen, report))
    reports = tuple(report for _, report in done)
    for report in reports:
        if report.breaches:
            raise Revealing(f"Nothing is published: the attacker found something.\n{report.words}")
    return reports


def _frames(safe: Releasable) -> dict[str, pl.DataFrame]:
    return {name: frame for name, frame in vars(safe).items() if isinstance(frame, pl.DataFrame)}


def _provenance(safe: Releasable) -> pl.DataFrame:
    """What the source leaves open of each figure, for waves that had to be reconstructed."""
    rebuilt = pl.col("origins").list.contains("reconstructed")
    open_waves = safe.waves.filter(rebuilt)["wave"].to_list()
    rows = [
        (wave, claim.code, claim.among, note)
        for wave in open_waves
        for claim in claims()
        if (note := provenance(claim.code, claim.among or None))
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(_NOTE, pl.String), orient="row")


@contextmanager
def _building(releases: Path) -> Generator[Path]:
    """A folder beside the releases that is gone afterwards, unless it was renamed."""
    releases.mkdir(parents=True, exist_ok=True)
    # One that was killed may have left figures that nobody has attacked.
    for left in releases.glob(".building-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in releases.glob(".pointer-*"):
        left.unlink()
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fill(
    building: Path, number: int, safe: Mapping[str, Releasable], tables: Mapping[str, Tables],
    before: Before,
) -> Mapping[str, int]:  # fmt: skip
    manifests = {a: _manifest(number, safe[a].policy, tables[a]) for a in AUDIENCES}
    for audience, manifest in manifests.items():
        previous = before[audience][-1] if before[audience] else None
        changes = _changes(previous, tables[audience]["claims"])
        _store(building / f"{audience}.duckdb", {**tables[audience], "changes": changes}, manifest)
    (building / "manifest.json").write_text(json.dumps(manifests, indent=1), encoding="utf-8")
    for file in building.iterdir():
        file.chmod(0o444)
    return {name: frame.height for name, frame in tables[AUDIENCES[0]].items()}


def _manifest(number: int, policy: Policy, tables: Tables) -> dict[str, object]:
    last = tables["waves"]["last_on"].max()
    checks = tables["checks"]
    return {
        "release": number,
        "format": reader.FORMAT,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_to": None if last is None else str(last),
        "checks_passed": int(checks["passed"].sum()),
        "checks": checks.height,
        "policy": {
            "smallest": policy.smallest,
            "filters_at_once": policy.people.filters_at_once,
            "smallest_count": policy.people.smallest_count,
            "noise": policy.people.noise,
            "person_level": policy.people.person_level,
            "public_waves": sorted(policy.public_waves),
            "figures": [asdict(figure) for figure in policy.figures],
            "bands": [[band.words for band in bands] for bands in policy.bands],
            "public": [asdict(fact) for fact in policy.public],
        },
        "versions": {"iomdash": __version__, **{name: version(name) for name in VERSIONS}},
        "inputs": tables["loads"].select("table_name", "sha256", "row_count").to_dicts(),
        "rows": {name: frame.height for name, frame in tables.items()},
    }


def _store(path: Path, tables: Tables, manifest: dict[str, object]) -> None:
    with duckdb.connect(path, config=reader.CONFIG) as con:
        for name, frame in tables.items():
            con.register("frame", frame)
            con.execute(f"create table {name} as select * from frame")
            con.unregister("frame")
        con.execute("create table manifest as select ? as json", [json.dumps(manifest)])


def _changes(previous: Release | None, claims: pl.DataFrame) -> pl.DataFrame:
    """Claims on whole waves whose verdict differs from the last release's: before and after."""
    keys = ["wave", "finding", "claim"]
    whole = pl.all_horizontal(pl.col(name) == EVERYONE for name in FILTERS)
    now = claims.filter(whole).select(*keys, after="verdict")
    if previous is None:
        return now.clear().with_columns(before=pl.lit("", pl.String))
    rows = previous.rows("select * from claims")
    then = pl.DataFrame(rows, schema=claims.schema).filter(whole).select(*keys, before="verdict")
    return now.join(then, on=keys).filter(pl.col("before") != pl.col("after")).sort(keys)
