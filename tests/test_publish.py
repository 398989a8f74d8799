"""A release: what it holds, that it never changes, and that readers and crashes cannot tear it."""

import gc
import hashlib
import json
import random
import re
import shutil
import signal
import stat
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from iomdash import __version__
from iomdash.declared import audiences
from iomdash.declared.contracts.odcs import load as contract
from iomdash.declared.groups import Group
from iomdash.errors import EnvironmentFault
from iomdash.publishing import publish as publishing
from iomdash.publishing.beside import beside
from iomdash.publishing.publish import Published, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site import guard
from iomdash.vault.writer import Vault
from pages import overview

WAVE = "2030"
BETWEEN = 0.02  # seconds between two looks of a reader, who would take the publisher's time
CONSENTS = [c.name for c in contract("interviews").columns if c.name.startswith("consent_")]


def people(folder: Path, first: int, count: int) -> Path:
    """A file of interviews, all of one cohort."""
    header = ["interview_id", "wave", "cohort", "provider", "supervision", "setting", *CONSENTS]
    same = [WAVE, "PPO", "CRC", "statutory", "community", *["yes"] * len(CONSENTS), "synthetic"]
    lines = [",".join([f"i{n}", *same]) for n in range(first, first + count)]
    path = folder / f"interviews_{first}.csv"
    path.write_text("\n".join([",".join([*header, "origin"]), *lines]))
    return path


def said(folder: Path, first: int, count: int, stance: str) -> Path:
    """A file in which each of these people takes one stance to the scheme."""
    lines = [
        f"i{n},scheme.positive,{stance},c1,2026-01-31,synthetic"
        for n in range(first, first + count)
    ]
    path = folder / f"codings_{first}.csv"
    path.write_text("\n".join(["interview_id,code,stance,coder,coded_on,origin", *lines]))
    return path


def add(data: Path, first: int, count: int, stance: str) -> None:
    with Vault.open(data) as vault:
        vault.load("interviews", people(data.parent, first, count))
        vault.load("codings", said(data.parent, first, count, stance))


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 30 interviews of one cohort, published once."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    add(folder, 0, 30, "yes")
    publish(folder, folder / "releases")
    return folder


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "data")
    return tmp_path / "data"


def again(data: Path) -> Published:
    return publish(data, data / "releases", anyway=True)


def newest(data: Path, audience: str = "board") -> Release:
    return Release(path_of(data / "releases", audience))


@pytest.mark.parametrize("audience", audiences.names())
def test_every_audience_has_a_release_of_its_own(filled: Path, audience: str) -> None:
    assert newest(filled, audience).number == 1
    assert newest(filled, audience).path.name == f"{audience}.duckdb"


@pytest.mark.parametrize("audience", audiences.names())
def test_a_manifest_says_what_went_in_and_what_came_out(filled: Path, audience: str) -> None:
    opened = newest(filled, audience)
    manifest = opened.manifest
    inputs = {i["table_name"]: i for i in manifest["inputs"]}
    assert set(inputs) == {"interviews", "codings"}
    assert all(re.fullmatch("[0-9a-f]{64}", i["sha256"]) for i in inputs.values())
    assert inputs["interviews"]["row_count"] == 30
    rules = [rule for table in inputs for rule in contract(table).rules]
    warnings = [rule for rule in rules if rule.severity == "warning"]
    # The interviews of this file state nothing; all are coded, with one code.
    left = manifest["checks"] - manifest["checks_passed"]
    assert left == len(warnings) - len(("earlier_coded", "every_interview_coded"))
    assert manifest["checks"] == len(rules) + 2 * len(inputs) > 30
    assert manifest["policy"]["smallest"] >= 5
    for table, count in manifest["rows"].items():
        [row] = opened.rows(f"select count(*) as n from {table}")
        assert row["n"] == count, table


def results(opened: Release, loaded: str) -> dict[str, str | None]:
    rows = opened.rows(f"select rule, result from checks where table_name = '{loaded}'")
    return {row["rule"]: row["result"] for row in rows}


@pytest.mark.parametrize("audience", audiences.names())
def test_a_release_says_that_a_warning_did_not_pass_and_never_of_how_many_rows(
    filled: Path, audience: str
) -> None:
    opened = newest(filled, audience)
    told = results(opened, "interviews")
    assert told["interviews.age_stated"] == "failed"
    assert told["interviews.earlier_coded"] == told["interviews.age.range"] == "passed"
    names = {r["column_name"] for r in opened.rows("select column_name from duckdb_columns()")}
    assert "broken" not in names


def test_of_a_file_of_few_interviews_no_warning_is_told_whether_it_held_or_not(
    tmp_path: Path,
) -> None:
    with Vault.open(tmp_path / "data") as vault:
        vault.load("interviews", people(tmp_path, 0, 30))
        vault.load("codings", said(tmp_path, 2, 28, "yes"))
        vault.load("codings", said(tmp_path, 0, 2, "yes"))
    again(tmp_path / "data")
    rows = newest(tmp_path / "data").rows("select * from checks where table_name = 'codings'")
    told = {
        rule: sorted((row["result"] for row in rows if row["rule"] == f"codings.{rule}"), key=str)
        for rule in ("every_code_used", "every_interview_coded", "key.new")
    }
    assert told == {
        "every_code_used": [None, "failed"],
        "every_interview_coded": [None, "failed"],  # it failed of the 28, and held of the two
        "key.new": ["passed", "passed"],
    }


def test_a_manifest_names_versions_and_the_moment_in_utc(filled: Path) -> None:
    manifest = newest(filled).manifest
    assert manifest["versions"]["iomdash"] == __version__
    assert {"duckdb", "polars", "scipy", "statsmodels"} <= set(manifest["versions"])
    published = datetime.fromisoformat(manifest["published_at"])
    assert published.utcoffset() == timedelta(0)
    assert published <= datetime.now(UTC)


def test_a_manifest_lies_beside_the_files_for_people_to_read(filled: Path) -> None:
    text = (filled / "releases" / "0001" / "manifest.json").read_text("utf-8")
    assert json.loads(text)
    assert newest(filled).manifest["published_at"] in text


def test_a_release_holds_no_key_of_a_person(filled: Path) -> None:
    for audience in audiences.names():
        rows = newest(filled, audience).rows("select column_name from duckdb_columns()")
        names = {row["column_name"] for row in rows}
        assert not names & {"interview_id", "excerpt_id", "approach_id", "batch_id", "loaded_by"}


def test_no_progress_bar_can_stand_in_what_a_reader_prints(filled: Path) -> None:
    asked = "select current_setting('enable_progress_bar') as drawn"
    assert newest(filled).rows(asked)[0]["drawn"] is False


def test_the_files_of_a_release_cannot_be_written(filled: Path) -> None:
    for file in (filled / "releases" / "0001").iterdir():
        assert not stat.S_IMODE(file.stat().st_mode) & 0o222, file.name


def test_a_release_never_changes_when_later_ones_come(data: Path) -> None:
    before = hashes(data / "releases" / "0001")
    old = newest(data)
    add(data, 30, 30, "no")
    assert again(data).number == 2
    assert hashes(data / "releases" / "0001") == before
    assert old.number == 1  # a reader keeps the release that he opened
    assert old.size(Group(WAVE)).n == 30
    assert newest(data).size(Group(WAVE)).n == 60


def test_a_number_is_never_used_again(data: Path) -> None:
    assert again(data).number == 2
    shelf.point(data / "releases", 1)
    assert newest(data).number == 1
    assert again(data).number == 3
    assert shelf.numbers(data / "releases") == [1, 2, 3]


def test_nothing_is_left_over_beside_the_releases(data: Path) -> None:
    again(data)
    left = {path.name for path in (data / "releases").iterdir()}
    assert left == {"0001", "0002", shelf.POINTER}


@pytest.fixture(scope="module")
def thrice(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases 1, 2 with as many people who say the opposite, and 3 of the same people."""
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("thrice") / "data")
    add(folder, 30, 30, "no")
    assert [again(folder).number for _ in range(2)] == [2, 3]
    return folder


@pytest.mark.parametrize("audience", audiences.names())
def test_changes_say_which_verdict_changed_and_how(thrice: Path, audience: str) -> None:
    one, two, three = (
        Release(path_of(thrice / "releases", audience, number)) for number in (1, 2, 3)
    )
    assert one.rows("select * from changes") == three.rows("select * from changes") == []
    query = "select wave, finding, claim, before, after from changes where finding = 'F01'"
    assert [tuple(row.values()) for row in two.rows(query)] == [
        (WAVE, "F01", 0, "AS_CLAIMED", "WEAKER")
    ]


def test_a_release_of_another_form_is_not_built_upon(data: Path) -> None:
    for file in (data / "releases").rglob("*.duckdb"):
        file.chmod(0o644)
        with duckdb.connect(file) as con:
            con.execute("update manifest set json = replace(json, '\"format\"', '\"former\"')")
    with pytest.raises(EnvironmentFault) as told:
        again(data)
    assert str(told.value) == (
        "Release 1 was made by another version of iomdash, so nothing that it told can be held "
        "against a new one. Move the folder of releases and ledger.duckdb away, then publish anew: "
        "python -m iomdash publish"
    )
    assert shelf.numbers(data / "releases") == [1]


def test_steps_are_told_as_they_begin(data: Path) -> None:
    told: list[str] = []
    publish(data, data / "releases", step=told.append)
    assert told[:4] == ["count", "protect", "judge", "write"]


@dataclass
class Ten:
    """Ten releases: their numbers, which a reader saw meanwhile and what was torn, and which were
    open after each, counted from it.
    """

    numbers: list[int] = field(default_factory=list[int])
    seen: list[int] = field(default_factory=list[int])
    torn: list[str] = field(default_factory=list[str])
    alive: list[list[int]] = field(default_factory=list[list[int]])


@pytest.fixture(scope="module")
def ten(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Ten:
    """Ten releases published in a row, each read as a page does, while another reads all along."""
    data = shutil.copytree(filled, tmp_path_factory.mktemp("ten") / "data")
    # What the other has open is told from what pages have by another path to the same files.
    beside = data.with_name("beside")
    beside.symlink_to(data)
    ten, begun, done = Ten(), threading.Event(), threading.Event()

    def read() -> None:
        last = False
        while not last:
            last = done.is_set()  # so that the last one is read too, however slow the reader is
            try:
                opened = newest(beside)
                [row] = opened.rows("select count(*) as n from claims")
                if row["n"] != opened.manifest["rows"]["claims"]:
                    ten.torn.append(f"release {opened.number} has {row['n']} claims")
                ten.seen.append(opened.number)
            except Exception as fault:  # whatever a reader would meet
                ten.torn.append(repr(fault))
            begun.set()
            done.wait(BETWEEN)

    reader = threading.Thread(target=read)
    reader.start()
    begun.wait()
    try:
        for _ in range(10):
            ten.numbers.append(again(data).number)
            ten.alive.append(alive(data, ten.numbers[-1]))
    finally:
        done.set()
        reader.join()
    return ten


def alive(data: Path, number: int) -> list[int]:
    """Releases that are open once this newest one was read, by how much later they are."""
    read = guard.opened(path_of(data / "releases", "board"))
    assert overview.by_finding(read, Group(WAVE))
    assert overview._list(read, Group(WAVE), overview.BY_THEME)
    del read
    gc.collect()
    held = [each for each in gc.get_objects() if isinstance(each, Release)]
    return [each.number - number for each in held if data in each.path.parents]


def test_a_reader_never_sees_a_torn_release_while_ten_are_published(ten: Ten) -> None:
    assert ten.torn == []
    assert ten.numbers == list(range(2, 12))
    assert ten.seen == sorted(ten.seen)
    assert {1, 11} <= set(ten.seen)


def test_replaced_releases_are_closed_while_ten_are_published(ten: Ten) -> None:
    assert ten.alive == [[0]] * 10


@pytest.fixture(scope="module")
def whole(filled: Path, tmp_path_factory: pytest.TempPathFactory, processes) -> float:
    """Seconds that a publish takes when nobody stops it."""
    folder = tmp_path_factory.mktemp("whole")
    for place in ("warm", "timed"):
        shutil.copytree(filled, folder / place)
        begun = time.perf_counter()
        publisher = processes.Process(target=again, args=(folder / place,))
        publisher.start()
        publisher.join()
        assert publisher.exitcode == 0
    return time.perf_counter() - begun


@pytest.mark.parametrize("moment", range(8))
def test_a_publish_killed_at_a_random_moment_leaves_a_whole_release_in_force(
    moment: int, data: Path, processes, whole: float
) -> None:
    before = hashes(data / "releases" / "0001")
    publisher = processes.Process(target=again, args=(data,))
    publisher.start()
    time.sleep(random.Random(moment).uniform(0, whole))
    publisher.kill()
    publisher.join()
    assert publisher.exitcode in (-signal.SIGKILL, 0)
    in_force = newest(data).number
    assert in_force in (1, 2)
    taken = max(shelf.numbers(data / "releases"))
    assert again(data).number == taken + 1
    for audience in audiences.names():
        opened = newest(data, audience)
        assert opened.number == taken + 1
        assert opened.size(Group(WAVE)).n == 30
    assert hashes(data / "releases" / "0001") == before
    left = [path.name for path in (data / "releases").iterdir() if path.name.startswith(".")]
    assert left == []


def test_interviews_that_are_protected_in_a_process_beside_say_the_same(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []

    def counted(work: Callable[[], object]) -> AbstractContextManager[Callable[[], object]]:
        begun.append(work)
        return beside(work)

    monkeypatch.setattr(publishing, "beside", counted)
    assert not publish(data, data / "releases").made
    assert not begun
    monkeypatch.setattr(publishing, "MANY", 30)
    assert not publish(data, data / "releases").made
    assert len(begun) == 1


def test_what_a_killed_publish_left_behind_is_gone_after_the_next(data: Path) -> None:
    left = data / "releases" / ".building-left"
    left.mkdir()
    (left / "board.duckdb").write_bytes(b"not attacked")
    (data / "releases" / ".pointer-left").write_text("7")
    again(data)
    assert {p.name for p in (data / "releases").iterdir()} == {"0001", "0002", shelf.POINTER}


def test_a_folder_that_cannot_be_written_is_told_in_words(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for place in (tmp_path / "file", tmp_path / "file" / "releases"):
        with pytest.raises(EnvironmentFault) as told:
            publish(data, place)
        assert f"The release could not be written to {place}" in str(told.value)
        assert "publish again" in str(told.value)


def test_a_vault_without_interviews_has_nothing_to_publish(tmp_path: Path) -> None:
    Vault.open(tmp_path).close()
    with pytest.raises(EnvironmentFault) as told:
        again(tmp_path)
    assert "no interview" in str(told.value)
    assert "there is nothing to publish. Load interviews and codings first" in str(told.value)
    assert not (tmp_path / "releases").exists()


def test_without_a_vault_nothing_is_made_and_the_way_is_shown(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"There is no vault in .*\. Load a file first\."):
        again(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_is_published_the_way_to_it_is_shown(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as told:
        path_of(tmp_path, "board")
    assert f"Nothing is published in {tmp_path} yet." in str(told.value)
    assert "python -m iomdash publish" in str(told.value)


def test_a_number_that_does_not_exist_is_told_which_there_are(filled: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"no release 7 for the board .* one of: 1\."):
        path_of(filled / "releases", "board", 7)


def damage(path: Path, how: str) -> None:
    path.chmod(0o644)
    held = path.read_bytes()
    path.write_bytes({"empty": b"", "text": b"no database", "cut": held[: len(held) // 2],
                      "overwritten": b"\0" * len(held)}[how])  # fmt: skip


@pytest.mark.parametrize("how", ["empty", "text", "cut", "overwritten"])
def test_a_damaged_release_is_told_in_words(data: Path, how: str) -> None:
    path = path_of(data / "releases", "board")
    damage(path, how)
    with pytest.raises(EnvironmentFault) as told:
        Release(path)
    assert f"The release {path} cannot be read: it is damaged" in str(told.value)


def test_a_damaged_release_is_in_the_way_until_it_is_restored_or_retired(data: Path) -> None:
    folder = data / "releases" / "0001"
    damage(folder / "board.duckdb", "text")
    with pytest.raises(EnvironmentFault, match=r"retire it: delete the \.duckdb files"):
        again(data)
    assert shelf.latest(data / "releases") == 1
    for file in folder.glob("*.duckdb"):
        file.unlink()
    assert again(data).number == 2
    assert newest(data).size(Group(WAVE)).n == 30


@pytest.mark.parametrize("word", ["", "one", "1.5", "-1"])
def test_a_damaged_pointer_is_told_with_the_number_to_write(data: Path, word: str) -> None:
    (data / "releases" / shelf.POINTER).write_text(word)
    with pytest.raises(EnvironmentFault) as told:
        newest(data)
    assert f"says '{word}', which is no number of a release" in str(told.value)
    assert "Write the newest number into it: 1." in str(told.value)


def test_a_pointer_to_a_release_that_is_gone_is_told_with_those_that_are_there(
    data: Path,
) -> None:
    (data / "releases" / shelf.POINTER).write_text("99")
    with pytest.raises(EnvironmentFault, match=r"no release 99 for the board .* one of: 1\."):
        newest(data)


def test_the_user_of_the_server_can_read_what_is_released(data: Path) -> None:
    releases = data / "releases"
    for path in (releases / shelf.POINTER, *releases.glob("*/*")):
        assert path.stat().st_mode & 0o044 == 0o044, path
