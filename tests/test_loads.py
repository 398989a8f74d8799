"""Loads are kept in a log, can be undone, and can be replaced: whole, or not at all."""

import json
import os
import random
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_feeds import SOUND

from iomdash import cli
from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken, EnvironmentFault, IomdashError, UsageError
from iomdash.vault import log, reader, replace, tables, undo
from iomdash.vault.difference import Difference
from iomdash.vault.writer import Vault

TODAY = date(2026, 11, 1)
CONSENTS = [c.name for c in odcs.load("interviews").columns if c.name.startswith("consent_")]
PEOPLE = range(6)


def interviews(folder: Path, name: str, people: range = PEOPLE, **cohorts: str) -> Path:
    """A file of interviews, all of PPO but for those whose cohort is given."""
    header = ["interview_id", "cohort", "wave", "provider", "supervision", "setting", *CONSENTS]
    same = ["2030", "CRC", "statutory", "community", *["yes"] * len(CONSENTS)]
    lines = [",".join([f"i{n}", cohorts.get(f"i{n}", "PPO"), *same]) for n in people]
    return written(folder / name, header, lines)


def codings(folder: Path, name: str, people: range = PEOPLE, stance: str = "yes") -> Path:
    header = ["interview_id", "code", "stance", "coder", "coded_on"]
    lines = [f"i{n},scheme.positive,{stance},c1,2026-01-31" for n in people]
    return written(folder / name, header, lines)


def excerpts(folder: Path, name: str, people: range) -> Path:
    columns = [c for c in odcs.load("excerpts").columns if c.name != "origin"]
    known = {"code": "scheme.positive", "kind": "paraphrase", "text": "It helped.",
             "stance": "yes", "reviewed_by": "r1", "reviewed_on": "2026-02-01"}  # fmt: skip
    lines = [
        ",".join(
            f"e{n}" if c.name == "excerpt_id" else f"i{n}" if c.name == "interview_id"
            else known.get(c.name, next(iter(c.allowed), ""))
            for c in columns
        )
        for n in people
    ]  # fmt: skip
    return written(folder / name, [c.name for c in columns], lines)


def written(path: Path, header: list[str], lines: list[str]) -> Path:
    path.write_text("\n".join([",".join(header), *lines]))
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with six interviews and their codings."""
    folder = tmp_path_factory.mktemp("loads")
    with Vault.open(folder / "data") as held:
        held.load("interviews", interviews(folder, "spring.csv"), user="ana", today=TODAY)
        held.load("codings", codings(folder, "coded.csv"), user="ana", today=TODAY)
    return folder / "data"


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "data")


@pytest.fixture
def vault(data: Path) -> Iterator[Vault]:
    with Vault.open(data) as held:
        yield held


def names(vault: Vault) -> dict[str, str]:
    """The batches that the vault holds, by their file."""
    return {each.file: each.batch_id for each in vault.loads()}


def rows(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """All that a vault holds, without the names of batches."""
    return {
        table: con.execute(f"select * exclude (batch_id) from {table} order by all").fetchall()
        for table in (*odcs.TABLES, *map(tables.replaced, tables.REPLACED))
    }


def state(vault: Vault) -> list[tuple[str, str]]:
    return [(each.file, each.state) for each in log.batches(vault.connection)]


# --------------------------------------------------------------------------------------------- log


def test_the_log_says_of_each_batch_what_when_who_and_what_its_checks_said(vault: Vault) -> None:
    first, second = log.batches(vault.connection)
    assert (first.table, first.file, first.rows, first.loaded_by) == (
        "interviews", "spring.csv", 6, "ana",
    )  # fmt: skip
    assert re.fullmatch("[0-9a-f]{64}", first.sha256)
    assert first.passed > 40
    assert first.warned > 5
    assert first.failed == second.failed == 0
    assert (first.state, first.standing, first.replaces) == ("loaded", "loaded", None)
    assert second.batch_id == log.batch_id("codings", second.sha256)


def test_the_command_lists_batches_in_words_and_as_json(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["loads", "--data", str(data)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"interviews-[0-9a-f]{16}: spring\.csv into interviews, 6 rows, on \d\d/\d\d/\d{4} at "
        r"\d\d:\d\d UTC by ana; checks: \d+ passed, 0 failed, \d+ warned; loaded; "
        r"SHA-256 [0-9a-f]{64}",
        first,
    )
    assert second.startswith("codings-")
    assert cli.main(["loads", "--json", "--data", str(data)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["state"] for each in told] == ["loaded", "loaded"]
    assert {"batch_id", "sha256", "rows", "passed", "failed", "warned", "loaded_at", "loaded_by",
            "undone_at", "undone_by", "replaced_by", "replaces"} < set(told[0])  # fmt: skip


def test_an_empty_vault_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Vault.open(tmp_path).close()
    assert cli.main(["loads", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Nothing was loaded yet.\n"


def test_a_vault_of_before_is_listed_and_brought_up_to_date(data: Path) -> None:
    with duckdb.connect(str(data / "vault.duckdb")) as con:
        for column in ("undone_at", "undone_by", "replaced_by"):
            con.execute(f"alter table loads drop column {column}")
        con.execute("drop table replaced_interviews")
    with reader.read(data) as con:
        assert [each.state for each in log.batches(con)] == ["loaded", "loaded"]
        assert con.execute("select count(*) from replaced_interviews").fetchall() == [(0,)]


# -------------------------------------------------------------------------------------------- undo


def test_a_batch_on_which_others_depend_stays_and_names_them(vault: Vault) -> None:
    known = names(vault)
    before = rows(vault.connection)
    with pytest.raises(UsageError) as told:
        undo.unload(vault, known["spring.csv"])
    assert str(told.value) == (
        f"Nothing was undone: 1 batch depends on {known['spring.csv']} (spring.csv): "
        f"{known['coded.csv']} (coded.csv): 6 of its 6 rows. Undo all of it with: "
        f"python -m iomdash unload {known['spring.csv']} --with-dependents"
    )
    assert rows(vault.connection) == before
    assert state(vault) == [("spring.csv", "loaded"), ("coded.csv", "loaded")]


def test_what_depends_on_what_depends_is_named_too(vault: Vault, tmp_path: Path) -> None:
    vault.load("excerpts", excerpts(tmp_path, "words.csv", range(2)), today=TODAY)
    known = names(vault)
    found = undo.dependents(vault.connection, known["spring.csv"])
    assert [(each.batch.file, each.rows) for each in found] == [("coded.csv", 6), ("words.csv", 2)]
    found = undo.dependents(vault.connection, known["coded.csv"])
    assert [(each.batch.file, each.rows) for each in found] == [("words.csv", 2)]
    with pytest.raises(UsageError, match=r"2 batches depend on .*coded\.csv.*; .*words\.csv"):
        undo.unload(vault, known["spring.csv"])


def test_nothing_depends_on_rows_that_another_batch_holds_as_well(
    vault: Vault, tmp_path: Path
) -> None:
    second = codings(tmp_path, "second.csv")
    second.write_text(second.read_text().replace(",c1,", ",c2,"))
    vault.load("codings", second, today=TODAY)
    vault.load("excerpts", excerpts(tmp_path, "words.csv", range(2)), today=TODAY)
    assert undo.dependents(vault.connection, names(vault)["coded.csv"]) == ()


def test_an_undone_batch_is_gone_the_log_keeps_it_and_its_file_may_be_loaded_again(
    vault: Vault, tmp_path: Path
) -> None:
    known = names(vault)
    before = rows(vault.connection)
    gone = undo.unload(vault, known["coded.csv"], user="ben")
    assert [(each.file, each.state, each.undone_by) for each in gone] == [
        ("coded.csv", "undone", "ben")
    ]
    assert rows(vault.connection)["codings"] == []
    again = vault.load("codings", codings(tmp_path, "again.csv"), today=TODAY)
    assert again.batch_id == f"{known['coded.csv']}-2"
    assert rows(vault.connection) == before
    assert state(vault) == [("spring.csv", "loaded"), ("coded.csv", "undone"),
                            ("again.csv", "loaded")]  # fmt: skip
    with pytest.raises(ContractBroken, match="The same content was loaded"):
        vault.load("codings", codings(tmp_path, "thrice.csv"), today=TODAY)


def test_with_its_dependents_a_batch_goes_at_once(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Vault.open(data) as held:
        batch = names(held)["spring.csv"]
    assert cli.main(["unload", batch, "--data", str(data)]) == 1
    assert "coded.csv" in capsys.readouterr().err
    assert cli.main(["unload", batch, "--with-dependents", "--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "(coded.csv) is undone: its rows are out of codings." in told
    assert "(spring.csv) is undone: its rows are out of interviews." in told
    assert "What was published stays published; the next release does without it." in told
    with Vault.open(data) as held:
        assert not any(rows(held.connection).values())
        assert [each.undone_at is None for each in log.batches(held.connection)] == [False, False]


@pytest.mark.parametrize("act", ["unload", "replace"])
def test_a_batch_that_is_not_there_is_named(vault: Vault, tmp_path: Path, act: str) -> None:
    acts: dict[str, Callable[[str], object]] = {
        "unload": lambda batch: undo.unload(vault, batch),
        "replace": lambda batch: replace.replace(vault, batch, codings(tmp_path, "x.csv")),
    }
    with pytest.raises(UsageError) as told:
        acts[act]("codings-1")
    assert str(told.value) == (
        "There is no batch 'codings-1'; nothing was changed. See: python -m iomdash loads"
    )
    batch = names(vault)["coded.csv"]
    undo.unload(vault, batch)
    with pytest.raises(UsageError, match=rf"{batch} \(coded\.csv\) was undone on .* UTC; nothing"):
        acts[act](batch)


def test_whoever_withdrew_stays_away_when_their_batch_is_undone_and_loaded_again(
    vault: Vault, tmp_path: Path
) -> None:
    vault.withdraw("i3")
    undo.unload(vault, names(vault)["spring.csv"], with_dependents=True)
    with pytest.raises(ContractBroken, match="Whoever has withdrawn stays away") as told:
        vault.load("interviews", interviews(tmp_path, "again.csv"), today=TODAY)
    assert [(each.row, each.value) for each in told.value.breaks] == [(5, "i3")]


# ----------------------------------------------------------------------------------------- replace


def test_a_difference_is_told_by_key_and_by_column_before_anything_is_kept(
    vault: Vault, tmp_path: Path
) -> None:
    before = rows(vault.connection)
    file = interviews(tmp_path, "mended.csv", range(8), i2="HCCU", i3="HCCU")
    correction = replace.Correction(names(vault)["spring.csv"], file)
    [found] = replace.preview(vault, [correction], today=TODAY)
    assert (found.added, found.gone, found.changed, found.same) == (2, 0, 2, 4)
    assert found.columns == {"cohort": 2}
    assert found.sentences == (
        "interviews: 2 rows added, 0 gone, 2 changed, 4 the same.",
        "  cohort: 2 changed", "  added: i6", "  added: i7", "  changed: i2 (cohort)",
        "  changed: i3 (cohort)",
    )  # fmt: skip
    assert rows(vault.connection) == before
    assert state(vault) == [("spring.csv", "loaded"), ("coded.csv", "loaded")]


def test_a_corrected_batch_takes_the_place_of_the_old_one(vault: Vault, tmp_path: Path) -> None:
    known = names(vault)
    file = interviews(tmp_path, "mended.csv", i2="HCCU")
    shown: list[Difference] = []
    loaded = replace.replace(
        vault, known["spring.csv"], file, user="ben", today=TODAY, show=shown.extend
    )
    assert [each.changed for each in shown] == [1]
    found = vault.connection.execute(
        "select interview_id, batch_id from interviews where cohort = 'HCCU'"
    ).fetchall()
    assert found == [("i2", loaded.batch_id)]
    old, _, new = log.batches(vault.connection)
    assert (old.state, old.replaced_by, old.undone_by) == ("replaced", loaded.batch_id, "ben")
    assert old.standing == f"replaced by {loaded.batch_id}"
    assert new.standing == f"replaces {known['spring.csv']}, loaded"
    # Nothing was published, so nothing of the old rows is kept.
    assert rows(vault.connection)["replaced_interviews"] == []


def test_a_failed_check_leaves_the_old_batch_untouched(vault: Vault, tmp_path: Path) -> None:
    before = rows(vault.connection)
    with pytest.raises(ContractBroken, match="Not among the known cohorts"):
        replace.replace(
            vault, names(vault)["spring.csv"], interviews(tmp_path, "odd.csv", i2="PPX"),
            today=TODAY,
        )  # fmt: skip
    assert rows(vault.connection) == before
    assert state(vault) == [("spring.csv", "loaded"), ("coded.csv", "loaded")]
    views = vault.connection.execute("select view_name from duckdb_views() where not internal")
    assert views.fetchall() == []


def test_the_same_file_is_no_correction(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(ContractBroken, match=r"The same content.*Nothing needs to be done\."):
        replace.replace(vault, names(vault)["spring.csv"], interviews(tmp_path, "same.csv"))


def test_an_interview_that_others_refer_to_cannot_be_corrected_away(
    vault: Vault, tmp_path: Path
) -> None:
    before = rows(vault.connection)
    with pytest.raises(ContractBroken) as told:
        replace.replace(vault, names(vault)["spring.csv"], interviews(tmp_path, "x.csv", range(5)))
    assert str(told.value) == (
        "Refused, nothing was loaded: interviews has 1 broken cell.\n"
        "x.csv, column 'interview_id': 'i5': The file has it no more, and rows of codings refer to "
        "it: 1. Keep the row; or correct the batch that refers to it in the same act; or unload "
        "the batches that refer to it first (python -m iomdash unload names them). If the "
        "interviewee takes back their consent, that is no correction: run python -m iomdash "
        "withdraw."
    )
    assert rows(vault.connection) == before


def test_a_load_shows_the_difference_and_then_replaces(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Vault.open(data) as held:
        batch = names(held)["coded.csv"]
    file = codings(tmp_path, "mended.csv", stance="no")
    words = ["--replace", batch, str(file), "--data", str(data)]
    assert cli.main(["check", *words]) == 0
    told = capsys.readouterr().out
    assert told.startswith("codings: 0 rows added, 0 gone, 6 changed, 0 the same.\n  stance: 6")
    assert told.endswith("Nothing was changed.\n")
    assert cli.main(["load", *words]) == 0
    told = capsys.readouterr().out
    assert told.startswith("codings: 0 rows added, 0 gone, 6 changed, 0 the same.\n")
    assert f"It replaces {batch}. What was published stays published" in told
    with Vault.open(data) as held:
        assert state(held) == [("spring.csv", "loaded"), ("coded.csv", "replaced"),
                               ("mended.csv", "loaded")]  # fmt: skip


def test_a_correction_is_told_as_json(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Vault.open(data) as held:
        batch = names(held)["coded.csv"]
    file = str(codings(tmp_path, "mended.csv", range(5), stance="no"))
    assert cli.main(["load", "codings", "--json", "--replace", batch, file,
                     "--data", str(data)]) == 0  # fmt: skip
    [told] = json.loads(capsys.readouterr().out)
    assert told["replaces"] == batch
    [difference] = told["differences"]
    assert (difference["table"], difference["gone"], difference["changed"]) == ("codings", 1, 5)
    assert difference["rows"][-1] == {
        "key": ["i5", "scheme.positive", "c1"], "kind": "gone", "columns": [],
    }  # fmt: skip


@pytest.mark.parametrize(("words", "said"), [
    (["load", "excerpts", "--replace", "BATCH", "a.csv"], "is a batch of codings, not of"),
    (["load", "--replace", "BATCH", "codings", "a.csv", "b.csv"], "A batch is replaced by one"),
    (["check", "codings", "a.csv", "b.csv"], "Without --effect, check takes one file."),
    (["check", "codings", "a.csv", "--with", "codings", "b.csv"], "Without --effect"),
    (["check", "codings", "a.csv", "--effect", "--with", "voices", "b.csv"], "'voices' is no"),
])  # fmt: skip
def test_words_that_do_not_fit_together_are_refused(
    data: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with Vault.open(data) as held:
        batch = names(held)["coded.csv"]
    given = [batch if word == "BATCH" else word for word in words]
    assert cli.main([*given, "--data", str(data)]) == 1
    assert said in capsys.readouterr().err


def test_a_load_without_its_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as told:
        cli.main(["load", "a.csv"])
    assert told.value.code == 1
    assert "TABLE" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "words"), [
    ("withdraw", ("for good", "takes back their consent", "to correct an interview: load")),
    ("load", ("to correct, not to withdraw",)),
    ("unload", ("its file may be loaded another time", "is no batch: withdraw")),
])  # fmt: skip
def test_help_tells_withdrawing_from_correcting(
    command: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert all(each in told for each in words)


# ------------------------------------------------------------------------------------ in any order

FILES = {
    "a.csv": lambda folder: interviews(folder, "a.csv", range(3)),
    "a2.csv": lambda folder: interviews(folder, "a2.csv", range(3), i1="HCCU"),
    "a3.csv": lambda folder: interviews(folder, "a3.csv", range(4), i0="SPOS"),
    "b.csv": lambda folder: interviews(folder, "b.csv", range(4, 6)),
    "coded.csv": lambda folder: codings(folder, "coded.csv", range(3)),
    "coded2.csv": lambda folder: codings(folder, "coded2.csv", range(2), stance="no"),
}  # fmt: skip
TABLE_OF = {name: "codings" if name.startswith("coded") else "interviews" for name in FILES}
STEPS = st.one_of(
    st.tuples(st.just("load"), st.sampled_from([*FILES])),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("replace"), st.integers(0, 3), st.sampled_from([*FILES])),
)


def done(vault: Vault, folder: Path, step: tuple[Any, ...]) -> None:
    held = [each.batch_id for each in vault.loads()]
    match step:
        case ("load", name):
            vault.load(TABLE_OF[name], FILES[name](folder), today=TODAY)
        case ("undo", place) if held:
            undo.unload(vault, held[place % len(held)], with_dependents=True)
        case ("replace", place, name) if held:
            replace.replace(vault, held[place % len(held)], FILES[name](folder), today=TODAY)
        case _:
            pass


@settings(max_examples=8)
@given(st.lists(STEPS, min_size=2, max_size=6))
def test_a_vault_is_what_its_survivors_alone_would_make(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with Vault.open(folder / "data") as vault:
            for step in [("load", "a.csv"), ("load", "coded.csv"), *steps]:
                before = rows(vault.connection), state(vault)
                try:
                    done(vault, folder, step)
                except IomdashError:
                    assert (rows(vault.connection), state(vault)) == before
            found = rows(vault.connection)
            left = sorted(vault.loads(), key=lambda each: odcs.TABLES.index(each.table))
            assert len(log.batches(vault.connection)) >= len(left)
        with Vault.open(folder / "alone") as alone:
            for each in left:
                alone.load(each.table, FILES[each.file](folder), today=TODAY)
            assert rows(alone.connection) == found


# ------------------------------------------------------------------------------- killed, or crowded


def replace_in(folder: Path, file: Path) -> None:
    with Vault.open(folder) as held:
        replace.replace(held, names(held)["coded.csv"], file, today=TODAY)


def kill_as(stage: str, folder: Path, file: Path) -> None:
    def stop(begun: str) -> None:
        if begun == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    with Vault.open(folder) as held:
        replace.replace(held, names(held)["coded.csv"], file, today=TODAY, progress=stop)


def kill_before_commit(folder: Path, file: Path) -> None:
    replace._keep = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    replace_in(folder, file)


def old_or_new(folder: Path) -> str:
    with Vault.open(folder) as held:
        stances = held.connection.execute("select distinct stance, batch_id from codings")
        [(stance, batch)] = stances.fetchall()
        held_now = names(held)
        assert held.connection.execute("select count(*) from codings").fetchall() == [(6,)]
    assert (stance, batch) in [("yes", held_now.get("coded.csv")), ("no", held_now.get("new.csv"))]
    assert len(held_now) == 2
    return stance


@pytest.mark.parametrize("stage", ["reading", "checking", "storing"])
def test_a_correction_killed_as_a_stage_begins_leaves_the_old(
    stage: str, data: Path, tmp_path: Path, processes
) -> None:
    file = codings(tmp_path, "new.csv", stance="no")
    loader = processes.Process(target=kill_as, args=(stage, data, file))
    loader.start()
    loader.join()
    assert loader.exitcode == -signal.SIGKILL
    assert old_or_new(data) == "yes"


def test_a_correction_killed_before_its_end_leaves_the_old_and_can_be_repeated(
    data: Path, tmp_path: Path, processes
) -> None:
    file = codings(tmp_path, "new.csv", stance="no")
    loader = processes.Process(target=kill_before_commit, args=(data, file))
    loader.start()
    loader.join()
    assert loader.exitcode == -signal.SIGKILL
    assert old_or_new(data) == "yes"
    replace_in(data, file)
    assert old_or_new(data) == "no"


@pytest.mark.parametrize("moment", range(6))
def test_a_correction_killed_at_a_random_moment_leaves_old_or_new_and_never_half(
    moment: int, data: Path, tmp_path: Path, processes
) -> None:
    file = codings(tmp_path, "new.csv", stance="no")
    loader = processes.Process(target=replace_in, args=(data, file))
    loader.start()
    time.sleep(random.Random(moment).uniform(0, 1))
    loader.kill()
    loader.join()
    old_or_new(data)


def undo_in(folder: Path) -> None:
    with Vault.open(folder) as held:
        undo.unload(held, names(held)["spring.csv"], with_dependents=True)


def kill_in_undo(place: str, folder: Path) -> None:
    """Undo, and be killed as the log is written, or the file written anew."""

    def stop(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if place == "log":
        log.mark_gone = stop
    else:
        shutil.rmtree = stop  # by which what was being written anew is cleared away
    undo_in(folder)


def whole_or_gone(folder: Path) -> bool:
    """Whether both batches are there, or neither is: their rows, and what the log says of them."""
    with Vault.open(folder) as held:
        rows = [
            held.connection.execute(f"select count(*) from {table}").fetchall()[0][0]
            for table in ("interviews", "codings")
        ]
        states = {each.state for each in log.batches(held.connection)}
    assert (rows, states) in [([6, 6], {"loaded"}), ([0, 0], {"undone"})]
    return rows == [6, 6]


@pytest.mark.parametrize(("place", "there"), [("log", True), ("file", False)])
def test_an_undoing_killed_at_its_worst_moment_leaves_all_or_nothing(
    place: str, there: bool, data: Path, processes
) -> None:
    worker = processes.Process(target=kill_in_undo, args=(place, data))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    assert len([*data.glob(".rewriting-*")]) == (0 if there else 1)
    assert whole_or_gone(data) is there
    assert not [*data.glob(".rewriting-*")]  # gone as the vault was opened for writing


@pytest.mark.parametrize("moment", range(4))
def test_an_undoing_killed_at_a_random_moment_leaves_all_or_nothing(
    moment: int, data: Path, processes
) -> None:
    worker = processes.Process(target=undo_in, args=(data,))
    worker.start()
    time.sleep(random.Random(moment).uniform(0, 1))
    worker.kill()
    worker.join()
    if whole_or_gone(data):
        undo_in(data)
    assert not whole_or_gone(data)


def test_a_page_that_reads_for_a_moment_stops_no_writer(data: Path) -> None:
    """In one process, too, where the same file cannot be open in two ways at once."""
    with reader.read(data):
        gone = threading.Thread(target=undo_in, args=(data,))
        gone.start()
        gone.join(0.2)
        assert gone.is_alive()
    gone.join()
    assert not whole_or_gone(data)


def test_whoever_reads_a_vault_that_is_open_for_writing_is_told_that_it_is_in_use(
    data: Path, vault: Vault
) -> None:
    assert vault.folder == data
    with pytest.raises(EnvironmentFault, match="is in use by another process"):
        reader.read(data)


def test_of_two_who_change_a_vault_at_once_one_is_told_to_wait(
    data: Path, vault: Vault, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = names(vault)["coded.csv"]
    for words in (["unload", batch], ["load", "--replace", batch, "x.csv"],
                  ["check", "codings", "x.csv", "--effect"]):  # fmt: skip
        assert cli.main([*words, "--data", str(data)]) == 1
        assert "is being written by" in capsys.readouterr().err


# --------------------------------------------------------------------------------- agencies' files


def test_an_extract_is_replaced_and_undone_in_every_table_that_it_became(
    tmp_path: Path,
) -> None:
    first = case_file(tmp_path, "caseload.csv", Cohort="PPO")
    mended = case_file(tmp_path, "mended.csv", Cohort="HCCU", Surname="Carban")
    with Vault.open(tmp_path / "data") as held:
        batch = held.load("iom_caseload", first, today=TODAY).batch_id
        links = held.connection.execute("select count(*) from person_links_log").fetchall()
        cases, people = replace.preview(held, [replace.Correction(batch, mended)], today=TODAY)
        assert (cases.table, cases.changed, cases.columns) == ("adoptions", 1, {"cohort": 1})
        # The person has another name, so one link is another; those of numbers are the same.
        assert (people.table, people.added, people.gone, people.same) == ("person_links", 1, 1, 4)
        new = replace.replace(held, batch, mended, today=TODAY).batch_id
        found = held.connection.execute("select cohort, batch_id from adoptions_log").fetchall()
        assert found == [("HCCU", new)]
        assert held.connection.execute("select count(*) from person_links_log").fetchall() == links
        undo.unload(held, new)
        for table in ("adoptions_log", "person_links_log"):
            assert held.connection.execute(f"select count(*) from {table}").fetchall() == [(0,)]


def case_file(folder: Path, name: str, **cells: str) -> Path:
    row = SOUND["iom_caseload"] | cells
    return written(folder / name, [*row], [",".join(row.values())])


def test_what_is_undone_cannot_be_read_in_the_file_of_the_vault(data: Path, tmp_path: Path) -> None:
    words = "A sentence that nobody else would say, zyxwvutsrq."
    file = excerpts(tmp_path, "words.csv", range(2))
    file.write_text(file.read_text().replace("It helped.", f'"{words}"'))
    with Vault.open(data) as held:
        batch = held.load("excerpts", file, today=TODAY).batch_id
    assert b"zyxwvutsrq" in (data / "vault.duckdb").read_bytes()
    with Vault.open(data) as held:
        undo.unload(held, batch)
    assert b"zyxwvutsrq" not in (data / "vault.duckdb").read_bytes()
