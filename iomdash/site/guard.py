"""The guard before every page: who has this tab open, what they may see, whose release it is."""

from collections.abc import Callable
from functools import cache, lru_cache, wraps
from html import escape
from pathlib import Path

import streamlit as st

from iomdash import settings
from iomdash.access import visitor
from iomdash.access.visitor import Mode, Refused, Visitor
from iomdash.declared import access
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site import identify

SEEN = "seen by"
NOT_YOURS = "This page is not for you as {}."


@cache
def _newest(_audience: str) -> Callable[[Path], Release]:
    # Only the newest of each: runs that still read another hold it themselves.
    return lru_cache(maxsize=1)(Release)


def opened(path: Path) -> Release:
    """A release, kept open until another of its audience is asked for."""
    return _newest(path.stem)(path)


def admitted() -> Visitor:
    """Whoever has this tab open, who may be here; stops the run of anybody else, with words."""
    seen = _asking()
    before = st.session_state.get(SEEN)
    if isinstance(before, Visitor) and before != seen:
        # What was typed and chosen here was somebody else's, or theirs in another role.
        st.session_state.clear()
    if isinstance(seen, Refused):
        st.title("You are signed out")
        st.html(f'<p>{escape(seen.why)} <a href="./sign-in" target="_self">Sign in</a></p>')
        st.stop()
    st.session_state[SEEN] = seen
    return seen


def _asking() -> Visitor | Refused:
    return identify.reception().who(st.context.cookies)


def seen_by() -> Visitor:
    """Whoever the present run is for. Raises UsageError where they may not be here."""
    seen = st.session_state.get(SEEN) or _asking()
    if isinstance(seen, Refused):
        raise UsageError(seen.why)
    return seen


def release() -> Release:
    """The newest release of whoever has this tab open, as `release_of` says."""
    return release_of(seen_by())


def release_of(seen: Visitor) -> Release:
    """The newest release that a visitor may read, and no other's.

    Raises EnvironmentFault where there is none, or where it may not be shown to them.
    """
    if seen.audience is None:
        raise EnvironmentFault(NOT_YOURS.format(f"the {seen.role.name}"))
    shown = opened(path_of(settings.releases_dir(), seen.audience)).readable()
    if seen.mode is Mode.OPEN and not shown.demonstration:
        raise EnvironmentFault(visitor.REAL.format(shown.number))
    return shown


def guarded(address: str, draw: Callable[[], None]) -> Callable[[], None]:
    """A page that is drawn for whom the table of access names, and for nobody else."""
    row = access.page(address)

    @wraps(draw)
    def run() -> None:
        seen = seen_by()
        if not seen.may(row.to):
            st.error(NOT_YOURS.format(f"the {seen.role.name}"))
            if seen.signed_in:
                identify.reception().once("refused", seen, page=address)
            return
        if row.sensitive and seen.signed_in:
            identify.reception().once("view", seen, page=address)
        draw()

    return run


def banner(seen: Visitor) -> str:
    """Who sees the site and as what, as HTML with links to the other roles and out."""
    words = {
        Mode.SIGN_IN: f"Signed in; you see the site as the {seen.role.name}.",
        Mode.OPEN: "Nobody signs in here: this is a demonstration, shown as to the "
        f"{seen.role.name}, on this machine only.",
        Mode.ALONE: "Nobody signs in here, and real data may be shown: for the machine of one "
        f"analyst alone. You see the site as the {seen.role.name}.",
        Mode.WORKBENCH: "Nobody signs in here: this is the machine of whoever reads the vault.",
    }[seen.mode]
    others = [role.name for role in seen.choices if role != seen.role]
    links = [f'<a href="./role?as={name}" target="_self">{name}</a>' for name in others]
    as_others = f" View as: {' · '.join(links)}." if links else ""
    out = ' <a href="./sign-out" target="_self">Sign out</a>' if seen.signed_in else ""
    return f'<p class="io-sub io-seen">{escape(words)}{as_others}{out}</p>'
