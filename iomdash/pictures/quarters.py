"""Counts quarter by quarter: bars from zero, the figure at the end of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.theme import (
    BLUE,
    GREY,
    TEXT,
    WITHHELD,
    Figure,
    Picture,
    rows_axis,
    spec,
)


@dataclass(frozen=True)
class Quarter:
    """One quarter's count; None where hidden, with the reason."""

    name: str
    n: int | None
    hidden: str | None = None

    @property
    def text(self) -> str:
        """The count, or the sign of a hidden one and its reason."""
        return f"▨ {self.hidden}" if self.n is None else f"{self.n:,}"


def quarters(title: str, subtitle: str, items: Sequence[Quarter], *, measure: str) -> Picture:
    """Quarters in the order given; a hidden one keeps its row and says so."""
    values = [
        {"label": q.name, "n": q.n or 0, "shown": q.n is not None, "text": q.text} for q in items
    ]
    order = [q.name for q in items]
    most = max((q.n or 0 for q in items), default=0)
    base = alt.Chart(alt.Data(values=values)).encode(
        y=rows_axis("label", order),
        # Room for the figure at the end of the longest bar.
        x=alt.X("n:Q", scale=alt.Scale(domain=[0, most * 1.15 or 1]), axis=None),
    )
    bar = base.transform_filter("datum.shown").mark_bar(color=BLUE, height=20)
    figures = base.transform_filter("datum.shown").mark_text(align="left", dx=6, color=TEXT)
    blank = base.transform_filter("!datum.shown").mark_text(
        align="left", dx=6, color=GREY, fontStyle="italic"
    )
    layers = [bar, *(mark.encode(text="text:N") for mark in (figures, blank))]
    words = "; ".join(f"{q.name}: {q.text}" for q in items)
    table = [{"Quarter": q.name, measure: q.text} for q in items]
    drawn, figures = spec(layers, len(items)), [_figure(q, measure) for q in items]
    return Picture(title, subtitle, f"{title}. {words}.", drawn, table, figures=figures)


def _figure(quarter: Quarter, measure: str) -> Figure:
    if quarter.n is None:
        return Figure(quarter.name, unit=measure, state=WITHHELD, reason=quarter.hidden or "")
    return Figure(quarter.name, numerator=quarter.n, unit=measure)
