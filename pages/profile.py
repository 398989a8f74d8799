"""Who was interviewed: the information sheet, field by field, small answers joined."""

import streamlit as st

from iomdash.declared.groups import Group
from iomdash.declared.information_sheet import FIELDS
from iomdash.pictures import information_sheet
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
from iomdash.site.frame import choose, current
from iomdash.site.show import drawn, note, show


@drawn
def _field(field: str, release: Release, group: Group) -> Picture:
    return information_sheet.field(field, release, group)


def page() -> None:
    """Every field of the sheet, in two columns."""
    release = current()
    st.title("Profile: who was interviewed")
    group = choose(release, uses=("cohort",))
    wave = release.wave(group.wave)
    if wave.reconstructed:
        st.write(
            "The 2017 report prints its profile as pictures only. What its text states is shown; "
            "nothing else about these 11 people is known here, and nothing is made up."
        )
    pictures = [_field(field.id, release, group) for field in FIELDS]
    known = [p for p in pictures if p.spec is not None]
    for column, side in zip(st.columns(2, gap="large"), (known[::2], known[1::2]), strict=True):
        with column:
            for picture in side:
                show(picture)
    unknown = [p.title for p in pictures if p.spec is None]
    if unknown:
        note(" · ".join(unknown))
