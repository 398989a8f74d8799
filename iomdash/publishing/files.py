"""The files of a release: written beside the others under a name that nobody reads."""

import json
import shutil
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from iomdash import __version__
from iomdash.access import audit_log
from iomdash.declared import audiences
from iomdash.declared.findings import questions
from iomdash.declared.groups import EVERYONE, FILTERS
from iomdash.disclosure.attacker.audit import Report
from iomdash.disclosure.history import Before
from iomdash.disclosure.policy import Policy
from iomdash.release import shelf
from iomdash.release.file import AUDIT, CONFIG, FORMAT
from iomdash.release.reader import Release
from iomdash.release.shelf import AUDIT_LOG
from iomdash.vault import origins
from iomdash.vault.connection import transaction

VERSIONS = ("duckdb", "polars", "great_expectations", "scipy", "statsmodels")

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Vault:
    """What a release says of the vault behind it: whether that holds a demonstration and nothing
    else, and the last line of the audit log, `{n, hash}`; None where nothing was logged.
    """

    demonstration: bool
    anchor: Mapping[str, object] | None


def of_vault(con: duckdb.DuckDBPyConnection, state: Path) -> Vault:
    """What an open vault, and the audit log in the folder of state, are to say of a release."""
    last = audit_log.anchor(state)
    anchor = None if last is None else {"n": last.n, "hash": last.hash}
    return Vault(not origins.collected(con), anchor)


@contextmanager
def building(releases: Path) -> Generator[Path]:
    """A folder beside the releases that is gone afterwards, unless it was renamed."""
    releases.mkdir(parents=True, exist_ok=True)
    # One that was killed may have left figures that nobody has attacked.
    for left in releases.glob(".building-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in releases.glob(".pointer-*"):
        left.unlink()
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(
    folder: Path, number: int, policies: Mapping[str, Policy], tables: Mapping[str, Tables],
    before: Before, vault: Vault,
) -> Mapping[str, int]:  # fmt: skip
    """Write an audience's tables into a file of its own, and who may read what into a manifest;
    the number of rows by table.
    """
    manifests: dict[str, dict[str, object]] = {}
    for audience, policy in policies.items():
        previous = before[audience][-1] if before[audience] else None
        manifest = _manifest(number, previous, policy, tables[audience])
        manifest["demonstration"] = vault.demonstration
        manifests[audience] = manifest
        changes = _changes(previous, tables[audience]["claims"])
        _store(folder / f"{audience}.duckdb", {**tables[audience], "changes": changes}, manifest)
    whole = {"release": number, "audiences": manifests, AUDIT_LOG: vault.anchor}
    (folder / shelf.MANIFEST).write_text(json.dumps(whole, indent=1), encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(0o444)
    return {name: frame.height for name, frame in next(iter(tables.values())).items()}


def named(folder: Path, releases: Path, number: int, reports: Sequence[Report]) -> Path:
    """Add the attacks on a release to its folder and give that its number; the new path."""
    attacks = {report.audience: report.as_json() for report in reports}
    (folder / AUDIT).write_text(json.dumps(attacks, indent=1), encoding="utf-8")
    (folder / AUDIT).chmod(0o444)
    folder.chmod(0o755)
    return folder.rename(releases / f"{number:04d}")


def _manifest(
    number: int, previous: Release | None, policy: Policy, tables: Tables
) -> dict[str, object]:
    last = tables["waves"]["last_on"].max()
    # Rules that were run, and of which it may be told whether they held.
    ran = tables["checks"]["result"].value_counts()
    passed, failed = (
        int(ran.filter(pl.col("result") == result)["count"].sum())
        for result in ("passed", "failed")
    )
    return {
        "release": number,
        "previous": None if previous is None else previous.number,
        "audience": asdict(audiences.find(policy.audience)),
        "format": FORMAT,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_to": None if last is None else str(last),
        "checks_passed": passed,
        "checks": passed + failed,
        "policy": {
            "smallest": policy.smallest,
            "smallest_base": policy.interviews.smallest_base,
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
        "questions": sorted(questions()),
        "inputs": tables["loads"].select("table_name", "sha256", "row_count").to_dicts(),
        "rows": {name: frame.height for name, frame in tables.items()},
    }


def _store(path: Path, tables: Tables, manifest: dict[str, object]) -> None:
    with duckdb.connect(path, config=CONFIG) as con, transaction(con):
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
