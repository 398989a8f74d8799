"""What is set differently from the last time, in the audit log: names of settings, no values."""

import fcntl
import hmac
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes

from iomdash import settings
from iomdash.access import audit_log
from iomdash.access.sessions import folder
from iomdash.errors import EnvironmentFault
from iomdash.settings import Setting

EVENT, MARKS = "settings", "marks"
MARK = 12  # letters of a hash that tell two values of a setting apart
# Makes the marks. Only beside the log, so that whoever is shown the log, or is given a backup of
# it, cannot try values until one has its mark.
KEY = "marks-secret"
BYTES = 32


def note(state: Path, who: str, of: str) -> None:
    """Write which settings differ from those that the last line has `of` the same programs.

    Raises UsageError where a setting cannot be read, EnvironmentFault where the log cannot be used.
    """
    with _keyed(state) as key:
        now, before = _marks(key), _last(state, of)
        differ = sorted(name for name in {*now, *before} if now.get(name) != before.get(name))
        if differ:
            marks = [f"{name} {mark}" for name, mark in sorted(now.items())]
            audit_log.record(state, EVENT, who, of=of, changed=differ, **{MARKS: marks})


@contextmanager
def _keyed(state: Path) -> Generator[bytes]:
    """The key of a folder of state, made where there is none; held by one process at a time, so
    that of several which start together one writes. Raises EnvironmentFault.
    """
    path = folder(state) / KEY
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    except OSError as fault:
        raise EnvironmentFault(
            f"{path} cannot be used ({fault.strerror}), so nobody could tell which settings "
            "changed. Give the folder and what is in it to the server's user."
        ) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if len(key := file.read()) != BYTES:
            file.seek(0)
            file.truncate()
            file.write(key := token_bytes(BYTES))
            file.flush()
        yield key


def _marks(key: bytes) -> dict[str, str]:
    """A mark of every setting that is not as it comes, by its variable; of a file's when it was
    written last, so that a secret is not read for it.
    """
    set_ = {s.variable: _value(s) for s in settings.SETTINGS if s.read() not in ("", s.default)}
    if roles := settings.roles():
        set_[f"[{settings.ROLES}]"] = json.dumps(roles, sort_keys=True)
    return {name: hmac.digest(key, f"{name} {value}".encode(), "sha256").hex()[:MARK]
            for name, value in set_.items()}  # fmt: skip


def _value(setting: Setting) -> str:
    word = setting.read()
    path = Path(word)
    written = path.stat().st_mtime_ns if setting.is_path and path.is_file() else ""
    return f"{word} {written}"


def _last(state: Path, of: str) -> dict[str, str]:
    told = [line.what for line in audit_log.lines(state, of=EVENT) if line.what["of"] == of]
    marks: list[str] = told[-1][MARKS] if told else []
    return dict(mark.rsplit(" ", 1) for mark in marks)
