"""Outcomes in agencies' records: re-offending and its timing, before and after, treatment."""

from html import escape
from typing import Any

import streamlit as st

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.pictures import agencies
from iomdash.pictures.agency_figures import HIDDEN, blurring, counts, figure
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.show import drawn, note, quiet, show, table

POLICE = ("reoffending", "first_reoffence", "offending", "harm")
HELP = ("treatment", "tests_of_drugs", "deselection")
WHOLE_PERIOD = "For everybody who ever joined: the period filter is not used here."


@drawn
def _reoffending(release: Release, people: AgencyGroup) -> Picture:
    return agencies.reoffending(release, people)


@drawn
def _first(release: Release, people: AgencyGroup) -> Picture:
    return agencies.first_reoffence(release, people)


@drawn
def _rates(release: Release, people: AgencyGroup) -> Picture:
    return agencies.before_and_after(release, people)


@drawn
def _treatment(release: Release, people: AgencyGroup) -> Picture:
    return agencies.stages(release, "treatment", people, agencies.TREATED, substance="All")


def page() -> None:
    """First who re-offended, then when, then how often before and after, then what helped."""
    release = current()
    st.title("Outcomes: what agencies record after people join")
    _, people = choose_people(release)
    st.html(
        f"{dated(release, *POLICE)}<h2>Proven re-offending</h2>"
        f"<p>{escape(agencies.followed(release, people))}</p>"
    )
    show(_reoffending(release, people))
    st.html(f"<h2>Time to the first offence</h2>{quiet(WHOLE_PERIOD)}")
    show(_first(release, people))
    st.html(f"<h2>Before and after joining</h2>{quiet(BY_ID['offending'].warning)}")
    show(_rates(release, people))
    table(_harm(release, people), BY_ID["harm"].title)
    st.html(f"<h2>Treatment and de-selection</h2>{dated(release, *HELP)}")
    show(_treatment(release, people))
    table(_help(release, people), "Tests and de-selection")
    note(blurring(release))


def _harm(release: Release, people: AgencyGroup) -> list[dict[str, Any]]:
    """Harm before and after, also a person-year, with the offences that the index leaves open."""
    whats, everyone = BY_ID["harm"].whats, people.where(quarter="All")
    rates = {
        r["period"]: f"{r['rate']:,.0f}" for r in release.rates(everyone) if r["what"] == "harm"
    }
    figures = {
        period: counts(release, "harm", everyone, tuple(whats), period=period)
        for period in ("before", "after")
    }
    lines = {
        f"{whats['harm']} a person-year at large": {
            p: rates.get(p) or figure(None, figures[p]["harm"][1] or HIDDEN) for p in figures
        },
        **{name: {p: figure(*figures[p][what]) for p in figures} for what, name in whats.items()},
    }
    return [
        {
            BY_ID["harm"].title: name.capitalize(),
            **{f"{p.capitalize()} joining": cell for p, cell in cells.items()},
        }
        for name, cells in lines.items()
    ]


def _help(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    return [
        {"Measure": BY_ID[measure].title, "What": name, "How many": figure(*figures[what])}
        for measure in HELP[1:]
        for figures in [counts(release, measure, people, tuple(BY_ID[measure].whats))]
        for what, name in BY_ID[measure].whats.items()
    ]
