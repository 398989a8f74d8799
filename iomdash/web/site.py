"""The pages of the site."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import streamlit as st

from iomdash.findings import FINDINGS
from iomdash.web.frame import HERE, page, visitor
from pages import (
    attendance,
    cohorts,
    data_quality,
    finding,
    methods,
    outcomes,
    overview,
    pathways,
    profile,
    recruitment,
    said_and_recorded,
)

Draw = Callable[[], None]
KEY = "pages"

# Title, address and function of every page that the navigation lists.
LISTED: tuple[tuple[str, str, Draw], ...] = (
    ("Overview", "overview", overview.page),
    ("Cohorts", "cohorts", cohorts.page),
    ("Pathways", "pathways", pathways.page),
    ("Outcomes", "outcomes", outcomes.page),
    ("Attendance", "attendance", attendance.page),
    ("Said and recorded", "said-and-recorded", said_and_recorded.page),
    ("Profile", "profile", profile.page),
    ("Recruitment", "recruitment", recruitment.page),
    ("Methods", "methods", methods.page),
    ("Data quality", "data-quality", data_quality.page),
)


class Kept(st.Page):
    """A page that knows the hash of its address, which Streamlit asks for thrice in every run."""

    @cached_property
    def _script_hash(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super()._script_hash


def pages() -> dict[str, Any]:
    """Every page by its address; findings have stable ones, F01 to F18, and are not listed."""
    listed = {
        address: Kept(page(draw), title=title, url_path=address, default=draw is overview.page)
        for title, address, draw in LISTED
    }
    hidden = {
        f.id: Kept(
            page(_named(f.id, partial(finding.page, f))),
            title=f"{f.id} {f.title}",
            url_path=f.id,
            visibility="hidden",
        )
        for f in FINDINGS
    }
    return {**listed, **hidden}


def _named(name: str, draw: Callable[..., None]) -> Draw:
    """Streamlit tells function pages apart by name."""

    def run() -> None:
        draw()

    run.__name__ = name
    return run


def run() -> None:
    """One run of the site: navigation first, on every path, then the page."""
    kept = visitor()
    # Kept for the visitor: to make 25 pages costs as much as a fifth of the overview.
    if KEY not in kept:
        kept[KEY] = list(pages().values())
    chosen = st.navigation(kept[KEY], position="top")
    kept[HERE] = chosen.url_path
    chosen.run()
