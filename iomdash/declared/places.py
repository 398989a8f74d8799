"""The partnership's places: sites where appointments are held, and local names, from one file.

A partnership gives its own by a copy of places.yaml that `IOMDASH_PLACES` names. What is wrong in
it is told with file and line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml

from iomdash import settings
from iomdash.declared.scheme import AGENCIES, AREAS
from iomdash.errors import EnvironmentFault

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
    try:
        return _read(path.name, path.read_text("utf-8"))
    except OSError as fault:
        raise EnvironmentFault(
            f"The places {path} cannot be read ({fault.strerror}). "
            f"Correct {settings.PLACES.variable}."
        ) from None
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise EnvironmentFault(
            f"{path.name}, line {line}: not UTF-8. Save the file as UTF-8."
        ) from None


def how_to_declare() -> str:
    """What to do about a site that is missing, as the end of a message."""
    variable = settings.PLACES.variable
    return (
        f"declare it beside its agencies under sites in {file().name}, which {variable} names"
        if settings.PLACES.read()
        else f"declare it under sites in a copy of {FILE.name} that {variable} names"
    )


@cache
def _read(file: str, text: str) -> Places:
    try:
        root = cast("yaml.Node | None", cast(Any, yaml).compose(text))
    except yaml.YAMLError as fault:
        line = getattr(getattr(fault, "problem_mark", None), "line", 0) + 1
        raise EnvironmentFault(f"{file}, line {line}: not YAML. Correct the line.") from None
    return _Reader(file).places(root)


class _Reader:
    """Nodes of the file, which know their lines, to places."""

    def __init__(self, file: str) -> None:
        self._file = file

    def places(self, root: yaml.Node | None) -> Places:
        top = self._keys(root, ("sites", "local_names"))
        sites = tuple(self._site(node) for node in self._list(top["sites"]))
        local = tuple(self._name(node) for node in self._list(top["local_names"]))
        self._once([*zip((s.name for s in sites), self._list(top["sites"]), strict=True)])
        areas = tuple(area.name for area in AREAS)
        names = dict.fromkeys((*areas, *(site.name for site in sites), *local))
        return Places(sites, tuple(names))

    def _site(self, node: yaml.Node) -> Site:
        parts = self._keys(node, ("name", "agencies"))
        known = [agency.key for agency in AGENCIES]
        agencies = [(self._text(each), each) for each in self._list(parts["agencies"])]
        for agency, at in agencies:
            if agency not in known:
                self._wrong(at, f"'{agency}' is no agency. Use: {', '.join(known)}.")
        if not agencies:
            self._wrong(parts["agencies"], "a site is that of an agency. Name one.")
        return Site(self._name(parts["name"]), tuple(agency for agency, _ in agencies))

    def _name(self, node: yaml.Node) -> str:
        text = self._text(node)
        if not _NAME.fullmatch(text):
            self._wrong(
                node,
                f"'{text}' is no name of a place. Give at most 40 letters, digits, spaces, "
                "hyphens, apostrophes and ampersands.",
            )
        return text

    def _once(self, names: Sequence[tuple[str, yaml.Node]]) -> None:
        for place, (name, node) in enumerate(names):
            if name.casefold() in {each.casefold() for each, _ in names[:place]}:
                self._wrong(node, f"'{name}' stands here twice. Remove one.")

    def _keys(self, node: yaml.Node | None, names: Sequence[str]) -> dict[str, yaml.Node]:
        found = dict(self._pairs(node))
        for name in names:
            if name not in found:
                self._wrong(node, f"'{name}' is missing. Add it.")
        for name in found:
            if name not in names:
                self._wrong(found[name], f"'{name}' is not known here. Use: {', '.join(names)}.")
        return found

    def _pairs(self, node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, "names with values belong here. Write 'name: value'.")
        pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
        yield from ((str(key.value), value) for key, value in pairs)

    def _list(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "a list belongs here. Write one item a line behind '-'.")
        return node.value

    def _text(self, node: yaml.Node) -> str:
        text = str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text:
            self._wrong(node, "words are missing. Write them.")
        return text

    def _wrong(self, node: yaml.Node | None, what: str) -> NoReturn:
        line = 1 if node is None else node.start_mark.line + 1
        raise EnvironmentFault(f"{self._file}, line {line}: {what}")
