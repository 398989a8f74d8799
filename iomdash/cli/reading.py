"""What a release says, and the codebook by which it was coded."""

import argparse
import json
from pathlib import Path

from iomdash import settings
from iomdash.cli.commands import Commands, answers_json, reads_one_audience
from iomdash.declared import refi
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import EVERYONE, Group
from iomdash.declared.scheme import COHORTS
from iomdash.errors import UsageError
from iomdash.exports import package
from iomdash.pictures.wording import standing, sure
from iomdash.release import shelf
from iomdash.release.cells import ClaimCell
from iomdash.release.reader import Release


def add(commands: Commands) -> None:
    """The commands findings, export and codebook."""
    findings = commands.add(
        "findings", f"print the {len(FINDINGS)} findings of the newest release",
        "findings --wave 2017 --json", _findings,
    )  # fmt: skip
    findings.add_argument("--wave", help="a wave of the release (default: the newest)")
    findings.add_argument("--cohort", default=EVERYONE, help="a cohort (default: all)")
    reads_one_audience(findings)
    answers_json(findings)
    export = commands.add(
        "export", "write a whole release as tables with their datapackage.json",
        "export release_tables --form parquet", _export,
    )  # fmt: skip
    export.add_argument("folder", metavar="FOLDER", type=Path, help="where its own folder is made")
    export.add_argument(
        "--form", choices=package.FORMS, default=package.CSV, help=f"default: {package.CSV}"
    )
    reads_one_audience(export)
    codebook = commands.add(
        "codebook", "export the codebook for programs of qualitative analysis",
        "codebook export codes.qdc", _codebook,
    )  # fmt: skip
    codebook.add_argument("action", choices=["export"])
    codebook.add_argument("file", metavar="FILE.qdc", type=Path)


def _findings(chosen: argparse.Namespace) -> None:
    folder = chosen.data / settings.RELEASES_FOLDER
    opened = Release(shelf.path_of(folder, chosen.audience)).readable()
    group = _group(opened, chosen.wave, chosen.cohort)
    every = [(f, opened.claims(group, f)) for f in FINDINGS]
    if chosen.json:
        answer = [
            {"id": f.id, "title": f.title, "claims": [_claim(c) for c in cells]}
            for f, cells in every
        ]
        print(json.dumps(answer, indent=1))
        return
    wave = opened.wave(group.wave)
    print(f"Release {opened.number}, wave {wave.label}, cohort {group.cohort}")
    for finding, cells in every:
        print(f"\n{finding.id} {finding.title}")
        for cell in cells:
            print(f"  {cell.verdict.shape} {cell.statement}: {standing(cell)}. {_verdict(cell)}.")


def _export(chosen: argparse.Namespace) -> None:
    releases = chosen.data / settings.RELEASES_FOLDER
    release = Release(shelf.path_of(releases, chosen.audience)).readable()
    chosen.noted["release"] = release.number
    folder: Path = chosen.folder / package.folder(release)
    if folder.exists():
        raise UsageError(f"{folder} is there already. Name another folder, or move it away.")
    folder.mkdir(parents=True)
    for name, content in package.files(release, chosen.form):
        (folder / name).write_bytes(content)
    print(f"Release {release.number} for the {chosen.audience} is written to {folder}.")


def _group(opened: Release, wave: str | None, cohort: str) -> Group:
    waves = [w.id for w in opened.waves]
    if wave is not None and wave not in waves:
        raise UsageError(f"There is no wave '{wave}'. Choose one of: {', '.join(waves)}.")
    names = [c.id for c in COHORTS]
    known = {name.upper(): name for name in (EVERYONE, *names)}
    if cohort.upper() not in known:
        raise UsageError(f"There is no cohort '{cohort}'. Choose one of: {', '.join(names)}.")
    group = Group(wave or waves[0], known[cohort.upper()])
    if group not in opened.sizes:
        raise UsageError(
            f"Nobody of cohort {group.cohort} was interviewed in wave {group.wave}. "
            f"Choose one of: {', '.join(g.cohort for g in opened.cohorts(Group(group.wave)))}."
        )
    return group


def _verdict(cell: ClaimCell) -> str:
    """The verdict and how sure it is: "Weaker than claimed, beyond chance, ..."."""
    return ", ".join(filter(None, (cell.verdict.words, sure(cell))))


def _claim(cell: ClaimCell) -> dict[str, object]:
    bounds = None if cell.low is None or cell.high is None else [cell.low, cell.high]
    return {
        "statement": cell.statement,
        "code": cell.code,
        "x": cell.x,
        "n": cell.n,
        "quantifier": cell.quantifier,
        "range": None if cell.least is None else [cell.least, cell.most],
        "verdict": cell.verdict.words,
        "sure": cell.sure and cell.sure.value,
        "interval": bounds,
        "hidden": cell.hidden,
        "reason": None if cell.reason is None else cell.reason.value,
    }


def _codebook(chosen: argparse.Namespace) -> None:
    refi.export_codebook(chosen.file)
    print(f"The codebook is written to {chosen.file}.")
