"""Two groups side by side: tested against another library, and only where a test can be made."""

from itertools import combinations

import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import FILTERS, Group
from iomdash.pictures import side_by_side
from iomdash.pictures.side_by_side import NO_CLEAR
from iomdash.release.cells import ClaimCell
from iomdash.release.file import Row
from iomdash.release.reader import Release

WAVE = "2026"
PAIRS = tuple(combinations(("PPO", "HCCU", "SPOS", "DV&A"), 2))
NAMES = ("PPO", "HCCU")


def cells(board: Release, cohort: str) -> dict[tuple[str, int], ClaimCell]:
    return {
        (cell.finding, cell.claim): cell
        for cell in board.claims(Group(WAVE, cohort))
        if cell.x is not None and cell.n and cell.code != "recruitment.not_interviewed"
    }


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_differs_is_what_scipy_and_statsmodels_say_differs(
    board: Release, one: str, other: str
) -> None:
    left, right = cells(board, one), cells(board, other)
    tested = board.contrasts(Group(WAVE, one), Group(WAVE, other))
    assert tested.keys() == left.keys() & right.keys()
    tables = {
        key: [[c.x or 0, (c.n or 0) - (c.x or 0)] for c in (left[key], right[key])]
        for key in tested
    }
    p = [stats.fisher_exact(tables[key]).pvalue for key in tested]
    assert list(tested.values()) == multipletests(p, alpha=0.05, method="holm")[0].tolist()


def test_the_order_in_which_two_groups_are_named_changes_nothing(board: Release) -> None:
    groups = Group(WAVE, "PPO"), Group(WAVE, "HCCU")
    assert board.contrasts(*groups) == board.contrasts(*reversed(groups)) != {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Group(WAVE), Group(WAVE, "PPO")),
        (Group(WAVE, "PPO"), Group(WAVE, provider="NPS")),
        (Group(WAVE, "PPO", "NPS"), Group(WAVE, "HCCU", "NPS")),
        (Group("2017", "PPO"), Group("2017", "HCCU+SPOS+DV&A")),
    ],
)
def test_groups_that_share_people_or_are_narrowed_or_rebuilt_are_not_tested(
    board: Release, one: Group, other: Group
) -> None:
    assert board.contrasts(one, other) == {}


def test_no_group_that_is_hidden_is_tested(board: Release) -> None:
    for row in board.rows("select distinct wave, dimension, one, other from contrasts"):
        assert row["dimension"] in FILTERS
        for side in ("one", "other"):
            assert board.size(Group(row["wave"], **{row["dimension"]: row[side]})).n is not None


def test_words_say_a_difference_just_where_the_test_does_and_of_whom_more_said_so(
    board: Release,
) -> None:
    groups = Group(WAVE, NAMES[0]), Group(WAVE, NAMES[1])
    picture = side_by_side.said(board, *groups, NAMES)
    tests = list(board.contrasts(*groups).values())
    assert [row["In words"] != NO_CLEAR for row in picture.table] == tests
    for row in picture.table:
        shares = [int(x) / int(n) for x, n in (row[name].split(" of ") for name in NAMES)]
        if row["In words"] != NO_CLEAR:
            assert row["In words"] == f"more often in {NAMES[shares[0] < shares[1]]}"
    said = f"differ on {sum(tests)} of {len(tests)} claims: "
    assert said in picture.title


def test_what_agencies_record_differs_only_where_intervals_have_nothing_in_common(
    board: Release,
) -> None:
    people = AgencyGroup(cohort=NAMES[0]), AgencyGroup(cohort=NAMES[1])
    rows = side_by_side.recorded(board, *people, NAMES).table
    assert rows[0]["Compared"] == "In it now"
    a, b = (board.reoffending(group) for group in people)
    assert a
    assert b
    apart = a["low"] > b["high"] or b["low"] > a["high"]
    assert ("larger share" in rows[1]["In words"]) is apart
    children = AgencyGroup(cohort="U18")
    nobody = side_by_side.recorded(board, people[0], children, ("PPO", "U18")).table
    assert {row["In words"] for row in nobody} <= {"full counts", "not compared"}


def test_a_group_that_is_not_told_says_its_own_reason(board: Release) -> None:
    names = ("PPO", "U18")
    picture = side_by_side.said(board, Group(WAVE, "PPO"), Group(WAVE, "U18"), names)
    assert picture.title == "PPO and U18: U18 is hidden, nobody in this group was interviewed"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "▨ too few people to show"),
        (
            [{"what": "reoffended", "n": None, "hidden": "few", "reason": "All"}],
            "▨ fewer than 5 people",
        ),
    ],
)
def test_a_share_that_is_not_told_says_whether_the_group_is_hidden_or_a_few_did_so(
    board: Release, monkeypatch: pytest.MonkeyPatch, rows: list[Row], why: str
) -> None:
    monkeypatch.setattr(Release, "recorded", lambda *_: rows)
    monkeypatch.setattr(Release, "share", lambda *_: None)
    people = AgencyGroup(cohort=NAMES[0]), AgencyGroup(cohort=NAMES[1])
    table = side_by_side.recorded(board, *people, NAMES).table
    assert {row[name] for row in table[2:] for name in NAMES} == {why}
