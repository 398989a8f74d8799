"""Stances side by side: who said so, who was mixed, who said the opposite, who did not raise it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

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
from iomdash.pictures.theme import (
    BAND,
    BLUE,
    FRAME,
    GREY,
    GROUND,
    ORANGE,
    PALE,
    TEAL,
    WITHHELD,
    Figure,
    Picture,
)
from iomdash.pictures.wording import TOO_FEW, unshown, withheld

NOT_RAISED = "Not raised"
OTHERWISE = "Did not say so"
BLANKS = "blanks"


@dataclass(frozen=True)
class Stances:
    """Counts by stance of one group; `n` is None and `hidden` the reason where not shown.

    `no` and `mixed` are None where only `yes` is shown.
    """

    label: str
    yes: int
    no: int | None
    mixed: int | None
    n: int | None
    hidden: str | None = None
    band: str | None = None

    @property
    def unseen(self) -> str:
        """What stands in place of counts that are not shown."""
        return self.band or withheld(self.hidden)

    @property
    def parts(self) -> tuple[int, ...]:
        """People who said yes, mixed, no, and who did not raise it; or yes, and all others."""
        n = self.n or 0
        if self.mixed is None or self.no is None:
            return self.yes, n - self.yes
        return self.yes, self.mixed, self.no, n - self.yes - self.no - self.mixed


def stances(
    title: str, subtitle: str, items: Sequence[Stances], labels: tuple[str, str, str],
    *, bases: bool = True,
) -> Picture:  # fmt: skip
    """Stacked bars to 100 %, four colours; a hidden group keeps its row and says so.

    Without `bases` the rows do not name theirs, as all are of the same people.
    """
    yes, no, mixed = labels
    split = all(item.mixed is not None for item in items if item.n)
    names = [yes, mixed, no, NOT_RAISED] if split else [yes, OTHERWISE]
    colours = [BLUE, TEAL, ORANGE, PALE] if split else [BLUE, PALE]
    values = [
        {
            "label": _name(s, bases=bases),
            "stance": name,
            "place": i,
            "share": count / s.n,
            "count": count,
        }
        for s in items
        if s.n
        for i, (name, count) in enumerate(zip(names, s.parts, strict=True))
    ]
    blanks = [
        {"label": _name(s, bases=bases), "text": s.band or unshown(s.hidden or TOO_FEW)}
        for s in items
        if not s.n
    ]
    order = [_name(s, bases=bases) for s in items]
    table = [_row(s, names) for s in items]
    words = "; ".join(_words(s, names) for s in items)
    drawn = filled(
        _form(names[-1], blanks=bool(blanks)), len(items),
        {ROWS: values, **({BLANKS: blanks} if blanks else {})},
        names=names, colours=colours, **in_order(order),
    ) if values else None  # fmt: skip
    figures = [figure for item in items for figure in _figures(item, names)]
    return Picture(title, subtitle, f"{title}. {words}.", drawn, table, figures=figures)


@form
def _form(rest: str, *, blanks: bool) -> list[alt.Chart]:
    scale = alt.Scale(domain=blank("names"), range=blank("colours"))
    bar = (
        chart()
        .mark_bar(height=22, strokeWidth=1.5)
        .encode(
            x=share_axis(), y=rows_axis("label"), color=alt.Color("stance:N", scale=scale),
            order="place:Q", stroke=_edges(rest),
        )
    )  # fmt: skip
    unseen = (
        chart(BLANKS)
        .mark_text(align="left", color=GREY, fontStyle="italic")
        .encode(x=alt.XValue(6), y=rows_axis("label"), text=alt.Text("text:N"))
    )
    return [bar, unseen] if blanks else [bar]


def _edges(rest: str) -> Any:
    """A gap between neighbours, and a frame around the pale part, which alone would hardly show."""
    return alt.when(alt.datum.stance == rest).then(alt.value(FRAME)).otherwise(alt.value(GROUND))


def _figures(item: Stances, names: list[str]) -> list[Figure]:
    if not item.n:
        state = BAND if item.band else WITHHELD
        return [Figure(item.label, names[0], state=state, reason=item.band or item.hidden or "")]
    return [
        Figure(item.label, name, count, item.n)
        for name, count in zip(names, item.parts, strict=True)
    ]


def _name(item: Stances, *, bases: bool) -> str:
    if not item.n:
        return f"▨ {item.label}"
    return f"{item.label} (n = {item.n:,})" if bases else item.label


def _row(item: Stances, names: list[str]) -> dict[str, object]:
    if not item.n:
        # A band is of those who said so; of the other stances nothing is told.
        rest = "not shown" if item.band else item.unseen
        return {"Group": item.label, **dict.fromkeys(names, rest), names[0]: item.unseen}
    counts = {name: str(count) for name, count in zip(names, item.parts, strict=True)}
    return {"Group": f"{item.label} (n = {item.n:,})", **counts}


def _words(item: Stances, names: list[str]) -> str:
    if not item.n:
        return f"{item.label}: {item.unseen}"
    said = (f"{c} {n.lower()}" for n, c in zip(names, item.parts, strict=True) if c)
    return f"{item.label}, n = {item.n}: {', '.join(said)}"
