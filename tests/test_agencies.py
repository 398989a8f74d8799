"""The synthetic agencies: nobody in them exists, their files say so, and have real files' flaws."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from iomdash.declared.contracts import odcs
from iomdash.intake import identifiers, staging
from iomdash.intake.feeds import FEEDS
from iomdash.settings import VAULT_FILE
from iomdash.study import agencies
from iomdash.vault import current
from iomdash.vault.writer import Vault

PARAMETERS = agencies.parameters()
Sent = dict[str, list[Path]]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """The files as the parameters say: 640 people, three years."""
    return agencies.write(tmp_path_factory.mktemp("sent"))


def read(path: Path, feed: str) -> pl.DataFrame:
    return staging.read(path, odcs.load(feed)).frame


@pytest.fixture(scope="module")
def vault(demo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A copy of the demonstration's, into which the same files were loaded."""
    folder = tmp_path_factory.mktemp("vault")
    shutil.copy(demo_dir / VAULT_FILE, folder)
    with Vault.open(folder) as held:
        current.records(held.connection)
        yield held


def answer(vault: Vault, query: str) -> list[tuple]:
    return vault.connection.execute(query).fetchall()


def test_every_feed_is_drawn_twice(sent: Sent) -> None:
    assert set(sent) == set(FEEDS)
    assert {len(files) for files in sent.values()} == {2}
    assert {file.suffix for files in sent.values() for file in files} == {".csv", ".xlsx"}


def test_every_row_is_labelled_synthetic(sent: Sent, vault: Vault) -> None:
    for feed, files in sent.items():
        for file in files:
            assert file.name.startswith("synthetic_")
            assert set(read(file, feed)["origin"]) == {"synthetic"}
    assert {origin for *_, origin in answer(vault, "from extracts")} == {"synthetic"}
    assert len(answer(vault, "from extracts")) == len(odcs.AGENCY_TABLES) - 1


def test_a_seed_gives_the_same_rows_and_another_gives_others(tmp_path: Path) -> None:
    def drawn(name: str, **seed: int) -> Sent:
        (tmp_path / name).mkdir()
        return agencies.write(tmp_path / name, people=60, **seed)

    sent, again, other = drawn("a"), drawn("b"), drawn("c", seed=1)
    for feed, files in sent.items():
        assert read(files[-1], feed).equals(read(again[feed][-1], feed)), feed
    assert not read(other["police_offences"][-1], "police_offences").equals(
        read(sent["police_offences"][-1], "police_offences")
    )


@pytest.mark.parametrize("people", [1, 3, 2000])
def test_any_number_of_people_can_be_drawn(people: int, tmp_path: Path) -> None:
    files = agencies.write(tmp_path, people=people)
    caseload = read(files["iom_caseload"][-1], "iom_caseload")
    assert caseload["iom_ref"].n_unique() == people
    for number in caseload["nhs_no"].drop_nulls():
        assert identifiers.has_check_digit(number)
        assert number.startswith("999")  # the range that is kept for tests


def test_640_people_are_managed_over_three_years(vault: Vault) -> None:
    assert answer(vault, "select count(distinct person_id) from adoptions") == [(640,)]
    ((first, last),) = answer(vault, "select min(adopted_on), max(adopted_on) from adoptions")
    assert first < PARAMETERS["first_day"]
    assert date(2026, 6, 1) < last <= PARAMETERS["last_day"]


def test_some_people_are_in_two_cohorts_at_different_times(vault: Vault) -> None:
    twice = answer(
        vault,
        "select b.adopted_on - a.left_on from adoptions as a inner join adoptions as b "
        "on a.person_id = b.person_id and a.cohort <> b.cohort and a.adopted_on < b.adopted_on",
    )
    assert len(twice) >= 5
    assert all(days > 0 for (days,) in twice)


def test_the_company_is_renamed_and_stays_one_provider(sent: Sent, vault: Vault) -> None:
    names = set(read(sent["iom_caseload"][-1], "iom_caseload")["om_organisation"])
    assert names == {"NPS", "CRC", "Community Rehab Co"}
    assert answer(vault, "select distinct provider from adoptions order by 1") == [
        ("CRC",), ("NPS",),
    ]  # fmt: skip


def test_rows_are_sent_twice_in_one_file(sent: Sent) -> None:
    frame = read(sent["police_offences"][-1], "police_offences").drop("row_number")
    assert 0 < frame.height - frame.unique().height < frame.height / 20


def test_days_are_corrected_by_the_last_extract(vault: Vault) -> None:
    changed = "select count(*) from (select 1 from offences_log group by offence_id having "
    ((moved,),) = answer(vault, f"{changed} count(distinct committed_on) > 1)")
    ((proven,),) = answer(vault, f"{changed} count(proven_on) = 1 and count(*) > 1)")
    assert moved > 20
    assert proven > 20


@pytest.mark.parametrize(
    ("table", "end"),
    [("adoptions", "left_on"), ("custody_spells", "to_on"), ("housing_spells", "to_on")],
)
def test_some_spells_are_open(table: str, end: str, vault: Vault) -> None:
    ((open_, ended),) = answer(
        vault, f"select count(*) filter (where {end} is null), count({end}) from {table}"
    )
    assert open_
    assert ended


def test_stays_in_prison_do_not_overlap_and_nobody_offends_in_them(vault: Vault) -> None:
    overlaps = (
        "select count(*) from custody_spells as a inner join custody_spells as b "
        "on a.person_id = b.person_id and a.custody_id <> b.custody_id "
        "and b.from_on > a.from_on and b.from_on < coalesce(a.to_on, date '2026-09-30')"
    )
    inside = (
        "select count(*) from offences as o inner join custody_spells as c using (person_id) "
        "where o.committed_on > c.from_on and o.committed_on < coalesce(c.to_on, date '2026-09-30')"
    )
    assert answer(vault, overlaps) == [(0,)]
    assert answer(vault, inside) == [(0,)]


def test_offending_peaks_before_adoption_and_falls_back_to_what_it_was(vault: Vault) -> None:
    def offences(since: int, until: int) -> int:
        return answer(
            vault,
            "select count(*) from offences inner join (select person_id, min(adopted_on) as day "
            f"from adoptions group by 1) using (person_id) where committed_on - day >= {since} "
            f"and committed_on - day < {until} and day <= date '2025-12-31'",
        )[0][0]

    peak, earlier, after = offences(-270, 0), offences(-540, -270), offences(0, 270)
    assert peak > 1.5 * earlier
    assert peak > 1.5 * after
    assert 0.5 < after / earlier < 1.3


def test_appointments_are_missed_more_often_in_winter(vault: Vault) -> None:
    ((winter, rest),) = answer(
        vault,
        "select avg(if(outcome = 'missed', 1, 0)) filter (where month(due_on) in (12, 1)), "
        "avg(if(outcome = 'missed', 1, 0)) filter (where month(due_on) not in (12, 1)) "
        "from appointments",
    )
    assert winter > rest + 0.03


def test_records_of_every_agency_meet_the_caseload(vault: Vault) -> None:
    for table in odcs.AGENCY_TABLES:
        if table not in ("person_links", "adoptions"):
            ((met, every),) = answer(
                vault,
                "select count(*) filter (where person_id in (select person_id from adoptions)), "
                f"count(*) from {table}",
            )
            assert met > 0.8 * every > 0, table
