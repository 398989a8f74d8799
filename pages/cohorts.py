"""Each cohort: who is in it, what it is for, the way out, and where its people differ."""

import streamlit as st

from iomdash.groups import Group, joined, named
from iomdash.release import ClaimCell, Release
from iomdash.scheme import COHORTS, Cohort
from iomdash.web.frame import choose, current
from iomdash.web.show import table
from iomdash.wording import headline, standing

MOST_DIFFERENT = 3


def page() -> None:
    """All cohorts, one under the other."""
    release = current()
    st.title("Cohorts: who is managed together, and why")
    group = choose(release, uses=("provider", "supervision"))
    for cohort in COHORTS:
        _cohort(cohort, release, group.of_cohort(cohort.id))
    for together in (g for g in release.cohorts(group) if len(joined(g.cohort)) > 1):
        st.subheader(named(together.cohort))
        st.write(f"**{release.size(together).n} interviews** in wave {group.wave}.")
        _differences(release, together)


def _cohort(cohort: Cohort, release: Release, group: Group) -> None:
    st.subheader(f"{cohort.name} ({cohort.id})")
    st.write(cohort.who)
    size = release.size(group)
    if cohort.adult and size.n:
        st.write(f"**{size.n} interviews** in wave {group.wave}.")
        _differences(release, group)
    elif cohort.adult:
        instead = f" Shown instead: {size.instead}." if size.instead else ""
        st.write(f"▨ Too few to show in wave {group.wave}: {size.hidden}.{instead}")
    else:
        st.write("Outside the interviews: only adults were asked.")
    with st.expander(f"Terms of Reference of {cohort.id}"):
        st.markdown(f"**Selected:** {'; '.join(cohort.referral)}.")
        st.markdown(f"**Purpose:** {'; '.join(cohort.purpose)}.")
        st.markdown(f"**Way out:** {cohort.way_out}")


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
