"""The pages of the site, and the way to them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, partial
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from iomdash.access.visitor import Visitor
from iomdash.declared import access
from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.scheme import COHORTS
from iomdash.errors import IomdashError
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site import administration, guard
from iomdash.site.address import Asked
from iomdash.site.frame import page, release_line
from iomdash.site.header import Links, Menu, header
from iomdash.site.sheet import Part, Sheet
from iomdash.site.show import put, theme_address
from pages import (
    about,
    attendance,
    cohort,
    cohorts,
    compare,
    conditions,
    data_quality,
    finding,
    methods,
    outcomes,
    overview,
    pathways,
    profile,
    recruitment,
    said_and_recorded,
    search,
    theme,
    themes,
    trends,
)

Draw = Callable[[], None]
Write = Callable[[Sheet], None]
KEY = "pages of the site"
KEPT = 256  # pages under filters, of up to 0.2 MB: whatever addresses ask for, no more

# Title, address and function of every page that the navigation lists.
LISTED: tuple[tuple[str, str, Write], ...] = (
    ("Overview", "overview", overview.page),
    ("Themes", "themes", themes.page),
    ("Cohorts", "cohorts", cohorts.page),
    ("Pathways", "pathways", pathways.page),
    ("Outcomes", "outcomes", outcomes.page),
    ("Attendance", "attendance", attendance.page),
    ("Trends", "trends", trends.page),
    ("Compare", "compare", compare.page),
    ("Said and recorded", "said-and-recorded", said_and_recorded.page),
    ("Profile", "profile", profile.page),
    ("Recruitment", "recruitment", recruitment.page),
    ("Conditions", "conditions", conditions.page),
    ("About", "about", about.page),
    ("Methods", "methods", methods.page),
    ("Data quality", "data-quality", data_quality.page),
)
# The menus that the other listed pages stand in; what stands in none is under the last.
MENUS: Mapping[str, tuple[str, ...]] = {
    "Voices": ("themes", "recruitment", "profile"),
    "Cohorts": ("cohorts", "compare"),
    "Agencies": ("pathways", "outcomes", "trends", "attendance", "said-and-recorded"),
    "About": ("conditions", "about", "methods", "data-quality"),
}
# What leads to pages of its own is called so where they stand beside it.
ALL = {"themes": "All themes", "cohorts": "All cohorts"}
SEARCH = "search"


class CachedPage(st.Page):
    """A page that knows the hash of its address, which Streamlit asks for thrice in every run."""

    @cached_property
    def _script_hash(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super()._script_hash


def titles() -> dict[str, str]:
    """The title of every page by its address, the site's own first."""
    return {address: title for address, (title, _) in {**_every(), **_own()}.items()}


def pages() -> dict[str, Any]:
    """Every page by its address; the first of them is also the site's own."""
    return {
        address: _page(title, address, _guarded(address, partial(_shown, address)))
        for address, (title, _) in _every().items()
    }


def _page(title: str, address: str, draw: Draw) -> Any:
    return CachedPage(draw, title=title, url_path=address, default=address == LISTED[0][1])


def guarded(address: str, draw: Draw) -> Draw:
    """A page that is drawn anew in every run, with the guard before it, its expected errors as a
    sentence, and where figures come from under it.
    """

    def run() -> None:
        draw()
        if release := _readable():
            st.html(release_line(release))

    return _guarded(address, run)


def _guarded(address: str, draw: Draw) -> Draw:
    return page(guard.guarded(address, _named(address, draw)))


def _shown(address: str) -> None:
    """Show a page of the site as the address asks for it."""
    strip, parts = made(guard.release(), address, _asked())
    if strip:
        st.html(strip)
    put(parts)


def _asked() -> Asked:
    given = st.query_params
    return Asked.of((name, value) for name in given for value in given.get_all(name))


@remembered(KEPT)
def made(release: Release, address: str, asked: Asked) -> tuple[str, tuple[Part, ...]]:
    """What a page shows of a release: the strip above it, as HTML, and its parts in their order.

    It depends on nothing else, so it is made ahead of whoever asks, and once.
    """
    sheet = Sheet(release, address, asked)
    _every()[address][1](sheet)
    sheet.html(release_line(release))
    return sheet.strip, sheet.whole()


def _own() -> dict[str, tuple[str, Draw]]:
    """Title and function of the pages of whoever runs the server, by their address."""
    return {address: (title, draw) for title, address, draw in administration.LISTED}


@cache
def _every() -> dict[str, tuple[str, Write]]:
    """Title and function of every page by its address."""
    of_findings = {f.id: (f"{f.id} {f.title}", partial(finding.page, f)) for f in FINDINGS}
    of_cohorts = {cohorts.address(c): (c.name, partial(cohort.page, c)) for c in COHORTS}
    of_themes = {theme_address(t): (t.name, partial(theme.page, t)) for t in THEMES}
    listed = {address: (title, draw) for title, address, draw in LISTED}
    return {**listed, SEARCH: ("Search", search.page), **of_findings, **of_cohorts, **of_themes}


def menus() -> tuple[Menu, ...]:
    """Every page but the first, in groups."""
    titles = {address: title for title, address, _ in LISTED} | ALL
    placed = {address for addresses in MENUS.values() for address in addresses}
    others = [address for address in list(titles)[1:] if address not in placed]
    last = list(MENUS)[-1]
    lists: dict[str, list[tuple[str, Links]]] = {
        name: [("", tuple((a, titles[a])
                          for a in (*addresses, *(others if name == last else ()))))]
        for name, addresses in MENUS.items()
    }  # fmt: skip
    lists["Voices"] = [
        ("Findings", tuple((f.id, f"{f.id} {f.title}") for f in FINDINGS)),
        ("Themes", tuple((theme_address(theme), theme.name) for theme in THEMES)),
        ("Interviews", lists["Voices"][0][1]),
    ]
    of_cohorts = tuple((cohorts.address(c), f"{c.name} ({c.id})") for c in COHORTS)
    lists["Cohorts"].append(("", of_cohorts))
    return tuple(Menu(name, tuple(all_)) for name, all_ in lists.items())


def _named(name: str, draw: Callable[..., None]) -> Draw:
    """Streamlit tells function pages apart by name."""

    def run() -> None:
        draw()

    run.__name__ = name
    return run


def run() -> None:
    """One run of the site: who has it open, then navigation, on every path, then the page."""
    seen = guard.admitted()
    # Kept for the visitor: to make them all costs as much as a fifth of the overview.
    kept = st.session_state.get(KEY)
    if kept is None:
        kept = st.session_state[KEY] = _of_visitor(seen)
    mine, ways = kept
    shown(st.navigation(mine, position="hidden"), ways, seen)


def _of_visitor(seen: Visitor) -> tuple[list[Any], tuple[Menu, ...]]:
    """The pages that somebody may see, and the menus that lead to them."""
    own = {a: _page(title, a, guarded(a, draw)) for a, (title, draw) in _own().items()}
    # Streamlit opens the first that it is given.
    every = {**pages(), **own} if seen.audience else {**own, **pages()}
    mine = [each for address, each in every.items() if _open(address, seen)]
    return mine, for_them([*menus(), administration.MENU], seen)


def _open(address: str, seen: Visitor) -> bool:
    return seen.may(access.page(address).to)


def for_them(ways: Sequence[Menu], seen: Visitor) -> tuple[Menu, ...]:
    """Menus with the pages alone that somebody may see."""
    mine = [
        (menu.name, [(head, tuple(link for link in links if _open(link[0], seen)))
                     for head, links in menu.lists])
        for menu in ways
    ]  # fmt: skip
    kept = [(name, tuple((head, links) for head, links in lists if links)) for name, lists in mine]
    return tuple(Menu(name, lists) for name, lists in kept if lists)


def shown(chosen: Any, ways: tuple[Menu, ...], seen: Visitor) -> None:
    """The page that was chosen, with what stands around it."""
    drawn(chosen.run, chosen.url_path or LISTED[0][1], ways, guard.banner(seen))


def drawn(draw: Draw, here: str, ways: tuple[Menu, ...], banner: str = "") -> None:
    """The line above the page at an address, and the page."""
    title, first, _ = LISTED[0]
    at = "" if here == first else here
    line = header((("", title),), ways, at, _readable(), _asked())
    st.html(f"{_answered(at)}{banner}{line}")
    draw()


def _answered(here: str) -> str:
    """The address that this run answers, all that it asks for included, for the site's script."""
    given = st.query_params
    asked = urlencode([(name, value) for name in given for value in given.get_all(name)])
    return f'<i data-at="{escape(f"{here}?{asked}")}" hidden></i>'


def _readable() -> Release | None:
    """The release, where there is one; what is wrong otherwise is told by the page."""
    try:
        return guard.release()
    except IomdashError:
        return None
