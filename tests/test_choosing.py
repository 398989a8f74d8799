"""Cohorts in a chart are links to the page for them, where the page knows them."""

import json

import pytest

from iomdash.pictures.dots import Dot, dots
from iomdash.pictures.theme import GROUP, Picture, spread
from iomdash.site.choosing import linked

DOTS = [
    Dot("PPO", 3, 48, 0.1, 0.2),
    Dot("DV&A", None, None, None, None, "too few"),
    Dot("HCCU and SPOS together", 9, 20, 0.2, 0.7),
]
PICTURE = spread(dots("Title", "", DOTS), cohort=GROUP)


def links(picture: Picture, *cohorts: str) -> set[str]:
    """The links of every layer, which are the same in all."""
    layers = linked(json.loads(picture.spec or ""), dict(picture.across), cohorts)["layer"]
    given = {json.dumps(layer["encoding"].get("href")) for layer in layers}
    assert len(given) == 1
    [href] = given
    if href == "null":
        return set()
    expression = json.loads(href)["value"]["expr"]
    assert expression.endswith('[datum["label"]]')
    return {f"{label} {to}" for label, to in json.loads(expression.split("[datum")[0]).items()}


@pytest.mark.parametrize(
    ("cohorts", "expected"),
    [
        ((), set()),
        (("U18",), set()),
        (("PPO", "U18"), {"PPO (n = 48) ?cohort=PPO"}),
        (("DV&A",), {"▨ DV&A ?cohort=DV%26A"}),
        (
            ("HCCU and SPOS together",),
            {"HCCU and SPOS together (n = 20) ?cohort=HCCU+and+SPOS+together"},
        ),
    ],
)
def test_a_cohort_is_a_link_where_the_page_knows_it(
    cohorts: tuple[str, ...], expected: set[str]
) -> None:
    assert links(PICTURE, *cohorts) == expected


def test_a_chart_of_other_things_has_no_links() -> None:
    assert links(dots("Title", "", DOTS), "PPO") == set()
    assert links(spread(dots("Title", "", DOTS), provider=GROUP), "PPO") == set()


def test_a_picture_that_is_taken_away_has_no_links() -> None:
    assert "href" not in (PICTURE.spec or "")
