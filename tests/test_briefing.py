"""The briefing says what tests, verdicts and agencies' counts carry, and nothing besides."""

import re

import pytest

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import Group
from iomdash.declared.verdicts import Verdict, worst
from iomdash.pictures import briefing
from iomdash.pictures.briefing import MOST_POINTS, Point, Tile
from iomdash.release.reader import Release
from iomdash.site import show
from pages.overview import BY_DOUBT, BY_SIZE, BY_THEME, _list, _ordered, by_finding

NEWEST, FIRST = Group("2026"), Group("2017")
EVERYBODY = AgencyGroup()


def tiles(board: Release, group: Group) -> dict[str, Tile]:
    told = briefing.tiles(board, group, EVERYBODY, by_finding(board, group))
    return {tile.kind: tile for tile in told}


def points(board: Release, group: Group) -> list[Point]:
    return list(briefing.to_discuss(board, group, EVERYBODY, by_finding(board, group)))


def test_a_change_is_told_where_a_test_carries_it_and_nowhere_else(board: Release) -> None:
    differ = board.rows("select finding from shifts where wave = '2026' and differs")
    tile = tiles(board, NEWEST)["change"]
    assert tile.figure == str(len(differ))
    assert all(str(row["finding"]) in tile.words for row in differ)
    for group in (FIRST, Group("2026", "PPO")):
        assert tiles(board, group)["change"].figure == "–"
        assert not any("clear change" in point.words for point in points(board, group))


def test_what_no_longer_holds_is_counted_by_the_worst_of_its_claims(board: Release) -> None:
    cells = by_finding(board, NEWEST)
    fallen = [
        f.id for f in FINDINGS
        if worst(c.verdict for c in cells[f.id]) in (Verdict.AGAINST, Verdict.WEAKER)
    ]  # fmt: skip
    tile = tiles(board, NEWEST)["fallen"]
    assert tile.figure == str(len(fallen))
    assert set(re.findall(r"F\d\d", tile.words)) == set(fallen)


def test_agencies_figures_are_those_of_the_release(board: Release) -> None:
    rows = {row["what"]: row["n"] for row in board.recorded("deselection", EVERYBODY)}
    place = BY_ID["deselection"].same["deselected"]
    [left] = [
        row["n"] for row in board.recorded(place.measure, EVERYBODY)
        if row["what"] == place.what and all(row[k] == v for k, v in place.own)
    ]  # fmt: skip
    tile = tiles(board, NEWEST)["recorded"]
    assert tile.figure == f"{left:,}"
    assert f"{rows['deselected_clear']:,}" in tile.words


def test_what_cannot_be_told_is_counted_with_its_reasons(board: Release) -> None:
    untold = [c for c in board.claims(NEWEST) if c.verdict is Verdict.UNTOLD]
    tile = tiles(board, NEWEST)["open"]
    assert tile.figure == str(len(untold))
    assert all((cell.untold or "") in tile.words for cell in untold)


def test_points_to_discuss_are_few_and_lead_to_a_page(board: Release) -> None:
    told = points(board, NEWEST)
    assert 0 < len(told) <= MOST_POINTS
    assert len({point.address for point in told}) == len(told)
    asked = {f.id: f.ask for f in FINDINGS}
    assert all(point.ask == asked.get(point.address, point.ask) for point in told)
    assert all(point.ask.endswith("?") for point in told)


@pytest.mark.parametrize("order", [BY_THEME, BY_DOUBT, BY_SIZE])
def test_every_finding_has_one_row_in_every_order(board: Release, order: str) -> None:
    html = _list(board, NEWEST, order)
    assert [len(re.findall(rf">{f.id} ", html)) for f in FINDINGS] == [1] * len(FINDINGS)
    assert html.count("<tr ") == len(FINDINGS) + 1


def test_the_orders_are_by_verdict_and_by_share(board: Release) -> None:
    cells = by_finding(board, NEWEST)
    doubt = [
        list(Verdict).index(worst(c.verdict for c in cells[f.id]))
        for f in _ordered(BY_DOUBT, cells)
    ]
    assert doubt == sorted(doubt)
    first = [cells[f.id][0] for f in _ordered(BY_SIZE, cells)]
    shares = [c.x / c.n for c in first if c.x is not None and c.n]
    assert shares == sorted(shares, reverse=True)


def test_a_share_that_is_told_has_its_dot_whether_it_has_an_interval_or_not(board: Release) -> None:
    told = {f: cell for f, [cell, *_] in by_finding(board, NEWEST).items() if cell.x is not None}
    assert {f for f, cell in told.items() if cell.low is None} == {"F18"}
    for cell in told.values():
        [left] = re.findall(r'<b style="left:([\d.]+)%">', show.axis(cell, None))
        assert float(left) == pytest.approx(100 * (cell.x or 0) / (cell.n or 1), abs=0.051)
