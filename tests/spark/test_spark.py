"""Every SQL text on DuckDB and on Spark: the same rows, and the same release."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import duckdb
import polars as pl
import pytest
from engines import Both, whole

from benchmarks.data import made
from iomdash.counting import agencies, interviews
from iomdash.counting.agencies.cubes import cubes_of, grouped
from iomdash.declared.agencies import MEASURES, Measure
from iomdash.declared.agencies.groups import STAY
from iomdash.publishing.publish import publish
from iomdash.release import shelf
from iomdash.release.comparison import compare
from iomdash.release.reader import Release
from iomdash.settings import RELEASES_FOLDER
from iomdash.vault import current, ledger
from iomdash.vault.engine import DuckDB
from iomdash.vault.records import AgencyRecords
from iomdash.vault.spark import Spark

PEOPLE = 60
# The time of the session that is given, which the one that counts must not take over.
ELSEWHERE = "Pacific/Auckland"
AUDIENCES = ("board", "coordinator")


@dataclass
class Seen:
    """What was counted, and the releases that came of it: of DuckDB, and of Spark's rows."""

    both: Both
    releases: tuple[Path, Path]


@pytest.fixture(scope="module")
def seen(session: Any, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A vault of the study and of a few people, published by DuckDB alone and then by Spark, with
    every text run on both.
    """
    here = made(0, PEOPLE).folder
    there = tmp_path_factory.mktemp("vault") / "data"
    copytree(here, there, ignore=ignore_patterns(RELEASES_FOLDER, ledger.FILE))
    session.conf.set("spark.sql.session.timeZone", ELSEWHERE)
    pairs: list[Both] = []

    @contextmanager
    def counted_by(name: str, con: duckdb.DuckDBPyConnection, folder: Path) -> Generator[Both]:
        with counted(name, con, folder) as engine:
            assert isinstance(engine, Spark)
            pairs.append(Both(DuckDB(con), engine))
            asked(con, pairs[0])
            moved(pairs[0])
            yield pairs[0]

    counted = current.counted_by
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current, "counted_by", counted_by)
        publish(there, there / RELEASES_FOLDER, engine="spark")
    assert session.getActiveSession().conf.get("spark.sql.session.timeZone") == ELSEWHERE
    assert session.catalog.listTables() == []
    return Seen(pairs[0], (here, there))


def asked(con: duckdb.DuckDBPyConnection, pair: Both) -> None:
    """The questions to interviews, whose tables stand ready in DuckDB, on both."""
    for name in ("interviews", "codings", "excerpts", "approaches", "asks", "derived", "pairs"):
        pair.spark.take(name, con.sql(f"select * from {name}").pl())
    # The study says of no wave how many its cohorts held.
    people = pl.DataFrame({"wave": "2017", "cohort": ["PPO", "HCCU"], "people": [96, 68]})
    pair.take("caseloads", people)
    for name in interviews.VIEWS:
        pair.keep(name, interviews.sql(name))
    for name in interviews.COUNTS:
        pair.frame(interviews.sql(name))


def moved(pair: Both) -> None:
    """A cube of people who stand in three atoms and in two, as none of a few may in one period."""
    names = (*STAY, "person_id", "quarter", "what", "n")
    rows = [
        (cohort, provider, "statutory", "tipton", who, "2030 Q1", "in", 1)
        for cohort, provider, who in (
            ("PPO", "NPS", "a"), ("HCCU", "NPS", "a"), ("PPO", "CRC", "a"),
            ("PPO", "NPS", "b"), ("HCCU", "NPS", "b"), ("PPO", "NPS", "c"),
        )
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=names, orient="row")
    pair.take("stays", frame.select("person_id", *STAY))
    pair.take("rows_of", frame)
    agencies._people(AgencyRecords(pair), agencies.Wanted())
    of = Measure("made_up", "", "", "", (), {"in": "in"}, (), ())
    rows_of = "select atom, person, quarter, what, n from rows_of inner join stays "
    same = "using (person_id, cohort, provider, supervision, area)"
    groups = grouped(pair, len(STAY))
    cells = cubes_of(pair, [(of, rows_of + same)], ("quarter",), groups)[of.id]
    everybody = cells.filter(pl.all_horizontal(pl.col(STAY) == "All"))
    assert everybody.select("n", "people", "top", "two").rows() == [(6, 3, 3, 5)]


FILES = [
    *(("interviews", name) for name in (*interviews.VIEWS, *interviews.COUNTS)),
    *(("agencies", name) for name in dict.fromkeys((
        *agencies.VIEWS, *(m.id for m in MEASURES if not m.recorded_in), "recorded", "members",
        "members_indexed", "choices",
    ))),
]  # fmt: skip


@pytest.mark.parametrize(("of", "name"), FILES)
def test_a_file_gives_the_same_rows_on_spark(seen: Seen, of: str, name: str) -> None:
    text = (interviews if of == "interviews" else agencies).sql(name)
    rows = seen.both.of(text)
    assert rows, "it was run"
    assert any(ours for ours, _, _ in rows), "it gave a row"
    assert all(same for _, _, same in rows), rows


def test_no_file_is_left_out() -> None:
    folders = {"interviews": interviews.FOLDER, "agencies": agencies.FOLDER}
    there = {(of, file.stem) for of, folder in folders.items() for file in folder.glob("*.sql")}
    assert there == set(FILES)


def test_all_that_is_written_by_python_gives_the_same_rows_on_spark(seen: Seen) -> None:
    assert [text for text, (_, _, same) in seen.both.texts.items() if not same] == []
    for part in (
        "from person_links_log",
        "from offences_log",
        "inner join groups_of",
        "join merged",
    ):
        assert any(ours for ours, _, _ in seen.both.of(part)), part


def tables(release: Release) -> dict[str, pl.DataFrame]:
    """Every table of a release, but for the manifest with its time."""
    names = [row["name"] for row in release.rows("select table_name as name from duckdb_tables()")]
    return {
        name: pl.DataFrame(release.rows(f"select * from {name}"), infer_schema_length=None)
        for name in names if name != "manifest"
    }  # fmt: skip


def test_the_release_is_the_same(seen: Seen) -> None:
    for audience in AUDIENCES:
        one, other = (
            Release(shelf.path_of(data / RELEASES_FOLDER, audience)) for data in seen.releases
        )
        ours, theirs = tables(one), tables(other)
        assert ours.keys() == theirs.keys()
        assert sum(name.startswith("recorded_") for name in ours) > len(MEASURES)
        assert [n for n in ours if not whole(ours[n]).equals(whole(theirs[n]))] == []
        assert compare(one, other).same


def test_nothing_of_anybody_is_left_behind(seen: Seen) -> None:
    _, there = seen.releases
    assert [path.name for path in there.iterdir() if path.name.startswith(".")] == []
