"""A picture as a file of its own, PNG or SVG, with its message, measure, note and source in it."""

import json
from textwrap import wrap
from threading import Lock
from typing import Any

from iomdash.pictures.look import light
from iomdash.pictures.theme import Picture

WIDTH = 820  # pixels of the chart itself
_LETTERS = 112
_SCALE = 2  # pixels of a PNG for each of the drawing
# A drawing takes a core for a moment: one at a time leaves the others to pages.
_one_at_a_time = Lock()


def svg(picture: Picture, source: str) -> bytes:
    """The picture as SVG. Raises ValueError where there is nothing to draw."""
    import vl_convert  # a quarter of a gigabyte, of whoever takes a picture

    with _one_at_a_time:
        return vl_convert.vegalite_to_svg(_whole(picture, source), allowed_base_urls=[]).encode()


def png(picture: Picture, source: str) -> bytes:
    """The picture as PNG. Raises ValueError where there is nothing to draw."""
    import vl_convert

    with _one_at_a_time:
        return vl_convert.vegalite_to_png(
            _whole(picture, source), scale=_SCALE, allowed_base_urls=[]
        )


def _whole(picture: Picture, source: str) -> dict[str, Any]:
    """A specification that stands alone: on white, of a fixed width, with all its words."""
    if picture.spec is None:
        raise ValueError("There is nothing to draw.")
    spec: dict[str, Any] = json.loads(picture.spec)
    about = [picture.subtitle, picture.note, source]
    lines = [line for part in about if part for line in wrap(part, _LETTERS)]
    spec.update(
        width=WIDTH, background=light("ground"), padding=24,
        description=picture.alt, autosize={"type": "pad", "contains": "padding"},
        title={
            "text": wrap(picture.title, _LETTERS - 40), "subtitle": lines, "anchor": "start",
            "frame": "bounds", "offset": 18, "fontSize": 19, "subtitleFontSize": 13,
            "subtitlePadding": 6, "color": light("ink"), "subtitleColor": light("quiet"),
            "subtitleLineHeight": 18,
        },
    )  # fmt: skip
    return spec
