"""Pictures of agencies' figures, from a release and a group of the people in its records."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import COHORTS, PATHWAYS
from iomdash.pictures.agency_figures import (
    HIDDEN,
    Counts,
    counts,
    nothing,
    subtitle_of,
)
from iomdash.pictures.appointments import kept
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.gap import gap
from iomdash.pictures.heat import HeatCell
from iomdash.pictures.reoffending import first_reoffence, reoffending
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import listed, of
from iomdash.release.reader import Release

STEPS = ("need", "referred", "started", "completed")
TREATED = ("referred", "started", "stayed", "completed")
OFFERED = ("needed", "offered", "started", "completed")


def pathways(release: Release, people: AgencyGroup) -> Picture:
    """Need, referred, started, completed on the seven pathways; the message is the largest drop."""
    needs = need(release, people)
    names = {pathway.id: pathway.name for pathway in PATHWAYS}
    cells = [_cell(names[path], step, figures) for path, figures in needs.items() for step in STEPS]
    if all(cell.x is None for cell in cells):
        return nothing("Pathways", cells[0].hidden or HIDDEN)
    largest = {names[path]: largest_drop(counted) for path, counted in needs.items()}
    drops = {name: drop for name, drop in largest.items() if drop and drop[0] > 0}
    title = "Needs on the pathways"
    if drops:
        most = max(drops, key=lambda name: drops[name])
        title = f"Most are lost on {most.lower()}: {drops[most][1]}"
    return gap(title, subtitle_of(release, people, "pathways"), cells, rows_are="Pathway")


def need(release: Release, people: AgencyGroup) -> dict[str, Counts]:
    """Counts of every step on each pathway, by pathway."""
    whats = ("assessed", *STEPS)
    return {p.id: counts(release, "pathways", people, whats, pathway=p.id) for p in PATHWAYS}


def _cell(pathway: str, step: str, figures: Counts) -> HeatCell:
    n, why = figures[step]
    base = figures["assessed" if step == "need" else "need"][0]
    return HeatCell(pathway, _words(step).capitalize(), n, base, why)


def largest_drop(figures: Counts) -> tuple[int, str] | None:
    """Most people lost between two steps that are shown, and the two in words; None below two."""
    shown = [(step, n) for step in STEPS if (n := figures[step][0]) is not None]
    return max(
        ((n - m, f"{n:,} {_words(a)}, {m:,} {_words(b)}") for (a, n), (b, m) in pairwise(shown)),
        default=None,
    )


def _words(step: str) -> str:
    return BY_ID["pathways"].whats[step]


def stages(
    release: Release, measure: str, people: AgencyGroup, whats: Sequence[str], **own: str
) -> Picture:
    """Bars of how many took each step, of those who took the first."""
    declared = BY_ID[measure]
    figures = counts(release, measure, people, whats, **own)
    shown = [
        (declared.whats[what].capitalize(), n) for what, (n, _) in figures.items() if n is not None
    ]
    withheld = [f"{declared.whats[w]} ({why})" for w, (n, why) in figures.items() if n is None]
    first = figures[whats[0]][0]
    if not first:
        return nothing(declared.title, figures[whats[0]][1] or HIDDEN)
    items = [Bar(name, n, first) for name, n in shown if n <= first]
    last = items[-1]
    title = f"{declared.title}: {of(last.x, last.n)} {last.label.lower()}"
    note = f"▨ Not shown: {listed(withheld)}." if withheld else ""
    return bars(
        declared.title, subtitle_of(release, people, measure), items, message=title, note=note
    )


def engaged(release: Release, people: AgencyGroup) -> Picture:
    """Treatments for drugs and alcohol that started, of those referred, by cohort."""
    topic = "Treatment started"
    rows = {
        cohort.id: counts(
            release, "treatment", people.where(cohort=cohort.id), TREATED, substance=EVERYONE
        )
        for cohort in COHORTS
    }
    return _by_cohort(topic, "treatment", TREATED, rows, release, people)


def pathway_by_cohort(release: Release, people: AgencyGroup, pathway: str) -> Picture:
    """Need, referred, started, completed on one pathway, a row for each cohort."""
    topic = next(p.name for p in PATHWAYS if p.id == pathway)
    rows = {
        cohort.id: counts(
            release, "pathways", people.where(cohort=cohort.id), STEPS, pathway=pathway
        )
        for cohort in COHORTS
    }
    return _by_cohort(topic, "pathways", STEPS, rows, release, people)


def _by_cohort(
    topic: str, measure: str, steps: Sequence[str], rows: dict[str, Counts], release: Release,
    people: AgencyGroup,
) -> Picture:  # fmt: skip
    whats = BY_ID[measure].whats
    cells = [
        HeatCell(
            cohort,
            whats[step].capitalize(),
            *(figures[step][0], figures[steps[0]][0]),
            figures[step][1],
        )
        for cohort, figures in rows.items()
        for step in steps
    ]
    shown = [cell for cell in cells if cell.x is not None]
    if not shown:
        return nothing(topic, cells[0].hidden or HIDDEN)
    ends = [
        f"{cohort} {of(figures[steps[-1]][0] or 0, figures[steps[0]][0] or 0)}"
        for cohort, figures in rows.items()
        if figures[steps[0]][0] and figures[steps[-1]][0] is not None
    ]
    words = f"{whats[steps[-1]]}: {listed(ends)}" if ends else "too few completed to show"
    subtitle = subtitle_of(release, people.where(cohort=EVERYONE), measure)
    return gap(f"{topic}, {words}", subtitle, cells, rows_are="Cohort")


def _peers(release: Release, people: AgencyGroup) -> Picture:
    return stages(release, "programmes_done", people, OFFERED, kind="peer_mentoring")


# What an exhibit of a finding may show of agencies' records, by the name that it gives.
PICTURES: Mapping[str, Callable[[Release, AgencyGroup], Picture]] = {
    "reoffending": reoffending,
    "first_reoffence": first_reoffence,
    "treatment": engaged,
    "kept by site": partial(kept, by="site"),
    "kept by joint": partial(kept, by="joint"),
    "pathways": pathways,
    "attitudes": partial(pathway_by_cohort, pathway="attitudes"),
    "peer mentoring": _peers,
}
