"""Agencies' counts as pictures tell them: a figure, or why there is none, and whose it is."""

from collections.abc import Sequence

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE, named
from iomdash.declared.scheme import AREAS, PLACE
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release

NOBODY = "nobody"
NOBODY_FOLLOWED = "nobody followed for 18 months"
NOT_SENT = "not sent yet"
HIDDEN = "too few people to show"
FEWER_FILTERS = "shown to this audience with fewer filters at once"

Counts = dict[str, tuple[int | None, str | None]]


def counts(
    release: Release, measure: str, people: AgencyGroup, whats: Sequence[str], **own: str
) -> Counts:
    """Count, or None and why, of each `what`; `own` says which of the measure's own rows.

    What has no row happened to nobody, unless the figure is missing or withheld.
    """
    if why := absent(release, measure, people):
        return dict.fromkeys(whats, (None, why))
    rows = [r for r in release.recorded(measure, people) if all(r[k] == v for k, v in own.items())]
    found = {row["what"]: (row["n"], row["hidden"]) for row in rows}
    return {what: found.get(what, (0, None)) for what in whats}


def absent(release: Release, measure: str, people: AgencyGroup) -> str | None:
    """Why a measure has no figures at all for a group; None where it has."""
    if measure not in release.recorded_dates:
        return NOT_SENT
    at_end = set(BY_ID[measure].at_end) == set(BY_ID[measure].whats)
    return FEWER_FILTERS if release.too_many_filters(people, at_end=at_end) else None


def rounding(release: Release) -> str:
    """How agencies' counts are rounded for this audience, in words; '' where they are true."""
    policy = release.manifest["policy"]
    if not release.rounded:
        return ""
    return (
        f"Counts are rounded to {policy['rounding']}, those of fewer than "
        f"{policy['smallest_count']} people are hidden; parts need not add up to totals."
    )


def coarse(release: Release, measure: str) -> str:
    """How a measure's sums of weights are rounded for this audience; '' where they are true."""
    if not release.rounded:
        return ""
    rounding = int(release.manifest["policy"]["rounding"])
    whats, heaviest = BY_ID[measure].whats, BY_ID[measure].heaviest
    return " ".join(
        f"{whats[what].capitalize()} are rounded to {rounding * most:,}, "
        f"which is {rounding} of the heaviest offences."
        for what, most in heaviest.items()
    )


def figure(n: int | None, why: str | None) -> str:
    """A count as a table shows it: hidden ones with a sign and the reason."""
    return f"▨ {why}" if n is None else f"{n:,}"


def told_of(release: Release, people: AgencyGroup, measure: str) -> str:
    """Subtitle of agencies' figures: what, who, where, and to when, labelled where made up."""
    dated = release.recorded_dates.get(measure)
    who = [
        who for who in (named(people.cohort), people.provider, *_place(people)) if who != EVERYONE
    ]
    till = f"{dated['data_to']:%-d %B %Y}" if dated else NOT_SENT
    kind = " (synthetic)" if dated and dated["origin"] == "synthetic" else ""
    return f"Agencies' records{', ' + ', '.join(who) if who else ''}. {PLACE}, to {till}{kind}"


def _place(people: AgencyGroup) -> tuple[str, ...]:
    areas = {area.id: area.name for area in AREAS}
    supervision = people.supervision.replace("_", " ")
    return supervision, areas.get(people.area, people.area), people.quarter


def nothing(topic: str, why: str) -> Picture:
    """The place of a picture of figures that are missing or withheld, or are of nobody."""
    withheld = why not in {NOBODY, NOBODY_FOLLOWED, NOT_SENT}
    return Picture(f"{topic}: {why}", "", "", None, [], withheld=withheld)
