"""Lines over quarters, each with what blurring and chance leave open, as a release tells them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.agencies.measure import Place
from iomdash.declared.agencies.trends import BY_ID, Trend
from iomdash.declared.groups import EVERYONE
from iomdash.pictures.agency_figures import HIDDEN, absent, nothing, of_hundred, parted, subtitle_of
from iomdash.pictures.forms import ROWS, blank, chart, filled, form
from iomdash.pictures.theme import BLUE, ORANGE, PART, WITHHELD, Figure, Picture, spread
from iomdash.pictures.wording import of
from iomdash.release.file import Row
from iomdash.release.reader import Release

HIGH = 7  # rows
ENDS = "ends"
YEAR = 4  # quarters
COLOURS = (BLUE, ORANGE)
COUNTED = "Full counts: the band is what blurring leaves open."
SHARED = "95 % interval, as if the appointments or offences of one person went alike."


@dataclass(frozen=True)
class Point:
    """One quarter: a count or a share, between which ends it may lie, and the two in words.

    `value` is None where it is hidden, with the reason in `text`.
    """

    quarter: str
    value: float | None
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class Line:
    """What is followed, quarter by quarter in order."""

    label: str
    points: Sequence[Point]

    @property
    def shown(self) -> list[Point]:
        """The quarters that have a figure."""
        return [point for point in self.points if point.value is not None]


def trend(release: Release, people: AgencyGroup, id: str) -> Picture:
    """The chart of a declared trend for a group over all quarters."""
    declared, everyone = BY_ID[id], people.where(quarter=EVERYONE)
    if why := absent(release, declared.measure, everyone):
        return nothing(declared.title, why)
    lines = (
        [_share(release, everyone, declared)]
        if declared.is_share
        else [_counts(release, everyone, *line) for line in declared.lines.items()]
    )
    if not any(line.shown for line in lines):
        return nothing(declared.title, HIDDEN)
    newest = max(line.shown[-1].quarter for line in lines if line.shown)
    message = "; ".join(_latest(line, declared, newest) for line in lines if line.shown)
    title = f"{declared.title}, {newest}: {message}"
    note = SHARED if declared.is_share else COUNTED
    return _drawn(title, subtitle_of(release, everyone, declared.measure), lines, declared, note)


def _counts(release: Release, people: AgencyGroup, label: str, place: Place) -> Line:
    noise = release.manifest["policy"]["noise"]
    rows = {
        row["quarter"]: row
        for row in release.recorded_by(place.measure, people, "quarter")
        if row["what"] == place.what and all(row[name] == value for name, value in place.own)
    }
    return Line(label, [_count(quarter, rows.get(quarter), noise) for quarter in release.quarters])


def _count(quarter: str, row: Row | None, noise: int) -> Point:
    n = row["n"] if row else None
    if not isinstance(n, int):
        return Point(quarter, None, 0, 0, f"▨ {row['hidden'] if row else HIDDEN}")
    return Point(quarter, n, max(n - noise, 0), n + noise, f"{n:,}")


def _share(release: Release, people: AgencyGroup, declared: Trend) -> Line:
    rows = release.shares_by_quarter(declared.measure, people)
    points = [
        Point(quarter, row["x"] / row["n"], row["low"], row["high"], of(row["x"], row["n"]))
        if (row := rows.get(quarter))
        else Point(quarter, None, 0, 0, f"▨ {HIDDEN}")
        for quarter in release.quarters
    ]
    return Line(declared.unit, points)


def _latest(line: Line, declared: Trend, newest: str) -> str:
    """The last figure, and whether it left that of a year before beyond doubt."""
    last = line.shown[-1]
    words = last.text if len(declared.lines) < 2 else f"{last.text} {line.label.lower()}"
    place = line.points.index(last)
    before = line.points[place - YEAR] if place >= YEAR else None
    told = words if last.quarter == newest else f"{words} in {last.quarter}"
    if before is None or before.value is None or last.value is None:
        return told
    if parted((last.low, last.high), (before.low, before.high)):
        more = ("more", "fewer") if not declared.is_share else ("a larger share", "a smaller share")
        return f"{told}, {more[last.value < before.value]} than a year before ({before.text})"
    return f"{told}, no clear change in a year"


def _drawn(title: str, subtitle: str, lines: Sequence[Line], declared: Trend, note: str) -> Picture:
    quarters = [point.quarter for point in lines[0].points]
    values = [{**vars(p), "what": line.label} for line in lines for p in line.shown]
    labels = [line.label for line in lines]
    # Figures of two lines would often lie on one another; the title has them.
    ends = [vars(lines[0].shown[-1])] if len(lines) == 1 else []
    words = "; ".join(f"{line.label} {p.quarter}: {p.text}" for line in lines for p in line.points)
    table = [
        {"Quarter": points[0].quarter}
        | {
            key: value
            for line, point in zip(lines, points, strict=True)
            for key, value in _cells(line.label, point, declared).items()
        }
        for points in zip(*(line.points for line in lines), strict=True)
    ]
    drawn = filled(
        _form(is_share=declared.is_share, several=len(lines) > 1), HIGH,
        {ROWS: values, ENDS: ends}, quarters=quarters, labels=labels,
        colours=COLOURS[: len(labels)],
    )  # fmt: skip
    figures = [_figure(line.label, p, declared) for line in lines for p in line.points]
    picture = Picture(title, subtitle, f"{title}. {words}.", drawn, table, note, figures=figures)
    return spread(replace(picture, measure=declared.measure), quarter=PART)


def _figure(label: str, point: Point, declared: Trend) -> Figure:
    if point.value is None:
        reason = point.text.removeprefix("▨").strip()
        return Figure(label, point.quarter, state=WITHHELD, reason=reason)
    own = Figure(label, point.quarter, low=point.low, high=point.high, words=point.text)
    if declared.is_share:
        return replace(own, value=point.value, unit="share")
    return replace(own, numerator=round(point.value))


@form
def _form(*, is_share: bool, several: bool) -> list[alt.Chart]:
    axis = alt.Axis(
        title=None, labelAngle=0,
        labelExpr="substring(datum.label, 5) == 'Q1' ? substring(datum.label, 0, 4) : ''",
    )  # fmt: skip
    across = alt.Scale(domain=blank("quarters"), padding=0.3)
    x = alt.X("quarter:N", sort=blank("quarters"), scale=across, axis=axis)
    base = chart().encode(x=x)
    scale = alt.Scale(domain=blank("labels"), range=blank("colours"))
    legend = alt.Legend(symbolOpacity=1) if several else None
    colour = alt.Color("what:N", scale=scale, legend=legend)
    y = alt.Y("low:Q", scale=alt.Scale(zero=True), axis=_axis(is_share=is_share))
    band = base.mark_area(opacity=0.18).encode(y=y, y2=alt.Y2("high:Q"), color=colour)
    line = base.mark_line(strokeWidth=3, point=alt.OverlayMarkDef(size=40)).encode(
        y=alt.Y("value:Q"), color=colour
    )
    last = (
        chart(ENDS)
        .mark_text(align="right", dy=-8)
        .encode(x=x, y=alt.Y("high:Q"), text=alt.Text("text:N"))
    )
    return [band, line, last]


def _axis(*, is_share: bool) -> alt.Axis:
    if is_share:
        return alt.Axis(format=".0%", tickCount=5, title=None)
    return alt.Axis(format=",.0f", tickCount=5, tickMinStep=1, title=None)


def _cells(label: str, point: Point, declared: Trend) -> dict[str, str]:
    """A quarter's figure and its ends, as the table shows them."""
    name = label[:1].upper() + label[1:]
    if point.value is None:
        return {name: point.text, f"{name}, between": ""}
    ends = (
        f"{of_hundred(point.low, point.high)} of 100"
        if declared.is_share
        else f"{point.low:,.0f} to {point.high:,.0f}"
    )
    return {name: point.text, f"{name}, between": ends}
