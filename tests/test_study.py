"""The built-in data: a wave from a seed, labelled synthetic, and the study held to its sources."""

import csv
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iomdash.declared.codebook import CODES
from iomdash.declared.contracts.odcs import TABLES
from iomdash.study import STUDY_FILES, synthetic
from iomdash.vault import reader
from iomdash.vault.writer import Vault

TODAY = date(2026, 11, 1)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The synthetic wave as its parameters say."""
    return synthetic.write(tmp_path_factory.mktemp("made"))


def loaded(folder: Path, files: dict[str, Path]) -> dict[str, int]:
    """Rows in a fresh vault after loading every file that there is."""
    with Vault.open(folder) as held:
        for table in TABLES:
            if table in files:
                held.load(table, files[table], today=TODAY)
    with reader.read(folder) as con:
        return {t: con.execute(f"select count(*) from {t}").fetchall()[0][0] for t in files}


def test_a_seed_gives_the_same_bytes_every_time(tmp_path: Path, made: dict[str, Path]) -> None:
    again = synthetic.write(tmp_path)
    assert {t: p.read_bytes() for t, p in again.items()} == {
        t: p.read_bytes() for t, p in made.items()
    }


def test_another_seed_gives_another_wave(tmp_path: Path, made: dict[str, Path]) -> None:
    other = synthetic.write(tmp_path, seed=1)
    assert other["codings"].read_bytes() != made["codings"].read_bytes()


def test_the_wave_has_160_interviews_over_cohorts_providers_and_supervision(
    made: dict[str, Path],
) -> None:
    people = rows(made["interviews"])
    assert len(people) == 160
    assert {p["cohort"] for p in people} == {"PPO", "HCCU", "SPOS", "DV&A"}
    assert {p["provider"] for p in people} == {"NPS", "CRC"}
    assert {p["supervision"] for p in people} == {"statutory", "voluntary"}


def test_every_field_of_the_information_sheet_is_filled(made: dict[str, Path]) -> None:
    people = pl.read_csv(made["interviews"])
    for field in ("age", "sex", "ethnicity", "age_first_offence", "still_offending",
                  "last_offence_on", "last_arrest_on", "single", "children", "childrens_services",
                  "alcohol_misuse", "drug_misuse", "mental_health_concern", "accommodation",
                  "employment", "benefit", "length_minutes", "setting"):  # fmt: skip
        assert people[field].n_unique() > (1 if field != "sex" else 0), field


def test_every_row_of_every_file_is_labelled_synthetic(made: dict[str, Path]) -> None:
    for table, path in made.items():
        assert {row["origin"] for row in rows(path)} == {"synthetic"}, table


def test_every_code_is_raised_by_somebody(made: dict[str, Path]) -> None:
    assert {row["code"] for row in rows(made["codings"])} == set(CODES)


def test_a_code_with_a_condition_is_raised_only_by_those_who_meet_it(
    made: dict[str, Path],
) -> None:
    said = {(r["interview_id"], r["code"]): r["stance"] for r in rows(made["codings"])}
    for person, code in said:
        gate = synthetic.condition(code)
        assert gate is None or said[person, gate] == "yes"


def test_nobody_is_quoted_who_did_not_consent_and_every_excerpt_is_a_paraphrase(
    made: dict[str, Path],
) -> None:
    consent = {p["interview_id"]: p["consent_quotation"] for p in rows(made["interviews"])}
    excerpts = rows(made["excerpts"])
    assert excerpts
    assert {consent[e["interview_id"]] for e in excerpts} == {"yes"}
    assert {e["kind"] for e in excerpts} == {"paraphrase"}
    assert "no" in consent.values()


def test_everybody_interviewed_was_approached(made: dict[str, Path]) -> None:
    interviewed = Counter(p["cohort"] for p in rows(made["interviews"]))
    approached = Counter(
        a["cohort"] for a in rows(made["approaches"]) if a["outcome"] == "interviewed"
    )
    assert approached == interviewed


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_the_caseload_of_a_cohort_is_no_smaller_than_its_interviews(n: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = synthetic.write(Path(folder), interviews=n, seed=seed)
        people = Counter(p["cohort"] for p in rows(files["interviews"]))
        known = {c["cohort"]: int(c["people"]) for c in rows(files["caseloads"])}
    assert people.total() == n
    assert all(known[cohort] >= number for cohort, number in people.items())


@pytest.mark.parametrize("interviews", [1, 11, 10_000])
def test_a_wave_of_any_size_keeps_its_contracts(tmp_path: Path, interviews: int) -> None:
    files = synthetic.write(tmp_path, interviews=interviews)
    result = loaded(tmp_path / "data", files)
    assert result == {table: len(rows(path)) for table, path in files.items()}
    assert result["interviews"] == interviews


def test_both_waves_keep_their_contracts_together(tmp_path: Path, made: dict[str, Path]) -> None:
    study = loaded(tmp_path / "data", STUDY_FILES)
    both = loaded(tmp_path / "data", made)
    for table, path in STUDY_FILES.items():
        assert study[table] == len(rows(path))
        assert both[table] == study[table] + len(rows(made[table]))


def test_the_study_has_11_interviews_of_22_approaches_by_cohort_and_provider() -> None:
    people = rows(STUDY_FILES["interviews"])
    assert Counter((p["cohort"], p["provider"]) for p in people) == {
        ("PPO", "CRC"): 5, ("HCCU", "CRC"): 2, ("SPOS", "NPS"): 2, ("DV&A", "CRC"): 2,
    }  # fmt: skip
    outcomes = Counter(a["outcome"] for a in rows(STUDY_FILES["approaches"]))
    assert outcomes == {"interviewed": 11, "declined": 3, "did_not_attend": 8}


@pytest.mark.parametrize("table", STUDY_FILES)
def test_every_row_of_the_study_says_whether_it_is_reported_or_reconstructed(table: str) -> None:
    assert {row["origin"] for row in rows(STUDY_FILES[table])} <= {"reported", "reconstructed"}


def test_who_makes_up_a_count_is_reconstructed_where_only_the_count_is_reported() -> None:
    said = {(r["interview_id"], r["code"]): r["origin"] for r in rows(STUDY_FILES["codings"])}
    early = [o for (_, code), o in said.items() if code == "early_help.would_have_helped"]
    assert (len(early), early.count("reconstructed")) == (9, 8)  # one person's words show it
    everybody = [o for (_, code), o in said.items() if code == "offending.stopped"]
    assert everybody == ["reported"] * 11


def test_the_cohort_is_reported_of_one_interviewee_and_reconstructed_of_the_others() -> None:
    origins = {p["interview_id"]: p["origin"] for p in rows(STUDY_FILES["interviews"])}
    assert [i for i, origin in origins.items() if origin == "reported"] == ["S17-01"]


def test_no_approach_of_the_study_states_a_cohort() -> None:
    assert {a["cohort"] for a in rows(STUDY_FILES["approaches"])} == {""}


def test_the_sheet_and_the_caseload_of_the_study_stay_open() -> None:
    assert "caseloads" not in STUDY_FILES
    for person in rows(STUDY_FILES["interviews"]):
        for field in ("age", "ethnicity", "age_first_offence", "employment", "benefit"):
            assert person[field] == ""


def test_an_excerpt_of_the_study_is_a_paraphrase_on_a_code_of_its_interviewee() -> None:
    coded = {(r["interview_id"], r["code"]) for r in rows(STUDY_FILES["codings"])}
    excerpts = rows(STUDY_FILES["excerpts"])
    assert {e["kind"] for e in excerpts} == {"paraphrase"}
    assert all((e["interview_id"], e["code"]) in coded for e in excerpts)
    assert not any(mark in e["text"] for e in excerpts for mark in '“”"')
