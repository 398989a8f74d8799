"""The 2017 study's verdicts, and its counts, as a table worked out by hand from the sources."""

import csv

import pytest

from iomdash.declared.codebook import CODES, name_of
from iomdash.declared.findings import FINDINGS, find
from iomdash.declared.findings.claims import NOT_INTERVIEWED, STUDY
from iomdash.declared.groups import Group
from iomdash.declared.reasons import Reason
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.pictures import exhibits
from iomdash.release.reader import Release
from iomdash.study import STUDY_FILES
from iomdash.study.stated import STATED, Stated

SURE, CHANCE, COUNTED = Sureness.BEYOND_CHANCE, Sureness.COULD_BE_CHANCE, Sureness.COUNTED
# Finding, claim, fewest and most people who said so as the report's words and the quoted people
# allow, base, and how sure: beyond chance only where Wilson's whole interval fits at both ends.
# 1 and 5 of 11 are 0.02 to 0.38 and 0.21 to 0.72 (not all: below 1); 9 of 11 is 0.52 to 0.95 (a
# majority: over a half, but nearly all: from four fifths). A base that the report does not count
# leaves no figure.
GOLDEN = [
    ("F01", 0, 11, 11, 11, CHANCE), ("F01", 1, 6, 11, 11, None), ("F01", 2, 1, 5, 11, SURE),
    ("F02", 0, None, None, None, None),
    ("F03", 0, 3, 5, 11, CHANCE), ("F03", 1, 3, 3, 11, CHANCE),
    ("F04", 0, 2, 11, 11, SURE),
    ("F05", 0, 6, 11, 11, CHANCE),
    ("F06", 0, 11, 11, 11, CHANCE),
    ("F07", 0, 8, 11, 11, CHANCE),
    ("F08", 0, 6, 11, 11, CHANCE), ("F08", 1, 6, 11, 11, CHANCE),
    ("F09", 0, None, None, None, CHANCE),
    ("F10", 0, 2, 5, 11, CHANCE),
    ("F11", 0, 6, 11, 11, CHANCE), ("F11", 1, 3, 3, 11, CHANCE),
    ("F12", 0, None, None, None, CHANCE), ("F12", 1, 2, 11, 11, None),
    ("F13", 0, 11, 11, 11, CHANCE),
    ("F14", 0, 9, 9, 11, SURE), ("F14", 1, 6, 11, 11, CHANCE),
    ("F15", 0, 9, 9, 11, CHANCE), ("F15", 1, 9, 10, 11, SURE),
    ("F16", 0, 6, 11, 11, CHANCE),
    ("F17", 0, 9, 10, 11, CHANCE), ("F17", 1, 11, 11, 11, CHANCE),
    ("F18", 0, 11, 11, 22, COUNTED),
]  # fmt: skip


@pytest.mark.parametrize(("finding", "claim", "least", "most", "n", "sure"), GOLDEN)
def test_wave_2017_gives_the_counts_that_its_report_allows_and_the_verdict_they_all_give(
    board: Release,
    finding: str,
    claim: int,
    least: int | None,
    most: int | None,
    n: int | None,
    sure: Sureness | None,
) -> None:
    cell = board.claims(Group("2017"), find(finding))[claim]
    assert (cell.least, cell.most, cell.n, cell.sure) == (least, most, n, sure)
    assert cell.x == (least if least == most else None)
    # The report contradicts itself on F01, and a plain plural may be any number from two.
    open_ = sure is None
    assert cell.verdict is (Verdict.UNTOLD if open_ else Verdict.AS_CLAIMED)
    assert not open_ or cell.reason in (Reason.FEW_COHORTS, Reason.SOURCE_OPEN)


def test_the_table_names_every_claim() -> None:
    assert [row[:2] for row in GOLDEN] == [
        (f.id, i) for f in FINDINGS if f.origin == STUDY for i in range(len(f.claims))
    ]


def test_the_contradictions_of_the_report_are_shown_as_such() -> None:
    result = {f.id for f in FINDINGS if f.origin == STUDY and f.contradiction}
    assert result == {"F01", "F03", "F05", "F06", "F11", "F12"}


def test_only_ppo_is_large_enough_to_show_and_the_six_others_are_shown_together(
    board: Release,
) -> None:
    shown = {g.cohort: size.n for g, size in board.sizes.items() if g.wave == "2017" and size.n}
    assert shown == {"All": 11, "PPO": 5, "HCCU+SPOS+DV&A": 6}


# Interviewee and codes that a quotation of his shows, from the facts of the study.
REPORTED = {
    1: {"offending.stopped", "roles.blurred", "substance.satisfied", "trauma.unresolved",
        "environment.deters", "environment.police_building", "substance.beyond_prescription"},
    2: {"selection.understands", "selection.reason_help", "programmes.done",
        "programmes.not_helpful", "rj.asked", "rj.open"},
    3: {"offending.stopped", "family.motivates", "meetings.experienced", "meetings.positive",
        "programmes.done", "programmes.long_ago", "environment.deters",
        "environment.drug_service", "peers.would_listen"},
    4: {"work.working", "offending.stopped", "roles.blurred", "roles.police_drive_appointments",
        "supervision.officer_helps", "voice.appreciates"},
    5: {"support.asks_for_help", "change.self"},
    6: {"selection.understands", "scheme.keeps_focus", "roles.blurred", "supervision.flexible",
        "supervision.officer_helps", "substance.cut_down_first", "police.supportive",
        "trauma.unresolved", "peers.would_listen", "support.asks_for_help"},
    7: {"scheme.help_when_needed", "police.supportive"},
    8: {"selection.understands", "substance.satisfied", "pathways.helped", "work.working",
        "family.motivates", "trauma.unresolved"},
    9: {"selection.understands", "selection.reason_lifestyle", "meetings.positive", "change.self",
        "voice.appreciates"},
    10: {"meetings.positive", "meetings.with_childrens_services"},
    11: {"selection.reason_risk", "meetings.positive", "meetings.with_mental_health"},
}  # fmt: skip


def _codings() -> list[dict[str, str]]:
    with STUDY_FILES["codings"].open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("person", REPORTED)
def test_each_interviewee_has_every_code_that_the_report_shows_of_him(person: int) -> None:
    has = {
        row["code"]
        for row in _codings()
        if row["interview_id"] == f"S17-{person:02d}"
        and row["stance"] == "yes"
        and row["origin"] == "reported"
    }
    assert has >= REPORTED[person]


def test_what_two_interviewees_deny_is_coded_as_no() -> None:
    denied = {(r["interview_id"], r["code"]) for r in _codings() if r["stance"] == "no"}
    assert {("S17-08", "selection.agrees"), ("S17-03", "change.ready")} <= denied


@pytest.mark.parametrize("stated", [s for s in STATED if s.code in CODES], ids=lambda s: s.code)
def test_every_count_of_the_report_is_reproduced(stated: Stated) -> None:
    yes = [
        r["interview_id"] for r in _codings() if r["code"] == stated.code and r["stance"] == "yes"
    ]
    if stated.among:
        base = {
            r["interview_id"]
            for r in _codings()
            if r["code"] == stated.among and r["stance"] == "yes"
        }
        yes = [person for person in yes if person in base]
    assert stated.least <= len(yes) <= stated.most


def test_most_disagree_with_selection_and_most_unhelped_credit_themselves() -> None:
    said = {(r["code"], r["stance"], r["interview_id"]) for r in _codings()}
    people = {f"S17-{i:02d}" for i in range(1, 12)}
    assert sum(("selection.agrees", "no", p) in said for p in people) >= 6
    helped = {p for p in people if ("pathways.helped", "yes", p) in said}
    unhelped = people - helped
    assert sum(("change.self", "yes", p) in said for p in unhelped) > len(unhelped) / 2


@pytest.mark.parametrize("code", ["peers.offered", "programmes.in_community"])
def test_what_the_report_does_not_speak_of_is_not_reported_and_no_zero(
    board: Release, code: str
) -> None:
    [exhibit] = [e for f in FINDINGS for e in f.exhibits if e.kind == "codes" and code in e.of]
    shown = exhibits.picture(exhibit, board, Group("2017"))
    rows = {str(row["Code"]): row["People"] for row in shown.table}
    assert rows[name_of(code)] == "not reported"
    assert "0 of" not in f"{shown.title} {shown.alt} {shown.note}"


def test_no_breakdown_of_a_reconstructed_wave_ranks_anything(board: Release) -> None:
    tests = board.rows("select * from tests where wave = '2017'")
    assert tests == []
    cells = board.claims(Group("2017", "PPO"))
    assert {c.verdict for c in cells} == {Verdict.UNTOLD}
    assert {c.sentence for c in cells if c.code != NOT_INTERVIEWED} == {None}


def test_a_consent_that_the_report_does_not_show_counts_as_not_given() -> None:
    with STUDY_FILES["interviews"].open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    # Would be interviewed again: all of them.
    shown = {"understood", "voluntary", "interview", "recording", "quotation", "second_interview"}
    for person in people:
        given = {name.removeprefix("consent_") for name, value in person.items() if value == "yes"}
        assert given == shown
