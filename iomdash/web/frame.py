"""Around every page: the release in force, filters that live in the URL, and its release line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, wraps
from html import escape
from typing import Any

import streamlit as st

from iomdash import settings
from iomdash.errors import IomdashError
from iomdash.groups import EVERYONE, Group, joined, named
from iomdash.recorded import BY_ID
from iomdash.recorded.people import FILTERS, People
from iomdash.release import Release, Wave, path_of
from iomdash.scheme import AREAS, COHORTS, PROVIDERS, SUPERVISIONS
from iomdash.web.style import CSS
from iomdash.wording import listed

KEPT_OPEN = 4
CHOICES = {
    "cohort": [cohort.id for cohort in COHORTS if cohort.adult],
    "provider": [provider.id for provider in PROVIDERS],
    "supervision": [kind.id for kind in SUPERVISIONS],
}
LONGEST = 40
HERE, LAST = "here", "last"
EVERY_FILTER = ("cohort", "provider", "supervision")
AREA_NAMES = {area.id: area.name for area in AREAS}
NAMES = {"quarter": "Period"}
TOO_MANY = (
    "▨ Agencies' figures are shown to this audience with fewer filters at once, as more would "
    "narrow them to few people. Remove a filter."
)

opened = lru_cache(maxsize=KEPT_OPEN)(Release)


def current() -> Release:
    """The newest release of this process's audience. Raises EnvironmentFault without one."""
    return opened(path_of(settings.releases_dir(), settings.audience()))


def page(draw: Callable[[], None]) -> Callable[[], None]:
    """A page whose expected errors become a message and never a stack trace."""

    @wraps(draw)
    def guarded() -> None:
        st.html(CSS)
        try:
            draw()
        except IomdashError as error:
            st.error(str(error))

    return guarded


def choose(release: Release, *, uses: Sequence[str] = EVERY_FILTER, wave: bool = True) -> Group:
    """The filter row, bound to the URL; filters not in `uses` are kept but said to be ignored.

    Under each filter stand the choices that would show hidden figures only.
    """
    return _chosen(release, uses, EVERY_FILTER, wave=wave)[0]


def choose_people(release: Release, *, wave: bool = False) -> tuple[Group, People]:
    """The filter row of a page that shows agencies' figures, with area and period.

    The interviews and the people in agencies' records of one choice are never the same people.
    """
    group, picked = _chosen(release, EVERY_FILTER, FILTERS, wave=wave)
    people = People(**picked)
    words: list[str] = []
    if len(joined(people.cohort)) > 1:
        people = people.where(cohort=EVERYONE)
        words.append("Agencies count each cohort by itself: their figures are of all cohorts.")
    if release.too_many_filters(people):
        words.append(TOO_MANY)
    if words:
        st.html(f'<p class="io-note">{escape(" ".join(words))}</p>')
    return group, people


def _chosen(
    release: Release, uses: Sequence[str], names: Sequence[str], *, wave: bool
) -> tuple[Group, dict[str, str]]:
    asked = {name: st.query_params.get(name) for name in ("wave", *names)}
    waves = [w.id for w in release.waves]
    _carry_over(waves[0])
    columns = st.columns(1 + len(names))
    with columns[0]:
        chosen = st.selectbox("Wave", waves, key="wave", bind="query-params") or waves[0]
    options = {"wave": waves}
    picked: dict[str, str] = {}
    for column, name in zip(columns[1:], names, strict=True):
        more = release.choices(name) if names == FILTERS else []
        options[name] = list(dict.fromkeys([EVERYONE, *choices(release, chosen, name), *more]))
        with column:
            picked[name] = _filter(name, options[name])
    last: dict[str, Any] = st.session_state.get(LAST, {})
    here = {HERE: st.session_state.get(HERE), "wave": chosen, **picked}
    st.session_state[LAST] = {**last, **here}
    interviews = {name: picked[name] for name in EVERY_FILTER}
    whole = Group(chosen, **interviews)
    for column, name in zip(columns[1:], EVERY_FILTER if wave else (), strict=False):
        if small := too_small(release, whole, name, options[name]):
            column.html(f'<p class="io-release">▨ Too few to show: {escape(listed(small))}</p>')
    ignored = [n for n in EVERY_FILTER if n not in uses and picked[n] != EVERYONE]
    group = Group(chosen, **{n: v if n in uses else EVERYONE for n, v in interviews.items()})
    _notes(release, group, ignored if wave else ["wave", *ignored], _unknown(asked, options))
    return group, picked


def _carry_over(newest: str) -> None:
    """Keep the filters from page to page, where Streamlit drops them from its state or the URL.

    Only a page that follows another takes them over: a first page has them from its URL alone.
    """
    last: dict[str, Any] = st.session_state.get(LAST, {})
    if last.get(HERE) == st.session_state.get(HERE):
        return
    for name in ("wave", *FILTERS):
        if name in last:
            st.session_state[name] = last[name]
            if last[name] not in (EVERYONE, newest):
                st.query_params[name] = label(last[name])


def choices(release: Release, wave: str, name: str) -> list[str]:
    """Values of a filter in a wave: those of the scheme, and cohorts that are shown together."""
    if name not in CHOICES:
        return []
    known = {str(getattr(group, name)) for group in release.sizes if group.wave == wave}
    joint = [value for value in sorted(known) if len(joined(value)) > 1]
    whole = [value for value in joint if release.size(Group(wave, value)).n is not None]
    return [value for value in CHOICES[name] if value in known] + whole


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


def _unknown(asked: Mapping[str, str | None], options: Mapping[str, Sequence[str]]) -> list[str]:
    """What the URL asks for and the release does not have, in words."""
    return [
        f"There is no {name} '{value[:LONGEST]}' here; {label(options[name][0])} is shown."
        for name, value in asked.items()
        if value and value not in {label(option) for option in options[name]}
    ]


def _notes(release: Release, group: Group, ignored: list[str], unknown: list[str]) -> None:
    wave = next(w for w in release.waves if w.id == group.wave)
    st.html(f'<p class="io-release">{release_line(release, wave)}</p>')
    words = [*unknown]
    size = release.size(group)
    if size.hidden:
        instead = f" Shown instead: {size.instead}." if size.instead else ""
        words.append(f"▨ {label(group.cohort)}: hidden, {size.hidden}.{instead}")
    words += [f"This page does not use the {listed(ignored)} filter."] if ignored else []
    if words:
        st.html(f'<p class="io-note">{escape(" ".join(words))}</p>')


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
            "leaves a figure or a person open, the smallest number that fits was chosen."
        )
    return ""
