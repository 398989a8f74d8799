"""How much protection leaves to read in the demonstration, and where it leaves nothing."""

import pytest

from iomdash.counting.interviews import asked
from iomdash.declared.codebook import CODES, DERIVED
from iomdash.declared.groups import EVERYONE, Group
from iomdash.declared.information_sheet import FIELDS
from iomdash.disclosure.policy import for_audience
from iomdash.release.file import Row
from iomdash.release.reader import Release

SYNTHETIC, STUDY = "2026", "2017"
WAVES = pytest.mark.parametrize("wave", [SYNTHETIC, STUDY])
NOBODY = "nobody in this group was interviewed"
REST = "HCCU+SPOS+DV&A"


def sensitive(code: str) -> bool:
    """Whether the codebook marks a code, or one that it is made of; '' is none."""
    if code in DERIVED:
        return any(sensitive(part) for part in DERIVED[code].parts)
    return code in CODES and CODES[code].sensitive


def group(row: Row) -> Group:
    """A row's group; a table by cohort only has no other filter."""
    filters = (row.get(name, EVERYONE) for name in ("provider", "supervision"))
    return Group(row["wave"], row["cohort"], *filters)


def codes(board: Release, wave: str, *, marked: bool) -> list[Row]:
    """Cells of codes that are sensitive, alone or by their condition, or that are not."""
    rows = board.rows("select * from codes where wave = ?", [wave])
    return [r for r in rows if (sensitive(r["code"]) or sensitive(r["among"])) is marked]


def test_the_demonstration_is_protected_at_a_threshold_of_five() -> None:
    assert for_audience("board").smallest == 5


def test_at_least_95_of_100_cells_of_cohort_and_code_are_shown(board: Release) -> None:
    wave = Group(SYNTHETIC)
    cohorts = ("PPO", "HCCU", "SPOS", "DV&A")
    every = {(cohort, code, among) for cohort in cohorts for code, among in asked()}
    shown = {
        (cell.cohort, code, among)
        for among in {among for _, among in asked()}
        for cell in board.by_cohort(wave, tuple(c for c, a in asked() if a == among), among)
        for code in [cell.code]
        if cell.yes is not None or cell.band is not None
    }
    assert shown <= every
    assert len(shown) >= 0.95 * len(every)


def test_at_least_nine_in_ten_of_the_groups_that_two_filters_name_are_shown(
    board: Release,
) -> None:
    two = [
        size.n
        for group, size in board.sizes.items()
        if group.wave == SYNTHETIC and len(group.filters) == 2 and size.hidden != NOBODY
    ]
    assert len(two) >= 20
    assert sum(n is not None for n in two) >= 0.9 * len(two)


def test_every_group_shown_of_the_study_is_all_eleven_the_five_or_the_other_six(
    board: Release,
) -> None:
    # Where another filter leaves a cohort as many as it has, it names the same people.
    shown = {(g.cohort, s.n) for g, s in board.sizes.items() if g.wave == STUDY and s.n}
    assert shown == {(EVERYONE, 11), ("PPO", 5), (REST, 6)}
    assert [g.cohort for g in board.cohorts(Group(STUDY))] == ["PPO", REST]


def test_every_code_that_is_not_sensitive_is_counted_in_each_part_of_the_study(
    board: Release,
) -> None:
    plain = [code for code in (*CODES, *DERIVED) if not sensitive(code)]
    for cohort in (EVERYONE, "PPO", REST):
        cells = board.codes(Group(STUDY, cohort))
        assert all(cells[code].yes is not None for code in plain)


@WAVES
def test_a_sensitive_code_is_counted_for_the_whole_wave_only(board: Release, wave: str) -> None:
    rows = codes(board, wave, marked=True)
    counted = [r for r in rows if any(r[s] is not None for s in ("yes", "mixed", "no"))]
    assert counted
    assert {group(row) for row in counted} == {Group(wave)}


@WAVES
def test_a_sensitive_code_is_shown_by_cohort_in_bands_that_leave_it_open(
    board: Release, wave: str
) -> None:
    banded = [r for r in codes(board, wave, marked=True) if r["band"] is not None]
    assert {group(r).filters for r in banded} == {("cohort",)}
    assert all(r["among"] == "" and r["least"] < r["most"] <= r["n"] for r in banded)


@WAVES
def test_only_sensitive_codes_are_shown_in_bands(board: Release, wave: str) -> None:
    assert [r for r in codes(board, wave, marked=False) if r["band"] is not None] == []


@WAVES
def test_a_cell_is_a_count_or_a_band_or_hidden_with_its_reason(board: Release, wave: str) -> None:
    for row in board.rows("select * from codes where wave = ?", [wave]):
        seen = [row["yes"] is not None, row["band"] is not None, row["hidden"] is not None]
        assert sum(seen) == 1, row
        assert row["hidden"] is None or row["n"] is None


@WAVES
def test_nothing_that_rests_on_a_sensitive_code_is_counted_in_a_filtered_group(
    board: Release, wave: str
) -> None:
    claims = [
        r for r in board.rows("select * from claims where wave = ?", [wave])
        if (sensitive(r["code"]) or sensitive(r["among"])) and group(r).filtered
    ]  # fmt: skip
    assert claims
    counts = ("x", "mixed", "no", "low", "high", "p", "needed")
    assert all(row[count] is None for row in claims for count in counts)
    pairs = board.rows("select * from pairs where wave = ?", [wave])
    assert all(not group(r).filtered for r in pairs if sensitive(r["one"]) or sensitive(r["other"]))
    tests = board.rows("select * from tests where wave = ?", [wave])
    assert not any(sensitive(r["code"]) for r in tests)


@WAVES
def test_sensitive_answers_of_the_sheet_are_shown_for_the_whole_wave_only(
    board: Release, wave: str
) -> None:
    fields = {field.id for field in FIELDS if field.sensitive}
    rows = board.rows("select * from profile where wave = ?", [wave])
    assert {group(r) for r in rows if r["field"] in fields} == {Group(wave)}
    assert {group(r) for r in rows} > {Group(wave)}


@WAVES
def test_an_excerpt_on_a_sensitive_code_names_no_cohort(board: Release, wave: str) -> None:
    rows = board.rows("select * from excerpts where wave = ?", [wave])
    marked = [r for r in rows if sensitive(r["code"])]
    assert marked
    assert {r["cohort"] for r in marked} == {None}
