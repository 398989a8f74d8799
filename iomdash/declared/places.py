"""The partnership's places: sites where appointments are held, and local names, from one file.

A partnership gives its own by a copy of places.yaml that `IOMDASH_PLACES` names. What is wrong in
it is told with file and line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from iomdash import settings
from iomdash.declared.lines import Lines
from iomdash.declared.scheme import AGENCIES, AREAS

FILE = Path(__file__).with_name("places.yaml")
# What an appointment shows whose site stood in the vault before it had to be declared.
NOT_DECLARED = "not_declared"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 &'-]{0,39}")


@dataclass(frozen=True)
class Site:
    """Where appointments are held, by the name that files write, and whom it is a site of."""

    name: str
    agencies: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """The sites in the file's order, and the names that tell of a place: local, area and site."""

    sites: tuple[Site, ...]
    names: tuple[str, ...]


def file() -> Path:
    """The file that is set, or the project's own."""
    return Path(settings.PLACES.read() or FILE)


def declared() -> Places:
    """The places of the file that is set. Raises EnvironmentFault with its line."""
    path = file()
    return _read(path, _changed(path))


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def how_to_declare() -> str:
    """What to do about a site that is missing, as the end of a message."""
    variable = settings.PLACES.variable
    return (
        f"declare it beside its agencies under sites in {file().name}, which {variable} names"
        if settings.PLACES.read()
        else f"declare it under sites in a copy of {FILE.name} that {variable} names"
    )


@cache
def _read(path: Path, changed: int) -> Places:  # noqa: ARG001 (part of its key)
    lines = Lines(path, "places", settings.PLACES)
    top = lines.keys(lines.root, ("sites", "local_names"))
    sites = tuple(_site(lines, node) for node in lines.items(top["sites"]))
    local = tuple(_name(lines, node) for node in lines.items(top["local_names"]))
    _once(lines, [*zip((s.name for s in sites), lines.items(top["sites"]), strict=True)])
    areas = tuple(area.name for area in AREAS)
    names = dict.fromkeys((*areas, *(site.name for site in sites), *local))
    return Places(sites, tuple(names))


def _site(lines: Lines, node: yaml.Node) -> Site:
    parts = lines.keys(node, ("name", "agencies"))
    known = [agency.key for agency in AGENCIES]
    agencies = [(lines.text(at), at) for at in lines.items(parts["agencies"])]
    for agency, at in agencies:
        if agency not in known:
            lines.wrong(at, f"'{agency}' is no agency. Use: {', '.join(known)}.")
    if not agencies:
        lines.wrong(parts["agencies"], "a site is that of an agency. Name one.")
    return Site(_name(lines, parts["name"]), tuple(agency for agency, _ in agencies))


def _name(lines: Lines, node: yaml.Node) -> str:
    text = lines.text(node)
    if not _NAME.fullmatch(text):
        lines.wrong(
            node,
            f"'{text}' is no name of a place. Give at most 40 letters, digits, spaces, "
            "hyphens, apostrophes and ampersands.",
        )
    return text


def _once(lines: Lines, names: Sequence[tuple[str, yaml.Node]]) -> None:
    for place, (name, node) in enumerate(names):
        if name.casefold() in {before.casefold() for before, _ in names[:place]}:
            lines.wrong(node, f"'{name}' stands here twice. Remove one.")
