"""The pages of the site."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import streamlit as st

from iomdash.access.visitor import Visitor
from iomdash.declared import access
from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.scheme import COHORTS
from iomdash.site import administration, guard
from iomdash.site.frame import HERE, page, visitor
from iomdash.site.show import theme_address
from pages import (
    about,
    attendance,
    cohort,
    cohorts,
    conditions,
    data_quality,
    finding,
    methods,
    outcomes,
    overview,
    pathways,
    profile,
    recruitment,
    said_and_recorded,
    theme,
    themes,
)

Draw = Callable[[], None]
KEY = "pages"

# Title, address and function of every page that the navigation lists.
LISTED: tuple[tuple[str, str, Draw], ...] = (
    ("Overview", "overview", overview.page),
    ("Themes", "themes", themes.page),
    ("Cohorts", "cohorts", cohorts.page),
    ("Pathways", "pathways", pathways.page),
    ("Outcomes", "outcomes", outcomes.page),
    ("Attendance", "attendance", attendance.page),
    ("Said and recorded", "said-and-recorded", said_and_recorded.page),
    ("Profile", "profile", profile.page),
    ("Recruitment", "recruitment", recruitment.page),
    ("Conditions", "conditions", conditions.page),
    ("About", "about", about.page),
    ("Methods", "methods", methods.page),
    ("Data quality", "data-quality", data_quality.page),
)


class CachedPage(st.Page):
    """A page that knows the hash of its address, which Streamlit asks for thrice in every run."""

    @cached_property
    def _script_hash(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super()._script_hash


def pages() -> dict[str, Any]:
    """Every page by its address; those of findings, cohorts and themes are not listed."""
    listed = {
        address: CachedPage(
            guarded(address, draw), title=title, url_path=address, default=draw is overview.page
        )
        for title, address, draw in LISTED
    }
    of_findings = {f.id: (f"{f.id} {f.title}", partial(finding.page, f)) for f in FINDINGS}
    of_cohorts = {cohorts.address(c): (c.name, partial(cohort.page, c)) for c in COHORTS}
    of_themes = {theme_address(t): (t.name, partial(theme.page, t)) for t in THEMES}
    hidden = {
        address: CachedPage(
            guarded(address, _named(address, draw)),
            title=title,
            url_path=address,
            visibility="hidden",
        )
        for address, (title, draw) in {**of_findings, **of_cohorts, **of_themes}.items()
    }
    return {**listed, **hidden}


def guarded(address: str, draw: Draw) -> Draw:
    """A page with the guard before it, and its expected errors as messages."""
    return page(guard.guarded(address, draw))


def _named(name: str, draw: Callable[..., None]) -> Draw:
    """Streamlit tells function pages apart by name."""

    def run() -> None:
        draw()

    run.__name__ = name
    return run


def run() -> None:
    """One run of the site: who has it open, then navigation, on every path, then the page."""
    seen = guard.admitted()
    kept = visitor()
    # Kept for the visitor: to make them all costs as much as a fifth of the overview.
    if KEY not in kept:
        kept[KEY] = [drawn for address, drawn in every(seen).items() if _open(address, seen)]
    chosen = st.navigation(kept[KEY], position="top")
    st.html(guard.banner(seen))
    shown(chosen)


def every(seen: Visitor) -> dict[str, Any]:
    """Every page that this server has, by address, with those of whoever runs it where it is they
    who look: Streamlit opens the first that it is given.
    """
    own = {
        address: CachedPage(guarded(address, draw), title=title, url_path=address)
        for title, address, draw in administration.LISTED
    }
    return {**pages(), **own} if seen.audience else own


def _open(address: str, seen: Visitor) -> bool:
    return seen.may(access.page(address).to)


def shown(chosen: Any) -> None:
    """Draw the page that was chosen, whose address the filters follow."""
    visitor()[HERE] = chosen.url_path
    chosen.run()
