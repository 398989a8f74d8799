"""The line above every page: whose site it is, the way to every page, search, and the release."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from iomdash import settings
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.address import SOUGHT, Asked
from iomdash.site.filters import kept, picked
from iomdash.site.frame import day

Links = tuple[tuple[str, str], ...]  # address and title
KEPT = 256


@dataclass(frozen=True)
class Menu:
    """Pages under one name: lists of links, each with a heading of its own or none."""

    name: str
    lists: tuple[tuple[str, Links], ...]

    @property
    def addresses(self) -> set[str]:
        """Every address in it."""
        return {address for _, links in self.lists for address, _ in links}


def header(
    first: Links, menus: tuple[Menu, ...], here: str, release: Release | None, asked: Asked
) -> str:
    """The line as HTML. `first` stands in it as it is, `menus` open; `here` is marked."""
    name = settings.PARTNERSHIP.read()
    if release is None:
        return _line(name, first, menus, here, release, asked)
    return _kept(release, name, first, menus, here, asked)


@remembered(KEPT)
def _kept(
    release: Release, name: str, first: Links, menus: tuple[Menu, ...], here: str, asked: Asked
) -> str:
    return _line(name, first, menus, here, release, asked)


def _line(
    name: str, first: Links, menus: tuple[Menu, ...], here: str, release: Release | None,
    asked: Asked,
) -> str:  # fmt: skip
    links = "".join(_link(address, title, here) for address, title in first)
    groups = "".join(_menu(menu, here) for menu in menus)
    taken = urlencode(kept(release, picked(release, asked))) if release else ""
    newest = release.waves[0].id if release else ""
    return (
        f'<div class="io-head" data-kept="{escape(taken)}" data-newest="{escape(newest)}">'
        '<a class="io-skip" href="#page">Skip to the page</a><div>'
        f'<a class="io-name" href="./">{escape(name)}</a>'
        '<button class="io-menu" type="button" aria-expanded="false">Menu</button>'
        f'<nav aria-label="Pages" data-pages="1">{links}{groups}{_search(here, asked)}</nav>'
        f"{_about(release, asked) if release else ''}</div></div>"
    )


def _link(address: str, title: str, here: str) -> str:
    current = ' aria-current="page"' if address == here else ""
    return f'<a href="./{address}"{current}>{escape(title)}</a>'


def _menu(menu: Menu, here: str) -> str:
    lists = "".join(_list(heading, links, here) for heading, links in menu.lists)
    holds = ' class="io-here"' if here in menu.addresses else ""
    return (
        f'<details name="io-menus"{holds}><summary>{escape(menu.name)}</summary>'
        f"<div>{lists}</div></details>"
    )


def _list(heading: str, links: Links, here: str) -> str:
    lines = "".join(f"<li>{_link(address, title, here)}</li>" for address, title in links)
    above = f'<p class="io-of">{escape(heading)}</p>' if heading else ""
    return f"{above}<ul>{lines}</ul>"


def _search(here: str, asked: Asked) -> str:
    sought = escape(asked.get(SOUGHT)) if here == "search" else ""
    return (
        '<form class="io-search" role="search"><input type="search" name="q" '
        f'aria-label="Search" placeholder="Search" value="{sought}">'
        '<a class="io-away" href="./search">Search</a></form>'
    )


def _about(release: Release, asked: Asked) -> str:
    """Whose release it is, which, of when, and whether the chosen wave is made up, as HTML."""
    wave = release.wave(picked(release, asked)["wave"])
    parts: Mapping[str, bool] = {
        str(release.manifest["audience"]["name"]).capitalize(): True,
        f"release {release.number}, {day(release.manifest['published_at'])}": True,
        "synthetic": wave.synthetic,
    }
    words = " · ".join(escape(part) for part, said in parts.items() if said)
    return f'<p class="io-whose">{words}</p>'
