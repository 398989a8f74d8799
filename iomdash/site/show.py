# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Streamlit names types of packages that carry none, and PyArrow carries none.
"""How a picture, a verdict and a count become elements of a page."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any, ParamSpec
from urllib.parse import urlencode

import pyarrow as pa
import streamlit as st

from iomdash.declared.codebook import Theme
from iomdash.declared.findings import Finding
from iomdash.declared.groups import EVERYONE, KEY, Group
from iomdash.declared.verdicts import Verdict
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import answered, relation, standing, sure
from iomdash.release.cells import ClaimCell
from iomdash.release.memo import remembered
from iomdash.site.filters import label

MOST_DOTS = 30
BAND = "Shown in a band"
DRAWN = 2048
P = ParamSpec("P")


def drawn(draw: Callable[P, Picture]) -> Callable[P, Picture]:
    """A picture kept with its release, which never changes, so neither does a picture of it."""
    return remembered(DRAWN)(draw)


def link(finding: Finding, group: Group, sign: str = "") -> str:
    """A link to a finding's page under the same filters, as HTML.

    An ordinary link: one of Streamlit's own would be an element of its own, and elements are
    most of what a page costs.
    """
    return _linked(finding.id, f"{sign} {finding.id} {finding.title}".strip(), group)


def theme_link(theme: Theme, group: Group) -> str:
    """A link to a theme's page under the same filters, as HTML."""
    return _linked(theme_address(theme), theme.name, group)


def theme_address(theme: Theme) -> str:
    """Where a theme's own page lies."""
    return f"theme-{theme.id.replace('_', '-')}"


def _linked(address: str, name: str, group: Group) -> str:
    chosen = [(name, getattr(group, name)) for name in KEY]
    query = urlencode([(name, label(value)) for name, value in chosen if value != EVERYONE])
    return f'<a href="{address}?{escape(query)}">{escape(name)}</a>'


def show(picture: Picture) -> None:
    """Message, measure, chart with words for it, and the same figures as a table."""
    if picture.spec is None and not picture.table:
        kind, sign = ("io-hidden", "▨ ") if picture.withheld else ("io-none", "")
        st.html(f'<p class="{kind}"><span>{sign}{escape(picture.title)}</span></p>')
        return
    about = " ".join(f"{part.rstrip('.')}." for part in (picture.subtitle, picture.note) if part)
    st.html(f"<h3>{escape(picture.title)}</h3><p class='io-sub'>{escape(about)}</p>")
    if picture.spec is not None:
        bare, data = _split(picture.spec)
        st.vega_lite_chart({**json.loads(bare), "datasets": data}, alt=picture.alt, theme=None)
    if picture.spec is None:
        table(picture.table, picture.title)
        return
    with st.expander("Figures as a table"):
        table(picture.table, picture.title)


@lru_cache(maxsize=DRAWN)
def _split(spec: str) -> tuple[str, Mapping[str, bytes]]:
    """A specification without its data, and those as Arrow, which Streamlit hands on as it is."""
    whole = json.loads(spec)
    data = whole.pop("datasets", {})
    return json.dumps(whole), {name: _arrow(rows) for name, rows in data.items()}


def _arrow(rows: list[dict[str, Any]]) -> bytes:
    table = pa.Table.from_pylist(rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def quiet(text: str) -> str:
    """A quiet line as HTML, dark enough to read, which Streamlit's own caption is not."""
    return f'<p class="io-sub">{escape(text)}</p>' if text else ""


def bullets(lines: Sequence[str]) -> str:
    """Lines of HTML as a list; '' without any."""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<ul class='io-lines'>{items}</ul>" if items else ""


def note(text: str) -> None:
    """A quiet line."""
    st.html(quiet(text))


def table(rows: Sequence[Mapping[str, Any]], alt: str) -> None:
    """Rows with the same keys as a real table, which screen readers can walk."""
    # Through Pandas, as Streamlit takes anything else, a table costs ten times as much.
    st.table(pa.Table.from_pylist(list(rows)), hide_index=True, border="horizontal", alt=alt)


def badge(cell: ClaimCell, verdict: Verdict | None = None) -> str:
    """Shape and words of a verdict as HTML, a claim's own or its finding's; a band is named, as it
    allows no verdict.
    """
    now = verdict or cell.verdict
    words = BAND if cell.band and now is cell.verdict else now.words
    return f'<span class="io-badge">{now.shape} {words}</span>'


def figure(cell: ClaimCell, others: str = "") -> str:
    """Verdict, frequency and how sure in one line, with other waves beside it, as HTML."""
    who = " interviewees" if cell.n and cell.among == "" else ""
    how = " · ".join(filter(None, (relation(cell), sure(cell))))
    return (
        f'<p class="io-figure">{badge(cell)}<span>{escape(standing(cell))}{who}</span>'
        f'<span class="io-then">{escape(how)}</span></p>'
        + (f'<p class="io-sub">{others}</p>' if others else "")
    )


def dots(cell: ClaimCell) -> str:
    """One sign a person up to 30, a bar beyond, and the stances in words, as HTML."""
    if cell.ranged:
        return _open_dots(cell)
    if cell.x is None or cell.n is None:
        return ""
    rest = cell.n - cell.x if cell.not_raised is None else cell.not_raised
    counts = (cell.x, cell.mixed or 0, cell.no or 0, rest)
    words = escape(answered(cell))
    if cell.n > MOST_DOTS:
        colours = ("#12436D", "#28A197", "#F46A25", "#B9C2CB")
        parts = "".join(
            f'<i style="width:{count / cell.n:.1%};background:{colour}"></i>'
            for count, colour in zip(counts, colours, strict=True)
        )
        return f'<div class="io-bar" role="img" aria-label="{words}">{parts}</div><p>{words}</p>'
    signs = (("yes", "●"), ("mixed", "◐"), ("no", "✕"), ("none", "○"))
    return _signs([(*sign, count) for sign, count in zip(signs, counts, strict=True)], words)


def _signs(signs: Sequence[tuple[str, str, int]], words: str) -> str:
    marks = "".join(f'<span class="{name}">{sign * count}</span>' for name, sign, count in signs)
    return f'<p class="io-dots" role="img" aria-label="{words}">{marks}</p><p>{words}</p>'


def _open_dots(cell: ClaimCell) -> str:
    """One sign a person of a small study: said so, may have, and not known."""
    least, most, n = cell.least or 0, cell.most or 0, cell.n or 0
    words = escape(answered(cell))
    signs = (("yes", "●", least), ("mixed", "◍", most - least), ("none", "○", n - most))
    return _signs(signs, words)


def span(cell: ClaimCell) -> str:
    """A small interval bar from 0 to 100 %, as HTML; words stand beside it, so it is decoration."""
    if cell.low is None or cell.high is None or cell.x is None or not cell.n:
        return ""
    width, share = cell.high - cell.low, cell.x / cell.n
    return (
        '<span class="io-span" aria-hidden="true">'
        f'<i style="left:{cell.low:.1%};width:{width:.1%}"></i>'
        f'<b style="left:{share:.1%}"></b></span>'
    )
