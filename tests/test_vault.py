"""The vault: a load is whole or not at all, is logged, and is told apart from what was loaded."""

import os
import random
import shutil
import signal
import stat
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from iomdash import settings
from iomdash.declared import codebook, scheme
from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken, EnvironmentFault, UsageError
from iomdash.intake import staging
from iomdash.intake.contracts import checking
from iomdash.vault import lock, log, reader, writer
from iomdash.vault.connection import connected
from iomdash.vault.writer import Vault

TODAY = date(2026, 11, 1)
CONSENTS = [c.name for c in odcs.load("interviews").columns if c.name.startswith("consent_")]
PEOPLE = 400


def interviews(path: Path, count: int = PEOPLE) -> Path:
    header = ["interview_id", "wave", "cohort", "provider", "supervision", "setting",
              "interviewed_on", "age", *CONSENTS, "origin"]  # fmt: skip
    row = ["2025", "PPO", "CRC", "statutory", "community", "31/01/2025", "34",
           *["yes"] * len(CONSENTS), "synthetic"]  # fmt: skip
    lines = [",".join([f"i{number}", *row]) for number in range(count)]
    path.write_text("\n".join([",".join(header), *lines]))
    return path


def codings(path: Path, *, coder: str = "c1", stance: str = "yes", codes: int = 1) -> Path:
    lines = [
        f"i{number},{code},{stance},{coder},2025-02-01,synthetic"
        for number in range(PEOPLE)
        for code in list(codebook.CODES)[:codes]
    ]
    path.write_text("\n".join(["interview_id,code,stance,coder,coded_on,origin", *lines]))
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose vault holds interviews only."""
    folder = tmp_path_factory.mktemp("filled")
    with Vault.open(folder / "data") as held:
        held.load("interviews", interviews(folder / "interviews.csv"), today=TODAY)
    return folder / "data"


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "data")
    return tmp_path / "data"


def count(folder: Path, table: str) -> int:
    with reader.read(folder) as con:
        return con.execute(f"select count(*) from {table}").fetchall()[0][0]


def test_rows_are_cast_and_bear_their_batch(data: Path) -> None:
    with reader.read(data) as con:
        row = con.execute(
            "select interviewed_on, age, consent_quotation, batch_id from interviews limit 1"
        ).fetchall()[0]
        batch = con.execute("select batch_id from loads").fetchall()[0][0]
    assert row == (date(2025, 1, 31), 34, "yes", batch)


def test_a_load_is_logged_with_each_check_in_words(data: Path) -> None:
    with reader.read(data) as con:
        log = con.execute(
            "select table_name, file_name, row_count, length(sha256), checks, warnings from loads"
        ).fetchall()
        checks = con.execute("select rule, reason, result, broken from load_checks").fetchall()
    assert log == [("interviews", "interviews.csv", PEOPLE, 64, len(checks), [])]
    assert len(checks) == len(odcs.load("interviews").rules) + 2
    assert all(reason for _, reason, *_ in checks)
    warnings = {r.id for r in odcs.load("interviews").rules if r.severity == "warning"}
    failed = {rule: broken for rule, _, result, broken in checks if result == "failed"}
    assert {rule for rule, _, result, _ in checks if result == "passed"} == {
        *(rule for rule, *_ in checks if rule not in failed)
    }
    assert set(failed) < warnings
    assert set(failed.values()) == {PEOPLE}


def test_the_user_is_logged_as_given_or_as_signed_in(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held:
        held.load("codings", codings(tmp_path / "a.csv"), user="analyst", today=TODAY)
        held.load("codings", codings(tmp_path / "b.csv", coder="c2"), today=TODAY)
    with reader.read(data) as con:
        users = con.execute("select loaded_by from loads order by loaded_at").fetchall()
    assert users[1] == ("analyst",)
    assert users[2][0] not in ("", "analyst")


def test_what_was_loaded_is_reported_and_listed(data: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    with Vault.open(data) as held:
        loaded = held.load(
            "codings", codings(tmp_path / "c.csv"), today=TODAY, progress=stages.append
        )
        assert held.loads()[-1] == loaded
    assert stages == ["reading", "checking", "storing"]
    assert (loaded.table, loaded.file, loaded.rows) == ("codings", "c.csv", PEOPLE)
    assert loaded.batch_id == log.batch_id(
        "codings", staging.read(tmp_path / "c.csv", odcs.load("codings")).sha256
    )


def test_the_same_content_is_refused_under_any_name(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held:
        batch = held.load("codings", codings(tmp_path / "a.csv"), today=TODAY).batch_id
        with pytest.raises(ContractBroken) as refused:
            held.load("codings", codings(tmp_path / "b.csv"), today=TODAY)
    words = str(refused.value)
    assert "b.csv: The same content was loaded on" in words
    assert f"from 'a.csv' as batch {batch}. Nothing needs to be done." in words
    assert refused.value.exit_code == 2
    assert count(data, "codings") == PEOPLE


def test_rows_that_the_vault_holds_are_named(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held:
        held.load("codings", codings(tmp_path / "a.csv"), today=TODAY)
        with pytest.raises(ContractBroken) as refused:
            held.load("codings", codings(tmp_path / "b.csv", stance="no"), today=TODAY)
    assert refused.value.total == PEOPLE
    assert "b.csv, row 2, column 'interview_id': 'i0': The vault already holds a row" in str(
        refused.value
    )


def test_a_refused_file_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held:
        with pytest.raises(ContractBroken):
            held.load("codings", codings(tmp_path / "a.csv", stance="maybe"), today=TODAY)
        temporary = held.connection.execute(
            "select table_name from duckdb_tables() where temporary"
        )
        assert temporary.fetchall() == []
    assert count(data, "codings") == 0
    assert count(data, "loads") == 1


def test_what_cannot_be_stored_leaves_no_log(data: Path, tmp_path: Path) -> None:
    contract = odcs.load("codings")
    with Vault.open(data) as held:
        staged = staging.read(codings(tmp_path / "a.csv"), contract)
        checked = checking.check(held.connection, contract, staged, today=TODAY)
        held.connection.unregister(checked.stage)
        with pytest.raises(EnvironmentFault, match=r"a\.csv is sound but could not be stored"):
            held.promote(checked)
        assert [each.table for each in held.loads()] == ["interviews"]


def test_a_vault_older_than_a_column_of_its_contract_gets_it(data: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(data / settings.VAULT_FILE)) as con:
        con.execute("alter table codings drop column coded_on")
    with Vault.open(data) as held:
        held.load("codings", codings(tmp_path / "a.csv"), today=TODAY)
        found = held.connection.execute("select distinct coded_on, coder from codings")
        assert found.fetchall() == [(date(2025, 2, 1), "c1")]


def test_an_unknown_table_is_named_with_those_that_exist(data: Path, tmp_path: Path) -> None:
    with Vault.open(data) as held, pytest.raises(UsageError, match=r"'voices' is no table"):
        held.load("voices", codings(tmp_path / "a.csv"))


def test_lists_of_the_code_are_tables_and_follow_it(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = scheme.Cohort("NEW", "New", "", (), "", "")  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(scheme, "COHORTS", (*scheme.COHORTS, cohort))
    Vault.open(data).close()
    with reader.read(data) as con:
        assert ("NEW",) in con.execute("select id from cohorts").fetchall()
        codes = con.execute("select id from codes").fetchall()
    assert {code for (code,) in codes} == set(codebook.CODES)


def test_the_vault_is_its_owners_only(tmp_path: Path) -> None:
    Vault.open(tmp_path / "data").close()
    modes = [stat.S_IMODE((tmp_path / "data" / name).stat().st_mode)
             for name in ("", settings.VAULT_FILE, lock.LOCK)]  # fmt: skip
    assert modes == [0o700, 0o600, 0o600]


def test_reading_cannot_write(data: Path) -> None:
    with reader.read(data) as con, pytest.raises(duckdb.Error):
        con.execute("delete from interviews")


@pytest.mark.parametrize("opened", [Vault.open, reader.read])
def test_no_extension_is_fetched_from_the_internet(opened, data: Path) -> None:
    held = opened(data)
    con = held.connection if isinstance(held, Vault) else held
    settings = con.execute(
        "select current_setting('autoinstall_known_extensions'), "
        "current_setting('autoload_known_extensions')"
    ).fetchall()
    assert settings == [(False, False)]
    held.close()


def test_a_vault_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"There is no vault in .*\. Load a file first\."):
        reader.read(tmp_path)


@pytest.mark.parametrize("opened", [Vault.open, reader.read])
def test_a_damaged_vault_is_named_with_the_remedy(opened, tmp_path: Path) -> None:
    (tmp_path / settings.VAULT_FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(EnvironmentFault, match=r"is damaged or no DuckDB file\. Restore it"):
        opened(tmp_path)


def test_a_vault_damaged_in_its_middle_is_named(data: Path) -> None:
    path = data / settings.VAULT_FILE
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(EnvironmentFault, match="Restore it from a backup"):
        Vault.open(data)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(EnvironmentFault, match=r"The data folder .*data"):
        Vault.open(tmp_path / "data")


def hold(folder: Path, pipe) -> None:
    with Vault.open(folder):
        pipe.send("held")
        pipe.recv()


def load(folder: Path, path: Path) -> None:
    with Vault.open(folder) as held:
        held.load("codings", path, today=TODAY)


def kill_while(stage: str, folder: Path, path: Path) -> None:
    def stop(begun: str) -> None:
        if begun == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    with Vault.open(folder) as held:
        held.load("codings", path, today=TODAY, progress=stop)


def kill_before_commit(folder: Path, path: Path) -> None:
    with Vault.open(folder) as held:
        checked = checking.check(
            held.connection, odcs.load("codings"),
            staging.read(path, odcs.load("codings")), today=TODAY,
        )  # fmt: skip
        held.connection.execute("begin")
        held.connection.execute(writer._insert(checked), ["batch"])
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_second_writer_is_told_who_writes(data: Path, processes) -> None:
    here, there = processes.Pipe()
    writer = processes.Process(target=hold, args=(data, there))
    writer.start()
    there.close()
    here.recv()
    try:
        words = rf"is being written by .* \(process {writer.pid}\)\. Wait until it is done"
        with pytest.raises(EnvironmentFault, match=words):
            Vault.open(data)
        with pytest.raises(EnvironmentFault, match="is in use by another process"):
            reader.read(data)
    finally:
        here.send("release")
        writer.join()
    Vault.open(data).close()


def test_what_does_not_fit_into_memory_is_written_to_disk_encrypted(tmp_path: Path) -> None:
    mark = "an identifier that nobody may find"
    many = f"select i, hash(i) as h, '{mark}' as s from range(2000000) as r(i)"
    with connected(tmp_path / "vault.duckdb", read_only=False) as con:
        con.execute(f"set memory_limit = '60MB'; set temp_directory = '{tmp_path / 'spilled'}'")
        con.execute(f"create temp table t as {many} order by h")
        left = [path.read_bytes() for path in (tmp_path / "spilled").iterdir()]
    assert sum(map(len, left)) > 0
    assert not any(mark.encode() in each for each in left)


def whole_or_nothing(folder: Path, path: Path) -> None:
    rows = len(path.read_text().splitlines()) - 1
    with Vault.open(folder) as held:
        found = held.connection.execute("select count(*) from codings").fetchall()[0][0]
        logged = [each.rows for each in held.loads() if each.table == "codings"]
        assert (found, logged) in [(0, []), (rows, [rows])]
        if found:
            with pytest.raises(ContractBroken, match="The same content was loaded"):
                held.load("codings", path, today=TODAY)
        else:
            assert held.load("codings", path, today=TODAY).rows == rows


@pytest.mark.parametrize("moment", range(20))
def test_a_load_killed_at_a_random_moment_is_whole_or_nothing(
    moment: int, data: Path, tmp_path: Path, processes, whole_load: float
) -> None:
    path = codings(tmp_path / "codings.csv", codes=20)
    loader = processes.Process(target=load, args=(data, path))
    loader.start()
    time.sleep(random.Random(moment).uniform(0, whole_load))
    loader.kill()
    loader.join()
    whole_or_nothing(data, path)


@pytest.fixture(scope="module")
def whole_load(filled: Path, tmp_path_factory: pytest.TempPathFactory, processes) -> float:
    """Seconds that a load takes when nobody stops it."""
    folder = tmp_path_factory.mktemp("whole")
    path = codings(folder / "codings.csv", codes=20)
    for place in ("warm", "timed"):
        shutil.copytree(filled, folder / place)
        begun = time.perf_counter()
        loader = processes.Process(target=load, args=(folder / place, path))
        loader.start()
        loader.join()
        assert loader.exitcode == 0
    return time.perf_counter() - begun


@pytest.mark.parametrize("stage", ["reading", "checking", "storing"])
def test_a_load_killed_as_a_stage_begins_leaves_nothing(
    stage: str, data: Path, tmp_path: Path, processes
) -> None:
    path = codings(tmp_path / "codings.csv")
    loader = processes.Process(target=kill_while, args=(stage, data, path))
    loader.start()
    loader.join()
    assert loader.exitcode == -signal.SIGKILL
    assert count(data, "codings") == 0
    whole_or_nothing(data, path)


def test_a_load_killed_inside_its_transaction_leaves_nothing(
    data: Path, tmp_path: Path, processes
) -> None:
    path = codings(tmp_path / "codings.csv", codes=20)
    loader = processes.Process(target=kill_before_commit, args=(data, path))
    loader.start()
    loader.join()
    assert loader.exitcode == -signal.SIGKILL
    assert count(data, "codings") == 0
    whole_or_nothing(data, path)


@pytest.mark.parametrize("read_only", [False, True])
def test_no_progress_bar_can_stand_in_the_output_of_a_command(
    read_only: bool, tmp_path: Path
) -> None:
    Vault.open(tmp_path).close()
    with connected(tmp_path / settings.VAULT_FILE, read_only=read_only) as con:
        asked = "select current_setting('enable_progress_bar')"
        assert con.execute(asked).fetchall() == [(False,)]


def test_excerpts_can_be_loaded_after_somebody_withdrew_from_the_same_open_vault(
    tmp_path: Path,
) -> None:
    with Vault.open(tmp_path / "data") as vault:
        vault.sweep()  # as withdrawing does: the file is written anew and opened again
        asked = "select screened_words('Nothing here.'), folded_name('A. B.')"
        assert vault.connection.execute(asked).fetchall()[0][0] == 0


def test_readers_of_one_server_do_not_take_anything_from_one_another(tmp_path: Path) -> None:
    Vault.open(tmp_path).close()
    first = reader.read(tmp_path)
    with reader.read(tmp_path) as second:
        first.close()
        assert second.execute("select length(keyed_interview('S26-1'))").fetchall() == [(64,)]
        with pytest.raises(duckdb.Error, match="read-only"):
            second.execute("delete from interviews")


def test_numbers_of_records_are_written_as_what_hardly_comes_again(tmp_path: Path) -> None:
    with Vault.open(tmp_path / "data") as held:
        held.connection.execute(
            "insert into arrests_log select 'A' || range, 'p:1', date '2025-01-01', "
            "date '2026-01-01', 'synthetic', 'b' from range(3000)"
        )
        held.connection.execute("checkpoint")
        kinds = held.connection.execute(
            "select distinct column_name, compression from pragma_storage_info('arrests_log') "
            "where segment_type = 'VARCHAR'"
        ).fetchall()
    assert {column for column, kind in kinds if kind == "ZSTD"} == {"arrest_id"}
