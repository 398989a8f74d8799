"""Altair makes a form once; a picture fills it in, and nothing of one picture is in another."""

import asyncio
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from iomdash.declared.groups import Group
from iomdash.pictures import forms
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.forms import ROWS, chart, filled, form, in_order, rows_axis, share_axis
from iomdash.pictures.theme import Picture
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site import navigation, warm
from iomdash.site.address import Asked
from pages.figures import PAGES, of_page, whose

GROUPS = (Group("2026"), Group("2026", "PPO"), Group("2017"))


def drawn(release: Release, group: Group) -> list[Picture]:
    asked = Asked((("wave", group.wave), ("cohort", group.cohort)))
    pages = [*_pictures(release, asked).values()]
    return [picture for pictures in pages for picture in pictures.values() if picture.spec]


def _pictures(release: Release, asked: Asked) -> dict[str, Mapping[str, Picture]]:
    """The pictures of every page that has some."""
    choices = {page: whose(page, release, asked) for page in PAGES}
    return {p: of_page(p, release, c.group, c.people) for p, c in choices.items()}


@pytest.mark.parametrize("group", GROUPS)
def test_every_chart_is_whole_and_what_altair_takes_for_one(board: Release, group: Group) -> None:
    pictures = drawn(board, group)
    assert len(pictures) > 30
    for picture in pictures:
        spec = json.loads(picture.spec or "")
        names = {part["name"] for part in within(spec) if set(part) == {"name"}}
        assert names == set(spec["datasets"])
        assert not forms._BLANK.search(json.dumps({**spec, "datasets": {}}))
    for spec in {len(p.spec or ""): p.spec for p in pictures[:40]}.values():
        alt.LayerChart.from_json(spec or "")  # which checks it against the schema of Vega-Lite


def within(node: object) -> list[Mapping[str, Any]]:
    """Every object of a specification but its data."""
    if isinstance(node, Mapping):
        parts = [part for key, value in node.items() if key != "datasets" for part in within(value)]
        return [node, *parts]
    return [part for value in node for part in within(value)] if isinstance(node, list) else []


def test_a_form_is_made_once_whatever_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Sequence[alt.Chart]] = []
    real = forms._specified
    monkeypatch.setattr(forms, "_specified", lambda layers: (made.append(layers), real(layers))[1])

    @form
    def layers(*, more: bool) -> list[alt.Chart]:
        bar = chart().mark_bar().encode(x=share_axis(), y=rows_axis("label"))
        return [bar, bar] if more else [bar]

    rows = [[{"label": word, "share": share}] for word, share in (("one", 0.1), ("two", 0.2))]
    specs = [
        filled(layers(more=more), 1, {ROWS: row}, **in_order([str(row[0]["label"])]))
        for more in (True, False) for row in rows
    ]  # fmt: skip
    assert len(made) == 2
    assert ["two" in spec for spec in specs] == [False, True, False, True]


def test_a_picture_after_the_first_of_its_kind_asks_nothing_of_altair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bars("Needs", "", [Bar("Money", 3, 24)])
    monkeypatch.setattr(forms, "_specified", lambda _: pytest.fail("a form was made again"))
    assert "Housing" in (bars("Needs", "", [Bar("Housing", 18, 24)]).spec or "")


@pytest.mark.parametrize("word", ["@label", "@order", '["@order"]', '"', "}, {", "\\"])
def test_a_label_is_a_label_whatever_it_looks_like(word: str) -> None:
    spec = json.loads(bars("Needs", "", [Bar(word, 3, 24), Bar("Money", 1, 24)]).spec or "")
    assert [row["label"] for row in spec["datasets"][ROWS]] == [word, "Money"]
    orders = [part["sort"] for part in within(spec) if "sort" in part]
    assert orders
    assert all(order == [word, "Money"] for order in orders)


def test_a_blank_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="order"):
        filled('{"sort": ["@order"]}', 1, {})


# ------------------------------------------------------------------------------- ahead of visitors


def test_what_was_drawn_ahead_is_not_asked_of_the_release_again(
    demo_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(path_of(demo_dir / "releases", "board"))
    rests: list[float] = []
    warm.draw(release, rests.append)
    assert len(rests) == len(navigation.pages())
    monkeypatch.setattr(release, "_asked", lambda *_: pytest.fail("a table was read"))
    asked = release._cached.cache_info().misses
    for address in navigation.pages():
        navigation.made(release, address, Asked())
    assert all(_pictures(release, Asked()).values())
    assert release._cached.cache_info().misses == asked


def test_a_release_is_drawn_once_it_is_seen_and_what_is_wrong_with_one_ends_nothing(
    demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = tmp_path / "releases"
    monkeypatch.setenv("IOMDASH_RELEASES", str(releases))
    monkeypatch.setattr(warm, "EVERY", 0.01)
    seen, enough = [], threading.Event()

    def drawn(release: Release, _: object) -> None:
        seen.append(release.path)
        if len(seen) == 1:
            raise ValueError("a fault of the program")
        enough.set()

    monkeypatch.setattr(warm, "draw", drawn)

    async def serve() -> None:
        async with warm.kept_warm(None):
            await asyncio.sleep(0.1)  # nothing is published yet
            assert seen == []
            (tmp_path / "made").symlink_to(demo_dir / "releases")
            (tmp_path / "made").rename(releases)
            assert await asyncio.to_thread(enough.wait, 20)
            await asyncio.sleep(0.1)

    asyncio.run(serve())
    assert [path.stem for path in seen] == ["board", "coordinator"]
