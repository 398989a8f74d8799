"""Compare: any two groups side by side, differences in words only where a test carries them."""

from html import escape

import streamlit as st

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import FILTERS, KEY, Group, joined
from iomdash.pictures import side_by_side
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import listed
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.address import CHOSEN, asked, changed
from iomdash.site.filters import LONGEST, choices, label
from iomdash.site.frame import choose_people, current, dated
from iomdash.site.show import drawn, note, show, table

KEPT = 1024
WITH = "with"
FIRST = "Choose a cohort, a provider or a supervision above: it is the first of the two groups."
TESTED = (
    "What people say is tested by Fisher's exact test, corrected for all claims here (Holm), for "
    "two groups that one filter tells apart from each other and nothing else narrows. What "
    "agencies record is said to differ where the 95 % intervals have nothing in common; alike "
    "groups part so by chance about once in a hundred. Interviewees and people in agencies' "
    "records are never matched."
)


@drawn
def _said(release: Release, one: Group, other: Group) -> Picture:
    return side_by_side.said(release, one, other, _names(one, other))


@remembered(KEPT)
def _recorded(release: Release, one: AgencyGroup, other: AgencyGroup) -> list[dict[str, str]]:
    return side_by_side.recorded(release, one, other, _names(one, other))


def page() -> None:
    """The chosen group and another, claim by claim and measure by measure."""
    release = current()
    st.title("Compare two groups")
    group, people = choose_people(release, wave=True)
    others = alternatives(release, group)
    if not others:
        note(FIRST)
        return
    value = next((value for value in others if label(value) == asked(WITH)), None)
    st.html(_choice(others, value))
    if value is None:
        return
    name = others[value]
    _compared(
        release, (group, group_with(group, name, value)), (people, people.where(**{name: value}))
    )


def _compared(
    release: Release, groups: tuple[Group, Group], people: tuple[AgencyGroup, AgencyGroup]
) -> None:
    st.html("<h2>What people say</h2>")
    show(_said(release, *groups))
    st.html(f"<h2>What agencies record</h2>{dated(release, *side_by_side.MEASURES)}")
    table(_recorded(release, *people), "What agencies record of both")
    note(f"{TESTED} {blurring(release)}")


def alternatives(release: Release, group: Group) -> dict[str, str]:
    """Values that another group has in place of one of this group's, each with its filter."""
    return {
        value: name
        for name in group.filters
        for value in choices(release, group.wave, name)
        if value != getattr(group, name)
        and not (name == "cohort" and {*joined(value)} & {*joined(group.cohort)})
    }


def group_with(group: Group, name: str, value: str) -> Group:
    """The group with another value of one filter."""
    return Group(*(value if key == name else getattr(group, key) for key in KEY))


def _choice(others: dict[str, str], chosen: str | None) -> str:
    """Links to each group to compare with, as HTML; one that was asked for and is not, said."""
    links = [
        f'<a href="{changed(**{WITH: label(value)})}" data-exact="1"'
        f"{CHOSEN if value == chosen else ''}>{escape(label(value))}</a>"
        for value in others
    ]
    strange = asked(WITH) if chosen is None else ""
    unknown = f"<p>There is no group '{escape(strange[:LONGEST])}' to compare.</p>"
    switch = f'<p class="io-switch" role="group" aria-label="Compare with">{"".join(links)}</p>'
    return f"<p>Compare with:</p>{switch}{unknown if strange else ''}"


def _names(one: Group | AgencyGroup, other: Group | AgencyGroup) -> tuple[str, str]:
    """The two groups by what tells them apart."""
    apart = [name for name in FILTERS if getattr(one, name) != getattr(other, name)]
    first, second = (
        listed([label(getattr(group, name)) for name in apart]) for group in (one, other)
    )
    return first, second
