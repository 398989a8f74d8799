"""Attendance: appointments kept by site, by agency, joint and single, over quarters; breaches."""

import streamlit as st

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.pictures import appointments
from iomdash.pictures.agency_figures import blurring, counts, figure
from iomdash.pictures.theme import Picture
from iomdash.pictures.trends import trend
from iomdash.release.reader import Release
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.show import drawn, note, show, table

MEASURES = ("attendance", "breaches_and_recalls")


@drawn
def _kept(release: Release, people: AgencyGroup, by: str) -> Picture:
    return appointments.kept(release, people, by)


@drawn
def _quarters(release: Release, people: AgencyGroup) -> Picture:
    return trend(release, people, "attendance")


def page() -> None:
    """Where appointments are kept, with whom, together or alone, and over time."""
    release = current()
    st.title("Attendance and sites: which appointments are kept")
    _, people = choose_people(release)
    st.html(dated(release, *MEASURES))
    for by in appointments.DIMENSIONS:
        show(_kept(release, people, by))
    show(_quarters(release, people))
    table(breaches(release, people), BY_ID["breaches_and_recalls"].title)
    note(blurring(release))


def breaches(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    """Breaches of orders and recalls to custody, a row each."""
    measure = BY_ID["breaches_and_recalls"]
    figures = counts(release, measure.id, people, tuple(measure.whats))
    return [
        {measure.title: name.capitalize(), "How many": figure(*figures[what])}
        for what, name in measure.whats.items()
    ]
