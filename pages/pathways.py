"""The gap matrix: what agencies record on the seven pathways, and what interviewees say of them."""

from html import escape

import streamlit as st

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import Exhibit
from iomdash.declared.groups import Group
from iomdash.declared.scheme import PATHWAYS
from iomdash.pictures import agencies, exhibits
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.show import bullets, drawn, quiet, show

SAID = Exhibit("matrix", "Seven pathways: need, offered, relevant, helped")
APART = (
    "Interviewees and the people in agencies' records are never matched: the two blocks are "
    "about different people, and their figures may not be compared one by one."
)


@drawn
def _recorded(release: Release, people: AgencyGroup) -> Picture:
    return agencies.pathways(release, people)


@drawn
def _said(release: Release, group: Group) -> Picture:
    return exhibits.picture(SAID, release, group)


def page() -> None:
    """Both matrices, one under the other, and the largest drop of each pathway in words."""
    release = current()
    st.title("Pathways: where need meets no help")
    group, people = choose_people(release, wave=True)
    st.html(f"<h2>What agencies record</h2>{dated(release, 'pathways')}")
    show(_recorded(release, people))
    st.html(f"{drops(release, people)}<h2>What interviewees say</h2>{quiet(APART)}")
    show(_said(release, group))


def drops(release: Release, people: AgencyGroup) -> str:
    """One line a pathway on the step that loses most people, as HTML; '' where nothing is shown."""
    names = {pathway.id: pathway.name for pathway in PATHWAYS}
    lines = [
        f"<strong>{escape(names[path])}</strong>: {escape(drop[1])}."
        for path, figures in agencies.need(release, people).items()
        if (drop := agencies.largest_drop(figures)) and drop[0]
    ]
    rounded = quiet(blurring(release))
    head = "<h3>Where most are lost on each pathway</h3>"
    return f"{head}{bullets(lines)}{rounded}" if lines else ""
