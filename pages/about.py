"""The scheme and the study in our own words: principles, cohorts, pathways, promises."""

from collections.abc import Sequence
from functools import cache
from html import escape

from iomdash.declared.contracts import odcs
from iomdash.declared.scheme import AGENCIES, COHORTS, PATHWAYS, PRINCIPLES, Cohort
from iomdash.declared.sources import Line
from iomdash.declared.study import PARTS, Part
from iomdash.pictures.terms import of_reference
from iomdash.pictures.wording import listed
from iomdash.site.filters import OF_NOTHING
from iomdash.site.frame import choose
from iomdash.site.parts import html_table, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import bullets, quiet

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
    'See also <a href="methods">how figures come about</a> and '
    '<a href="conditions">the conditions of success</a>.'
)
TOOK_PART = "consent_"


def page(sheet: Sheet) -> None:
    """The scheme first, then the study and what it promised."""
    choose(sheet, OF_NOTHING)
    sheet.html(
        f"<h1>About the study and the scheme</h1>{whole_page(sheet, figures=False)}{_about()}"
    )


@cache
def _about() -> str:
    """What is declared, as HTML: it is the same in every release."""
    parts = "".join(_part(part) for part in PARTS)
    return (
        f"<h2>The scheme</h2><p>{IOM}</p>{_principles()}<h2>Cohorts</h2>{_cohorts()}"
        f"<p>{SUPERVISED}</p>"
        f"{_lines('Pathways', 'What it is to lead to', [(p.name, p.aim) for p in PATHWAYS])}"
        f"{_lines('Agencies', 'Role', [(a.name, a.role) for a in AGENCIES])}"
        f"<h2>The study</h2>{parts}{_source(PARTS[0].lines)}"
        f"<h3>What people consent to</h3><p>{CONSENT}</p>{_consent()}<p>{ALSO}</p>"
    )


def _lines(heading: str, column: str, rows: Sequence[tuple[str, Line]]) -> str:
    """Names and a line on each as a table, and where the lines come from, as HTML."""
    table = html_table([{heading: name, column: str(line)} for name, line in rows], heading)
    return f"<h2>{heading}</h2>{_source([line for _, line in rows])}{table}"


def _source(lines: Sequence[Line]) -> str:
    return quiet(f"Source: {listed(sorted({line.source.value for line in lines}))}.")


def _principles() -> str:
    lines = [f"<strong>{p.name}.</strong> {escape(p.meaning)}" for p in PRINCIPLES]
    return bullets(lines) + _source([p.meaning for p in PRINCIPLES])


def _cohorts() -> str:
    return "".join(_cohort(cohort) for cohort in COHORTS)


def _cohort(cohort: Cohort) -> str:
    lines = [f"<strong>{n}:</strong> {escape(t)}" for n, t in of_reference(cohort).items()]
    return f"<h3>{escape(cohort.name)} ({escape(cohort.id)})</h3>{bullets(lines)}"


def _part(part: Part) -> str:
    return f"<h3>{part.heading}</h3>{bullets([escape(line) for line in part.lines])}"


def _consent() -> str:
    columns = odcs.load("interviews").columns
    return bullets([escape(c.description) for c in columns if c.name.startswith(TOOK_PART)])
