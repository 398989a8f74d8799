"""The scheme and the study in our own words: principles, cohorts, pathways, promises."""

from html import escape

import streamlit as st

from iomdash.declared.contracts import odcs
from iomdash.declared.scheme import AGENCIES, COHORTS, PATHWAYS, PRINCIPLES, Cohort
from iomdash.declared.study import PARTS, Part
from iomdash.pictures.terms import of_reference, sourced
from iomdash.site.frame import choose, current
from iomdash.site.show import bullets, quiet, table

IOM = (
    "Integrated Offender Management is how the partners of an area manage together the people "
    "whose crimes do it most harm. It began in 2009 and has no one form: each area makes its own, "
    "by six principles."
)
SUPERVISED = (
    "People are managed under a sentence (on licence, on a community sentence, or in the time "
    "after it) or of their own will."
)
CONSENT = "Consent is given to each of seven things by itself:"
ALSO = (
    'See also <a href="methods" target="_self">how figures come about</a> and '
    '<a href="conditions" target="_self">the conditions of success</a>.'
)
TOOK_PART = "consent_"


def page() -> None:
    """The scheme first, then the study and what it promised."""
    release = current()
    st.title("About the study and the scheme")
    choose(release, uses=(), wave=False)
    st.html(f"<h2>The scheme</h2><p>{IOM}</p>{_principles()}<h2>Cohorts</h2>{_cohorts()}")
    st.html(f"<p>{SUPERVISED}</p>")
    st.subheader("Pathways")
    table(
        [{"Pathway": p.name, "What it is to lead to": sourced(p.aim)} for p in PATHWAYS],
        "The seven pathways",
    )
    st.subheader("Agencies")
    table([{"Agency": a.name, "Role": sourced(a.role)} for a in AGENCIES], "Agencies")
    parts = "".join(_part(part) for part in PARTS)
    st.html(f"{parts}<h2>What people consent to</h2><p>{CONSENT}</p>{_consent()}<p>{ALSO}</p>")


def _principles() -> str:
    lines = [f"<strong>{p.name}.</strong> {escape(p.meaning)}" for p in PRINCIPLES]
    return bullets(lines) + quiet(f"Source: {PRINCIPLES[0].meaning.source.value}.")


def _cohorts() -> str:
    return "".join(_cohort(cohort) for cohort in COHORTS)


def _cohort(cohort: Cohort) -> str:
    lines = [f"<strong>{n}:</strong> {escape(t)}" for n, t in of_reference(cohort).items()]
    return f"<h3>{escape(cohort.name)} ({escape(cohort.id)})</h3>{bullets(lines)}"


def _part(part: Part) -> str:
    return f"<h2>{part.heading}</h2>{bullets([escape(line) for line in part.lines])}"


def _consent() -> str:
    columns = odcs.load("interviews").columns
    return bullets([escape(c.description) for c in columns if c.name.startswith(TOOK_PART)])
