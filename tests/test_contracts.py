"""Contracts: complete in themselves, and each rule trips on exactly the row that breaks it."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from iomdash.declared import codebook, scheme
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES, Contract
from iomdash.declared.contracts.rules import Rule
from iomdash.errors import Break, ContractBroken, EnvironmentFault, UsageError
from iomdash.intake import messages, staging
from iomdash.intake.contracts import checking
from iomdash.intake.contracts.checked import Warned
from iomdash.vault.writer import Vault

TODAY = date(2026, 11, 1)
CLASSES = {"open", "pseudonym", "personal", "sensitive"}
EVERY = [rule for table in TABLES for rule in odcs.load(table).rules]
RULES = [rule for rule in EVERY if rule.severity == "error"]
WARNINGS = [rule for rule in EVERY if rule.severity == "warning"]

CONSENTS = [column for column in (c.name for c in odcs.load("interviews").columns)
            if column.startswith("consent_")]  # fmt: skip
SOUND: dict[str, dict[str, str]] = {
    "interviews": {
        "wave": "2025", "cohort": "PPO", "provider": "CRC", "supervision": "statutory",
        "setting": "community", "origin": "synthetic", **dict.fromkeys(CONSENTS, "yes"),
    },
    "codings": {
        "interview_id": "i1", "code": "scheme.positive", "stance": "yes", "origin": "synthetic",
    },
    "excerpts": {
        "interview_id": "i1", "code": "scheme.positive", "kind": "paraphrase", "cleared": "no",
        "text": "Somebody listens to him now.", "origin": "synthetic",
    },
    "approaches": {"wave": "2025", "outcome": "declined", "origin": "synthetic"},
    "caseloads": {"cohort": "PPO", "people": "60", "origin": "synthetic"},
    "board_answers": {
        "condition": "voice", "answer": "partly", "answered_by": "chair",
        "answered_on": "2026-11-01", "origin": "synthetic",
    },
}  # fmt: skip
# What makes a sound row a new one, by its place in the file.
FRESH = {
    "interviews": ("interview_id", "new-{}"),
    "codings": ("coder", "coder-{}"),
    "excerpts": ("excerpt_id", "new-{}"),
    "approaches": ("approach_id", "new-{}"),
    "caseloads": ("wave", "{:04d}"),
    "board_answers": ("quarter", "{:04d} Q4"),
}
FUTURE = "2026-11-02"
LATER = {"interviewed_on": "2025-06-01"}

# Rule id -> what is changed in a sound row so that this rule breaks, and no other.
EXAMPLES: dict[str, dict[str, str | None]] = {
    **{
        f"interviews.{name}.required": {name: None}
        for name in ("interview_id", "wave", "cohort", "provider", "supervision", "setting",
                     "origin", *CONSENTS)
    },
    **{
        f"interviews.{name}.allowed": {name: "perhaps"}
        for name in ("sex", "ethnicity", "still_offending", "single", "children",
                     "childrens_services", "alcohol_misuse", "alcohol_in_treatment",
                     "drug_misuse", "drug_in_treatment", "mental_health_concern",
                     "mental_health_in_intervention", "accommodation", "employment", "benefit",
                     *CONSENTS[3:])
    },
    **{f"interviews.{name}.allowed": {name: "no"} for name in CONSENTS[:3]},
    **{
        f"interviews.{name}.known": {name: "unheard of"}
        for name in ("cohort", "provider", "supervision", "setting", "origin")
    },
    **{
        f"interviews.{name}.type": {name: "lately"}
        for name in ("interviewed_on", "length_minutes", "age", "age_first_offence",
                     "last_offence_on", "last_arrest_on", "alcohol_last_used_on",
                     "drug_last_used_on")
    },
    **{
        f"interviews.{name}_told": {name: "2025-06-02", **LATER}
        for name in ("last_offence_on", "last_arrest_on", "alcohol_last_used_on",
                     "drug_last_used_on")
    },
    "interviews.interview_id.pattern": {"interview_id": "-new"},
    "interviews.not_withdrawn": {"interview_id": "gone"},
    "interviews.one_spelling": {"interview_id": "NO_quotation"},
    "interviews.wave.pattern": {"wave": "2025 autumn"},
    "interviews.interviewed_on_past": {"interviewed_on": FUTURE},
    "interviews.interviewed_on_in_wave": {"interviewed_on": "2024-12-31"},
    "interviews.length_minutes.range": {"length_minutes": "301"},
    "interviews.age.range": {"age": "100"},
    "interviews.age_adult": {"age": "17"},
    "interviews.age_first_offence.range": {"age_first_offence": "4"},
    "interviews.age_first_offence_reached": {"age": "30", "age_first_offence": "31"},
    "interviews.last_offence_not_before_first": {
        "age": "30", "age_first_offence": "20", "last_offence_on": "2014-05-31", **LATER,
    },
    "interviews.alcohol_in_treatment_needs_cause": {
        "alcohol_in_treatment": "yes", "alcohol_misuse": "no",
    },
    "interviews.drug_in_treatment_needs_cause": {
        "drug_in_treatment": "yes", "drug_misuse": "no",
    },
    "interviews.mental_health_in_intervention_needs_cause": {
        "mental_health_in_intervention": "yes", "mental_health_concern": "no",
    },
    "interviews.key.new": {"interview_id": "i1"},
    "interviews.key.unique": {"interview_id": "twice"},
    **{
        f"codings.{name}.required": {name: None}
        for name in ("interview_id", "code", "stance", "coder", "origin")
    },
    **{
        f"codings.{name}.known": {name: "unheard of"}
        for name in ("interview_id", "code", "stance", "origin")
    },
    "codings.coder.pattern": {"coder": "Ann Other"},
    "codings.coded_on.type": {"coded_on": "0025-01-01"},
    "codings.coded_on_past": {"coded_on": FUTURE},
    "codings.key.new": {"coder": "first"},
    "codings.key.unique": {"coder": "twice"},
    **{
        f"excerpts.{name}.required": {name: None}
        for name in ("excerpt_id", "interview_id", "code", "kind", "text", "cleared", "origin")
    },
    **{
        f"excerpts.{name}.known": {name: "unheard of"}
        for name in ("interview_id", "code", "origin")
    },
    **{f"excerpts.{name}.allowed": {name: "perhaps"} for name in ("kind", "cleared", "screened")},
    "excerpts.excerpt_id.pattern": {"excerpt_id": "number one"},
    "excerpts.text.length": {"text": "Too short"},
    "excerpts.reviewed_by.length": {"reviewed_by": "re" * 33},
    "excerpts.coded_by.length": {"coded_by": "co" * 33},
    "excerpts.coded_by_somebody": {"coded_by": "me"},
    "excerpts.reviewed_by_somebody": {"reviewed_by": "the reviewer"},
    "excerpts.reviewed_by_another": {"cleared": "yes", "reviewed_by": "First."},
    "excerpts.screened_and_read": {
        "cleared": "yes", "reviewed_by": "lead", "text": "Darren listens to him now.",
    },
    "excerpts.reviewed_when_cleared": {"cleared": "yes"},
    "excerpts.reviewed_on.type": {"reviewed_on": "29/02/2025"},
    "excerpts.reviewed_on_past": {"reviewed_on": FUTURE},
    "excerpts.interview_consents_to_quotation": {"interview_id": "no-quotation"},
    "excerpts.interview_id_code.known": {"code": "scheme.keeps_focus"},
    "excerpts.key.new": {"excerpt_id": "e1"},
    "excerpts.key.unique": {"excerpt_id": "twice"},
    **{
        f"approaches.{name}.required": {name: None}
        for name in ("approach_id", "wave", "outcome", "origin")
    },
    **{
        f"approaches.{name}.known": {name: "unheard of"}
        for name in ("cohort", "outcome", "origin")
    },
    "approaches.approach_id.pattern": {"approach_id": "a/1"},
    "approaches.wave.pattern": {"wave": "17"},
    "approaches.approached_on.type": {"approached_on": "2025-1-5"},
    "approaches.approached_on_past": {"approached_on": FUTURE},
    "approaches.key.new": {"approach_id": "a1"},
    "approaches.key.unique": {"approach_id": "twice"},
    **{
        f"caseloads.{name}.required": {name: None}
        for name in ("wave", "cohort", "people", "origin")
    },
    **{f"caseloads.{name}.known": {name: "unheard of"} for name in ("cohort", "origin")},
    "caseloads.wave.pattern": {"wave": "2025-"},
    "caseloads.people.type": {"people": "60.5"},
    "caseloads.people.range": {"people": "-1"},
    "caseloads.as_of.type": {"as_of": "2025-13-01"},
    "caseloads.as_of_past": {"as_of": FUTURE},
    "caseloads.key.new": {"wave": "2017"},
    "caseloads.key.unique": {"wave": "1999"},
    **{
        f"board_answers.{name}.required": {name: None}
        for name in ("quarter", "condition", "answer", "answered_by", "answered_on", "origin")
    },
    **{
        f"board_answers.{name}.known": {name: "unheard of"}
        for name in ("condition", "answer", "answered_by", "origin")
    },
    "board_answers.quarter.pattern": {"quarter": "2026-q3"},
    "board_answers.answered_on.type": {"answered_on": "2026-13-01"},
    "board_answers.answered_on_past": {"answered_on": FUTURE},
    "board_answers.answered_on_not_before_quarter": {
        "quarter": "2026 Q3", "answered_on": "2026-06-30",
    },
    "board_answers.key.new": {"quarter": "2017 Q1"},
    "board_answers.key.unique": {"quarter": "1999 Q1"},
}  # fmt: skip


def rows_of(table: str, changes: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    name, fresh = FRESH[table]
    return [
        {**SOUND[table], name: fresh.format(place), **change}
        for place, change in enumerate(changes, start=1)
    ]


def write(path: Path, table: str, rows: list[dict[str, str | None]]) -> Path:
    with path.open("w", newline="") as file:
        names = [column.name for column in odcs.load(table).columns]
        sheet = csv.DictWriter(file, names)
        sheet.writeheader()
        sheet.writerows(rows)
    return path


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("vault")
    held: dict[str, list[dict[str, str | None]]] = {
        "interviews": [
            {"interview_id": "i1"},
            {"interview_id": "no-quotation", "consent_quotation": "no"},
            {"interview_id": "gone"},
        ],
        "codings": [{"coder": "first"}, {"coder": "first", "interview_id": "no-quotation"}],
        "excerpts": [{"excerpt_id": "e1"}],
        "approaches": [{"approach_id": "a1"}],
        "caseloads": [{"wave": "2017"}],
        "board_answers": [{"quarter": "2017 Q1"}],
    }
    with Vault.open(folder) as vault:
        for table, changes in held.items():
            rows = rows_of(table, changes)
            vault.load(table, write(folder / f"{table}.csv", table, rows), today=TODAY)
        vault.withdraw("gone")
        yield vault


def breaks_of(vault: Vault, path: Path, table: str) -> ContractBroken | None:
    contract = odcs.load(table)
    try:
        checking.check(vault.connection, contract, staging.read(path, contract), today=TODAY)
    except ContractBroken as broken:
        return broken
    return None


@pytest.fixture(scope="module")
def tripped(vault: Vault, tmp_path_factory: pytest.TempPathFactory):
    """Rule id -> the reasons given for its example row, one file and one check per table."""
    folder = tmp_path_factory.mktemp("examples")

    @cache
    def by_table(table: str) -> dict[str, list[list[tuple[str | None, str]]]]:
        ids = [id for id in EXAMPLES if id.startswith(f"{table}.")]
        # What is unique is broken by a second row only.
        ids += [id for id in ids if id.endswith(".key.unique")]
        rows = rows_of(table, [EXAMPLES[id] for id in ids])
        broken = breaks_of(vault, write(folder / f"{table}.csv", table, rows), table)
        assert broken is not None
        given: dict[int, list[tuple[str | None, str]]] = {}
        for item in broken.breaks:
            given.setdefault(item.row or 0, []).append((item.column, item.rule))
        result: dict[str, list[list[tuple[str | None, str]]]] = {}
        for row, id in enumerate(ids, start=2):
            result.setdefault(id, []).append(given.get(row, []))
        return result

    return by_table


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_trips_on_its_example_and_no_other_rule_does(rule: Rule, tripped) -> None:
    assert rule.id in EXAMPLES, f"Add an example row that breaks {rule.id} to EXAMPLES."
    result = tripped(rule.id.split(".")[0])[rule.id]
    assert all(reasons == [(rule.column, rule.reason)] for reasons in result), result


STATED = {
    "age": "30", "sex": "male", "ethnicity": None, "age_first_offence": "15",
    "still_offending": "no", "single": "yes", "children": "yes", "alcohol_misuse": "no",
    "drug_misuse": "no", "mental_health_concern": "no", "accommodation": "permanent",
    "employment": "employed", "benefit": "no",
}  # fmt: skip


def whole(change: dict[str, str | None]) -> dict[str, str | None]:
    """An interview that states all that may be warned of, but for a change."""
    values = {c.name: c.allowed[0] for c in odcs.load("interviews").columns if c.allowed}
    return {**STATED, "ethnicity": values["ethnicity"], **change}


def warned_of(vault: Vault, path: Path, table: str) -> dict[str, Warned]:
    contract = odcs.load(table)
    done = checking.check(vault.connection, contract, staging.read(path, contract), today=TODAY)
    vault.connection.unregister(done.stage)
    return {item.rule: item for item in done.warned}


@pytest.mark.parametrize("column", STATED)
def test_a_field_that_more_than_a_fifth_leave_open_is_a_warning(
    column: str, vault: Vault, tmp_path: Path
) -> None:
    rows = rows_of("interviews", [whole({column: None}), *[whole({})] * 4])
    assert warned_of(vault, write(tmp_path / "a.csv", "interviews", rows), "interviews") == {}
    result = warned_of(vault, write(tmp_path / "b.csv", "interviews", rows[:4]), "interviews")
    assert set(result) == {f"interviews.{column}_stated"}
    assert result[f"interviews.{column}_stated"].count == 1
    assert result[f"interviews.{column}_stated"].breaks[0].row == 2


def test_interviews_that_nobody_coded_are_named_with_the_next_file(tmp_path: Path) -> None:
    with Vault.open(tmp_path / "data") as vault:
        first = write(tmp_path / "a.csv", "interviews", rows_of("interviews", [whole({})] * 2))
        assert vault.load("interviews", first, today=TODAY).warned == ()
        more = [{**row, "interview_id": "late"} for row in rows_of("interviews", [whole({})])]
        result = warned_of(vault, write(tmp_path / "b.csv", "interviews", more), "interviews")
        assert set(result) == {"interviews.earlier_coded"}
        assert result["interviews.earlier_coded"].count == 2
        codings = rows_of("codings", [{"interview_id": "new-1"}])
        result = warned_of(vault, write(tmp_path / "c.csv", "codings", codings), "codings")
        left = result["codings.every_interview_coded"]
        assert (left.count, left.breaks[0].row, left.breaks[0].value) == (1, None, "new-2")
        codings += rows_of("codings", [{"interview_id": "new-2"}])
        result = warned_of(vault, write(tmp_path / "d.csv", "codings", codings), "codings")
        assert "codings.every_interview_coded" not in result


def test_codes_that_nobody_uses_are_named_until_somebody_does(vault: Vault, tmp_path: Path) -> None:
    rows = rows_of("codings", [{"code": code} for code in codebook.CODES])
    assert warned_of(vault, write(tmp_path / "a.csv", "codings", rows), "codings") == {}
    spoken = next(code for code in codebook.CODES if code != "scheme.positive")
    path = write(tmp_path / "b.csv", "codings", [r for r in rows if r["code"] != spoken])
    result = warned_of(vault, path, "codings")["codings.every_code_used"]
    assert (result.count, result.breaks[0].row, result.breaks[0].value) == (1, None, spoken)
    assert str(result) == (
        "Warning of codings.every_code_used, 1 cell. The first: b.csv, column 'code': "
        f"'{spoken}': No coding uses these codes of the codebook, here or in the vault: nothing "
        "was said of them, or they were overlooked. Ask the coders; take a code that nobody "
        "needs out of the codebook."
    )


def test_every_warning_has_its_broken_example() -> None:
    assert {rule.id for rule in WARNINGS} == {
        *(f"interviews.{column}_stated" for column in STATED), "interviews.earlier_coded",
        "codings.every_interview_coded", "codings.every_code_used",
    }  # fmt: skip


def test_a_file_that_is_refused_is_not_asked_for_warnings(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "codings.csv", "codings", rows_of("codings", [{"stance": "maybe"}]))
    broken = breaks_of(vault, path, "codings")
    assert broken is not None
    assert broken.total == 1


def test_every_example_belongs_to_a_rule() -> None:
    assert set(EXAMPLES) == {rule.id for rule in RULES}


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("interviews", {"age": "10", "cohort": "U18"}),
        ("interviews", {"age": "18"}),
        ("interviews", {"age": "99", "age_first_offence": "99"}),
        ("interviews", {"length_minutes": "5"}),
        ("interviews", {"length_minutes": "300"}),
        ("interviews", {"interviewed_on": "01/11/2026"}),
        ("interviews", {"interviewed_on": "2025-01-01"}),
        ("interviews", {"wave": "2025-autumn"}),
        ("interviews", {"last_arrest_on": "2025-06-01", **LATER}),
        ("interviews", {"last_arrest_on": "2026-11-01"}),
        ("interviews", {"alcohol_in_treatment": "yes"}),
        # 30 now and 20 then: the first offence is at most 10 years and 364 days ago.
        (
            "interviews",
            {"age": "30", "age_first_offence": "20", "last_offence_on": "2014-06-01", **LATER},
        ),
        (
            "interviews",
            {"age": "30", "age_first_offence": "20", "last_offence_on": "2010-01-01"},
        ),
        ("excerpts", {"text": "x" * 10}),
        ("excerpts", {"text": "x" * 600}),
        ("excerpts", {"cleared": "yes", "reviewed_by": "lead"}),
        ("caseloads", {"people": "0"}),
    ],
)
def test_a_row_on_the_boundary_is_kept(
    table: str, change: dict[str, str | None], vault: Vault, tmp_path: Path
) -> None:
    path = write(tmp_path / "edge.csv", table, rows_of(table, [change]))
    assert breaks_of(vault, path, table) is None


def test_a_break_says_what_where_and_how_to_mend_it(vault: Vault, tmp_path: Path) -> None:
    rows = rows_of("codings", [{}, {"stance": "maybe"}])
    broken = breaks_of(vault, write(tmp_path / "codings.csv", "codings", rows), "codings")
    assert broken is not None
    assert str(broken) == (
        "Refused, nothing was loaded: codings has 1 broken cell.\n"
        "codings.csv, row 3, column 'stance': 'maybe': Not among the known stances. "
        "Correct the cell; the known stances are listed on the Methods page."
    )


@pytest.mark.parametrize("change", [{"stance": "maybe"}, {"coder": "A"}, {"origin": None}])
def test_the_first_thousand_breaks_are_named_and_all_are_counted(
    change: dict[str, str | None], vault: Vault, tmp_path: Path
) -> None:
    rows = rows_of("codings", [{**change, "code": code} for code in codebook.CODES] * 20)
    if "coder" in change:
        rows = [{**row, "interview_id": None} for row in rows]
    broken = breaks_of(vault, write(tmp_path / "codings.csv", "codings", rows), "codings")
    assert broken is not None
    assert broken.total >= len(rows) > 1000
    assert [item.row for item in broken.breaks] == sorted(item.row or 0 for item in broken.breaks)
    assert len(broken.breaks) == 1000


def test_all_broken_cells_are_counted_by_kind_though_the_first_thousand_are_of_one(
    vault: Vault, tmp_path: Path
) -> None:
    changes: list[tuple[dict[str, str | None], int]] = [
        ({"stance": "maybe"}, 1001), ({"coded_on": "soon"}, 999), ({"stance": None}, 1002),
        ({"origin": "elsewhere"}, 1003), ({"code": "ours"}, 2),
    ]  # fmt: skip
    every = [change for change, times in changes for _ in range(times)]
    rows = [{**change, "interview_id": f"iv-{n}"} for n, change in enumerate(every)]
    path = write(tmp_path / "codings.csv", "codings", rows_of("codings", rows))
    with pytest.raises(ContractBroken) as refused:
        vault.check("codings", path)
    broken = refused.value
    assert broken.counts == {
        ("interview_id", "Not among the known interviews."): len(rows),
        ("stance", "Not among the known stances."): 1001,
        ("coded_on", "Not a day since 1900."): 999,
        ("stance", "A row without stance cannot be used."): 1002,
        ("origin", "Not among the known origins."): 1003,
        ("code", "Not among the known codes."): 2,
    }
    assert broken.total == sum(broken.counts.values())
    assert {item.kind for item in broken.breaks} < {*broken.counts}


def test_what_is_wrong_whatever_the_contract_says_is_counted_by_kind(
    vault: Vault, tmp_path: Path
) -> None:
    coders = [f"Ren\ufffd {n}" for n in range(1200)] + [f"jo{n}@example.org" for n in range(1100)]
    rows = [{"coder": coder, "interview_id": None} for coder in [*coders, "n/a", "n/a"]]
    broken = breaks_of(
        vault, write(tmp_path / "codings.csv", "codings", rows_of("codings", rows)), "codings"
    )
    assert broken is not None
    counts = {rule: n for (column, rule), n in broken.counts.items() if column == "coder"}
    assert counts["Holds the sign that stands for a lost letter (U+FFFD)."] == 1200
    assert counts["Holds an e-mail address, which identifies a person directly."] == 1100
    assert counts["Stands for nothing, and would be stored as if it were an answer."] == 2
    assert broken.total == sum(broken.counts.values())


def test_words_are_compared_with_a_list_until_that_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = messages._List([f"S26-{n:03d}" for n in range(100)])
    monkeypatch.setattr(messages, "_MOST_COMPARED", 200)
    assert listed.nearest("S26-0501")
    assert listed.nearest("S26-0601")
    assert listed.nearest("S26-0701") == []
    assert listed.nearest("s26 070") == ["S26-070"]  # written alike, which is looked up
    assert listed.nearest("S26-0501")  # a word that was asked for already


def test_an_identifier_in_a_broken_cell_is_not_repeated(vault: Vault, tmp_path: Path) -> None:
    rows = rows_of("codings", [{"stance": "jo@example.org"}])
    broken = breaks_of(vault, write(tmp_path / "codings.csv", "codings", rows), "codings")
    assert broken is not None
    assert {item.value for item in broken.breaks} == {"(hidden)"}
    assert "jo@example.org" not in str(broken)


def test_a_long_cell_is_cut_in_its_message(vault: Vault, tmp_path: Path) -> None:
    rows = rows_of("excerpts", [{"text": "word " * 200}])
    broken = breaks_of(vault, write(tmp_path / "excerpts.csv", "excerpts", rows), "excerpts")
    assert broken is not None
    assert len(broken.breaks[0].value or "") == 61


def test_a_missing_required_column_is_one_break(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "codings.csv"
    path.write_text("interview_id,code,coder,origin,view\ni1,scheme.positive,c,synthetic,for\n")
    broken = breaks_of(vault, path, "codings")
    assert broken is not None
    assert broken.breaks == (
        Break("codings.csv", None, "stance", None, "The column is missing.",
              "Add it; its header is stance. "
              "Left out, as the contract does not know them: view."),
    )  # fmt: skip


def test_what_passed_is_listed_rule_by_rule(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "codings.csv", "codings", rows_of("codings", [{}]))
    contract = odcs.load("codings")
    checked = checking.check(vault.connection, contract, staging.read(path, contract), today=TODAY)
    assert [check.rule for check in checked.checks] == [
        "columns", "identifiers", *(rule.id for rule in contract.rules)
    ]  # fmt: skip
    assert all(check.reason for check in checked.checks)
    left = {check.rule: check.broken for check in checked.checks if not check.passed}
    assert left == {"codings.every_code_used": len(codebook.CODES) - 1}


def broken_contract(rule: Rule) -> Contract:
    whole = odcs.load("caseloads")
    return Contract(**{**vars(whole), "rules": (*whole.rules, rule)})


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            Rule("caseloads.odd", "people", "unexpected_rows_expectation",
                 {"unexpected_rows_query": "select row_number from {batch} where no_such = 1"},
                 "", ""),
            "Rule caseloads.odd cannot be run",
        ),
        (
            Rule("caseloads.odd", "nobody", "expect_column_values_to_not_be_null",
                 {"column": "nobody"}, "", ""),
            "Rule caseloads.odd cannot be run",
        ),
        (
            Rule("caseloads.odd", "people", "expect_column_values_to_be_lovely",
                 {"column": "people"}, "", ""),
            "Rule caseloads.odd cannot be run",
        ),
        (
            # One of Great Expectations that no contract of ours uses, so that it is not imported.
            Rule("caseloads.odd", "people", "expect_column_sum_to_be_between",
                 {"column": "people", "min_value": 0}, "", ""),
            "Rule caseloads.odd cannot be run",
        ),
        (
            Rule("caseloads.odd", "people", "unexpected_rows_expectation",
                 {"unexpected_rows_query": "select row_number from {batch} where no_such = 1"},
                 "", "", "warning"),
            "Rule caseloads.odd cannot be run",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_run_is_told_apart_from_bad_data(
    rule: Rule, words: str, vault: Vault, tmp_path: Path
) -> None:
    path = write(tmp_path / "caseloads.csv", "caseloads", rows_of("caseloads", [{}]))
    contract = broken_contract(rule)
    with pytest.raises(EnvironmentFault, match=words):
        checking.check(vault.connection, contract, staging.read(path, contract), today=TODAY)


def test_checking_prints_and_warns_nothing(
    vault: Vault, tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn
) -> None:
    path = write(tmp_path / "codings.csv", "codings", rows_of("codings", [{"stance": "maybe"}]))
    assert breaks_of(vault, path, "codings") is not None
    assert capfd.readouterr() == ("", "")
    assert not [str(item.message) for item in recwarn]


def test_importing_contracts_does_not_import_great_expectations() -> None:
    code = (
        "import sys, iomdash.intake.contracts.checking, iomdash.vault.writer;"
        "iomdash.declared.contracts.odcs.load('codings');"
        "assert not {'great_expectations', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_table_without_contract_is_named_with_those_that_have_one() -> None:
    with pytest.raises(UsageError, match=r"'people' is no table.*interviews, codings"):
        odcs.load("people")


DOCUMENTS = [
    (table, yaml.safe_load((odcs.FOLDER / f"{table}.odcs.yaml").read_text())) for table in TABLES
]


@pytest.mark.parametrize(("table", "document"), DOCUMENTS, ids=TABLES)
def test_each_file_is_a_valid_open_data_contract(table: str, document: dict) -> None:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(document)
    assert document["schema"][0]["name"] == table


def test_every_file_in_the_folder_is_a_table() -> None:
    tables = (*TABLES, *odcs.AGENCY_TABLES)
    assert {path.name for path in odcs.FOLDER.glob("*.*")} == {f"{t}.odcs.yaml" for t in tables}


@pytest.mark.parametrize("document", [document for _, document in DOCUMENTS], ids=TABLES)
def test_each_column_says_what_it_is_and_each_bound_why(document: dict) -> None:
    for column in document["schema"][0]["properties"]:
        assert column["description"], column["name"]
        assert column["classification"] in CLASSES, column["name"]
        assert isinstance(column["required"], bool), column["name"]
        bounded = column.get("logicalTypeOptions") or column.get("enum")
        said = [item for item in column.get("quality", []) if item["type"] == "text"]
        assert bool(bounded) == bool(said), column["name"]


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_each_rule_has_a_reason_and_a_remedy(rule: Rule) -> None:
    assert rule.reason.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.query is None or rule.query.startswith("select row_number, ")


@pytest.mark.parametrize("table", TABLES)
def test_each_table_says_how_long_it_is_kept_and_has_a_key(table: str) -> None:
    contract = odcs.load(table)
    assert contract.retention in {"research_data_five_years", "aggregate_no_limit"}
    assert contract.key
    assert contract.row
    assert contract.purpose


def test_no_list_of_the_code_is_repeated_in_a_contract() -> None:
    declared = {
        *(cohort.id for cohort in scheme.COHORTS),
        *(choice.id for group in (scheme.PROVIDERS, scheme.SETTINGS, scheme.OUTCOMES,
                                  scheme.ORIGINS, scheme.SUPERVISIONS) for choice in group),
        *codebook.CODES,
    }  # fmt: skip
    for table in TABLES:
        for column in odcs.load(table).columns:
            assert not declared & set(column.allowed), column.name
