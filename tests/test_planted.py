"""No page, download or log holds what is withheld: marks are planted in few people and sought."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import ADDRESSES, opened

from iomdash import cli
from iomdash.declared import audiences
from iomdash.declared.codebook import CODES, is_sensitive
from iomdash.exports import package
from iomdash.exports.about import About
from iomdash.exports.tidy import csv_file
from iomdash.exports.tidy import rows as rows_of
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site.address import Asked
from iomdash.study import synthetic
from iomdash.vault import reader
from iomdash.vault.writer import Vault
from pages.figures import COMPARE, PAGES, of_page, whose

MARKS = ("zq-interview", "zq-coder", "zq-uncleared", "zq-reviewer", "zq-file")
SENSITIVE = sorted(code for code in CODES if is_sensitive(code))
# What the many say of the other codes tells nothing of the few; one of them is kept.
ASKED = [*SENSITIVE, "scheme.positive"]
FEW = 3


class Planted(NamedTuple):
    data: Path
    said: dict[str, str]  # what each command wrote, to either stream


def drawn(folder: Path) -> dict[str, pl.DataFrame]:
    """40 people of two large cohorts, by table, without anybody's excerpt."""
    files = synthetic.write(folder, interviews=40, seed=7)
    frames = {t: pl.read_csv(files[t]) for t in ("interviews", "codings")}
    half = pl.int_range(pl.len()) % 2 == 0
    cohort = pl.when(half).then(pl.lit("PPO")).otherwise(pl.lit("HCCU"))
    frames["interviews"] = frames["interviews"].with_columns(cohort=cohort)
    frames["codings"] = frames["codings"].filter(pl.col("code").is_in(ASKED))
    return frames


def few(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Three people of SPOS, who all say yes to every sensitive code, and their excerpts."""
    ids = [f"zq-interview-{n}" for n in range(FEW)]
    people = frames["interviews"].head(FEW).with_columns(
        interview_id=pl.Series(ids),
        cohort=pl.lit("SPOS"),
        consent_quotation=pl.lit("yes"),
    )  # fmt: skip
    rows = [(who, code) for who in ids for code in SENSITIVE]
    codings = pl.DataFrame(rows, schema=["interview_id", "code"], orient="row").with_columns(
        stance=pl.lit("yes"), coder=pl.lit("zq-coder"), coded_on=pl.lit("2026-01-31")
    )
    excerpts = pl.DataFrame(
        {
            "excerpt_id": ["zq-interview-e0"],
            "interview_id": ids[:1],
            "code": SENSITIVE[0],
            "kind": ["quotation"],
            "text": ["He says zq-uncleared words."],
            "cleared": ["no"],
            "reviewed_by": "zq-reviewer",
            "reviewed_on": "2026-01-31",
        }
    )
    tables = {"interviews": people, "codings": codings, "excerpts": excerpts}
    return {t: f.with_columns(origin=pl.lit("synthetic")) for t, f in tables.items()}


def load(data: Path, frames: dict[str, pl.DataFrame], folder: Path, prefix: str) -> None:
    with Vault.open(data) as vault:
        for table, frame in frames.items():
            path = folder / f"{prefix}-{table}.csv"
            frame.write_csv(path)
            vault.load(table, path, user="zq-coder")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("planted")
    data, frames = folder / "data", drawn(folder)
    load(data, frames, folder, "many")
    load(data, few(frames), folder, "zq-file")
    commands = {"publish": ["publish"], "audit": ["audit"], "audit json": ["audit", "--json"]}
    for cohort in ("All", "PPO", "HCCU", "SPOS"):
        for form in ([], ["--json"]):
            words = ["findings", "--wave", "2026", "--cohort", cohort, *form]
            commands[" ".join(words)] = words
    yield Planted(data, {name: said(words, data) for name, words in commands.items()})
    shutil.rmtree(folder, ignore_errors=True)


def said(words: list[str], data: Path) -> str:
    with redirect_stdout(StringIO()) as told, redirect_stderr(told):
        code = cli.main([*words, "--data", str(data)])
    assert code == 0, told.getvalue()
    return told.getvalue()


def rows(data: Path, audience: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table of a release."""
    opened = Release(path_of(data / "releases", audience))
    for found in opened.rows("select table_name from duckdb_tables()"):
        for row in opened.rows(f"from {found['table_name']}"):
            yield str(found["table_name"]), dict(row)


def marks(told: str) -> list[str]:
    return [mark for mark in MARKS if mark in told]


def clean(told: str) -> None:
    assert marks(told) == []


def counts(told: str, people: int) -> list[str]:
    """Where a text tells the size of a group, or how many of it said something."""
    who = "(?:interviews?|interviewees?|people|persons)"
    return re.findall(
        rf"\b\d+ of {people}\b|\bn ?= ?{people}\b|(?<![\d.,]){people} {who}\b", told, re.IGNORECASE
    )


def test_the_search_finds_every_mark_in_the_vault(planted: Planted) -> None:
    with reader.read(planted.data) as con:
        tables = con.sql("select schema_name, table_name from duckdb_tables()").fetchall()
        told = [str(con.sql(f'from "{schema}"."{name}"').fetchall()) for schema, name in tables]
    assert marks(" ".join(told)) == [*MARKS]


@pytest.mark.parametrize("audience", audiences.names())
def test_no_column_of_a_release_holds_a_mark(planted: Planted, audience: str) -> None:
    every = list(rows(planted.data, audience))
    assert len(every) > 100
    clean(str(every))
    assert counts(" ".join(str(v) for _, row in every for v in row.values()), FEW) == []


@pytest.mark.parametrize("audience", audiences.names())
def test_no_figure_of_a_release_is_of_as_few_people(planted: Planted, audience: str) -> None:
    of_people = ("groups", "codes", "claims", "pairs")
    found = {
        row.get("size") or row.get("n")
        for table, row in rows(planted.data, audience)
        if table in of_people
    }
    # Everybody, and the few with the cohort that they are shown with.
    assert found >= {43, 23}
    assert min(n for n in found if n) > FEW


def test_no_byte_of_a_published_file_holds_a_mark(planted: Planted) -> None:
    for file in (planted.data / "releases").rglob("*"):
        if file.is_file():
            told = file.read_bytes().decode("latin-1")
            assert [(file.name, mark) for mark in MARKS if mark in told] == []


def test_no_command_says_a_mark(planted: Planted) -> None:
    for told in planted.said.values():
        assert told
        clean(told)
        assert counts(told, FEW) == []
    assert counts(planted.said["findings --wave 2026 --cohort PPO"], 20)


@pytest.mark.parametrize("audience", audiences.names())
def test_no_row_of_the_few_has_a_count(planted: Planted, audience: str) -> None:
    theirs = [(t, row) for t, row in rows(planted.data, audience) if row.get("cohort") == "SPOS"]
    numbers = {
        (table, name)
        for table, row in theirs
        for name, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert theirs
    assert numbers == {("claims", "claim")}  # the place of a claim in its finding


def test_findings_of_the_few_tell_no_count(planted: Planted) -> None:
    told = json.loads(planted.said["findings --wave 2026 --cohort SPOS --json"])
    claims = [claim for finding in told for claim in finding["claims"]]
    assert claims
    assert {(c["x"], c["n"], c["interval"]) for c in claims} == {(None, None, None)}


def whole(app: AppTest) -> str:
    """Everything that a page sends: its elements and what they hold."""
    elements = [*app.main, *app.sidebar]
    tables = [table.value.to_csv() for table in (*app.table, *app.dataframe)]
    return " ".join([*(str(getattr(e, "proto", e)) for e in elements), *tables])


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_sends_a_mark(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("IOMDASH_RELEASES", str(planted.data / "releases"))
    app = opened(address, {"wave": "2026", "cohort": "SPOS"})
    assert not app.exception
    clean(whole(app))
    assert counts(whole(app), FEW) == []


@pytest.mark.parametrize("address", [*PAGES, COMPARE])
def test_nothing_that_a_page_gives_away_holds_a_mark(planted: Planted, address: str) -> None:
    release = Release(path_of(planted.data / "releases", "board"))
    choice = whose(address, release, Asked((("wave", "2026"), ("cohort", "SPOS"))))
    pictures = of_page(address, release, choice.group, choice.people, "PPO")
    taken = rows_of(pictures.values(), About(release, choice.group, choice.people))
    assert taken
    assert FEW not in [row["base"] for row in taken]
    told = csv_file(taken).decode("utf-8-sig")
    clean(told)
    assert counts(told, FEW) == []


@pytest.mark.parametrize("audience", ["board", "coordinator"])
def test_no_table_of_a_release_that_is_taken_away_holds_a_mark(
    planted: Planted, audience: str
) -> None:
    release = Release(path_of(planted.data / "releases", audience))
    for name, content in package.files(release, package.CSV):
        clean(f"{name} {content.decode('utf-8-sig')}")


def test_the_search_finds_the_size_of_a_group_that_is_shown(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_RELEASES", str(planted.data / "releases"))
    assert counts(whole(opened("F16", {"wave": "2026", "cohort": "PPO"})), 20)
