"""What every page has to take away: its pictures and tables by name, made without the page."""

from collections.abc import Callable, Mapping
from functools import partial

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import Group
from iomdash.declared.scheme import COHORTS
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
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
    theme,
    trends,
)

Figures = Callable[[Release, Group, AgencyGroup], Mapping[str, Picture]]

PAGES: Mapping[str, Figures] = {
    "overview": overview.figures,
    "pathways": pathways.figures,
    "outcomes": outcomes.figures,
    "attendance": attendance.figures,
    "profile": profile.figures,
    "recruitment": recruitment.figures,
    "trends": trends.figures,
    **{f.id: partial(finding.figures, f) for f in FINDINGS},
    **{cohorts.address(c): partial(cohort.figures, c) for c in COHORTS},
    **{theme_address(t): partial(theme.figures, t) for t in THEMES},
}
COMPARE = "compare"
_BY_LETTERS = {address.casefold(): figures for address, figures in PAGES.items()}


_COHORTS = {cohorts.address(c).casefold(): c.id for c in COHORTS}


def whose(address: str, group: Group, people: AgencyGroup) -> tuple[Group, AgencyGroup]:
    """Whom a page is about under a choice of filters: the page of a cohort of that one alone."""
    own = _COHORTS.get(address.casefold())
    return (group, people) if own is None else (group.of_cohort(own), people.where(cohort=own))


def of_page(
    address: str, release: Release, group: Group, people: AgencyGroup, other: str = ""
) -> Mapping[str, Picture]:
    """The pictures of the page at an address, by name; Compare's are of the `other` group too.

    Raises KeyError where there are none.
    """
    if address.casefold() == COMPARE:
        return compare.figures(release, group, people, other)
    return _BY_LETTERS[address.casefold()](release, group, people)
