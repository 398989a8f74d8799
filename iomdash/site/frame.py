"""Around every page: the release in force, whom the page is about, where its figures come from."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from html import escape
from typing import Any

import streamlit as st

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.agencies.senders import senders
from iomdash.declared.groups import EVERYONE, Group, joined
from iomdash.errors import IomdashError
from iomdash.pictures.wording import listed
from iomdash.release.cells import Wave
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site import filters, guard
from iomdash.site.faults import OUT_OF_ORDER
from iomdash.site.filters import EVERY_FILTER, Page

LOG = logging.getLogger("iomdash.site")
KEPT = 512
VISITOR, STRIP, HERE, COHORTS = "visitor", "strip", "here", "cohorts"
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


def visitor() -> dict[str, Any]:
    """What is kept of one visitor from run to run, and never what they chose, which is in the
    address: one entry of Streamlit's state, each look into which takes its time.
    """
    kept: dict[str, Any] | None = st.session_state.get(VISITOR)
    if kept is None:
        st.session_state[VISITOR] = kept = {}
    return kept


def current() -> Release:
    """The newest release of whoever has this tab open. Raises EnvironmentFault without one."""
    return guard.release()


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


def choose(release: Release, *, uses: Sequence[str] = EVERY_FILTER, wave: bool = True) -> Group:
    """Whom a page of interviews is about. Fills the strip above it with what is set, the filters
    that the page `uses`, and what is to be told of the choice.
    """
    shown = Page(tuple(uses), wave=wave)
    values = filters.chosen(release, shown)
    group = Group(values["wave"], **{n: values[n] for n in EVERY_FILTER if n in uses})
    _tell(release, shown, values, group, [])
    return group


def choose_people(
    release: Release, *, wave: bool = False, cohort: str | None = None
) -> tuple[Group, AgencyGroup]:
    """As `choose`, for a page that shows agencies' figures, with area and period.

    The interviews and the people in agencies' records of one choice are never the same people. A
    page of one `cohort`, or of all, does not use the filter of cohorts.
    """
    uses = AGENCY_FILTERS if cohort is None else AGENCY_FILTERS[1:]
    shown = Page(uses, wave=wave, people=True)
    values = filters.chosen(release, shown)
    asked = {n: values[n] for n in AGENCY_FILTERS if n in uses}
    if cohort is not None:
        asked["cohort"] = cohort
    group = Group(values["wave"], **{n: asked[n] for n in EVERY_FILTER})
    people, words = AgencyGroup(**asked), list[str]()
    if len(joined(people.cohort)) > 1:
        people = people.where(cohort=EVERYONE)
        words.append(ONE_COHORT)
    if release.too_many_filters(people):
        words.append(TOO_MANY)
    if release.person_level:
        words.append(PERSON_LEVEL)
    _tell(release, shown, values, group, words)
    return group, people


def _tell(
    release: Release, shown: Page, values: Mapping[str, str], group: Group, words: Sequence[str]
) -> None:
    """Fill the strip above the page, which stands there before the page is known."""
    wave = release.wave(group.wave)
    size = release.size(group) if shown.wave else None
    about = [f"{size.n:,} interviews" if size.n else "▨ interviews hidden"] if size else []
    about += [nature(wave)] if nature(wave) else []
    notes = [
        *filters.unknown(release, shown, group.wave),
        *(_hidden(release, group) if shown.wave else []),
        *filters.unused(shown, values, release.waves[0].id),
        *words,
        *([RECONSTRUCTED] if wave.reconstructed else []),
    ]
    cohorts = filters.known(release, shown, group.wave, "cohort") if "cohort" in shown.uses else ()
    visitor()[COHORTS] = frozenset(map(filters.label, cohorts)) - {EVERYONE}
    strip = filters.strip(release, shown, values, about)
    visitor().pop(STRIP, st).html(strip + _noted(notes))


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
