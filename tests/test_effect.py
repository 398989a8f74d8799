"""What would change before it does: tried on a copy, by the same path, and nothing is touched."""

import hashlib
import json
import shutil
import stat
from pathlib import Path

import pytest
from test_corrections import ALL, corrected, recoded
from test_loads import codings, interviews, names

from iomdash import cli
from iomdash.declared.codebook import CODES
from iomdash.declared.groups import Group
from iomdash.errors import ContractBroken, EnvironmentFault
from iomdash.publishing import effect
from iomdash.publishing.effect import Effect, File
from iomdash.publishing.publish import publish
from iomdash.publishing.published import Published
from iomdash.release import shelf
from iomdash.release.comparison import compare
from iomdash.release.reader import Release
from iomdash.vault.lock import lock_for
from iomdash.vault.writer import Vault


def published(data: Path) -> Published:
    return publish(data, data / "releases", without_uncoded=True)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with twenty interviews and the codings of nineteen, published once."""
    folder = tmp_path_factory.mktemp("effect")
    with Vault.open(folder / "data") as held:
        held.load("interviews", interviews(folder, "spring.csv", ALL))
        held.load("codings", codings(folder, "coded.csv", range(19)))
    published(folder / "data")
    return folder / "data"


@pytest.fixture
def data(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "data")


def more(folder: Path, people: range) -> list[File]:
    """Files of further people, half of them of another cohort, of whom one said no."""
    cohorts = {f"i{n}": "HCCU" for n in people if n % 2}
    return [
        File("interviews", interviews(folder, "autumn.csv", people, **cohorts)),
        File("codings", recoded(folder, 0, people, "autumn-coded.csv")),
    ]


def tried(data: Path, files: list[File]) -> Effect:
    return effect.of(data, data / "releases", files)


def contents(data: Path) -> dict[str, str]:
    """A hash of every file of a data folder but the lock, which says who was there last."""
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in data.rglob("*")
        if path.is_file() and path.name != "vault.lock"
    }


def test_an_effect_is_what_loading_and_publishing_then_do_and_nothing_is_touched(
    data: Path, tmp_path: Path
) -> None:
    files, before = more(tmp_path, range(20, 34)), contents(data)
    found = tried(data, files)
    assert contents(data) == before
    assert not list(data.glob(".effect-*"))
    with Vault.open(data) as held:
        for file in files:
            held.load(file.table, file.path)
    done = published(data)
    assert (done.number, done.waiting, done.retired) == (
        found.published.number, found.published.waiting, found.published.retired,
    )  # fmt: skip
    for audience, comparison in found.comparisons.items():
        one, two = (
            Release(shelf.path_of(data / "releases", audience, number)) for number in (1, 2)
        )
        really = compare(one, two)
        assert comparison.findings == really.findings
        assert comparison.measures == really.measures
        assert comparison.of("groups") == really.of("groups") != ()


def test_an_effect_says_what_is_missing_unused_and_uncoded(data: Path, tmp_path: Path) -> None:
    found = tried(data, more(tmp_path, range(20, 29)))
    assert found.missing == (effect.Missing(Group("2030", "HCCU"), 4, 1),)
    assert str(found.missing[0]) == (
        "HCCU in wave 2030 has 4 interviews: 1 more is needed before it may be shown by itself."
    )
    assert found.uncoded == ("i19",)
    assert set(found.unused) == {*CODES} - {"scheme.positive"}
    told = found.sentences("board")
    assert told[0] == "Loaded and published, this would be release 2."
    assert "Interviews without codings: 1: i19." in told
    assert any(each.startswith(f"Codes never used: {len(CODES) - 1}: ") for each in told)
    assert told[-1] == "Nothing was loaded and nothing published."


def test_a_batch_that_would_wait_says_how_many_are_missing(data: Path, tmp_path: Path) -> None:
    few = range(20, 22)
    found = tried(data, [
        File("interviews", interviews(tmp_path, "few.csv", few)),
        File("codings", codings(tmp_path, "few-coded.csv", few)),
    ])  # fmt: skip
    told = found.sentences("board")
    assert told[0] == (
        "Nothing would change: 1 batch is new or gone, and every figure is that of release 1."
    )
    assert "Waits: few-coded.csv (codings) would move" in told[1]
    assert (found.comparisons, found.published.made) == ({}, False)


def test_before_anything_is_published_everything_would_be_new(tmp_path: Path) -> None:
    found = tried(tmp_path / "none", more(tmp_path, range(12)))
    assert not (tmp_path / "none").exists()
    assert (
        found.sentences("board")[0] == "Nothing is published yet: this would be the first release."
    )


def test_the_effect_of_a_correction_can_be_asked(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Vault.open(data) as held:
        batch = names(held)["coded.csv"]
    file, before = recoded(tmp_path, 9), contents(data)
    assert cli.main(["check", "--effect", "--replace", batch, str(file), "--data", str(data)]) == 0
    assert "would be release 2" in capsys.readouterr().out
    assert contents(data) == before
    corrected(data, "coded.csv", file)
    assert published(data).number == 2


def test_the_command_tells_an_effect_as_json(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people, coded = more(tmp_path, range(20, 32))
    assert cli.main(["check", "interviews", str(people.path), "--effect", "--with", "codings",
                     str(coded.path), "--json", "--data", str(data)]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert [(each["file"], each["rows"]) for each in told["files"]] == [
        ("autumn.csv", 12), ("autumn-coded.csv", 12),
    ]  # fmt: skip
    assert (told["release"], told["unchanged"], told["waiting"]) == (2, None, [])
    assert told["comparison"]["audience"] == "board"
    assert told["comparison"]["groups"]
    assert told["uncoded_interviews"] == ["i19"]


def test_a_file_that_breaks_its_contract_leaves_no_copy(data: Path, tmp_path: Path) -> None:
    before = contents(data)
    with pytest.raises(ContractBroken, match="Not among the known cohorts"):
        tried(data, [File("interviews", interviews(tmp_path, "odd.csv", range(20, 22), i20="X"))])
    assert contents(data) == before
    assert not list(data.glob(".effect-*"))


def test_a_copy_is_its_owners_only_and_releases_are_not_changed_through_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, int] = {}

    def look(copy: Path, releases: Path, **_: object) -> None:
        del releases
        seen.update({path.name: stat.S_IMODE(path.stat().st_mode) for path in copy.iterdir()})
        seen["folder"] = stat.S_IMODE(copy.stat().st_mode)
        shelf.retire(copy / "releases", 1)
        shelf.point(copy / "releases", 7)
        raise EnvironmentFault("enough")

    monkeypatch.setattr(effect, "publish", look)
    before = contents(data)
    with pytest.raises(EnvironmentFault, match="enough"):
        tried(data, more(tmp_path, range(20, 32)))
    assert seen["folder"] == 0o700
    assert seen["vault.duckdb"] == seen["ledger.duckdb"] == 0o600
    assert contents(data) == before


def test_what_a_killed_try_left_behind_goes_with_the_next_and_one_in_use_stays(
    data: Path, tmp_path: Path
) -> None:
    left, used = data / ".effect-left", data / ".effect-used"
    for folder in (left, used):
        folder.mkdir()
        (folder / "vault.duckdb").write_bytes(b"people")
    lock = lock_for(used, effect.IN_USE)
    try:
        with pytest.raises(ContractBroken):
            tried(data, [File("interviews", codings(tmp_path, "odd.csv"))])
    finally:
        lock.close()
    assert [path.name for path in data.glob(".effect-*")] == [".effect-used"]
