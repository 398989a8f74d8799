"""One cohort: its terms, caseload, needs, outcomes, and what its people say."""

from dataclasses import replace
from html import escape
from typing import Any

from iomdash.declared.agencies import BY_ID, WHOLE
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE, Group, named
from iomdash.declared.scheme import LEAVING, Cohort
from iomdash.pictures import agencies, around, reoffending, situation
from iomdash.pictures.agency_figures import blurring, counts, figure
from iomdash.pictures.terms import of_reference
from iomdash.pictures.theme import Picture, tabled
from iomdash.pictures.trends import trend
from iomdash.pictures.wording import headline, standing
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.filters import OF_COHORTS, Page
from iomdash.site.frame import choose, dated
from iomdash.site.parts import key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import drawn, quiet, show, show_sent

NO_DIFFERENCE = "No clear difference from other cohorts on any claim."
NOT_COMPARED = "Who of which cohort said what is reconstructed, so cohorts are not compared."
MOST_DIFFERENT = 5
KEPT = 1024
APART = "Interviewees: other people than those in agencies' records, and never matched with them."
ONLY_ADULTS = "Outside the interviews: only adults were asked."
MEASURES = (WHOLE, "pathways", "reoffending", "offending", *situation.NOW, *situation.OVER_TIME)
# Whose purpose is fewer domestic incidents.
DOMESTIC = "DV&A"


@drawn
def _caseload(release: Release, people: AgencyGroup) -> Picture:
    return trend(release, people, "caseload")


@drawn
def _needs(release: Release, people: AgencyGroup) -> Picture:
    return agencies.pathways(release, people)


@drawn
def _stays(release: Release, people: AgencyGroup) -> Picture:
    return reoffending.time_in_cohort(release, people)


@drawn
def _rates(release: Release, people: AgencyGroup) -> Picture:
    return around.before_and_after(release, people)


@drawn
def _domestic(release: Release, people: AgencyGroup) -> Picture:
    return trend(release, people, "domestic")


def figures(
    cohort: Cohort, release: Release, group: Group, people: AgencyGroup
) -> dict[str, Picture]:
    """The page's pictures and tables by name."""
    own, who = people.where(cohort=cohort.id), group.of_cohort(cohort.id)
    over_time = situation.rows(release, own, situation.OVER_TIME)
    known = {
        "caseload": (WHOLE, _caseload(release, own)),
        "left": (WHOLE, tabled(f"Why people left {cohort.id}", _left(release, own))),
        "time-in-it": ("time_in_cohort", _stays(release, own)),
        "now": ("housing", tabled(f"How people in {cohort.id} live", situation.rows(release, own))),
        "over-time": ("mental_health", tabled(f"What was recorded of {cohort.id}", over_time)),
        "needs": ("pathways", _needs(release, own)),
        "before-and-after": ("offending", _rates(release, own)),
        **({"domestic": ("domestic", _domestic(release, own))} if cohort.id == DOMESTIC else {}),
    }
    taken = {name: replace(shown, measure=measure) for name, (measure, shown) in known.items()}
    rows = differences(release, _shown_in(release, who))
    title = f"Where {cohort.id} differs beyond chance from other cohorts"
    return {**taken, **({"differs": tabled(title, rows)} if rows else {})}


def filters(cohort: Cohort) -> Page:
    """What the page of a cohort makes of the filters."""
    return replace(OF_COHORTS, cohort=cohort.id)


def page(cohort: Cohort, sheet: Sheet) -> None:
    """Who and why, then how many, what they need, what came of it, and what they say."""
    release, choice = sheet.release, choose(sheet, filters(cohort))
    group, people = choice.group, choice.people
    taken = figures(cohort, release, group, people)
    sheet.html(
        f"<h1>{escape(f'{cohort.name} ({cohort.id})')}</h1>{whole_page(sheet)}{_terms(cohort)}"
        f"{dated(release, *MEASURES)}<h2>Caseload</h2>{_moves(release, people)}"
    )
    show_sent(sheet, taken, "caseload", "left", "time-in-it")
    sheet.html("<h2>How people live</h2>")
    show_sent(sheet, taken, "now", "over-time")
    sheet.html("<h2>Needs</h2>")
    show_sent(sheet, taken, "needs")
    sheet.html(
        f"<h2>Outcomes</h2><p>{escape(reoffending.followed(release, people))}</p>"
        f"<p>{escape(around.fallen(release, people))}</p>{quiet(BY_ID['offending'].warning)}"
    )
    show_sent(sheet, taken, "before-and-after")
    if cohort.id == DOMESTIC:
        sheet.html(f"<h2>Domestic incidents</h2><p>{escape(around.domestic(release, people))}</p>")
        show_sent(sheet, taken, "domestic")
    said = f"<h2>What its people say</h2>{quiet(APART)}{_asked(cohort, release, group)}"
    sheet.html(said)
    if "differs" in taken:
        show(sheet, taken["differs"], "differs")
    elif release.stated(group.wave):
        sheet.html(quiet(NOT_COMPARED))
    elif release.size(group).n:
        sheet.html(quiet(NO_DIFFERENCE))
    sheet.html(quiet(blurring(release)) + key())


def _terms(cohort: Cohort) -> str:
    """The Terms of Reference in short, as HTML."""
    lines = of_reference(cohort)
    words = "".join(
        f"<p><strong>{name}:</strong> {escape(text)}</p>" for name, text in lines.items()
    )
    return f'<p><a href="cohorts">← All cohorts</a></p>{words}'


def _moves(release: Release, people: AgencyGroup) -> str:
    """People now, and those who joined and left, in one sentence as HTML."""
    figures = counts(release, WHOLE, people, ("in", "joined", "left"), reason=EVERYONE)
    now, joined, left = (escape(figure(*figures[what])) for what in ("in", "joined", "left"))
    clear = counts(release, "deselection", people, ("deselected",))["deselected"]
    return (
        f"<p><strong>{now}</strong> in it now; {joined} joined and {left} left, "
        f"{escape(figure(*clear))} of them as six months clear.</p>"
    )


def _left(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    return [
        {"Left because": reason.name, "People": figure(*count)}
        for reason in LEAVING
        for count in [counts(release, WHOLE, people, ("left",), reason=reason.id)["left"]]
    ]


def _asked(cohort: Cohort, release: Release, group: Group) -> str:
    """How many were interviewed, or why that is not shown and what is, as HTML."""
    if not cohort.adult:
        return quiet(ONLY_ADULTS)
    size = release.size(group)
    if size.n:
        return f"<p><strong>{size.n} interviews</strong> in wave {escape(group.wave)}.</p>"
    instead = f" Shown instead: {size.instead}." if size.instead else ""
    return quiet(f"▨ Too few to show in wave {group.wave}: {size.hidden}.{instead}")


def _shown_in(release: Release, group: Group) -> Group:
    """The cohort's own interviews, or those of the cohorts that it is shown with."""
    shown = [other for other in release.cohorts(group) if group.cohort in other.cohort.split("+")]
    return shown[0] if shown else group


@remembered(KEPT)
def differences(release: Release, group: Group) -> list[dict[str, Any]]:
    """Claims on which tests set a group apart from other cohorts, the clearest first."""
    everybody = {(c.finding, c.claim): c for c in release.claims(group.of_cohort(EVERYONE))}
    tested = [
        (test, c)
        for c in release.claims(group)
        if (test := release.apart(group, c.finding, c.code, c.among))
        and group.cohort in (test["highest"], test["lowest"])
    ]
    clear = sorted(tested, key=lambda pair: pair[0]["adjusted"])[:MOST_DIFFERENT]
    return [
        {
            "Differs on": f"{c.finding} {headline(c)}",
            named(group.cohort): standing(c),
            "All cohorts": standing(everybody[c.finding, c.claim]),
            "In words": f"{'most' if test['highest'] == group.cohort else 'least'} often here",
        }
        for test, c in clear
    ]
