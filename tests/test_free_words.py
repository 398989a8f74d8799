"""No word that somebody typed freely into a file reaches a release: each is planted and sought.

A release may hold words of lists that the partnership declares, and excerpts that two people stand
behind. Here every other column of text has a mark in each of its cells.
"""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from test_feeds import SOUND, write
from test_planted import drawn
from test_planted import load as load_interviews

from iomdash.declared import audiences, places
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import AGENCY_TABLES, TABLES, Column
from iomdash.intake.feeds import FEEDS
from iomdash.intake.feeds.declaration import raw_columns
from iomdash.publishing.publish import publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.vault.writer import Vault

TODAY = date(2026, 4, 1)
MARK = "zq"
SITES = [site.name for site in places.declared().sites]
PEOPLE = 12
# Columns of free words that reach a release all the same, and why they may.
LEAVE = {
    "text": "an excerpt: its interviewee agreed, and a second person read it for what it tells",
    "wave": "a year, and at most a season, a quarter or a number: its form has no other word",
    "quarter": "a year and a quarter: its form has no word at all",
}
WAVE = re.compile(r"[0-9]{4}(-(spring|summer|autumn|winter|q[1-4]|[1-9]))?")


def free(table: str) -> list[Column]:
    """The columns of a contract whose words no list holds."""
    columns = odcs.load(table).columns
    return [c for c in columns if c.kind == "text" and not listed(c) and not becomes(table, c)]


def listed(column: Column) -> bool:
    return bool(column.allowed) or (column.refers_to or "").endswith(".id")


def becomes(feed: str, column: Column) -> bool:
    """Whether an agency's column becomes one of the vault whose words a list holds."""
    made = [
        odcs.load(table.name).column(name)
        for table in (FEEDS[feed].tables if feed in FEEDS else ())
        for name, source in table.columns.items() if column.name in raw_columns(source)
    ]  # fmt: skip
    return bool(made) and all(listed(each) for each in made)


@pytest.mark.parametrize("table", [*TABLES, *AGENCY_TABLES, *FEEDS])
def test_a_column_of_free_words_is_declared_never_to_leave(table: str) -> None:
    never = {"pseudonym", "identifier"}
    left = {column.name for column in free(table) if column.classification not in never}
    assert left <= set(LEAVE)


@pytest.mark.parametrize("table", [t for t in TABLES if "wave" in [c.name for c in free(t)]])
@pytest.mark.parametrize(
    ("wave", "is_one"),
    [("2030", True), ("2030-autumn", True), ("2030-q3", True), ("2030-2", True),
     ("2030-corban", False), ("2030-jo", False), ("2030-q5", False), ("2030-", False)],
)  # fmt: skip
def test_a_wave_has_no_word_but_a_season(table: str, wave: str, is_one: bool) -> None:
    pattern = odcs.load(table).column("wave").pattern
    assert pattern == f"^{WAVE.pattern}$"
    assert bool(WAVE.fullmatch(wave)) is is_one


def crn(person: int) -> str:
    return f"X1000{person:02}"


def marked(feed: str) -> list[dict[str, str]]:
    """Rows of a feed, a mark in each cell of free words that is no number of a person."""
    reference = next(iter(SOUND[feed]))
    rows = [{**SOUND[feed], reference: f"ZQ-{feed[:9]}-{n}"} for n in range(PEOPLE)]
    for person, row in enumerate(rows):
        if "CRN" in row:
            row["CRN"] = crn(person)
        for header in row:
            if re.search("surname|forename|first name", header, re.IGNORECASE):
                row[header] = f"Zqname{chr(97 + (person if feed == 'iom_caseload' else 0))}"
        if feed == "iom_caseload":
            row["IOM Ref"] = f"IOM1000{person:02}"
            if person:
                row.update({"PNC ID": "", "NHS No": "", "NI Number": ""})
    return rows


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("free")
    data = folder / "data"
    load_interviews(data, drawn(folder), folder, "zq-file")
    with Vault.open(data) as vault:
        for feed in FEEDS:
            path = write(folder / f"zq-file-{feed}.csv", marked(feed))
            vault.load(feed, path, today=TODAY, user="zq-user")
    publish(data, data / "releases")
    yield data
    shutil.rmtree(folder, ignore_errors=True)


def test_every_feed_has_a_mark_in_each_cell_of_free_words() -> None:
    for feed in FEEDS:
        headers = {column.header for column in free(feed) if not column.identifies}
        for row in marked(feed):
            assert all(row[header].lower().startswith(MARK) for header in headers)


def words(release: Release) -> Iterator[tuple[str, str, str]]:
    """Every cell of text of every table of a release, its log and its quality among them."""
    for found in release.rows("select table_name from duckdb_tables()"):
        for row in release.rows(f"from {found['table_name']}"):
            for name, value in dict[str, Any](row).items():
                for text in value if isinstance(value, list | tuple) else [value]:
                    if isinstance(text, str):
                        yield str(found["table_name"]), str(name), text


@pytest.mark.parametrize("audience", audiences.names())
def test_no_word_that_somebody_typed_freely_reaches_a_release(planted: Path, audience: str) -> None:
    cells = [*words(Release(shelf.path_of(planted / "releases", audience)))]
    tables = {table for table, _, _ in cells}
    assert {"recorded_attendance", "loads", "checks", "claims", "manifest"} <= tables
    assert {text for table, name, text in cells if (table, name) == (
        "recorded_attendance", "site")} == {"All", *SITES}  # fmt: skip
    leaks = [cell for cell in cells if MARK in cell[2].lower()]
    assert leaks == []
    assert [cell for cell in cells if re.search("p:[0-9a-f]{32}", cell[2])] == []


def test_the_marks_are_in_the_vault(planted: Path) -> None:
    with Vault.open(planted) as vault:
        for table in AGENCY_TABLES:
            if table != "person_links":
                stored = odcs.load(table).stored
                row = vault.connection.execute(f"from {stored} limit 1").fetchone()
                assert MARK in json.dumps(row, default=str).lower(), table
