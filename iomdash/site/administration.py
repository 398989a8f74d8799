"""The pages of whoever runs the server: who is signed in, and what was done."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

import streamlit as st

from iomdash.access import audit_log
from iomdash.access.changed import MARKS
from iomdash.access.sessions import Session
from iomdash.site import guard, identify
from iomdash.site.header import Menu
from iomdash.site.show import note, table

NEWEST = 200  # lines of the log that a page shows


def signed_in() -> None:
    """The page Signed in: sessions that last, and the ways to end them."""
    st.title("Signed in")
    sessions = identify.reception().sessions
    lasting = [each for each in sessions.every() if sessions.lasts(each.subject, each.issued_at)]
    if not lasting:
        note("Nobody is signed in.")
    else:
        table([_row(each) for each in lasting], "Who is signed in")
        who = st.selectbox("Whom", sorted({each.subject for each in lasting}))
        st.button("Sign out everywhere", on_click=_end, args=(who, False))
        st.button("Sign out and let in no more", on_click=_end, args=(who, True))
    if denied := sessions.denied():
        st.header("Let in no more")
        st.html(f"<p>{escape(', '.join(denied))}</p>")
        note("To let somebody in again: python -m iomdash allow NAME")


def _row(session: Session) -> dict[str, object]:
    return {
        "Who": session.subject,
        "Roles": session.roles,
        "Since (UTC)": f"{datetime.fromtimestamp(session.opened_at, UTC):%d/%m/%Y %H:%M}",
        "Until (UTC)": f"{datetime.fromtimestamp(session.until, UTC):%d/%m/%Y %H:%M}",
    }


def _end(who: str, deny: bool) -> None:
    seen, reception = guard.seen_by(), identify.reception()
    if seen.role.name != "administrator":
        return
    by = seen.subject or "whoever sits at the server"
    reception.log("deny" if deny else "sign out everywhere", by, whom=who)
    if deny:
        reception.sessions.deny(who, by=by)
    else:
        reception.sessions.end(who, by=by)


def log() -> None:
    """The page Audit log: whether it is whole, and its newest lines."""
    st.title("Audit log")
    state = identify.reception().state
    wrong = audit_log.faults(state)
    for each in wrong[:NEWEST]:
        st.error(each)
    newest = list(deque(audit_log.lines(state), maxlen=NEWEST))[::-1]
    if not newest:
        note("Nothing was logged yet.")
        return
    if not wrong:
        note(f"All {newest[0].n:,} lines follow one another.")
    table([_told(line) for line in newest], "What was done, the newest first")


def _told(line: audit_log.Line) -> dict[str, object]:
    what = ", ".join(
        f"{name} {value}"
        for name, value in line.what.items()
        if value is not None and name != MARKS
    )
    return {"Line": str(line.n), "At (UTC)": line.at[:16].replace("T", " "), "What": line.event,
            "Who": line.who, "More": what}  # fmt: skip


LISTED: tuple[tuple[str, str, Callable[[], None]], ...] = (
    ("Signed in", "signed-in", signed_in),
    ("Audit log", "audit-log", log),
)
MENU = Menu("Administration", (("", tuple((address, title) for title, address, _ in LISTED)),))
