"""Attendance: appointments kept by site, by agency, joint and single, over quarters; breaches."""

from dataclasses import replace

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import Group
from iomdash.pictures import appointments
from iomdash.pictures.agency_figures import blurring, counts, figure
from iomdash.pictures.theme import Picture, tabled
from iomdash.pictures.trends import trend
from iomdash.release.reader import Release
from iomdash.site.filters import OF_PEOPLE
from iomdash.site.frame import choose, dated
from iomdash.site.parts import FIGURES, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import drawn, quiet, show_sent

MEASURES = ("attendance", "breaches_and_recalls")


@drawn
def _kept(release: Release, people: AgencyGroup, by: str) -> Picture:
    return appointments.kept(release, people, by)


@drawn
def _quarters(release: Release, people: AgencyGroup) -> Picture:
    return trend(release, people, "attendance")


def figures(release: Release, _: Group, people: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures and tables by name."""
    known = {by: _kept(release, people, by) for by in appointments.DIMENSIONS}
    title = BY_ID["breaches_and_recalls"].title
    return {
        **{f"by-{by}": replace(picture, measure="attendance") for by, picture in known.items()},
        "by-quarter": replace(_quarters(release, people), measure="attendance"),
        "breaches": tabled(title, breaches(release, people), measure="breaches_and_recalls"),
    }


def page(sheet: Sheet) -> None:
    """Where appointments are kept, with whom, together or alone, and over time."""
    release, choice = sheet.release, choose(sheet, OF_PEOPLE)
    sheet.html("<h1>Attendance and sites: which appointments are kept</h1>")
    sheet.html(whole_page(sheet) + dated(release, *MEASURES) + FIGURES)
    taken = figures(release, choice.group, choice.people)
    show_sent(sheet, taken, *taken)
    sheet.html(quiet(blurring(release)))


def breaches(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    """Breaches of orders and recalls to custody, a row each."""
    measure = BY_ID["breaches_and_recalls"]
    figures = counts(release, measure.id, people, tuple(measure.whats))
    return [
        {measure.title: name.capitalize(), "How many": figure(*figures[what])}
        for what, name in measure.whats.items()
    ]
