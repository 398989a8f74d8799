"""Audiences are data: one that is added gets releases, and the others keep their history."""

import json
import shutil
from pathlib import Path

import pytest
from test_publish import WAVE, add, again

from iomdash import cli
from iomdash.declared import audiences
from iomdash.declared.audiences import Audience
from iomdash.declared.groups import Group
from iomdash.disclosure import history
from iomdash.disclosure.policy import FILE, for_audience
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.publishing.publish import attack_again, publish
from iomdash.release import shelf
from iomdash.release.reader import Release

PANEL = Audience("panel", "a panel of residents", "residents")
OLD = ("board", "coordinator")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of thirty people, published once for the audiences that the project has."""
    folder = tmp_path_factory.mktemp("audiences") / "data"
    add(folder, 0, 30, "yes")
    publish(folder, folder / "releases")
    return folder


@pytest.fixture
def data(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "data")


def policy_file(folder: Path) -> Path:
    """The project's policy with rules for a third audience, those of the board."""
    text = FILE.read_text("utf-8")
    board = text[text.index("  board:\n") : text.index("  coordinator:\n")]
    path = folder / "policy.yaml"
    path.write_text(text.replace("  coordinator:\n", f"{_named(board)}  coordinator:\n", 1))
    return path


def _named(rules: str) -> str:
    return rules.replace("  board:\n", f"  {PANEL.policy}:\n", 1)


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A third audience, declared and in the policy file."""
    monkeypatch.setattr(audiences, "AUDIENCES", (*audiences.AUDIENCES, PANEL))
    monkeypatch.setenv("IOMDASH_POLICY", str(policy_file(tmp_path)))


def opened(data: Path, audience: str) -> Release:
    return Release(shelf.path_of(data / "releases", audience))


@pytest.mark.usefixtures("third")
def test_an_added_audience_starts_without_history_and_the_others_keep_theirs(data: Path) -> None:
    before = history.read(data / "releases")
    assert {a: [r.number for r in every] for a, every in before.items()} == {
        "board": [1], "coordinator": [1], "panel": [],
    }  # fmt: skip
    done = again(data)
    assert {r.audience: r.releases for r in done.reports} == {
        "board": (1, 2), "coordinator": (1, 2), "panel": (2,),
    }  # fmt: skip
    assert [shelf.kept(data / "releases", a) for a in (*OLD, "panel")] == [[1, 2], [1, 2], [2]]
    assert opened(data, "panel").size(Group(WAVE)).n == 30
    assert [opened(data, a).manifest["previous"] for a in (*OLD, "panel")] == [1, 1, None]
    attacked = attack_again(data, data / "releases", "panel")
    assert (attacked.releases, attacked.breaches) == ((2,), ())
    # Nobody came since, so both releases hold the same figures.
    figures = {report.audience: report.cells for report in done.reports}
    assert figures == {"board": 2 * attacked.cells, "coordinator": 2 * attacked.cells,
                       "panel": attacked.cells}  # fmt: skip


@pytest.mark.usefixtures("third")
def test_the_others_are_protected_with_what_they_were_shown_before(data: Path) -> None:
    add(data, 30, 2, "no")
    done = again(data)
    assert {item.table for item in done.waiting} == {"codings"}
    assert {a: opened(data, a).size(Group(WAVE)).n for a in OLD} == dict.fromkeys(OLD, 30)


@pytest.mark.usefixtures("third")
def test_a_release_names_its_audiences(data: Path) -> None:
    again(data)
    for number, names in ((1, OLD), (2, (*OLD, "panel"))):
        assert shelf.audiences(data / "releases", number) == names
    assert opened(data, "panel").manifest["audience"] == {
        "name": "panel", "who": "a panel of residents", "policy": "residents",
    }  # fmt: skip


@pytest.mark.usefixtures("third")
def test_a_release_that_lacks_an_audience_says_so_and_how_to_get_one(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(EnvironmentFault, match=r"was not made for the panel\. Publish anew"):
        opened(data, "panel")
    assert cli.main(["audit", "--data", str(data), "--json"]) == 0
    assert [item["audience"] for item in json.loads(capsys.readouterr().out)] == list(OLD)


def test_an_audience_without_rules_is_told_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audiences, "AUDIENCES", (*audiences.AUDIENCES, PANEL))
    with pytest.raises(EnvironmentFault) as raised:
        for_audience("board")
    assert "'residents' is missing. Add it. Audiences are declared in" in str(raised.value)


def test_rules_of_nobody_are_told_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IOMDASH_POLICY", str(policy_file(tmp_path)))
    with pytest.raises(EnvironmentFault) as raised:
        for_audience("board")
    assert "'residents' is not known here. Use: board, coordinator. Audiences" in str(raised.value)


def test_two_audiences_may_share_their_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = Audience("deputy", "the board's deputies", "board")
    monkeypatch.setattr(audiences, "AUDIENCES", (*audiences.AUDIENCES, twin))
    assert for_audience("deputy").people == for_audience("board").people
    assert for_audience("deputy").audience == "deputy"


def test_a_word_that_is_no_audience_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'press' is no audience\. Choose one of: board, coord"):
        for_audience("press")


@pytest.mark.parametrize("held", [None, "torn", '{"board": {}}'])
def test_a_lost_manifest_stops_the_next_release_as_history_would_be_forgotten(
    data: Path, held: str | None
) -> None:
    manifest = data / "releases" / "0001" / shelf.MANIFEST
    manifest.unlink()
    if held is not None:
        manifest.write_text(held)
    with pytest.raises(EnvironmentFault, match=r"missing, damaged or of an older version.*anew\."):
        again(data)
