"""Agencies' extracts that lie as Parquet, read by Spark: the same rows, and the same errors."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import polars as pl
import pytest
from test_feeds import SOUND, TODAY

from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken, EnvironmentFault, UsageError
from iomdash.intake.sources.raw import Options
from iomdash.vault.writer import Vault, silent

LAKE = Options(engine="spark")
ROWS = [{**SOUND["police_offences"], "Crime Ref": f"20/{n}-25"} for n in range(8)]
BROKEN = [
    {"PNC": "nobody"}, {}, {"Offence Group": "burglry"}, {"Crime Ref": "20/0-25", "PNC": "98/12A"},
    {}, {"Offence Date": "30/04/2026"}, {"Crime Ref": "#REF!"}, {},
]  # fmt: skip


def lake(folder: Path, rows: list[dict[str, str]]) -> tuple[Path, Path]:
    """A folder of two files of rows, and one file of the same."""
    frame = pl.DataFrame(rows).with_columns(
        pl.col("Run Date").str.to_datetime("%d/%m/%Y", time_zone="UTC"),
        pl.col("Outcome Date").str.to_date("%d/%m/%Y", strict=False),
    )
    there = folder / "lake"
    there.mkdir()
    frame.head(3).write_parquet(there / "part-0.parquet")
    frame.tail(-3).write_parquet(there / "part-1.parquet")
    frame.write_parquet(folder / "whole.parquet")
    return there, folder / "whole.parquet"


def loaded(
    data: Path, place: Path | str, options: Options, progress: Callable[[str], None] = silent
) -> Any:
    """What a load leaves in a new vault, or its errors."""
    with Vault.open(data) as vault:
        try:
            done = vault.load(
                "police_offences", place, today=TODAY, options=options, progress=progress
            )
        except ContractBroken as broken:
            assert _tables(vault) == []
            named = [(b.row, b.column, b.value, b.rule, b.remedy) for b in broken.breaks]
            return broken.total, named
        log = odcs.load("offences").stored
        query = f"select * exclude batch_id from {log} order by all"
        rows = vault.connection.execute(query).fetchall()
        assert _tables(vault) == []
        return rows, done.rows, [(w.rule, w.count) for w in done.warned]


def _tables(vault: Vault) -> list[str]:
    """Tables of microdata that a load left beside the vault's own."""
    query = "select table_name from duckdb_tables() where temporary"
    return [name for (name,) in vault.connection.execute(query).fetchall()]


def test_an_extract_in_a_lake_leaves_what_a_file_of_it_leaves(session: Any, tmp_path: Path) -> None:
    folder, file = lake(tmp_path, ROWS)
    there = loaded(tmp_path / "there", f"file://{folder}", LAKE)
    assert there == loaded(tmp_path / "here", file, Options())
    assert len(there[0]) == len(ROWS)
    assert session.catalog.listTables() == []
    assert not [*(tmp_path / "there").glob(".rewriting-*")]


def test_an_extract_in_a_lake_is_refused_as_a_file_of_it_is(session: Any, tmp_path: Path) -> None:
    assert session
    folder, file = lake(tmp_path, [{**r, **b} for r, b in zip(ROWS, BROKEN, strict=True)])
    there = loaded(tmp_path / "there", folder, LAKE)
    assert there == loaded(tmp_path / "here", file, Options())
    assert {row for row, *_ in there[1]} >= {2, 4, 7, 8}


def test_a_lake_that_changes_meanwhile_is_judged_as_it_was_handed_over(
    session: Any, tmp_path: Path
) -> None:
    folder, file = lake(tmp_path, [{**r, **b} for r, b in zip(ROWS, BROKEN, strict=True)])
    wanted = loaded(tmp_path / "here", file, Options())

    def checked(stage: str) -> None:
        if stage == "checking":
            assert session.getActiveSession() is session, "Spark was let go"
            rmtree(folder)

    assert loaded(tmp_path / "there", folder, LAKE, checked) == wanted
    assert not folder.exists()


def test_the_same_extract_is_not_loaded_twice(session: Any, tmp_path: Path) -> None:
    assert session
    folder, _ = lake(tmp_path, ROWS)
    with Vault.open(tmp_path / "data") as vault:
        vault.load("police_offences", folder, today=TODAY, options=LAKE)
        with pytest.raises(ContractBroken, match="The same content was loaded on"):
            vault.load("police_offences", folder, today=TODAY, options=LAKE)


def test_what_spark_cannot_read_is_named_with_the_remedy(session: Any, tmp_path: Path) -> None:
    assert session
    with Vault.open(tmp_path / "data") as vault:
        with pytest.raises(
            EnvironmentFault, match=r"could not read .*none, and nothing was loaded"
        ):
            vault.load("police_offences", tmp_path / "none", options=LAKE)
        twice = tmp_path / "twice.parquet"
        pl.DataFrame(ROWS).with_columns(pnc=pl.lit("")).write_parquet(twice)
        with pytest.raises(EnvironmentFault, match=r"nothing was loaded \(COLUMN_ALREADY_EXISTS\)"):
            vault.load("police_offences", twice, options=LAKE)
        with pytest.raises(UsageError, match="Leave out --engine spark"):
            vault.load("codings", tmp_path / "none", options=LAKE)


TWICE = """
import sys
from pathlib import Path
import duckdb
from iomdash.errors import EnvironmentFault
from iomdash.vault import spark
for _ in range(2):
    try:
        with duckdb.connect() as con, spark.opened(con, Path(sys.argv[1]), []) as engine:
            engine.frame("select cast('a' as int) as n")
    except EnvironmentFault as fault:
        print(fault)
"""


def test_two_sessions_that_fail_in_one_process_leave_nothing_behind(tmp_path: Path) -> None:
    words = [sys.executable, "-c", TWICE, str(tmp_path)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert done.stdout.count("Spark could not count") == 2
    assert list(tmp_path.iterdir()) == []
