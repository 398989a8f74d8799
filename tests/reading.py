"""Pages as they are made of a release, read without Streamlit: all that it would be handed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from iomdash.release.reader import Release
from iomdash.site.address import Asked
from iomdash.site.header import header
from iomdash.site.navigation import made, menus
from iomdash.site.sheet import Beside, Chart, Part


@dataclass(frozen=True)
class Element:
    """One element by its type, as Streamlit names it, and everything that it says."""

    type: str
    value: str


@dataclass(frozen=True)
class Read:
    """A page as `AppTest` would give it back, without faults."""

    main: list[Element]
    exception: list[Element] = field(default_factory=list[Element])
    error: list[Element] = field(default_factory=list[Element])

    def get(self, type: str) -> list[Element]:
        return [element for element in self.main if element.type == type]


def page_of(release: Release, address: str, query: Mapping[str, str]) -> Read:
    """The page at an address, under the line above every page."""
    asked = Asked.of(query.items())
    strip, parts = made(release, address, asked)
    at = "" if address == "overview" else address
    above = header((("", "Overview"),), menus(), at, release, asked)
    return Read([Element("html", above), Element("html", strip), *_elements(parts)])


def _elements(parts: tuple[Part, ...]) -> list[Element]:
    elements: list[Element] = []
    for part in parts:
        if isinstance(part, Beside):
            elements += [each for column in part.columns for each in _elements(column)]
        else:
            elements.append(_drawn(part) if isinstance(part, Chart) else Element("html", part))
    return elements


def _drawn(chart: Chart) -> Element:
    rows = [pa.ipc.open_stream(data).read_all().to_pylist() for data in chart.data.values()]
    return Element("vega_lite_chart", f"{chart.alt} {json.dumps(chart.spec)} {json.dumps(rows)}")
