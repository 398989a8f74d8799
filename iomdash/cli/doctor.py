"""What is wrong with an installation, and how it is mended."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import time

import httpx

from iomdash import settings
from iomdash.access import audit_log, sign_in
from iomdash.access.visitor import Mode
from iomdash.cli.commands import Commands
from iomdash.errors import IomdashError
from iomdash.release import shelf

ROOM = 2 * 2**30  # bytes: what the vault's rewriting and the next releases take many times over
APART = 60  # seconds that this machine's clock and the provider's may differ
PATIENCE = 5.0  # seconds for the provider to answer
PINNED = ("streamlit", "starlette", "uvicorn", "duckdb", "Authlib")  # read in undocumented ways


@dataclass(frozen=True)
class Said:
    """What one check came to: '' as `wrong` where it is as it should be, else how to mend it."""

    about: str
    wrong: str = ""
    fine: str = ""

    def __str__(self) -> str:
        return (
            f"WRONG {self.about}: {self.wrong}" if self.wrong else f"ok    {self.about}{self.fine}"
        )


def add(commands: Commands) -> None:
    """The command doctor."""
    commands.add(
        "doctor", "check this installation: versions, key, folders, signing in, clock, space",
        "doctor", _doctor,
    )  # fmt: skip


def _doctor(chosen: argparse.Namespace) -> int:
    said = [each for check in CHECKS for each in check(chosen.data)]
    for each in said:
        print(each)
    wrong = sum(bool(each.wrong) for each in said)
    print(f"{wrong} of {len(said)} checks found something to mend." if wrong else "All is well.")
    return 1 if wrong else 0


def _versions(_: Path) -> Iterator[Said]:
    python = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < (3, 11)
    yield Said(f"Python {python}", "iomdash needs 3.11 or newer. Install it." if old else "")
    for name in PINNED:
        yield _pinned(name)


def _pinned(name: str) -> Said:
    try:
        now = version(name)
    except PackageNotFoundError:
        return Said(name, "it is not installed. Install requirements.lock anew.")
    tried = _tried(name)
    wrong = tried not in (None, now)
    return Said(
        f"{name} {now}",
        f"version {tried} was tried, and parts of it are used that another may lack. Install "
        "requirements.lock." if wrong else "",
    )  # fmt: skip


def _tried(name: str) -> str | None:
    """The version that the project pins; None where it is installed without that file."""
    file = settings.PROJECT / "requirements.txt"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    found = [line for line in lines if line.startswith(f"{name}==")]
    return found[0].split("==")[1].split()[0] if found else None


def _key(_: Path) -> Iterator[Said]:
    path = settings.key_file()
    if not path.exists():
        yield Said(f"key {path}", fine=": none yet; the first load makes it")
        return
    mode = path.stat().st_mode & 0o777
    yield Said(f"key {path}", f"others may read it. Run: chmod 600 {path}" if mode & 0o077 else "")


def _folders(data: Path) -> Iterator[Said]:
    if data.exists():
        wide = data.stat().st_mode & 0o077
        yield Said(
            f"data folder {data}", f"others may enter. Run: chmod 700 {data}" if wide else ""
        )
    state = settings.state_dir(data)
    yield Said(f"folder of state {state}", _unwritable(state))
    place = data if data.exists() else Path()
    free = shutil.disk_usage(place).free
    yield Said(
        "free space", f"{free // 2**20:,} MiB are left. Make room." if free < ROOM else "",
        f": {free // 2**30:,} GiB",
    )  # fmt: skip


def _unwritable(folder: Path) -> str:
    if not folder.exists():
        return ""
    if not os.access(folder, os.W_OK):
        return f"it cannot be written. Give it to the server's user: chown USER {folder}"
    return _wide(folder)


def _wide(folder: Path) -> str:
    wide = folder.stat().st_mode & 0o077
    return f"others may enter. Run: chmod 700 {folder}" if wide else ""


def _releases(data: Path) -> Iterator[Said]:
    releases = Path(settings.RELEASES.read() or data / settings.RELEASES_FOLDER)
    try:
        number = shelf.latest(releases)
        if number is not None:
            shelf.path_of(releases, shelf.audiences(releases, number)[0], number)
        yield Said(
            f"releases in {releases}", fine=f": release {number}" if number else ": none yet"
        )
    except IomdashError as fault:
        yield Said(f"releases in {releases}", str(fault))


def _log(data: Path) -> Iterator[Said]:
    wrong = audit_log.faults(settings.state_dir(data))
    yield Said("audit log", f"{wrong[0]} See: python -m iomdash audit-log verify" if wrong else "")


def _signing_in(_: Path) -> Iterator[Said]:
    try:
        signing, how = sign_in.sign_in(), sign_in.mode()
        sign_in.listening(how)
    except IomdashError as fault:
        yield Said("signing in", str(fault))
        return
    yield Said("signing in", fine=f": {how.value}")
    if signing is not None and how is Mode.SIGN_IN:
        yield from _provider(signing.metadata)


def _provider(address: str) -> Iterator[Said]:
    about = f"provider {address}"
    try:
        answer = httpx.get(address, timeout=PATIENCE)
        told = answer.raise_for_status().json()
        missing = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} - set(told)
    except (httpx.HTTPError, ValueError, TypeError) as fault:
        yield Said(about, f"it does not answer ({type(fault).__name__}). Check the address, the "
                   "network and its certificate.")  # fmt: skip
        return
    yield Said(about, f"it names no {', '.join(sorted(missing))}." if missing else "")
    if "S256" not in (told.get("code_challenge_methods_supported") or []):
        yield Said("PKCE", fine=": asked for, though the provider does not say that it knows it")
    yield from _clock(answer.headers.get("date"))


def _clock(date: str | None) -> Iterator[Said]:
    if date is None:
        return
    apart = abs(parsedate_to_datetime(date).timestamp() - time())
    yield Said(
        "clock", f"it is {apart:.0f} s away from the provider's, so that tokens seem too old or "
        "too new. Set it, with chrony for one." if apart > APART else "",
    )  # fmt: skip


CHECKS: tuple[Callable[[Path], Iterator[Said]], ...] = (
    _versions, _key, _folders, _releases, _log, _signing_in,
)  # fmt: skip
