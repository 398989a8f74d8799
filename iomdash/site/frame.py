"""Around every page: the release in force, filters that live in the URL, and its release line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, wraps
from html import escape
from typing import Any

import streamlit as st

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.groups import EVERYONE, Group, joined, named
from iomdash.declared.scheme import AREAS, COHORTS, PROVIDERS, SUPERVISIONS
from iomdash.errors import IomdashError
from iomdash.pictures.wording import listed
from iomdash.release.cells import Wave
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site import guard

KEPT = 512
CHOICES = {
    "cohort": [cohort.id for cohort in COHORTS if cohort.adult],
    "provider": [provider.id for provider in PROVIDERS],
    "supervision": [kind.id for kind in SUPERVISIONS],
}
LONGEST = 40
VISITOR, HERE, SET_ON = "visitor", "here", "set on"
EVERY_FILTER = ("cohort", "provider", "supervision")
AREA_NAMES = {area.id: area.name for area in AREAS}
NAMES = {"quarter": "Period"}
TOO_MANY = (
    "▨ Agencies' figures are shown to this audience with fewer filters at once, as more would "
    "narrow them to few people. Remove a filter."
)

PERSON_LEVEL = (
    "The partnership's policy lets this audience see person-level data: what stands here may be "
    "about one person."
)


def visitor() -> dict[str, Any]:
    """What is kept of one visitor from run to run: each filter's choice, the page it was made on,
    and the pages themselves. One entry of Streamlit's state, each look into which takes its time.
    """
    kept: dict[str, Any] | None = st.session_state.get(VISITOR)
    if kept is None:
        st.session_state[VISITOR] = kept = {}
    return kept


def current() -> Release:
    """The newest release of whoever has this tab open. Raises EnvironmentFault without one."""
    return guard.release()


def page(draw: Callable[[], None]) -> Callable[[], None]:
    """A page whose expected errors become a message and never a stack trace."""

    @wraps(draw)
    def guarded() -> None:
        try:
            draw()
        except IomdashError as error:
            st.error(str(error))

    return guarded


def choose(release: Release, *, uses: Sequence[str] = EVERY_FILTER, wave: bool = True) -> Group:
    """The filter row, bound to the URL; filters not in `uses` are kept but said to be ignored.

    Under the row stand the choices that would show hidden figures only.
    """
    group, words = choose_quietly(release, uses=uses, wave=wave)
    st.html(words)
    return group


def choose_quietly(
    release: Release, *, uses: Sequence[str] = EVERY_FILTER, wave: bool = True
) -> tuple[Group, str]:
    """As `choose`, with what stands under the row as HTML that the page has yet to show.

    One element less for a page whose next one is HTML too.
    """
    group, _, words = _chosen(release, uses, EVERY_FILTER, wave=wave)
    return group, words


def choose_people(
    release: Release, *, wave: bool = False, cohort: str | None = None
) -> tuple[Group, AgencyGroup]:
    """The filter row of a page that shows agencies' figures, with area and period.

    The interviews and the people in agencies' records of one choice are never the same people. A
    page of one `cohort`, or of all, does not use the filter of cohorts.
    """
    uses = EVERY_FILTER if cohort is None else EVERY_FILTER[1:]
    group, picked, line = _chosen(release, uses, AGENCY_FILTERS, wave=wave)
    people = AgencyGroup(**picked)
    if cohort is not None:
        group, people = group.of_cohort(cohort), people.where(cohort=cohort)
    words: list[str] = []
    if len(joined(people.cohort)) > 1:
        people = people.where(cohort=EVERYONE)
        words.append("Agencies count each cohort by itself: their figures are of all cohorts.")
    if release.too_many_filters(people):
        words.append(TOO_MANY)
    if release.person_level:
        words.append(PERSON_LEVEL)
    st.html(line + _noted(words))
    return group, people


def _chosen(
    release: Release, uses: Sequence[str], names: Sequence[str], *, wave: bool
) -> tuple[Group, dict[str, str], str]:
    """The interviews chosen, the choice of every filter, and what is to be told of it as HTML."""
    people = names == AGENCY_FILTERS
    asked = {name: value for name, value in st.query_params.items() if name in ("wave", *names)}
    waves = [w.id for w in release.waves]
    kept = visitor()
    _carry_over(kept, waves[0])
    options: dict[str, Sequence[str]] = {"wave": waves}
    picked: dict[str, str] = {}
    # One element, where columns would be one each and one around them.
    with st.container(horizontal=True):
        chosen = st.selectbox("Wave", waves, key="wave", bind="query-params") or waves[0]
        for name in names:
            options[name] = _options(release, chosen, name, people=people)
            picked[name] = _filter(name, options[name])
    kept.update(picked, wave=chosen, **{SET_ON: kept.get(HERE)})
    interviews = {name: picked[name] for name in EVERY_FILTER}
    whole = Group(chosen, **interviews)
    hints = _too_few(release, whole, people=people) if wave else ""
    ignored = [n for n in EVERY_FILTER if n not in uses and picked[n] != EVERYONE]
    group = Group(chosen, **{n: v if n in uses else EVERYONE for n, v in interviews.items()})
    notes = _hidden(release, group) if wave else []
    notes += _unused(ignored if wave else ["wave", *ignored])
    line = hints + _line(release, group.wave) + _noted([*_unknown(asked, options), *notes])
    return group, picked, line


@remembered(KEPT)
def _too_few(release: Release, group: Group, *, people: bool) -> str:
    """Choices that would show hidden figures only, filter by filter, as HTML; '' without any."""
    small = {
        name: too_small(release, group, name, _options(release, group.wave, name, people=people))
        for name in EVERY_FILTER
    }
    parts = [f"{name} {listed(values)}" for name, values in small.items() if values]
    return (
        f'<p class="io-release">▨ Too few to show: {escape("; ".join(parts))}</p>' if parts else ""
    )


def _carry_over(kept: Mapping[str, Any], newest: str) -> None:
    """Keep the filters from page to page, where Streamlit drops them from its state or the URL.

    Only a page that follows another takes them over: a first page has them from its URL alone.
    """
    if kept.get(SET_ON) == kept.get(HERE):
        return
    for name in ("wave", *AGENCY_FILTERS):
        if name in kept:
            st.session_state[name] = kept[name]
            if kept[name] not in (EVERYONE, newest):
                st.query_params[name] = label(kept[name])


@remembered(KEPT)
def _options(release: Release, wave: str, name: str, *, people: bool) -> tuple[str, ...]:
    """What a filter offers; with agencies' people, also those that they alone know."""
    more = release.choices(name) if people else []
    return tuple(dict.fromkeys([EVERYONE, *choices(release, wave, name), *more]))


def choices(release: Release, wave: str, name: str) -> list[str]:
    """Values of a filter in a wave: those of the scheme, and cohorts that are shown together."""
    if name not in CHOICES:
        return []
    known = {str(getattr(group, name)) for group in release.sizes if group.wave == wave}
    joint = [value for value in sorted(known) if len(joined(value)) > 1]
    whole = [value for value in joint if release.size(Group(wave, value)).n is not None]
    return [value for value in CHOICES[name] if value in known] + whole


@lru_cache(maxsize=KEPT)
def label(value: str) -> str:
    """A filter's value as it is shown and as the URL holds it."""
    return AREA_NAMES.get(value) or named(value).replace("_", " ")


def _filter(name: str, options: Sequence[str]) -> str:
    chosen = st.selectbox(
        NAMES.get(name, name.capitalize()),
        options,
        key=name,
        bind="query-params",
        format_func=label,
    )
    return chosen or EVERYONE


def _unknown(asked: Mapping[str, str], options: Mapping[str, Sequence[str]]) -> list[str]:
    """What the URL asks for and the release does not have, in words."""
    return [
        f"There is no {NAMES.get(name, name).lower()} '{value[:LONGEST]}' here; "
        f"{label(options[name][0])} is shown."
        for name, value in asked.items()
        if value and value not in {label(option) for option in options[name]}
    ]


def _hidden(release: Release, group: Group) -> list[str]:
    """Why interviews of a group are not shown, and what is; empty where they are."""
    size = release.size(group)
    instead = f" Shown instead: {size.instead}." if size.instead else ""
    return [f"▨ {label(group.cohort)}: hidden, {size.hidden}.{instead}"] if size.hidden else []


def _unused(ignored: list[str]) -> list[str]:
    return [f"This page does not use the {listed(ignored)} filter."] if ignored else []


def _noted(words: Sequence[str]) -> str:
    """A note of several sentences as HTML; '' without any."""
    return f'<p class="io-note">{escape(" ".join(words))}</p>' if words else ""


@remembered(KEPT)
def _line(release: Release, wave: str) -> str:
    line = release_line(release, release.wave(wave))
    return f'<p class="io-release">{line}</p>'


def too_small(release: Release, group: Group, name: str, values: Sequence[str]) -> list[str]:
    """Choices of a filter that would lead to hidden figures, given the other filters."""
    others = ((value, replace(group, **{name: value})) for value in values)
    return [label(value) for value, other in others if release.size(other).hidden]


def day(value: object) -> str:
    """A date of the manifest as people write it: 12 Nov 2026."""
    return f"{date.fromisoformat(str(value)[:10]):%-d %b %Y}"


def release_line(release: Release, wave: Wave) -> str:
    """Release, dates, checks and what kind of data these are, as HTML with a link."""
    manifest = release.manifest
    parts = [
        f"Release {release.number}, published {day(manifest['published_at'])}",
        f"data to {day(manifest['data_to'])}" if manifest["data_to"] else "data of no stated date",
        f'<a href="data-quality" target="_self">{manifest["checks_passed"]:,} of '
        f"{manifest['checks']:,} checks passed</a>",
        '<a href="methods" target="_self">small groups are protected</a>',
    ]
    return " · ".join(parts) + (f". {kind}" if (kind := nature(wave)) else "")


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
    missing = [BY_ID[m].title for m in measures if m not in sent]
    words += [f"Not sent yet: {escape(listed(missing))}."] if missing else []
    return f'<p class="io-sub">{" ".join(words)}</p>'


def nature(wave: Wave) -> str:
    """What must be known of a wave before it is read, as HTML; '' for an ordinary one."""
    if wave.synthetic:
        return f"<strong>Wave {escape(wave.id)} is synthetic: made up, about nobody.</strong>"
    if wave.reconstructed:
        return (
            f"<strong>Wave {escape(wave.id)} is partly reconstructed</strong>: where the report "
            "leaves a figure open its range is shown, and breakdowns rank nothing."
        )
    return ""
