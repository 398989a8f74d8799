"""Horizontal bars from zero: shares of people, one bar an answer, the count at its end."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.forms import ROWS, chart, filled, form, in_order, rows_axis, share_axis
from iomdash.pictures.theme import BLUE, NARROW, ON_BLUE, TEXT, Figure, Picture
from iomdash.pictures.wording import of, percent

# Up to which share there is room for the count beside the bar.
ROOM = f"({NARROW} ? 0.35 : 0.72)"


@dataclass(frozen=True)
class Bar:
    """`x` of `n` people gave this answer."""

    label: str
    x: int
    n: int

    @property
    def share(self) -> float:
        """Share from 0 to 1; 0 where nobody was asked."""
        return self.x / self.n if self.n else 0.0


def bars(
    topic: str, subtitle: str, items: Sequence[Bar], *, message: str = "", note: str = ""
) -> Picture:
    """Bars in the given order. The message names the longest unless another is given."""
    most = max(items, key=lambda bar: bar.share)
    first = f"{most.label.lower()}, all {most.n:,}" if most.x == most.n else _first(most)
    title = message or f"{topic}: {first}"
    values = [
        {"label": b.label, "share": b.share, "text": of(b.x, b.n), "end": min(b.share, 0.72)}
        for b in items
    ]
    order = [bar.label for bar in items]
    table = [
        {"Answer": b.label, "People": f"{b.x:,}", "Of": f"{b.n:,}", "Share": _share(b)}
        for b in items
    ]
    words = "; ".join(f"{b.label}: {of(b.x, b.n)}" for b in items)
    return Picture(
        title,
        subtitle,
        f"{title}. {words}.",
        filled(_form(), len(items), {ROWS: values}, **in_order(order)),
        table,
        note,
        figures=[Figure(b.label, numerator=b.x, base=b.n) for b in items],
    )


@form
def _form() -> list[alt.Chart]:
    base = chart().encode(y=rows_axis("label"))
    drawn = base.mark_bar(color=BLUE, height=20).encode(x=share_axis())
    outside = base.transform_filter(f"datum.share <= {ROOM}").mark_text(
        align="left", dx=6, color=TEXT
    )
    inside = base.transform_filter(f"datum.share > {ROOM}").mark_text(
        align="right", dx=-6, color=ON_BLUE
    )
    return [
        drawn,
        *(mark.encode(x=alt.X("share:Q"), text=alt.Text("text:N")) for mark in (outside, inside)),
    ]


def _first(bar: Bar) -> str:
    return f"most often {bar.label.lower()}, {of(bar.x, bar.n)}"


def _share(bar: Bar) -> str:
    """Per cent for bases of 20 or more; smaller bases are better read as people."""
    return percent(bar.share) if bar.n >= 20 else "base under 20"
