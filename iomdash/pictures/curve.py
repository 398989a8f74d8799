"""Cumulative incidence: the share to whom something has happened, month by month, with its band."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from iomdash.pictures.agency_figures import of_hundred
from iomdash.pictures.forms import ROWS, blank, chart, filled, form
from iomdash.pictures.theme import BLUE, GREY, NARROW, ORANGE, Figure, Picture
from iomdash.pictures.wording import percent

HIGH = 7  # rows
FIRST_ALONE = f"{NARROW} && datum.month > 0 && datum.month <= 12 ? '' : datum.label"
RISK = "risk"
# Months between two lines of the table: of the first year, and after it.
EVERY, LATER, YEAR = 3, 6, 12
COLOURS = (BLUE, ORANGE)


@dataclass(frozen=True)
class Step:
    """A month: people at risk at its start, the share that has had it by its end, and a band."""

    month: int
    at_risk: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """What happened, and its steps, one a month in order."""

    label: str
    steps: Sequence[Step]


def curve(title: str, subtitle: str, lines: Sequence[Line], *, note: str = "") -> Picture:
    """Lines that rise from nobody at month 0, of the same months; people at risk stand below."""
    labels = [line.label for line in lines]
    values = [
        {**vars(step), "what": line.label}
        for line in lines
        for step in (Step(0, line.steps[0].at_risk, 0.0, 0.0, 0.0), *line.steps)
    ]
    words = "; ".join(
        f"{line.label} {percent(s.share)} by month {s.month}"
        for line in lines for s in _listed(line.steps)
    )  # fmt: skip
    figures = [_figure(line.label, step) for line in lines for step in line.steps]
    data = {ROWS: values, RISK: _labels(lines[0].steps)}
    drawn = filled(_form(), HIGH, data, labels=labels, colours=COLOURS[: len(labels)])
    table = _table(lines)
    return Picture(title, subtitle, f"{title}. {words}.", drawn, table, note, figures=figures)


@form
def _form() -> list[alt.Chart]:
    scale = alt.Scale(domain=blank("labels"), range=blank("colours"))
    colour = alt.Color("what:N", scale=scale, legend=alt.Legend(symbolOpacity=1))
    share = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=None)
    months = alt.Axis(title="Months since joining", tickMinStep=1, values=list(range(0, 37, 6)))
    base = chart().encode(x=alt.X("month:Q", axis=months))
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, 1]), axis=share), y2=alt.Y2("high:Q"),
        color=colour,
    )  # fmt: skip
    line = base.mark_line(strokeWidth=3).encode(y=alt.Y("share:Q"), color=colour)
    risk = (
        chart(RISK)
        # The first says what they are, and takes the place of those next to it where it is narrow.
        .transform_calculate(words=FIRST_ALONE)
        .mark_text(align="left", baseline="bottom", fontSize=12, color=GREY)
        .encode(x=alt.X("month:Q"), y=alt.YDatum(0.93), text=alt.Text("words:N"))
    )
    return [band, line, risk]


def _figure(what: str, step: Step) -> Figure:
    return Figure(
        what, f"month {step.month}", base=step.at_risk, value=step.share,
        unit="share by the month's end; base: at risk at its start", low=step.low, high=step.high,
    )  # fmt: skip


def _table(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Every third month of the first year, every sixth after it, and the last."""
    return [
        {
            "Month": str(steps[0].month),
            "At risk": f"{steps[0].at_risk:,}",
            **{
                f"{line.label}, of 100": _share(step)
                for line, step in zip(lines, steps, strict=True)
            },
        }
        for steps in zip(*(_listed(line.steps) for line in lines), strict=True)
    ]


def _share(step: Step) -> str:
    return f"{100 * step.share:.0f} ({of_hundred(step.low, step.high)})"


def _listed(steps: Sequence[Step]) -> list[Step]:
    last = steps[-1].month
    return [
        s for s in steps if s.month % (EVERY if s.month <= YEAR else LATER) == 0 or s.month == last
    ]


def _labels(steps: Sequence[Step]) -> list[dict[str, object]]:
    """People at risk when the first month begins, and every later half year."""
    shown = [s for s in steps if s.month == 1 or s.month % LATER == 1]
    return [
        {"month": s.month - 1, "label": f"{s.at_risk:,}" + (" at risk" if s.month == 1 else "")}
        for s in shown
    ]
