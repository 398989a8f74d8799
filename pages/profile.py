"""Who was interviewed: the information sheet, field by field, small answers joined."""

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import Group
from iomdash.declared.information_sheet import FIELDS
from iomdash.pictures import information_sheet
from iomdash.pictures.theme import EVERY, Picture, spread
from iomdash.release.reader import Release
from iomdash.site.filters import Page
from iomdash.site.frame import choose
from iomdash.site.parts import FIGURES, whole_page
from iomdash.site.sheet import Beside, Sheet
from iomdash.site.show import drawn, quiet, show

FILTERS = Page(("cohort",))
FROM_PRINT = (
    "The 2017 report prints its profile as pictures only. What its text states is shown; "
    "nothing else about these 11 people is known here, and nothing is made up."
)


@drawn
def _field(field: str, release: Release, group: Group) -> Picture:
    return information_sheet.field(field, release, group)


def figures(release: Release, group: Group, _: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures by name, that of the field."""
    who = Group(group.wave, group.cohort)
    return {
        field.id: spread(_field(field.id, release, who), provider=EVERY, supervision=EVERY)
        for field in FIELDS
    }


def page(sheet: Sheet) -> None:
    """Every field of the sheet, in two columns."""
    release, group = sheet.release, choose(sheet, FILTERS).group
    sheet.html(f"<h1>Profile: who was interviewed</h1>{whole_page(sheet)}{FIGURES}")
    if release.wave(group.wave).reconstructed:
        sheet.html(f"<p>{FROM_PRINT}</p>")
    pictures = {field.id: _field(field.id, release, group) for field in FIELDS}
    known = [(name, p) for name, p in pictures.items() if p.spec is not None]
    columns = (sheet.column(), sheet.column())
    for i, (name, picture) in enumerate(known):
        show(columns[i % 2], picture, name)
    sheet.add(Beside(tuple(column.whole() for column in columns)))
    sheet.html(quiet(" · ".join(p.title for p in pictures.values() if p.spec is None)))
