"""From approach to interview: who was asked, who declined, who did not come."""

import streamlit as st

from iomdash.charts import reach
from iomdash.charts.theme import Picture
from iomdash.findings import find
from iomdash.groups import Group
from iomdash.release import Release
from iomdash.web.frame import choose, current
from iomdash.web.show import dots, drawn, figure, note, show
from iomdash.wording import headline


@drawn
def _flow(release: Release, group: Group) -> Picture:
    return reach.flow(release, group)


def page() -> None:
    """Flow of a wave, or of a cohort where approaches name theirs."""
    release = current()
    st.title("Recruitment: whom the interviews reached")
    group = choose(release, uses=("cohort",))
    show(_flow(release, group))
    cell = release.claims(group, find("F18"))[0]
    st.subheader(headline(cell))
    st.html(figure(cell) + dots(cell))
    note("An approach is one person asked once. Those who did not attend were not asked why.")
