"""A page as it is drawn: of one release, as one address asks, its parts in their order.

A page of the site is a function of its sheet and of nothing else, so that what it draws is kept
with the release. Elements are most of what a page costs, so words that follow one another are one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, cast

from iomdash.release.reader import Release
from iomdash.site.address import Asked


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification, its data by name as Arrow streams, and words for it; it is drawn
    under what was written before it.
    """

    spec: Mapping[str, Any]
    data: Mapping[str, bytes]
    alt: str


@dataclass(frozen=True)
class Beside:
    """Parts in two columns."""

    columns: tuple[tuple["Part", ...], ...]


Part = str | Chart | Beside


@dataclass
class Sheet:
    """A page at an address, `here`, while it is drawn. `frame.choose` fills in `strip`, the row
    above it, what its files are of (`query`), and the cohorts that marks of charts may lead to.
    """

    release: Release
    here: str
    asked: Asked
    strip: str = ""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    cohorts: frozenset[str] = frozenset()
    parts: list[Part] = field(default_factory=list[Part])

    def html(self, words: str) -> None:
        """Write words, as HTML."""
        self.parts.append(words)

    def add(self, *parts: Part) -> None:
        """Add parts as they are."""
        self.parts.extend(parts)

    def column(self) -> "Sheet":
        """A sheet of the same page, for parts that are to stand beside others."""
        return replace(self, parts=[])

    def whole(self) -> tuple[Part, ...]:
        """Its parts, words that follow one another as one."""
        return tuple(_joined(self.parts))


def _joined(parts: Iterable[Part]) -> Iterable[Part]:
    for is_words, those in groupby(parts, lambda part: isinstance(part, str)):
        if not is_words:
            yield from those
        elif words := "".join(cast("Iterable[str]", those)):
            yield words
