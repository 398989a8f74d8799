"""Why a figure is not shown: values in a release, and words that follow its policy."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import iomdash
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import CODES, name_of
from iomdash.declared.findings import FINDINGS, Claim, Finding
from iomdash.declared.groups import EVERYONE, KEY, Group
from iomdash.declared.reasons import Reason, words
from iomdash.pictures.theme import WITHHELD
from iomdash.release.reader import Release
from iomdash.site import filters
from iomdash.site.address import Asked
from iomdash.site.filters import label
from pages.figures import PAGES, of_page

EVERYBODY = AgencyGroup()
POLICY = {"smallest": 7, "smallest_base": 6, "smallest_count": 8}
IN_WORDS = [
    (Reason.TOO_FEW, "fewer than 7"),
    (Reason.BASE_TOO_FEW, "fewer than 6 in its base, or in that of the others"),
    (Reason.OTHERS_TOO_FEW, "the others would be fewer than 7"),
    (
        Reason.RELEASE_DIFFERS_BY_FEW,
        "it would differ from an earlier release by fewer than 7",
    ),
    (Reason.FEW_PEOPLE, "fewer than 8 people"),
]


@pytest.mark.parametrize(("reason", "message"), IN_WORDS)
def test_words_name_the_thresholds_of_the_policy(reason: Reason, message: str) -> None:
    assert words(reason, POLICY) == message


def test_every_reason_has_words_of_its_own() -> None:
    assert len({words(reason, POLICY) for reason in Reason}) == len(Reason)


def made(code: str) -> set[str]:
    """The reasons that a module gives, by name; one that it only compares is given elsewhere."""
    tree = ast.parse(code)
    compared = {
        part for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)
    }
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node not in compared
        if isinstance(node.value, ast.Name) and node.value.id == "Reason"
    }


def test_a_reason_that_is_only_compared_is_not_made() -> None:
    assert made("row(why=Reason.BAND.value)") == {"BAND"}
    assert made("if reason is Reason.BAND or reason.value == Reason.NO_DATA.value: pass") == set()


def test_every_reason_is_given_by_some_code() -> None:
    rooms = [Path(iomdash.__file__).parent, Path(iomdash.__file__).parents[1] / "pages"]
    declared = rooms[0] / "declared"
    modules = [m for room in rooms for m in room.rglob("*.py") if declared not in m.parents]
    given = set[str]().union(*(made(module.read_text("utf-8")) for module in modules))
    assert given == {reason.name for reason in Reason}


def stored(release: Release) -> Iterator[str]:
    """Every reason in a release as it is stored."""
    tables = release.rows(
        "select table_name, column_name from duckdb_columns()"
        " where column_name = 'hidden' or table_name = 'excerpts' and column_name = 'why'"
    )
    for table in tables:
        name, column = table["table_name"], table["column_name"]
        rows = release.rows(f"select distinct {column} as it from {name} where it is not null")
        yield from (row["it"] for row in rows)


def test_a_release_holds_reasons_as_values(board: Release) -> None:
    result = list(stored(board))
    assert {Reason.TOO_FEW.value, Reason.FEW_PEOPLE.value, Reason.NOT_STATED.value} <= set(result)
    assert set(result) <= {reason.value for reason in Reason}


def test_cells_say_why_as_a_value_and_in_words(board: Release) -> None:
    group, size = next((g, s) for g, s in board.sizes.items() if s.reason is Reason.TOO_FEW)
    assert size.hidden == "fewer than 5"
    for cell in board.claims(group):
        assert cell.reason is not None
        assert cell.hidden == board.words(cell.reason)
    assert {row["hidden"] for row in board.recorded_by("harm", EVERYBODY, "cohort")} <= {
        None, "fewer than 5 people", board.words(Reason.WORKED_OUT),
    }  # fmt: skip


# A whole wave, a cohort, and a group for each reason that a group of the demonstration is hidden.
def of_every_kind(release: Release) -> list[Group]:
    kinds = {(group.wave, size.reason): group for group, size in release.sizes.items()}
    return [*{wave.id: Group(wave.id) for wave in release.waves}.values(), *kinds.values()]


def asked(group: Group) -> Asked:
    chosen = ((name, label(getattr(group, name))) for name in KEY)
    return Asked(tuple((name, value) for name, value in chosen if value != EVERYONE))


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_said_to_be_withheld_beside_a_chart_or_table_that_shows_it(
    board: Release, coordinator: Release, address: str
) -> None:
    """Figures of one topic, group and part are one figure, wherever they stand on a page; of what
    is withheld everywhere it stands the reason is the same.
    """
    for release in (board, coordinator):
        for group in of_every_kind(release):
            choice = filters.whose(release, PAGES[address][1], asked(group))
            told: dict[tuple[str, ...], set[tuple[str, str]]] = {}
            for picture in of_page(address, release, choice.group, choice.people).values():
                topic = picture.title.partition(":")[0]
                for figure in picture.figures:
                    key = (topic, figure.group, figure.part)
                    reason = figure.reason if figure.state == WITHHELD else ""
                    told.setdefault(key, set()).add((figure.state, reason))
            assert {key: of for key, of in told.items() if len(of) > 1} == {}, group


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.id)
def test_no_claim_is_withheld_whose_code_is_counted_on_the_same_page(
    board: Release, coordinator: Release, finding: Finding
) -> None:
    for release in (board, coordinator):
        for group in release.sizes:
            codes = release.codes(group)
            counted = {code for code, cell in codes.items() if cell.yes is not None}
            cells = [cell for cell in release.claims(group, finding) if not cell.among]
            of_codes = zip(cells, finding.claims, strict=False)
            hidden = {c.code for c, claim in of_codes if c.hidden and isinstance(claim, Claim)}
            assert hidden & counted == set(), group


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.id)
def test_a_figure_among_some_says_so_as_that_of_everybody_may_stand_beside_it(
    board: Release, finding: Finding
) -> None:
    first = finding.claims[0]
    if isinstance(first, Claim) and first.among in CODES:
        pictures = of_page(finding.id, board, Group("2026"), AgencyGroup())
        words = f", among those of '{name_of(first.among).lower()}'"
        assert all(words in pictures[name].title for name in ("by-cohort", "across-waves"))
