"""The analyst's pages Upload and Start: what a file is for, what is wrong with it, and the load."""

import gc
import io
import json
import os
import re
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event

import fastexcel
import kinds
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from test_absent_rows import JUNE, SEPTEMBER, written
from test_feeds import SOUND
from test_trials import FILES, table_of
from workbench_pages import LONGEST, labels, opened, press, settled, words

from iomdash import cli, demo
from iomdash.declared.contracts import odcs
from iomdash.errors import Break, ContractBroken, EnvironmentFault
from iomdash.intake import templates
from iomdash.intake.feeds import FEEDS
from iomdash.intake.recognition import in_order, recognised
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.intake.staging import Staged
from iomdash.release.table_csv import csv_of
from iomdash.vault import log, reader
from iomdash.vault.lock import lock_for
from iomdash.vault.trial import Broken, Held, Sound
from iomdash.vault.writer import Vault
from iomdash.workbench import folder, reading, remembered, results, start, to_do
from iomdash.workbench.desk import EFFECT, Desk, Upload
from iomdash.workbench.folder import Folder, plain_name
from iomdash.workbench.task import Task

# Trials whose headers are those of no table: no text, other signs, another program's, a rename.
NOBODYS = (
    "C08_nul.csv", "C14_utf8_plus_cp1252.csv", "C15d_taguette_like.csv", "C15e_header_stars.csv",
    "C23_quoted_whole_lines.csv", "C25_caret_delim.csv", "F01_data_police_uk.csv", "X28_old.xls",
    "X31_zipped_csv.zip",
)  # fmt: skip
# A table of few columns, whose check is cheap, and which refers to no other.
APPROACHES = """approach_id,wave,cohort,outcome,approached_on,origin
A26-1,2026,PPO,interviewed,2026-03-10,collected
A26-2,2026,PPO,declined,2026-03-11,collected
"""
MORE = APPROACHES.replace("A26", "A27")
BROKEN = kinds.INTERVIEWS.replace("NPS", "NSP", 2).replace("male", "mal", 1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def sent(desk: Desk, name: str, content: str | bytes) -> Upload:
    desk.add(name, io.BytesIO(content if isinstance(content, bytes) else content.encode()))
    return next(each for each in desk.uploads if each.name == plain_name(name))


def done(desk: Desk) -> None:
    assert desk.task
    assert desk.task.wait(LONGEST)
    desk.settle()


def checked(desk: Desk) -> list[object]:
    desk.check()
    done(desk)
    return [each.outcome for each in desk.ordered]


def loaded(desk: Desk) -> None:
    desk.load()
    done(desk)


# ------------------------------------------------------------------------- which table a file is of


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_each_template_is_recognised_as_its_own_table(suffix: str, tmp_path: Path) -> None:
    for table in (*odcs.TABLES, *FEEDS):
        file = tmp_path / f"{table}{suffix}"
        templates.write(table, file)
        assert recognised(file).table == table
    templates.write("codings", tmp_path / f"wide{suffix}", wide=True)
    assert recognised(tmp_path / f"wide{suffix}").table == "codings"


def test_each_agencys_file_is_recognised_by_its_own_headers(tmp_path: Path) -> None:
    for feed, row in SOUND.items():
        (tmp_path / "file.csv").write_text(csv_of([*row], [[*row.values()]]))
        assert recognised(tmp_path / "file.csv").table == feed


def test_files_as_people_have_them_are_recognised_or_somebody_is_asked() -> None:
    for file in sorted(FILES.glob("*")):
        known = "interviews" if file.stem == "base_interviews" else table_of(file.name)
        expected = None if file.name in NOBODYS else known
        assert (file.name, recognised(file).table) == (file.name, expected)


@pytest.mark.parametrize(
    ("header", "tables"),
    [
        (" Interview-ID ;CODE;Stance;Coder;Coded on", ("codings",)),
        ("interview_id,coder,scheme.positive,scheme.negative", ("codings",)),
        ("interview_id,name,address", ()),
        ("", ()),
    ],
)
def test_headers_are_held_against_every_table_whatever_their_case(
    header: str, tables: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "file.csv").write_text(f"{header}\nx\n")
    assert recognised(tmp_path / "file.csv").tables == tables


def test_a_file_of_many_megabytes_is_recognised_by_its_beginning(tmp_path: Path) -> None:
    rows = "S26-001,scheme.positive,yes,ab,£é£é£é£é\n" * 120_000
    (tmp_path / "file.csv").write_text(f"interview_id,code,stance,coder,coded_on\n{rows}")
    assert recognised(tmp_path / "file.csv").table == "codings"


def test_a_file_of_very_many_columns_is_no_tables_and_costs_no_time(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(",".join(["interview_id"] * 100_000) + "\n")
    begun = time.process_time()
    assert recognised(tmp_path / "file.csv").tables == ()
    assert time.process_time() - begun < 5


def test_files_are_loaded_in_the_order_in_which_they_refer_to_one_another() -> None:
    given = ["excerpts", "police_offences", "codings", "interviews"]
    order = [given[place] for place in in_order(given)]
    assert order.index("interviews") < order.index("codings") < order.index("excerpts")


# ------------------------------------------------------------------------------ the private folder


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("spring.csv", "spring.csv"),
        ("../x.csv", "x.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\me\\spring.csv", "spring.csv"),
        ("..", "file"),
        ("", "file"),
        ("\0", "file"),
        ("a\0b\n.csv", "ab.csv"),
        (".hidden", "hidden"),
        ("é" * 300 + ".xlsx", "é" * 57 + ".xlsx"),
        ("x" * 300 + "." + "y" * 300, "x" * 120),
        ("Wörter 2026.csv", "Wörter 2026.csv"),
    ],
)
def test_nothing_of_a_files_name_is_a_path(name: str, plain: str, tmp_path: Path) -> None:
    held = Folder(tmp_path)
    path = held.keep(name, io.BytesIO(b"x"))
    assert path.name == plain
    assert path.parent.parent == held.path
    assert path.read_bytes() == b"x"


def test_uploads_are_for_their_owner_alone_and_gone_when_closed(tmp_path: Path) -> None:
    held = Folder(tmp_path)
    path = held.keep("spring.csv", io.BytesIO(b"x"))
    for place in (path.parent, held.path, held.path.parent):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held.close()
    assert not held.path.exists()


def test_what_a_killed_server_left_is_swept_and_what_another_one_holds_is_not(
    tmp_path: Path,
) -> None:
    mine, left = Folder(tmp_path), Folder(tmp_path)
    left._lock.close()
    folder.sweep(tmp_path)
    assert [each.name for each in (tmp_path / folder.NAME).iterdir()] == [mine.path.name]
    day_ago = time.time() - folder.KEPT - 1
    os.utime(mine.path, (day_ago, day_ago))
    folder.sweep(tmp_path)
    assert not mine.path.exists()


def test_a_dismissed_file_leaves_nothing(desk: Desk) -> None:
    upload = sent(desk, "spring.csv", kinds.INTERVIEWS)
    desk.dismiss(upload)
    assert not upload.path.exists()
    assert desk.uploads == []


# ----------------------------------------------------------------------------------- what is wrong


def test_a_list_of_many_broken_cells_says_what_it_lacks_and_a_search_how_many_it_leaves() -> None:
    few = [Break("any.csv", n, "sex", "mal", "Not one of the allowed values.", "Mend it.")
           for n in range(2, 5)]  # fmt: skip
    counts = {("sex", "Not one of the allowed values."): 1_000_000}
    whole, many = ContractBroken("interviews", few), ContractBroken("interviews", few, counts)
    assert to_do.left_out(whole) is None
    assert str(to_do.left_out(many)).startswith(
        "The first 3 of 1,000,000 are listed; the list and its CSV hold no others. "
    )
    marked = ContractBroken("interviews", few, counts, {"cells": 6})
    assert "its CSV and the marked workbook hold no others" in str(to_do.left_out(marked))
    assert to_do.listed(3, whole) == ""
    assert to_do.listed(1, whole) == "1 of 3 are shown."
    assert to_do.listed(1, many) == "1 of the first 3 are shown."


def test_broken_files_are_a_list_and_those_that_need_them_wait(desk: Desk) -> None:
    sent(desk, "coded.csv", kinds.CODINGS)
    sent(desk, "spring.csv", BROKEN)
    first, second = checked(desk)
    assert isinstance(first, Broken)
    assert to_do.rows(first.error.breaks)[1] == {
        "Row": 2, "Column": "sex", "Value": "mal",
        "What is wrong": "Not one of the allowed values.",
        "What to do": "Write one of: male, female, other.",
    }  # fmt: skip
    assert to_do.kinds(first.error)[0] == ("provider: Not among the known providers.", 2)
    assert [each.row for each in to_do.matching(first.error.breaks, "ROVIDER row 3")] == [3]
    assert second == Held(("interviews",))
    assert not desk.sound
    assert not (desk.data_dir / "vault.duckdb").exists()


def test_of_a_broken_file_no_more_stays_in_memory_than_its_list(desk: Desk) -> None:
    sent(desk, "spring.csv", BROKEN)
    before = in_memory()
    [outcome] = checked(desk)
    assert isinstance(outcome, Broken)
    assert in_memory() == before


@pytest.mark.usefixtures("empty")
def test_what_was_sent_is_on_the_disk_and_no_longer_in_memory() -> None:
    app = opened("upload")
    app.file_uploader[0].upload("spring.csv", kinds.INTERVIEWS.encode()).run()
    assert [each.name for each in app.session_state["workbench desk"].uploads] == ["spring.csv"]
    managers = [m for m in gc.get_objects() if isinstance(m, MemoryUploadedFileManager)]
    assert managers
    assert not any(files for m in managers for files in m.file_storage.values())


def in_memory() -> int:
    """How many files are held with their cells."""
    gc.collect()
    return sum(isinstance(each, Staged) for each in gc.get_objects())


def test_a_file_that_no_reader_knows_is_refused_before_anybody_names_its_table(desk: Desk) -> None:
    upload = sent(desk, "empty.csv", "")
    assert isinstance(upload.outcome, Broken)
    assert upload.outcome.error.breaks[0].rule == "It is empty."
    assert not desk.sound


def the_marked(path: Path, table: str, options: Options = AS_IT_IS) -> tuple[bytes, ContractBroken]:
    """The workbook with the cells marked, and what is broken in it."""
    with Vault.open(path.parent / "vault") as vault, pytest.raises(ContractBroken) as caught:
        vault.check(table, path, options=options)
    book = to_do.marked(path, caught.value, options)
    assert book
    return book, caught.value


def notes(book: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        texts = [parts.read(name).decode() for name in parts.namelist() if "comments" in name]
    return re.sub(r"<[^>]+>", "|", "".join(texts))


def filled(book: bytes) -> set[str]:
    """The cells that are filled with the colour of marks."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        styles, sheet = (
            parts.read(f"xl/{n}.xml").decode() for n in ("styles", "worksheets/sheet1")
        )
    fills = re.findall(r"<fill>.*?</fill>", styles)
    mark = next(n for n, fill in enumerate(fills) if to_do._MARK.strip("#") in fill)
    cells = re.search(r"<cellXfs.*</cellXfs>", styles)
    assert cells
    looks = re.findall(r"<xf [^>]*>", cells[0])
    marked = {n for n, look in enumerate(looks) if f'fillId="{mark}"' in look}
    return {
        place for place, style in re.findall(r'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"', sheet)
        if int(style) in marked
    }  # fmt: skip


def test_the_marked_workbook_holds_the_users_own_cells_in_their_own_rows(tmp_path: Path) -> None:
    lines = ["Wave of spring", "", *BROKEN.splitlines()]
    (tmp_path / "spring.csv").write_text("\n".join(lines))
    book, broken = the_marked(tmp_path / "spring.csv", "interviews")
    cells = fastexcel.read_excel(book).load_sheet(0, header_row=None, dtypes="string").to_polars()
    rows = [[cell or "" for cell in row] for row in cells.rows()]
    assert rows == [line.split(",") for line in BROKEN.splitlines()]
    header = BROKEN.splitlines()[0].split(",")
    letters = "ABCDEFGHIJ"
    expected = {f"{letters[header.index(b.column or '')]}{b.row}" for b in broken.breaks}
    assert expected == {"D4", "D5", "J4"}
    assert filled(book) == expected
    assert notes(book).count("Write one of: NPS, CRC.") == 2
    assert "Not one of the allowed values. Write one of: male, female, other." in notes(book)


def test_a_workbook_of_two_sheets_keeps_both_and_marks_the_one_that_is_broken(
    tmp_path: Path,
) -> None:
    import xlsxwriter

    rows = [kinds.CODED.split(","), kinds.ROW.split(",")]
    with xlsxwriter.Workbook(tmp_path / "two.xlsx") as made:
        for name, stance in (("One", "yes"), ("Two", "perhaps")):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, rows[0])
            sheet.write_row(1, 0, [stance if cell == "yes" else cell for cell in rows[1]])
    book, _ = the_marked(tmp_path / "two.xlsx", "codings")
    assert fastexcel.read_excel(book).sheet_names == ["One", "Two"]
    assert "yes, mixed, no" in notes(book)


def test_a_mended_copy_of_the_marked_workbook_is_taken_and_takes_the_files_place(
    desk: Desk,
) -> None:
    sent(desk, "coded.csv", kinds.CODINGS)
    spring = sent(desk, "spring.csv", BROKEN)
    first, _ = checked(desk)
    assert isinstance(first, Broken)
    book = to_do.marked(spring.path, first.error)
    assert book
    mended = book_with(book, {"NSP": "NPS", "mal": "male"})
    sent(desk, "spring to mend (1).xlsx", mended)
    assert [each.name for each in desk.uploads] == ["coded.csv", "spring to mend (1).xlsx"]
    assert not spring.path.exists()
    assert all(isinstance(each, Sound) for each in checked(desk))


def book_with(book: bytes, mended: dict[str, str]) -> bytes:
    """The workbook with some of its texts written anew."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/sharedStrings.xml":
                for was, now in mended.items():
                    text = text.replace(f">{was}<".encode(), f">{now}<".encode())
            new.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("most", "why"),
    [
        (24, None),
        (
            23,
            "It has 24 cells, too many for a workbook with the broken ones marked, which takes "
            "23. Mend your own file by the list.",
        ),
    ],
)
@pytest.mark.usefixtures("empty")
def test_a_file_too_large_to_be_marked_says_so_and_offers_the_list(
    most: int, why: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_do, "MOST_CELLS", most)
    rows = [kinds.ROW.replace("001", f"{n:03d}").replace("yes", "perhaps") for n in range(1, 5)]
    app = opened("upload")
    app.file_uploader[0].upload("coded.csv", "\n".join([kinds.CODED, *rows]).encode()).run()
    settled(press(app, "Check the file"))
    offered = [each.label for each in app.get("download_button")]
    marked = "Download with the cells marked (XLSX)"
    assert offered == [*([] if why else [marked]), "Download the list (CSV)"]
    [upload] = app.session_state["workbench desk"].uploads
    assert isinstance(upload.outcome, Broken)
    assert (to_do.marked(upload.path, upload.outcome.error) is None) == bool(why)
    assert (why or results.MARKED) in words(app)


def test_a_formula_in_a_cell_stays_text_in_the_marked_workbook_and_inert_in_the_list(
    tmp_path: Path,
) -> None:
    row = kinds.ROW.replace("yes", "=1+1").replace("ab", "=cmd()")
    (tmp_path / "coded.csv").write_text(f"{kinds.CODED}\n{row}\n")
    book, broken = the_marked(tmp_path / "coded.csv", "codings")
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in parts.read("xl/styles.xml")
    cells = fastexcel.read_excel(book).load_sheet(0, dtypes="string").to_polars()
    assert cells["stance"].to_list() == ["=1+1"]
    assert "'=1+1" in to_do.as_csv(broken.breaks).decode("utf-8-sig")


def test_what_is_wrong_with_a_column_stands_on_its_header(tmp_path: Path) -> None:
    (tmp_path / "coded.csv").write_text(
        "interview_id,code,stance,coder,coded_on\n"
        "S26-001,scheme.positive,yes,ab,03/13/2026\nS26-001,scheme.positive,perhaps,ab,03/14/2026\n"
    )
    book, _ = the_marked(tmp_path / "coded.csv", "codings")
    assert {"E1", "C3"} <= filled(book)
    assert "Writes the month first" in notes(book)


# ------------------------------------------------------------------------- how a file is to be read


def test_what_was_chosen_for_a_source_is_proposed_next_time_and_nobodys_header_is_kept(
    desk: Desk,
) -> None:
    american = kinds.CODINGS.replace("2026-03-12", "3/4/2026")
    first = sent(desk, "coded.csv", american)
    desk.read_so(first, Options(order="month-first"))
    kept = desk.data_dir / remembered.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "interview" not in kept.read_text()
    other = Desk(desk.data_dir)
    assert sent(other, "more.csv", american).options == Options(order="month-first")
    assert other.uploads[0].recalled
    assert not sent(other, "spring.csv", kinds.INTERVIEWS).recalled
    desk.read_so(first, AS_IT_IS)
    assert not sent(Desk(desk.data_dir), "more.csv", american).recalled


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"x": 1}', "[" * 100_000])
def test_choices_that_cannot_be_read_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / remembered.FILE).write_text(text)
    assert remembered.recall(tmp_path, "x") == AS_IT_IS


def test_a_word_of_a_list_is_asked_for_under_the_header_that_the_file_has() -> None:
    column = odcs.load("probation_appointments").column("seen_by")
    assert reading.question(column, "PRBO") == "'PRBO' in Seen By stands for"


RENAMED = APPROACHES.replace("approach_id", "Approach No").replace("outcome", "What came of it")
CALLED = (("approach_id", "approach_no"), ("outcome", "what_came_of_it"))


def test_a_header_of_ones_own_stands_for_a_column_and_that_is_told_and_remembered(
    desk: Desk,
) -> None:
    upload = sent(desk, "asked.csv", RENAMED.replace("declined", "perhaps"))
    desk.choose(upload, "approaches")
    desk.read_so(upload, Options(columns=CALLED))
    [broken] = checked(desk)
    assert isinstance(broken, Broken)
    assert [(b.row, b.column) for b in broken.error.breaks] == [(3, "what_came_of_it")]
    book = to_do.marked(upload.path, broken.error, upload.options)
    assert book
    assert filled(book) == {"D3"}
    sent(desk, "asked.csv", RENAMED)
    [sound] = checked(desk)
    assert isinstance(sound, Sound)
    assert sound.checked
    assert "Column 'approach_no' was read as approach_id." in sound.checked.staged.warnings
    other = Desk(desk.data_dir)
    next_one = sent(other, "next.csv", RENAMED.replace("A26", "A28"))
    other.choose(next_one, "approaches")
    assert next_one.options.columns == CALLED


OWN_WORDS = APPROACHES.replace("declined", "Said  no").replace("PPO", "Prolific")
MEANT = (("cohort", "PPO", "Prolific"), ("outcome", "declined", "said no"))


def test_a_word_of_ones_own_stands_for_a_value_and_that_is_told_and_remembered(desk: Desk) -> None:
    upload = sent(desk, "asked.csv", OWN_WORDS)
    checked(desk)
    assert upload.unlisted == [("cohort", "Prolific"), ("outcome", "Said  no")]
    desk.read_so(upload, Options(values=MEANT))
    [sound] = checked(desk)
    assert isinstance(sound, Sound)
    assert sound.checked
    staged = sound.checked.staged
    assert staged.frame["outcome"].to_list() == ["interviewed", "declined"]
    assert "cohort: 'Prolific' read as PPO in 2 cells." in staged.warnings
    assert "outcome: 'Said  no' read as declined in 1 cell." in staged.warnings
    other = Desk(desk.data_dir)
    assert sent(other, "next.csv", OWN_WORDS.replace("A26", "A28")).options.values == MEANT
    loaded(desk)
    with reader.read(desk.data_dir) as con:
        [batch] = log.batches(con)
        decided = log.details(con, batch.batch_id).decided
    assert "cohort: 'Prolific' read as PPO in 2 cells." in decided


def test_a_stance_of_a_matrix_may_be_a_word_of_ones_own(desk: Desk) -> None:
    sent(desk, "spring.csv", kinds.INTERVIEWS)
    wide = "interview_id,coder,scheme.positive,scheme.negative\nS26-001,ab,agrees,\n"
    upload = sent(desk, "coded.csv", wide)
    checked(desk)
    assert upload.unlisted == [("stance", "agrees")]
    desk.read_so(upload, Options(values=(("stance", "yes", "Agrees"),)))
    assert all(isinstance(each, Sound) for each in checked(desk))


def test_the_command_line_takes_words_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asked.csv").write_text(OWN_WORDS)
    words = ["check", "approaches", str(tmp_path / "asked.csv"), "--data", str(tmp_path / "data")]
    meant = ["--value", "cohort:PPO=prolific", "--value", "outcome:declined=Said no"]
    assert cli.main([*words, *meant, "--json"]) == 0
    repairs = json.loads(capsys.readouterr().out)["reading"]["repairs"]
    assert repairs[0] == {"what": "'Prolific' read as PPO", "column": "cohort", "cells": 2}
    for wrong, said in (
        ("wave:2026=x", "approaches has no column 'wave' with a list of values. Those with one"),
        ("cohort:XYZ=x", "cohort has no value 'XYZ'. Its values are: PPO, "),
    ):
        assert cli.main([*words, "--value", wrong]) == 1
        assert said in capsys.readouterr().err
    for wrong in ("PPO=Prolific", "cohort:PPO", ":PPO=x"):
        with pytest.raises(SystemExit, match="1"):
            cli.main([*words, "--value", wrong])


def test_the_command_line_takes_headers_of_ones_own_and_the_row_of_the_header(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asked.csv").write_text(f"Asked in spring\n{RENAMED}")
    words = ["check", "approaches", str(tmp_path / "asked.csv"), "--data", str(tmp_path / "data")]
    named = ["--column", "approach_id=Approach No", "--column", "outcome=What came of it"]
    assert cli.main([*words, *named, "--header", "2"]) == 0
    assert "keeps the contract of approaches. Rows: 2." in capsys.readouterr().out
    assert cli.main([*words, "--column", "nothing=Approach No"]) == 1
    assert "approaches has no column 'nothing'. Its columns are: " in capsys.readouterr().err
    for wrong in (["--column", "approach_id"], ["--header", "0"], ["--header", "x"]):
        with pytest.raises(SystemExit, match="1"):
            cli.main([*words, *wrong])


@pytest.mark.parametrize(
    ("row", "rows"),
    [(None, 2), (1, 2), (2, 0), (99, 0)],
)
def test_a_stated_row_is_the_header_and_no_other_is(row: int | None, rows: int, desk: Desk) -> None:
    upload = sent(desk, "asked.csv", APPROACHES)
    desk.read_so(upload, Options(header_row=row))
    [outcome] = checked(desk)
    if rows:
        assert isinstance(outcome, Sound)
        assert outcome.checked
        assert outcome.checked.staged.frame.height == rows
    else:
        assert isinstance(outcome, Broken)


def test_a_row_without_anything_is_no_header_and_the_message_says_so(tmp_path: Path) -> None:
    (tmp_path / "spring.csv").write_text(APPROACHES)
    with Vault.open(tmp_path / "data") as vault, pytest.raises(ContractBroken) as caught:
        vault.check("approaches", tmp_path / "spring.csv", options=Options(header_row=50))
    assert "Row 50 holds nothing, so no header stands in it. State another row." in str(
        caught.value
    )


def test_another_programs_export_is_read_by_the_names_that_are_uploaded_with_it(
    desk: Desk,
) -> None:
    sent(desk, "spring.csv", kinds.INTERVIEWS)
    coded = sent(desk, "tags.csv", "id,document,tag,content\n1,S26-001,Likes it,It helps\n")
    desk.choose(coded, "codings")
    names = '\n'.join(['coder = "ab"', 'coded_on = "12/03/2026"', "[codes]",
                       '"Likes it" = "scheme.positive"'])  # fmt: skip
    desk.add("names.toml", io.BytesIO(names.encode()))
    assert all(isinstance(each, Sound) for each in checked(desk))


# --------------------------------------------------------------------------- loading and stopping


@pytest.fixture
def held(desk: Desk) -> Desk:
    """A desk whose vault holds two approaches."""
    sent(desk, "asked.csv", APPROACHES)
    loaded(desk)
    return desk


def batches(desk: Desk) -> list[str]:
    with reader.read(desk.data_dir) as con:
        return [f"{batch.table} {batch.state}" for batch in log.batches(con)]


def test_files_are_checked_against_one_another_and_loaded_in_order(desk: Desk) -> None:
    sent(desk, "coded.csv", kinds.CODINGS)
    sent(desk, "spring.csv", kinds.INTERVIEWS)
    assert all(isinstance(each, Sound) for each in checked(desk))
    assert not (desk.data_dir / "vault.duckdb").exists()
    loaded(desk)
    assert desk.error is None
    assert [each.table for each in desk.loaded] == ["interviews", "codings"]
    assert batches(desk) == ["interviews loaded", "codings loaded"]
    assert [*(desk.data_dir / folder.NAME).rglob("*.csv")] == []


def test_a_check_of_a_filled_vault_leaves_it_as_it_was(held: Desk) -> None:
    before = batches(held)
    sent(held, "more.csv", MORE)
    assert isinstance(checked(held)[0], Sound)
    assert batches(held) == before


def test_a_correction_is_offered_as_one_with_its_difference_and_replaces_the_batch(
    held: Desk,
) -> None:
    upload = sent(held, "corrected.csv", APPROACHES.replace("03-11", "03-12"))
    [outcome] = checked(held)
    assert isinstance(outcome, Broken)
    assert [batch.file for batch in outcome.collides] == ["asked.csv"]
    held.put_in_place_of(upload, outcome.collides[0].batch_id)
    [outcome] = checked(held)
    assert isinstance(outcome, Sound)
    assert outcome.differences[0].columns == {"approached_on": 1}
    assert batches(held) == ["approaches loaded"]
    loaded(held)
    assert batches(held) == ["approaches replaced", "approaches loaded"]


def test_codings_are_held_against_the_correction_of_their_interviews(desk: Desk) -> None:
    sent(desk, "spring.csv", kinds.INTERVIEWS)
    loaded(desk)
    [old] = desk.loaded
    more = kinds.interviews([{"interview_id": f"S26-{n:03d}"} for n in range(1, 14)])
    corrected = sent(desk, "corrected.csv", more)
    desk.put_in_place_of(corrected, old.batch_id)
    coded = f"{kinds.CODED}\n{kinds.ROW.replace('001', '013')}\n"
    sent(desk, "coded.csv", coded)
    assert all(isinstance(each, Sound) for each in checked(desk))
    assert batches(desk) == ["interviews loaded"]
    desk.put_in_place_of(corrected, None)
    assert [type(each) for each in checked(desk)] == [Broken, Held]
    desk.put_in_place_of(corrected, old.batch_id)
    loaded(desk)
    assert batches(desk) == ["interviews replaced", "interviews loaded", "codings loaded"]


def test_codings_of_an_interview_that_a_correction_leaves_out_are_refused_before_the_load(
    desk: Desk,
) -> None:
    sent(desk, "spring.csv", kinds.INTERVIEWS)
    loaded(desk)
    [old] = desk.loaded
    fewer = kinds.interviews([{"interview_id": f"S26-{n:03d}"} for n in range(1, 12)])
    desk.put_in_place_of(sent(desk, "corrected.csv", fewer), old.batch_id)
    sent(desk, "coded.csv", kinds.CODINGS)
    first, second = checked(desk)
    assert isinstance(first, Sound)
    assert isinstance(second, Broken)
    assert [each.value for each in second.error.breaks] == ["S26-012"]


def test_an_extract_that_would_end_many_rows_is_loaded_once_somebody_ticks_it(
    empty: Path, tmp_path: Path
) -> None:
    names = [f"R{n}" for n in range(9)]
    with Vault.open(empty) as vault:
        vault.load("probation_custody", written(tmp_path, "probation_custody", names, JUNE))
    part = written(tmp_path, "probation_custody", names[:1], SEPTEMBER)
    app = opened("upload")
    app.file_uploader[0].upload(part.name, part.read_bytes()).run()
    press(app, "Check the file")
    assert "It would end 8 of 9 current rows of custody_spells" in words(settled(app))
    assert labels(app) == ["Remove"]
    app.checkbox[0].check().run()
    assert "8 of 9 rows of custody_spells in the extract before" in words(settled(app))
    press(app, "Load")
    assert "is loaded into probation_custody as" in words(settled(app))


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(
    ("step", "said"), [("count", "Count who said what"), ("spring.csv: reading",) * 2]
)  # fmt: skip
def test_a_page_says_in_words_what_is_under_way(step: str, said: str) -> None:
    app = opened("upload")
    begun, over = Event(), Event()

    def work(told: Callable[[str], None]) -> None:
        told(step)
        begun.set()
        over.wait(LONGEST)

    app.session_state["workbench desk"].task = Task(EFFECT, work)
    begun.wait(LONGEST)
    assert f"{EFFECT}… {said} (" in words(app.run())
    over.set()
    settled(app)


def test_a_vault_that_somebody_writes_is_told_and_the_files_stay(held: Desk) -> None:
    upload = sent(held, "more.csv", MORE)
    lock = lock_for(held.data_dir)
    loaded(held)
    assert held.error is not None
    assert "Wait until it is done, then try again." in held.error
    assert upload.path.exists()
    lock.close()
    loaded(held)
    assert batches(held) == ["approaches loaded", "approaches loaded"]


def test_a_file_that_is_refused_at_the_load_leaves_those_before_it_loaded_and_says_so(
    held: Desk,
) -> None:
    sent(held, "more.csv", MORE)
    sent(held, "again.csv", APPROACHES)
    loaded(held)
    assert [each.file for each in held.loaded] == ["more.csv"]
    assert held.error is not None
    assert "The same content was loaded" in held.error
    assert [each.name for each in held.uploads] == ["again.csv"]
    assert isinstance(held.uploads[0].outcome, Broken)


def test_a_check_that_is_stopped_keeps_nothing_and_the_file_stays(desk: Desk) -> None:
    sent(desk, "asked.csv", APPROACHES)
    desk.check()
    assert desk.task
    desk.task.cancel()
    done(desk)
    assert desk.note is not None
    assert desk.note.startswith("Stopped. Nothing was kept")
    assert desk.uploads[0].outcome is None
    assert {each.name for each in desk.data_dir.iterdir()} == {folder.NAME}


def test_a_load_that_is_stopped_loads_nothing(desk: Desk) -> None:
    sent(desk, "asked.csv", APPROACHES)
    desk.load()
    assert desk.task
    desk.task.cancel()
    done(desk)
    assert [each.name for each in desk.uploads] == ["asked.csv"]
    assert batches(desk) == []


def test_what_nobody_foresaw_is_one_neutral_sentence_and_the_log_holds_no_cell(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cell = "S26-001"

    def fails(_: object) -> None:
        raise ValueError(cell)

    task = Task("Checking", fails)
    assert task.wait(LONGEST)
    assert "through a fault of the program" in str(task.error)
    assert "ValueError" in caplog.text
    assert cell not in caplog.text


# ------------------------------------------------------------------------------ the demonstration


def a_demonstration(folder: Path, origin: str = "synthetic") -> Path:
    """A vault with approaches of an origin, loaded as those of a demonstration are."""
    file = folder / "made.csv"
    file.write_text(APPROACHES.replace("collected", origin))
    with Vault.open(folder / "data") as vault:
        vault.load("approaches", file, user=demo.USER)
    (folder / "data" / "releases").mkdir()
    return folder / "data"


def test_a_demonstration_goes_in_one_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = a_demonstration(tmp_path)
    assert demo.is_all(data)
    assert cli.main(["demo", "--remove", "--data", str(data)]) == 0
    assert "is removed: vault, ledger and releases" in capsys.readouterr().out
    assert [each.name for each in data.iterdir()] == ["vault.lock"]
    assert cli.main(["demo", "--remove", "--data", str(data)]) == 1
    assert "There is no demonstration in" in capsys.readouterr().err


def test_a_demonstration_beside_collected_data_stays_and_the_reason_is_told(
    tmp_path: Path,
) -> None:
    data = a_demonstration(tmp_path, "collected")
    assert not demo.is_all(data)
    with pytest.raises(EnvironmentFault, match=r"approaches: 2 collected rows\. Nothing was rem"):
        demo.remove(data)
    assert start.standing(data)


def test_data_that_nobody_built_as_a_demonstration_stay(tmp_path: Path) -> None:
    data = a_demonstration(tmp_path)
    with Vault.open(data) as vault:
        vault.connection.execute("update loads set loaded_by = 'somebody'")
    with pytest.raises(EnvironmentFault, match="it was not built as one"):
        demo.remove(data)


def test_who_withdrew_is_not_forgotten_with_a_demonstration(tmp_path: Path) -> None:
    data = a_demonstration(tmp_path)
    with Vault.open(data) as vault:
        vault.connection.execute("insert into withdrawn values ('m', now(), 'somebody')")
    with pytest.raises(EnvironmentFault, match="it remembers who withdrew: 1"):
        demo.remove(data)


def test_a_demonstration_that_somebody_writes_stays(tmp_path: Path) -> None:
    data = a_demonstration(tmp_path)
    with lock_for(data), pytest.raises(EnvironmentFault, match="is being written by"):
        demo.remove(data)
    assert (data / "vault.duckdb").exists()


# ------------------------------------------------------------------------------------- the pages


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IOMDASH_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_an_empty_folder_says_what_to_do_first(empty: Path) -> None:
    app = opened("workbench")
    assert app.title[0].value == "Start with your own data"
    assert not app.exception
    assert not empty.exists()


@pytest.mark.usefixtures("empty")
def test_the_page_leads_from_a_broken_file_to_a_loaded_one() -> None:
    app = opened("upload")
    wrong = APPROACHES.replace("declined", "perhaps")
    app.file_uploader[0].upload("asked.csv", wrong.encode()).run()
    assert app.selectbox(key="table 1").value == "approaches"
    app.button(key="check").click().run()
    assert "asked.csv: 1 thing to mend" in words(settled(app))
    assert [each.label for each in app.button if each.proto.type == "primary"] == []
    app.file_uploader[0].upload("asked.csv", APPROACHES.encode()).run()
    app.button(key="check").click().run()
    assert "asked.csv: in order" in words(settled(app))
    app.button(key="load").click().run()
    assert "is loaded into approaches as" in words(settled(app))
    assert not app.exception
    assert "Not in the last release yet: asked.csv." in words(opened("workbench"))
