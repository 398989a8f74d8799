"""All cohorts, a line each: who it is, how many people, how many interviews."""

from html import escape

from iomdash.declared.agencies import WHOLE
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE, Group
from iomdash.declared.scheme import COHORTS, Cohort
from iomdash.pictures.agency_figures import blurring, counts, figure
from iomdash.pictures.terms import sourced
from iomdash.pictures.theme import GROUP, Picture, spread, tabled
from iomdash.release.reader import Release
from iomdash.site.filters import OF_COHORTS
from iomdash.site.frame import choose, dated
from iomdash.site.parts import whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import quiet

COHORT = "Cohort"
NEVER = "Interviewees and the people in agencies' records are never matched."


def figures(release: Release, group: Group, people: AgencyGroup) -> dict[str, Picture]:
    """How many people, and how many interviews, of each cohort, by name."""
    now = [{COHORT: c.id, "In it now": _now(c, release, people)} for c in COHORTS]
    asked = [{COHORT: c.id, "Interviews": _asked(c, release, group)} for c in COHORTS]
    return {
        "people": spread(tabled("People in each cohort now", now, measure=WHOLE), cohort=GROUP),
        "interviews": spread(tabled("Interviews of each cohort", asked), cohort=GROUP),
    }


def _now(cohort: Cohort, release: Release, people: AgencyGroup) -> str:
    own = people.where(cohort=cohort.id)
    return figure(*counts(release, WHOLE, own, ("in",), reason=EVERYONE)["in"])


def page(sheet: Sheet) -> None:
    """A line for each cohort, and from it to the cohort's own page."""
    release, choice = sheet.release, choose(sheet, OF_COHORTS)
    lines = "".join(_line(cohort, release, choice.group, choice.people) for cohort in COHORTS)
    sheet.html(
        f"<h1>Cohorts: who is managed together, and why</h1>{whole_page(sheet)}"
        f'{dated(release, WHOLE)}<ul class="io-list">{lines}</ul>'
        f"{quiet(f'{NEVER} {blurring(release)}')}"
    )


def address(cohort: Cohort) -> str:
    """Where a cohort's own page lies; an address holds letters only."""
    return f"cohort-{''.join(filter(str.isalpha, cohort.id))}"


def _line(cohort: Cohort, release: Release, group: Group, people: AgencyGroup) -> str:
    now = _now(cohort, release, people)
    return (
        f'<li><a href="{address(cohort)}">{escape(cohort.name)} '
        f"({escape(cohort.id)})</a><span><strong>{escape(now)}</strong> in it now<br>"
        f"{escape(_asked(cohort, release, group))}</span>"
        f"<span>{escape(sourced(cohort.who))}</span></li>"
    )


def _asked(cohort: Cohort, release: Release, group: Group) -> str:
    if not cohort.adult:
        return "adults only were asked"
    size = release.size(group.of_cohort(cohort.id))
    if size.n:
        return f"{size.n} interviews"
    return f"▨ interviews: {size.hidden}"
