"""What a chart must say besides what it draws, and what it may never hold."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from iomdash.declared.findings import FINDINGS, Claim, Exhibit, Finding
from iomdash.declared.groups import Group, joined
from iomdash.declared.information_sheet import FIELDS
from iomdash.declared.reasons import Reason
from iomdash.declared.scheme import COHORTS
from iomdash.pictures import claims, exhibits, information_sheet, recruitment
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.dots import Dot, dots
from iomdash.pictures.heat import HeatCell, heat
from iomdash.pictures.stances import Stances, stances
from iomdash.pictures.theme import TEXT, Picture
from iomdash.release.reader import Release

MOST_COLOURS = 4
# White stands on dark bars; the others are ink, grid and frames, which carry no figure.
NOT_MARKS = {"#0b0c0c", "#e3e6e9", "#b9c2cb", "#3d3d3d", "#ffffff", "white"}
WHY = "fewer than 5 interviews"
BAND = "fewer than a quarter"
LABELS = ("Said so", "Said the opposite", "Mixed")


def spec(picture: Picture) -> dict[str, Any]:
    assert picture.spec is not None
    return json.loads(picture.spec)


def within(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a specification."""
    if isinstance(node, Mapping):
        yield node
        for value in node.values():
            yield from within(value)
    elif isinstance(node, list):
        for value in node:
            yield from within(value)


def rows(picture: Picture) -> list[Mapping[str, Any]]:
    """Every row of data that reaches the browser, each once."""
    drawn = spec(picture)
    every = [row for data in drawn.get("datasets", {}).values() for row in data]
    every += [row for node in within(drawn) for row in _values(node)]
    return list({json.dumps(row, sort_keys=True): row for row in every}.values())


def _values(node: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    data = node.get("data")
    return data.get("values", []) if isinstance(data, Mapping) else []


def shares(picture: Picture) -> list[float]:
    return [row["share"] for row in rows(picture) if row.get("share") is not None]


def domains(picture: Picture) -> list[list[float]]:
    """Domains of every scale of numbers."""
    scales = [n["scale"] for n in within(spec(picture)) if n.get("type") == "quantitative"
              and isinstance(n.get("scale"), Mapping)]  # fmt: skip
    return [scale["domain"] for scale in scales]


def colours(picture: Picture) -> set[str]:
    codes = re.findall(r"#[0-9A-Fa-f]{6}\b", picture.spec or "")
    return {colour.lower() for colour in codes} - NOT_MARKS


# ---------------------------------------------------------------------------------- by family


def test_bars_say_the_longest_and_hold_the_same_figures_in_words_table_and_marks() -> None:
    drawn = bars("Needs", "Interviewees", [Bar("Money", 3, 24), Bar("Housing", 18, 24)])
    assert drawn.title == "Needs: most often housing, 18 of 24"
    assert drawn.alt == f"{drawn.title}. Money: 3 of 24; Housing: 18 of 24."
    assert [(r["Answer"], r["People"], r["Of"], r["Share"]) for r in drawn.table] == [
        ("Money", "3", "24", "12 %"),
        ("Housing", "18", "24", "75 %"),
    ]
    assert shares(drawn) == [3 / 24, 18 / 24]
    assert [row["text"] for row in rows(drawn)] == ["3 of 24", "18 of 24"]


@pytest.mark.parametrize(("n", "message"), [(19, "base under 20"), (20, "50 %")])
def test_a_share_is_told_in_per_cent_from_20_people_on(n: int, message: str) -> None:
    assert bars("Needs", "", [Bar("Money", n // 2, n)]).table[0]["Share"].startswith(message[:4])


def test_dots_keep_the_place_of_a_hidden_group_and_of_a_band() -> None:
    drawn = dots("Trust", "Interviewees", [
        Dot("PPO", 9, 12, 0.47, 0.91),
        Dot("SPOS", None, None, None, None, hidden=WHY),
        Dot("HCCU", None, None, None, None, band=BAND),
    ])  # fmt: skip
    assert drawn.alt == f"Trust. PPO: 9 of 12; SPOS: too few to show ({WHY}); HCCU: {BAND}."
    assert list(drawn.table) == [
        {"Group": "PPO", "Said so": "9 of 12", "95 % interval": "47 % to 91 %"},
        {"Group": "SPOS", "Said so": f"too few to show ({WHY})", "95 % interval": "not shown"},
        {"Group": "HCCU", "Said so": BAND, "95 % interval": "not shown"},
    ]
    assert [row["label"] for row in rows(drawn)] == ["PPO (n = 12)", "▨ SPOS", "▨ HCCU"]
    assert [row["unseen"] for row in rows(drawn)][1:] == ["too few to show", BAND]
    assert shares(drawn) == [9 / 12]


@pytest.mark.parametrize("unseen", [Dot("SPOS", None, None, None, None, hidden=WHY)])
def test_a_layer_without_marks_is_not_drawn(unseen: Dot) -> None:
    seen = Dot("PPO", 9, 12, 0.47, 0.91)
    counted = Dot("PPO", 61, 109, None, None)
    kinds = [
        [layer["mark"]["type"] for layer in spec(dots("Trust", "", items))["layer"]]
        for items in ([seen], [unseen], [seen, unseen], [counted])
    ]
    assert kinds == [
        ["rule", "point", "text"],
        ["text"],
        ["rule", "point", "text", "text"],
        ["point", "text"],
    ]


def test_stances_add_up_to_everybody_and_say_who_is_hidden() -> None:
    items = [
        Stances("PPO", 6, 2, 1, 12),
        Stances("SPOS", 0, None, None, None, hidden=WHY),
        Stances("HCCU", 0, None, None, None, band=BAND),
    ]
    drawn = stances("Trust", "Interviewees", items, LABELS)
    assert drawn.alt == (
        "Trust. PPO, n = 12: 6 said so, 1 mixed, 2 said the opposite, 3 not raised; "
        f"SPOS: too few to show ({WHY}); HCCU: {BAND}."
    )
    assert drawn.table[0] == {
        "Group": "PPO (n = 12)", "Said so": "6", "Mixed": "1",
        "Said the opposite": "2", "Not raised": "3",
    }  # fmt: skip
    assert set(list(drawn.table[1].values())[1:]) == {f"too few to show ({WHY})"}
    assert list(drawn.table[2].values()) == ["HCCU", BAND, *["not shown"] * 3]
    assert shares(drawn) == [6 / 12, 1 / 12, 2 / 12, 3 / 12]
    assert [r["text"] for r in rows(drawn) if "text" in r] == ["too few to show", BAND]


def test_stances_of_overlapping_groups_tell_yes_and_all_others_only() -> None:
    drawn = stances("Trust", "", [Stances("PPO", 6, None, None, 12)], LABELS)
    assert drawn.alt == "Trust. PPO, n = 12: 6 said so, 6 did not say so."
    assert drawn.table[0] == {"Group": "PPO (n = 12)", "Said so": "6", "Did not say so": "6"}


def test_a_grid_marks_hidden_cells_and_writes_bands_out() -> None:
    cells = [
        HeatCell("Money", "PPO", 9, 12),
        HeatCell("Money", "SPOS", None, None, hidden=WHY),
        HeatCell("Money", "HCCU", None, 30, band=BAND),
    ]
    drawn = heat("Needs", "Interviewees", cells, rows_are="Code")
    assert drawn.alt == (
        f"Needs. Money, PPO: 9 of 12; Money, SPOS: too few to show ({WHY}); Money, HCCU: {BAND}."
    )
    assert list(drawn.table) == [
        {"Code": "Money", "PPO": "9 of 12", "SPOS": f"too few to show ({WHY})", "HCCU": BAND}
    ]
    texts = [row["text"].replace("\n", " ") for row in rows(drawn)]
    assert texts == ["9", "▨", BAND]


# ------------------------------------------------------------- every picture of the demonstration

Draw = Callable[[Release, Group], Picture]


def _exhibit(exhibit: Exhibit) -> Draw:
    return lambda release, group: exhibits.picture(exhibit, release, group)


def _by_cohort(finding: Finding, claim: Claim) -> Draw:
    return lambda release, group: claims.by_cohort(claim, finding, release, group)


def _across(finding: Finding, claim: Claim) -> Draw:
    return lambda release, _: claims.across_waves(claim, finding, release)


def _field(field: str) -> Draw:
    return lambda release, group: information_sheet.field(field, release, group)


FIRST = [(f, f.claims[0]) for f in FINDINGS if isinstance(f.claims[0], Claim)]
MATRIX = Exhibit("matrix", "Seven pathways: need, offered, relevant, helped")
PICTURES: dict[str, Draw] = {
    **{f"{f.id} {e.kind} {i}": _exhibit(e) for f in FINDINGS for i, e in enumerate(f.exhibits)},
    **{f"{f.id} by cohort": _by_cohort(f, c) for f, c in FIRST if isinstance(c, Claim)},
    **{f"{f.id} across waves": _across(f, c) for f, c in FIRST if isinstance(c, Claim)},
    **{f"profile {field.id}": _field(field.id) for field in FIELDS},
    "matrix": _exhibit(MATRIX),
    "recruitment": recruitment.flow,
}
GROUPS = [
    Group("2026"),
    Group("2017"),
    Group("2026", "PPO"),
    Group("2017", "SPOS"),
    Group("2026", supervision="custody"),
    Group("2026", "HCCU", "NPS"),
]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_demonstration_keeps_the_rules(board: Release, name: str) -> None:
    for group in GROUPS:
        picture = PICTURES[name](board, group)
        assert picture.title
        if picture.spec is None:
            continue
        assert picture.alt.startswith(picture.title)
        assert picture.table
        assert picture.subtitle
        assert len(colours(picture)) <= MOST_COLOURS
        # Words stand upright or on several lines where it is narrow: half a word says nothing.
        assert not re.search(r"\b(slice|substring|truncate)\(", picture.spec)
        # What says no colour has the page's, which on paper is that of the dark.
        said = spec(picture)["config"]
        assert said["axis"]["labelColor"] == said["legend"]["labelColor"] == TEXT
        assert all(domain == [0, 1] for domain in domains(picture))
        assert bool(domains(picture)) == bool(shares(picture))
        assert all(0 <= share <= 1 for share in shares(picture))


def test_every_kind_of_exhibit_is_drawn_in_these_tests() -> None:
    kinds = {e.kind for f in FINDINGS for e in f.exhibits} | {MATRIX.kind}
    assert kinds == set(exhibits.KINDS)


@pytest.mark.parametrize("name", PICTURES)
def test_each_count_on_a_mark_stands_in_the_table_and_in_the_words(
    board: Release, name: str
) -> None:
    for group in GROUPS:
        picture = PICTURES[name](board, group)
        if picture.spec is None:
            continue
        text = " ".join(str(cell) for row in picture.table for cell in row.values())
        for row in rows(picture):
            count = row.get("count", str(row.get("text") or "").split(" of ")[0])
            if str(count).replace(",", "").isdigit():
                assert str(count) in re.findall(r"[\d,]+", f"{text} ")
                assert str(count) in picture.alt or not row.get("share")


# ------------------------------------------------------------------- what a picture may never hold


def _cohorts_of(release: Release, group: Group) -> list[str]:
    return [c.id for c in COHORTS if release.size(group.of_cohort(c.id)).hidden]


@pytest.mark.parametrize("name", [n for n in PICTURES if "cohort" in n or "heat" in n])
def test_no_figure_of_a_hidden_cohort_reaches_the_browser(board: Release, name: str) -> None:
    for group in GROUPS:
        picture = PICTURES[name](board, group)
        for row in rows(picture) if picture.spec else []:
            where = str(row.get("column") or row.get("label"))
            alone = [c for c in _cohorts_of(board, group) if re.sub(r" \(n = .*", "", where)
                     .removeprefix("▨ ") == c and len(joined(c)) == 1]  # fmt: skip
            if alone:
                assert not row.get("share")
                assert not re.search(r"\d", str(row.get("text") or "").replace("5", ""))


@pytest.mark.parametrize("finding", ["F06", "F07"])
def test_a_sensitive_finding_by_cohort_draws_bands_and_no_count(
    board: Release, finding: str
) -> None:
    chosen = next(f for f in FINDINGS if f.id == finding)
    claim = chosen.claims[0]
    assert isinstance(claim, Claim)
    picture = claims.by_cohort(claim, chosen, board, Group("2026"))
    assert claims.BANDS in picture.title
    assert shares(picture) == []
    assert all(row["label"].startswith("▨") and not row["text"] for row in rows(picture))
    assert not re.search(r"\d+ of \d+", picture.alt)


def test_a_sensitive_finding_of_few_is_told_for_the_whole_wave_only(board: Release) -> None:
    chosen = next(f for f in FINDINGS if f.id == "F09")
    claim = chosen.claims[0]
    assert isinstance(claim, Claim)
    picture = claims.by_cohort(claim, chosen, board, Group("2026"))
    assert picture.title.endswith("not shown (sensitive: for the whole wave only)")
    assert picture.spec is None
    assert not picture.table


def test_a_grid_without_cohorts_says_so_and_draws_nothing(board: Release) -> None:
    exhibit = next(e for f in FINDINGS for e in f.exhibits if e.kind == "heat")
    picture = exhibits.picture(exhibit, board, Group("2026", supervision="nobody"))
    assert picture.title == f"{exhibit.topic}: not shown (no cohort)"
    assert picture.spec is None


# ------------------------------------------------------------------- whom the interviews reached


REACHED = next(e for f in FINDINGS for e in f.exhibits if e.kind == "reached")


def grid(picture: Picture) -> dict[str, dict[str, int]]:
    """Counts of the table by cohort and step."""
    steps = {str(row["Step"]): row for row in picture.table}
    cohorts = [name for name in next(iter(steps.values())) if name != "Step"]
    return {c: {s: int(str(row[c]).split(" of ")[0]) for s, row in steps.items()} for c in cohorts}


def test_the_cohorts_approached_add_up_to_the_wave_step_by_step(board: Release) -> None:
    cohorts = grid(exhibits.picture(REACHED, board, Group("2026")))
    whole = {row["outcome"]: row["n"] for row in board.recruitment(Group("2026"))}
    assert list(cohorts) == ["PPO", "HCCU", "SPOS", "DV&A"]
    for step, n in whole.items():
        assert sum(counts[step] for counts in cohorts.values()) == n
    for counts in cohorts.values():
        assert counts["Approached"] == sum(counts[step] for step in whole)


def test_a_filter_changes_nothing_of_the_approaches_by_cohort(board: Release) -> None:
    picture = exhibits.picture(REACHED, board, Group("2026"))
    for group in (Group("2026", "PPO"), Group("2026", provider="NPS"), Group("2026", "XXX")):
        assert exhibits.picture(REACHED, board, group) == picture


def test_where_no_cohort_of_the_approaches_is_shown_the_picture_says_why(board: Release) -> None:
    picture = exhibits.picture(REACHED, board, Group("2017"))
    why = board.words(Reason.COHORT_UNKNOWN)
    assert picture.title == f"{REACHED.topic}: not shown ({why})"
    assert picture.spec is None
    assert not picture.table


FLOWS = {
    "All": {"Interviewed": 35, "Declined": 15},
    "PPO": {"Interviewed": 20, "Declined": 5},
    "HCCU": {"Interviewed": 9, "Declined": 6},
}


@pytest.fixture
def one_hidden(board: Release, monkeypatch: pytest.MonkeyPatch) -> Release:
    """The release with the approaches of two cohorts only."""

    def rows(_: Release, group: Group) -> list[Mapping[str, Any]]:
        return [{"outcome": o, "n": n} for o, n in FLOWS.get(group.cohort, {}).items()]

    monkeypatch.setattr(Release, "recruitment", rows)
    return board


def test_a_cohort_whose_approaches_are_hidden_keeps_its_place_and_its_reason(
    one_hidden: Release,
) -> None:
    picture = exhibits.picture(REACHED, one_hidden, Group("2026"))
    assert picture.title == (
        "From approach to interview, by cohort: "
        "most often interviewed in PPO (20 of 25), least often in HCCU (9 of 15)"
    )
    why = f"not shown ({one_hidden.words(Reason.COHORT_UNKNOWN)})"
    assert list(picture.table) == [
        {"Step": step, "PPO": ppo, "HCCU": hccu, "SPOS": why, "DV&A": why}
        for step, ppo, hccu in (
            ("Approached", "25 of 25", "15 of 15"),
            ("Interviewed", "20 of 25", "9 of 15"),
            ("Declined", "5 of 25", "6 of 15"),
        )
    ]
    assert "Interviewed, PPO: 20 of 25; Interviewed, HCCU: 9 of 15" in picture.alt
    hidden = [row for row in rows(picture) if row["column"] in ("SPOS", "DV&A")]
    assert [(row["text"], row["share"]) for row in hidden] == [("▨", 0.0)] * 6
