"""A dot for a rate and a line for its 95 % interval, from zero, one row a group."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.theme import BLUE, GREY, Picture, rows_axis, spec

TOO_FEW = "too few to show"


@dataclass(frozen=True)
class RateRow:
    """Events a person-year of one group; None where hidden, with the reason."""

    label: str
    rate: float | None
    low: float | None = None
    high: float | None = None
    hidden: str | None = None


def rates(title: str, subtitle: str, items: Sequence[RateRow], *, note: str = "") -> Picture:
    """Rows in the given order; a hidden row keeps its place and says so."""
    values = [
        {"label": r.label, "rate": r.rate, "low": r.low, "high": r.high, "text": _text(r)}
        for r in items
    ]
    data = alt.Chart(alt.Data(values=values)).encode(y=rows_axis("label", [r.label for r in items]))
    shown = data.transform_filter("datum.rate !== null")
    axis = alt.Axis(title="A person-year", tickCount=5)
    scale = alt.Scale(domainMin=0)
    line = shown.mark_rule(color=BLUE, strokeWidth=3).encode(
        x=alt.X("low:Q", axis=axis, scale=scale), x2="high:Q"
    )
    point = shown.mark_point(filled=True, size=150, color=BLUE, opacity=1).encode(x="rate:Q")
    text = shown.mark_text(dy=-13, fontSize=13).encode(x="rate:Q", text="text:N")
    blank = data.transform_filter("datum.rate === null").mark_text(
        align="left", color=GREY, fontStyle="italic"
    )
    layers = [line, point, text] if any(r.rate is not None for r in items) else []
    if any(r.rate is None for r in items):
        layers.append(blank.encode(x=alt.value(6), text="text:N"))
    words = "; ".join(f"{r.label}: {_text(r)}" for r in items)
    table = [
        {"Group": r.label, "A person-year": _text(r), "95 % interval": _ends(r)} for r in items
    ]
    drawn = spec(layers, len(items) + 1)
    return Picture(title, subtitle, f"{title}. {words}.", drawn, table, note)


def _text(item: RateRow) -> str:
    return f"▨ {TOO_FEW} ({item.hidden})" if item.rate is None else f"{item.rate:.1f}"


def _ends(item: RateRow) -> str:
    known = item.low is not None and item.high is not None
    return f"{item.low:.1f} to {item.high:.1f}" if known else "not shown"
