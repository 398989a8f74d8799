"""One look: contrast of every colour on both grounds, and the places that must say the same."""

import re
import tomllib
from pathlib import Path

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from iomdash.pictures.heat import FULL
from iomdash.pictures.look import (
    COLOURS,
    LEAST_OF_MARKS,
    LEAST_OF_WORDS,
    MARKS,
    WORDS,
    blend,
    contrast,
)
from iomdash.site.style import CSS

ROOT = Path(__file__).parent.parent
THEMES = ("light", "dark")


def of(name: str, theme: str) -> str:
    return str(getattr(COLOURS[name], theme))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_published_pairs(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["ground", "raised"])
@pytest.mark.parametrize("name", WORDS)
def test_words_stand_out_from_every_ground(name: str, ground: str, theme: str) -> None:
    assert contrast(of(name, theme), of(ground, theme)) >= LEAST_OF_WORDS


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", MARKS)
def test_marks_stand_out_from_the_ground(name: str, theme: str) -> None:
    assert contrast(of(name, theme), of("ground", theme)) >= LEAST_OF_MARKS


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_a_bar_and_on_the_darkest_tile_can_be_read(theme: str) -> None:
    assert contrast(of("on-first", theme), of("first", theme)) >= LEAST_OF_WORDS
    for share in range(101):
        tile = blend(of("first", theme), of("ground", theme), FULL * share / 100)
        assert contrast(of("ink", theme), tile) >= LEAST_OF_WORDS, share


def test_every_colour_of_a_chart_has_its_pair_in_the_style() -> None:
    assert len({colour.light for colour in COLOURS.values()}) == len(COLOURS)
    for name, colour in COLOURS.items():
        assert f"--io-{name}: light-dark({colour.light}, {colour.dark});" in CSS
        for mark in ("fill", "stroke"):
            assert f'svg [{mark}="{colour.light}"] {{ {mark}: var(--io-{name}); }}' in CSS


def test_streamlit_reads_its_theme_by_the_function_that_the_server_keeps_the_answers_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(config, "get_options_for_section", lambda part: asked.append(part) or {})
    app_session._populate_theme_msg(CustomThemeConfig())
    assert asked == ["theme"]


def test_no_colour_is_written_outside_the_look() -> None:
    for folder in ("iomdash/pictures", "iomdash/site", "pages"):
        for path in (ROOT / folder).glob("*.py"):
            if path.name != "look.py":
                written = re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))
                assert written == [], path


@pytest.mark.parametrize("theme", THEMES)
def test_streamlit_is_told_the_same_colours(theme: str) -> None:
    told = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][theme]
    assert told == {
        "primaryColor": of("first", theme), "backgroundColor": of("ground", theme),
        "secondaryBackgroundColor": of("raised", theme), "textColor": of("ink", theme),
        "linkColor": of("first", theme),
    }  # fmt: skip
