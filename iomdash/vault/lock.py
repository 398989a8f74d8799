"""One writer at a time: the lock on a data folder, and who holds it."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from iomdash.access.audit_log import signed_in
from iomdash.errors import EnvironmentFault

LOCK = "vault.lock"
# Seconds that a writer waits for somebody who is done in a moment, and between two looks.
PATIENCE, BETWEEN = 1.0, 0.05


def lock_for(folder: Path, name: str = LOCK, *, wait: float = 0) -> IO[str]:
    """The lock, held until it is closed or the process ends, asked for again for `wait` seconds.

    Raises EnvironmentFault.
    """
    try:
        lock = open(os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600), "r+")  # noqa: SIM115
    except OSError as fault:
        raise EnvironmentFault(
            f"The data folder {folder} cannot be written ({fault.strerror}). Check its rights."
        ) from None
    if not _locked(lock, time.monotonic() + wait):
        holder = lock.read().strip() or "another process"
        lock.close()
        raise EnvironmentFault(
            f"The vault in {folder} is being written by {holder}. Wait until it is done, "
            "then try again."
        ) from None
    lock.truncate(0)
    lock.write(f"{signed_in()} (process {os.getpid()})\n")
    lock.flush()
    return lock


def _locked(lock: IO[str], last: float) -> bool:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= last:
                return False
            time.sleep(BETWEEN)
        else:
            return True
