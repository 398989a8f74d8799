"""A survival curve: the share still free of an event, month by month, with its band."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.theme import BLUE, GREY, Picture, spec
from iomdash.pictures.wording import percent

HIGH = 7  # rows
EVERY = 6  # months between two labels


@dataclass(frozen=True)
class Step:
    """A month with an event: people at risk in it, and the share free of one after it."""

    month: int
    at_risk: int
    free: float
    low: float
    high: float


def curve(title: str, subtitle: str, steps: Sequence[Step], *, note: str = "") -> Picture:
    """Steps in the order of months, from everybody at month 0; people at risk stand above."""
    start = Step(0, steps[0].at_risk, 1.0, 1.0, 1.0)
    values = [
        {**vars(step), "share": step.free, "label": _label(step, steps)} for step in (start, *steps)
    ]
    share = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=None)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("month:Q", axis=alt.Axis(title="Months", tickMinStep=1, tickCount=6))
    )
    band = base.mark_area(interpolate="step-after", color=BLUE, opacity=0.18).encode(
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, 1]), axis=share), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after", color=BLUE, strokeWidth=3).encode(y="share:Q")
    risk = base.mark_text(dy=-12, align="left", fontSize=12, color=GREY).encode(
        y="high:Q", text="label:N"
    )
    words = "; ".join(f"after month {s.month} {percent(s.free)}" for s in steps)
    table = [
        {
            "Month": s.month,
            "At risk": s.at_risk,
            "Still free": percent(s.free),
            "95 % band": f"{percent(s.low)} to {percent(s.high)}",
        }
        for s in steps
    ]
    drawn = spec([band, line, risk], HIGH)
    return Picture(title, subtitle, f"{title}. Still free: {words}.", drawn, table, note)


def _label(step: Step, steps: Sequence[Step]) -> str:
    """People at risk, at the start and at the first step of every later half year."""
    half = step.month // EVERY
    first = next(s for s in steps if s.month // EVERY == half) if half else step
    labelled = step.month == 0 or (half and step.month == first.month)
    return f"{step.at_risk:,} at risk" if labelled else ""
