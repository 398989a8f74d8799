"""Forms of charts: Altair makes and checks each once in a process, a picture fills in its figures.

To build a chart takes Altair 60 ms of CPU, to fill one in takes a hundredth of that.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from textwrap import wrap
from typing import Any, ParamSpec

import altair as alt

from iomdash.pictures.theme import GRID, LABEL_WIDTH, NARROW, ROW, TEXT, Row

LABEL_LETTERS = 24
ROWS = "rows"
_BLANK = re.compile(r'\["@(\w+)"\]|"@(\w+)"')  # of a list, of one word
P = ParamSpec("P")


def chart(rows: str = ROWS) -> alt.Chart:
    """A chart of the rows that are filled in under a name."""
    return alt.Chart(alt.NamedData(rows))


def blank(name: str) -> list[str]:
    """Where a list is filled in, such as labels in their order."""
    return [_sign(name)]


def form(layers: Callable[P, Sequence[alt.Chart]]) -> Callable[P, str]:
    """Layers as a Vega-Lite specification in JSON, as wide as its column, that lacks its figures.

    What the layers are asked with says which there are: a few words or whether, never a figure.
    """

    once = cache(lambda *args, **named: _specified(layers(*args, **named)))

    @wraps(layers)
    def made(*args: P.args, **named: P.kwargs) -> str:
        return once(*args, **named)

    return made


def filled(
    form: str, high: int, rows: Mapping[str, Sequence[Row]], **given: str | Sequence[object]
) -> str:
    """A form with its rows, `high` bands high, and what is `given` in place of each blank. Raises
    KeyError where something lacks.
    """
    # In one go, as what is filled in may look like a blank itself.
    whole = _BLANK.sub(lambda gap: json.dumps(given[gap[1] or gap[2]]), form)
    own = json.dumps({"height": max(high, 1) * ROW + 10, "datasets": rows})
    return f"{own[:-1]}, {whole[1:]}"


def _sign(name: str) -> str:
    return f"@{name}"


def _specified(layers: Sequence[alt.Chart]) -> str:
    drawn: Any = alt.layer(*layers)  # Altair's own configure methods carry no types
    styled = (
        drawn.properties(
            width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
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
            labelFontSize=14, labelColor=TEXT, orient="top", title=None, labelLimit=260,
            columns=where_narrow(1, 2),
        )
    )  # fmt: skip
    return json.dumps(styled.to_dict())


def where_narrow(then: str | float, otherwise: str | float) -> alt.ExprRef:
    """One value where the chart is as narrow as a telephone, and another where it is not."""
    return alt.ExprRef(f"{NARROW} ? {json.dumps(then)} : {json.dumps(otherwise)}")


def share_axis(field: str = "share") -> alt.X:
    """Shares from 0 to 100 %."""
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            format=".0%",
            values=[0, 0.25, 0.5, 0.75, 1],
            title=None,
            labelOverlap="parity",
            labelSeparation=6,
        ),
    )


def rows_axis(field: str) -> alt.Y:
    """Horizontal labels in the order that `in_order` fills in."""
    axis = alt.Axis(title=None, labelPadding=8, labelExpr=_sign("label"))
    return alt.Y(f"{field}:N", sort=blank("order"), axis=axis)


def in_order(labels: Sequence[str]) -> dict[str, str | Sequence[str]]:
    """What fills in `rows_axis`: labels in their order, broken over lines rather than cut off."""
    lines = [wrap(label, LABEL_LETTERS) for label in labels]
    broken = {label: parts for label, parts in zip(labels, lines, strict=True) if len(parts) > 1}
    return {"order": list(labels), "label": f"{json.dumps(broken)}[datum.label] || datum.label"}
