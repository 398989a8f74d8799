"""How people in the cohorts live, as agencies record it on the last day of the quarter."""

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.pictures.agency_figures import counts, figure
from iomdash.release.reader import Release

# Told on the last day of a quarter, and told of the whole period.
NOW = ("housing", "work", "benefit", "children", "in_custody", "in_treatment")
OVER_TIME = ("mental_health", "breaches_and_recalls", "tests_of_drugs")


def rows(
    release: Release, people: AgencyGroup, measures: tuple[str, ...] = NOW
) -> list[dict[str, str]]:
    """A line a measure: what was recorded of how many people, in the order of its declaration."""
    return [
        {"Recorded": BY_ID[measure].title, "How many": _told(release, people, measure)}
        for measure in measures
    ]


def _told(release: Release, people: AgencyGroup, measure: str) -> str:
    whats = BY_ID[measure].whats
    figures = counts(release, measure, people, tuple(whats))
    shown = [
        f"{figure(n, None)} {whats[what]}" for what, (n, _) in figures.items() if n is not None
    ]
    hidden = [whats[what] for what, (n, _) in figures.items() if n is None]
    why = next((why for n, why in figures.values() if n is None), "")
    if not shown:
        return f"▨ {why}"
    return ", ".join(shown) + (f"; ▨ {why}: {', '.join(hidden)}" if hidden else "")
