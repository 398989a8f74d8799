"""What every page has to take away: its pictures and tables by name, made without the page."""

from collections.abc import Callable, Mapping
from functools import partial

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import Group
from iomdash.declared.scheme import COHORTS
from iomdash.errors import UsageError
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
from iomdash.site import filters
from iomdash.site.address import Asked
from iomdash.site.filters import OF_BOTH, OF_COHORTS, OF_INTERVIEWS, OF_PEOPLE, Choice, Page
from iomdash.site.show import theme_address
from pages import (
    attendance,
    cohort,
    cohorts,
    compare,
    finding,
    outcomes,
    overview,
    pathways,
    profile,
    recruitment,
    said_and_recorded,
    theme,
    trends,
)

Figures = Callable[[Release, Group, AgencyGroup], Mapping[str, Picture]]

# The figures of each page, and what it makes of the filters.
PAGES: Mapping[str, tuple[Figures, Page]] = {
    "overview": (overview.figures, OF_INTERVIEWS),
    "pathways": (pathways.figures, OF_BOTH),
    "outcomes": (outcomes.figures, OF_PEOPLE),
    "attendance": (attendance.figures, OF_PEOPLE),
    "cohorts": (cohorts.figures, OF_COHORTS),
    "said-and-recorded": (said_and_recorded.figures, OF_BOTH),
    "profile": (profile.figures, profile.FILTERS),
    "recruitment": (recruitment.figures, recruitment.FILTERS),
    "trends": (trends.figures, OF_PEOPLE),
    **{f.id: (partial(finding.figures, f), OF_INTERVIEWS) for f in FINDINGS},
    **{cohorts.address(c): (partial(cohort.figures, c), cohort.filters(c)) for c in COHORTS},
    **{theme_address(t): (partial(theme.figures, t), OF_INTERVIEWS) for t in THEMES},
}
COMPARE = "compare"
_BY_LETTERS = {address.casefold(): of_page for address, of_page in PAGES.items()}


def whose(address: str, release: Release, asked: Asked) -> Choice:
    """Whom the page at an address is about, as its address asks.

    Raises KeyError where there are no figures, UsageError for what the release does not have.
    """
    page = OF_BOTH if address.casefold() == COMPARE else _BY_LETTERS[address.casefold()][1]
    choice = filters.whose(release, page, asked)
    if choice.unknown:
        raise UsageError(choice.unknown[0])
    return choice


def of_page(
    address: str, release: Release, group: Group, people: AgencyGroup, other: str = ""
) -> Mapping[str, Picture]:
    """The pictures of the page at an address, by name; Compare's are of the `other` group too.

    Raises KeyError where there are none.
    """
    if address.casefold() == COMPARE:
        return compare.figures(release, group, people, other)
    return _BY_LETTERS[address.casefold()][0](release, group, people)
