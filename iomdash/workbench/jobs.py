"""Work that outlives the page that asked for it: a process, and a folder that tells of it.

A job's folder in the data folder holds who began it and when, the steps that began, the log and
the result. Whoever opens a page later, in another server even, reads how it stands from there.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import IO, Any

from iomdash import settings
from iomdash.errors import UsageError
from iomdash.vault.connection import made
from iomdash.vault.lock import PATIENCE, lock_for, signed_in

FOLDER = settings.JOBS_FOLDER
ABOUT, PID, STEPS, LOG, RESULT = "job.json", "pid", "steps", "log", "result.json"
# The job holds it as long as it runs, and the system lets go of it however the job ends.
RUNNING = "running.lock"
STARTING = "starting.lock"
# Folders of jobs that ended; older ones are removed when another begins.
MOST_KEPT = 20
PUBLISH = "publish"


@dataclass(frozen=True)
class Job:
    """One job as its folder tells of it; `began` is UTC, `steps` those that began, in order.

    `before` is the release that readers saw as it began. `result` is None while it runs, and where
    its process is gone without one (`stopped`).
    """

    folder: Path
    kind: str
    who: str
    began: datetime
    before: int | None
    steps: tuple[str, ...]
    running: bool
    result: Mapping[str, Any] | None

    @property
    def stopped(self) -> bool:
        """Whether it ended without a result: killed, or the machine went off."""
        return not self.running and self.result is None


def start(
    data_dir: Path, *, before: int | None, anyway: bool = False, without_uncoded: bool = False,
    user: str | None = None, command: Sequence[str] | None = None,
) -> Job:  # fmt: skip
    """Begin to publish in a process of its own; `command` gets the job's folder as its last word.

    Raises UsageError where somebody publishes already, EnvironmentFault where nothing can be
    written.
    """
    place = data_dir.absolute() / FOLDER
    made(data_dir)
    place.mkdir(mode=0o700, exist_ok=True)
    with closing(lock_for(place, STARTING, wait=PATIENCE)):
        if (now := newest(data_dir)) and now.running:
            raise UsageError(f"{begun(now)} One publishes at a time: wait until it is done.")
        _clear(place)
        began = datetime.now(UTC)
        folder = place / f"{began:%Y%m%dT%H%M%S.%f}-{token_hex(4)}"
        folder.mkdir(mode=0o700)
        with closing(lock_for(folder, RUNNING)) as running:
            words = command or (sys.executable, "-m", "iomdash.workbench.run")
            about = {
                "kind": PUBLISH, "who": user or signed_in(), "began": began.isoformat(),
                "before": before, "anyway": anyway, "without_uncoded": without_uncoded,
                "data": str(data_dir.absolute()),
            }  # fmt: skip
            written(folder / ABOUT, about)
            _process((*words, str(folder)), folder, running)
    return read(folder)


def _process(words: Sequence[str], folder: Path, running: IO[str]) -> None:
    """A process that no closed tab and no stopped server takes along. It inherits the lock."""
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[running.fileno()],
            start_new_session=True, cwd=settings.PROJECT, env=settings.inherited(),
        )  # fmt: skip
    (folder / PID).write_text(str(process.pid))


def begun(job: Job) -> str:
    """Who publishes since when, as a sentence."""
    return f"{job.who} publishes since {job.began:%d/%m/%Y at %H:%M} UTC."


def newest(data_dir: Path) -> Job | None:
    """The job that was begun last; None where none was."""
    folders = sorted(p for p in (data_dir / FOLDER).glob("*-*") if (p / ABOUT).is_file())
    return read(folders[-1]) if folders else None


def read(folder: Path) -> Job:
    """A job by its folder."""
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    # In this order: a job that ends in between has its result.
    running = _is_running(folder)
    steps = (folder / STEPS).read_text("utf-8").split() if (folder / STEPS).exists() else []
    result: Mapping[str, Any] | None = None
    if (folder / RESULT).exists():
        result = json.loads((folder / RESULT).read_text("utf-8"))
    return Job(
        folder, about["kind"], about["who"], datetime.fromisoformat(about["began"]),
        about["before"], tuple(steps), running and result is None, result,
    )  # fmt: skip


def _is_running(folder: Path) -> bool:
    # Shared, so that of two who look neither takes the other for the job.
    with (folder / RUNNING).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def step(folder: Path, name: str) -> None:
    """Note in a job's folder that a step begins."""
    with (folder / STEPS).open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")


def written(path: Path, content: Mapping[str, Any]) -> None:
    """A JSON file, whole or not there."""
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(content, default=str), encoding="utf-8")
    os.replace(fresh, path)


def _clear(place: Path) -> None:
    folders = sorted(path for path in place.glob("*-*") if path.is_dir())
    for old in folders[: -MOST_KEPT + 1]:
        with suppress(OSError):
            rmtree(old)
