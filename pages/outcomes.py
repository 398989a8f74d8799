"""Outcomes in agencies' records: who left clear, re-offending, before and after, treatment."""

from dataclasses import replace
from html import escape

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import Group
from iomdash.pictures import agencies, around, joining, reoffending
from iomdash.pictures.agency_figures import blurring, counts, figure
from iomdash.pictures.theme import EVERY, GROUP, Picture, spread, tabled
from iomdash.release.reader import Release
from iomdash.site.filters import OF_PEOPLE
from iomdash.site.frame import choose, dated
from iomdash.site.parts import whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import drawn, quiet, show_sent

POLICE = ("deselection", "reoffending", "first_reoffence", "offending", "harm", "domestic_change")
HELP = ("treatment", "tests_of_drugs", "mental_health")
RATES, TESTS = "Recorded offences a person-year around joining", "Tests and mental health services"
WHOLE_PERIOD = "For everybody who ever joined: the period filter is not used here."


@drawn
def _reoffending(release: Release, people: AgencyGroup) -> Picture:
    return reoffending.reoffending(release, people)


@drawn
def _first(release: Release, people: AgencyGroup) -> Picture:
    return reoffending.first_reoffence(release, people)


@drawn
def _rates(release: Release, people: AgencyGroup) -> Picture:
    return around.before_and_after(release, people)


@drawn
def _by_cohort(release: Release, people: AgencyGroup) -> Picture:
    return around.by_cohort(release, people)


@drawn
def _less_often(release: Release, people: AgencyGroup) -> Picture:
    return around.less_often(release, people)


@drawn
def _since(release: Release, people: AgencyGroup) -> Picture:
    return joining.since_first_offence(release, people)


@drawn
def _treatment(release: Release, people: AgencyGroup) -> Picture:
    return agencies.stages(release, "treatment", people, agencies.TREATED, substance="All")


def figures(release: Release, _: Group, people: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures and tables by name."""
    known = {
        "reoffending": ("reoffending", _reoffending(release, people)),
        "first-offence": ("first_reoffence", _first(release, people)),
        "before-and-after": ("offending", _rates(release, people)),
        "by-cohort": ("offending", _by_cohort(release, people)),
        "rates": (
            "offending",
            spread(tabled(RATES, around.rows(release, people)), cohort=GROUP, quarter=EVERY),
        ),
        "less-often": ("offending_change", _less_often(release, people)),
        "harm": (
            "harm",
            spread(tabled(BY_ID["harm"].title, around.harm(release, people)), quarter=EVERY),
        ),
        "since-first-offence": ("since_first_offence", _since(release, people)),
        "treatment": ("treatment", _treatment(release, people)),
        "tests": ("tests_of_drugs", tabled(TESTS, _help(release, people))),
    }
    return {name: replace(shown, measure=measure) for name, (measure, shown) in known.items()}


def page(sheet: Sheet) -> None:
    """First who left as six months clear, then who re-offended and when, then how often before and
    after joining, then how long it took until they were taken on, then what helped.
    """
    release, choice = sheet.release, choose(sheet, OF_PEOPLE)
    people = choice.people
    taken = figures(release, choice.group, people)
    sheet.html(
        f"<h1>Outcomes: what agencies record after people join</h1>{whole_page(sheet)}"
        f"{dated(release, *POLICE)}<h2>De-selection</h2>"
        f"<p><strong>{escape(joining.deselected(release, people))}</strong></p>"
        f"<h2>Proven re-offending</h2><p>{escape(reoffending.followed(release, people))}</p>"
    )
    show_sent(sheet, taken, "reoffending")
    sheet.html(f"<h2>The first recorded offence</h2>{quiet(WHOLE_PERIOD)}")
    show_sent(sheet, taken, "first-offence")
    _around(sheet, people, taken)
    sheet.html("<h2>Early intervention</h2>")
    show_sent(sheet, taken, "since-first-offence")
    sheet.html(f"<h2>Treatment</h2>{dated(release, *HELP)}")
    show_sent(sheet, taken, "treatment", "tests")
    sheet.html(quiet(blurring(release)))


def _around(sheet: Sheet, people: AgencyGroup, taken: dict[str, Picture]) -> None:
    """Offending, harm and domestic incidents before and after joining."""
    release = sheet.release
    sheet.html(
        f"<h2>Before and after joining</h2><p>{escape(around.fallen(release, people))}</p>"
        f"{quiet(BY_ID['offending'].warning)}"
    )
    show_sent(sheet, taken, "before-and-after", "by-cohort", "rates", "less-often", "harm")
    words = quiet(around.harm_in_words(release, people))
    sheet.html(f"{words}<p>{escape(around.domestic(release, people))}</p>")


def _help(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    return [
        {"Measure": BY_ID[measure].title, "What": name, "How many": figure(*figures[what])}
        for measure in HELP[1:]
        for figures in [counts(release, measure, people, tuple(BY_ID[measure].whats))]
        for what, name in BY_ID[measure].whats.items()
    ]
