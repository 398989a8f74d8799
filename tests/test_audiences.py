"""Audiences are data: one that is added gets releases, and the others keep their history."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from iomdash import cli
from iomdash.declared import audiences
from iomdash.declared.audiences import Audience
from iomdash.declared.groups import Group
from iomdash.disclosure import history
from iomdash.disclosure.policy import FILE, for_audience
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.publishing.publish import Published, attack_again, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.study import synthetic
from iomdash.vault.writer import Vault

PANEL = Audience("panel", "a panel of residents", "residents")
OLD = ("board", "coordinator")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of forty made-up people, published once."""
    folder = tmp_path_factory.mktemp("audiences")
    made = synthetic.write(folder, interviews=40, seed=1)
    with Vault.open(folder / "data") as vault:
        for table in ("interviews", "codings"):
            vault.load(table, made[table])
    published(folder / "data")
    return folder / "data"


@pytest.fixture
def data(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "data")


def published(data: Path) -> Published:
    return publish(data, data / "releases")


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
    done = published(data)
    assert {r.audience: r.releases for r in done.reports} == {
        "board": (1, 2), "coordinator": (1, 2), "panel": (2,),
    }  # fmt: skip
    assert [shelf.kept(data / "releases", a) for a in (*OLD, "panel")] == [[1, 2], [1, 2], [2]]
    assert opened(data, "panel").size(Group("2026")).n == 40
    assert [opened(data, a).manifest["previous"] for a in (*OLD, "panel")] == [1, 1, None]
    again = attack_again(data, data / "releases", "panel")
    assert (again.releases, again.breaches) == ((2,), ())


@pytest.mark.usefixtures("third")
def test_the_others_are_protected_with_what_they_were_shown_before(data: Path) -> None:
    """Two people more: whoever knows release 1 must not see them, and who is new knows nothing."""
    made = synthetic.write(data.parent, interviews=2, seed=2)
    for table in ("interviews", "codings"):
        named = pl.read_csv(made[table], infer_schema=False).with_columns(
            pl.col("interview_id").str.replace("S26", "T2")
        )
        named.write_csv(data.parent / f"two-{table}.csv")
        with Vault.open(data) as vault:
            vault.load(table, data.parent / f"two-{table}.csv")
    done = published(data)
    assert [each.table for each in done.waiting] == ["interviews"]
    assert {a: opened(data, a).size(Group("2026")).n for a in OLD} == dict.fromkeys(OLD, 40)


@pytest.mark.usefixtures("third")
def test_a_release_names_its_audiences(data: Path) -> None:
    published(data)
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
    assert [each["audience"] for each in json.loads(capsys.readouterr().out)] == list(OLD)


def test_an_audience_without_rules_is_told_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audiences, "AUDIENCES", (*audiences.AUDIENCES, PANEL))
    with pytest.raises(EnvironmentFault) as told:
        for_audience("board")
    assert "'residents' is missing. Add it. Audiences are declared in" in str(told.value)


def test_rules_of_nobody_are_told_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IOMDASH_POLICY", str(policy_file(tmp_path)))
    with pytest.raises(EnvironmentFault) as told:
        for_audience("board")
    assert "'residents' is not known here. Use: board, coordinator. Audiences" in str(told.value)


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
        published(data)
