"""Batches that are too small, codings that come late, and people who withdraw, end to end."""

import hashlib
import shutil
from pathlib import Path

import polars as pl
import pytest

from iomdash import cli
from iomdash.declared.contracts import odcs
from iomdash.declared.groups import Group
from iomdash.errors import ContractBroken, EnvironmentFault, UsageError
from iomdash.publishing.publish import Published, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.study import synthetic
from iomdash.vault.lock import lock_for
from iomdash.vault.writer import Vault

WAVE = Group("2026")
CONSENTS = [c.name for c in odcs.load("interviews").columns if c.name.startswith("consent_")]
# Whose file waits and who is gone is the same whatever was said: two cohorts that nothing else
# tells apart, and two codes, one of them sensitive, publish in a tenth of the time.
COHORTS, CODES = ("PPO", "HCCU"), ("scheme.positive", "offending.stopped")
SAME = {"provider": "CRC", "supervision": "statutory", "setting": "community"}


def files(folder: Path, n: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Interviews and codings of `n` made-up people, their ids marked by the seed."""
    folder.mkdir()
    made = synthetic.write(folder, interviews=n, seed=seed)
    named = pl.col("interview_id").str.replace("S26", f"T{seed}")
    interviews, codings = (
        pl.read_csv(made[table], infer_schema=False).with_columns(named)
        for table in ("interviews", "codings")
    )
    cohort = pl.Series("cohort", [COHORTS[i % 2] for i in range(n)])
    known = ["interview_id", "wave", "interviewed_on", *CONSENTS, "origin"]
    alike = interviews.select(*known, cohort, **{k: pl.lit(v) for k, v in SAME.items()})
    said = codings.filter(pl.col("code").is_in(CODES))
    # Whoever said nothing of these has no coding, and would count nowhere.
    return alike.join(said, on="interview_id", how="semi"), said


def load(data: Path, table: str, frame: pl.DataFrame, name: str) -> None:
    path = data.parent / name
    frame.write_csv(path)
    with Vault.open(data) as vault:
        vault.load(table, path)


def published(data: Path) -> Published:
    return publish(data, data / "releases", anyway=True)


def board(data: Path) -> Release:
    return Release(path_of(data / "releases", "board"))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of forty interviews, and a data folder that published them."""
    folder = tmp_path_factory.mktemp("history")
    interviews, codings = files(folder / "first", 40, 1)
    load(folder / "data", "interviews", interviews, "first-interviews.csv")
    load(folder / "data", "codings", codings, "first-codings.csv")
    published(folder / "data")
    return folder


@pytest.fixture
def data(first: Path, tmp_path: Path) -> Path:
    """A copy of the forty interviews, published once."""
    return shutil.copytree(first / "data", tmp_path / "data")


def test_a_batch_of_few_waits_until_enough_come_and_says_how_many_are_missing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interviews, codings = files(tmp_path / "second", 60, 2)
    few = interviews.filter(pl.col("cohort") == "PPO").head(2)
    rest = interviews.join(few, on="interview_id", how="anti")
    load(data, "interviews", few, "few.csv")
    load(data, "codings", codings.join(few, on="interview_id", how="semi"), "few-coded.csv")
    assert cli.main(["publish", "--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "Waits: few-coded.csv (codings)" in told
    assert "by 2 people. 3 more are needed" in told
    assert board(data).size(WAVE).n == 40
    load(data, "interviews", rest, "rest.csv")
    load(data, "codings", codings.join(few, on="interview_id", how="anti"), "codings.csv")
    done = published(data)
    assert done.waiting == ()
    assert board(data).size(WAVE).n == 40 + interviews.height


def test_new_codings_of_few_people_wait(data: Path, first: Path) -> None:
    again = pl.read_csv(first / "first-codings.csv", infer_schema=False)
    person = again["interview_id"][0]
    second = again.filter(pl.col("interview_id") == person).with_columns(
        coder=pl.lit("second"), stance=pl.lit("no")
    )
    before = board(data).rows("select * from codes order by all")
    load(data, "codings", second, "second-coder.csv")
    done = published(data)
    assert [(w.file, w.moves, w.missing) for w in done.waiting] == [("second-coder.csv", 1, 4)]
    assert board(data).rows("select * from codes order by all") == before


def test_a_withdrawal_counts_at_once_and_retires_the_release_that_would_show_it(
    data: Path,
) -> None:
    with Vault.open(data) as vault:
        gone = vault.withdraw("T1-000001")
        left = vault.connection.execute(
            "select count(*) from codings where interview_id = 'T1-000001'"
        ).fetchall()
    assert gone > 1
    assert left == [(0,)]
    done = published(data)
    assert done.retired == (1,)
    assert board(data).size(WAVE).n == 39
    assert [shelf.kept(data / "releases", a) for a in ("board", "coordinator")] == [[2], [2]]
    with pytest.raises(EnvironmentFault, match="There is no release 1"):
        path_of(data / "releases", "board", 1)
    assert published(data).number == 3


@pytest.mark.parametrize("written", ["T1-000001", "t1-000001", "T1_000001"])
def test_whoever_withdrew_does_not_come_back_with_another_file(
    written: str, data: Path, tmp_path: Path
) -> None:
    with Vault.open(data) as vault:
        columns = [column.name for column in odcs.load("interviews").columns]
        row = vault.connection.sql(
            f"select {', '.join(columns)} from interviews where interview_id = 'T1-000001'"
        ).pl()
        vault.withdraw("T1-000001")
        again = tmp_path / "again.csv"
        row.with_columns(interview_id=pl.lit(written)).write_csv(again)
        with pytest.raises(ContractBroken) as told:
            vault.load("interviews", again)
        [found] = told.value.breaks
        assert (found.row, found.column, found.value) == (2, "interview_id", written)
        assert "Whoever has withdrawn stays away" in found.rule
        assert "Remove the row." in found.remedy
        left = f"select count(*) from interviews where interview_id = '{written}'"
        assert vault.connection.sql(left).fetchall() == [(0,)]


def test_nobody_finds_by_trying_ids_who_withdrew_or_who_counted(data: Path) -> None:
    with Vault.open(data) as vault:
        vault.withdraw("T1-000001")
    held = b"".join((data / file).read_bytes() for file in ("vault.duckdb", "ledger.duckdb"))
    for tried in ("T1-000001", "T1000001"):
        for name in sorted(hashlib.algorithms_guaranteed - {"shake_128", "shake_256"}):
            digest = hashlib.new(name, tried.encode()).hexdigest().encode()
            assert digest not in held, name


def test_nothing_is_published_beside_a_ledger_of_another_key(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "vault.duckdb").unlink()
    monkeypatch.setenv("IOMDASH_KEY", str(tmp_path / "another"))
    with Vault.open(data):
        pass
    with pytest.raises(EnvironmentFault, match=r"knows it under another key.*publish anew"):
        published(data)


def test_withdrawing_nobody_is_told_and_changes_nothing(data: Path) -> None:
    with Vault.open(data) as vault, pytest.raises(UsageError, match="holds no interview 'X-1'"):
        vault.withdraw("X-1")


def test_the_command_withdraws_in_words(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["withdraw", "T1-000002", "--data", str(data)]) == 0
    assert "T1-000002 is withdrawn" in capsys.readouterr().out
    assert cli.main(["withdraw", "T1-000002", "--data", str(data)]) == 1
    assert "Check the id" in capsys.readouterr().err


def test_of_two_who_publish_at_once_one_is_told_to_wait(data: Path) -> None:
    lock = lock_for(data)
    try:
        with pytest.raises(EnvironmentFault, match="being written by"):
            published(data)
    finally:
        lock.close()
