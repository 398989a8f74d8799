"""Trends: caseload, moves, attendance, offences and incidents quarter by quarter, as lines."""

import streamlit as st

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.agencies.trends import TRENDS
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture
from iomdash.pictures.trends import trend
from iomdash.release.reader import Release
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.show import drawn, note, show

TESTED = (
    "A figure is said to be more or fewer than a year before only where the two bands or intervals "
    "do not overlap. Of shares that have not moved, chance alone parts about 1 in 100 so."
)


@drawn
def _trend(release: Release, people: AgencyGroup, id: str) -> Picture:
    return trend(release, people, id)


def page() -> None:
    """A line chart for every trend, of the people chosen."""
    release = current()
    st.title("Trends: quarter by quarter")
    _, people = choose_people(release)
    st.html(dated(release, *dict.fromkeys(declared.measure for declared in TRENDS)))
    for declared in TRENDS:
        show(_trend(release, people, declared.id))
    note(f"{TESTED} {blurring(release)}")
