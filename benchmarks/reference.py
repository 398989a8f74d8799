"""An empty Streamlit page with as many charts and tables as its address asks for.

`charts` lists how many values each chart draws, `tables` the rows and columns of each table:
?charts=4,11&tables=5x3,2x4. `filters` says how many boxes to choose from stand above them.
Specifications are ready-made, the cheapest way there is to show one;
with `altair` each is built in the run, as Streamlit's own documentation does it.
"""

import altair as alt
import pandas as pd
import streamlit as st


def _listed(name: str) -> list[str]:
    return [word for word in st.query_params.get(name, "").split(",") if word]


def _values(count: int) -> list[dict[str, object]]:
    return [
        {"label": f"Row {i} of the chart", "share": i / count, "count": i} for i in range(count)
    ]


st.title("An empty page")
for number in range(int(st.query_params.get("filters", "0"))):
    st.selectbox(f"Filter {number}", ["All", "One", "Another"])
for word in _listed("charts"):
    values = _values(int(word))
    if "altair" in st.query_params:
        st.altair_chart(alt.Chart(pd.DataFrame(values)).mark_bar().encode(x="share", y="label"))
    else:
        encoding = {
            "x": {"field": "share", "type": "quantitative"},
            "y": {"field": "label", "type": "nominal"},
        }
        st.vega_lite_chart({"data": {"values": values}, "mark": "bar", "encoding": encoding})
for word in _listed("tables"):
    rows, columns = map(int, word.split("x"))
    frame = pd.DataFrame(
        [{f"Column {c}": f"cell {r}, {c}" for c in range(columns)} for r in range(rows)]
    )
    st.table(frame, hide_index=True, border="horizontal", alt="A table")
