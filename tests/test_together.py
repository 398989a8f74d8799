"""Interviews and their codings are corrected in one act: both files, or neither."""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_loads import PEOPLE, TODAY, codings, excerpts, interviews, names, rows, state
from test_loads import data as data
from test_loads import filled as filled

from iomdash import cli
from iomdash.errors import ContractBroken, EnvironmentFault, UsageError
from iomdash.vault import log, replace, trial, undo
from iomdash.vault.replace import Correction
from iomdash.vault.trial import Broken, File, Held, Sound
from iomdash.vault.writer import Vault
from iomdash.workbench.desk import Desk

FEWER = range(5)
WAS = [("spring.csv", "loaded"), ("coded.csv", "loaded")]
IS = [
    ("spring.csv", "replaced"),
    ("coded.csv", "replaced"),
    ("i.csv", "loaded"),
    ("c.csv", "loaded"),
]


def both(vault: Vault, folder: Path, people: range = FEWER, stance: str = "no") -> list[Correction]:
    """Corrections of the interviews and of their codings, which need one another: one interview is
    gone from both.
    """
    known = names(vault)
    return [
        Correction(known["coded.csv"], codings(folder, "c.csv", people, stance)),
        Correction(known["spring.csv"], interviews(folder, "i.csv", people, i1="HCCU")),
    ]


def test_files_that_need_one_another_are_put_in_place_in_one_act(
    data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        corrections = both(vault, tmp_path)
        for alone in corrections[1:]:  # one after the other would be refused
            with pytest.raises(ContractBroken, match="rows of codings refer to it"):
                replace.together(vault, [alone], today=TODAY)
        shown = replace.preview(vault, corrections, today=TODAY)
        told = [(each.table, each.gone, each.changed) for each in shown]
        assert told == [("interviews", 1, 1), ("codings", 1, 5)]
        assert state(vault) == WAS
        first, second = replace.together(vault, corrections, user="ben", today=TODAY)
        assert state(vault) == IS
        assert (first.table, second.table) == ("interviews", "codings")
        held = rows(vault.connection)
        assert (len(held["interviews"]), len(held["codings"])) == (5, 5)


def test_the_log_says_that_they_belong_together_and_both_go_back_together(
    data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        first, second = replace.together(vault, both(vault, tmp_path), today=TODAY)
        *_, one, other = log.batches(vault.connection)
        assert (one.together, other.together) == ((second.batch_id,), (first.batch_id,))
        assert one.standing.endswith(f"in one act with {second.batch_id}, loaded")
        assert one.as_json()["together"] == (second.batch_id,)
        gone = undo.unload(vault, first.batch_id, with_dependents=True)
        assert {each.batch_id for each in gone} == {first.batch_id, second.batch_id}
        assert not any(rows(vault.connection).values())


@pytest.mark.parametrize("broken", ["i.csv", "c.csv"])
def test_where_either_file_is_broken_nothing_of_either_is_kept(
    broken: str, data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        before = rows(vault.connection)
        corrections = both(vault, tmp_path)
        text = (tmp_path / broken).read_text()
        (tmp_path / broken).write_text(
            text.replace("HCCU", "PPX").replace("positive,no", "positive,x")
        )
        for act in (replace.together, replace.preview):
            with pytest.raises(ContractBroken, match="Not among the known"):
                act(vault, corrections, today=TODAY)
            assert (rows(vault.connection), state(vault)) == (before, WAS)
        files = [
            File(table, Path(each.path), replaces=each.batch)
            for table, each in zip(("codings", "interviews"), corrections, strict=True)
        ]
        coded, asked = trial.check(vault, files)
        kinds = {"i.csv": (Held, Broken), "c.csv": (Broken, Sound)}
        assert (type(coded), type(asked)) == kinds[broken]


def test_codings_that_a_correction_leaves_without_their_interview_are_refused(
    data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        corrections = both(vault, tmp_path)
        codings(tmp_path, "c.csv", PEOPLE, "no")  # has the interview still that is gone
        with pytest.raises(ContractBroken) as told:
            replace.together(vault, corrections, today=TODAY)
        assert [(each.file, each.value) for each in told.value.breaks] == [("c.csv", "i5")]
        assert state(vault) == WAS


def test_what_a_third_batch_refers_to_refuses_both_in_the_name_of_the_file_that_lacks_it(
    data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        vault.load("excerpts", excerpts(tmp_path, "said.csv", range(5, 6)), today=TODAY)
        corrections = both(vault, tmp_path)
        with pytest.raises(ContractBroken, match="rows of excerpts refer to it") as told:
            replace.together(vault, corrections, today=TODAY)
        assert {each.file for each in told.value.breaks} <= {"i.csv", "c.csv"}
        assert state(vault)[:2] == WAS


def swapped(vault: Vault, folder: Path) -> list[Correction]:
    first, second = both(vault, folder)
    return [Correction(first.batch, second.path), Correction(second.batch, first.path)]


def twice(vault: Vault, folder: Path) -> list[Correction]:
    first, second = both(vault, folder)
    return [first, Correction(first.batch, second.path)]


def unknown(vault: Vault, folder: Path) -> list[Correction]:
    first, second = both(vault, folder)
    return [first, Correction("interviews-none", second.path)]


@pytest.mark.parametrize(("wrong", "said"), [
    (swapped, "has the headers of interviews, and codings-"),
    (twice, "is named twice, and one file takes the place of a batch"),
    (unknown, "There is no batch 'interviews-none'; nothing was changed."),
])  # fmt: skip
def test_files_that_do_not_belong_to_the_batches_are_refused_in_words(
    wrong: Callable[[Vault, Path], list[Correction]], said: str, data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        with pytest.raises(UsageError) as told:
            replace.together(vault, wrong(vault, tmp_path), today=TODAY)
        assert said in str(told.value)
        assert "nothing was changed" in str(told.value)
        assert state(vault) == WAS


# --------------------------------------------------------------------------------- command and page


def words(data: Path, folder: Path) -> list[str]:
    with Vault.open(data) as vault:
        coded, asked = both(vault, folder)
    return ["--replace", asked.batch, str(asked.path), "--and", coded.batch, str(coded.path),
            "--data", str(data)]  # fmt: skip


def test_the_command_shows_both_differences_and_replaces_both(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = words(data, tmp_path)
    assert cli.main(["check", *given]) == 0
    told = capsys.readouterr().out
    assert "interviews: 0 rows added, 1 gone, 1 changed, 4 the same." in told
    assert "codings: 0 rows added, 1 gone, 5 changed, 0 the same." in told
    assert told.endswith("Nothing was changed.\n")
    assert cli.main(["check", *given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["replaces"], told["together"]) == (given[1], [given[4]])
    assert cli.main(["check", *given, "--effect"]) == 0
    assert "Nothing was loaded and nothing published." in capsys.readouterr().out
    assert cli.main(["load", *given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["replaces"], each["differences"][0]["gone"]) for each in told] == [
        (given[1], 1), (given[4], 1),
    ]  # fmt: skip
    with Vault.open(data) as vault:
        assert state(vault) == IS


def test_the_command_says_that_it_was_one_act(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = words(data, tmp_path)
    assert cli.main(["load", *given]) == 0
    told = capsys.readouterr().out
    assert f"In one act they replace {given[1]} and {given[4]}." in told
    assert cli.main(["loads", "--data", str(data)]) == 0
    assert "in one act with codings-" in capsys.readouterr().out


def test_another_batch_without_a_first_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("check", "load"):
        given = [command, "codings", "a.csv", "--and", "b", "c.csv", "--data", str(data)]
        assert cli.main(given) == 1
        assert "name the first: --replace" in capsys.readouterr().err


def uploaded(desk: Desk, folder: Path) -> None:
    with Vault.open(desk.data_dir) as vault:
        corrections = both(vault, folder)
    desk.correct(*(each.batch for each in corrections))
    for each in corrections:
        with Path(each.path).open("rb") as file:
            desk.add(Path(each.path).name, file)
    assert desk.corrects == []
    assert {each.replaces for each in desk.uploads} == {each.batch for each in corrections}


def done(desk: Desk) -> None:
    assert desk.task is not None
    desk.task.wait(60)
    desk.settle()


def test_the_page_takes_both_files_shows_both_differences_and_loads_them_in_one_act(
    data: Path, tmp_path: Path
) -> None:
    desk = Desk(data)
    uploaded(desk, tmp_path)
    desk.check()
    done(desk)
    found = [each.outcome for each in desk.ordered]
    assert all(isinstance(each, Sound) and each.differences for each in found)
    desk.load()
    done(desk)
    assert (desk.error, desk.uploads, len(desk.loaded)) == (None, [], 2)
    with Vault.open(data) as vault:
        assert state(vault) == IS


def test_two_analysts_who_correct_both_at_once_leave_one_correction_and_tell_the_other(
    data: Path, tmp_path: Path
) -> None:
    desks = [Desk(data), Desk(data)]
    for place, desk in enumerate(desks):
        (tmp_path / str(place)).mkdir()
        uploaded(desk, tmp_path / str(place))
        desk.check()
        done(desk)
        assert desk.sound
    for desk in desks:
        desk.load()
    for desk in desks:
        done(desk)
    said = sorted(desk.error or "" for desk in desks)
    assert said[0] == ""
    assert "was replaced" in said[1] or "is being written" in said[1] or "is in use" in said[1]
    with Vault.open(data) as vault:
        assert state(vault) == IS


# ------------------------------------------------------------------------------------------- killed


def correct(data: Path, folder: Path) -> None:
    with Vault.open(data) as vault:
        replace.together(vault, both(vault, folder), today=TODAY)


def kill_as(stage: str, data: Path, folder: Path) -> None:
    def stop(begun: str) -> None:
        if begun == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    with Vault.open(data) as vault:
        replace.together(vault, both(vault, folder), today=TODAY, progress=stop)


def kill_before_the_end(data: Path, folder: Path) -> None:
    replace._keep = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    correct(data, folder)


def whole(data: Path) -> list[tuple[str, str]]:
    """Which of the two states a vault is in, nothing else being one."""
    with Vault.open(data) as vault:
        found = state(vault)
        held = rows(vault.connection)
    many = {len(held["interviews"]), len(held["codings"])}
    assert (found, many) in [(WAS, {6}), (IS, {5})]
    return found


def killed(processes: Any, work: Callable[..., None], *given: object) -> None:
    worker = processes.Process(target=work, args=given)
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("file", ["i.csv", "c.csv"])
@pytest.mark.parametrize("stage", ["checking", "storing"])
def test_an_act_killed_within_either_file_leaves_both_batches_as_they_were(
    stage: str, file: str, data: Path, tmp_path: Path, processes: Any
) -> None:
    killed(processes, kill_as, f"{file}: {stage}", data, tmp_path)
    assert whole(data) == WAS


def test_an_act_killed_before_its_end_can_be_repeated(
    data: Path, tmp_path: Path, processes: Any
) -> None:
    killed(processes, kill_before_the_end, data, tmp_path)
    assert whole(data) == WAS
    correct(data, tmp_path)
    assert whole(data) == IS


@pytest.mark.parametrize("moment", range(4))
def test_an_act_killed_at_a_random_moment_leaves_both_old_or_both_new(
    moment: int, data: Path, tmp_path: Path, processes: Any
) -> None:
    worker = processes.Process(target=correct, args=(data, tmp_path))
    worker.start()
    time.sleep(random.Random(moment).uniform(0, 1))
    worker.kill()
    worker.join()
    whole(data)


def test_of_two_who_correct_at_once_one_is_told_and_both_batches_are_of_the_same_act(
    data: Path, tmp_path: Path
) -> None:
    told: list[Exception] = []

    def work(place: int) -> None:
        (tmp_path / str(place)).mkdir()
        try:
            correct(data, tmp_path / str(place))
        except (EnvironmentFault, KeyError, UsageError) as fault:
            told.append(fault)

    workers = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(told) == 1
    assert whole(data) == IS
