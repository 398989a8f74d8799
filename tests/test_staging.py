"""Reading files: what is forgiven, what is not, and that the row numbers are the file's own."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import CODED, coded, coded_sheet, rows_xml, workbook

from iomdash.declared.contracts import odcs
from iomdash.errors import Unreadable
from iomdash.intake import staging
from iomdash.intake.sources.raw import Options
from iomdash.intake.staging import Staged

CODINGS = odcs.load("codings")
INTERVIEWS = odcs.load("interviews")
HEADER = "interview_id,code,stance,coder,coded_on,origin"
ROW = "i1,scheme.positive,yes,c1,2025-02-01,synthetic"


def read(path: Path, content: bytes | str) -> Staged:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return staging.read(path, CODINGS)


def row_of(staged: Staged, row: int = 2) -> dict[str, Any]:
    return staged.frame.row(by_predicate=pl.col("row_number") == row, named=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "codings.csv"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(sign: str, file: Path) -> None:
    staged = read(file, f"{HEADER}\n{ROW}\n".replace(",", sign))
    assert row_of(staged)["code"] == "scheme.positive"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_encoding_and_the_line_ends_are_found(encoding: str, end: str, file: Path) -> None:
    text = end.join([HEADER, ROW.replace("c1", "Zoë"), ""])
    assert row_of(read(file, text.encode(encoding)))["coder"] == "Zoë"


@pytest.mark.parametrize(
    ("bom", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
def test_both_orders_of_utf_16_are_read(bom: bytes, encoding: str, file: Path) -> None:
    staged = read(file, bom + f"{HEADER}\n{ROW}\n".encode(encoding))
    assert row_of(staged)["stance"] == "yes"


def test_headers_are_known_whatever_their_case_spaces_and_hyphens(file: Path) -> None:
    header = " Interview ID ,CODE,Stance,coder,coded-on,Origin"
    assert row_of(read(file, f"{header}\n{ROW}\n"))["coded_on"] == "2025-02-01"


def test_cells_are_stripped_and_empty_ones_are_null(file: Path) -> None:
    row = row_of(read(file, f'{HEADER}\n" i1 ",, yes ,"   ",,synthetic\n'))
    assert row == {
        "row_number": 2, "interview_id": "i1", "code": None, "stance": "yes", "coder": None,
        "coded_on": None, "origin": "synthetic",
    }  # fmt: skip


def test_rows_keep_their_number_when_empty_ones_stand_between(file: Path) -> None:
    staged = read(file, f"{HEADER}\n{ROW}\n\n,,,,,\n{ROW.replace('c1', 'c2')}\n")
    assert staged.frame["row_number"].to_list() == [2, 5]
    assert row_of(staged, 5)["coder"] == "c2"


def test_a_cell_may_hold_delimiters_line_ends_and_quotation_marks(file: Path) -> None:
    staged = read(file, f'{HEADER}\ni1,"a,\n""b""",yes,c1,,synthetic\n{ROW}\n')
    assert row_of(staged)["code"] == 'a,\n"b"'
    assert row_of(staged, 3)["coder"] == "c1"


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ("31/12/2025", "2025-12-31"),
        ("31-12-2025", "2025-12-31"),
        ("31.12.2025", "2025-12-31"),
        ("1/2/2025", "2025-02-01"),
        ("2025-12-31", "2025-12-31"),
        ("2025-12-31 00:00:00", "2025-12-31"),
        ("2025-12-31T00:00:00", "2025-12-31"),
        ("31/12/25", "31/12/25"),
        ("12/31/2025", "12/31/2025"),
        ("29/02/2025", "29/02/2025"),
        ("2025-12-31 10:30:00", "2025-12-31 10:30:00"),
        ("lately", "lately"),
    ],
)
def test_british_and_iso_days_become_iso_and_the_rest_stays(
    given: str, read_as: str, file: Path
) -> None:
    staged = read(file, f"{HEADER}\n{ROW.replace('2025-02-01', given)}\n")
    assert row_of(staged)["coded_on"] == read_as


@pytest.mark.parametrize(
    ("given", "read_as"),
    [("Yes", "yes"), ("Y", "yes"), ("TRUE", "yes"), ("no", "no"), ("N", "no"), ("False", "no"),
     ("1", "1"), ("maybe", "maybe")],
)  # fmt: skip
def test_yes_and_no_are_read_in_any_case(given: str, read_as: str, tmp_path: Path) -> None:
    path = tmp_path / "interviews.csv"
    path.write_text(f"interview_id,single,sex\ni1,{given},Yes\n")
    row = row_of(staging.read(path, INTERVIEWS))
    assert (row["single"], row["sex"]) == (read_as, "Yes")


def test_whole_numbers_may_have_a_point_and_noughts(tmp_path: Path) -> None:
    path = tmp_path / "interviews.csv"
    path.write_text("interview_id,age,length_minutes\ni1,34.0,45.5\n")
    row = row_of(staging.read(path, INTERVIEWS))
    assert (row["age"], row["length_minutes"]) == ("34", "45.5")


def test_unknown_columns_are_left_out_with_a_warning(file: Path) -> None:
    staged = read(file, f"{HEADER},Remarks,extra\n{ROW},x,y\n")
    assert "remarks" not in staged.frame.columns
    assert staged.warnings == ("Left out, as the contract does not know them: remarks, extra.",)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_column_called_as_the_numbers_of_rows_are_is_one_like_any_other(
    tmp_path: Path, kind: str
) -> None:
    cells = dict(zip(f"{HEADER},row_number".split(","), f"{ROW},7".split(","), strict=True))
    frame, path = (
        pl.DataFrame({name: [cell] for name, cell in cells.items()}),
        tmp_path / f"coded.{kind}",
    )
    {"csv": frame.write_csv, "parquet": frame.write_parquet, "xlsx": frame.write_excel}[kind](path)
    staged = staging.read(path, CODINGS)
    assert row_of(staged)["interview_id"] == "i1"
    assert staged.reading.left_out == ("row_number (7)",)


def test_a_missing_required_column_is_named_and_an_optional_one_is_null(file: Path) -> None:
    staged = read(file, "interview_id,code,stance,origin\ni1,c,yes,synthetic\n")
    assert staged.missing == ("coder",)
    assert row_of(staged)["coded_on"] is None


def test_a_file_is_known_by_its_content(file: Path) -> None:
    first = read(file, f"{HEADER}\n{ROW}\n")
    other = read(file.with_name("other.csv"), f"{HEADER}\n{ROW}\n")
    assert first.sha256 == other.sha256
    assert (first.file, other.file) == ("codings.csv", "other.csv")


def sheet(path: Path, *sheets: list[list[Any]]) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    for rows in sheets:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    book.close()
    return path


def test_a_workbook_is_read_with_its_dates_numbers_and_gaps(tmp_path: Path) -> None:
    rows = [
        ["Interview ID", "age", "interviewed on", "single", "sex"],
        ["i1", 34, datetime(2025, 1, 31), True, " male "],  # noqa: DTZ001
        [],
        ["i2", 35.5, "31/01/2025", "No", ""],
    ]
    staged = staging.read(sheet(tmp_path / "interviews.xlsx", rows), INTERVIEWS)
    first, second = row_of(staged), row_of(staged, 4)
    names = ("interview_id", "age", "interviewed_on", "single", "sex")
    assert [first[name] for name in names] == ["i1", "34", "2025-01-31", "yes", "male"]
    assert [second[name] for name in names] == ["i2", "35.5", "2025-01-31", "no", None]


def test_every_sheet_with_the_headers_is_read_and_the_analyst_is_told(tmp_path: Path) -> None:
    rows = [HEADER.split(","), ROW.split(",")]
    staged = staging.read(sheet(tmp_path / "codings.xlsx", rows, rows), CODINGS)
    assert staged.frame.height == 2
    assert staged.warnings == ("Read from the sheets 'Sheet1' and 'Sheet2'.",)


def test_a_parquet_file_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "interviews.parquet"
    pl.DataFrame(
        {
            "interview_id": ["i1"],
            "age": [34],
            "interviewed_on": [date(2025, 1, 31)],
            "single": [True],
        }
    ).write_parquet(path)
    row = row_of(staging.read(path, INTERVIEWS))
    assert (row["age"], row["interviewed_on"], row["single"]) == ("34", "2025-01-31", "yes")


XLSX = b"PK\x03\x04"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"", "It is empty.", "Save it anew"),
        (b" \n\n ", "It is empty.", "Save it anew"),
        (f"{HEADER}\n".encode(), "It has a header but no rows.", "Add rows"),
        (f"{HEADER}\n,,,,,\n".encode(), "It has a header but no rows.", "Add rows"),
        (f"{HEADER}\n{ROW}\n{ROW},x\n".encode(), "Row 3 has 7 cells, the header", "Complete"),
        (f"{HEADER}\n{ROW}\ni1,yes\n".encode(), "Row 3 has 2 cells, the header has 6.", "Complete"),
        (f'{HEADER}\n"i1",a,b\n'.encode(), "Row 2 has 3 cells, the header has 6.", "Complete"),
        (f'{HEADER}\ni1,"open\n'.encode(), "Row 2 has a quotation mark in the", "Close"),
        (f'{HEADER}\n{ROW},"\n'.encode(), "Row 2 has a quotation mark", "Close"),
        (f'{HEADER}\ni1,c,yes,c1,,"x\n'.encode(), "Row 2 has a quotation mark", "Close"),
        (f"{HEADER},CODE\n{ROW},x\n".encode(), "Two of its headers read 'code'.", "Remove"),
        (f"{HEADER}\n{ROW}\0\n".encode(), "It is no table", "Save it as one of the three"),
        (b"\x89PNG\r\n\x1a\n\x00\x01\x02", "It is no table", "Save it as one of the three"),
        (b"\x81\x8d\x8f\x90", "It is no table", "Save it as one of the three"),
        (b"\xff\xfea", "It is no table", "Save it as one of the three"),
        (XLSX + b"junk", "It begins like an Excel workbook, but is truncated or damaged.", "anew"),
        (b"PAR1junk", "It begins like a Parquet file, but is truncated or damaged.", "anew"),
        (OLE2 + b"Workbook", "It is in the old Excel format (.xls).", "save it as .xlsx"),
        (
            OLE2 + "EncryptedPackage".encode("utf-16-le"),
            "It is protected by a password.",
            "Remove the password",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(
    content: bytes, what: str, remedy: str, file: Path
) -> None:
    with pytest.raises(Unreadable) as refused:
        read(file, content)
    assert f"codings.csv: {what}" in str(refused.value)
    assert remedy in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_workbook_cut_short_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "codings.xlsx", [HEADER.split(","), ROW.split(",")])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Unreadable, match="truncated or damaged"):
        staging.read(path, CODINGS)


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"It has no header\. Name its columns in row 1\."):
        staging.read(sheet(tmp_path / "codings.xlsx", []), CODINGS)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"It is a folder\. Name the file in it\."):
        staging.read(tmp_path, CODINGS)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"There is no such file\. Check the name\."):
        staging.read(tmp_path / "none.csv", CODINGS)


def test_a_name_in_the_headers_and_an_address_in_the_cells_are_found(file: Path) -> None:
    staged = read(file, f"{HEADER},Surname,notes\n{ROW},x,none\n{ROW},y,ring 0121 496 0000\n")
    assert [(hit.column, hit.row, hit.what) for hit in staged.identified] == [
        ("surname", None, "a column of this name"),
        ("notes", 3, "a telephone number"),
    ]


@given(st.one_of(st.binary(), st.text(alphabet='a,;"\n\r\t| é\x00', max_size=60)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_the_bytes_are_a_file_is_read_or_refused(file: Path, content: bytes | str) -> None:
    try:
        staged = read(file, content)
    except Unreadable:
        return
    assert staged.frame.columns[1:] == [column.name for column in CODINGS.columns]


OTHER = rows_xml([["name", "amount"], ["x", 1]])
HEAD = rows_xml([CODED.split(",")])


@pytest.mark.parametrize(
    ("sheets", "chosen", "words"),
    [
        ({"One": coded_sheet(coded()), "Two": OTHER}, "Third",
         "It has no sheet 'Third'. Choose from 'One' and 'Two'."),
        ({"One": coded_sheet(coded()), "Two": ""}, "Two", "It has no header. Name its columns"),
        ({"One": "", "Two": ""}, None, "It has no header. Name its columns in row 1."),
        ({"One": OTHER, "Two": OTHER}, None,
         "None of its 2 sheets has the headers of codings. The headers are: interview_id, code"),
        ({"One": HEAD, "Two": HEAD}, None, "It has a header but no rows. Add rows, or leave it"),
        ({"One": HEAD, "Two": OTHER}, None,
         "It has a header but no rows. Rows stand in 'Two', without the header. Put the header"),
    ],
    ids=["no such sheet", "an empty sheet", "empty sheets", "other tables", "headers", "apart"],
)  # fmt: skip
def test_a_workbook_without_a_sheet_of_the_table_is_refused_with_what_it_has(
    sheets: dict[str, str], chosen: str | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "codings.xlsx"
    path.write_bytes(workbook(sheets))
    with pytest.raises(Unreadable) as refused:
        staging.read(path, CODINGS, Options(sheet=chosen))
    assert words in str(refused.value)


def test_sheets_beside_the_tables_own_are_named_as_left_out(tmp_path: Path) -> None:
    path = tmp_path / "codings.xlsx"
    example = coded_sheet(coded(coder="ex"), coded(coder="ey"))
    path.write_bytes(workbook({"C": coded_sheet(coded()), "Notes": OTHER, "Example": example}))
    staged = staging.read(path, CODINGS)
    assert staged.frame["coder"].to_list() == ["ab"]
    assert {
        "Left out, as its headers are others: sheet 'Notes'.",
        "The sheet 'Example' is never read.",
    } <= set(staged.warnings)
