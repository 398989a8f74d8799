"""Trends: caseload, moves, attendance, offences and incidents quarter by quarter, as lines."""

import streamlit as st

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.agencies.trends import TRENDS
from iomdash.declared.groups import Group
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture
from iomdash.pictures.trends import trend
from iomdash.release.reader import Release
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.parts import FIGURES, whole_page
from iomdash.site.show import drawn, note, show_sent

TESTED = (
    "A figure is said to be more or fewer than a year before only where the two bands or intervals "
    "do not overlap. Of shares that have not moved, chance alone parts about 1 in 100 so."
)


@drawn
def _trend(release: Release, people: AgencyGroup, id: str) -> Picture:
    return trend(release, people, id)


def figures(release: Release, _: Group, people: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures by name, that of the trend."""
    return {declared.id: _trend(release, people, declared.id) for declared in TRENDS}


def page() -> None:
    """A line chart for every trend, of the people chosen."""
    release = current()
    st.title("Trends: quarter by quarter")
    group, people = choose_people(release)
    measures = dict.fromkeys(declared.measure for declared in TRENDS)
    st.html(whole_page() + dated(release, *measures) + FIGURES)
    taken = figures(release, group, people)
    show_sent(release, taken, *taken)
    note(f"{TESTED} {blurring(release)}")
