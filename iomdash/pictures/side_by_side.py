"""Two groups side by side: what their people say, what agencies record, and where they differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import altair as alt

from iomdash.declared.agencies import BY_ID, WHOLE
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import CODES, DERIVED
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import EVERYONE, Group
from iomdash.pictures.agency_figures import counts, figure, parted, why_none
from iomdash.pictures.forms import (
    ROWS,
    blank,
    chart,
    filled,
    form,
    in_order,
    rows_axis,
    share_axis,
)
from iomdash.pictures.theme import BLUE, ORANGE, WITHHELD, Figure, Picture, tabled
from iomdash.pictures.wording import listed, of, period, standing
from iomdash.release.cells import ClaimCell
from iomdash.release.file import Row
from iomdash.release.reader import Release

RECORDED = "Counts and shares of both groups"
NO_CLEAR, MORE = "no clear difference", "more often in"
MOST_NAMED = 3
HIGH = 1.3  # rows, for the two of one claim
# What agencies tell as a share with an interval.
SHARES = ("reoffending", "offending_change", "deselection")
LATELY = ("lately", "attendance")
MEASURES = (WHOLE, *SHARES, *LATELY)


@dataclass(frozen=True)
class Side:
    """One group's part: in words, and counted where it may be."""

    words: str
    x: int | None = None
    n: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Pair:
    """One figure of two groups: its name, both sides, and what a test says of the two."""

    label: str
    one: Side
    other: Side
    words: str

    def row(self, one: str, other: str) -> dict[str, str]:
        """As a line of a table whose columns are the two groups."""
        both = {one: self.one.words, other: self.other.words}
        return {"Compared": self.label, **both, "In words": self.words}

    def figures(self, names: tuple[str, str]) -> Iterator[Figure]:
        """As data, a figure for each group; what is not shown says why."""
        for name, side in zip(names, (self.one, self.other), strict=True):
            if side.x is None:
                reason = side.words.removeprefix("▨ ")
                yield Figure(name, self.label, state=WITHHELD, reason=reason)
            else:
                yield Figure(
                    name, self.label, side.x, side.n, low=side.low, high=side.high,
                    words=self.words,
                )  # fmt: skip


def said(release: Release, one: Group, other: Group, names: tuple[str, str]) -> Picture:
    """Claims of both groups on one axis; the title names where a test says that they differ."""
    left, right = _counted(release, one), _counted(release, other)
    cells = [(cell, right[key]) for key, cell in left.items() if key in right]
    topic = f"{names[0]} and {names[1]}"
    if not cells:
        return Picture(f"{topic}: {_why_none(release, (one, other), names)}", "", "", None, [])
    tests = release.contrasts(one, other)
    pairs = [Pair(_label(c), _side(c), _side(d), _words(c, d, tests, names)) for c, d in cells]
    differing = [pair.label for pair in pairs if pair.words.startswith(MORE)]
    title = f"{topic} {_message(differing, len(pairs), tested=bool(tests))}"
    wave = release.wave(one.wave)
    subtitle = f"Said so, of those interviewed; 95 % interval. {period(wave)}"
    words = "; ".join(f"{p.label}: {p.one.words} and {p.other.words}, {p.words}" for p in pairs)
    return Picture(
        title,
        subtitle,
        f"{title}. {words}.",
        _drawn(cells, names, differing),
        [p.row(*names) for p in pairs],
        figures=[figure for pair in pairs for figure in pair.figures(names)],
    )


def _why_none(release: Release, groups: tuple[Group, Group], names: tuple[str, str]) -> str:
    """Why no claim is told of both groups."""
    sizes = [(name, release.size(group)) for name, group in zip(names, groups, strict=True)]
    hidden = [f"{name} is hidden, {size.hidden}" for name, size in sizes if size.hidden]
    return "; ".join(hidden) or "no claim is counted of both"


def _side(cell: ClaimCell) -> Side:
    return Side(standing(cell), cell.x, cell.n, cell.low, cell.high)


def _counted(release: Release, group: Group) -> dict[tuple[str, int], ClaimCell]:
    """The claims of a group that are counted, by finding and place."""
    return {
        (cell.finding, cell.claim): cell
        for cell in release.claims(group)
        if cell.x is not None and cell.n and cell.code != NOT_INTERVIEWED
    }


def _message(differing: Sequence[str], n: int, *, tested: bool) -> str:
    if not tested:
        return f"side by side on {n} claims, not tested"
    if not differing:
        return f"do not clearly differ on any of {n} claims"
    more = "among them " if len(differing) > MOST_NAMED else ""
    return f"differ on {of(len(differing), n)} claims: {more}{listed([*differing[:MOST_NAMED]])}"


def _label(cell: ClaimCell) -> str:
    code = CODES.get(cell.code) or DERIVED[cell.code]
    return f"{cell.finding} {code.name}"


def _words(
    one: ClaimCell, other: ClaimCell, tests: Mapping[tuple[str, int], bool], names: tuple[str, str]
) -> str:
    differs = tests.get((one.finding, one.claim))
    if differs is None:
        return "not tested"
    if not differs:
        return NO_CLEAR
    first = (one.x or 0) / (one.n or 1) > (other.x or 0) / (other.n or 1)
    return f"{MORE} {names[0] if first else names[1]}"


def _drawn(
    cells: Sequence[tuple[ClaimCell, ClaimCell]], names: tuple[str, str], differing: Sequence[str]
) -> str:
    values = [
        {
            "label": label, "group": name, "share": (cell.x or 0) / (cell.n or 1),
            "low": cell.low, "high": cell.high, "text": standing(cell),
        }
        for one, other in cells
        for label in [_marked(_label(one), differing)]
        for name, cell in zip(names, (one, other), strict=True)
    ]  # fmt: skip
    order = list(dict.fromkeys(str(value["label"]) for value in values))
    high = round(HIGH * len(order))
    return filled(_form(), high, {ROWS: values}, names=list(names), **in_order(order))


def _marked(label: str, differing: Sequence[str]) -> str:
    return f"{label}: differ" if label in differing else label


@form
def _form() -> list[alt.Chart]:
    scale = alt.Scale(domain=blank("names"), range=[BLUE, ORANGE])
    base = chart().encode(
        y=rows_axis("label"), yOffset=alt.YOffset("group:N", sort=blank("names")),
        color=alt.Color("group:N", scale=scale, legend=alt.Legend()),
    )  # fmt: skip
    line = (
        base.transform_filter("datum.low !== null")
        .mark_rule(strokeWidth=3)
        .encode(x=share_axis("low"), x2=alt.X2("high:Q"))
    )
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x=share_axis())
    return [line, point]


def recorded(
    release: Release, one: AgencyGroup, other: AgencyGroup, names: tuple[str, str]
) -> Picture:
    """What agencies record of both, a line each, with words where the intervals lie apart."""
    pairs = [*_recorded(release, one, other, names)]
    rows = [pair.row(*names) for pair in pairs]
    figures = [figure for pair in pairs for figure in pair.figures(names)]
    return replace(tabled(RECORDED, rows, measure=WHOLE), figures=figures)


def _recorded(
    release: Release, one: AgencyGroup, other: AgencyGroup, names: tuple[str, str]
) -> Iterator[Pair]:
    now = [
        counts(release, WHOLE, people, ("in",), reason=EVERYONE)["in"] for people in (one, other)
    ]
    first, second = (Side(figure(n, why), n) for n, why in now)
    yield Pair("In it now", first, second, "full counts")
    for measure in (*SHARES, *LATELY):
        yield _shares(release, measure, one, other, names)


def _shares(
    release: Release, measure: str, one: AgencyGroup, other: AgencyGroup, names: tuple[str, str]
) -> Pair:
    label = BY_ID[measure].title
    if measure in LATELY and (latest := release.latest(measure)):
        one, other = one.where(quarter=latest), other.where(quarter=latest)
        label = f"{label}, {latest}"
    a, b = (_share(release, measure, people) for people in (one, other))
    first, second = (
        _counted_side(row) if row else Side(f"▨ {why_none(release, measure, people)}")
        for row, people in ((a, one), (b, other))
    )
    if not a or not b:
        return Pair(label, first, second, "not compared")
    if not parted((a["low"], a["high"]), (b["low"], b["high"])):
        return Pair(label, first, second, NO_CLEAR)
    more = names[0] if a["low"] > b["high"] else names[1]
    return Pair(label, first, second, f"a larger share in {more}")


def _counted_side(row: Row) -> Side:
    return Side(of(row["x"], row["n"]), row["x"], row["n"], row["low"], row["high"])


def _share(release: Release, measure: str, people: AgencyGroup) -> Row | None:
    row = (
        release.reoffending(people) if measure == "reoffending" else release.share(measure, people)
    )
    return row if row and row["x"] is not None and row["n"] and row["low"] is not None else None
