"""Who is signed in, what was done, what is set: the commands of whoever runs the server."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from iomdash import settings
from iomdash.access import audit_log
from iomdash.access.audit_log import Anchor
from iomdash.access.sessions import Session, Sessions
from iomdash.cli.commands import Commands
from iomdash.cli.settings_document import document
from iomdash.errors import EnvironmentFault
from iomdash.release import shelf
from iomdash.vault.lock import signed_in


def add(commands: Commands) -> None:
    """The commands audit-log, signed-in, sign-out, deny, allow and settings."""
    log = commands.add(
        "audit-log", "show what was done, or verify that no line was changed, removed or moved",
        "audit-log verify", _audit_log,
    )  # fmt: skip
    log.add_argument("act", nargs="?", choices=("show", "verify"), default="show")
    commands.add("signed-in", "list who is signed in", "signed-in", _signed_in)
    for name, what, run in (
        ("sign-out", "sign somebody out everywhere", _sign_out),
        ("deny", "sign somebody out everywhere and let them in no more", _deny),
        ("allow", "let somebody in again", _allow),
    ):
        command = commands.add(name, what, f"{name} 00u1a2b3c4", run)
        command.add_argument("whom", metavar="NAME", help="their name at the provider (claim sub)")
    shown = commands.add("settings", "print every setting and its value", "settings", _settings)
    shown.add_argument("--document", action="store_true", help="print docs/settings.md instead")


def _audit_log(chosen: argparse.Namespace) -> None:
    state = settings.state_dir(chosen.data)
    if chosen.act == "show":
        for line in audit_log.lines(state):
            what = {name: value for name, value in line.what.items() if value is not None}
            print(f"{line.n} {line.at} {line.event} by {line.who}{f': {what}' if what else ''}")
        return
    releases = Path(settings.RELEASES.read() or chosen.data / settings.RELEASES_FOLDER)
    anchors = [
        Anchor(int(held["n"]), str(held["hash"]), f"the manifest of release {number}")
        for number in shelf.numbers(releases)
        if (held := shelf.anchor(releases, number))
    ]
    if wrong := audit_log.faults(state, anchors):
        raise EnvironmentFault("\n".join(wrong))
    last = audit_log.anchor(state)
    n, marks = (last.n if last else 0), len(anchors)
    print(f"All {n:,} lines of the audit log follow one another, and it holds what {marks} "
          f"release{'' if marks == 1 else 's'} say of it.")  # fmt: skip


def _sessions(chosen: argparse.Namespace) -> Sessions:
    return Sessions(settings.state_dir(chosen.data))


def _signed_in(chosen: argparse.Namespace) -> None:
    sessions = _sessions(chosen)
    for each in sessions.every():
        print(_told(each, lasts=sessions.lasts(each.subject, each.issued_at)))
    for name in sessions.denied():
        print(f"{name}: let in no more")


def _told(session: Session, *, lasts: bool) -> str:
    until = datetime.fromtimestamp(session.until, UTC)
    state = f"until {until:%d/%m/%Y %H:%M} UTC" if lasts else f"over {session.ended_by}".strip()
    return f"{session.subject} ({session.roles}): {state}"


def _sign_out(chosen: argparse.Namespace) -> None:
    _noted(chosen, "sign out everywhere")
    ended = _sessions(chosen).end(chosen.whom, by=signed_in())
    print(f"{chosen.whom} is signed out: {ended} session{'' if ended == 1 else 's'} ended.")


def _deny(chosen: argparse.Namespace) -> None:
    _noted(chosen, "deny")
    ended = _sessions(chosen).deny(chosen.whom, by=signed_in())
    print(
        f"{chosen.whom} is let in no more; {ended} session{'' if ended == 1 else 's'} ended. "
        f"To let them in again: python -m iomdash allow {chosen.whom}"
    )


def _allow(chosen: argparse.Namespace) -> None:
    _noted(chosen, "allow")
    was = _sessions(chosen).allow(chosen.whom)
    print(f"{chosen.whom} may sign in{' again' if was else ', as before: nobody denied them'}.")


def _noted(chosen: argparse.Namespace, event: str) -> None:
    audit_log.record(settings.state_dir(chosen.data), event, signed_in(), whom=chosen.whom)


def _settings(chosen: argparse.Namespace) -> None:
    if chosen.document:
        print(document(), end="")
        return
    for setting in settings.SETTINGS:
        print(f"{setting.variable} = {setting.read() or '(not set)'}")
