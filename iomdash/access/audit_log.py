"""What was done and by whom: lines that are only ever added, each with the hash of the last.

    {"n": 2, "at": "2026-11-27T13:00:00+00:00", "event": "publish", "who": "ana", "what": {...},
     "before": "9f...", "hash": "c1..."}

A line that is changed, removed or moved breaks the chain. Whoever could write all of it anew is
caught by the last hash that every release's manifest holds (`anchor`).
"""

import fcntl
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

from iomdash.access.sessions import folder
from iomdash.declared.events import BY_NAME
from iomdash.errors import EnvironmentFault, IomdashError

FILE = "audit-log.jsonl"
NONE = "0" * 64
# What may hang on a line besides who and when. Kept short, as nothing of a file belongs here.
LONGEST, MOST = 300, 40


@dataclass(frozen=True)
class Line:
    """One line; `at` is ISO 8601 in UTC."""

    n: int
    at: str
    event: str
    who: str
    what: Mapping[str, Any]
    before: str
    hash: str


@dataclass(frozen=True)
class Anchor:
    """The last line of a log as a release's manifest names it, and where it was printed."""

    n: int
    hash: str
    where: str = ""


def path_in(state: Path) -> Path:
    """The file of the log in the folder of state."""
    return state / FILE


def record(state: Path, event: str, who: str, **what: object) -> Anchor:
    """Add a line; it is on the disk when this returns. Raises EnvironmentFault where it cannot be,
    so that what has to be logged is not done in silence, ValueError for no declared event.
    """
    if event not in BY_NAME:
        raise ValueError(f"'{event}' is no event: declare it in iomdash/declared/events.py.")
    path = path_in(folder(state))
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _without_torn_line(file)
            last = _last(file)
            line = _chained(last, event, who, what)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise EnvironmentFault(
            f"The audit log {path} cannot be written ({fault.strerror}), and nothing is done that "
            "it has to tell. Check the disk and the folder's rights, then try again."
        ) from None
    made = json.loads(line)
    return Anchor(made["n"], made["hash"])


def signed_in() -> str:
    """The name of whoever runs the process, where nobody else says who they are."""
    try:
        return getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"user {os.getuid()}"


@contextmanager
def act(state: Path, event: str, who: str, **what: object) -> Generator[dict[str, object]]:
    """Write that something begins, do it, and write how it ended, with what was added meanwhile.

    Where no log is yet there may be no folder either, which what is done may need empty: then a
    line is written once it is done.
    """
    more: dict[str, object] = {}

    def line(end: str, **why: object) -> None:
        record(state, event, who, **what, **more, **why, came_to=end)

    if path_in(state).exists():
        line("begun")
    try:
        yield more
    except BaseException as fault:
        # The kind alone: what an error says may be a cell of a file.
        if path_in(state).exists():
            line("refused" if isinstance(fault, IomdashError) else "stopped",
                 why=type(fault).__name__)  # fmt: skip
        raise
    line("done")


def _chained(last: Anchor, event: str, who: str, what: Mapping[str, object]) -> bytes:
    content = {
        "n": last.n + 1,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "event": event,
        "who": who[:LONGEST],
        "what": {name: _short(value) for name, value in what.items()},
        "before": last.hash,
    }
    return _written({**content, "hash": _hash(content)})


def _short(value: object) -> object:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, list):
        return [_short(each) for each in cast("list[object]", value)[:MOST]]
    return str(value)[:LONGEST]


def _hash(content: Mapping[str, object]) -> str:
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _written(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=True).encode() + b"\n"


def _without_torn_line(file: IO[bytes]) -> None:
    """Take away the part of a line that a machine left as it went off: nobody was told of it."""
    end = file.seek(0, os.SEEK_END)
    if end and not _tail(file, end).endswith(b"\n"):
        whole = _tail(file, end).rfind(b"\n") + 1
        file.truncate(max(end - len(_tail(file, end)), 0) + whole)


def _last(file: IO[bytes]) -> Anchor:
    """The last line of an open log; the start of a chain where there is none."""
    end = file.seek(0, os.SEEK_END)
    lines = _tail(file, end).splitlines()
    if not lines:
        return Anchor(0, NONE)
    try:
        held = json.loads(lines[-1])
        return Anchor(int(held["n"]), str(held["hash"]))
    except (ValueError, KeyError, TypeError):
        raise EnvironmentFault(
            "The last line of the audit log is none that this program wrote, so nothing is added. "
            "See what is wrong: python -m iomdash audit-log verify"
        ) from None


def _tail(file: IO[bytes], end: int, most: int = 65_536) -> bytes:
    file.seek(max(end - most, 0))
    return file.read(most)


def anchor(state: Path) -> Anchor | None:
    """The last line of the log; None where nothing was logged yet."""
    path = path_in(state)
    if not path.exists():
        return None
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        last = _last(file)
    return last if last.n else None


def lines(state: Path, *, of: str = "") -> Iterator[Line]:
    """Every line that can be read as one, the oldest first; those of one event alone if named."""
    path = path_in(state)
    if not path.exists():
        return
    held = f'"event": "{of}"'.encode()
    with path.open("rb") as file:
        for raw in file:
            if of and held not in raw:
                continue
            try:
                line = Line(**json.loads(raw))
            except (ValueError, TypeError):
                continue
            if of in ("", line.event):
                yield line


def faults(state: Path, anchors: list[Anchor] | None = None) -> list[str]:
    """What is wrong with the log, in words; empty where it is whole and every anchor holds."""
    path = path_in(state)
    if not path.exists():
        return [f"{path} is missing."] if anchors else []
    wrong: list[str] = []
    hashes: dict[int, str] = {}
    before = Anchor(0, NONE)
    with path.open("rb") as file:
        for place, raw in enumerate(file, start=1):
            if why := _fault(raw, before):
                wrong.append(f"{path}, line {place}: {why}")
            before = _named(raw) or before
            hashes[before.n] = before.hash
    for each in anchors or []:
        if hashes.get(each.n) != each.hash:
            wrong.append(
                f"{path}: line {each.n} is not the one that {each.where or 'an anchor'} names. "
                "Lines were removed at the end, or the log was written anew."
            )
    return wrong


def _named(raw: bytes) -> Anchor | None:
    try:
        held = json.loads(raw)
        return Anchor(int(held["n"]), str(held["hash"]))
    except (ValueError, KeyError, TypeError):
        return None


def _fault(raw: bytes, before: Anchor) -> str:
    """Why a line does not follow the one before it; '' where it does."""
    try:
        held = json.loads(raw)
        content = {name: value for name, value in held.items() if name != "hash"}
        sound = _hash(content) == held["hash"]
        number, last = held["n"], held["before"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it is no line of this log."
    if not raw.endswith(b"\n"):
        return "it is not whole."
    if raw != _written({**content, "hash": held["hash"]}) or not sound:
        return "it was changed."
    if number != before.n + 1 or last != before.hash:
        return f"it does not follow line {before.n}: one was removed, added or moved."
    return ""
