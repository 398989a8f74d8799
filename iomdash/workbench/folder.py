"""Where files that were uploaded lie until they are loaded or dismissed: private, and swept.

    DATA/.uploads/SESSION/1/spring.csv

A session's folder is held by a lock as long as its process keeps it, so that one that a killed
server left behind is known.
"""

import re
import secrets
import shutil
import time
from pathlib import Path
from typing import IO, BinaryIO

from iomdash.errors import EnvironmentFault
from iomdash.vault.connection import made
from iomdash.vault.lock import lock_for

NAME = ".uploads"
IN_USE = "upload.lock"
KEPT = 24 * 60 * 60  # seconds
# Most file systems take 255 bytes; the end of a name, which says what it is, is kept.
LONGEST = 120
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def plain_name(name: str) -> str:
    """The name of a file without any path and without signs that are none of a name."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if c.isprintable()).strip(" .")
    if not kept:
        return "file"
    end = _SUFFIX.search(kept)
    suffix = end[0] if end else ""
    stem = kept[: len(kept) - len(suffix)].encode("utf-8", "ignore")[: LONGEST - len(suffix)]
    return stem.decode("utf-8", "ignore") + suffix


class Folder:
    """One session's folder, for its owner alone; gone with `close`, or swept."""

    def __init__(self, data_dir: Path) -> None:
        """Make it. Raises EnvironmentFault where the data folder cannot be written."""
        made(data_dir)
        sweep(data_dir)
        self.path = data_dir / NAME / secrets.token_hex(8)
        try:
            self.path.mkdir(mode=0o700, parents=True)
            self.path.parent.chmod(0o700)
        except OSError as fault:
            raise _cannot(self.path, fault) from None
        self._lock: IO[str] = lock_for(self.path, IN_USE)
        self._files = 0

    def keep(self, name: str, content: BinaryIO) -> Path:
        """Write a file under its plain name. Raises EnvironmentFault where there is no room."""
        self._files += 1
        path = self.path / str(self._files) / plain_name(name)
        try:
            path.parent.mkdir(mode=0o700)
            path.touch(mode=0o600, exist_ok=False)
            with path.open("wb") as file:
                shutil.copyfileobj(content, file)
        except OSError as fault:
            remove(path)
            raise _cannot(path, fault) from None
        return path

    def close(self) -> None:
        """Remove it with all that lies in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove(path: Path) -> None:
    """Remove one file that was kept."""
    shutil.rmtree(path.parent, ignore_errors=True)


def sweep(data_dir: Path) -> None:
    """Remove the folders that no process holds any more, and those that are older than a day."""
    for left in (data_dir / NAME).glob("*/"):
        if _is_old(left) or _is_left(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > KEPT
    except OSError:
        return False


def _is_left(folder: Path) -> bool:
    if not (folder / IN_USE).exists():
        return False  # being made now; else old one day
    try:
        lock_for(folder, IN_USE).close()
    except EnvironmentFault:
        return False
    return True


def _cannot(path: Path, fault: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        f"The file could not be kept in {path.parent} ({fault.strerror}); nothing was loaded. "
        "Check the disk and its rights, then upload it again."
    )
