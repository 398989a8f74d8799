"""From approach to interview: who was asked, who declined, who did not come."""

import streamlit as st

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import find
from iomdash.declared.groups import Group
from iomdash.pictures import recruitment
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import headline
from iomdash.release.reader import Release
from iomdash.site.frame import choose, current
from iomdash.site.parts import FIGURES, key, whole_page
from iomdash.site.show import dots, drawn, figure, quiet, show

ASKED_ONCE = "An approach is one person asked once. Those who did not attend were not asked why."


@drawn
def _flow(release: Release, group: Group) -> Picture:
    return recruitment.flow(release, group)


def figures(release: Release, group: Group, _: AgencyGroup) -> dict[str, Picture]:
    """The page's picture by name."""
    return {"flow": _flow(release, Group(group.wave, group.cohort))}


def page() -> None:
    """Flow of a wave, or of a cohort where approaches name theirs."""
    release = current()
    st.title("Recruitment: whom the interviews reached")
    group = choose(release, uses=("cohort",))
    st.html(whole_page() + FIGURES)
    show(_flow(release, group), "flow")
    cell = release.claims(group, find("F18"))[0]
    st.subheader(headline(cell))
    st.html(figure(cell) + dots(cell))
    st.html(quiet(ASKED_ONCE) + key())
