"""A grid of counts: a row for each code or pathway, a column for each cohort or step."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from iomdash.pictures.forms import (
    ROWS,
    blank,
    chart,
    filled,
    form,
    in_order,
    rows_axis,
    where_narrow,
)
from iomdash.pictures.theme import (
    BAND,
    BLUE,
    PALE,
    WITHHELD,
    Figure,
    Picture,
)
from iomdash.pictures.wording import of, withheld

BAND_LETTERS = 14
# How opaque a tile of everybody is: on either ground the ink of words still stands out from it.
FULL = 0.5


@dataclass(frozen=True)
class HeatCell:
    """`x` of `n` people; None where hidden, with the reason, or with the band that is shown."""

    row: str
    column: str
    x: int | None
    n: int | None
    hidden: str | None = None
    band: str | None = None


def heat(title: str, subtitle: str, cells: Sequence[HeatCell], *, rows_are: str) -> Picture:
    """Cells in the order given. Darker is more, and the figure stands in each cell."""
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    values = [
        {
            "row": c.row,
            "column": c.column,
            "share": _share(c),
            "text": _text(c),
            "band": bool(c.band),
        }
        for c in cells
    ]
    banded = any(c.band for c in cells)
    drawn = filled(
        _form(bands=banded), len(rows) + 1, {ROWS: values}, columns=columns, **in_order(rows)
    )
    return Picture(
        title, subtitle, f"{title}. {sentences(cells)}.", drawn,
        tabled(cells, rows, columns, rows_are), figures=figures(cells),
    )  # fmt: skip


@form
def _form(*, bands: bool) -> list[alt.Chart]:
    base = chart().encode(
        y=rows_axis("row"), x=alt.X("column:N", sort=blank("columns"), axis=_columns_axis())
    )
    # By opacity, so that it is dark on a light ground and bright on a dark one.
    shade = alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, FULL]), legend=None)
    tile = base.mark_rect(stroke=PALE, fill=BLUE).encode(fillOpacity=shade)
    return [tile, _counts(base), *(_bands(base) if bands else [])]


def figures(cells: Sequence[HeatCell]) -> list[Figure]:
    """The cells as data."""
    return [_figure(cell) for cell in cells]


def _figure(cell: HeatCell) -> Figure:
    if cell.x is None:
        state = BAND if cell.band else WITHHELD
        reason = cell.band or cell.hidden or ""
        return Figure(cell.row, cell.column, state=state, reason=reason)
    return Figure(cell.row, cell.column, cell.x, cell.n)


def _counts(base: alt.Chart) -> alt.Chart:
    counted = base.transform_filter("!datum.band")
    return counted.mark_text(fontSize=13).encode(text=alt.Text("text:N"))


def _bands(base: alt.Chart) -> list[alt.Chart]:
    """A band's words, or on narrow screens the sign that there is one: the table has the words."""
    banded = base.transform_filter("datum.band")
    words = banded.mark_text(fontSize=13, lineBreak="\n", lineHeight=13, opacity=where_narrow(0, 1))
    sign = banded.mark_text(fontSize=13, opacity=where_narrow(1, 0))
    return [words.encode(text=alt.Text("text:N")), sign.encode(text=alt.TextValue("▨"))]


def _columns_axis() -> alt.Axis:
    """Labels above the columns, upright where the chart is as narrow as a telephone."""
    return alt.Axis(
        orient="top", title=None, labelOverlap=False, labelAngle=where_narrow(-90, 0),
        labelAlign=where_narrow("left", "center"), labelBaseline=where_narrow("middle", "bottom"),
    )  # fmt: skip


def _share(cell: HeatCell) -> float:
    return 0.0 if cell.x is None or not cell.n else cell.x / cell.n


def _text(cell: HeatCell) -> str:
    if cell.x is None:
        return "\n".join(wrap(cell.band, BAND_LETTERS)) if cell.band else "▨"
    return f"{cell.x:,}"


def _words(cell: HeatCell) -> str:
    if cell.x is None or cell.n is None:
        return cell.band or withheld(cell.hidden)
    return of(cell.x, cell.n)


def sentences(cells: Sequence[HeatCell]) -> str:
    """Every cell in words, for those who do not see the picture."""
    return "; ".join(f"{c.row}, {c.column}: {_words(c)}" for c in cells)


def tabled(
    cells: Sequence[HeatCell], rows: list[str], columns: list[str], rows_are: str
) -> list[dict[str, str]]:
    """The same cells as a table: a row for each row of the picture."""
    words = {(c.row, c.column): _words(c) for c in cells}
    return [{rows_are: row, **{column: words[row, column] for column in columns}} for row in rows]
