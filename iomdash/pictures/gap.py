"""A matrix of figures with a bar in each cell: a row for each pathway, a column for each step."""

from collections.abc import Sequence

import altair as alt

from iomdash.pictures.forms import ROWS, chart, filled, form, in_order, rows_axis, where_narrow
from iomdash.pictures.heat import HeatCell, figures, sentences, tabled
from iomdash.pictures.theme import BLUE, GREY, PALE, Picture

# The part of a column that the bar of everybody would fill.
FULL = 0.86
HEADS = "heads"
ROOMY = 1.3


def gap(title: str, subtitle: str, cells: Sequence[HeatCell], *, rows_are: str) -> Picture:
    """Cells in the order given: the figure above, its share of the cell's base as a bar below."""
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    values = [_value(cell, columns) for cell in cells]
    heads = [{"at": i / len(columns), "head": name} for i, name in enumerate(columns)]
    data = {ROWS: values, HEADS: heads}
    drawn = filled(_form(), round(len(rows) * ROOMY), data, **in_order(rows))
    words = f"{title}. {sentences(cells)}."
    table = tabled(cells, rows, columns, rows_are)
    return Picture(title, subtitle, words, drawn, table, figures=figures(cells))


@form
def _form() -> list[alt.Chart]:
    base = chart().encode(y=rows_axis("row"))
    at = alt.X("at:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    track = base.mark_bar(height=6, yOffset=9, color=PALE).encode(x=at, x2=alt.X2("full:Q"))
    bar = base.mark_bar(height=6, yOffset=9, color=BLUE).encode(x=at, x2=alt.X2("end:Q"))
    figure = base.mark_text(align="left", dy=-5, fontSize=14).encode(x=at, text=alt.Text("text:N"))
    head = (
        chart(HEADS)
        .mark_text(
            align="left",
            fontSize=13,
            color=GREY,
            angle=where_narrow(-90, 0),
            baseline=where_narrow("top", "alphabetic"),
        )
        .encode(x=at, y=alt.YValue(-10), text=alt.Text("head:N"))
    )
    return [track, bar, figure, head]


def _value(cell: HeatCell, columns: list[str]) -> dict[str, object]:
    at, full = columns.index(cell.column) / len(columns), FULL / len(columns)
    share = cell.x / cell.n if cell.x is not None and cell.n else 0.0
    words = "▨" if cell.x is None else f"{cell.x:,}"
    place = {"at": at, "full": at + full, "end": at + full * min(share, 1.0)}
    return {"row": cell.row, "column": cell.column, "text": words, "share": share, **place}
