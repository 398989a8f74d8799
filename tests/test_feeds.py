"""Feeds: each agency's file in its own form, refused whole or resolved to one person's records."""

import csv
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import jsonschema
import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iomdash.declared import scheme
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.rules import Rule
from iomdash.declared.contracts.standard import STYLES
from iomdash.errors import Break, ContractBroken, EnvironmentFault, UsageError
from iomdash.intake import pseudonyms
from iomdash.intake.contracts import suite
from iomdash.intake.feeds import FEEDS, implied
from iomdash.intake.feeds.declaration import FromColumn, IdentifierColumns, Person, raw_columns
from iomdash.vault import current
from iomdash.vault.writer import Vault

TODAY = date(2026, 11, 1)
CLASSES = {"open", "pseudonym", "personal", "sensitive", "identifier"}
FEED_RULES = [rule for name in FEEDS for rule in odcs.load(name).rules]
TABLE_RULES = [rule for name in odcs.AGENCY_TABLES for rule in odcs.load(name).rules]
MAPPED = [
    pytest.param(feed, table, id=f"{feed.name}-{place}-{table.name}")
    for feed in FEEDS.values()
    for place, table in enumerate(feed.tables)
]

# One sound row of each feed, under the agency's own headers and in its own form.
SOUND: dict[str, dict[str, str]] = {
    "iom_caseload": {
        "Case No": "IC-1", "IOM Ref": "IOM10001", "Surname": "Corban", "Forename": "Ann",
        "DOB": "17/05/1987", "PNC ID": "2001/0123456X", "NHS No": "943 476 5919",
        "CRN": "X123456", "NI Number": "QQ123456C", "Cohort": "PPO", "OM Organisation": "CRC",
        "Supervision": "Stat", "Town": "Tipton", "Adopted": "01/02/2025", "De-selected": "",
        "Reason": "", "Extract Date": "31/03/2026",
    },
    "police_offences": {
        "Crime Ref": "20/1-25", "PNC": "01/123456X", "Offence Date": "05/03/2025",
        "Offence Group": "BURGLARY", "Outcome Date": "", "Run Date": "31/03/2026",
    },
    "police_arrests": {
        "Custody Ref": "C1", "PNC": "20010123456X", "Arrest Date": "05-Mar-25",
        "Run Date": "31-Mar-26",
    },
    "police_domestic": {
        "Incident No": "D1", "PNC": "01/0123456x", "Incident Date": "05/03/2025", "Risk": "H",
        "Run Date": "31/03/2026",
    },
    "probation_sentences": {
        "Event No": "S1", "CRN": "x123456", "Sentence Date": "2025-03-05",
        "Sentence Type": "CUST", "Extract Date": "2026-03-31",
    },
    "probation_appointments": {
        "Contact ID": "A1", "CRN": "X123456", "Appt Date": "05/03/2025", "Seen By": "PROB",
        "Office": "Tipton hub", "Joint": "Y", "Outcome": "ATT", "Extract Date": "31/03/2026",
    },
    "probation_enforcement": {
        "Enforcement ID": "B1", "CRN": "X123456", "Action Date": "05/03/2025",
        "Action": "RECALL", "Extract Date": "31/03/2026",
    },
    "probation_custody": {
        "Spell ID": "P1", "CRN": "X123456", "Received": "2025-03-05", "Released": "",
        "Extract Date": "2026-03-31",
    },
    "probation_assessments": {
        "Assessment ID": "N1", "CRN": "X123456", "Assessed": "05/03/2025", "Pathway": "2 ETE",
        "Need Identified": "Y", "Referred": "10/03/2025", "Started": "", "Completed": "",
        "Extract Date": "31/03/2026",
    },
    "drug_service_treatment": {
        "Episode ID": "T1", "NHS Number": "943 476 5919", "Surname": "", "First Name": "",
        "Date of Birth": "", "Main Substance": "Crack", "Referral Date": "05-Mar-25",
        "Treatment Start": "10-Mar-25", "Exit Date": "", "Exit Reason": "",
        "Report Date": "31-Mar-26",
    },
    "drug_service_tests": {
        "Test Ref": "U1", "NHS Number": "", "Surname": "CORBAN", "First Name": "Ann Mary",
        "Date of Birth": "17/05/1987", "Test Date": "05-Mar-25", "Result": "P",
        "Report Date": "31-Mar-26",
    },
    "mental_health_care": {
        "Referral ID": "M1", "NHS_NO": "9434765919", "Referral_Received": "2025-03-05",
        "First_Contact": "", "Discharged": "2025-04-05", "Discharge_Reason": "2",
        "Extracted": "2026-03-31",
    },
    "housing_stays": {
        "Stay Ref": "H1", "Tenant Surname": "Corban", "Tenant Forename": "ann",
        "DOB": "1987-05-17", "Accommodation Type": "Sofa surfing", "Moved In": "05/03/2025",
        "Moved Out": "", "As At": "31/03/2026",
    },
    "employment_status": {
        "Record ID": "W1", "National Insurance No": "QQ 12 34 56 C", "Status": "UNE",
        "In Receipt of Benefit": "Yes", "Status From": "20250305", "Status To": "",
        "Extract": "20260331",
    },
    "childrens_involvement": {
        "Case ID": "K1", "Parent Surname": "Corban", "Parent Forename": "Ann",
        "Parent DOB": "17 May 1987", "Plan": "CIN", "Opened": "05 Mar 2025", "Closed": "",
        "Report Run": "31 Mar 2026",
    },
    "programme_places": {
        "Place Ref": "G1", "CRN": "X123456", "Programme": "RJ", "Needed": "Y",
        "Offered": "05/03/2025", "Started": "", "Completed": "", "Report Date": "31/03/2026",
    },
}  # fmt: skip

Row = dict[str, str]


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]))
        sheet.writeheader()
        sheet.writerows(rows)
    return path


def sent(folder: Path, feed: str, *changes: Row, name: str = "sent") -> Path:
    """A file of sound rows, each changed as told."""
    return write(folder / f"{name}.csv", [{**SOUND[feed], **change} for change in changes])


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.open(tmp_path / "data") as held:
        yield held


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault into which nothing is loaded."""
    with Vault.open(tmp_path_factory.mktemp("empty")) as held:
        yield held


def load(vault: Vault, folder: Path, feed: str, *changes: Row) -> None:
    vault.load(feed, sent(folder, feed, *changes or ({},)), today=TODAY)


def now(vault: Vault, query: str) -> list[tuple]:
    """The answer to a query over the current tables."""
    current.records(vault.connection)
    return vault.connection.execute(query).fetchall()


# -------------------------------------------------------------------------------- both halves of it


def test_each_feed_has_a_contract_and_each_contract_a_feed() -> None:
    assert set(FEEDS) == set(odcs.feed_names())


def test_each_agency_table_is_filled_by_a_feed() -> None:
    filled = {table.name for feed in FEEDS.values() for table in feed.tables}
    assert filled == set(odcs.AGENCY_TABLES)


def test_each_feed_has_a_sound_row_and_a_broken_one() -> None:
    assert set(SOUND) == set(FEEDS) == {feed for feed, *_ in BROKEN}


@pytest.mark.parametrize(("feed", "table"), MAPPED)
def test_each_column_of_a_table_comes_from_columns_of_the_file(feed, table) -> None:
    raw = {column.name for column in odcs.load(feed.name).columns}
    assert set(table.columns) == {column.name for column in odcs.load(table.name).columns}
    assert {name for item in table.columns.values() for name in raw_columns(item)} <= raw


@pytest.mark.parametrize(("feed", "table"), MAPPED)
def test_each_code_of_the_file_is_translated_into_one_of_the_table(feed, table) -> None:
    lists = {
        "cohorts.id": {c.id for c in scheme.COHORTS},
        "pathways.id": {p.id for p in scheme.PATHWAYS},
        "agencies.id": {a.key for a in scheme.AGENCIES},
        "providers.id": {c.id for c in scheme.PROVIDERS},
        "supervisions.id": {c.id for c in scheme.SUPERVISIONS},
        "areas.id": {c.id for c in scheme.AREAS},
        "leaving_reasons.id": {c.id for c in scheme.LEAVING},
        "harm_groups.id": {c.id for c in scheme.HARM_GROUPS},
    }
    for name, source in table.columns.items():
        column = odcs.load(table.name).column(name)
        known = lists.get(column.refers_to or "", set(column.allowed))
        if isinstance(source, FromColumn) and name != "origin" and known:
            raw = odcs.load(feed.name).column(source.column)
            codes = {code: code for code in raw.allowed} | source.codes
            assert set(codes) == set(raw.allowed) or not raw.allowed, name
            assert set(codes.values()) | ({source.empty} - {None}) <= known, name


@pytest.mark.parametrize("feed", FEEDS.values(), ids=list(FEEDS))
def test_every_identifier_of_a_file_is_read_and_only_into_a_pseudonym(feed) -> None:
    sources = [source for table in feed.tables for source in table.columns.values()]
    named = {
        n for s in sources if isinstance(s, Person | IdentifierColumns) for n in raw_columns(s)
    }
    kinds = {i.kind for s in sources if isinstance(s, Person) for i in s.identifiers}
    copied = {s.column for s in sources if isinstance(s, FromColumn)}
    marked = {column.name for column in odcs.load(feed.name).columns if column.identifies}
    assert marked == named
    assert not marked & copied
    assert kinds <= set(pseudonyms.KINDS)


def test_the_caseload_holds_every_kind_of_identifier_that_an_agency_uses() -> None:
    every = [s for f in FEEDS.values() for table in f.tables for s in table.columns.values()]
    used = {i.kind for s in every if isinstance(s, Person) for i in s.identifiers}
    held = {s.kind for s in every if isinstance(s, IdentifierColumns)}
    assert used == held | {"caseload"}


DOCUMENTS = [
    *((name, odcs.FOLDER / "feeds" / f"{name}.odcs.yaml") for name in odcs.feed_names()),
    *((name, odcs.FOLDER / f"{name}.odcs.yaml") for name in odcs.AGENCY_TABLES),
]


@pytest.mark.parametrize(("name", "path"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_each_contract_is_valid_and_says_what_each_column_is_and_why(name: str, path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(document)
    assert document["schema"][0]["name"] == name
    for column in document["schema"][0]["properties"]:
        assert column["description"], column["name"]
        assert column["classification"] in CLASSES, column["name"]
        assert column.get("logicalTypeOptions", {}).get("format") in {None, *STYLES}
        bounded = column.get("logicalTypeOptions") or column.get("enum")
        said = [item for item in column.get("quality", []) if item["type"] == "text"]
        assert bool(bounded) == bool(said), column["name"]


@pytest.mark.parametrize("rule", [*FEED_RULES, *TABLE_RULES], ids=lambda rule: rule.id)
def test_each_rule_has_a_reason_and_a_remedy(rule: Rule) -> None:
    assert rule.reason.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.query is None or rule.query.startswith("select row_number, ")


# ----------------------------------------------------------------------------------- broken files

EARLIER, LATER = "31/03/2026", "30/09/2026"
# feed, what is changed in its second row, and the cells (header, words of the rule) then named.
BROKEN: list[tuple[str, Row, list[tuple[str, str]]]] = [
    ("iom_caseload", {"Cohort": "PPOS"}, [("Cohort", "Not among the known cohorts.")]),
    ("iom_caseload", {"Town": "Dudley"}, [("Town", "Not one of Oldbury")]),
    ("iom_caseload", {"IOM Ref": ""}, [("IOM Ref", "A row without IOM Ref cannot be used.")]),
    ("iom_caseload", {"IOM Ref": "10001"}, [("IOM Ref", "The unit's number is IOM")]),
    ("iom_caseload", {"NHS No": "943 476 5918"}, [("NHS No", "The last digit of an NHS")]),
    ("iom_caseload", {"PNC ID": "12345"}, [("PNC ID", "A PNC ID is a year")]),
    ("iom_caseload", {"NI Number": "QQ12345C"}, [("NI Number", "two letters, six digits")]),
    ("iom_caseload", {"Adopted": "31/04/2025"}, [("Adopted", "Not a day since 1900.")]),
    ("iom_caseload", {"DOB": "05/2009"}, [("DOB", "Not a day since 1900.")]),
    *(
        (feed, {header: "01/01/2099"}, [(header, "Nobody here is younger than ten")])
        for feed, header in (
            ("childrens_involvement", "Parent DOB"), ("drug_service_tests", "Date of Birth"),
            ("drug_service_treatment", "Date of Birth"), ("housing_stays", "DOB"),
        )
    ),
    (
        "iom_caseload", {"DOB": "01/01/2099"},
        [("Cohort", "Adult cohorts hold people of 18"), ("DOB", "Nobody here is younger than ten")],
    ),
    ("iom_caseload", {"DOB": "17/05/2009"}, [("Cohort", "Adult cohorts hold people of 18")]),
    (
        "iom_caseload", {"De-selected": "31/01/2025", "Reason": "Moved"},
        [("De-selected", "Nobody leaves a cohort before")],
    ),
    ("iom_caseload", {"De-selected": "31/12/2025"}, [("Reason", "did so for a reason")]),
    ("iom_caseload", {"Reason": "Moved"}, [("Reason", "only where the person has left")]),
    ("iom_caseload", {"Adopted": "01/04/2026"}, [("Adopted", "cannot lie after the extract")]),
    (
        "iom_caseload", {"IOM Ref": "IOM10002", "CRN": "X123457", "NI Number": "QQ123457C",
                         "NHS No": "", "Surname": "Other"},
        [("PNC ID", "with the same identifier and different cells")],
    ),
    ("police_offences", {"Offence Group": "ARSON"}, [("Offence Group", "Not one of VIOL")]),
    ("police_offences", {"Outcome Date": "04/03/2025"}, [("Outcome Date", "before it is")]),
    (
        "police_offences", {"Crime Ref": "20/1-25", "Offence Group": "ROBBERY"},
        [("Crime Ref", "more than once")],
    ),
    ("police_offences", {"PNC": "X"}, [("PNC", "A PNC ID is a year")]),
    ("police_arrests", {"Arrest Date": "05-Mrz-25"}, [("Arrest Date", "Not a day since 1900.")]),
    ("police_arrests", {"Run Date": "02-Nov-26"}, [("Run Date", "its day cannot lie ahead")]),
    ("police_domestic", {"Risk": "HIGH"}, [("Risk", "Not one of S, M, H")]),
    ("probation_sentences", {"Sentence Type": "jail"}, [("Sentence Type", "Not one of CUST")]),
    ("probation_sentences", {"CRN": "123456X"}, [("CRN", "a letter and six digits")]),
    (
        "probation_appointments", {"Joint": "maybe", "Outcome": "", "Seen By": "GP"},
        [("Joint", "Not one of yes, no"), ("Outcome", "A row without Outcome"),
         ("Seen By", "Not one of PROB")],
    ),
    ("probation_appointments", {"Office": "B70 8ET"}, [("Office", "Holds a postcode")]),
    ("probation_appointments", {"Office": "Jo Corban"}, [("Office", "Not among the known sites.")]),
    ("probation_enforcement", {"Action": "WARNING"}, [("Action", "Not one of BREACH")]),
    ("probation_enforcement", {"Enforcement ID": "B/2!"}, [("Enforcement ID", "A reference is")]),
    ("probation_custody", {"Released": "2025-03-04"}, [("Released", "A stay ends on or after")]),
    ("probation_assessments", {"Pathway": "8 OTH"}, [("Pathway", "Not one of 1 ACC")]),
    ("probation_assessments", {"Completed": "01/04/2025"}, [("Completed", "begun can be")]),
    (
        "drug_service_treatment", {"Exit Date": "09-Mar-25", "Exit Reason": "Completed"},
        [("Exit Date", "Treatment ends on or after")],
    ),
    ("drug_service_treatment", {"Exit Reason": "Prison"}, [("Exit Reason", "only where it has")]),
    ("drug_service_treatment", {"NHS Number": ""}, [("NHS Number", "A row without person")]),
    ("drug_service_tests", {"Result": "+"}, [("Result", "Not one of P, N, R")]),
    (
        "drug_service_tests", {"Date of Birth": "32/05/1987"},
        [("Date of Birth", "Not a day since 1900.")],
    ),
    ("mental_health_care", {"NHS_NO": "94347659"}, [("NHS_NO", "has ten digits")]),
    ("mental_health_care", {"Discharged": "2025-03-04"}, [("Discharged", "day of the referral")]),
    ("housing_stays", {"Accommodation Type": "Flat"}, [("Accommodation Type", "Not one of")]),
    ("housing_stays", {"Tenant Surname": ""}, [("Tenant Surname", "without Tenant Surname")]),
    ("housing_stays", {"Tenant Surname": "-"}, [("Tenant Surname", "without person")]),
    ("employment_status", {"Status From": "2025305"}, [("Status From", "Not a day since")]),
    ("employment_status", {"In Receipt of Benefit": "UC"}, [("In Receipt of Benefit", "Not one")]),
    ("childrens_involvement", {"Plan": "S47"}, [("Plan", "Not one of EH")]),
    ("childrens_involvement", {"Closed": "04 Mar 2025"}, [("Closed", "A spell ends on or after")]),
    ("programme_places", {"Programme": "Anger"}, [("Programme", "Not one of Offence focused")]),
    ("programme_places", {"Started": "04/03/2025"}, [("Started", "Nothing begins before")]),
]  # fmt: skip
IDENTIFIERS = {c.header for f in FEEDS for c in odcs.load(f).columns if c.identifies}


class Refusal(NamedTuple):
    """What was wrong with a file, and in how many places."""

    breaks: Sequence[Break]
    total: int


@pytest.fixture(scope="module")
def refusal(empty: Vault, tmp_path_factory: pytest.TempPathFactory):
    """Why a file is refused in which a second row is changed so, asked once of each."""
    folder = tmp_path_factory.mktemp("refused")

    @cache
    def why(feed: str, *change: tuple[str, str]) -> Refusal:
        path = sent(folder, feed, {}, {next(iter(SOUND[feed])): "NEW-2", **dict(change)})
        with pytest.raises(ContractBroken) as refused:
            empty.load(feed, path, today=TODAY)
        return Refusal(refused.value.breaks, refused.value.total)

    return why


# What the guide says of rules on days: the first is refused, the others run.
ON_DAYS = re.findall(
    "`([^`]*arrested_on[^`]*2025[^`]*)`",
    (Path(__file__).parents[1] / "docs" / "add-a-feed.md").read_text(),
)


@pytest.fixture
def arrests_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives the table of arrests one more rule: a condition that each row keeps."""
    loaded = odcs.load

    def more(condition: str) -> None:
        query = f"select row_number, arrested_on from {{batch}} where not ({condition})"
        kwargs = {"unexpected_rows_query": query}
        own = Rule("arrests.odd", "arrested_on", "unexpected_rows_expectation", kwargs, "Odd.", "")
        whole = loaded("arrests")
        with_own = replace(whole, rules=(*whole.rules, own))
        monkeypatch.setattr(
            odcs, "load", lambda name: with_own if name == "arrests" else loaded(name)
        )

    return more


@pytest.mark.parametrize("condition", ON_DAYS[1:])
def test_a_rule_of_ones_own_on_days_runs_where_it_is_written_as_the_guide_says(
    condition: str, arrests_with: Callable[[str], None], empty: Vault, tmp_path: Path
) -> None:
    arrests_with(condition)
    sound, other, no_day = (
        sent(tmp_path, "police_arrests", {"Arrest Date": day}, name=day)
        for day in ("06-Mar-25", "06-Mar-24", "soon")
    )
    empty.release(empty.check("police_arrests", sound, today=TODAY))
    for file, why in ((other, "Odd"), (no_day, "Not a day")):
        with pytest.raises(ContractBroken, match=why):
            empty.check("police_arrests", file, today=TODAY)


def test_a_rule_of_ones_own_that_asks_text_of_days_is_refused_as_the_guide_says(
    arrests_with: Callable[[str], None], empty: Vault, tmp_path: Path
) -> None:
    arrests_with(ON_DAYS[0])
    with pytest.raises(EnvironmentFault, match=r"Rule arrests\.odd cannot be run"):
        empty.check("police_arrests", sent(tmp_path, "police_arrests", {}), today=TODAY)


def test_all_that_is_wrong_with_a_large_file_is_counted_in_the_agencys_own_headers(
    empty: Vault, tmp_path: Path
) -> None:
    rows = [{"Case ID": f"K{n}", "Closed": "04 Mar 2025"} for n in range(1100)]
    path = sent(tmp_path, "childrens_involvement", *rows)
    with pytest.raises(ContractBroken) as refused:
        empty.load("childrens_involvement", path, today=TODAY)
    ends = "A spell ends on or after the day on which it began."
    assert refused.value.counts == {("Closed", ends): 1100}
    assert (refused.value.total, len(refused.value.breaks)) == (1100, 1000)


@pytest.mark.parametrize(
    ("feed", "change", "cells"), BROKEN,
    ids=[f"{feed}-{'-'.join(change)}" for feed, change, _ in BROKEN],
)  # fmt: skip
def test_a_broken_file_is_refused_with_each_bad_cell_in_the_agencys_own_headers(
    feed: str, change: Row, cells: list[tuple[str, str]], empty: Vault, refusal
) -> None:
    reference = next(iter(SOUND[feed]))
    refused = refusal(feed, *change.items())
    breaks = [item for item in refused.breaks if item.row == 3]
    assert [item.column for item in breaks] == sorted(header for header, _ in cells)
    for item, (header, words) in zip(breaks, sorted(cells), strict=True):
        assert item.file == "sent.csv"
        allowed = words.removeprefix("Not one of ")
        if allowed == words:
            assert words in item.rule
        else:
            assert item.rule.startswith("Not one of the allowed values.")
            named = item.remedy.removesuffix(".").split("Write one of: ")[1].split(", ")
            assert all(any(n.startswith(a) for n in named) for a in allowed.split(", "))
        assert item.remedy.endswith(".")
        shown = {**SOUND[feed], reference: "NEW-2", **change}[header]
        if header in IDENTIFIERS or "postcode" in words:
            assert item.value in {"(hidden)", None}
        elif not re.fullmatch("....-..-..", item.value or ""):  # a day that could be read
            assert item.value == (shown or None)
    assert refused.total == len(refused.breaks)
    held = [*odcs.AGENCY_TABLES]
    for table in held:
        stored = odcs.load(table).stored
        assert empty.connection.execute(f"select count(*) from {stored}").fetchall() == [(0,)]
    assert empty.loads() == []
    stages = "select count(*) from duckdb_views() where view_name like 'stage%'"
    assert empty.connection.execute(stages).fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("feed", "change"), [each[:2] for each in BROKEN],
    ids=[f"{feed}-{'-'.join(change)}" for feed, change, _ in BROKEN],
)  # fmt: skip
def test_a_rule_that_the_agencys_own_contract_implies_would_find_nothing_more(
    feed: str, change: Row, refusal
) -> None:
    refused = refusal(feed, *change.items())
    with mock.patch.object(implied, "rules", return_value={}):
        by_every_rule = refusal.__wrapped__(feed, *change.items())
    assert refused == by_every_rule


@pytest.mark.parametrize(("feed", "table"), MAPPED)
def test_no_rule_of_several_cells_of_a_key_or_of_an_extract_is_implied(feed, table) -> None:
    skipped = set(implied.rules(odcs.load(feed.name), table, odcs.load(table.name)))
    said = {rule.id for rule in odcs.load(table.name).rules}
    kinds = {"type", "required", "allowed", "known", "pattern", "length", "range"}
    assert {item.rpartition(".")[2] for item in skipped} <= kinds
    assert skipped < said
    assert {f"{table.name}.key.unique", f"{table.name}.key.new"} <= said - skipped


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"harm_group": FromColumn("offence_group", {"ROBBERY": "robbery"})}, "harm_group.known"),
        ({"harm_group": FromColumn("crime_ref")}, "harm_group.known"),
        ({"committed_on": FromColumn("outcome_date")}, "committed_on.required"),
        ({"committed_on": FromColumn("crime_ref")}, "committed_on.type"),
        ({"offence_id": FromColumn("offence_group")}, "offence_id.pattern"),
        ({"offence_id": FromColumn("crime_ref", {"1": "one and more"})}, "offence_id.pattern"),
        ({"person_id": FromColumn("crime_ref")}, "person_id.pattern"),
        ({"origin": FromColumn("origin")}, "origin.required"),
        ({"origin": FromColumn("origin", empty="guessed")}, "origin.known"),
    ],
)
def test_a_rule_is_run_wherever_the_declarations_do_not_imply_it(
    change: dict[str, FromColumn], rule: str
) -> None:
    table = FEEDS["police_offences"].tables[0]
    raw, other = odcs.load("police_offences"), replace(table, columns={**table.columns, **change})
    contract = odcs.load("offences")
    assert f"offences.{rule}" in implied.rules(raw, table, contract)
    assert f"offences.{rule}" not in implied.rules(raw, other, contract)


@pytest.mark.parametrize(("feed", "table"), MAPPED)
def test_what_keeps_an_implied_rule_is_named_and_is_a_rule_of_the_file_or_declared(
    feed, table
) -> None:
    stated = {rule.id for rule in odcs.load(feed.name).rules}
    by = implied.rules(odcs.load(feed.name), table, odcs.load(table.name)).values()
    declared = {"the declaration of the feed", "the form of every pseudonym"}
    assert {name for item in by if item not in declared for name in item.split(" and ")} <= stated


def test_a_sound_file_and_its_tables_are_asked_in_one_statement(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[list[str]] = []
    really = suite.Suite._results

    def results(self: suite.Suite, rules: list[Rule]) -> list[object]:
        judged.append([rule.id for rule in rules])
        return really(self, rules)

    monkeypatch.setattr(suite.Suite, "_results", results)
    file = sent(tmp_path, "iom_caseload", {})
    checked = vault.check("iom_caseload", file, today=TODAY)
    vault.release(checked)
    assert judged == [["every rule"]]
    assert {part.contract.table for part in checked.parts} == {"adoptions", "person_links"}


def test_a_load_is_logged_with_what_was_run_and_what_another_rule_implied(
    vault: Vault, tmp_path: Path
) -> None:
    load(vault, tmp_path, "police_offences", {}, {"Crime Ref": "2", "Offence Date": "05/03/1995"})
    log = vault.connection.execute(
        "select result, implied_by, broken from load_checks where rule = ?",
        ["offences.committed_on_not_long_before"],
    ).fetchall()
    assert log == [("failed", None, 1)]
    log = dict(
        vault.connection.execute(
            "select rule, implied_by from load_checks where result = 'implied'"
        ).fetchall()
    )
    assert log["offences.committed_on.type"] == "police_offences.offence_date.type"
    assert log["offences.harm_group.known"] == "police_offences.offence_group.allowed"
    assert log["offences.person_id.required"] == "police_offences.pnc.required"
    assert log["offences.person_id.pattern"] == "the form of every pseudonym"
    assert log["offences.origin.required"] == "the declaration of the feed"
    assert not {"offences.key.new", "police_offences.pnc.required"} & set(log)


# feed, its header of the day, and a day that is long before the extract.
OLD: list[tuple[str, str, str]] = [
    ("iom_caseload", "Adopted", "30/03/2016"),
    ("police_offences", "Offence Date", "30/03/2016"),
    ("police_arrests", "Arrest Date", "30-Mar-16"),
    ("police_domestic", "Incident Date", "30/03/2016"),
    ("probation_sentences", "Sentence Date", "2016-03-30"),
    ("probation_appointments", "Appt Date", "30/03/2016"),
    ("probation_enforcement", "Action Date", "30/03/2016"),
    ("probation_custody", "Received", "1996-03-30"),
    ("probation_assessments", "Assessed", "30/03/2016"),
    ("drug_service_treatment", "Referral Date", "30-Mar-16"),
    ("drug_service_tests", "Test Date", "30-Mar-16"),
    ("mental_health_care", "Referral_Received", "2016-03-30"),
    ("housing_stays", "Moved In", "30/03/1996"),
    ("employment_status", "Status From", "19960330"),
    ("childrens_involvement", "Opened", "30 Mar 1996"),
    ("programme_places", "Offered", "30/03/2016"),
]


@pytest.mark.parametrize(("feed", "header", "day"), OLD, ids=[feed for feed, *_ in OLD])
def test_a_day_long_before_the_extract_is_let_in_with_a_warning_in_the_agencys_words(
    feed: str, header: str, day: str, empty: Vault, tmp_path: Path
) -> None:
    checked = empty.check(feed, sent(tmp_path, feed, {header: day}), today=date(2026, 4, 1))
    [warned] = checked.every_warning
    assert (warned.count, warned.breaks[0].row, warned.breaks[0].column) == (1, 2, header)
    assert "years before the extract" in str(warned)


@pytest.mark.parametrize(("feed", "header", "day"), OLD, ids=[feed for feed, *_ in OLD])
def test_a_day_just_within_reach_of_the_extract_is_no_warning(
    feed: str, header: str, day: str, empty: Vault, tmp_path: Path
) -> None:
    later = day.replace("30", "31", 1) if not day.endswith("30") else f"{day[:-2]}31"
    checked = empty.check(feed, sent(tmp_path, feed, {header: later}), today=date(2026, 4, 1))
    assert checked.every_warning == ()


@pytest.mark.parametrize(("today", "warned"), [(date(2026, 5, 1), False), (date(2026, 5, 2), True)])
@pytest.mark.parametrize("feed", FEEDS)
def test_an_extract_older_than_a_month_is_told_under_the_agencys_header(
    feed: str, today: date, warned: bool, empty: Vault, tmp_path: Path
) -> None:
    checked = empty.check(feed, sent(tmp_path, feed, {}), today=today)
    cells = {(e.row, e.value) for w in checked.every_warning for e in w.breaks}
    assert cells == ({(None, "32")} if warned else set())
    extract = FEEDS[feed].tables[0].columns["extracted_on"].column
    header = odcs.load(feed).column(extract).header
    assert {e.column for w in checked.every_warning for e in w.breaks} <= {header}


def test_every_warning_of_an_agencys_table_has_its_broken_example() -> None:
    warnings = {rule.id.partition(".")[2] for rule in TABLE_RULES if rule.severity == "warning"}
    days = {each for each in warnings if each.endswith("_not_long_before")}
    assert warnings == {*days, "extracted_on_recent", "site_of_agency"}
    assert {feed for feed, *_ in OLD} == set(FEEDS)


def test_there_are_thirty_kinds_of_broken_file() -> None:
    assert len({(feed, *change) for feed, change, _ in BROKEN}) >= 30


def test_a_missing_column_is_named_by_the_agencys_header_and_once(
    empty: Vault, tmp_path: Path
) -> None:
    row = {k: v for k, v in SOUND["police_offences"].items() if k != "Offence Group"}
    with pytest.raises(ContractBroken) as refused:
        empty.load("police_offences", write(tmp_path / "a.csv", [row]), today=TODAY)
    assert [str(item) for item in refused.value.breaks] == [
        "a.csv, column 'Offence Group': The column is missing. Add it; its header is Offence Group."
    ]


@pytest.mark.parametrize(
    ("feed", "extra", "cell", "column"),
    [
        ("police_offences", "Surname", "Corban", "surname"),
        ("police_offences", "Notes", "see 2004/1234567X", "notes"),
        ("probation_appointments", "Office", "ask 07700 900123", "Office"),
        ("housing_stays", "Postcode", "B70 8ET", "postcode"),
        ("police_arrests", "Custody Ref", "2001/0123456X", "Custody Ref"),
    ],
)
def test_an_identifier_outside_its_own_column_is_refused_and_never_shown(
    feed: str, extra: str, cell: str, column: str, empty: Vault, tmp_path: Path
) -> None:
    with pytest.raises(ContractBroken) as refused:
        empty.load(feed, sent(tmp_path, feed, {extra: cell}), today=TODAY)
    assert column in {item.column for item in refused.value.breaks}
    assert cell not in str(refused.value)
    assert "which identifies a person directly" in str(refused.value)
    assert "iomdash takes them under" in str(refused.value)


def test_an_agency_table_is_not_loaded_past_its_feed(empty: Vault, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'offences' is filled from agencies' files"):
        empty.load("offences", tmp_path / "a.csv")


# ------------------------------------------------------------------------- one person's records


def test_every_agencys_record_of_one_person_meets_in_one_pseudonym(
    vault: Vault, tmp_path: Path
) -> None:
    for feed in FEEDS:
        load(vault, tmp_path, feed)
    tables = [table for table in odcs.AGENCY_TABLES if table != "person_links"]
    people = now(vault, " union ".join(f"select person_id from {table}" for table in tables))
    assert len(people) == 1
    for table in tables:
        assert now(vault, f"select count(*) from {table}") == [(1,)]


def test_each_form_becomes_the_tables_values(vault: Vault, tmp_path: Path) -> None:
    for feed in ("iom_caseload", "police_arrests", "employment_status", "childrens_involvement"):
        load(vault, tmp_path, feed)
    day, taken = date(2025, 3, 5), date(2026, 3, 31)
    columns = (
        "cohort, provider, supervision, area, age_band, adopted_on, left_on, left_reason, origin"
    )
    assert now(vault, f"select {columns} from adoptions") == [
        ("PPO", "CRC", "statutory", "tipton", "35 to 44", date(2025, 2, 1), None, None, "collected")
    ]
    assert now(vault, "select arrested_on, extracted_on from arrests") == [(day, taken)]
    assert now(vault, "select kind, benefit, from_on, to_on from work_spells") == [
        ("unemployed", "yes", day, None)
    ]
    assert now(vault, "select level, from_on from children_spells") == [("child_in_need", day)]


def test_excel_dates_are_read_as_days(vault: Vault, tmp_path: Path) -> None:
    row = {**SOUND["housing_stays"], "DOB": date(1987, 5, 17), "Moved In": date(2025, 3, 5),
           "As At": date(2026, 3, 31), "Moved Out": None}  # fmt: skip
    pl.DataFrame([row]).write_excel(tmp_path / "stays.xlsx")
    vault.load("housing_stays", tmp_path / "stays.xlsx", today=TODAY)
    assert now(vault, "select kind, from_on from housing_spells") == [
        ("transient", date(2025, 3, 5))
    ]


@pytest.mark.parametrize(
    ("born", "cohort", "band"),
    [
        ("01/02/2007", "PPO", "18 to 24"),
        ("02/02/2007", "U18", "under 18"),
        ("02/02/2000", "PPO", "18 to 24"),
        ("01/02/2000", "PPO", "25 to 34"),
        ("02/02/1990", "PPO", "25 to 34"),
        ("01/02/1990", "PPO", "35 to 44"),
        ("02/02/1980", "PPO", "35 to 44"),
        ("01/02/1980", "PPO", "45 or over"),
    ],
)
def test_the_age_band_is_that_of_the_day_of_adoption(
    born: str, cohort: str, band: str, empty: Vault, tmp_path: Path
) -> None:
    file = sent(tmp_path, "iom_caseload", {"DOB": born, "Cohort": cohort})
    checked = empty.check("iom_caseload", file, today=TODAY)
    part = checked.parts[0]
    assert part.staged.frame["age_band"].to_list() == [band]
    for part in checked.parts:
        part.forget(empty.connection)


def test_a_person_outside_the_caseload_keeps_his_own_pseudonym_until_it_comes(
    vault: Vault, tmp_path: Path
) -> None:
    load(vault, tmp_path, "police_offences")
    alone = now(vault, "select person_id from offences")
    load(vault, tmp_path, "iom_caseload", {"PNC ID": "2002/0000001A"})
    assert now(vault, "select person_id from offences") == alone
    load(vault, tmp_path, "iom_caseload", {"Extract Date": LATER})
    assert now(vault, "select person_id from offences") == now(
        vault, "select person_id from adoptions"
    )


def test_a_corrected_identifier_gives_its_records_back(vault: Vault, tmp_path: Path) -> None:
    load(vault, tmp_path, "police_offences")
    alone = now(vault, "select person_id from offences")
    load(vault, tmp_path, "iom_caseload")
    load(vault, tmp_path, "iom_caseload", {"PNC ID": "2002/0000001A", "Extract Date": LATER})
    assert now(vault, "select person_id from offences") == alone


def test_a_person_in_two_cohorts_is_one_person(vault: Vault, tmp_path: Path) -> None:
    first = {"De-selected": "01/06/2025", "Reason": "6M clear"}
    second = {"Case No": "IC-2", "Cohort": "DVA", "Adopted": "01/09/2025"}
    load(vault, tmp_path, "iom_caseload", first, second)
    assert now(vault, "select count(*), count(distinct person_id) from adoptions") == [(2, 1)]


# ---------------------------------------------------------------------------------------- history


def test_the_latest_extract_of_a_record_is_current_whichever_came_first(
    vault: Vault, tmp_path: Path
) -> None:
    load(vault, tmp_path, "police_offences", {"Outcome Date": "01/07/2026", "Run Date": LATER})
    load(vault, tmp_path, "police_offences")
    assert now(vault, "select proven_on, extracted_on from offences") == [
        (date(2026, 7, 1), date(2026, 9, 30))
    ]


def test_rows_sent_again_change_nothing(vault: Vault, tmp_path: Path) -> None:
    load(vault, tmp_path, "probation_custody", {}, {}, {"Spell ID": "P2"})
    before = now(vault, "from custody_spells order by custody_id")
    load(vault, tmp_path, "probation_custody", {"Spell ID": "P2"}, {})
    assert now(vault, "from custody_spells order by custody_id") == before
    assert len(before) == 2


def test_other_cells_of_the_same_record_and_extract_are_refused(
    vault: Vault, tmp_path: Path
) -> None:
    load(vault, tmp_path, "police_domestic")
    with pytest.raises(
        ContractBroken, match="row 2, column 'Incident No': 'D1': The vault already"
    ):
        load(vault, tmp_path, "police_domestic", {"Risk": "S"})


def test_an_open_spell_is_closed_by_a_later_extract(vault: Vault, tmp_path: Path) -> None:
    load(vault, tmp_path, "probation_custody")
    assert now(vault, "select to_on from custody_spells") == [(None,)]
    change = {"Released": "2026-05-05", "Extract Date": "2026-09-30"}
    load(vault, tmp_path, "probation_custody", change)
    assert now(vault, "select to_on from custody_spells") == [(date(2026, 5, 5),)]


FILES: list[tuple[str, list[Row]]] = [
    ("iom_caseload", [{"PNC ID": "2009/1A"}]),
    ("iom_caseload", [{"Extract Date": LATER}, {"Case No": "IC-2", "Extract Date": LATER}]),
    ("police_offences", [{}, {}, {"Crime Ref": "20/2-25", "PNC": "2009/1A"}]),
    ("police_offences", [{"Outcome Date": "01/07/2026", "Run Date": LATER}]),
    ("drug_service_tests", [{}]),
]
TABLES = ("adoptions", "offences", "drug_tests", "extracts")


@cache
def after(order: tuple[int, ...]) -> list[list[tuple]]:
    with tempfile.TemporaryDirectory() as folder, Vault.open(Path(folder) / "data") as vault:
        for place in order:
            feed, changes = FILES[place]
            load(vault, Path(folder), feed, *changes)
        return [now(vault, f"from {table} order by all") for table in TABLES]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(range(len(FILES))))
def test_the_order_of_loading_changes_nothing(order: list[int]) -> None:
    assert after(tuple(order)) == after(tuple(range(len(FILES))))


RUN_DATES = {EARLIER: date(2026, 3, 31), "30/06/2026": date(2026, 6, 30), LATER: date(2026, 9, 30)}
GROUPS = {"BURGLARY": "burglary", "ROBBERY": "robbery"}
PROVEN = {"": None, "20/03/2026": date(2026, 3, 20)}
EXTRACTS = st.lists(
    st.dictionaries(
        st.sampled_from(["20/1-25", "20/2-25", "20/3-25"]),
        st.tuples(st.sampled_from([*GROUPS]), st.sampled_from([*PROVEN])),
        min_size=1,
    ),
    min_size=2, max_size=3,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(extracts=EXTRACTS, data=st.data(), twice=st.booleans())
def test_late_corrections_and_rows_sent_again_change_what_they_should_and_nothing_else(
    extracts: list[dict[str, tuple[str, str]]], data: st.DataObject, twice: bool
) -> None:
    dated = list(zip(RUN_DATES, extracts, strict=False))
    latest: dict[str, tuple] = {}
    for taken, records in dated:
        for reference, (group, proven) in records.items():
            latest[reference] = (reference, GROUPS[group], PROVEN[proven], RUN_DATES[taken])
    with tempfile.TemporaryDirectory() as folder, Vault.open(Path(folder) / "data") as vault:
        for taken, records in data.draw(st.permutations(dated)):
            rows = [
                {"Crime Ref": reference, "Offence Group": group, "Outcome Date": proven,
                 "Run Date": taken}
                for reference, (group, proven) in records.items()
            ]  # fmt: skip
            load(vault, Path(folder), "police_offences", *rows * (1 + twice))
        columns = "offence_id, harm_group, proven_on, extracted_on"
        held = now(vault, f"select {columns} from offences order by all")
    assert held == sorted(latest.values())


def test_a_feed_that_nobody_has_sent_is_missing_not_empty(vault: Vault, tmp_path: Path) -> None:
    assert now(vault, "from extracts") == []
    load(vault, tmp_path, "police_arrests")
    load(vault, tmp_path, "police_domestic", {"Origin": "synthetic"})
    taken = date(2026, 3, 31)
    assert now(vault, "from extracts order by all") == [
        ("arrests", taken, "collected"), ("domestic_incidents", taken, "synthetic"),
    ]  # fmt: skip
    assert now(vault, "from offences") == []


def test_a_load_of_a_feed_is_logged_with_the_rules_of_both_contracts(
    vault: Vault, tmp_path: Path
) -> None:
    load(vault, tmp_path, "police_arrests")
    (loaded,) = vault.loads()
    rules = [*odcs.load("police_arrests").rules, *odcs.load("arrests").rules]
    assert (loaded.table, loaded.rows, loaded.checks) == ("police_arrests", 1, len(rules) + 2)
