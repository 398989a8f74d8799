"""Who is signed in, as the server knows it: a list beside the provider's.

A cookie or an open tab is worth nothing without its row here, so that signing out, a ban and
signing out everywhere hold against a cookie that somebody copied. The list is SQLite, so that
commands may end a session while a server runs.
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from iomdash.errors import EnvironmentFault

FILE = "signed-in.sqlite"
PATIENCE = 5.0  # seconds that a change waits for another
# Sessions that ended are remembered so long, in seconds: longer than any cookie may live.
REMEMBERED = 7 * 24 * 60 * 60

_TABLES = """
create table if not exists sessions (
  subject text, issued_at integer, opened_at integer, until integer, roles text,
  ended_at integer, ended_by text, primary key (subject, issued_at));
create table if not exists denied (subject text primary key, at integer, by text);
create table if not exists accepted (
  subject text, version text, at integer, primary key (subject, version));
create table if not exists told (
  subject text, issued_at integer, what text, primary key (subject, issued_at, what));
"""
_TOLD = "subject = ? and issued_at = ? and what = ?"


@dataclass(frozen=True)
class Session:
    """One signing in; times are seconds since 1970. `ended_by` is empty while it lasts."""

    subject: str
    issued_at: int
    opened_at: int
    until: int
    roles: str
    ended_by: str


class Sessions:
    """The list in a folder, which is made for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._ready = False

    def open(self, subject: str, issued_at: int, until: int, roles: str) -> bool:
        """Note that somebody signed in; whether they may, as they are not denied. A session that
        was ended is not opened again.
        """
        now = _now()
        with self._changing() as con:
            con.execute("delete from sessions where until < ?", [now - REMEMBERED])
            con.execute("delete from told where (subject, issued_at) not in"
                        " (select subject, issued_at from sessions)")  # fmt: skip
            if _count(con, "select count(*) from denied where subject = ?", subject):
                return False
            con.execute(
                "insert or ignore into sessions values (?, ?, ?, ?, ?, null, null)",
                [subject, issued_at, now, until, roles],
            )
        return self.lasts(subject, issued_at)

    def lasts(self, subject: str, issued_at: int) -> bool:
        """Whether somebody is signed in by that session now."""
        with self._reading() as con:
            return bool(
                _count(
                    con,
                    "select count(*) from sessions where subject = ? and issued_at = ?"
                    " and ended_at is null and until > ?"
                    " and subject not in (select subject from denied)",
                    subject, issued_at, _now(),
                )
            )  # fmt: skip

    def end(self, subject: str, *, by: str, issued_at: int | None = None) -> int:
        """End one session, or all of somebody's; how many were ended."""
        one = "" if issued_at is None else " and issued_at = ?"
        which = [subject] if issued_at is None else [subject, issued_at]
        with self._changing() as con:
            done = con.execute(
                "update sessions set ended_at = ?, ended_by = ?"
                f" where subject = ?{one} and ended_at is null",
                [_now(), by, *which],
            )
            return done.rowcount

    def supersede(self, subject: str, issued_at: int, roles: str) -> int:
        """End the sessions of before that somebody began with other roles than the provider gives
        them now; how many were ended.
        """
        with self._changing() as con:
            return con.execute(
                "update sessions set ended_at = ?, ended_by = 'other roles'"
                " where subject = ? and issued_at < ? and roles <> ? and ended_at is null",
                [_now(), subject, issued_at, roles],
            ).rowcount

    def deny(self, subject: str, *, by: str) -> int:
        """Let somebody in no more, and end their sessions; how many were ended."""
        with self._changing() as con:
            con.execute("insert or ignore into denied values (?, ?, ?)", [subject, _now(), by])
        return self.end(subject, by=by)

    def allow(self, subject: str) -> bool:
        """Let somebody in again who was denied; whether they were."""
        with self._changing() as con:
            return con.execute("delete from denied where subject = ?", [subject]).rowcount > 0

    def denied(self) -> list[str]:
        """Everybody who is denied."""
        with self._reading() as con:
            return [str(row[0]) for row in con.execute("select subject from denied order by 1")]

    def accept(self, subject: str, version: str) -> None:
        """Note that somebody accepted the handling terms of a version."""
        with self._changing() as con:
            con.execute(
                "insert or ignore into accepted values (?, ?, ?)", [subject, version, _now()]
            )

    def accepted(self, subject: str, version: str) -> bool:
        """Whether somebody accepted the handling terms of a version."""
        with self._reading() as con:
            asked = "select count(*) from accepted where subject = ? and version = ?"
            return bool(_count(con, asked, subject, version))

    def once(self, subject: str, issued_at: int, what: str, tell: Callable[[], object]) -> None:
        """Tell something of a session, unless it was told already, by this process or another. It
        counts as told only once `tell` has returned.
        """
        told = [subject, issued_at, what]
        with self._reading() as con:
            if _count(con, f"select count(*) from told where {_TOLD}", *told):
                return
        with self._changing() as con:
            if con.execute("insert or ignore into told values (?, ?, ?)", told).rowcount:
                tell()

    def every(self) -> list[Session]:
        """Every session that is remembered, the newest first."""
        with self._reading() as con:
            rows = con.execute(
                "select subject, issued_at, opened_at, until, roles, coalesce(ended_by, '')"
                " from sessions order by opened_at desc, issued_at desc"
            ).fetchall()
        return [Session(*row) for row in rows]

    @contextmanager
    def _changing(self) -> Generator[sqlite3.Connection]:
        """A change that is done whole or not at all. Raises EnvironmentFault."""
        with self._connected() as con:
            con.execute("begin immediate")
            try:
                yield con
            except BaseException:
                con.rollback()
                raise
            con.commit()

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        with self._connected() as con:
            yield con

    @contextmanager
    def _connected(self) -> Generator[sqlite3.Connection]:
        try:
            if not self._ready:
                self._make()
            with closing(_connection(self.path)) as con:
                yield con
        except sqlite3.Error as fault:
            raise EnvironmentFault(
                f"The list of who is signed in, {self.path}, cannot be used ({fault}). Check the "
                "folder's rights and the disk; a damaged list may be removed, then everybody "
                "signs in again."
            ) from None

    def _make(self) -> None:
        folder(self.path.parent)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        with closing(_connection(self.path)) as con:
            con.executescript(_TABLES)
        self._ready = True


def folder(path: Path) -> Path:
    """The folder of state, made for its owner alone. Raises EnvironmentFault."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise EnvironmentFault(
            f"The folder {path} cannot be made ({fault.strerror}). Choose another with "
            "IOMDASH_STATE, or make it for the server's user."
        ) from None
    return path


def _connection(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    con.execute("pragma synchronous = full")
    return con


def _count(con: sqlite3.Connection, query: str, *values: object) -> int:
    return int(con.execute(query, values).fetchone()[0])


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
