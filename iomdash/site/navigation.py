"""The pages of the site, and the way to them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import streamlit as st

from iomdash.access.visitor import Visitor
from iomdash.declared import access
from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.scheme import COHORTS
from iomdash.errors import IomdashError
from iomdash.release.reader import Release
from iomdash.site import administration, guard
from iomdash.site.frame import HERE, STRIP, current, page, release_line, visitor
from iomdash.site.header import Links, Menu, header
from iomdash.site.show import theme_address
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
KEY = "pages"

# Title, address and function of every page that the navigation lists.
LISTED: tuple[tuple[str, str, Draw], ...] = (
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
    return _drawn(_every())


def _drawn(every: Mapping[str, tuple[str, Draw]]) -> dict[str, Any]:
    return {
        address: CachedPage(
            guarded(address, draw), title=title, url_path=address, default=draw is overview.page
        )
        for address, (title, draw) in every.items()
    }


def guarded(address: str, draw: Draw) -> Draw:
    """A page with the guard before it, and its expected errors as a sentence."""
    return page(guard.guarded(address, _named(address, draw)))


def _own() -> dict[str, tuple[str, Draw]]:
    """Title and function of the pages of whoever runs the server, by their address."""
    return {address: (title, draw) for title, address, draw in administration.LISTED}


def _every() -> dict[str, tuple[str, Draw]]:
    """Title and function of every page by its address."""
    of_findings = {f.id: (f"{f.id} {f.title}", partial(finding.page, f)) for f in FINDINGS}
    of_cohorts = {cohorts.address(c): (c.name, partial(cohort.page, c)) for c in COHORTS}
    of_themes = {theme_address(t): (t.name, partial(theme.page, t)) for t in THEMES}
    listed = {address: (title, draw) for title, address, draw in LISTED}
    return {**listed, SEARCH: ("Search", search.page), **of_findings, **of_cohorts, **of_themes}


def menus() -> list[Menu]:
    """Every page but the first, in groups."""
    titles = {address: title for title, address, _ in LISTED} | ALL
    placed = {address for addresses in MENUS.values() for address in addresses}
    others = [address for address in list(titles)[1:] if address not in placed]
    last = list(MENUS)[-1]
    lists: dict[str, list[tuple[str, Links]]] = {
        name: [("", [(a, titles[a]) for a in (*addresses, *(others if name == last else ()))])]
        for name, addresses in MENUS.items()
    }
    lists["Voices"] = [
        ("Findings", [(f.id, f"{f.id} {f.title}") for f in FINDINGS]),
        ("Themes", [(theme_address(theme), theme.name) for theme in THEMES]),
        ("Interviews", lists["Voices"][0][1]),
    ]
    of_cohorts = [(cohorts.address(c), f"{c.name} ({c.id})") for c in COHORTS]
    lists["Cohorts"].append(("", of_cohorts))
    return [Menu(name, tuple(all_)) for name, all_ in lists.items()]


def _named(name: str, draw: Callable[..., None]) -> Draw:
    """Streamlit tells function pages apart by name."""

    def run() -> None:
        draw()

    run.__name__ = name
    return run


def run() -> None:
    """One run of the site: who has it open, then navigation, on every path, then the page."""
    seen = guard.admitted()
    kept = visitor()
    # Kept for the visitor: to make them all costs as much as a fifth of the overview.
    if KEY not in kept:
        # Streamlit opens the first that it is given.
        every = {**_every(), **_own()} if seen.audience else {**_own(), **_every()}
        kept[KEY] = list(_drawn({a: p for a, p in every.items() if _open(a, seen)}).values())
    chosen = st.navigation(kept[KEY], position="hidden")
    shown(chosen, for_them([*menus(), administration.MENU], seen), seen)


def _open(address: str, seen: Visitor) -> bool:
    return seen.may(access.page(address).to)


def for_them(ways: Sequence[Menu], seen: Visitor) -> list[Menu]:
    """Menus with the pages alone that somebody may see."""
    mine = [
        (menu.name, [(head, [link for link in links if _open(link[0], seen)])
                     for head, links in menu.lists])
        for menu in ways
    ]  # fmt: skip
    kept = [(name, tuple((head, links) for head, links in lists if links)) for name, lists in mine]
    return [Menu(name, lists) for name, lists in kept if lists]


def shown(chosen: Any, ways: Sequence[Menu], seen: Visitor) -> None:
    """The page that was chosen, with what stands around it."""
    st.html(guard.banner(seen))
    drawn(chosen.run, chosen.url_path or LISTED[0][1], ways)


def drawn(draw: Draw, here: str, ways: Sequence[Menu]) -> None:
    """The line above, the strip that the page will fill, the page at an address, and where its
    figures come from.
    """
    title, first, _ = LISTED[0]
    release = _readable()
    st.html(header([("", title)], ways, "" if here == first else here, release))
    visitor().update({STRIP: st.container(), HERE: here})
    draw()
    if release:
        st.html(release_line(release))


def _readable() -> Release | None:
    """The release, where there is one; what is wrong otherwise is told by the page."""
    try:
        return current()
    except IomdashError:
        return None
