"""Around every page: the release in force, whom the page is about, where its figures come from."""

import logging
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from html import escape

import streamlit as st

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import MERGING, AgencyGroup
from iomdash.declared.agencies.senders import senders
from iomdash.declared.agencies.versions import State
from iomdash.declared.groups import EVERYONE, Group, joined
from iomdash.errors import IomdashError
from iomdash.pictures.wording import listed
from iomdash.release.cells import Wave
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site import filters
from iomdash.site.faults import OUT_OF_ORDER
from iomdash.site.filters import OF_INTERVIEWS, Choice, Page
from iomdash.site.sheet import Sheet

LOG = logging.getLogger("iomdash.site")
KEPT = 512
TOO_MANY = (
    "▨ Agencies' figures are shown to this audience with fewer filters at once, as more would "
    "narrow them to few people. Remove a filter."
)
PERSON_LEVEL = (
    "The partnership's policy lets this audience see person-level data: what stands here may be "
    "about one person."
)
ONE_COHORT = "Agencies count each cohort by itself: their figures are of all cohorts."
RECONSTRUCTED = (
    "Where the report leaves a figure of this wave open its range is shown, and breakdowns rank "
    "nothing."
)


def page(draw: Callable[[], None]) -> Callable[[], None]:
    """A page whose expected errors become a neutral sentence, their words a line of the log."""

    @wraps(draw)
    def guarded() -> None:
        try:
            draw()
        except IomdashError as error:
            LOG.error("%s", error)
            st.error(OUT_OF_ORDER)

    return guarded


def choose(sheet: Sheet, shown: Page = OF_INTERVIEWS) -> Choice:
    """Whom a page is about. Fills the strip above it with what is set, the filters that the page
    uses, and what is to be told of the choice.
    """
    release = sheet.release
    choice = filters.whose(release, shown, sheet.asked)
    wave = release.wave(choice.group.wave)
    size = release.size(choice.group) if shown.wave else None
    about = [f"{size.n:,} interviews" if size.n else "▨ interviews hidden"] if size else []
    about += [nature(wave)] if nature(wave) else []
    notes = [
        *choice.unknown,
        *(_hidden(release, choice.group) if shown.wave else []),
        *filters.unused(shown, choice.values, release.waves[0].id),
        *(_of_people(release, choice) if shown.people else []),
        *([RECONSTRUCTED] if wave.reconstructed else []),
    ]
    cohorts = filters.known(release, shown, wave.id, "cohort") if "cohort" in shown.uses else ()
    sheet.cohorts = frozenset(map(filters.label, cohorts)) - {EVERYONE}
    sheet.query = filters.kept(release, choice.values)
    sheet.strip = filters.strip(release, shown, choice.values, about, sheet.asked) + _noted(notes)
    return choice


def _of_people(release: Release, choice: Choice) -> list[str]:
    """What is to be told of a choice of people in agencies' records."""
    several = len(joined(choice.group.cohort)) > 1
    return [
        *([ONE_COHORT] if several else []),
        *_together(release, choice.people),
        *([TOO_MANY] if release.too_many_filters(choice.people) else []),
        *([PERSON_LEVEL] if release.person_level else []),
    ]


def _together(release: Release, people: AgencyGroup) -> list[str]:
    """Under which names agencies count few people of a choice with others."""
    return [
        f"In {listed(years)} agencies' figures of {filters.label(choice)} are counted together "
        f"with others, of whom one had too few people: choose “{filters.label(whole)}”."
        for name in MERGING
        if (choice := str(getattr(people, name))) != EVERYONE
        for whole, years in release.counted_with(name, choice).items()
    ]


def _hidden(release: Release, group: Group) -> list[str]:
    """Why interviews of a group are not shown, and what is; empty where they are."""
    size = release.size(group)
    instead = f" Shown instead: {size.instead}." if size.instead else ""
    return (
        [f"▨ {filters.label(group.cohort)}: hidden, {size.hidden}.{instead}"] if size.hidden else []
    )


def _noted(words: Sequence[str]) -> str:
    """A note of several sentences as HTML; '' without any."""
    return f'<p class="io-note">{escape(" ".join(words))}</p>' if words else ""


def day(value: object) -> str:
    """A date of the manifest as people write it: 12 Nov 2026."""
    return f"{date.fromisoformat(str(value)[:10]):%-d %b %Y}"


@remembered(KEPT)
def release_line(release: Release) -> str:
    """Release, dates and checks, as HTML with links."""
    manifest = release.manifest
    parts = [
        f"Release {release.number}, published {day(manifest['published_at'])}",
        f"data to {day(manifest['data_to'])}" if manifest["data_to"] else "data of no stated date",
        f'<a href="data-quality">{manifest["checks_passed"]:,} of {manifest["checks"]:,} checks '
        "passed</a>",
        '<a href="methods">small groups are protected</a>',
    ]
    return f'<p class="io-release">{" · ".join(parts)}</p>'


# Of figures of which records have changed since.
WAITS = (
    "Some records have changed since they were counted here; figures are told anew once enough "
    'people are concerned (<a href="data-quality">which</a>).'
)


def dated(release: Release, *measures: str) -> str:
    """The day that agencies' figures reach and whether they are made up, as HTML; those that
    nobody has sent are named.
    """
    sent = [m for m in measures if m in release.recorded_dates]
    words: list[str] = []
    if sent:
        dates = [release.recorded_dates[m] for m in sent]
        words.append(f"Agencies' records to {day(min(d['data_to'] for d in dates))}.")
        if any(d["origin"] == "synthetic" for d in dates):
            words.append("<strong>They are synthetic: made up, about nobody.</strong>")
        if release.standing(State.WAITS).keys() & {*sent}:
            words.append(WAITS)
    missing = [BY_ID[m] for m in measures if m not in sent]
    if missing:
        words.append(f"Not sent yet: {escape(listed([m.title for m in missing]))}.")
        words.append(f"Who would send it: {escape(listed(senders(missing)))}.")
    return f'<p class="io-sub">{" ".join(words)}</p>'


def nature(wave: Wave) -> str:
    """What must be known of a wave before it is read; '' for an ordinary one."""
    if wave.synthetic:
        return f"Wave {wave.id} is synthetic: made up, about nobody."
    return f"Wave {wave.id} is partly reconstructed" if wave.reconstructed else ""
