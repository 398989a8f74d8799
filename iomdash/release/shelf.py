"""The folder of releases: numbers that are never used again, and a pointer to the newest."""

import os
import tempfile
from pathlib import Path

from iomdash.errors import EnvironmentFault
from iomdash.settings import AUDIENCES

POINTER = "current"
MANIFEST = "manifest.json"


def numbers(releases: Path) -> list[int]:
    """Numbers of all releases ever in a folder, in order; empty where there is none."""
    if not releases.is_dir():
        return []
    return sorted(int(path.name) for path in releases.iterdir() if path.name.isdigit())


def kept(releases: Path) -> list[int]:
    """Numbers of the releases that can still be read, in order: not those that were retired."""
    return [
        number
        for number in numbers(releases)
        if all((releases / f"{number:04d}" / f"{a}.duckdb").is_file() for a in AUDIENCES)
    ]


def retire(releases: Path, number: int) -> None:
    """Take a release away for good; its manifest stays, its number is never used again."""
    for path in (releases / f"{number:04d}").glob("*.duckdb"):
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
    """Swap the pointer in one step, so that no reader sees it half written."""
    handle, name = tempfile.mkstemp(prefix=".pointer-", dir=releases)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(str(number))
    Path(name).replace(releases / POINTER)


def path_of(releases: Path, audience: str, number: int | None = None) -> Path:
    """The file of an audience's release, the newest by default.

    Raises EnvironmentFault when nothing is published or there is no such number.
    """
    number = latest(releases) if number is None else number
    if number is None:
        raise EnvironmentFault(
            f"Nothing is published in {releases} yet. Run: python -m iomdash demo, "
            "or load your data and run: python -m iomdash publish"
        )
    path = releases / f"{number:04d}" / f"{audience}.duckdb"
    _require_kept(path.parent)
    if not path.is_file():
        raise EnvironmentFault(
            f"There is no release {number} for the {audience} in {releases}. "
            f"Choose one of: {', '.join(map(str, kept(releases))) or 'none'}."
        )
    return path


def path_in(place: Path, audience: str) -> Path:
    """The file of a release that is named by its folder, or by itself.

    Raises EnvironmentFault when there is none.
    """
    path = place / f"{audience}.duckdb" if place.is_dir() else place
    _require_kept(path.parent)
    if not path.is_file():
        raise EnvironmentFault(
            f"{path} does not exist. Give a number of a release, its folder "
            "(releases/0001), or its file (releases/0001/board.duckdb)."
        )
    return path


def _require_kept(folder: Path) -> None:
    if (folder / MANIFEST).is_file() and not any(folder.glob("*.duckdb")):
        raise EnvironmentFault(
            f"There is no release {folder.name.lstrip('0')} in {folder.parent} any more: it was "
            "retired, as its difference from a later one would show who left. "
            f"Choose one of: {', '.join(map(str, kept(folder.parent))) or 'none'}."
        )
