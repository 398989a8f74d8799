"""Declarations that must fit together: findings, codes, themes, rates, exhibits, filters."""

import ast
import csv
import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iomdash.declared import scheme
from iomdash.declared.codebook import CODES, DERIVED, THEMES, Code, is_sensitive, name_of
from iomdash.declared.contracts import odcs
from iomdash.declared.findings import (
    FINDINGS,
    Claim,
    Difference,
    Exhibit,
    Finding,
    asks,
    by_theme,
    find,
)
from iomdash.declared.findings.claims import NOT_INTERVIEWED, STUDY, ExhibitKind
from iomdash.declared.groups import EVERYONE
from iomdash.declared.information_sheet import FIELDS
from iomdash.declared.quantifiers import QUANTIFIERS
from iomdash.errors import ContractBroken, UsageError
from iomdash.pictures import agencies, exhibits
from iomdash.site import filters
from iomdash.study import STUDY_FILES, synthetic
from iomdash.study.stated import UNREPORTED
from iomdash.vault.writer import Vault

ROOT = Path(__file__).parents[1]
KNOWN = {*CODES, *DERIVED}
CONSENTS = [c.name for c in odcs.load("interviews").columns if c.name.startswith("consent_")]
CLAIMS = [(f.id, c) for f in FINDINGS for c in f.claims]
EXHIBITS = [(f.id, e) for f in FINDINGS for e in f.exhibits]
BY_ID = pytest.mark.parametrize("finding", FINDINGS, ids=lambda f: f.id)


def test_every_finding_of_the_study_is_there_once_and_in_order() -> None:
    assert [f.id for f in FINDINGS if f.origin == STUDY] == [f"F{i:02d}" for i in range(1, 19)]
    assert len({f.id for f in FINDINGS}) == len(FINDINGS)


@BY_ID
def test_a_finding_has_a_claim_an_exhibit_a_caveat_and_a_question(finding: Finding) -> None:
    assert finding.claims
    assert finding.exhibits
    assert finding.caveat.endswith(".")
    assert finding.ask.endswith("?")


@BY_ID
def test_a_finding_is_found_by_its_id_in_any_case(finding: Finding) -> None:
    assert find(finding.id.lower()) is finding


def test_an_unknown_finding_is_told_which_there_are() -> None:
    last = FINDINGS[-1].id
    with pytest.raises(UsageError, match=rf"no finding 'F00'. Choose one of F01 to {last}\."):
        find("F00")


@pytest.mark.parametrize(("finding", "claim"), CLAIMS)
def test_a_claim_names_codes_that_exist(finding: str, claim: Claim | Difference) -> None:
    if isinstance(claim, Difference):
        assert claim.codes
        assert set(claim.codes) <= KNOWN, finding
    elif claim.code != NOT_INTERVIEWED:
        assert {claim.code, claim.among or claim.code} <= KNOWN, finding


@pytest.mark.parametrize(
    "claim", [c for _, c in CLAIMS if isinstance(c, Claim)], ids=lambda c: c.code
)
def test_a_claim_is_a_sentence_that_any_quantifier_can_begin(claim: Claim) -> None:
    assert claim.quantifier in QUANTIFIERS
    assert claim.statement[0].isupper()
    assert not claim.statement.endswith(".")
    assert claim.said[0].islower()


@pytest.mark.parametrize(("finding", "exhibit"), EXHIBITS)
def test_an_exhibit_names_codes_or_fields_that_exist(finding: str, exhibit: Exhibit) -> None:
    names = {"profile": {f.id for f in FIELDS}, "recorded": set(agencies.PICTURES)}
    known = names.get(exhibit.kind, KNOWN)
    assert set(exhibit.of) <= known, finding


LENGTHS = {
    "cohorts": 1, "providers": 1, "pair": 2, "profile": 1, "recorded": 1,
    "matrix": 0, "recruitment": 0, "reached": 0, "needed": 0,
}  # fmt: skip


@pytest.mark.parametrize(("finding", "exhibit"), EXHIBITS)
def test_an_exhibit_names_as_many_codes_as_its_kind_draws(finding: str, exhibit: Exhibit) -> None:
    if exhibit.kind in LENGTHS:
        assert len(exhibit.of) == LENGTHS[exhibit.kind], finding
    else:
        assert len(exhibit.of) >= 2, finding


def test_every_kind_of_exhibit_can_be_drawn_and_is_used() -> None:
    assert set(exhibits.KINDS) == set(ExhibitKind.__args__)
    assert {e.kind for _, e in EXHIBITS} == set(exhibits.KINDS)


@BY_ID
def test_a_test_stands_beside_a_difference_on_its_codes_in_its_own_finding(
    finding: Finding,
) -> None:
    claimed = {c.codes for c in finding.claims if isinstance(c, Difference)}
    assert {e.of for e in finding.exhibits if e.kind == "test"} <= claimed


@BY_ID
def test_a_finding_says_who_made_it_where_and_when(finding: Finding) -> None:
    origin = finding.origin
    assert origin.words == f"{origin.name} in {origin.place}, {origin.year}"
    assert origin.name.startswith("the ")
    assert origin.place
    assert origin.wave.startswith(str(origin.year)) or not origin.wave


@pytest.mark.parametrize("finding", ["F06", "F09", "F10", "F11", "F13", "F14", "F16"])
def test_agencies_figures_stand_beside_the_findings_that_they_are_about(finding: str) -> None:
    assert any(e.kind == "recorded" for e in find(finding).exhibits)


def test_every_picture_of_agencies_figures_stands_beside_a_finding() -> None:
    used = {e.of[0] for _, e in EXHIBITS if e.kind == "recorded"}
    assert used == set(agencies.PICTURES)


# What shows beside the claims and needs interviews only, worked out by hand from the findings.
BESIDE = [
    ("F01", "codes", {c for c in CODES if c.startswith("selection.reason")}),
    ("F01", "cohorts", {"selection.agrees"}),
    ("F02", "heat", {"scheme.positive", "selection.understands", "selection.agrees"}),
    ("F02", "test", {"scheme.positive", "selection.understands", "selection.agrees"}),
    ("F03", "codes", {"roles.police_enforce", "roles.probation_enforce"}),
    ("F03", "cohorts", {"roles.blurred"}),
    ("F04", "pair", {"police.supportive", "police.controlling"}),
    ("F05", "cohorts", {"support.effect_on_stopping"}),
    ("F06", "cohorts", {"offending.stopped"}),
    ("F07", "heat", {"pathways.health.need", "trauma.unresolved", "trauma.help_offered"}),
    ("F08", "codes", {"programmes.done", "programmes.in_custody", "programmes.long_ago"}),
    ("F08", "codes", {"pathways.attitudes.need", "pathways.attitudes.offered"}),
    ("F09", "funnel", {"substance.need", "substance.in_treatment", "substance.satisfied"}),
    ("F10", "codes", {"environment.police_building", "environment.probation_office"}),
    ("F11", "matrix", set()),
    ("F12", "cohorts", {"change.ready"}),
    ("F12", "cohorts", {"rj.open"}),
    ("F13", "codes", {c for c in CODES if c.startswith("meetings.with_")}),
    ("F14", "profile", {"age_first_offence"}),
    ("F14", "codes", {"peers.offered", "peers.would_listen"}),
    ("F17", "profile", {"length_minutes"}),
    ("F18", "recruitment", set()),
    ("F18", "reached", set()),
    ("F18", "needed", set()),
    ("F18", "profile", {"setting"}),
]


@pytest.mark.parametrize(("finding", "kind", "codes"), BESIDE)
def test_an_exhibit_that_needs_interviews_only_stands_beside_its_finding(
    finding: str, kind: str, codes: set[str]
) -> None:
    assert any(e.kind == kind and codes <= set(e.of) for e in find(finding).exhibits)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda c: c.id)
def test_a_code_says_what_it_is_and_what_counts_as_yes_and_no(code: Code) -> None:
    words = dataclasses.asdict(code)
    for part in ("name", "definition", "yes", "no"):
        assert words[part].strip(), part
    for part in ("definition", "yes", "no"):
        assert words[part].endswith("."), part
    assert words["yes"] != words["no"]


def test_a_code_is_declared_once_and_its_theme_exists() -> None:
    text = (ROOT / "iomdash" / "declared" / "codebook.py").read_text("utf-8")
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and n.args]
    written = [str(c.args[0].value) for c in calls
               if isinstance(c.args[0], ast.Constant) and "." in str(c.args[0].value)]  # fmt: skip
    assert len(written) == len(set(written))
    assert {code.theme for code in CODES.values()} == {theme.id for theme in THEMES}


def test_every_finding_has_a_theme_and_stands_under_it() -> None:
    assert {f.theme for f in FINDINGS} <= {theme.id for theme in THEMES}
    assert sorted(f.id for group in by_theme().values() for f in group) == [f.id for f in FINDINGS]


@pytest.mark.parametrize(
    ("code", "sensitive"),
    [("offending.stopped", True), ("trauma.unresolved", True), ("substance.need", True),
     ("trauma.help_offered", True), ("pathways.health.need", True), ("voice.forums", False)],
)  # fmt: skip
def test_offending_trauma_drugs_and_mental_health_are_sensitive(code: str, sensitive: bool) -> None:
    assert is_sensitive(code) is sensitive


def test_a_code_that_follows_has_parts_that_are_coded_and_a_name_of_its_own() -> None:
    for derived in DERIVED.values():
        assert set(derived.parts) <= set(CODES)
        assert derived.id not in CODES
        assert name_of(derived.id) == derived.name


def test_of_every_code_2017_shows_somebody_or_is_said_to_report_nothing() -> None:
    with STUDY_FILES["codings"].open(encoding="utf-8") as file:
        shown = {row["code"] for row in csv.DictReader(file)}
    assert set(CODES) - shown == UNREPORTED, (
        "Add rows of a new code to wave_2017/codings.csv, or the code to UNREPORTED in stated.py."
    )


def test_a_code_is_drawn_with_the_rest_or_by_itself() -> None:
    known = synthetic.parameters()
    assert set(known["added"]) <= set(CODES)
    assert not set(known["added"]) & set(known["stances"])


@pytest.mark.parametrize("code", CODES)
def test_the_synthetic_wave_has_a_rate_for_every_code(code: str) -> None:
    shares = synthetic.rate(code)
    assert all(share >= 0 for share in shares)
    assert 0 < sum(shares) <= 1 + 1e-9


def test_the_parameters_of_the_synthetic_wave_name_nothing_unknown() -> None:
    known = synthetic.parameters()
    conditions = {**known["conditions"]}
    assert {*known["stances"], *known["shifts"], *conditions, *conditions.values()} <= set(CODES)
    assert set(known["pathways"]) == {p.id for p in scheme.PATHWAYS}
    adults = {c.id for c in scheme.COHORTS if c.adult}
    for part in ("cohorts", "nps", "voluntary", "caseloads"):
        assert set(known[part]) <= adults, part
    assert {c for shift in known["shifts"].values() for c in shift} <= adults
    assert set(known["approaches"]) <= {o.id for o in scheme.OUTCOMES}


def test_a_condition_of_the_synthetic_wave_is_one_that_findings_count_among() -> None:
    asked = {among for code, among in asks() if synthetic.condition(code)}
    assert asked <= {synthetic.condition(code) for code in CODES}
    for code, among in asks():
        assert synthetic.condition(code) == among


@pytest.mark.parametrize(
    ("name", "declared"),
    [("cohort", [c.id for c in scheme.COHORTS if c.adult]),
     ("provider", [p.id for p in scheme.PROVIDERS]),
     ("supervision", [s.id for s in scheme.SUPERVISIONS])],
)  # fmt: skip
def test_filters_offer_what_the_scheme_declares(name: str, declared: list[str]) -> None:
    assert [choice for choice in filters.CHOICES[name] if choice != EVERYONE] == declared


def test_the_cohorts_and_seven_pathways_are_those_of_the_scheme() -> None:
    assert [c.id for c in scheme.COHORTS] == ["PPO", "HCCU", "SPOS", "DV&A", "U18"]
    assert [c.id for c in scheme.COHORTS if not c.adult] == ["U18"]
    assert len(scheme.PATHWAYS) == 7
    for cohort in scheme.COHORTS:
        assert cohort.referral
        assert cohort.purpose
        assert cohort.who
        assert cohort.way_out


NEW = dataclasses.replace(scheme.COHORTS[0], id="NEW", name="A new cohort")


def approaches(folder: Path, cohort: str) -> Path:
    path = folder / "approaches.csv"
    path.write_text(
        "approach_id,wave,cohort,outcome,approached_on,origin\n"
        f"A1,2030,{cohort},declined,,synthetic\n"
    )
    return path


def test_a_cohort_that_is_added_to_the_scheme_may_enter_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = approaches(tmp_path, "NEW")
    with Vault.open(tmp_path / "data") as vault, pytest.raises(ContractBroken, match="NEW"):
        vault.load("approaches", path)
    monkeypatch.setattr(scheme, "COHORTS", (*scheme.COHORTS, NEW))
    with Vault.open(tmp_path / "data") as vault:
        assert vault.load("approaches", path).rows == 1
    assert "cohorts.id" in {c.refers_to for c in odcs.load("approaches").columns}


# A module that was imported before would keep the scheme's cohorts, so all of it runs apart.
WITH_A_NEW_COHORT = """
import dataclasses, json, sys
from iomdash.declared import scheme
first = scheme.COHORTS[0]
scheme.COHORTS = (*scheme.COHORTS, dataclasses.replace(first, id="NEW", name="A new cohort"))
from iomdash import cli
from iomdash.site import filters
from test_pages import opened, words
interviews, codings = sys.argv[1:]
assert cli.main(["load", "interviews", interviews]) == 0
assert cli.main(["load", "codings", codings]) == 0
assert cli.main(["publish"]) == 0
assert cli.main(["findings", "--cohort", "NEW"]) == 0
pages = [opened("overview", {"cohort": "NEW"}), opened("cohorts", {}), opened("cohort-NEW", {})]
assert not any(page.exception or page.error for page in pages)
print(json.dumps([filters.CHOICES["cohort"], *map(words, pages)]))
"""


def test_a_cohort_that_is_added_to_the_scheme_is_offered_and_read_by_every_part(
    tmp_path: Path,
) -> None:
    fields = ["wave", "provider", "supervision", "setting", *CONSENTS, "origin"]
    same = ["2030", "CRC", "statutory", "community", *["yes"] * len(CONSENTS), "synthetic"]
    people = [(f"i{i}", "NEW" if i < 6 else "PPO") for i in range(13)]
    files = {
        "interviews.csv": [("interview_id", "cohort", *fields), *((*who, *same) for who in people)],
        "codings.csv": [
            ("interview_id", "code", "stance", "coder", "origin"),
            *((who, "scheme.positive", "yes", "c1", "synthetic") for who, _ in people),
        ],
    }
    for name, rows in files.items():
        (tmp_path / name).write_text("\n".join(map(",".join, rows)))
    data = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", WITH_A_NEW_COHORT, *(tmp_path / name for name in files)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "IOMDASH_DATA": data, "IOMDASH_RELEASES": f"{data}/releases",
             "PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    choices, overview, cohorts, page = json.loads(done.stdout.splitlines()[-1])
    assert "All spoke well of the scheme: 6 of 6." in done.stdout
    assert "NEW" in choices
    assert "NEW" in overview
    assert "6 of 6" in overview
    assert "A new cohort" in cohorts
    assert "A new cohort" in page
    assert "6 interviews in wave 2030" in page


def test_no_other_module_than_the_scheme_lists_the_cohorts() -> None:
    listing = [
        path.name
        for folder in ("iomdash", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "scheme.py" and re.search(r"[\"'](?:HCCU|SPOS|U18)[\"']", path.read_text())
    ]
    assert listing == []


def test_the_changelog_says_which_numbers_changed() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert releases
    assert all("### Numbers changed" in part for part in releases)
