"""Trends: caseload, moves, attendance, offences and incidents quarter by quarter, as lines."""

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.agencies.trends import TRENDS
from iomdash.declared.groups import Group
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture
from iomdash.pictures.trends import trend
from iomdash.release.reader import Release
from iomdash.site.filters import OF_PEOPLE
from iomdash.site.frame import choose, dated
from iomdash.site.parts import FIGURES, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import drawn, quiet, show_sent

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


def page(sheet: Sheet) -> None:
    """A line chart for every trend, of the people chosen."""
    release, choice = sheet.release, choose(sheet, OF_PEOPLE)
    measures = dict.fromkeys(declared.measure for declared in TRENDS)
    sheet.html(f"<h1>Trends: quarter by quarter</h1>{whole_page(sheet)}")
    sheet.html(dated(release, *measures) + FIGURES)
    taken = figures(release, choice.group, choice.people)
    show_sent(sheet, taken, *taken)
    sheet.html(quiet(f"{TESTED} {blurring(release)}"))
