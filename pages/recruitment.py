"""From approach to interview: who was asked, who declined, who did not come."""

from html import escape

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import find
from iomdash.declared.groups import Group
from iomdash.pictures import recruitment
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import headline
from iomdash.release.reader import Release
from iomdash.site.filters import Page
from iomdash.site.frame import choose
from iomdash.site.parts import FIGURES, key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import dots, drawn, figure, quiet, show

FILTERS = Page(("cohort",))
ASKED_ONCE = "An approach is one person asked once. Those who did not attend were not asked why."


@drawn
def _flow(release: Release, group: Group) -> Picture:
    return recruitment.flow(release, group)


def figures(release: Release, group: Group, _: AgencyGroup) -> dict[str, Picture]:
    """The page's picture by name."""
    return {"flow": _flow(release, Group(group.wave, group.cohort))}


def page(sheet: Sheet) -> None:
    """Flow of a wave, or of a cohort where approaches name theirs."""
    release, group = sheet.release, choose(sheet, FILTERS).group
    sheet.html(f"<h1>Recruitment: whom the interviews reached</h1>{whole_page(sheet)}{FIGURES}")
    show(sheet, _flow(release, group), "flow")
    cell = release.claims(group, find("F18"))[0]
    sheet.html(f"<h3>{escape(headline(cell))}</h3>{figure(cell)}{dots(cell)}")
    sheet.html(quiet(ASKED_ONCE) + key())
