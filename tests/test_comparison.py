"""What changed between two releases: every kind of change, and what may not be compared."""

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iomdash import cli
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.pictures.changes import words
from iomdash.release import shelf
from iomdash.release.comparison import Comparison, compare
from iomdash.release.matching import KEYS, key_of
from iomdash.release.reader import Release

ROOT = Path(__file__).parents[1]
EVERYBODY = {"wave": "2030", "cohort": "All", "provider": "All", "supervision": "All"}
PPO = {**EVERYBODY, "cohort": "PPO"}
PEOPLE = {"cohort": "PPO", "provider": "All", "supervision": "All", "area": "All",
          "quarter": "2030 Q1"}  # fmt: skip
CLAIM = {
    **EVERYBODY, "finding": "F01", "claim": 0, "code": "scheme.positive", "among": "",
    "statement": "All spoke well of the scheme", "quantifier": "all", "x": 9, "n": 10, "mixed": 1,
    "no": 0, "least": 9, "most": 10, "low": 0.55, "high": 0.99, "verdict": "WEAKER",
    "sure": "COULD_BE_CHANCE", "untold": None, "sentence": "Most did", "needed": 40,
    "p": None, "population": None, "band": None, "hidden": None, "instead": None,
}  # fmt: skip
FIGURES = ("x", "n", "mixed", "no", "least", "most", "low", "high", "sure", "sentence", "needed")
HIDDEN = {
    **CLAIM, **dict.fromkeys(FIGURES), "verdict": "UNTOLD", "untold": "too_few",
    "hidden": "fewer than 5 people",
}  # fmt: skip
Tables = Mapping[str, list[dict[str, Any]]]
TABLES: Tables = {
    "claims": [CLAIM],
    "groups": [{**PPO, "n": 10, "hidden": None, "instead": None}],
    "waves": [{"wave": "2030", "n": 10, "origins": ["synthetic"],
               "first_on": date(2030, 1, 1), "last_on": date(2030, 3, 31)}],
    "recorded_dates": [{"measure": "attendance", "data_to": date(2030, 3, 31),
                        "origin": "synthetic"}],
    "recorded_attendance": [{**PEOPLE, "agency": "All", "site": "All", "joint": "All",
                             "what": "kept", "n": 40, "hidden": None}],
    "checks": [{"table_name": "codings", "rule": "r", "reason": "why", "passed": True},
               {"table_name": "codings", "rule": "r", "reason": "why", "passed": True}],
}  # fmt: skip

Write = Callable[..., Release]


def written(
    folder: Path, tables: Tables, *, number: int = 1, audience: str = "board", **manifest: object
) -> Release:
    """A release of these rows, written as DuckDB writes any table."""
    place = folder / f"{number:04d}"
    place.mkdir(parents=True, exist_ok=True)
    stated = {"release": number, "format": 2, "published_at": f"2030-04-0{number}T09:00:00+00:00",
              "data_to": "2030-03-31", **manifest}  # fmt: skip
    manifest_file = place / "manifest.json"
    whole = json.loads(manifest_file.read_text("utf-8")) if manifest_file.exists() else {}
    audiences = {**whole.get("audiences", {}), audience: stated}
    manifest_file.write_text(json.dumps({"release": number, "audiences": audiences}), "utf-8")
    with duckdb.connect(place / f"{audience}.duckdb") as con:
        for name, rows in tables.items():
            frame = pl.DataFrame(rows, infer_schema_length=None)
            con.register("frame", frame)
            con.execute(f"create table {name} as select * from frame")
            con.unregister("frame")
        con.execute("create table manifest as select ? as json", [json.dumps(stated)])
    return Release(place / f"{audience}.duckdb")


def of_one_table(folder: Path, table: str, before: Any, after: Any) -> Comparison:
    """The comparison of two releases that differ in the rows of one table; None: no such table."""
    one, other = (
        {k: v for k, v in {**TABLES, table: rows}.items() if v is not None}
        for rows in (before, after)
    )
    return compare(written(folder, one), written(folder, other, number=2))


def row(table: str, **cells: object) -> dict[str, Any]:
    return {**TABLES[table][0], **cells}


# ------------------------------------------------------------------------------- kinds of change

GROUP_HIDDEN = row("groups", n=None, hidden="fewer than 5 people")
WAVE_2031 = row("waves", wave="2031", n=12, first_on=None, last_on=None)
FIGURE_HIDDEN = row("recorded_attendance", n=None, hidden="fewer than 5 people")


@pytest.mark.parametrize(
    ("table", "before", "after", "kind", "message"),
    [
        ("claims", [CLAIM], [row("claims", sure="BEYOND_CHANCE")], "moved",
         "All spoke well of the scheme, everybody in wave 2030: was Weaker than claimed "
         "(9 of 10; 55 to 99 of 100; could be chance), is Weaker than claimed "
         "(9 of 10; 55 to 99 of 100; beyond chance, if those interviewed are typical)"),
        ("claims", [CLAIM], [row("claims", x=10)], "moved",
         "was Weaker than claimed (9 of 10; 55 to 99 of 100; could be chance), is Weaker than "
         "claimed (10 of 10; 55 to 99 of 100; could be chance)"),
        ("claims", [CLAIM], [row("claims", low=0.61)], "moved", "is Weaker than claimed "
         "(9 of 10; 61 to 99 of 100; could be chance)"),
        ("claims", [CLAIM], [row("claims", needed=30)], "moved", "needed was 40, is 30"),
        ("claims", [CLAIM], [HIDDEN], "withheld",
         "(9 of 10; 55 to 99 of 100; could be chance), is withheld"),
        ("claims", [HIDDEN], [CLAIM], "shown", "was withheld, is Weaker than claimed"),
        ("claims", [CLAIM], [CLAIM, row("claims", claim=1, statement="Most agreed")], "added",
         "Most agreed, everybody in wave 2030: new, Weaker than claimed"),
        ("groups", TABLES["groups"], [GROUP_HIDDEN], "withheld",
         "PPO in wave 2030: was 10 interviews, is withheld"),
        ("groups", [GROUP_HIDDEN], TABLES["groups"], "shown",
         "PPO in wave 2030: was withheld, is 10 interviews"),
        ("groups", TABLES["groups"], [row("groups", n=12)], "moved",
         "PPO in wave 2030: was 10 interviews, is 12 interviews"),
        ("waves", TABLES["waves"], [*TABLES["waves"], WAVE_2031], "added",
         "Wave 2031: new, 12 interviews."),
        ("waves", [*TABLES["waves"], WAVE_2031], TABLES["waves"], "removed",
         "Wave 2031: no longer there, was 12 interviews."),
        ("waves", TABLES["waves"], [row("waves", last_on=date(2030, 6, 30))], "moved",
         "is 10 interviews, 1 January 2030 to 30 June 2030."),
        ("recorded_dates", TABLES["recorded_dates"],
         [row("recorded_dates", data_to=date(2030, 6, 30))], "moved",
         "Attendance: was data to 31 March 2030, is data to 30 June 2030."),
        ("recorded_attendance", TABLES["recorded_attendance"], [row("recorded_attendance", n=45)],
         "moved", "kept, PPO, 2030 Q1: was 40, is 45"),
        ("recorded_attendance", TABLES["recorded_attendance"], [FIGURE_HIDDEN], "withheld",
         "kept, PPO, 2030 Q1: was 40, is withheld"),
        ("recorded_attendance", [FIGURE_HIDDEN], TABLES["recorded_attendance"], "shown",
         "Attendance, agencies' figures: 1 newly shown."),
    ],
)  # fmt: skip
def test_a_change_is_told_with_what_was_and_what_is(
    tmp_path: Path, table: str, before: Any, after: Any, kind: str, message: str
) -> None:
    result = of_one_table(tmp_path, table, before, after)
    [change] = result.of(table)
    assert change.kind == kind
    assert not result.same
    assert message in "\n".join(words(result))
    assert [t.table for t in result.tables if t.changes] == sorted(["manifest", table])


def test_nothing_changed_is_said_in_a_plain_sentence(tmp_path: Path) -> None:
    result = of_one_table(tmp_path, "claims", [CLAIM], [CLAIM])
    assert result.same
    assert words(result) == [
        "For the board: release 1 of 1 April 2030, data to 31 March 2030, held against release 2 "
        "of 2 April 2030, data to 31 March 2030.",
        "Nothing changed: every figure, group, wave and date is the same.",
        "Rows compared: 9 equal, 0 with the same figures in other words, 2 changed, 0 in the first "
        "release only, 0 in the second only.",
    ]


def test_a_figure_hidden_in_both_for_another_reason_is_the_same_in_other_words(
    tmp_path: Path,
) -> None:
    other = {**HIDDEN, "hidden": "few"}
    result = of_one_table(tmp_path, "claims", [HIDDEN], [other])
    [claims] = [t for t in result.tables if t.table == "claims"]
    assert (claims.equal, claims.reworded, claims.changes) == (0, 1, ())
    assert result.same
    assert "1 with the same figures in other words" in words(result)[-1]


def test_a_reason_never_hides_that_a_figure_moved(tmp_path: Path) -> None:
    result = of_one_table(tmp_path, "claims", [HIDDEN], [{**HIDDEN, "hidden": "few", "n": 4}])
    [change] = result.of("claims")
    assert set(change.columns) == {"hidden", "n"}


@pytest.mark.parametrize(("off", "changes"), [(1e-12, 0), (1e-6, 1)])
def test_noise_of_computing_is_no_change(tmp_path: Path, off: float, changes: int) -> None:
    result = of_one_table(tmp_path, "claims", [CLAIM], [row("claims", low=0.55 + off)])
    assert len(result.of("claims")) == changes


def test_a_table_that_only_one_has_is_named_and_its_rows_counted(tmp_path: Path) -> None:
    result = of_one_table(tmp_path, "waves", TABLES["waves"], None)
    [waves] = [t for t in result.tables if t.table == "waves"]
    assert (waves.missing, waves.kinds) == ("after", {"removed": 1})
    assert "Table waves is missing in the second release." in words(result)


@pytest.mark.parametrize("column", ["needed", "provider"])
def test_a_column_that_only_one_has_is_named_and_the_others_are_compared(
    tmp_path: Path, column: str
) -> None:
    without = {k: v for k, v in CLAIM.items() if k != column}
    result = of_one_table(tmp_path, "claims", [CLAIM], [without])
    [claims] = [t for t in result.tables if t.table == "claims"]
    assert (claims.equal, claims.only_before, claims.only_after) == (1, (column,), ())
    assert result.same
    assert f"Columns of claims in the first release only: {column}." in words(result)


def test_a_group_that_lost_a_key_column_is_still_told_in_words(tmp_path: Path) -> None:
    less = {k: v for k, v in CLAIM.items() if k != "provider"}
    result = of_one_table(tmp_path, "claims", [CLAIM], [{**less, "x": 10}])
    assert "everybody in wave 2030: was Weaker than claimed" in "\n".join(words(result))


def test_rows_that_share_a_key_are_matched_equal_ones_first(tmp_path: Path) -> None:
    passed, failed = TABLES["checks"][0], row("checks", passed=False)
    result = of_one_table(tmp_path, "checks", [passed, failed], [failed, passed, failed])
    [checks] = [t for t in result.tables if t.table == "checks"]
    assert (checks.equal, dict(checks.kinds)) == (2, {"added": 1})


def test_a_release_of_an_older_format_is_compared(tmp_path: Path) -> None:
    old = written(tmp_path, TABLES, format=1)
    assert compare(old, written(tmp_path, TABLES, number=2)).same


def test_a_policy_that_changed_is_told(tmp_path: Path) -> None:
    one = written(tmp_path, TABLES, policy={"smallest": 5})
    other = written(tmp_path, TABLES, number=2, policy={"smallest": 7})
    assert "Policy of disclosure, smallest: was 5, is 7." in words(compare(one, other))


def test_a_long_list_is_cut_in_words_and_counted(tmp_path: Path) -> None:
    many = [row("groups", cohort=f"C{n}") for n in range(20)]
    result = of_one_table(tmp_path, "groups", TABLES["groups"], [*TABLES["groups"], *many])
    assert "Groups: 20 new." in words(result)
    assert "  and 12 more" in words(result)


def test_every_table_of_the_demonstration_has_a_key_that_names_its_rows(board: Release) -> None:
    columns: dict[str, list[str]] = {}
    for item in board.rows("select table_name, column_name from duckdb_columns()"
                           " where not internal"):  # fmt: skip
        columns.setdefault(item["table_name"], []).append(item["column_name"])
    assert set(KEYS) <= set(columns) | {"changes"}
    for table in set(columns) - {"checks", "loads", "manifest"}:
        rows = board.table(table)
        key = key_of(table, columns[table])
        assert len({tuple(str(r[name]) for name in key) for r in rows}) == len(rows), table
        assert set(columns[table]) - set(key), table


def test_the_demonstration_compared_with_itself_is_the_same(board: Release) -> None:
    result = compare(board, board)
    assert result.same
    assert sum(t.equal for t in result.tables) > 10_000
    assert not any(t.changes or t.reworded for t in result.tables)


# ------------------------------------------------------------------------------------- properties

CELLS = st.none() | st.integers(0, 3)
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["All", "PPO"]), st.integers(0, 3)),
    st.tuples(CELLS, st.sampled_from([None, "a", "b"])),
    max_size=6,
)
SCHEMA = {**dict.fromkeys(("wave", "cohort", "provider", "supervision", "finding"), pl.String),
          "claim": pl.Int64, "x": pl.Int64, "hidden": pl.String}  # fmt: skip
NAMES = tuple(SCHEMA)
CLAIM_KEY = NAMES[:6]
Some = Mapping[tuple[str, int], tuple[Any, Any]]


def framed(rows: Some) -> pl.DataFrame:
    claims = [("2030", cohort, "All", "All", "F01", claim, *cells)
              for (cohort, claim), cells in rows.items()]  # fmt: skip
    return pl.DataFrame(claims, schema=SCHEMA, orient="row")


def as_release(folder: Path, rows: Some) -> Release:
    file = folder / "board.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(file) as con:
        con.register("frame", framed(rows))
        con.execute("create table claims as select * from frame")
        con.execute("create table manifest as select ? as json", [json.dumps({"release": 1})])
    return Release(file)


@pytest.fixture
def apart(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Some], Release]:
    """Writes releases, every one to a folder of its own, as DuckDB remembers paths."""
    return lambda rows: as_release(tmp_path_factory.mktemp("release"), rows)


MANY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@given(ROWS, ROWS)
def test_the_other_way_round_is_the_mirror(
    apart: Callable[[Some], Release], one: Some, other: Some
) -> None:
    before, after = apart(one), apart(other)
    assert compare(after, before) == compare(before, after).mirrored
    assert compare(before, after).mirrored.mirrored == compare(before, after)


@MANY
@given(ROWS)
def test_a_release_and_its_copy_do_not_differ(apart: Callable[[Some], Release], rows: Some) -> None:
    result = compare(apart(rows), apart(rows))
    assert result.same
    assert not any(t.changes or t.reworded for t in result.tables)


@MANY
@given(ROWS, ROWS)
def test_counts_are_those_of_joins(
    apart: Callable[[Some], Release], one: Some, other: Some
) -> None:
    before, after = framed(one), framed(other)
    met = before.join(after, on=CLAIM_KEY, suffix="_after")
    figure = pl.col("x").eq_missing(pl.col("x_after"))
    reason = pl.col("hidden").eq_missing(pl.col("hidden_after"))
    either = pl.col("hidden").is_not_null() & pl.col("hidden_after").is_not_null()
    [claims] = [t for t in compare(apart(one), apart(other)).tables if t.table == "claims"]
    assert claims.equal == met.filter(figure & reason).height
    assert claims.reworded == met.filter(figure & ~reason & either).height
    assert claims.changed == met.height - claims.equal - claims.reworded
    removed = before.join(after, on=CLAIM_KEY, how="anti").height
    added = after.join(before, on=CLAIM_KEY, how="anti").height
    assert (claims.kinds.get("removed", 0), claims.kinds.get("added", 0)) == (removed, added)


# ------------------------------------------------------------------------- what may not be compared


def test_releases_of_two_audiences_are_refused_in_words(tmp_path: Path) -> None:
    one = written(tmp_path, TABLES)
    other = written(tmp_path, TABLES, audience="coordinator")
    with pytest.raises(UsageError, match=r"board's and .* the coordinator's. What one audience"):
        compare(one, other)


def test_a_file_under_another_name_is_still_its_audiences(tmp_path: Path) -> None:
    policy = {"figures": [{"audience": "coordinator"}]}
    one, other = written(tmp_path, TABLES), written(tmp_path, TABLES, number=2, policy=policy)
    with pytest.raises(UsageError, match="the coordinator's"):
        compare(one, other)


def run(capsys: pytest.CaptureFixture[str], *asked: object) -> tuple[int, str, str]:
    code = cli.main(["compare", *map(str, asked)])
    return code, *capsys.readouterr()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two releases of the board that differ in one count."""
    written(tmp_path / "releases", TABLES)
    written(tmp_path / "releases", {**TABLES, "claims": [row("claims", x=10)]}, number=2)
    return tmp_path


@pytest.mark.parametrize("again", [("1", "2"), ("1", "1")])
def test_the_command_ends_with_0_whatever_changed(
    data: Path, capsys: pytest.CaptureFixture[str], again: tuple[str, str]
) -> None:
    code, out, err = run(capsys, *again, "--data", data)
    assert (code, err) == (0, "")
    assert ("F01 Valued and understood" in out) is (again == ("1", "2"))


def test_a_release_is_named_by_number_folder_or_file(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = data / "releases"
    by_number = run(capsys, 1, 2, "--data", data)
    by_path = run(capsys, folders / "0001", folders / "0002" / "board.duckdb")
    assert by_number == by_path


def test_the_json_has_the_documented_form(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, 1, 2, "--json", "--data", data)
    answer = json.loads(out)
    assert code == 0
    [finding] = answer["findings"]
    [change] = finding["changes"]
    assert (finding["id"], change["kind"], change["columns"]) == ("F01", "moved", ["x"])
    assert (change["before"]["x"], change["after"]["x"]) == (9, 10)
    text = (ROOT / "docs" / "findings-json.md").read_text("utf-8")
    keys = {*answer, *answer["before"], *finding, *change, *answer["tables"][0], "figures"}
    assert {key for key in keys if f'"{key}"' not in text} == set()


def test_a_retired_release_cannot_be_compared(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(data / "releases", TABLES, audience="coordinator")
    written(data / "releases", TABLES, audience="coordinator", number=2)
    shelf.retire(data / "releases", 1)
    for place in ("1", data / "releases" / "0001", data / "releases" / "0001" / "board.duckdb"):
        code, out, err = run(capsys, place, 2, "--data", data)
        assert (code, out) == (1, "")
        assert "There is no release 1 in" in err
        assert "it was retired, as its difference from a later one would show who left" in err
        assert "Choose one of: 2." in err


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("7", "There is no release 7 for the board"),
        ("none", "none does not exist. Give a number of a release, its folder"),
        ("releases", "board.duckdb does not exist. Give a number of a release, its folder"),
        ("other.duckdb", "other.duckdb cannot be read: it is damaged or another program's file"),
    ],
)
def test_what_is_no_release_is_refused_in_words(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    asked: str, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(data)
    (data / "other.duckdb").write_bytes(b"no database")
    code, out, err = run(capsys, asked, 2, "--data", data)
    assert (code, out) == (1, "")
    assert message in err


def test_a_release_without_one_audience_is_not_called_retired(data: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"Release 1 in .* was not made for the coordinator"):
        shelf.path_of(data / "releases", "coordinator", 1)


def test_comparing_writes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(data / "releases", data / "copy")
    run(capsys, 1, 2, "--data", data)
    for path in (data / "copy").rglob("*.duckdb"):
        twin = data / "releases" / path.relative_to(data / "copy")
        assert path.read_bytes() == twin.read_bytes()
    assert sorted(p.name for p in (data / "releases" / "0001").iterdir()) == [
        "board.duckdb", "manifest.json",
    ]  # fmt: skip
