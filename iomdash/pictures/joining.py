"""How long people had offended when they joined, and how many left as six months clear."""

from dataclasses import replace

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import COHORTS
from iomdash.pictures.agency_figures import (
    HIDDEN,
    Counts,
    absent,
    counts,
    figure,
    nothing,
    of_hundred,
    subtitle_of,
)  # fmt: skip
from iomdash.pictures.heat import HeatCell, heat
from iomdash.pictures.reoffending import ALLOWS
from iomdash.pictures.theme import GROUP, Picture, spread
from iomdash.pictures.wording import of
from iomdash.release.reader import Release

# Bands of years from the first offence to adoption, the shortest first.
SINCE = ("under_1", "under_3", "under_10", "longer", "none")


def since_first_offence(release: Release, people: AgencyGroup) -> Picture:
    """Years from the first recorded offence to joining: a row a cohort, a column a band."""
    measure = BY_ID["since_first_offence"]
    figures = {
        cohort.id: counts(release, measure.id, people.where(cohort=cohort.id), SINCE)
        for cohort in COHORTS
    }
    every = counts(release, measure.id, people.where(cohort=EVERYONE), SINCE)
    cells = [
        HeatCell(cohort, measure.whats[what].capitalize(), n, _sum(counted), why)
        for cohort, counted in figures.items()
        for what, (n, why) in counted.items()
    ]
    if all(cell.x is None for cell in cells):
        return nothing(measure.title, cells[0].hidden or HIDDEN)
    early = sum(every[what][0] or 0 for what in ("under_1", "under_3"))
    title = f"{measure.title}: {of(early, _sum(every))} joined within 3 years of it"
    subtitle = subtitle_of(release, people.where(cohort=EVERYONE), measure.id)
    note = "As far back as the police's extract goes: where it lacks early years, these are too few"
    picture = heat(title, subtitle, cells, rows_are="Cohort")
    return spread(replace(picture, note=note), cohort=GROUP)


def _sum(figures: Counts) -> int:
    return sum(n or 0 for n, _ in figures.values())


def deselected(release: Release, people: AgencyGroup) -> str:
    """How many left as six months clear, and for how many of them the records agree, in words."""
    whats = ("deselected", "deselected_clear", "eligible")
    if why := absent(release, "deselection", people):
        return f"{BY_ID['deselection'].title}: {why}."
    told = counts(release, "deselection", people, whats)
    left, agree, still = (figure(*told[what]) for what in whats)
    share = release.share("deselection", people)
    sure = f", {of_hundred(share['low'], share['high'])} of 100 ({ALLOWS})" if share else ""
    return (
        f"{left} left as six months clear; the records of offences and custody agree for {agree}"
        f"{sure}. {still} are six months clear by the records and still in. The partners decide, "
        "and may know more than the records."
    )
