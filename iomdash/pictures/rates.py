"""A dot for a rate or a ratio and a line for its 95 % interval, from zero, one row a group."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.forms import ROWS, blank, chart, filled, form, in_order, rows_axis
from iomdash.pictures.theme import BLUE, GREY, WITHHELD, Figure, Picture
from iomdash.pictures.wording import TOO_FEW

SAME = "same"


@dataclass(frozen=True)
class RateRow:
    """A rate, or how many times another, of one group; None where hidden, with the reason."""

    label: str
    rate: float | None
    low: float | None = None
    high: float | None = None
    hidden: str | None = None


def rates(
    title: str, subtitle: str, items: Sequence[RateRow], *, measure: str = "A person-year",
    same: float | None = None, note: str = "",
) -> Picture:  # fmt: skip
    """Rows in the given order; a hidden row keeps its place and says so. A line marks the value
    that would be the `same` as before.
    """
    values = [
        {"label": r.label, "rate": r.rate, "low": r.low, "high": r.high, "text": _mark(r)}
        for r in items
    ]
    shown = any(r.rate is not None for r in items)
    marked = same is not None and shown
    layers = _form(shown=shown, marked=marked, blanks=any(r.rate is None for r in items))
    words = "; ".join(f"{r.label}: {_text(r)}" for r in items)
    table = [{"Group": r.label, measure: _text(r), "95 % interval": _ends(r)} for r in items]
    drawn = filled(
        layers, len(items) + 1, {ROWS: values, **({SAME: [{SAME: same}]} if marked else {})},
        measure=measure, domain=[0, _most(items, same or 0)], **in_order([r.label for r in items]),
    )  # fmt: skip
    figures = [_figure(r, measure) for r in items]
    return Picture(title, subtitle, f"{title}. {words}.", drawn, table, note, figures=figures)


@form
def _form(*, shown: bool, marked: bool, blanks: bool) -> list[alt.Chart]:
    data = chart().encode(y=rows_axis("label"))
    known = data.transform_filter("datum.rate !== null")
    axis = alt.Axis(title="@measure", tickCount=5)
    # Beyond the most that is seen an interval says only that it is wide.
    scale = alt.Scale(domain=blank("domain"), clamp=True)
    line = known.mark_rule(color=BLUE, strokeWidth=3).encode(
        x=alt.X("low:Q", axis=axis, scale=scale), x2=alt.X2("high:Q")
    )
    point = known.mark_point(filled=True, size=150, color=BLUE, opacity=1).encode(x=alt.X("rate:Q"))
    text = known.mark_text(dy=-13, fontSize=13).encode(x=alt.X("rate:Q"), text=alt.Text("text:N"))
    unseen = data.transform_filter("datum.rate === null").mark_text(
        align="left", color=GREY, fontStyle="italic"
    )
    at = chart(SAME).mark_rule(color=GREY).encode(x=alt.X("same:Q", axis=axis, scale=scale))
    layers = [at] if marked else []
    layers += [line, point, text] if shown else []
    return [*layers, unseen.encode(x=alt.XValue(6), text=alt.Text("text:N"))] if blanks else layers


def _figure(item: RateRow, unit: str) -> Figure:
    if item.rate is None:
        return Figure(item.label, unit=unit, state=WITHHELD, reason=item.hidden or "")
    return Figure(item.label, value=item.rate, unit=unit, low=item.low, high=item.high)


def _mark(item: RateRow) -> str:
    """As in the chart, where there is no room for a reason: the table has it."""
    return f"▨ {TOO_FEW}" if item.rate is None else plain(item.rate)


def _text(item: RateRow) -> str:
    return f"{_mark(item)} ({item.hidden})" if item.rate is None else _mark(item)


def _ends(item: RateRow) -> str:
    if item.low is None or item.high is None:
        return "not shown"
    return f"{plain(item.low)} to {plain(item.high)}"


def _most(items: Sequence[RateRow], same: float) -> float:
    """Where the axis ends: past every rate, and past every interval up to three times as far."""
    most = max((r.rate for r in items if r.rate is not None), default=1.0)
    ends = max((r.high for r in items if r.high is not None), default=most)
    return max(min(ends, 3 * most), most * 1.1, same * 1.1)


def plain(rate: float) -> str:
    """A rate to two figures: "0.42", "4.2", "420"."""
    return f"{rate:,.0f}" if rate >= 9.95 else f"{rate:.1f}" if rate >= 0.995 else f"{rate:.2f}"
