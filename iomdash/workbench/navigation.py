"""The pages of the workbench, beside those of the board."""

import streamlit as st

from iomdash.release import shelf
from iomdash.site import guard, navigation
from iomdash.site.header import Menu
from iomdash.site.navigation import CachedPage, Draw, guarded
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


MENU = Menu("Workbench", (("", tuple((address, title) for title, address, _ in LISTED)),))


def titles() -> dict[str, str]:
    """The title of every page by its address, the board's first page first."""
    return navigation.titles() | dict(MENU.lists[0][1])


def run() -> None:
    """One run: the board's pages and the workbench's, in a menu of their own."""
    seen = guard.admitted()
    board = list(navigation.pages().values())
    own = [
        CachedPage(_banner(guarded(address, draw)), title=title, url_path=address)
        for title, address, draw in LISTED
    ]
    st.session_state[parts.PAGES] = {drawn.url_path: drawn for drawn in own}
    chosen = st.navigation([*board, *own], position="hidden")
    if not chosen.url_path and not shelf.numbers(parts.folders()[1]):
        st.switch_page(own[0])  # the board has nothing to show yet
    navigation.shown(chosen, navigation.for_them([*navigation.menus(), MENU], seen), seen)


def _banner(draw: Draw) -> Draw:
    def drawn() -> None:
        st.info(BANNER)
        draw()

    drawn.__name__ = draw.__module__
    return drawn
