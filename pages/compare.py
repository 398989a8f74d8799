"""Compare: any two groups side by side, differences in words only where a test carries them."""

from collections.abc import Collection
from html import escape

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import FILTERS, KEY, Group, joined
from iomdash.pictures import side_by_side
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import GROUP, Picture, spread
from iomdash.pictures.wording import listed
from iomdash.release.reader import Release
from iomdash.site.address import CHOSEN, WITH
from iomdash.site.filters import LONGEST, OF_BOTH, choices, label
from iomdash.site.frame import choose, dated
from iomdash.site.parts import key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import drawn, quiet, show

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


@drawn
def _recorded(release: Release, one: AgencyGroup, other: AgencyGroup) -> Picture:
    return side_by_side.recorded(release, one, other, _names(one, other))


def page(sheet: Sheet) -> None:
    """The chosen group and another, claim by claim and measure by measure."""
    release, choice = sheet.release, choose(sheet, OF_BOTH)
    others = alternatives(release, choice.group)
    taken = figures(release, choice.group, choice.people, sheet.asked.get(WITH))
    sheet.html(f"<h1>Compare two groups</h1>{whole_page(sheet, figures=bool(taken))}")
    sheet.html(_choice(others, sheet) if others else quiet(FIRST))
    if not taken:
        return
    sheet.html("<h2>What people say</h2>")
    show(sheet, taken["said"], "said")
    sheet.html(f"<h2>What agencies record</h2>{dated(release, *side_by_side.MEASURES)}")
    show(sheet, taken["recorded"], "recorded")
    sheet.html(quiet(f"{TESTED} {blurring(release)}") + key())


def figures(release: Release, group: Group, people: AgencyGroup, other: str) -> dict[str, Picture]:
    """The page's picture and its table by name; none where there is no such other group."""
    others = alternatives(release, group)
    value = next((value for value in others if label(value) == other), None)
    if value is None:
        return {}
    name = others[value]
    both = {name: GROUP}
    said = _said(release, group, group_with(group, name, value))
    recorded = _recorded(release, people, people.where(**{name: value}))
    return {"said": spread(said, **both), "recorded": spread(recorded, **both)}


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


def _choice(others: Collection[str], sheet: Sheet) -> str:
    """Links to each group to compare with, as HTML; one that was asked for and is not, said."""
    labels, chosen = [label(value) for value in others], sheet.asked.get(WITH)
    links = [
        f'<a href="{sheet.asked.changed(**{WITH: name})}" data-exact="1"'
        f"{CHOSEN if name == chosen else ''}>{escape(name)}</a>"
        for name in labels
    ]
    strange = "" if chosen in labels else chosen
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
