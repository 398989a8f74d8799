"""The seven pathways as interviewees see them: need, offered, relevant, helped."""

import streamlit as st

from iomdash.charts import exhibits
from iomdash.charts.theme import Picture
from iomdash.findings import Exhibit
from iomdash.groups import Group
from iomdash.release import Release
from iomdash.scheme import PATHWAYS
from iomdash.web.frame import choose, current
from iomdash.web.show import drawn, note, show

MATRIX = Exhibit("matrix", "Seven pathways: need, offered, relevant, helped")


@drawn
def _matrix(release: Release, group: Group) -> Picture:
    return exhibits.picture(MATRIX, release, group)


def page() -> None:
    """The matrix, and the largest drop on each pathway in words."""
    release = current()
    st.title("Pathways: where need is named, and where help arrives")
    group = choose(release)
    picture = _matrix(release, group)
    show(picture)
    if picture.spec is not None:
        for line in drops(release, group):
            st.markdown(f"- {line}")
    note(
        "From interviews only. Agencies' own figures stand beside them once agencies send them, "
        "and the two are never matched person to person."
    )


def drops(release: Release, group: Group) -> list[str]:
    """One sentence a pathway on the step that loses most people, where it is named by anybody."""
    counted = release.codes(group)
    lines: list[str] = []
    for pathway in PATHWAYS:
        cells = {s: counted[f"pathways.{pathway.id}.{s}"] for s in exhibits.STEPS}
        counts = {step: cell.yes for step, cell in cells.items() if cell.yes is not None}
        if len(counts) < len(cells) or not counts["need"]:
            continue
        told = ", ".join(f"{n} {_VERBS[step]}" for step, n in counts.items())
        lines.append(f"**{pathway.name}**: {told}.")
    return lines


_VERBS = {
    "need": "named a need",
    "offered": "were offered support",
    "relevant": "found it relevant",
    "helped": "said it helped",
}
