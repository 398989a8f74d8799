"""A standalone master with two workers: the same rows, and the same errors."""

from pathlib import Path
from typing import Any

import duckdb
from engines import Both
from test_lake import BROKEN, LAKE, ROWS, lake, loaded

from benchmarks.cubes import make
from iomdash.counting import agencies
from iomdash.declared.agencies import BY_ID
from iomdash.declared.contracts import odcs
from iomdash.intake.sources.raw import Options
from iomdash.vault import current, spark
from iomdash.vault.engine import DuckDB

LOGS = ("loads", *(odcs.load(table).stored for table in odcs.AGENCY_TABLES))
FEW = tuple(BY_ID[name] for name in ("offending_spread", "attendance"))


def test_a_cluster_counts_what_duckdb_counts(on_cluster: Any, tmp_path: Path) -> None:
    with duckdb.connect() as con:
        make(con, 300)
        with spark.opened(con, tmp_path, LOGS) as engine:
            both = Both(DuckDB(con), engine)
            records = current.records(con, both, numbered=True)
            agencies.close(records)
            wanted = agencies.Wanted(1, ("quarter",), measures=FEW)
            assert all(cube.height for cube in agencies.count(records, wanted).cubes.values())
    assert [text for text, (_, _, same) in both.texts.items() if not same] == []
    assert both.of("from offences_log"), "current rows were made there"
    assert on_cluster.catalog.listTables() == []


def test_a_cluster_reads_a_lake_as_a_file_is_read(on_cluster: Any, tmp_path: Path) -> None:
    assert on_cluster
    folder, file = lake(tmp_path, [{**r, **b} for r, b in zip(ROWS, BROKEN, strict=True)])
    there = loaded(tmp_path / "there", folder, LAKE)
    assert there == loaded(tmp_path / "here", file, Options())
    assert {row for row, *_ in there[1]} >= {2, 4, 7, 8}
