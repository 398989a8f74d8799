"""The folder of releases: numbers that are never used again, and a pointer to the present one."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iomdash.errors import EnvironmentFault

POINTER = "current"
MANIFEST = "manifest.json"
AUDIT_LOG = "audit_log"  # in the manifest: the last line of the log when the release was made


def numbers(releases: Path) -> list[int]:
    """Numbers of all releases ever in a folder, in order; empty where there is none."""
    if not releases.is_dir():
        return []
    return sorted(int(path.name) for path in releases.iterdir() if path.name.isdigit())


def kept(releases: Path, audience: str) -> list[int]:
    """Numbers of an audience's releases that can still be read, in order: not those that were
    retired. Raises EnvironmentFault where a manifest is lost.
    """
    return [
        number
        for number in numbers(releases)
        if audience in audiences(releases, number) and _file(releases, audience, number).is_file()
    ]


def audiences(releases: Path, number: int | None = None) -> tuple[str, ...]:
    """The audiences that a release, the newest by default, was made for, as its manifest names
    them. Raises EnvironmentFault where nothing is published or the manifest cannot be read.
    """
    return tuple(manifests(releases, _number(releases, number)))


def manifests(releases: Path, number: int) -> Mapping[str, Mapping[str, Any]]:
    """The manifest of a release by audience, also of one that was retired.

    Raises EnvironmentFault where there is no such release or the manifest cannot be read.
    """
    path = folder(releases, number) / MANIFEST
    if not path.parent.is_dir():
        raise EnvironmentFault(
            f"There is no release {number} in {releases}. "
            f"Choose one of: {', '.join(map(str, numbers(releases))) or 'none'}."
        )
    try:
        return dict(json.loads(path.read_text("utf-8"))["audiences"])
    except (OSError, ValueError, KeyError, TypeError):
        raise EnvironmentFault(
            f"{path} is missing, damaged or of an older version of iomdash, and nothing else says "
            "for whom the release was made. Restore it from a backup, or move the releases and the "
            "ledger away and publish anew."
        ) from None


def anchor(releases: Path, number: int) -> Mapping[str, Any] | None:
    """What the manifest of a release says of the audit log, `{n, hash}`; None where nothing."""
    try:
        held = json.loads((folder(releases, number) / MANIFEST).read_text("utf-8"))
        return held.get(AUDIT_LOG)
    except (OSError, ValueError, AttributeError):
        return None


def retire(releases: Path, number: int) -> None:
    """Take a release away for good; its manifest stays, its number is never used again."""
    for path in folder(releases, number).glob("*.duckdb"):
        path.unlink()


def latest(releases: Path) -> int | None:
    """The number that the pointer names; None where nothing is published yet.

    Raises EnvironmentFault where the pointer names none.
    """
    pointer = releases / POINTER
    if not pointer.is_file():
        return None
    word = pointer.read_text("utf-8", errors="replace").strip()
    if not word.isdecimal():
        raise EnvironmentFault(
            f"{pointer} is damaged: it says '{word}', which is no number of a release. Write the "
            f"newest number into it: {max(numbers(releases), default=0)}."
        )
    return int(word)


def point(releases: Path, number: int) -> None:
    """Swap the pointer in one step, so that no reader sees it half written. As the releases, it may
    be read by the server's own user.
    """
    handle, name = tempfile.mkstemp(prefix=".pointer-", dir=releases)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(str(number))
        file.flush()
        os.fchmod(handle, 0o644)
        os.fsync(handle)
    Path(name).replace(releases / POINTER)


def path_of(releases: Path, audience: str, number: int | None = None) -> Path:
    """The file of an audience's release, the present one by default.

    Raises EnvironmentFault when nothing is published or there is no such number.
    """
    number = _number(releases, number)
    path = _file(releases, audience, number)
    if path.is_file():
        return path
    _require_kept(path.parent, audience)
    if path.parent.is_dir() and audience not in audiences(releases, number):
        raise EnvironmentFault(
            f"Release {number} in {releases} was not made for the {audience}. "
            "Publish anew: python -m iomdash publish"
        )
    raise EnvironmentFault(
        f"There is no release {number} for the {audience} in {releases}. "
        f"Choose one of: {', '.join(map(str, kept(releases, audience))) or 'none'}."
    )


def _number(releases: Path, number: int | None) -> int:
    number = latest(releases) if number is None else number
    if number is None:
        raise EnvironmentFault(
            f"Nothing is published in {releases} yet. Run: python -m iomdash demo, "
            "or load your data and run: python -m iomdash publish"
        )
    return number


def path_in(place: Path, audience: str) -> Path:
    """The file of a release that is named by its folder, or by itself.

    Raises EnvironmentFault when there is none.
    """
    path = place / f"{audience}.duckdb" if place.is_dir() else place
    _require_kept(path.parent, audience)
    if not path.is_file():
        raise EnvironmentFault(
            f"{path} does not exist. Give a number of a release, its folder "
            "(releases/0001), or its file (releases/0001/board.duckdb)."
        )
    return path


def _require_kept(folder: Path, audience: str) -> None:
    if (folder / MANIFEST).is_file() and not any(folder.glob("*.duckdb")):
        raise EnvironmentFault(
            f"There is no release {folder.name.lstrip('0')} in {folder.parent} any more: it was "
            "retired, as its difference from a later one would show who left. "
            f"Choose one of: {', '.join(map(str, kept(folder.parent, audience))) or 'none'}."
        )


def _file(releases: Path, audience: str, number: int) -> Path:
    return folder(releases, number) / f"{audience}.duckdb"


def folder(releases: Path, number: int) -> Path:
    """The folder of a release, which need not exist."""
    return releases / f"{number:04d}"
