"""One look for every chart, and what a chart must say besides what it draws.

Palette: Government Analysis Function, at most four colours at once, never red beside green.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iomdash.pictures.look import light

BLUE, TEAL, PLUM, ORANGE = (light(name) for name in ("first", "second", "fourth", "third"))
GREY, PALE, FRAME, TEXT = (light(name) for name in ("quiet", "rest", "frame", "ink"))
ON_BLUE, GROUND, GRID = (light(name) for name in ("on-first", "ground", "grid"))
ROW = 34
LABEL_WIDTH = 190
# A condition on the width that the chart was given, in pixels.
NARROW = "width < 260"

# What a figure may be: told, told as a band or a range, not to be shown, or nobody's to send yet.
SHOWN, BAND, RANGE, WITHHELD, MISSING = STATES = (
    "shown", "band", "range", "withheld", "not sent",
)  # fmt: skip

# Where the value of a filter stands that a picture does not follow.
GROUP, PART, EVERY = "group", "part", "every"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of a picture as data: whose it is, `numerator` of `base`, or a `value` in a unit,
    or `words`.

    `state` is one of STATES; where it is not shown, `reason` says why or what stands in its place.
    """

    group: str
    part: str = ""
    numerator: int | None = None
    base: int | None = None
    value: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    state: str = SHOWN
    reason: str = ""
    words: str = ""

    @property
    def share(self) -> float | None:
        """Share of the base from 0 to 1; None where either is missing."""
        return self.numerator / self.base if self.base and self.numerator is not None else None


@dataclass(frozen=True)
class Picture:
    """A chart with its message, its measure, place and period, words for it, and its table.

    `spec` is Vega-Lite as JSON text, None where there is nothing to draw: then the title says why,
    and `withheld` whether there are figures that are not shown. `figures` are those of the table as
    data; `measure` is that of agencies' records which they are of, '' of interviews.
    `across` names the filters that it does not follow, with where their values stand: in a
    figure's "group" or "part", or EVERY of them.
    """

    title: str
    subtitle: str
    alt: str
    spec: str | None
    table: Sequence[Row]
    note: str = ""
    withheld: bool = True
    figures: Sequence[Figure] = ()
    measure: str = ""
    across: tuple[tuple[str, str], ...] = ()


def spread(picture: Picture, **across: str) -> Picture:
    """A picture that shows all values of filters side by side, or pays no heed to them."""
    return replace(picture, across=(*picture.across, *across.items()))


def tabled(title: str, rows: Sequence[Row], subtitle: str = "", measure: str = "") -> Picture:
    """Words in rows with the same keys, which are a table and nothing to draw."""
    return Picture(title, subtitle, title, None, rows, measure=measure)
