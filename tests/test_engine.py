"""Which engine counts agencies' records, and what is said where it is not there."""

import builtins
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from iomdash import cli, settings
from iomdash.errors import EnvironmentFault
from iomdash.vault import connection, current, ledger, spark
from iomdash.vault.engine import TWO_LARGEST, DuckDB
from iomdash.vault.writer import Vault


@pytest.mark.parametrize(
    ("parts", "two"), [((4,), 4), ((1, 3, 2), 5), ((3, 3, 3), 6), ((2, 1, 2), 4)]
)
def test_two_largest_are_the_two_largest_of_a_group(parts: Sequence[int], two: int) -> None:
    with duckdb.connect() as con:
        values = ", ".join(f"({n})" for n in parts)
        query = f"select {TWO_LARGEST}(n) as two from (values {values}) as t(n)"
        assert DuckDB(con).frame(query)["two"].to_list() == [two]


def test_two_largest_are_put_into_the_words_of_spark() -> None:
    text = spark.in_spark("select a, two_largest(n) as two from t group by a")
    assert "SORT_ARRAY(COLLECT_LIST(n), FALSE)" in text
    assert TWO_LARGEST not in text.lower()


def test_an_engine_that_does_not_exist_is_refused_with_those_that_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IOMDASH_ENGINE", "abacus")
    with pytest.raises(EnvironmentFault, match=r"is 'abacus'\. Set it to one of duckdb, spark"):
        settings.engine()
    monkeypatch.delenv("IOMDASH_ENGINE")
    assert settings.engine() == "duckdb"


def test_the_command_offers_the_engines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["publish", "--engine", "abacus"])
    assert "choose from duckdb, spark" in capsys.readouterr().err.replace("'", "")


def test_without_pyspark_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith(("pyspark", "py4j")):
            raise ImportError(name=name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with (
        duckdb.connect() as con,
        pytest.raises(EnvironmentFault, match=r"is missing.*requirements-spark\.lock"),
        current.counted_by("spark", con, tmp_path),
    ):
        raise AssertionError("nothing is counted")
    assert not list(tmp_path.iterdir())


def test_without_java_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    class Anything:
        Py4JError = PySparkException = RuntimeError

    def pretended(name: str, *rest: Any, **named: Any) -> Any:
        return Anything if name.startswith(("pyspark", "py4j")) else real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", pretended)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with (
        duckdb.connect() as con,
        pytest.raises(EnvironmentFault, match=r"needs Java 17.*default-jre-headless"),
        current.counted_by("spark", con, tmp_path),
    ):
        raise AssertionError("nothing is counted")


def test_what_spark_is_handed_is_for_its_owner_alone(tmp_path: Path) -> None:
    with duckdb.connect() as con, connection.scratch(tmp_path) as place:
        con.execute("create table offences_log as select 1 as a")
        file = spark._written(con, "offences_log", place)
        assert (place.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
        assert con.sql(f"select * from '{file}'").fetchall() == [(1,)]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("master", "here"), [("local[*]", True), ("spark://host:7077", False)])
def test_a_session_is_encrypted_and_only_on_one_machine_bound_to_it(
    master: str, here: bool, tmp_path: Path
) -> None:
    started: Mapping[str, str] = spark._started(master, tmp_path)
    assert started["spark.io.encryption.enabled"] == "true"
    assert started["spark.local.dir"] == str(tmp_path)
    assert ("spark.driver.bindAddress" in started) is here


def test_what_a_killed_process_left_is_gone_when_the_vault_is_next_published(
    tmp_path: Path,
) -> None:
    with Vault.open(tmp_path):
        pass
    left = tmp_path / f"{connection.SCRATCH}killed"
    left.mkdir()
    (left / "offences_log.parquet").write_text("somebody")
    with ledger.opened(tmp_path):
        assert not left.exists()
