"""The seven pathways as interviewees see them: need, offered, relevant, helped."""

from html import escape

import streamlit as st

from iomdash.charts import exhibits
from iomdash.charts.theme import Picture
from iomdash.findings import Exhibit
from iomdash.groups import Group
from iomdash.release import Release
from iomdash.scheme import PATHWAYS
from iomdash.web.frame import choose, current
from iomdash.web.show import bullets, drawn, quiet, show

MATRIX = Exhibit("matrix", "Seven pathways: need, offered, relevant, helped")
ONLY_INTERVIEWS = (
    "From interviews only. Agencies' own figures stand beside them once agencies send them, "
    "and the two are never matched person to person."
)


@drawn
def _matrix(release: Release, group: Group) -> Picture:
    return exhibits.picture(MATRIX, release, group)


def page() -> None:
    """The matrix, and what came of each need in words."""
    release = current()
    st.title("Pathways: where need is named, and where help arrives")
    group = choose(release)
    picture = _matrix(release, group)
    show(picture)
    told = drops(release, group) if picture.spec is not None else []
    st.html(bullets(told) + quiet(ONLY_INTERVIEWS))


def drops(release: Release, group: Group) -> list[str]:
    """A sentence a pathway on what came of its need, where anybody names it, as HTML."""
    counted = release.codes(group)
    lines: list[str] = []
    for pathway in PATHWAYS:
        cells = {s: counted[f"pathways.{pathway.id}.{s}"] for s in exhibits.STEPS}
        counts = {step: cell.yes for step, cell in cells.items() if cell.yes is not None}
        if len(counts) < len(cells) or not counts["need"]:
            continue
        told = ", ".join(f"{n} {_VERBS[step]}" for step, n in counts.items())
        lines.append(f"<strong>{escape(pathway.name)}</strong>: {escape(told)}.")
    return lines


_VERBS = {
    "need": "named a need",
    "offered": "were offered support",
    "relevant": "found it relevant",
    "helped": "said it helped",
}
