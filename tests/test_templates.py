"""Templates: made from the contract, and read as they are once somebody has filled them in."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import fastexcel
import pytest

from iomdash.declared.codebook import CODES
from iomdash.declared.contracts import odcs
from iomdash.errors import ContractBroken, EnvironmentFault, UsageError
from iomdash.intake import staging, templates
from iomdash.intake.feeds import FEEDS
from iomdash.intake.sources.header import column_name
from iomdash.intake.templates import example_row, offered, template_csv, template_xlsx
from iomdash.release.table_csv import csv_of
from iomdash.vault.writer import Vault

TABLES = (*odcs.TABLES, *FEEDS)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def filled(workbook: bytes, *rows: list[str | datetime | int]) -> bytes:
    """The template with rows below its header, as a spreadsheet would save it."""
    book = zipfile.ZipFile(io.BytesIO(workbook))
    parts = {name: book.read(name) for name in book.namelist()}
    written = "".join(_row(number, row) for number, row in enumerate(rows, start=2))
    first = "xl/worksheets/sheet1.xml"
    parts[first] = parts[first].replace(b"</sheetData>", f"{written}</sheetData>".encode())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return stream.getvalue()


def _row(number: int, row: list[str | datetime | int]) -> str:
    cells = "".join(_cell(f"{_letters(place)}{number}", cell) for place, cell in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(at: str, cell: str | datetime | int) -> str:
    if isinstance(cell, datetime):
        # Excel's number of the day, as text: the template's own date style is not known here.
        return f'<c r="{at}"><v>{(cell.replace(tzinfo=None) - datetime(1899, 12, 30)).days}</v></c>'  # noqa: DTZ001
    if isinstance(cell, int):
        return f'<c r="{at}"><v>{cell}</v></c>'
    text = f"<is><t>{escape(cell)}</t></is>"
    return f'<c r="{at}" t="inlineStr">{text}</c>' if cell else ""


def _letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A vault that holds what codings and excerpts refer to; tests check and load nothing."""
    folder = tmp_path_factory.mktemp("templates")
    with Vault.open(folder / "data") as vault:
        for table in ("interviews", "codings"):
            path = folder / f"{table}-before.xlsx"
            path.write_bytes(filled(template_xlsx(table), example_row(odcs.load(table))))
            vault.load(table, path)
        yield vault


def unlike_those_loaded(table: str) -> list[str | datetime | int]:
    row = example_row(odcs.load(table))
    place = {"interviews": 0, "codings": 2 + 1}.get(table)
    return [f"{cell}-2" if at == place else cell for at, cell in enumerate(row)]


@pytest.mark.parametrize("table", TABLES)
def test_a_filled_workbook_is_read_as_it_is(table: str, vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    path.write_bytes(filled(template_xlsx(table), unlike_those_loaded(table)))
    staged = vault.check(table, path).staged
    assert staged.frame.height == 1
    assert (staged.reading.header_row, staged.reading.left_out) == (1, ())


@pytest.mark.parametrize("table", TABLES)
def test_a_filled_csv_is_read_as_it_is(table: str, vault: Vault, tmp_path: Path) -> None:
    columns = [offer.column for offer in offered(odcs.load(table))]
    cells = zip(unlike_those_loaded(table), columns, strict=True)
    row = csv_of([], [[templates.as_text(cell, column) for cell, column in cells]])
    path = tmp_path / "filled.csv"
    path.write_bytes(template_csv(table) + row.lstrip("\r\n").encode())
    assert vault.check(table, path).staged.frame.height == 1


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_template_has_a_header_and_no_rows(table: str, tmp_path: Path) -> None:
    for name, content in (("e.xlsx", template_xlsx(table)), ("e.csv", template_csv(table))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ContractBroken, match=r"It has a header but no rows\."):
            staging.read(tmp_path / name, odcs.load(table))


@pytest.mark.parametrize("table", TABLES)
def test_the_headers_are_those_of_the_contract_without_origin(table: str) -> None:
    book = fastexcel.read_excel(template_xlsx(table))
    header = book.load_sheet(0, header_row=None, dtypes="string").to_polars().row(0)
    known = [column.header for column in odcs.load(table).columns if column.name != "origin"]
    assert list(header) == known
    assert book.sheet_names == [table, "Example", "Explanation", "Lists"]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_with_few_values_has_a_list_and_every_header_a_note(table: str) -> None:
    book = zipfile.ZipFile(io.BytesIO(template_xlsx(table)))
    sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    lists = [offer for offer in sheet.iter(f"{MAIN}dataValidation") if offer.get("type") == "list"]
    columns = offered(odcs.load(table))
    assert len(lists) == sum(bool(offer.listed) for offer in columns)
    notes = ET.fromstring(book.read("xl/comments1.xml"))
    texts = ["".join(note.itertext()) for note in notes.iter(f"{MAIN}comment")]
    for offer, text in zip(columns, texts, strict=True):
        assert offer.column.description in text


@pytest.mark.parametrize("table", TABLES)
def test_the_explanation_has_the_grain_and_every_columns_meaning_and_rules(table: str) -> None:
    contract = odcs.load(table)
    page = fastexcel.read_excel(template_xlsx(table)).load_sheet(
        "Explanation", header_row=None, dtypes="string"
    )
    words = " ".join(str(cell) for row in page.to_polars().rows() for cell in row if cell)
    assert contract.row in words
    for column in contract.columns:
        if column.name != "origin":
            assert column.description in words
    for rule in contract.rules:
        if rule.column not in (None, "origin") and rule.id.endswith((".range", ".length")):
            assert rule.reason in words


def test_every_form_of_a_contract_has_an_example_that_fits_it() -> None:
    for table in TABLES:
        for offer in offered(odcs.load(table)):
            if offer.column.pattern:
                assert re.search(offer.column.pattern, str(templates.example(offer)))


def test_a_wide_template_has_a_column_for_each_code_and_becomes_codings(
    vault: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "wide.xlsx"
    stances = ["Yes", "", "mixed", *[""] * (len(CODES) - 4), "no"]
    path.write_bytes(filled(template_xlsx("codings", wide=True), ["S26-001", "zz", "", *stances]))
    frame = vault.check("codings", path).staged.frame
    codes = list(CODES)
    assert [*frame.select("code", "stance").iter_rows()] == [
        (codes[0], "yes"), (codes[2], "mixed"), (codes[-1], "no"),
    ]  # fmt: skip


def test_a_wrong_cell_of_a_wide_table_is_named_where_it_stands(
    vault: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "wide.csv"
    codes = list(CODES)[:3]
    path.write_text(
        f"interview_id,coder,{','.join(codes)}\nS26-001,zz,yes,,\nS26-001,yy,,perhaps,\n"
    )
    with pytest.raises(ContractBroken) as refused:
        vault.check("codings", path)
    [broken] = refused.value.breaks
    assert (broken.row, broken.column, broken.value) == (3, codes[1], "perhaps")


def test_a_broken_cell_beside_the_codes_of_a_wide_table_is_named_once(
    vault: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "wide.csv"
    codes = list(CODES)[:3]
    head = f"interview_id,coder,{','.join(codes)}"
    path.write_text(f"{head}\nS26-999,z z,yes,perhaps,no\nS26-998,yy,,no,\nS26-001,n/a,yes,no,\n")
    with pytest.raises(ContractBroken) as refused:
        vault.check("codings", path)
    told = [(each.row, each.column, each.value) for each in refused.value.breaks]
    assert told == [
        (2, "coder", "z z"), (2, "interview_id", "S26-999"), (2, codes[1], "perhaps"),
        (3, "interview_id", "S26-998"), (4, "coder", "n/a"),
    ]  # fmt: skip
    assert refused.value.total == 5


def test_of_many_broken_cells_of_a_wide_table_each_is_counted_once_under_its_code(
    vault: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "wide.csv"
    codes = list(CODES)[:3]
    lines = [
        f"X-{n:04},z z,yes,{'perhaps' if n < 1700 else 'no'},{'#N/A' if n < 900 else 'yes'}"
        for n in range(2000)
    ]
    path.write_text("\n".join([f"interview_id,coder,{','.join(codes)}", *lines]))
    with pytest.raises(ContractBroken) as refused:
        vault.check("codings", path)
    assert len(refused.value.breaks) == 1000
    counted = [(column, n) for column, _, n in refused.value.kinds]
    assert sorted(counted) == sorted(
        [("interview_id", 2000), ("coder", 2000), (codes[1], 1700), (codes[2], 900)]
    )
    assert refused.value.total == 6600


def test_no_cell_of_a_template_is_a_formula() -> None:
    for table in TABLES:
        book = zipfile.ZipFile(io.BytesIO(template_xlsx(table)))
        for name in book.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in book.read(name)


@pytest.mark.parametrize(
    ("table", "name", "wide", "error", "words"),
    [
        ("nothing", "a.xlsx", False, UsageError, "'nothing' has no template. Choose one of: "),
        ("offences", "a.xlsx", False, UsageError, "'offences' has no template. Choose one of: "),
        ("interviews", "a.xlsx", True, UsageError, "Only codings have a wide form; leave out"),
        ("codings", "a.doc", False, UsageError, "a.doc is neither .xlsx nor .csv. Name the file"),
        ("codings", "is.csv", False, EnvironmentFault, "is there already, and may be filled in."),
        ("codings", "no/a.csv", False, EnvironmentFault, "The template could not be written to"),
    ],
)
def test_what_has_no_template_is_said(
    table: str, name: str, wide: bool, error: type[Exception], words: str, tmp_path: Path
) -> None:
    (tmp_path / "is.csv").write_text("filled in")
    with pytest.raises(error, match=re.escape(words)):
        templates.write(table, tmp_path / name, wide=wide)
    assert (tmp_path / "is.csv").read_text() == "filled in"


def test_names_of_columns_in_templates_are_known_to_the_reader() -> None:
    for table in TABLES:
        names = [column_name(offer.column.header) for offer in offered(odcs.load(table))]
        assert len(names) == len({*names})
