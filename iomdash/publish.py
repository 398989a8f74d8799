"""Vault to release: count, protect, judge, and write one immutable file for each audience."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from iomdash import __version__, measures, release, vault
from iomdash.disclosure import Policy, Releasable, protect
from iomdash.errors import EnvironmentFault
from iomdash.findings import claims
from iomdash.groups import EVERYONE, FILTERS
from iomdash.judge import judge
from iomdash.settings import AUDIENCES
from iomdash.study import provenance

VERSIONS = ("duckdb", "polars", "great_expectations", "scipy", "statsmodels")
LOG = {
    "loads": "select table_name, file_name, sha256, row_count, loaded_at, checks from loads"
    " order by loaded_at, table_name",
    "checks": "select l.table_name, l.file_name, c.rule, c.reason, c.passed"
    " from load_checks as c inner join loads as l on c.batch_id = l.batch_id"
    " order by l.loaded_at, l.table_name, c.rule",
}

_NOTE = ("wave", "code", "among", "note")

Step = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """What was published, and where it lies."""

    number: int
    folder: Path
    rows: Mapping[str, int]


def publish(data_dir: Path, releases: Path, *, step: Step = lambda _: None) -> Published:
    """Build the next release beside the others and swap the pointer to it.

    Readers of an older release keep it: files are never changed and numbers never used again.
    Raises EnvironmentFault when the vault holds no interview or the folder cannot be written.
    """
    step("count")
    raw, log = _read(data_dir)
    if raw.sizes.is_empty():
        raise EnvironmentFault(
            f"The vault in {data_dir} holds no interview, so there is nothing to publish. "
            "Load interviews and codings first, or run: python -m iomdash demo"
        )
    step("protect")
    safe = protect(raw)
    step("judge")
    tables = {**_frames(safe), **judge(safe), **log, "provenance": _provenance(safe)}
    step("write")
    try:
        return _write(releases, safe.policy, tables)
    except OSError as error:
        raise EnvironmentFault(
            f"The release could not be written to {releases}: {error.strerror}. "
            "Make room or mend the folder's rights, then publish again."
        ) from error


def _read(data_dir: Path) -> tuple[measures.RawCounts, dict[str, pl.DataFrame]]:
    with vault.read(data_dir) as con:
        return measures.count(con), {name: con.sql(query).pl() for name, query in LOG.items()}


def _frames(safe: Releasable) -> dict[str, pl.DataFrame]:
    return {name: frame for name, frame in vars(safe).items() if isinstance(frame, pl.DataFrame)}


def _provenance(safe: Releasable) -> pl.DataFrame:
    """What the source leaves open of each figure, for waves that had to be reconstructed."""
    open_waves = safe.waves.filter(pl.col("origin") == "reconstructed")["wave"].to_list()
    rows = [
        (wave, claim.code, claim.among, note)
        for wave in open_waves
        for claim in claims()
        if (note := provenance(claim.code, claim.among or None))
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(_NOTE, pl.String), orient="row")


def _write(releases: Path, policy: Policy, tables: dict[str, pl.DataFrame]) -> Published:
    releases.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=releases))
    try:
        return _fill(releases, building, policy, tables)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fill(
    releases: Path, building: Path, policy: Policy, tables: dict[str, pl.DataFrame]
) -> Published:
    before = release.latest(releases)
    number = max(release.numbers(releases), default=0) + 1
    rows = {name: frame.height for name, frame in tables.items()}
    manifest = _manifest(number, policy, tables, rows)
    for audience in AUDIENCES:
        previous = None if before is None else release.path_of(releases, audience, before)
        changes = _changes(previous, tables["claims"])
        _store(building / f"{audience}.duckdb", {**tables, "changes": changes}, manifest)
    (building / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for file in building.iterdir():
        file.chmod(0o444)
    building.chmod(0o755)
    folder = releases / f"{number:04d}"
    building.rename(folder)
    release.point(releases, number)
    return Published(number, folder, rows)


def _manifest(
    number: int, policy: Policy, tables: dict[str, pl.DataFrame], rows: dict[str, int]
) -> dict[str, object]:
    last = tables["waves"]["last_on"].max()
    checks = tables["checks"]
    return {
        "release": number,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data_to": None if last is None else str(last),
        "checks_passed": int(checks["passed"].sum()),
        "checks": checks.height,
        "policy": {"smallest": policy.smallest, "public_waves": sorted(policy.public_waves)},
        "versions": {"iomdash": __version__, **{name: version(name) for name in VERSIONS}},
        "inputs": tables["loads"].select("table_name", "sha256", "row_count").to_dicts(),
        "rows": rows,
    }


def _store(path: Path, tables: dict[str, pl.DataFrame], manifest: dict[str, object]) -> None:
    with duckdb.connect(path, config=release.CONFIG) as con:
        for name, frame in tables.items():
            con.register("frame", frame)
            con.execute(f"create table {name} as select * from frame")
            con.unregister("frame")
        con.execute("create table manifest as select ? as json", [json.dumps(manifest)])


def _changes(previous: Path | None, claims: pl.DataFrame) -> pl.DataFrame:
    """Claims on whole waves whose verdict differs from the last release's: before and after."""
    keys = ["wave", "finding", "claim"]
    whole = pl.all_horizontal(pl.col(name) == EVERYONE for name in FILTERS)
    now = claims.filter(whole).select(*keys, after="verdict")
    if previous is None:
        return now.clear().with_columns(before=pl.lit("", pl.String))
    rows = release.Release(previous).rows("select * from claims")
    then = pl.DataFrame(rows, schema=claims.schema).filter(whole).select(*keys, before="verdict")
    return now.join(then, on=keys).filter(pl.col("before") != pl.col("after")).sort(keys)
