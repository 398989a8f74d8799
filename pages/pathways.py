"""The gap matrix: what agencies record on the seven pathways, and what interviewees say of them."""

from dataclasses import replace
from html import escape

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import Exhibit
from iomdash.declared.groups import Group
from iomdash.pictures import agencies, exhibits, unmet
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture, tabled
from iomdash.release.reader import Release
from iomdash.site.filters import OF_BOTH
from iomdash.site.frame import choose, dated
from iomdash.site.parts import key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import drawn, quiet, show, show_sent

SAID = Exhibit("matrix", "Seven pathways: need, offered, relevant, helped")
APART = (
    "Interviewees and the people in agencies' records are never matched: the two blocks are "
    "about different people, and their figures may not be compared one by one."
)


@drawn
def _recorded(release: Release, people: AgencyGroup) -> Picture:
    return agencies.pathways(release, people)


@drawn
def _said(release: Release, group: Group) -> Picture:
    return exhibits.picture(SAID, release, group)


def figures(release: Release, group: Group, people: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures and tables by name."""
    rows, title = unmet.rows(release, people, group), "Needs without help, the most people first"
    return {
        "without-help": tabled(title, rows, measure="pathways"),
        "recorded": replace(_recorded(release, people), measure="pathways"),
        "said": _said(release, group),
    }


def page(sheet: Sheet) -> None:
    """Needs that met no help, the most people first, then both matrices, one under the other."""
    release, choice = sheet.release, choose(sheet, OF_BOTH)
    message = unmet.message(unmet.unmet(release, choice.people))
    sheet.html(
        f"<h1>Pathways: where need meets no help</h1>{whole_page(sheet)}"
        f"<h2>Needs without help</h2>{dated(release, 'pathways', 'waits')}"
        f"<p><strong>{escape(message)}</strong></p>"
    )
    taken = figures(release, choice.group, choice.people)
    show_sent(sheet, taken, "without-help")
    sheet.html(quiet(f"{unmet.WAITS} {APART}"))
    sheet.html("<h2>What agencies record</h2>")
    show_sent(sheet, taken, "recorded")
    sheet.html(f"{quiet(blurring(release))}<h2>What interviewees say</h2>")
    show(sheet, taken["said"], "said")
    sheet.html(key())
