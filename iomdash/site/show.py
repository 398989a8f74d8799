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
from iomdash.release.reader import Release
from iomdash.site.address import asked
from iomdash.site.choosing import linked
from iomdash.site.filters import label
from iomdash.site.frame import COHORTS, visitor
from iomdash.site.parts import fold, html_table
from iomdash.site.takes import of_figure

MOST_DOTS = 30
BAND = "Shown in a band"
STANCES = ("yes", "mixed", "no", "none")
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


def finding_link(finding: Finding, words: str, group: Group) -> str:
    """A link to a finding's page in other words, as HTML."""
    return _linked(finding.id, words, group)


def within(address: str, words: str, group: Group) -> str:
    """A link to any page under the same filters, as HTML."""
    return _linked(address, words, group)


def theme_link(theme: Theme, group: Group) -> str:
    """A link to a theme's page under the same filters, as HTML."""
    return _linked(theme_address(theme), theme.name, group)


def theme_address(theme: Theme) -> str:
    """Where a theme's own page lies."""
    return f"theme-{theme.id.replace('_', '-')}"


def _linked(address: str, name: str, group: Group) -> str:
    # The newest wave is what an address without one means.
    kept = [key for key in KEY if key != "wave" or asked("wave")]
    chosen = [(key, value) for key in kept if (value := getattr(group, key)) != EVERYONE]
    query = urlencode([(key, label(value)) for key, value in chosen])
    return f'<a href="{escape(f"{address}?{query}".rstrip("?"))}">{escape(name)}</a>'


def show(picture: Picture, name: str = "") -> None:
    """Message, measure, chart with words for it, and the same figures as a table and as files.

    A picture with a `name` stands among its page's `figures` under it.
    """
    if picture.spec is None and not picture.table:
        st.html(_empty(picture))
        return
    with st.container(border=True, key=f"figure-{name}" if name else None):
        if picture.spec is None:
            st.html(
                _head(picture) + html_table(picture.table, picture.title) + _foot(name, ("csv",))
            )
            return
        st.html(_head(picture))
        bare, data = _split(picture.spec, picture.across, visitor().get(COHORTS, frozenset()))
        st.vega_lite_chart({**json.loads(bare), "datasets": data}, alt=picture.alt, theme=None)
        views = fold("Table", html_table(picture.table, picture.title))
        st.html(_foot(name, ("png", "svg", "csv"), views))


def show_sent(release: Release, taken: Mapping[str, Picture], *names: str) -> None:
    """Pictures of a page by name; those of measures that nobody sent are told once, by `dated`."""
    for name in names:
        if not taken[name].measure or taken[name].measure in release.recorded_dates:
            show(taken[name], name)


def _empty(picture: Picture) -> str:
    kind, sign = ("io-hidden", "▨ ") if picture.withheld else ("io-none", "")
    return f'<p class="{kind}"><span>{sign}{escape(picture.title)}</span></p>'


def _head(picture: Picture) -> str:
    about = " ".join(f"{part.rstrip('.')}." for part in (picture.subtitle, picture.note) if part)
    return f"<h3>{escape(picture.title)}</h3><p class='io-sub'>{escape(about)}</p>"


def _foot(name: str, kinds: Sequence[str], views: str = "") -> str:
    """The other views of a figure: its table, and what may be taken away of it."""
    files = fold("Download", of_figure(name, kinds)) if name else ""
    return f'<div class="io-views">{views}{files}</div>' if views or files else ""


@lru_cache(maxsize=DRAWN)
def _split(
    spec: str, across: tuple[tuple[str, str], ...], cohorts: frozenset[str]
) -> tuple[str, Mapping[str, bytes]]:
    """A specification with its links and without its data, and those as Arrow, which Streamlit
    hands on as it is.
    """
    whole = linked(json.loads(spec), dict(across), cohorts)
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
    st.html(html_table(rows, alt))


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
        parts = "".join(
            f'<i class="{name}" style="width:{count / cell.n:.1%}"></i>'
            for count, name in zip(counts, STANCES, strict=True)
        )
        return f'<div class="io-bar" role="img" aria-label="{words}">{parts}</div><p>{words}</p>'
    signs = zip(STANCES, "●◐✕○", strict=True)
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


def axis(cell: ClaimCell, then: ClaimCell | None) -> str:
    """A share, with its interval if it has one, on an axis as wide as its place, and an earlier
    share beside it, as HTML; words stand beside it, so it is decoration.
    """
    marks = _ring(then) if then is not None else ""
    if cell.x is not None and cell.n:
        if cell.low is not None and cell.high is not None:  # none where everybody was counted
            marks += f'<i style="left:{cell.low:.1%};width:{cell.high - cell.low:.1%}"></i>'
        marks += f'<b style="left:{cell.x / cell.n:.1%}"></b>'
    elif cell.ranged:
        marks += _ring(cell)
    return f'<span class="io-axis" aria-hidden="true">{marks}</span>' if marks else ""


def _ring(cell: ClaimCell) -> str:
    """A ring where a share lay, or a box over the range that its source allows; '' if hidden."""
    if not cell.n or cell.least is None or cell.most is None:
        return ""
    low, high = cell.least / cell.n, cell.most / cell.n
    if low == high:
        return f'<s style="left:{low:.1%}"></s>'
    return f'<s class="wide" style="left:{low:.1%};width:{high - low:.1%}"></s>'
