"""The pages of the workbench, beside those of the board."""

from typing import Any

import streamlit as st

from iomdash.release import shelf
from iomdash.site import guard
from iomdash.site.navigation import CachedPage, Draw, guarded, pages, shown
from iomdash.workbench import answers, batches, parts, publish, releases, start, upload

BANNER = (
    "The workbench reads the vault. It is served on this machine only: whoever sits here sees it."
)

# Title, address and function of every page, as the navigation lists them.
LISTED: tuple[tuple[str, str, Draw], ...] = (
    ("Start", "workbench", start.page),
    ("Upload", "upload", upload.page),
    ("Answers", "answers", answers.page),
    ("Publish", "publish", publish.page),
    ("Batches", "batches", batches.page),
    ("Releases", "releases", releases.page),
)


def run() -> None:
    """One run: the board's pages and the workbench's, under two heads."""
    seen = guard.admitted()
    board = list(pages().values())
    own = [
        CachedPage(_banner(guarded(address, draw)), title=title, url_path=address)
        for title, address, draw in LISTED
    ]
    st.session_state[parts.PAGES] = {drawn.url_path: drawn for drawn in own}
    groups: dict[str, list[Any]] = {"Board": board, "Workbench": own}
    chosen = st.navigation(groups, position="top")
    if not chosen.url_path and not shelf.numbers(parts.folders()[1]):
        st.switch_page(own[0])  # the board has nothing to show yet
    if chosen in board:
        st.html(guard.banner(seen))
    shown(chosen)


def _banner(draw: Draw) -> Draw:
    def drawn() -> None:
        st.info(BANNER)
        draw()

    drawn.__name__ = draw.__module__
    return drawn
