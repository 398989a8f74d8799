"""One look for every chart, and what a chart must say besides what it draws.

Palette: Government Analysis Function, at most four colours at once, never red beside green.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import altair as alt

BLUE, TEAL, PLUM, ORANGE, GREY = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D"
PALE = "#B9C2CB"
TEXT = "#0b0c0c"
ROW = 34
LABEL_WIDTH = 190
LABEL_LETTERS = 24
# A condition on the width that the chart was given, in pixels.
NARROW = "width < 260"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """A chart with its message, its measure, place and period, words for it, and its table.

    `spec` is Vega-Lite as JSON text, None where there is nothing to draw: then the title says why,
    and `withheld` whether there are figures that are not shown.
    """

    title: str
    subtitle: str
    alt: str
    spec: str | None
    table: Sequence[Row]
    note: str = ""
    withheld: bool = True


def spec(layers: Sequence[alt.Chart], rows: int) -> str:
    """Layers as a finished Vega-Lite specification, `rows` bands high, as wide as its column."""
    chart: Any = alt.layer(*layers)  # Altair's own configure methods carry no types
    styled = (
        chart.properties(
            width="container",
            height=max(rows, 1) * ROW + 10,
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=14, titleFontSize=13, labelColor=TEXT, titleColor=TEXT,
            gridColor="#e3e6e9", domain=False, ticks=False, labelLimit=LABEL_WIDTH,
            titleFontWeight="normal",
        )
        .configure_text(fontSize=14, color=TEXT)
        .configure_legend(labelFontSize=14, orient="top", title=None, labelLimit=260, columns=2)
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
