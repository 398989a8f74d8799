"""Every page, run without a browser, for whole waves, hidden, joined and filtered groups."""

import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import lxml.html
import pytest
from reading import Read, page_of
from streamlit.testing.v1 import AppTest

from iomdash.declared.agencies import MEASURES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.scheme import COHORTS, Cohort
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site import administration
from iomdash.site.address import Asked
from iomdash.site.faults import OUT_OF_ORDER
from iomdash.site.navigation import LISTED, SEARCH, made, menus, titles
from pages import cohorts, search

LONGEST = 300  # seconds for one run, on a machine however busy
COHORT_PAGES = [cohorts.address(cohort) for cohort in COHORTS]
# One function draws them all: the longest, a sensitive one, one without a finding, one with most.
THEME_PAGES = ["theme-pathways", "theme-trauma", "theme-supervision", "theme-selection"]
ADDRESSES = [
    *(address for _, address, _ in LISTED), *(f.id for f in FINDINGS), *COHORT_PAGES, *THEME_PAGES,
]  # fmt: skip
GROUPS: dict[str, dict[str, str]] = {
    "2026": {"wave": "2026"},
    "2017": {"wave": "2017"},
    "hidden cohort of 2017": {"wave": "2017", "cohort": "SPOS"},
    "joined cohorts of 2017": {"wave": "2017", "cohort": "HCCU, SPOS and DV&A together"},
    "cohort of 2026": {"wave": "2026", "cohort": "PPO"},
    "two filters": {"wave": "2026", "cohort": "HCCU", "provider": "NPS"},
    "three filters": {
        "wave": "2026", "cohort": "DV&A", "provider": "CRC", "supervision": "custody",
    },
}  # fmt: skip

# Pages that show agencies' figures.
AGENCIES = ("cohorts", "cohort-PPO", "pathways", "outcomes", "attendance", "said-and-recorded")

Open = Callable[..., AppTest]
Reads = Callable[..., Read]


def opened(address: str, query: dict[str, str | list[str]]) -> AppTest:
    """The page at an address, run as a visitor's first."""

    def script(address: str) -> None:
        import streamlit as st

        from iomdash.site.navigation import drawn, menus, pages

        every = pages()
        st.navigation(list(every.values()), position="hidden")
        drawn(every[address]._page, address, menus())

    app = AppTest.from_function(script, default_timeout=LONGEST, args=(address,))
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.fixture
def visit(demo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("IOMDASH_RELEASES", str(demo_dir / "releases"))
    monkeypatch.delenv("IOMDASH_AUDIENCE", raising=False)
    return lambda address, **query: opened(address, query)


@pytest.fixture
def read(board: Release) -> Reads:
    """A page of the board's demonstration as it is made, which Streamlit only shows."""
    return lambda address, **query: page_of(board, address, query)


def words(app: AppTest | Read) -> str:
    """Everything the page says, its tables included, in one line."""
    parts = [_part(element) for element in app.main]
    return " ".join(
        unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", " ".join(parts), flags=re.S)).split()
    )


def _part(element: Any) -> str:
    value = getattr(element, "value", "")
    told = value.to_string() if hasattr(value, "to_string") else str(value)
    return f"{getattr(element, 'label', '')} {told}"


def tables_of(app: AppTest | Read) -> list[dict[str, list[str]]]:
    """Every table that a page holds in its HTML, by column."""
    whole = " ".join(str(getattr(element, "value", "")) for element in app.main)
    found = lxml.html.fromstring(f"<div>{whole}</div>").xpath("//table")
    return [
        {
            head.text_content(): [row[at].text_content() for row in table.xpath("tbody/tr")]
            for at, head in enumerate(table.xpath("thead/tr/th"))
        }
        for table in found
    ]


def unharmed(app: AppTest | Read) -> None:
    assert [element.value for element in app.exception] == []
    assert "Traceback" not in words(app)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_opens_for_every_kind_of_group(read: Reads, address: str) -> None:
    for query in GROUPS.values():
        told = words(read(address, **query))
        assert "published" in told
        assert "Copy link" in told


@pytest.mark.parametrize("address", ADDRESSES)
def test_streamlit_shows_a_page_as_it_is_made(visit: Open, read: Reads, address: str) -> None:
    app, page = visit(address, wave="2026"), read(address, wave="2026")
    unharmed(app)
    assert not app.error
    at = "" if address == ADDRESSES[0] else address
    answers = f'<i data-at="{at}?wave=2026" hidden></i>'
    shown = [element.value for element in app.main if element.type == "html"]
    assert shown[0].startswith(answers)
    shown[0] = shown[0].removeprefix(answers)
    assert shown == [element.value.strip() for element in page.get("html")]
    assert len(app.get("vega_lite_chart")) == len(page.get("vega_lite_chart"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_an_element_of_words_for_each_chart_and_few_besides(
    read: Reads, address: str
) -> None:
    """Line, strip, what stands before two columns and after the last chart: elements cost most."""
    page = read(address, wave="2026")
    assert len(page.get("html")) <= len(page.get("vega_lite_chart")) + 4


def test_a_page_is_made_once_whatever_else_its_address_holds(board: Release) -> None:
    once = made(board, "F03", Asked.of([("cohort", "PPO")]))
    assert made(board, "F03", Asked.of([("utm", "x"), ("cohort", "PPO")])) is once
    assert made(board, "F03", Asked.of([("cohort", "HCCU")])) is not once


@pytest.mark.parametrize("address", ADDRESSES)
def test_made_up_and_chosen_data_are_labelled_on_every_page(read: Reads, address: str) -> None:
    assert "Wave 2026 is synthetic: made up, about nobody." in words(read(address, wave="2026"))
    assert "Wave 2017 is partly reconstructed" in words(read(address, wave="2017"))


@pytest.mark.parametrize("address", [f.id for f in FINDINGS])
def test_a_hidden_group_is_said_to_be_hidden_and_why_and_what_is_shown_instead(
    read: Reads, address: str
) -> None:
    told = words(read(address, **GROUPS["hidden cohort of 2017"]))
    assert "▨ SPOS: hidden, fewer than 5. Shown instead: HCCU, SPOS and DV&A together." in told
    assert "▨ SPOS: too few to show" in told
    assert "Cannot be told here" in told


def test_choices_that_lead_to_hidden_figures_are_marked_before_they_are_chosen(
    read: Reads,
) -> None:
    told, later = words(read("F01", wave="2017")), words(read("F01", wave="2026"))
    for choice in ("HCCU", "SPOS", "DV&A", "NPS", "CRC"):
        assert f"▨ {choice}: too few to show" in told
        assert f"▨ {choice}: too few to show" not in later
    assert "▨ PPO: too few to show" not in told


def test_what_is_shown_instead_can_be_chosen(read: Reads) -> None:
    told = words(read("F01", **GROUPS["joined cohorts of 2017"]))
    assert "hidden, fewer than 5" not in told
    assert "of 6" in told


@pytest.mark.parametrize("address", ["F06", "F07"])
def test_a_sensitive_finding_of_a_cohort_shows_a_band_and_no_count(
    read: Reads, address: str
) -> None:
    tables = tables_of(read(address, wave="2026", cohort="PPO"))
    [claims] = [t for t in tables if "Counts" in t]
    [by_cohort] = [t for t in tables if "Said so" in t and "PPO" in set(t["Group"])][:1]
    assert set(claims["95 % interval"]) == set(by_cohort["95 % interval"]) == {"not shown"}
    told = [*claims["Counts"], *by_cohort["Said so"]]
    assert not any(re.search(r"\d of \d", words) for words in told)


def test_the_smallest_sensitive_finding_is_not_told_by_cohort_at_all(read: Reads) -> None:
    told = words(read("F09", wave="2026", cohort="PPO"))
    assert "sensitive" in told
    assert "Cannot be told here" in told


def test_methods_tell_how_each_measure_is_counted_and_by_whose_definition(read: Reads) -> None:
    told = words(read("methods"))
    for measure in (measure for measure in MEASURES if measure.shown):
        assert measure.definition in told
    assert (
        "Agencies' figures are of groups of at least 5 people, with at most 1 of the filters"
        in told
    )


@pytest.mark.parametrize("address", AGENCIES)
def test_a_page_of_agencies_figures_says_their_day_and_that_they_are_made_up(
    read: Reads, address: str
) -> None:
    told = words(read(address))
    assert "Agencies' records to 30 Sep 2026. They are synthetic: made up, about nobody." in told
    assert "Nobody and fewer than 5 people read alike. Figures are of closed quarters" in told


@pytest.mark.parametrize("address", AGENCIES)
def test_the_board_is_told_to_remove_a_filter_where_there_are_too_many(
    read: Reads, address: str
) -> None:
    told = words(read(address, cohort="PPO", provider="NPS", area="Oldbury", quarter="2026 Q1"))
    assert "with fewer filters at once, as more would narrow them to few people" in told


def test_agencies_figures_of_joined_cohorts_are_of_all_of_them(read: Reads) -> None:
    told = words(read("pathways", **GROUPS["joined cohorts of 2017"]))
    assert "Agencies count each cohort by itself: their figures are of all cohorts." in told


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_opens_for_the_coordinator_with_two_filters_and_a_period(
    coordinator: Release, address: str
) -> None:
    most = {"cohort": "PPO", "provider": "CRC", "quarter": "2025 Q2"}
    for query in ({}, most, {"wave": "2017", "cohort": "U18"}):
        told = words(page_of(coordinator, address, query))
        assert "Coordinator · release" in told
        assert "fewer filters at once" not in told


@pytest.mark.parametrize("address", AGENCIES)
def test_a_page_of_agencies_that_sent_nothing_says_so_and_shows_no_zero(
    visit: Open, address: str, demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo_dir / "releases", tmp_path / "releases")
    path = path_of(tmp_path / "releases", "board")
    path.chmod(0o644)
    with duckdb.connect(path) as con:
        con.execute("delete from recorded_dates")
        for measure in (measure for measure in MEASURES if measure.shown):
            con.execute(f"drop table recorded_{measure.id}")
    monkeypatch.setenv("IOMDASH_RELEASES", str(tmp_path / "releases"))
    app = visit(address, cohort="PPO")
    unharmed(app)
    told = words(app)
    assert "Not sent yet: " in told
    assert "Agencies' records to" not in told
    counted = [cell for table in tables_of(app) for column in table.values() for cell in column]
    assert "0" not in counted


def test_what_has_changed_since_it_was_told_is_said_where_it_is_shown_and_listed_once(
    visit: Open, demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo_dir / "releases", tmp_path / "releases")
    path = path_of(tmp_path / "releases", "board")
    path.chmod(0o644)
    with duckdb.connect(path) as con:
        for state, quarter in (("waits", "2024%"), ("anew", "2025 Q1"), ("added", "2023")):
            con.execute(
                "update recorded_versions set state = ? where measure = 'attendance' "
                "and quarter like ?", [state, quarter],
            )  # fmt: skip
    monkeypatch.setenv("IOMDASH_RELEASES", str(tmp_path / "releases"))
    assert "Some records have changed since they were counted here" in words(visit("attendance"))
    assert "Some records have changed" not in words(visit("cohorts"))
    app = visit("data-quality")
    (row,) = [
        dict(zip(table, cells, strict=True))
        for table in tables_of(app) if "Told anew" in table
        for cells in zip(*table.values(), strict=True)
    ]  # fmt: skip
    assert row == {
        "What is counted": "Attendance", "Waits": "5 periods, 2024 to 2024 Q4",
        "Quarters added up": "2023", "Told anew": "2025 Q1",
    }  # fmt: skip


def test_where_nothing_has_changed_since_it_was_told_that_is_said(read: Reads) -> None:
    assert "Every figure of agencies' records is what they say now." in words(read("data-quality"))


@pytest.mark.parametrize("cohort", COHORTS, ids=lambda cohort: cohort.id)
def test_a_cohort_has_a_page_with_its_terms_its_people_and_what_they_say(
    read: Reads, cohort: Cohort
) -> None:
    told = words(read(cohorts.address(cohort)))
    for part in (cohort.who, *cohort.purpose, *cohort.referral, cohort.way_out):
        # Each line says where it comes from, in the place of its own stop.
        assert part.removesuffix(".") in told
        assert part.source.value in told
    for heading in ("Caseload", "Needs", "Outcomes", "What its people say"):
        assert heading in told
    assert ("interviews in wave 2026" in told) == cohort.adult
    assert ("only adults were asked" in told) != cohort.adult


def test_a_cohort_of_few_interviews_is_told_with_those_it_is_shown_with(read: Reads) -> None:
    app = read("cohort-SPOS", wave="2017")
    assert "Shown instead: HCCU, SPOS and DV&A together." in words(app)
    assert "is reconstructed, so cohorts are not compared" in words(app)


def test_a_cohorts_page_does_not_use_the_filter_of_cohorts(read: Reads) -> None:
    told = words(read("cohort-PPO", cohort="HCCU"))
    assert "This page does not use the cohort filter." in told
    assert "48 interviews in wave 2026" in told


def test_what_is_said_and_what_is_recorded_are_told_apart_and_never_matched(read: Reads) -> None:
    app = read("said-and-recorded")
    told = words(app)
    assert "about different people and are never matched person to person" in told
    assert told.count("Interviewees. Sandwell") == told.count("Agencies' records. Sandwell") > 0
    assert not app.get("vega_lite_chart"), "no chart can hold both on one axis"


HOSTILE: dict[str, tuple[dict[str, str | list[str]], str]] = {
    "unknown wave": ({"wave": "1999"}, "There is no wave '1999' here; 2026 is shown."),
    "markup": ({"cohort": "<script>alert(1)</script>"}, "There is no cohort '<script>"),
    "unknown cohort": ({"cohort": "XXX"}, "There is no cohort 'XXX' here; All is shown."),
    "SQL": ({"provider": "' or 1=1 --"}, "There is no provider '' or 1=1 --' here"),
    "very long": ({"supervision": "x" * 100_000}, f"There is no supervision '{'x' * 40}' here"),
    "repeated": (
        {"cohort": ["PPO", "XXX"]},
        "The address gives the cohort more than once; the last, 'XXX', counts.",
    ),
    "nothing": ({"wave": "", "cohort": ""}, ""),
    "unknown name": ({"drop": "table", "page": "../vault"}, ""),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("address", ["overview", "cohorts", "F07", "data-quality"])
def test_whatever_the_address_asks_for_is_answered_in_words(
    visit: Open, address: str, kind: str
) -> None:
    query, told = HOSTILE[kind]
    app = visit(address, **query)
    unharmed(app)
    assert not app.error
    assert told in words_with_signs(app)


OF_AGENCIES = {
    "unknown area": ({"area": "Mars"}, "There is no area 'Mars' here; All is shown."),
    "SQL": ({"quarter": "' or 1=1 --"}, "There is no period '' or 1=1 --' here; All is shown."),
    "markup": ({"area": "<script>alert(1)</script>"}, "There is no area '<script>"),
}


@pytest.mark.parametrize("kind", OF_AGENCIES)
@pytest.mark.parametrize("address", AGENCIES)
def test_whatever_the_address_asks_of_agencies_is_answered_in_words(
    visit: Open, address: str, kind: str
) -> None:
    query, told = OF_AGENCIES[kind]
    app = visit(address, **query)
    unharmed(app)
    assert told in words_with_signs(app)


def test_a_page_without_interviews_does_not_speak_of_hidden_ones(read: Reads) -> None:
    assert "hidden, fewer than 5." not in words(read("outcomes", wave="2017", cohort="SPOS"))


def words_with_signs(app: AppTest) -> str:
    """As `words`, with what a visitor wrote kept even where it looks like markup."""
    return " ".join(unescape(" ".join(_part(element) for element in app.main)).split())


def test_markup_in_the_address_is_written_out_and_never_run(visit: Open) -> None:
    app = visit("F01", cohort="<script>alert(1)</script>")
    assert not any("<script>" in element.value for element in app.main if element.type == "html")


# ------------------------------------------------------------------------- releases that are not


RUN = "python -m iomdash"


def _nothing(releases: Path) -> None:
    shutil.rmtree(releases)


def _no_pointer(releases: Path) -> None:
    (releases / "current").unlink()


def _pointer_to_nowhere(releases: Path) -> None:
    (releases / "current").chmod(0o644)
    (releases / "current").write_text("9999")


def _torn_pointer(releases: Path) -> None:
    (releases / "current").chmod(0o644)
    (releases / "current").write_bytes(b"\xff\x00")


def _torn(releases: Path) -> None:
    for file in releases.rglob("board.duckdb"):
        file.chmod(0o644)
        file.write_bytes(file.read_bytes()[:5000])


def _another_program(releases: Path) -> None:
    for file in releases.rglob("board.duckdb"):
        file.chmod(0o644)
        file.write_text("not a database")


def _of_another_version(releases: Path) -> None:
    for file in releases.rglob("board.duckdb"):
        file.chmod(0o644)
        with duckdb.connect(file) as con:
            con.execute("update manifest set json = replace(json, '\"format\"', '\"former\"')")


@pytest.mark.parametrize(
    ("harm", "remedy"),
    [
        (_of_another_version, "another version of iomdash, and pages cannot read it. Publish anew"),
        (_nothing, RUN),
        (_no_pointer, RUN),
        (_pointer_to_nowhere, "Choose one of: 1."),
        (_torn_pointer, "Write the newest number into it: 1."),
        (_torn, RUN),
        (_another_program, RUN),
    ],
)
def test_a_missing_or_broken_release_is_a_neutral_sentence_and_a_way_out_in_the_log(
    visit: Open, demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, harm: Callable[[Path], None], remedy: str,
) -> None:  # fmt: skip
    releases = tmp_path / "releases"
    shutil.copytree(demo_dir / "releases", releases)
    for folder in (releases, *(p for p in releases.rglob("*") if p.is_dir())):
        folder.chmod(0o755)
    harm(releases)
    monkeypatch.setenv("IOMDASH_RELEASES", str(releases))
    for address in ("overview", "F01", "methods"):
        caplog.clear()
        app = visit(address)
        unharmed(app)
        assert [error.value for error in app.error] == [OUT_OF_ORDER]
        assert str(tmp_path) not in words(app)
        assert "python" not in words(app)
        assert remedy in caplog.text


def test_a_wrong_audience_is_a_neutral_sentence_and_a_line_of_the_log(
    visit: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("IOMDASH_AUDIENCE", "press")
    app = visit("overview")
    unharmed(app)
    assert [error.value for error in app.error] == [OUT_OF_ORDER]
    assert "Set it to one of: board, coordinator." in caplog.text


SEARCHES = {
    "F05": ("Findings", "F05 Support and the likelihood of stopping"),
    "housing": ("Pathways", "Accommodation"),
    "re-offending": ("Measures of agencies", "Proven re-offending within 12 months"),
    "withheld": ("Methods", "Protection of small groups"),
    "trauma": ("Themes", "Trauma"),
    "prolific": ("Cohorts", "Prolific and Priority Offenders (PPO)"),
}


@pytest.mark.parametrize("sought", SEARCHES)
def test_the_search_finds_a_thing_by_its_name_or_by_what_people_call_it(sought: str) -> None:
    kind, name = SEARCHES[sought]
    assert name in [entry.name for entry in search.found(sought)[kind]]


def test_what_is_sought_is_written_out_and_what_is_nowhere_is_said(visit: Open) -> None:
    app = visit("search", q="<script>alert(1)</script>")
    unharmed(app)
    assert not any("<script>" in element.value for element in app.main if element.type == "html")
    assert search.NOTHING in words(app)


def test_every_search_result_leads_to_a_page() -> None:
    assert {entry.address for entry in search.entries()} <= set(titles())


def test_every_page_but_the_search_stands_in_the_navigation_once() -> None:
    every = [*menus(), administration.MENU]
    placed = [address for menu in every for _, links in menu.lists for address, _ in links]
    assert sorted(placed) == sorted(set(titles()) - {"overview", SEARCH})


def test_whom_the_study_did_not_approach_is_said_of_its_own_wave_alone(read: Reads) -> None:
    said = "People who seldom kept appointments were not approached."
    assert said in words(read("F01", wave="2017"))
    told = words(read("F01", wave="2026"))
    assert "Those not reached" in told
    assert said not in told


def test_methods_counts_the_verdicts_that_may_be_wrong_by_chance(read: Reads) -> None:
    told = words(read("methods"))
    sure = re.search(r"called beyond chance: (\d+)\. .* ([\d.]+) of them may be wrong", told)
    assert sure
    assert float(sure[2]) == pytest.approx(int(sure[1]) / 20, abs=0.05)
