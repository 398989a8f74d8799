"""What is taken away says whom it counts, opens everywhere, and holds what pages show alone."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import frictionless
import polars as pl
import pytest
from odfdo import Document
from starlette.requests import Request
from starlette.responses import Response

from iomdash import cli
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.agencies.senders import SENDERS
from iomdash.declared.groups import Group
from iomdash.errors import UsageError
from iomdash.exports import books, package, tidy
from iomdash.exports.about import About
from iomdash.intake.feeds import FEEDS
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.dots import Dot, dots
from iomdash.pictures.theme import GROUP, Picture, spread, tabled
from iomdash.release.reader import Release
from iomdash.site.address import Asked
from iomdash.site.navigation import made
from iomdash.site.taken import NOTHING, of_figure, of_release
from pages.figures import of_page, whose

PEOPLE = AgencyGroup()
WHOM = ("release", "audience", "wave", "cohort", "period", "origin")


@pytest.fixture
def about(board: Release) -> About:
    return About(board, Group("2026", "PPO"), AgencyGroup("PPO"))


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


# ------------------------------------------------------------------------------------ tidy rows


def test_a_row_says_whom_it_counts_with_share_interval_state_and_reason(about: About) -> None:
    picture = dots("Trust", "Interviewees", [
        Dot("PPO", 9, 12, 0.47, 0.91),
        Dot("SPOS", None, None, None, None, hidden="fewer than 5"),
        Dot("HCCU", None, None, None, None, band="at most a fifth"),
        Dot("U18", None, 11, 0.2, 0.8, ranged="3 to 5 of 11"),
    ])  # fmt: skip
    rows = tidy.rows([spread(picture, cohort=GROUP)], about)
    assert [row["cohort"] for row in rows] == ["PPO", "SPOS", "HCCU", "U18"]
    assert {tuple(row[name] for name in ("wave", "origin", "source")) for row in rows} == {
        ("2026", "synthetic", "interviews")
    }
    first, hidden, band, ranged = (
        [row[n] for n in ("numerator", "base", "share", "low", "high", "state", "reason")]
        for row in rows
    )
    assert first == [9, 12, 0.75, 0.47, 0.91, "shown", ""]
    assert hidden == [None] * 5 + ["withheld", "fewer than 5"]
    assert band == [None] * 5 + ["band", "at most a fifth"]
    assert ranged == [None, 11, None, 0.2, 0.8, "range", "3 to 5 of 11"]


def test_words_of_a_table_are_a_row_a_cell_and_hidden_ones_say_why(about: About) -> None:
    rows = tidy.rows([tabled("Left", [
        {"Left because": "Moved", "People": "12"},
        {"Left because": "Died", "People": "▨ fewer than 5 people"},
        {"Left because": "Clear", "People": "▨ not sent yet"},
    ], measure="caseload")], about)  # fmt: skip
    assert [(r["group"], r["part"], r["words"], r["state"], r["reason"]) for r in rows] == [
        ("Moved", "People", "12", "shown", ""),
        ("Died", "People", "", "withheld", "fewer than 5 people"),
        ("Clear", "People", "", "not sent", "not sent yet"),
    ]
    assert {(r["source"], r["period"], r["origin"]) for r in rows} == {
        ("agencies' records", "to 2026-09-30", "synthetic")
    }


def test_a_picture_without_figures_is_one_row_that_says_why(about: About) -> None:
    [row] = tidy.rows([Picture("Trust: too few to show (no)", "", "", None, [])], about)
    assert (row["state"], row["reason"]) == ("withheld", "Trust: too few to show (no)")


def test_csv_marks_its_letters_and_holds_no_formula(about: About) -> None:
    rows = tidy.rows([bars("Needs", "=1+1", [Bar("@cmd", 3, 24)])], about)
    content = tidy.csv_file(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    [row] = read(content)
    assert (row["measure"], row["group"]) == ("'=1+1", "'@cmd")
    assert (row["numerator"], row["base"], row["share"]) == ("3", "24", "0.125")


def test_a_file_is_named_for_whom_it_counts(about: About) -> None:
    name = about.name("F03", "by-cohort", "csv")
    assert name == "iomdash_F03_by-cohort_wave-2026_PPO_data-to-2026-09-30_release-1_SYNTHETIC.csv"
    assert "PPO" not in about.name("F03", "by-cohort", "csv", ["cohort"])
    assert "wave-2026" not in about.name("F03", "across-waves", "csv", ["wave"])


def test_workbooks_hold_the_same_rows_and_no_formula(about: About) -> None:
    rows = tidy.rows([bars("Needs", "=1+1", [Bar("@cmd", 3, 24)])], about)
    told = about.columns(bars("Needs", "", [Bar("a", 1, 2)]))
    sheet = pl.read_excel(
        io.BytesIO(books.xlsx("Needs", told, rows)), sheet_name=books.FIGURES, has_header=True
    )
    assert sheet.columns == list(rows[0])
    assert sheet.select("measure", "group", "numerator", "share").rows() == [
        ("=1+1", "@cmd", 3, 0.125)
    ]
    document = Document(io.BytesIO(books.ods("Needs", told, rows)))
    body = next(table for table in document.body.tables if table.name == books.FIGURES)
    header, first = (list(row) for row in body.get_values())
    assert header == list(rows[0])
    assert first[header.index("measure")] == "=1+1"
    assert float(first[header.index("share")]) == 0.125
    assert not any(cell.formula for row in body.rows for cell in row.cells)


# ----------------------------------------------------------------------------- a whole release


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first rows of every table, as what they are made of is the same in all."""
    every = package.tables

    def first(release: Release) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        return ((name, rows[:40]) for name, rows in every(release))

    monkeypatch.setattr(package, "tables", first)
    monkeypatch.setattr(Release, "table", _first_rows)


def _first_rows(release: Release, name: str) -> list[Any]:
    return release.rows(f'select * from "{name}" limit 40')


@pytest.mark.usefixtures("short")
def test_a_release_is_a_valid_package_that_says_what_is_withheld_and_made_up(
    board: Release, tmp_path: Path
) -> None:
    for name, content in package.files(board, package.CSV):
        (tmp_path / name).write_bytes(content)
    report = frictionless.validate(str(tmp_path / package.DESCRIPTOR))
    assert report.flatten(["rowNumber", "message"]) == []
    told = json.loads((tmp_path / package.DESCRIPTOR).read_text("utf-8"))
    assert "synthetic" in told["description"]
    claims = read((tmp_path / "claims.csv").read_bytes())
    assert {"release", "audience", "origin", "numerator", "base", "share", "state", "reason"} <= (
        claims[0].keys()
    )
    codes = read((tmp_path / "codes.csv").read_bytes())
    assert {row["state"] for row in codes if row["wave"] == "2017"} == {"reconstructed"}


@pytest.mark.usefixtures("short")
def test_parquet_holds_the_same_tables(board: Release) -> None:
    held = dict(package.files(board, package.PARQUET))
    assert "claims.parquet" in held
    rows = pl.read_parquet(io.BytesIO(held["recorded_caseload.parquet"]))
    assert {"count", "state", "reason", "data_to", "origin"} <= set(rows.columns)
    hidden = rows.filter(pl.col("count").is_null())
    assert hidden.height
    assert set(hidden["state"]) == {"withheld"}


@pytest.mark.usefixtures("short")
def test_the_command_writes_a_folder_and_never_over_one(
    demo_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(tmp_path), "--data", str(demo_dir)]
    assert cli.main(words) == 0
    [folder] = tmp_path.iterdir()
    assert folder.name == "iomdash_release-1_board_SYNTHETIC"
    assert (folder / package.DESCRIPTOR).is_file()
    assert cli.main(words) == 1
    assert "is there already. Name another folder" in capsys.readouterr().err


# ------------------------------------------------------------------------------------- downloads


def asked(query: str = "", **path: str) -> Request:
    return Request(
        {"type": "http", "path_params": path, "query_string": query.encode(), "headers": []}
    )


@pytest.fixture
def served(demo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOMDASH_RELEASES", str(demo_dir / "releases"))
    monkeypatch.delenv("IOMDASH_AUDIENCE", raising=False)


def take(page: str, name: str, kind: str, query: str = "") -> Response:
    return of_figure(asked(query, page=page, name=name, kind=kind))


@pytest.mark.usefixtures("served")
def test_a_download_holds_what_its_page_shows_under_the_filters_of_its_address() -> None:
    answer = take("pathways", "recorded", "csv", "cohort=PPO")
    rows = read(bytes(answer.body))
    assert {row["cohort"] for row in rows} == {"PPO"}
    assert {row["origin"] for row in rows} == {"synthetic"}
    assert "_PPO_" in answer.headers["content-disposition"]
    assert "SYNTHETIC" in answer.headers["content-disposition"]
    same = take("PATHWAYS", "recorded", "csv", "cohort=PPO")
    assert same.body == answer.body


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_a_picture_is_drawn_with_its_words_and_source(kind: str, start: bytes) -> None:
    answer = take("F03", "by-cohort", kind)
    assert bytes(answer.body).startswith(start)
    if kind == "svg":
        told = bytes(answer.body).decode()
        for words in ("Roles blurred", "synthetic", "Source: Interviews of wave 2026"):
            assert words in told


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("page", "name", "kind", "query"),
    [
        ("F99", "by-cohort", "csv", ""), ("F03", "nothing", "csv", ""),
        ("F03", "by-cohort", "exe", ""), ("F03", "page", "png", ""),
        ("F03", "claims", "svg", ""), ("F03", "by-cohort", "csv", "wave=1999"),
        ("F03", "by-cohort", "csv", "cohort=%3Cscript%3E"), ("../app", "x", "csv", ""),
    ],
)  # fmt: skip
def test_whatever_else_is_asked_for_is_answered_in_words(
    page: str, name: str, kind: str, query: str
) -> None:
    answer = take(page, name, kind, query)
    assert (answer.status_code, bytes(answer.body).decode()) == (404, NOTHING)


@pytest.mark.usefixtures("served")
def test_two_groups_that_are_compared_are_taken_figure_by_figure(board: Release) -> None:
    answer = take("compare", "said", "csv", "cohort=PPO&with=HCCU")
    rows = read(bytes(answer.body))
    for cohort in ("PPO", "HCCU"):
        cells = [cell for cell in board.claims(Group("2026", cohort)) if cell.finding == "F01"]
        own = [row for row in rows if row["cohort"] == cohort and row["part"].startswith("F01 ")]
        assert [(row["numerator"], row["base"]) for row in own] == [
            (str(cell.x), str(cell.n)) for cell in cells if cell.x is not None
        ]
    recorded = read(bytes(take("compare", "recorded", "csv", "cohort=PPO&with=HCCU").body))
    assert {row["cohort"] for row in recorded} == {"PPO", "HCCU"}
    assert take("compare", "said", "csv", "cohort=PPO&with=XYZ").status_code == 404


@pytest.mark.usefixtures("served", "short")
def test_the_whole_release_is_taken_in_one_of_its_forms_only() -> None:
    assert of_release(asked(form="exe")).status_code == 404
    answer = of_release(asked(form="parquet"))
    assert bytes(answer.body).startswith(b"PK")


def test_a_filter_that_a_release_does_not_have_is_refused_in_words(board: Release) -> None:
    with pytest.raises(UsageError, match="There is no wave '1999' here"):
        whose("pathways", board, Asked((("wave", "1999"),)))
    joint = Asked((("wave", "2017"), ("cohort", "HCCU, SPOS and DV&A together")))
    choice = whose("pathways", board, joint)
    assert choice.group.cohort == "HCCU+SPOS+DV&A"
    assert choice.people.cohort == "All"


@pytest.mark.parametrize("query", [(), (("cohort", "U18"),), (("area", "Oldbury"),)])
def test_a_page_leads_to_files_of_what_it_shows_whatever_else_its_address_asks_for(
    board: Release, query: tuple[tuple[str, str], ...]
) -> None:
    """Agencies alone know of that cohort and of areas, and the page says that it does not."""
    _, parts = made(board, "F03", Asked(query))
    whole = " ".join(part for part in parts if isinstance(part, str))
    [link] = set(re.findall(r'href="download/F03/by-cohort\.csv([^"]*)"', whole))
    asked = Asked.of(parse_qsl(unescape(link).removeprefix("?")))
    assert whose("F03", board, asked).group == Group("2026")


def test_the_page_of_a_cohort_is_about_that_cohort_alone(board: Release) -> None:
    own, other = (whose("cohort-PPO", board, Asked(asked)) for asked in ((), (("cohort", "HCCU"),)))
    assert (own.group.cohort, own.people.cohort) == ("PPO", "PPO")
    taken = of_page("cohort-PPO", board, other.group, other.people)
    again = of_page("cohort-PPO", board, own.group, own.people)
    assert {n: replace(p, figures=()) for n, p in taken.items()} == {
        n: replace(p, figures=()) for n, p in again.items()
    }


def test_every_table_that_a_feed_fills_has_a_sender() -> None:
    filled = {table.name for feed in FEEDS.values() for table in feed.tables}
    assert filled - {"person_links"} <= SENDERS.keys()
