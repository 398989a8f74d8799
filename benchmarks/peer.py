"""The same pages in Dash, as its own documentation makes an application of several pages.

`python -m benchmarks.peer PAGES.json PORT`, where PAGES.json holds for every address its title, and
for every choice of a cohort its charts: title, subtitle, rows of figures, and the table.
"""

import json
import sys
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from dash import Dash, Input, Output, State, dcc, html

BLUE = "#12436D"
EVERYONE = "All"
ROW = 34  # pixels, as in ours


def app(pages: dict[str, Any]) -> Dash:
    """An overview with a link to every page, and a page of charts under a filter for each."""
    dash = Dash(__name__, title="A peer", suppress_callback_exceptions=True)
    links = [html.Li(dcc.Link(page["title"], href=f"/{a}")) for a, page in pages.items()]
    overview = [html.H1("What service users say"), html.Ul(links)]
    dash.layout = html.Main([dcc.Location(id="at"), html.Div(id="page")])

    @dash.callback(Output("page", "children"), Input("at", "pathname"))
    def page(path: str) -> list[Any]:
        address = (path or "").strip("/")
        return _page(pages, address) if address in pages else overview

    # Without the address, which a callback more would keep: the least that Dash can do.
    @dash.callback(
        Output("charts", "children"), Input("cohort", "value"), State("at", "pathname"),
        prevent_initial_call=True,
    )  # fmt: skip
    def choose(cohort: str, path: str) -> list[Any]:
        return _charts(pages[path.strip("/")], cohort)

    return dash


def _page(pages: dict[str, Any], address: str) -> list[Any]:
    page, addresses = pages[address], list(pages)
    following = addresses[(addresses.index(address) + 1) % len(addresses)]
    return [
        dcc.Link("Overview", href="/"),
        dcc.RadioItems(list(page["charts"]), EVERYONE, id="cohort"),
        html.Div(_charts(page, EVERYONE), id="charts"),
        dcc.Link(pages[following]["title"], href=f"/{following}", className="next"),
    ]


def _charts(page: dict[str, Any], cohort: str) -> list[Any]:
    # The heading says who was chosen, as ours does: of few people the charts may all stay.
    chosen = "" if cohort == EVERYONE else f", {cohort}"
    charts = [part for chart in page["charts"][cohort] for part in _chart(chart)]
    return [html.H1(f"{page['title']}{chosen}"), *charts]


def _chart(chart: dict[str, Any]) -> list[Any]:
    rows = chart["rows"]
    names = [row["name"] for row in rows]
    values = [row["value"] for row in rows]
    if any(row["low"] is not None for row in rows):
        ends = {
            "array": [(r["high"] or 0) - (r["value"] or 0) for r in rows],
            "arrayminus": [(r["value"] or 0) - (r["low"] or 0) for r in rows],
        }
        trace = go.Scatter(
            x=values, y=names, error_x={"type": "data", "symmetric": False, **ends},
            mode="markers+text", text=[row["words"] for row in rows], textposition="top center",
            marker={"color": BLUE, "size": 12},
        )  # fmt: skip
    else:
        trace = go.Bar(
            x=values, y=names, orientation="h", text=[row["words"] for row in rows],
            marker={"color": BLUE},
        )  # fmt: skip
    figure = go.Figure(trace)
    figure.update_layout(height=ROW * len(rows) + 80, margin={"t": 10, "b": 30}, template="none")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return [
        html.H3(chart["title"]),
        html.P(chart["subtitle"]),
        dcc.Graph(figure=figure, config={"displayModeBar": False}),
        html.Details([html.Summary("Table"), _table(chart["table"])]),
    ]


def _table(rows: list[dict[str, str]]) -> Any:
    head = html.Tr([html.Th(name) for name in rows[0]])
    body = [html.Tr([html.Td(cell) for cell in row.values()]) for row in rows]
    return html.Table([html.Thead(head), html.Tbody(body)])


if __name__ == "__main__":
    app(json.loads(Path(sys.argv[1]).read_text("utf-8"))).run(port=int(sys.argv[2]))
