"""All cohorts, a line each: who it is, how many people, how many interviews."""

from html import escape

import streamlit as st

from iomdash.declared.agencies import WHOLE
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE, Group
from iomdash.declared.scheme import COHORTS, Cohort
from iomdash.pictures.agency_figures import blurring, counts, figure
from iomdash.pictures.terms import sourced
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.parts import whole_page
from iomdash.site.show import quiet

KEPT = 1024
NEVER = "Interviewees and the people in agencies' records are never matched."


def page() -> None:
    """A line for each cohort, and from it to the cohort's own page."""
    release = current()
    st.title("Cohorts: who is managed together, and why")
    group, people = choose_people(release, wave=True, cohort=EVERYONE)
    st.html(_list(release, group, people))


@remembered(KEPT)
def _list(release: Release, group: Group, people: AgencyGroup) -> str:
    lines = "".join(_line(cohort, release, group, people) for cohort in COHORTS)
    about = quiet(
        f"Interviewees and people in agencies' records are never matched. {blurring(release)}"
    )
    return (
        f'{whole_page(files=False)}{dated(release, WHOLE)}<ul class="io-list">{lines}</ul>{about}'
    )


def address(cohort: Cohort) -> str:
    """Where a cohort's own page lies; an address holds letters only."""
    return f"cohort-{''.join(filter(str.isalpha, cohort.id))}"


def _line(cohort: Cohort, release: Release, group: Group, people: AgencyGroup) -> str:
    own = people.where(cohort=cohort.id)
    now = figure(*counts(release, WHOLE, own, ("in",), reason=EVERYONE)["in"])
    return (
        f'<li><a href="{address(cohort)}">{escape(cohort.name)} '
        f"({escape(cohort.id)})</a><span><strong>{escape(now)}</strong> in it now<br>"
        f"{_asked(cohort, release, group)}</span><span>{escape(sourced(cohort.who))}</span></li>"
    )


def _asked(cohort: Cohort, release: Release, group: Group) -> str:
    if not cohort.adult:
        return "adults only were asked"
    size = release.size(group.of_cohort(cohort.id))
    if size.n:
        return f"{size.n} interviews"
    return escape(f"▨ interviews: {size.hidden}")
