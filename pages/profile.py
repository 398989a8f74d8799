"""Who was interviewed: the information sheet, field by field, small answers joined."""

import streamlit as st

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import Group
from iomdash.declared.information_sheet import FIELDS
from iomdash.pictures import information_sheet
from iomdash.pictures.theme import EVERY, Picture, spread
from iomdash.release.reader import Release
from iomdash.site.frame import choose, current
from iomdash.site.parts import FIGURES, whole_page
from iomdash.site.show import drawn, note, show


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


def page() -> None:
    """Every field of the sheet, in two columns."""
    release = current()
    st.title("Profile: who was interviewed")
    group = choose(release, uses=("cohort",))
    st.html(whole_page() + FIGURES)
    wave = release.wave(group.wave)
    if wave.reconstructed:
        st.write(
            "The 2017 report prints its profile as pictures only. What its text states is shown; "
            "nothing else about these 11 people is known here, and nothing is made up."
        )
    pictures = {field.id: _field(field.id, release, group) for field in FIELDS}
    known = [(name, p) for name, p in pictures.items() if p.spec is not None]
    for column, side in zip(st.columns(2, gap="large"), (known[::2], known[1::2]), strict=True):
        with column:
            for name, picture in side:
                show(picture, name)
    unknown = [p.title for p in pictures.values() if p.spec is None]
    if unknown:
        note(" · ".join(unknown))
