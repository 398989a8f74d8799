"""Vaults of a given size, and releases of them, for topics that visit pages."""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from benchmarks.rows import step
from iomdash.declared.contracts.odcs import TABLES
from iomdash.publishing.publish import publish
from iomdash.settings import RELEASES, RELEASES_FOLDER
from iomdash.study import STUDY_FILES, agencies, synthetic
from iomdash.vault.writer import Vault

DEMONSTRATION = 160
T = TypeVar("T")


@cache
def made(interviews: int, people: int | None = None) -> "Data":
    """Releases of that size, made once for all topics and gone when the process ends. Read them
    and never write to them: a topic that adds to the vault copies its folder.
    """
    return Data(_folder() / f"{interviews} interviews, {people} people", interviews, people)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="benchmarks-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Data:
    """The 2017 study, synthetic agencies of `people`, and a synthetic wave of `interviews`.

    Either is left out where it is 0; `people` are as many as in the demonstration where None.
    Seconds by the clock that it took: generated, loaded, published; and of the processor: worked,
    for publishing.
    """

    def __init__(self, folder: Path, interviews: int, people: int | None = None) -> None:
        step(f"making, loading and publishing {folder.name}")
        self.folder = folder
        self._people = people
        folder.mkdir()
        self.files, self.generated = _timed(lambda: self._files(interviews))
        _, self.loaded = _timed(self._load)
        worked = _worked()
        _, self.published = _timed(lambda: publish(folder, folder / RELEASES_FOLDER))
        self.worked = _worked() - worked

    @cached_property
    def environment(self) -> dict[str, str]:
        """What tells a server where these releases lie."""
        return {RELEASES.variable: str(self.folder / RELEASES_FOLDER)}

    def _files(self, interviews: int) -> dict[str, Path]:
        return synthetic.write(self.folder, interviews=interviews) if interviews else {}

    def _load(self) -> None:
        with Vault.open(self.folder) as vault:
            for table in TABLES:
                for files in (STUDY_FILES, self.files):
                    if table in files:
                        vault.load(table, files[table], user="benchmark")
            sent = {} if self._people == 0 else agencies.write(self.folder, people=self._people)
            for feed, extracts in sent.items():
                for file in extracts:
                    vault.load(feed, file, user="benchmark")


def _worked() -> float:
    """CPU seconds of this process, and of those that it began and that have ended."""
    return sum(os.times()[:4])


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun
