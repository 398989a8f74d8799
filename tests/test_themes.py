"""Every theme of the study has a page with all its codes; what nobody was asked has no figure."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import opened, words

from iomdash.declared.codebook import CODES, STANCE_LABELS, THEMES, Theme
from iomdash.declared.findings import FINDINGS, find
from iomdash.declared.groups import Group
from iomdash.declared.study import CONCLUSIONS
from iomdash.pictures import theme_codes
from iomdash.pictures.theme_codes import NOBODY, NOT_ASKED, NOT_REPORTED, figure
from iomdash.release.cells import CodeCell
from iomdash.release.reader import Release
from iomdash.site.navigation import pages
from iomdash.site.show import theme_address

WAVE, STUDY = Group("2026"), Group("2017")
BY_THEME = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.id)
SECTIONS = [
    "selection", "offending", "roles", "supervision", "substances", "police", "meetings",
    "pathways", "offence_work", "justice", "trauma", "environment", "early_help", "voice",
    "rapport",
]  # fmt: skip
Visit = Callable[..., AppTest]


@pytest.fixture
def visit(demo_dir, monkeypatch: pytest.MonkeyPatch) -> Visit:
    monkeypatch.setenv("IOMDASH_RELEASES", str(demo_dir / "releases"))
    monkeypatch.delenv("IOMDASH_AUDIENCE", raising=False)
    return lambda address, **query: opened(address, query)


def theme(id: str) -> Theme:
    return next(t for t in THEMES if t.id == id)


def test_the_fifteen_sections_of_the_study_are_the_themes_and_each_has_a_page() -> None:
    assert [t.id for t in THEMES] == SECTIONS
    assert all(t.about.endswith("?") for t in THEMES)
    assert {theme_address(t) for t in THEMES} <= set(pages())
    assert "themes" in pages()


@BY_THEME
def test_a_theme_shows_every_code_of_it_once(board: Release, theme: Theme) -> None:
    for group in (WAVE, STUDY, Group("2026", "PPO"), Group("2017", "SPOS")):
        shown = [r["What people were asked"] for r in theme_codes.table(theme, board, group)]
        assert shown == [code.name for code in CODES.values() if code.theme == theme.id]


def test_every_code_stands_on_the_page_of_one_theme() -> None:
    every = [code.id for t in THEMES for code in theme_codes.of_theme(t)]
    assert sorted(every) == sorted(CODES)


@pytest.mark.parametrize(
    ("code", "section"),
    [("supervision.officer_helps", "supervision"), ("supervision.flexible", "supervision"),
     ("supervision.laxer", "supervision"), ("pathways.quicker_access", "pathways"),
     ("offence_work.not_for_me", "offence_work"), ("meetings.said_once", "meetings"),
     ("meetings.progress_heard", "meetings"), ("environment.old_company", "environment")],
)  # fmt: skip
def test_what_the_study_tells_beside_its_findings_has_a_code_and_a_figure(
    board: Release, code: str, section: str
) -> None:
    [row] = [
        r for r in theme_codes.table(theme(section), board, WAVE)
        if r["What people were asked"] == CODES[code].name
    ]  # fmt: skip
    assert row["Findings"] == "none"
    cell = board.codes(WAVE)[code]
    assert row["Said so"] == f"{cell.yes} of {cell.n}"


# Worked out by hand from the study's facts: as stated, as a range, of those quoted, not at all.
OF_2017 = [
    ("early_help.would_have_helped", "9 of 11"),
    ("scheme.positive", "11 of 11"),
    ("environment.old_company", "2 to 5 of 11"),
    ("supervision.laxer", "2 to 5 of 11"),
    ("pathways.quicker_access", "2 to 11 of 11"),
    ("offence_work.not_for_me", "2 to 11 of 11"),
    ("meetings.progress_heard", "at least 2 of 11"),
    ("meetings.positive", "11 of 11"),
    ("roles.blurred", "3 to 5 of 11"),
    ("substance.satisfied", "all who named a need"),
    ("change.ready", NOT_REPORTED),
    ("meetings.said_once", "2 to 11 of 11"),
    ("supervision.officer_helps", "at least 2 of 11"),
    ("peers.offered", NOT_REPORTED),
    ("programmes.in_custody", "1 to 11 of 11"),
]


@pytest.mark.parametrize(("code", "said"), OF_2017)
def test_a_figure_of_2017_is_a_range_at_least_so_many_or_not_reported(
    board: Release, code: str, said: str
) -> None:
    rows = theme_codes.table(theme(CODES[code].theme), board, STUDY)
    [row] = [r for r in rows if r["What people were asked"] == CODES[code].name]
    assert row["Said so"] == said


def test_no_picture_is_drawn_of_a_wave_that_its_source_leaves_open(board: Release) -> None:
    assert [t.id for t in THEMES if theme_codes.wordings(t, board, STUDY)] == []
    assert all(theme_codes.wordings(t, board, WAVE) for t in THEMES)


SILENT = CodeCell("All", "peers.offered", 160, 0, 0, 0, None, None, None)


class Unasked:
    """A release in which nobody was asked of peer mentoring, and one person of another code."""

    def __init__(self, board: Release) -> None:
        self.board = board

    def __getattr__(self, name: str) -> object:
        return getattr(self.board, name)

    def codes(self, group: Group, among: str = "") -> dict[str, CodeCell]:
        known = dict(self.board.codes(group, among))
        return {**known, "peers.offered": replace(known["peers.offered"], yes=0, mixed=0, no=0)}


def test_what_nobody_in_a_wave_raised_was_not_asked_and_has_no_figure(board: Release) -> None:
    release: Release = Unasked(board)  # pyright: ignore[reportAssignmentType]
    early = theme("early_help")
    assert theme_codes.unraised(release, "2026") == {"peers.offered": NOT_ASKED}
    said = {r["What people were asked"]: r["Said so"] for r in
            theme_codes.table(early, release, WAVE)}  # fmt: skip
    assert said["Peer mentoring offered"] == NOT_ASKED
    picture = theme_codes.picture(early, STANCE_LABELS, release, WAVE)
    assert "Peer mentoring" not in str(picture)
    assert "on 2 of 2" in picture.title
    rows = theme_codes.by_cohort(theme_codes.of_theme(early), release, WAVE)
    assert "Peer mentoring offered" not in {r["What people were asked"] for r in rows}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, NOBODY),
        ({"yes": 12}, "12 of 160"),
        ({"no": 3}, "0 of 160"),
        ({"mixed": None, "no": None}, "0 of 160"),
        ({"yes": None, "band": "at most a fifth"}, "at most a fifth"),
        ({"yes": None, "hidden": "fewer than 5"}, "hidden: fewer than 5"),
        ({"yes": None, "hidden": "few", "instead": "PPO"}, "hidden: few; shown for PPO"),
    ],
)
def test_a_figure_is_told_as_far_as_it_may_be(
    board: Release, change: dict[str, object], said: str
) -> None:
    assert figure(replace(SILENT, **change), {}, board, WAVE) == said  # pyright: ignore[reportArgumentType]


def test_a_group_too_small_to_show_has_no_figure_on_any_theme(board: Release) -> None:
    for each in THEMES:
        told = {r["Said so"] for r in theme_codes.table(each, board, Group("2017", "SPOS"))}
        assert all("fewer than 5" in cell or cell == NOT_REPORTED for cell in told)


def test_sensitive_codes_stay_in_bands_by_cohort(board: Release) -> None:
    rows = theme_codes.by_cohort(theme_codes.of_theme(theme("trauma")), board, WAVE)
    assert rows
    assert not any(" of 1" in cell or cell.isdigit() for row in rows for cell in row.values())


def test_a_theme_names_its_findings_and_what_nobody_reported(visit: Visit) -> None:
    told = words(visit("theme-early-help", wave="2017"))
    assert "F14 Earlier help and peers" in told
    assert "Not reported in wave 2017: Peer mentoring offered." in told
    assert "9 of 11" in told
    told = words(visit("theme-supervision", wave="2026"))
    assert "No finding rests on this theme alone." in told
    assert "Supervision has grown laxer" in told


def test_themes_are_listed_with_their_findings_and_lead_to_their_pages(visit: Visit) -> None:
    app = visit("themes", wave="2017")
    html = " ".join(str(e.proto) for e in app.main if "io-list" in str(e.proto))
    assert all(f'href=\\"{theme_address(t)}\\"' in html for t in THEMES)
    told = words(app)
    assert "Findings: F01, F02" in told
    assert "2 codes raised in 2017, 3 declared" in told


def test_the_conclusion_against_a_finding_stands_with_its_test_on_the_findings_theme(
    visit: Visit,
) -> None:
    [conclusion] = CONCLUSIONS
    assert conclusion.against == "F02"
    told = words(visit("theme-selection", wave="2026"))
    assert conclusion.statement in told
    assert conclusion.test in told
    assert "It stands against F02 Cohorts see the scheme differently" in told
    assert conclusion.statement not in words(visit("theme-voice", wave="2026"))


def test_a_conclusion_is_against_a_finding_and_tested_on_codes_that_show_counts() -> None:
    for conclusion in CONCLUSIONS:
        assert find(conclusion.against) in FINDINGS
        assert not any(CODES[code].sensitive for code in conclusion.needs)
