"""Around every page: the release in force, filters that live in the URL, and its release line."""

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from html import escape

import streamlit as st

from iomdash import settings
from iomdash.errors import IomdashError
from iomdash.groups import EVERYONE, Group
from iomdash.release import Release, Wave, path_of
from iomdash.scheme import COHORTS, PROVIDERS, SUPERVISIONS
from iomdash.web.style import CSS
from iomdash.wording import listed

KEPT_OPEN = 4
CHOICES = {
    "cohort": [EVERYONE, *(cohort.id for cohort in COHORTS if cohort.adult)],
    "provider": [EVERYONE, *(provider.id for provider in PROVIDERS)],
    "supervision": [EVERYONE, *(kind.id for kind in SUPERVISIONS)],
}
EVERY_FILTER = ("cohort", "provider", "supervision")

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
    """The filter row, bound to the URL; filters not in `uses` are kept but said to be ignored."""
    columns = st.columns(4)
    with columns[0]:
        waves = [w.id for w in release.waves]
        chosen = st.selectbox("Wave", waves, key="wave", bind="query-params") or waves[0]
    picked: dict[str, str] = {}
    for column, name in zip(columns[1:], EVERY_FILTER, strict=True):
        with column:
            picked[name] = _filter(name)
    ignored = [n for n in EVERY_FILTER if n not in uses and picked[n] != EVERYONE]
    if not wave:
        ignored = ["wave", *ignored]
    group = Group(chosen, **{n: v if n in uses else EVERYONE for n, v in picked.items()})
    _notes(release, group, ignored)
    return group


def _filter(name: str) -> str:
    chosen = st.selectbox(
        name.capitalize(),
        CHOICES[name],
        key=name,
        bind="query-params",
        format_func=lambda value: value.replace("_", " "),
    )
    return chosen or EVERYONE


def _notes(release: Release, group: Group, ignored: list[str]) -> None:
    wave = next(w for w in release.waves if w.id == group.wave)
    st.html(f'<p class="io-release">{release_line(release, wave)}</p>')
    small = too_small(release, group)
    words = [f"Too few to show, chosen on their own: {listed(small)}."] if small else []
    words += [f"This page does not use the {listed(ignored)} filter."] if ignored else []
    if words:
        st.html(f'<p class="io-release">{escape(" ".join(words))}</p>')


def too_small(release: Release, group: Group) -> list[str]:
    """Choices that would lead to hidden figures, given the other filters."""
    small: list[str] = []
    for name, values in CHOICES.items():
        for value in values[1:]:
            other = Group(**{**vars(group), name: value})
            if release.size(other).hidden:
                small.append(value.replace("_", " "))
    return small


def release_line(release: Release, wave: Wave) -> str:
    """Release, dates, checks and what kind of data these are, as HTML with a link."""
    manifest = release.manifest
    parts = [
        f"Release {release.number}, published {str(manifest['published_at'])[:10]}",
        f"data to {manifest['data_to'] or 'no stated date'}",
        f'<a href="data-quality" target="_self">{manifest["checks_passed"]:,} of '
        f"{manifest['checks']:,} checks passed</a>",
        "small groups are protected",
    ]
    return " · ".join(parts) + (f". {kind}" if (kind := nature(wave)) else "")


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
