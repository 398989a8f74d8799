"""Parts of pages as plain HTML: tables, what folds, topics, what can be done with a page, the key.

HTML costs a page no element of Streamlit's, and elements are most of what a page costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from iomdash.declared.verdicts import Verdict
from iomdash.pictures.terms import GLOSSARY, MEANING
from iomdash.site.sheet import Sheet
from iomdash.site.takes import of_page

# The heading of what pages show without others of their own, for whoever reads by headings.
FIGURES = '<h2 class="io-away">Figures</h2>'


def fold(summary: str, html: str) -> str:
    """HTML that opens under its summary."""
    return f"<details><summary>{summary}</summary>{html}</details>"


@dataclass(frozen=True)
class Topic:
    """A part of a long page: its anchor, its heading, a line on what it holds, and its HTML."""

    id: str
    heading: str
    about: str
    html: str


def topics(parts: Sequence[Topic]) -> str:
    """Parts of a long page, one open at a time and each at an address of its own, as HTML."""
    return "".join(
        f'<details class="io-topic" name="topic" id="{part.id}"><summary><h2>{part.heading}</h2>'
        f"<span>{escape(part.about)}</span></summary>{part.html}</details>"
        for part in parts
    )


def folded(summary: str, html: str) -> str:
    """A part of a page that opens under its summary, as HTML."""
    return f'<div class="io-more">{fold(escape(summary), html)}</div>'


def html_table(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    """Rows with the same keys as a table in HTML, as wide as its words and scrolled if wider."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in rows[0])
    body = "".join(f"<tr>{_cells(row.values())}</tr>" for row in rows)
    return (
        f'<div class="io-scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
        f'<table class="io-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cells(cells: Iterable[object]) -> str:
    first, *rest = (escape(str(cell)) for cell in cells)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)


def key() -> str:
    """What the shapes of verdicts mean, at the foot of every page that has one, as HTML."""
    shapes = "".join(f"<span>{verdict.shape} {verdict.words.lower()}</span>" for verdict in Verdict)
    how = '<a href="methods" target="_self">how verdicts are made</a>'
    words = {f"{v.shape} {v.words}": meaning for v, meaning in MEANING.items()} | GLOSSARY
    rows = [{"Word": word, "Meaning": meaning} for word, meaning in words.items()]
    return (
        f'<p class="io-key"><span>Against the claim it was held to:</span> {shapes} '
        f"<span>Beyond chance: if those interviewed are typical.</span> {how}</p>"
        f"{folded('What these words mean', html_table(rows, 'Words of this page'))}"
    )


def whole_page(sheet: Sheet, *, figures: bool = True) -> str:
    """What can be done with a whole page: its address, its figures, where it has some that are
    taken away, the release, paper, as HTML.
    """
    files = fold("Download", of_page(sheet, figures=figures))
    download = f'<div class="io-views">{files}</div>'
    return (
        '<div class="io-acts"><button class="io-act io-copy" type="button" aria-live="polite">'
        'Copy link</button><button class="io-act io-print" type="button">Print</button>'
        f"{download}</div>"
    )
