"""A dot for a share and a line for its 95 % interval, one row a group or a wave."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.forms import ROWS, chart, filled, form, in_order, rows_axis, share_axis
from iomdash.pictures.theme import (
    BAND,
    BLUE,
    GREY,
    RANGE,
    SHOWN,
    WITHHELD,
    Figure,
    Picture,
)
from iomdash.pictures.wording import TOO_FEW, of, percent, unshown, withheld


@dataclass(frozen=True)
class Dot:
    """One group: its counts and interval, its band, or the reason why they are hidden, or why
    nobody is in it. `ranged` are the words for a count that its source leaves open.
    """

    label: str
    x: int | None
    n: int | None
    low: float | None
    high: float | None
    hidden: str | None = None
    band: str | None = None
    ranged: str = ""

    @property
    def unseen(self) -> str:
        """What stands in place of a share that is not shown."""
        nobody = self.hidden if self.n == 0 else None
        return self.band or nobody or unshown(self.hidden or TOO_FEW)

    @property
    def name(self) -> str:
        """Label with its base, or with the sign of a hidden cell."""
        return f"▨ {self.label}" if self.n is None else f"{self.label} (n = {self.n:,})"


def dots(title: str, subtitle: str, items: Sequence[Dot], *, note: str = "") -> Picture:
    """Rows in the given order; a hidden row keeps its place and says "too few to show"."""
    values = [_value(dot) for dot in items]
    # A layer without marks is a picture without words to a screen reader.
    layers = _form(
        lines=any(v["low"] is not None for v in values),
        points=any(v["share"] is not None for v in values),
        words=any(v["place"] is not None for v in values),
        blanks=any(v["place"] is None for v in values),
    )
    names = in_order([dot.name for dot in items])
    drawn = filled(layers, len(items) + 1, {ROWS: values}, **names)
    words = "; ".join(f"{d.label}: {_words(d)}" for d in items)
    table, figures = [_row(d) for d in items], [_figure(d) for d in items]
    return Picture(title, subtitle, f"{title}. {words}.", drawn, table, note, figures=figures)


@form
def _form(*, lines: bool, points: bool, words: bool, blanks: bool) -> list[alt.Chart]:
    data = chart().encode(y=rows_axis("label"))
    shown = data.transform_filter("datum.place !== null")
    spread = data.transform_filter("datum.low !== null")
    line = spread.mark_rule(color=BLUE, strokeWidth=3).encode(
        x=share_axis("low"), x2=alt.X2("high:Q")
    )
    point = (
        data.transform_filter("datum.share !== null")
        .mark_point(filled=True, size=150, color=BLUE, opacity=1)
        .encode(x=share_axis())
    )
    text = shown.mark_text(dy=-13, fontSize=13).encode(x=alt.X("place:Q"), text=alt.Text("text:N"))
    hidden = data.transform_filter("datum.place === null").mark_text(
        align="left", color=GREY, fontStyle="italic"
    )
    unseen = hidden.encode(x=alt.XValue(6), text=alt.Text("unseen:N"))
    wanted = ((line, lines), (point, points), (text, words), (unseen, blanks))
    return [layer for layer, is_there in wanted if is_there]


def _figure(dot: Dot) -> Figure:
    if dot.ranged:
        return Figure(
            dot.label, base=dot.n, low=dot.low, high=dot.high, state=RANGE, reason=dot.ranged
        )
    if dot.x is None or dot.n is None:
        state = BAND if dot.band else WITHHELD
        return Figure(dot.label, state=state, reason=dot.band or dot.hidden or "")
    return Figure(dot.label, "", dot.x, dot.n, low=dot.low, high=dot.high, state=SHOWN)


def _value(dot: Dot) -> dict[str, object]:
    share = None if dot.x is None or not dot.n else dot.x / dot.n
    text = dot.ranged if dot.x is None or not dot.n else of(dot.x, dot.n)
    middle = (dot.low + dot.high) / 2 if dot.ranged and dot.low and dot.high else None
    place = middle if share is None else share
    shown = {"share": share, "place": place, "low": dot.low, "high": dot.high, "text": text}
    return {"label": dot.name, "unseen": dot.unseen, **shown}


def _words(dot: Dot) -> str:
    if dot.ranged:
        return dot.ranged
    if dot.x is None or dot.n is None:
        return dot.band or withheld(dot.hidden)
    if not dot.n:
        return dot.unseen
    return of(dot.x, dot.n)


def _row(dot: Dot) -> dict[str, object]:
    bounds = (
        "" if dot.low is None or dot.high is None else f"{percent(dot.low)} to {percent(dot.high)}"
    )
    return {
        "Group": dot.label,
        "Said so": _words(dot),
        "95 % interval": bounds or "not shown",
    }
