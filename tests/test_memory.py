"""What is made of a release is kept while it is read, and is gone with it."""

import gc
import shutil
from pathlib import Path
from weakref import ref

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from iomdash.declared.groups import Group
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site import guard

PAGES = ("overview", "F01", "cohorts", "cohort-PPO", "outcomes", "profile", "said-and-recorded")


def drawn(address: str) -> None:
    """Run a page as a visitor's first, and leave nothing of the run."""

    def script(address: str) -> None:
        from iomdash.site.navigation import pages

        pages()[address]._page()

    app = AppTest.from_function(script, default_timeout=60, args=(address,)).run()
    assert [element.value for element in app.exception] == []


def is_open(path: Path) -> bool:
    """Whether this process has a database open: another set-up of the same file is refused."""
    try:
        duckdb.connect(path, read_only=True, config={"threads": 1}).close()
    except duckdb.ConnectionException:
        return True
    return False


@pytest.fixture
def copied(demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The board's release of the demonstration in a folder of its own, which pages read."""
    shutil.copytree(demo_dir / "releases", tmp_path / "releases")
    monkeypatch.setenv("IOMDASH_RELEASES", str(tmp_path / "releases"))
    monkeypatch.delenv("IOMDASH_AUDIENCE", raising=False)
    return path_of(tmp_path / "releases", "board")


def test_a_release_whose_pages_were_drawn_is_gone_when_another_takes_its_place(
    copied: Path, demo_dir: Path
) -> None:
    first = ref(guard.opened(copied))
    for address in PAGES:
        drawn(address)
    held = first()
    assert held is not None
    assert len(held.memo) > len(PAGES)
    del held
    assert is_open(copied)
    guard.opened(path_of(demo_dir / "releases", "board"))
    gc.collect()
    assert first() is None
    assert not is_open(copied)


def test_nothing_but_its_readers_keeps_a_release(copied: Path) -> None:
    release = Release(copied)
    assert counted(release, Group("2017")) == counted(release, Group("2017"))
    gone = ref(release)
    gc.disable()
    try:
        del release
        assert gone() is None
    finally:
        gc.enable()


made: list[Group] = []


@remembered(2)
def counted(release: Release, group: Group) -> int:
    made.append(group)
    return len(release.claims(group))


def test_what_was_made_is_made_once_for_each_release_and_the_oldest_is_forgotten(
    copied: Path,
) -> None:
    one, other = Release(copied), Release(copied)
    first, second, third = Group("2017"), Group("2026"), Group("2026", "PPO")
    asked: list[tuple[Release, Group]] = [
        (one, first), (one, first), (other, first), (one, second), (one, third), (one, first),
    ]  # fmt: skip
    made.clear()
    for release, group in asked:
        assert counted(release, group) == len(release.claims(group))
    assert made == [first, first, second, third, first]


def test_only_a_function_of_a_release_is_remembered_with_one() -> None:
    with pytest.raises(ValueError, match="'release' is not in list"):
        remembered(1)(is_open)
