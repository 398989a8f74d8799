"""Choices of a filter that few people are of: which are counted as one, and what is counted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import partnerships
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pages import opened, words

from benchmarks.cubes import make
from iomdash.counting import agencies
from iomdash.counting.agencies import RawAgencies, Wanted, merged
from iomdash.declared.agencies.groups import AGENCY_FILTERS, MERGING, STAY, AgencyGroup
from iomdash.declared.groups import EVERYONE, joined
from iomdash.publishing.publish import attack_again, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.settings import VAULT_FILE
from iomdash.site.filters import label
from iomdash.vault import current
from iomdash.vault.engine import DuckDB

SMALLEST = 5
AS_ONE = "not_stated+voluntary"
NONE_SETTLED = pl.DataFrame(schema=merged.SETTLED)
Sizes = dict[tuple[str, str], int]


def chosen(sizes: Sizes, settled: pl.DataFrame = NONE_SETTLED) -> set[tuple[str, ...]]:
    """What is merged where in a quarter so many people are of a supervision."""
    people = [
        (f"{quarter} {kind} {n}", quarter, kind, "tipton")
        for (quarter, kind), size in sizes.items() for n in range(size)
    ]  # fmt: skip
    with duckdb.connect() as con:
        engine = DuckDB(con)
        schema = ["person_id", "quarter", *MERGING]
        engine.take("choices", pl.DataFrame(people, schema=schema, orient="row"))
        return {*merged.chosen(engine, "select * from choices", settled, SMALLEST).iter_rows()}


@pytest.mark.parametrize(
    ("sizes", "whole"),
    [
        ({"a": 5, "b": 6, "c": 7}, None),
        ({"a": 4, "b": 6, "c": 7}, "a+b"),
        ({"a": 9, "b": 6, "c": 4}, "b+c"),
        ({"a": 1, "b": 2, "c": 1, "d": 40}, None),  # all of them are everybody
        ({"a": 1, "b": 2, "c": 2, "d": 40}, "a+b+c"),
        ({"a": 1, "b": 2, "c": 1, "d": 40, "e": 41}, "a+b+c+d"),
        ({"a": 2, "b": 40}, None),
        ({"a": 2}, None),
    ],
)
def test_the_few_are_joined_with_the_next_larger_until_they_are_enough(
    sizes: dict[str, int], whole: str | None
) -> None:
    found = chosen({("2030 Q1", choice): n for choice, n in sizes.items()})
    parts = joined(whole) if whole else ()
    assert found == {("2030", "supervision", part, whole) for part in parts}


def test_a_choice_that_any_quarter_of_the_year_has_enough_people_of_stands_alone() -> None:
    sizes = {("2030 Q1", "a"): 2, ("2030 Q2", "a"): 5, ("2030 Q1", "b"): 30, ("2030 Q1", "c"): 30}
    assert chosen(sizes) == set()
    assert chosen({**sizes, ("2030 Q2", "a"): 4}) == {
        ("2030", "supervision", "a", "a+b"), ("2030", "supervision", "b", "a+b"),
    }  # fmt: skip


def test_what_a_year_was_told_by_stays_whoever_comes_later() -> None:
    settled = pl.DataFrame(
        [("2030", "a+b", "tipton"), ("2030", "c", "tipton"), ("2031", "a", "tipton")],
        schema=merged.SETTLED, orient="row",
    )  # fmt: skip
    sizes = {(f"{year} Q1", kind): n for year in (2030, 2031, 2032)
             for kind, n in (("a", 50), ("b", 50), ("c", 3))}  # fmt: skip
    assert chosen(sizes, settled) == {
        ("2030", "supervision", "a", "a+b"), ("2030", "supervision", "b", "a+b"),
        ("2032", "supervision", "a", "a+c"), ("2032", "supervision", "c", "a+c"),
    }  # fmt: skip


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12), min_size=1))
def test_choices_that_are_merged_are_many_together_and_so_are_the_others_each(
    sizes: dict[str, int],
) -> None:
    found = chosen({("2030 Q1", choice): n for choice, n in sizes.items()})
    parts = {choice: sizes[choice] for _, _, choice, _ in found}
    others = {choice: n for choice, n in sizes.items() if choice not in parts}
    if found:
        assert sum(parts.values()) >= SMALLEST
        assert (
            sum(parts.values()) - max(parts.values()) < SMALLEST or max(parts.values()) < SMALLEST
        )
        assert {whole for *_, whole in found} == {"+".join(sorted(parts))}
        assert others
        assert min(others.values()) >= SMALLEST


# --------------------------------------------------------------------------- what is counted


@pytest.fixture(scope="module")
def vaults() -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]]:
    """A vault; and the same where the records themselves say of two supervisions one name."""
    with duckdb.connect() as con, duckdb.connect() as renamed:
        for each in (con, renamed):
            make(each, 1000)
        renamed.execute(
            "update adoptions_log set supervision = ? where supervision in ?",
            [AS_ONE, joined(AS_ONE)],
        )
        yield con, renamed


def count(con: duckdb.DuckDBPyConnection, settled: pl.DataFrame = NONE_SETTLED) -> RawAgencies:
    wanted = Wanted(periods=("quarter", "year", EVERYONE), counted=True, settled=settled)
    return agencies.count(current.records(con, numbered=True), wanted)


def test_a_merge_counts_what_records_would_give_that_say_its_name(vaults) -> None:
    con, renamed = vaults
    years = sorted({quarter[:4] for quarter in count(con).people["quarter"]})
    settled = pl.DataFrame(
        [(year, AS_ONE, "tipton") for year in years], schema=merged.SETTLED, orient="row"
    )
    ours, theirs = count(con, settled), count(renamed)
    assert AS_ONE in ours.people["supervision"].unique()
    assert same(ours.people, theirs.people)
    assert same(ours.counted, theirs.counted)
    assert ours.cubes.keys() == theirs.cubes.keys()
    assert [name for name in ours.cubes if not same(ours.cubes[name], theirs.cubes[name])] == []


def test_a_year_that_is_not_merged_is_counted_as_ever(vaults) -> None:
    con, renamed = vaults
    settled = pl.DataFrame([("2024", AS_ONE, "tipton")], schema=merged.SETTLED, orient="row")
    ours, apart, together = count(con, settled), count(con), count(renamed)
    in_2024 = pl.col("quarter").str.starts_with("2024")
    for name, cube in ours.cubes.items():
        others = in_2024.not_() & (pl.col("quarter") != EVERYONE)
        assert same(cube.filter(in_2024), together.cubes[name].filter(in_2024)), name
        assert same(cube.filter(others), apart.cubes[name].filter(others)), name
        # Whoever stands in both is one person of everybody.
        of_all = [pl.col(filter) == EVERYONE for filter in STAY]
        assert same(cube.filter(of_all), apart.cubes[name].filter(of_all)), name


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    def text(frame: pl.DataFrame) -> pl.DataFrame:
        plain = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
        return plain.sort(plain.columns)

    return text(one).equals(text(other))


def test_the_filters_that_are_merged_are_those_that_choices_tell() -> None:
    text = (Path(agencies.__file__).parent / "choices.sql").read_text("utf-8")
    assert set(MERGING) < set(AGENCY_FILTERS)
    assert all(f"s.{name}" in text for name in MERGING)


# --------------------------------------------------------------------------- what is published


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases of a few dozen people, of whom two have no supervision stated; when the next is
    published more have none, and a year is over.
    """
    data = partnerships.begun(tmp_path_factory.mktemp("merged"), 60, ["iom_caseload"])
    supervised(data, not_stated=2)
    for until in (date(2025, 9, 30), date(2026, 3, 31)):
        partnerships.sent(data, until)
        publish(data, data / "releases", anyway=True)
        supervised(data, not_stated=12)
    return data


def supervised(data: Path, not_stated: int) -> None:
    """Of so many who are in no supervision is stated; every other of the rest is voluntary."""
    with duckdb.connect(data / VAULT_FILE) as con:
        rows = con.execute(
            "select person_id from all_adoptions_log group by person_id "
            "order by bool_or(left_on is null) desc, person_id"
        ).fetchall()
        kinds = ["not_stated" if n < not_stated else ("statutory", "voluntary")[n % 2]
                 for n in range(len(rows))]  # fmt: skip
        said = pl.DataFrame({"person_id": [one for (one,) in rows], "kind": kinds})
        con.register("said", said)
        con.execute(
            "update all_adoptions_log as a set supervision = s.kind from said as s "
            "where a.person_id = s.person_id"
        )


def shown(data: Path, number: int, audience: str = "board") -> Release:
    return Release(shelf.path_of(data / "releases", audience, number))


def test_what_was_told_together_stays_so_for_the_year_and_the_next_is_decided_anew(
    published: Path,
) -> None:
    for number in (1, 2):
        together = shown(published, number).counted_with("supervision", "voluntary")
        assert together.keys() == {AS_ONE}
        assert "2025" in together[AS_ONE]
        assert "2026" not in together[AS_ONE]
    assert shown(published, 2).recorded("caseload", of("not_stated", "2026 Q1"))
    assert not shown(published, 2).recorded("caseload", of("not_stated", "2025 Q4"))
    assert shown(published, 2).recorded("caseload", of(AS_ONE, "2025 Q4"))


def of(supervision: str, quarter: str) -> AgencyGroup:
    return AgencyGroup(supervision=supervision, quarter=quarter)


@pytest.mark.parametrize("audience", ["board", "coordinator"])
def test_the_attack_on_a_release_that_is_out_counts_the_same_people_together(
    published: Path, audience: str
) -> None:
    for number in (1, 2):
        report = attack_again(published, published / "releases", audience, number)
        assert report.agencies is not None
        assert not report.agencies.falls


def test_a_page_names_with_whom_a_choice_is_counted(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_RELEASES", str(published / "releases"))
    said = words(opened("outcomes", {"supervision": "voluntary"}))
    assert (
        "agencies' figures of voluntary are counted together with others, of whom one had too few "
        "people: choose “not stated and voluntary together”." in said
    )
    assert "counted together" not in words(opened("outcomes", {"supervision": "statutory"}))
    offered = shown(published, 2).choices("area")
    never = min({part for whole in offered for part in joined(whole)} - {*offered})
    alone = words(opened("outcomes", {"area": label(never)}))
    assert f"There is no area '{label(never)}' here; All is shown. It is counted together" in alone
    together = words(opened("outcomes", {"supervision": "not stated and voluntary together"}))
    assert "There is no supervision" not in together
