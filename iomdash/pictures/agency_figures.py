"""Agencies' counts as pictures tell them: a figure, or why there is none, and whose it is."""

from collections.abc import Mapping, Sequence

from iomdash.declared.agencies import BY_ID, Measure
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE, named
from iomdash.declared.reasons import Reason, words
from iomdash.declared.scheme import PLACE
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release

NOT_SENT = "not sent yet"
HIDDEN = "too few people to show"
FEWER_FILTERS = "shown to this audience with fewer filters at once"

Counts = dict[str, tuple[int | None, str | None]]


def counts(
    release: Release, measure: str, people: AgencyGroup, whats: Sequence[str], **own: str
) -> Counts:
    """Count, or None and why, of each `what`; `own` says which of the measure's own rows.

    What is the same fact as another measure's is told there. What nobody in the group did, or a
    few, reads alike. A part of another count is never told as more than it: both are blurred.
    """
    if why := absent(release, measure, people):
        return dict.fromkeys(whats, (None, why))
    figures = _figures(release, measure, people, own)
    declared = BY_ID[measure]
    for what, at in declared.same.items():
        if what in {*whats, *map(declared.within.get, whats)}:
            other = counts(release, at.measure, people, (at.what,), **dict(at.own))
            figures = {**figures, what: other[at.what]}
    return {what: _within(declared, figures, what) for what in whats}


def _figures(release: Release, measure: str, people: AgencyGroup, own: Mapping[str, str]) -> Counts:
    rows = release.recorded(measure, people)
    none = (None, few(release) if rows else HIDDEN)
    shown = {
        row["what"]: (row["n"], row["hidden"])
        for row in rows if all(row[k] == v for k, v in own.items())
    }  # fmt: skip
    return {**dict.fromkeys(BY_ID[measure].whats, none), **shown}


def _within(measure: Measure, figures: Counts, what: str) -> tuple[int | None, str | None]:
    """A count, no larger than that of the whole it is part of; none where that is hidden."""
    n, why = figures[what]
    whole = measure.within.get(what)
    if n is None or whole is None:
        return n, why
    most, hidden = _within(measure, figures, whole)
    return (None, hidden) if most is None else (min(n, most), None)


def absent(release: Release, measure: str, people: AgencyGroup) -> str | None:
    """Why a measure has no figures at all for a group; None where it has."""
    if measure not in release.recorded_dates:
        return NOT_SENT
    return FEWER_FILTERS if release.too_many_filters(people) else None


def why_none(release: Release, measure: str, people: AgencyGroup) -> str:
    """Why a figure of a measure is not told of a group: nobody sent it, there are too many filters,
    the group is not shown, or a few of it did so.
    """
    rows = release.recorded(measure, people)
    return absent(release, measure, people) or (few(release) if rows else HIDDEN)


def few(release: Release) -> str:
    """Why a figure of a group that is shown is not: nobody did it, or a few."""
    return words(Reason.FEW_PEOPLE, release.manifest["policy"])


def blurring(release: Release) -> str:
    """How agencies' figures are blurred for this audience, in words."""
    policy = release.manifest["policy"]
    return (
        f"Counts are moved by up to {policy['noise']}, sums by as many times one person's part, "
        f"so parts need not add up to totals. Nobody and {few(release)} read alike. Figures are of "
        "closed quarters and stay as they were told until enough people's records have changed."
    )


def figure(n: int | None, why: str | None) -> str:
    """A count as a table shows it: hidden ones with a sign and the reason."""
    return f"▨ {why}" if n is None else f"{n:,}"


def of_hundred(low: float, high: float) -> str:
    """Two shares from 0 to 1 as people of a hundred: "43 to 62"."""
    return f"{100 * low:.0f} to {100 * high:.0f}"


def parted(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two intervals or bands have nothing in common."""
    return one[0] > other[1] or one[1] < other[0]


def subtitle_of(release: Release, people: AgencyGroup, measure: str) -> str:
    """Subtitle of agencies' figures: what, who, where, and to when, labelled where made up."""
    dated = release.recorded_dates.get(measure)
    who = [named(choice) for choice in people.key if choice != EVERYONE]
    till = f"{dated['data_to']:%-d %B %Y}" if dated else NOT_SENT
    kind = " (synthetic)" if dated and dated["origin"] == "synthetic" else ""
    return f"Agencies' records{', ' + ', '.join(who) if who else ''}. {PLACE}, to {till}{kind}"


def nothing(topic: str, why: str) -> Picture:
    """The place of a picture of figures that are missing or withheld."""
    withheld = why != NOT_SENT
    return Picture(f"{topic}: {why}", "", "", None, [], withheld=withheld)
