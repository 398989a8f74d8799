"""Files of many rows are read and judged by shorter ways: each comes to what the long one does."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import kinds
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_feeds import sent

from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken
from iomdash.intake import cells, piece, staging
from iomdash.intake.contracts import suite
from iomdash.intake.rows import Aside, Held
from iomdash.intake.sources import sheet
from iomdash.vault import tables, trial
from iomdash.vault.trial import File, Sound
from iomdash.vault.writer import Vault

TODAY = date(2026, 4, 1)
Short = Callable[[], None]

BROKEN = {
    "an unknown code": (",scheme.positive,", ",scheme.positve,"),
    "an unknown interview": ("S26-003,", "S26-993,"),
    "no stance": (",yes,", ",,"),
    "a coder of no such form": (",ab,", ",A B,"),
    "no day": ("2026-03-12", "soon"),
    "a day that lies ahead": ("2026-03-12", "2036-03-12"),
    "a row twice": ("S26-003,", "S26-002,"),
    "an origin that no list has": ("collected", "elsewhere"),
    "nothing wrong": ("ab", "ab"),
}
DIRTY = kinds.CODINGS.replace(",yes,", ", YES ,", 5).replace("2026-03-12", "12/03/2026", 7)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    folder = tmp_path_factory.mktemp("many")
    (folder / "interviews.csv").write_text(kinds.INTERVIEWS)
    held = Vault.open(folder / "data")
    held.load("interviews", folder / "interviews.csv", today=TODAY)
    return held


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Short:
    """Makes a file of any size one of many rows, with few values in each column."""

    def as_if() -> None:
        monkeypatch.setattr(piece, "_MANY", 0)
        monkeypatch.setattr(piece, "_MANY_ALIKE", 0)

    return as_if


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("rows", [1, 12])
def test_values_that_are_asked_refuse_what_cells_refuse(
    fault: str, rows: int, vault: Vault, short: Short, tmp_path: Path
) -> None:
    before, after = BROKEN[fault]
    file = tmp_path / "codings.csv"
    file.write_text(kinds.CODINGS.replace(before, after, rows))
    asked_of_cells = said(vault, file)
    short()
    assert said(vault, file) == asked_of_cells
    assert bool(asked_of_cells) == (fault != "nothing wrong")


def test_a_column_of_an_odd_name_is_left_out_of_many_rows_as_of_few(
    vault: Vault, short: Short, tmp_path: Path
) -> None:
    header, *lines = kinds.CODINGS.splitlines()
    file = tmp_path / "codings.csv"
    odd = "what's; drop"
    file.write_text("\n".join([f"{header},{odd}", *(f"{row},x" for row in lines)]))
    short()
    checked = vault.check("codings", file, today=TODAY)
    vault.release(checked)
    assert odd in checked.staged.reading.left_out[0].replace("_", " ")
    rows = checked.staged.rows
    assert isinstance(rows, Held)
    assert set(rows.few) <= {*kinds.CODED.split(",")}


def said(vault: Vault, file: Path) -> list[str]:
    try:
        vault.release(vault.check("codings", file, today=TODAY))
    except ContractBroken as broken:
        return [*map(str, broken.breaks), str(broken.total)]
    return []


def test_a_rule_of_one_cell_is_asked_of_values_and_not_of_rows(vault: Vault) -> None:
    vault.connection.execute("create or replace temp table rows_of_it as select 7 as row_number")
    values = "create or replace temp table stances_of_it as select 'perhaps' as stance"
    vault.connection.execute(values)
    rules = [rule for rule in odcs.load("codings").rules if rule.id == "codings.stance.known"]
    aside = Aside({"stance": "stances_of_it"})
    with (
        suite.over(vault.connection, "rows_of_it", rules, aside) as asked,
        pytest.raises(Exception),  # noqa: B017, PT011
    ):
        asked.refused()  # the value is refused, so the rows are asked, which have no such column
    vault.connection.execute("update stances_of_it set stance = 'yes'")
    with suite.over(vault.connection, "rows_of_it", rules, aside) as asked:
        assert asked.refused() == []


@pytest.mark.parametrize("text", [DIRTY, kinds.CODINGS, DIRTY.replace("ab", "n/a")])
def test_cells_that_are_not_told_apart_are_read_as_those_that_are(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "codings.csv"
    file.write_text(text)
    told_apart = staging.read(file, odcs.load("codings"))
    monkeypatch.setattr(cells, "_SAMPLE", 1)
    monkeypatch.setattr(cells, "_MOSTLY", 0)
    every = staging.read(file, odcs.load("codings"))
    assert every.frame.equals(told_apart.frame)
    assert every.reading == told_apart.reading
    assert sorted(map(str, every.faults)) == sorted(map(str, told_apart.faults))
    assert every.fault_counts == told_apart.fault_counts


PIECES = ("<c", "<row", "<col", " ", "/", ">", 'r="', "r=", "A", "AB", "5", "6", "0", "12345", '"')
LOOKED_AT = (r'<c[\s/>](?!r="[A-Z][1-5]?[0-9]{1,5}")', r'<row(?! r="[1-5]?[0-9]{1,5}")')


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_cell_is_far_where_its_place_is_not_as_spreadsheets_write_it(text: str) -> None:
    # An end within a cell, which no sheet has, tells neither.
    text += " ends here " * 2
    far = any(re.search(pattern, text) for pattern in LOOKED_AT)
    assert sheet._holds(text.encode(), sheet._FAR) == far


@pytest.mark.parametrize("before", [0, 2**20 - 14, 2**20 - 12, 2**20 - 11, 2**20 + 70])
@pytest.mark.parametrize("sign", ['t="e"', "hidden=", "<f>", 's="7"', '<c r="AB1"', "<row>"])
def test_a_sign_is_found_wherever_it_stands_in_a_sheet(before: int, sign: str) -> None:
    styles = {0: "General", 7: "0.00"}
    xml = b"<worksheet>" + b"-" * before + sign.encode() + "é".encode() * 20
    assert not sheet.is_plain(xml, styles)
    assert sheet.is_plain(xml.replace(sign.encode(), b'<c r="B12" s="0"'), styles)


def test_contracts_are_held_against_a_vault_again_where_one_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    completed: list[object] = []
    monkeypatch.setattr(tables, "_complete", lambda con: completed.append(con) or whole(con))
    for times, mark in ((1, "a"), (1, "a"), (2, "b"), (2, "b")):
        monkeypatch.setattr(odcs, "mark", lambda mark=mark: mark)
        with Vault.open(tmp_path / "data"):
            pass
        assert len(completed) == times


whole = tables._complete


def test_a_list_that_is_not_as_it_is_declared_is_written_anew(tmp_path: Path) -> None:
    with Vault.open(tmp_path / "data") as vault:
        declared = vault.connection.execute("from cohorts").fetchall()
        vault.connection.execute("delete from cohorts where id = 'PPO'")
        vault.connection.execute("create or replace table stances (id varchar, beside integer)")
    with Vault.open(tmp_path / "data") as vault:
        assert vault.connection.execute("from cohorts").fetchall() == declared
        assert vault.connection.execute("select * from stances limit 0").description is not None
        columns = vault.connection.execute("describe stances").fetchall()
        assert [column[0] for column in columns] == ["id"]


@pytest.mark.parametrize(("most", "width"), [(11, 1), (12, 7)])
def test_a_page_keeps_no_cells_of_a_file_of_many_rows(
    most: int, width: int, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_MANY", most)
    file = tmp_path / "codings.csv"
    file.write_text(kinds.CODINGS)
    [outcome] = trial.check(vault, [File("codings", file)])
    assert isinstance(outcome, Sound)
    assert outcome.checked
    staged = outcome.checked.staged
    assert staged.frame.shape == (12, width)
    assert staged.shown(2, "code") == (None if width == 1 else "scheme.positive")


def test_keys_that_are_told_apart_by_a_part_alone_are_no_key_twice() -> None:
    rule = next(rule for rule in odcs.load("codings").rules if rule.id == "codings.key.unique")
    with duckdb.connect() as con:
        con.execute(
            "create table sent as select * from (values (1, 'a', 'b', 'c'), (2, 'a', 'b', 'd'), "
            "(3, 'a', 'b', 'c'), (4, 'a', null, 'c'), (5, 'a', null, 'c'), (6, 'ab', '', 'c')) "
            "as t(row_number, interview_id, code, coder)"
        )
        found = con.execute((rule.query or "").format(batch="sent")).fetchall()
    assert sorted(found) == [(1, "a"), (3, "a")]


@pytest.mark.parametrize("many", [False, True])
def test_days_of_an_agencys_sound_file_are_days_in_its_tables(
    many: bool, vault: Vault, short: Short, tmp_path: Path
) -> None:
    if many:
        short()
    file = sent(tmp_path, "probation_custody", {})
    checked = vault.check("probation_custody", file, today=TODAY)
    for part in checked.parts:
        days = [column.name for column in part.contract.columns if column.kind == "date"]
        assert {part.staged.frame.schema[name] for name in days} == {pl.Date}
    vault.release(checked)
