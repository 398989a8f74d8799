"""Each cohort: who is in it, what it is for, the way out, and where its people differ."""

from html import escape

import streamlit as st

from iomdash.cells import ClaimCell, Size
from iomdash.groups import Group, joined, named
from iomdash.release import Release
from iomdash.scheme import COHORTS, Cohort
from iomdash.web.frame import choose, current
from iomdash.web.show import table
from iomdash.wording import headline, standing

MOST_DIFFERENT = 3
ONLY_ADULTS = "Outside the interviews: only adults were asked."


def page() -> None:
    """All cohorts, one under the other."""
    release = current()
    st.title("Cohorts: who is managed together, and why")
    group = choose(release, uses=("provider", "supervision"))
    for cohort in COHORTS:
        _cohort(cohort, release, group.of_cohort(cohort.id))
    for together in (g for g in release.cohorts(group) if len(joined(g.cohort)) > 1):
        st.html(_head(named(together.cohort), _counted(release.size(together), together)))
        _differences(release, together)


def _cohort(cohort: Cohort, release: Release, group: Group) -> None:
    size = release.size(group)
    told = _counted(size, group) if cohort.adult else ONLY_ADULTS
    st.html(_head(f"{cohort.name} ({cohort.id})", escape(cohort.who), told))
    if cohort.adult and size.n:
        _differences(release, group)
    with st.expander(f"Terms of Reference of {cohort.id}"):
        st.markdown(
            f"**Selected:** {'; '.join(cohort.referral)}.\n\n"
            f"**Purpose:** {'; '.join(cohort.purpose)}.\n\n"
            f"**Way out:** {cohort.way_out}"
        )


def _head(name: str, *lines: str) -> str:
    """A cohort's name and lines of HTML below it."""
    told = "".join(f"<p>{line}</p>" for line in lines)
    return f'<div class="io-head"><h3>{escape(name)}</h3>{told}</div>'


def _counted(size: Size, group: Group) -> str:
    """How many were interviewed, or why that is not shown, as HTML."""
    if size.n:
        return f"<strong>{size.n} interviews</strong> in wave {escape(group.wave)}."
    instead = f" Shown instead: {size.instead}." if size.instead else ""
    return escape(f"▨ Too few to show in wave {group.wave}: {size.hidden}.{instead}")


def _differences(release: Release, group: Group) -> None:
    """Claims on which the cohort lies furthest from all interviewees of the same filters."""
    everybody = {(c.finding, c.claim): c for c in release.claims(group.of_cohort("All"))}
    apart = [(_gap(c, everybody[c.finding, c.claim]), c) for c in release.claims(group)]
    far = sorted(apart, key=lambda pair: -abs(pair[0]))[:MOST_DIFFERENT]
    rows = [
        {
            "Differs most on": f"{c.finding} {headline(c)}",
            "This cohort": standing(c),
            "All cohorts": standing(everybody[c.finding, c.claim]),
            "In words": "more often here" if gap > 0 else "less often here",
        }
        for gap, c in far
        if gap
    ]
    if rows:
        table(rows, f"Where {named(group.cohort)} differs most from all cohorts")


def _gap(cell: ClaimCell, every: ClaimCell) -> float:
    if cell.x is None or not cell.n or every.x is None or not every.n:
        return 0.0
    return cell.x / cell.n - every.x / every.n
