"""What is set differently from the last time, in the audit log: names of settings, no values."""

import json
from hashlib import sha256
from pathlib import Path

from iomdash import settings
from iomdash.access import audit_log
from iomdash.settings import Setting

EVENT, MARKS = "settings", "marks"
MARK = 12  # letters of a hash that tell two values of a setting apart


def note(state: Path, who: str, of: str) -> None:
    """Write which settings differ from those that the last line has `of` the same programs.

    Raises UsageError where a setting cannot be read, EnvironmentFault where the log cannot be used.
    """
    now, before = _marks(), _last(state, of)
    differ = sorted(name for name in {*now, *before} if now.get(name) != before.get(name))
    if differ:
        marks = [f"{name} {mark}" for name, mark in sorted(now.items())]
        audit_log.record(state, EVENT, who, of=of, changed=differ, **{MARKS: marks})


def _marks() -> dict[str, str]:
    """A mark of every setting that is not as it comes, by its variable; of a file's when it was
    written last, so that a secret is not read for it.
    """
    set_ = {s.variable: _value(s) for s in settings.SETTINGS if s.read() not in ("", s.default)}
    if roles := settings.roles():
        set_[f"[{settings.ROLES}]"] = json.dumps(roles, sort_keys=True)
    return {name: sha256(f"{name} {value}".encode()).hexdigest()[:MARK]
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
