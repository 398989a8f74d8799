"""One look for every chart, and what a chart must say besides what it draws.

Palette: Government Analysis Function, at most four colours at once, never red beside green.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

import altair as alt

from iomdash.pictures.look import light

BLUE, TEAL, PLUM, ORANGE = (light(name) for name in ("first", "second", "fourth", "third"))
GREY, PALE, FRAME, TEXT = (light(name) for name in ("quiet", "rest", "frame", "ink"))
ON_BLUE, GROUND, GRID = (light(name) for name in ("on-first", "ground", "grid"))
ROW = 34
LABEL_WIDTH = 190
LABEL_LETTERS = 24
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


def spec(layers: Sequence[alt.Chart], rows: int) -> str:
    """Layers as a finished Vega-Lite specification, `rows` bands high, as wide as its column."""
    chart: Any = alt.layer(*layers)  # Altair's own configure methods carry no types
    styled = (
        chart.properties(
            width="container",
            height=max(rows, 1) * ROW + 10,
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        )
        .configure(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=14, titleFontSize=13, labelColor=TEXT, titleColor=TEXT,
            gridColor=GRID, domain=False, ticks=False, labelLimit=LABEL_WIDTH,
            titleFontWeight="normal",
        )
        .configure_text(fontSize=14, color=TEXT)
        .configure_legend(
            labelFontSize=14, labelColor=TEXT, orient="top", title=None, labelLimit=260, columns=2
        )
    )  # fmt: skip
    return json.dumps(styled.to_dict())


def share_axis(field: str = "share") -> alt.X:
    """Shares from 0 to 100 %."""
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=None),
    )


def rows_axis(field: str, order: Sequence[str]) -> alt.Y:
    """Horizontal labels in the given order, broken over lines rather than cut off."""
    lines = [wrap(label, LABEL_LETTERS) for label in order]
    broken = {label: parts for label, parts in zip(order, lines, strict=True) if len(parts) > 1}
    axis = alt.Axis(
        title=None, labelPadding=8, labelExpr=f"{json.dumps(broken)}[datum.label] || datum.label"
    )
    return alt.Y(f"{field}:N", sort=list(order), axis=axis)
