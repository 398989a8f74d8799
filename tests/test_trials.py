"""Files as people really have them, and what becomes of each: taken, or refused with the reason.

The files lie beside a checkout; where they do not, the kinds that lost or altered data before are
written here, so that every kind is tried everywhere.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import kinds
import pytest
from kinds import KINDS, Outcome, refused, taken

from iomdash.errors import ContractBroken
from iomdash.intake.sources.raw import AS_IT_IS, placed
from iomdash.vault.writer import Vault

FILES = Path(__file__).parents[2] / "shared" / "trials" / "files"


QUOTED = 'He said "it helps" and meant it'
LIKE_A_QUOTE = "Row {} has a quotation mark in the middle of a cell, or never closed."

OUTCOMES: dict[str, Outcome] = {
    "C01_sep_line.csv": taken(2, 3, 4, heard=("taken from its first line",)),
    "C02_bom_in_middle.csv": taken(2, 3, 4, heard=("invisible signs at the ends taken off in 1",)),
    "C02b_concatenated_with_headers.csv": refused("row 3: Repeats the header. Remove the row."),
    "C03_utf16le_no_bom.csv": taken(2, 3, 4, heard=("UTF-16 without a byte order mark",)),
    "C03b_utf16le_bom_tab.txt": taken(2, 3, 4),
    "C04_mac_cr.csv": taken(2, 3, 4),
    "C05_mixed_endings.csv": taken(2, 3, 4),
    "C06_embedded_newline_rows.csv": refused("row 4, column 'text': 'short': Not between 10"),
    "C07_quotes_in_quotes.csv": taken(2, 3, cells=((2, "text", QUOTED),)),
    "C07b_quote_at_start_only.csv": taken(
        2, 3, cells=((2, "text", '"It helps" he said to me'),)
    ),
    "C07c_quotes_in_middle_unquoted.csv": taken(
        2, 3, cells=((2, "text", 'He said it was "great" for him'),)
    ),
    "C07d_stray_quotes_swallow_rows.csv": refused(LIKE_A_QUOTE.format(2)),
    "C07f_unclosed_quote.csv": refused(LIKE_A_QUOTE.format(3)),
    "C08_nul.csv": refused("It is no table: neither CSV, XLSX nor Parquet."),
    "C09_ragged_short.csv": refused("Row 3 has 3 cells, the header has 6."),
    "C09b_ragged_long.csv": refused("Row 2 has 8 cells, the header has 6."),
    "C09c_trailing_comma_rows.csv": refused("Row 2 has 7 cells, the header has 6."),
    "C09d_trailing_commas_everywhere.csv": taken(2),
    "C10_header_only.csv": refused("It has a header but no rows."),
    "C11_duplicate_headers.csv": refused("Two of its headers read 'stance'."),
    "C12_tab_in_cell.csv": taken(2),
    "C13_blank_lines_then_error.csv": refused(
        "row 6, column 'stance': 'maybe': Not among the known stances. "
        "Write one of: yes, mixed, no."
    ),
    "C13b_footnotes.csv": refused("Row 4 has 1 cells, the header has 6."),
    "C14_utf8_plus_cp1252.csv": refused("Two encodings stand in it: UTF-8, and from row 3 on"),
    "C14b_cp1252.csv": taken(
        2, heard=("Read as Windows-1252.",),
        cells=((2, "text", "He said it’s the first time – £5 a day."),),
    ),
    "C14d_mojibake_already.csv": refused(
        "row 2, column 'text'", "letters that were read in a wrong encoding"
    ),
    "C14e_replacement_char.csv": refused("row 2, column 'text'", "a lost letter (U+FFFD)"),
    "C15_wide_matrix.csv": refused("this looks like a matrix", "interview_id and coder too"),
    "C15b_friendly_headers.csv": refused(
        "column 'coder': The column is missing.", "'Speaks well of the scheme'", breaks=2
    ),
    "C15d_taguette_like.csv": refused("Taguette's export of coded passages", "--names NAMES.toml"),
    "C15e_header_stars.csv": refused("Rename 'interview_id*' to interview_id"),
    "C16_no_origin.csv": taken(
        2, heard=("Its rows count as collected",), cells=((2, "origin", "collected"),)
    ),
    "C17_tab_sep_with_commas.csv": taken(2),
    "C18_semicolon_decimal.csv": refused("column 'length_minutes': '62,5': Not a whole number."),
    "C19_formula_text.csv": refused('\'="S26-001"\'', "Did you mean 'S26-001'?", breaks=3),
    "C20_null_words.csv": refused(
        "column 'age': 'N/A'", "column 'single': 'unknown': Not one of the allowed values.",
        "Write one of: no, yes.", breaks=7,
    ),
    "C21_semicolon_text_commas_header_one.csv": taken(2, 3),
    "C23_quoted_whole_lines.csv": refused("All its columns are read as one, with ',' within."),
    "C24_spaces_after_commas_quotes.csv": refused("Row 2 has a blank between the sign that ends"),
    "C25_caret_delim.csv": refused("All its columns are read as one, with '^' within."),
    "D01_blank_line_middle.csv": taken(2, 4),
    "D01b_blank_line_after_header.csv": taken(3, 4),
    "D01c_blank_lines_crlf_then_bad.csv": refused("row 5, column 'stance': 'maybe'"),
    "D01e_crcrlf.csv": taken(2, 3, 4),
    "D02_title_lines.csv": taken(5, heard=("in row 4; 2 rows above it left out.",)),
    "D02b_comment_lines.csv": taken(3, heard=("in row 2; 1 row above it left out.",)),
    "D03_one_sheet_per_coder.xlsx": taken(
        2, 3, 4, 2, 3, 4, heard=("Read from the sheets 'Codings' and 'Coder cd'.",)
    ),
    "E01_reviewer_placeholders.csv": refused(
        "row 2, column 'reviewed_by': 'n/a': Stands for nothing", "row 5", "'TBC'", breaks=4
    ),
    "E02_text_placeholders.csv": taken(2, 3, 4),
    "E03_quote_then_comma.csv": refused("Row 2 has 10 cells, the header has 9."),
    "E04_quotes_in_quotes_last_column.csv": taken(
        2, 3, cells=((2, "text", f"{QUOTED}, too"),)
    ),
    "E05_quote_at_start_last_column.csv": taken(
        2, 3, 4,
        cells=((2, "text", '"It helps" he said'), (3, "text", 'He said it was "fine"'),
               (4, "text", '"Good" he said')),
    ),
    "E07_excel_formula_excerpt.csv": taken(2, 3),
    "E08_newlines_controls.csv": taken(2, 3),
    "E09_proper_doubled_quotes.csv": taken(2, cells=((2, "text", '"It helps", he said'),)),
    "E10_two_inner_quotes.csv": taken(
        2, cells=((2, "text", 'It was "fine" he said, "really"'),)
    ),
    "E12_cr_inside_cell.csv": taken(2, cells=((2, "text", "He said it helps,\ra lot."),)),
    "E14_utf16be_no_bom.csv": taken(2),
    "F01_data_police_uk.csv": refused("The header in row 1 is not that of police_offences."),
    "F03_housing_case.csv": taken(
        2, 3, 4, heard=("Accommodation Type: written as in the list in 2 cells.",),
        cells=((3, "accommodation_type", "Sofa surfing"),),
    ),
    "F04_police_variants.csv": refused(
        "row 4, column 'Offence Group': 'BURGLARY - RESIDENTIAL'", "Write one of: BURGLARY, "
    ),
    "F05_same_day_resend_a.csv": taken(2, 3),
    "F05_same_day_resend_b.csv": taken(2, 3),
    "F06_later_extract_drops_row.csv": taken(2),
    "F07_run_date_typo.csv": refused("row 2, column 'Run Date': '31/03/2062'"),
    "F08_offence_after_run.csv": refused("column 'Offence Date': '05/02/2027'"),
    "F09_housing_moved_out_errors.xlsx": refused(
        "row 3, column 'Moved Out': '#N/A': Holds #N/A",
        "row 4, column 'Moved Out': Holds a formula that was never calculated. Open the file in "
        "Excel, let it calculate, and save it.", breaks=2,
    ),
    "F10_housing_placeholders.csv": refused("'31/12/9999'", "'01/01/1900'", breaks=2),
    "F11_extra_name_columns_housing.csv": taken(
        2, heard=("does not know them: ward_name, court_name, hostel_name.",)
    ),
    "F13_blank_lines_housing.csv": taken(2, 4),
    "G01_arrest_dates.csv": refused("row 9", "'05-Mar-65'", "row 10", "'05/03/26'", breaks=2),
    "G02_employment_dates.csv": refused(
        "'2026031'", "'202635'", "'20261301'", "'26030 5'", "'260305'", breaks=5
    ),
    "K01_same_coder_contradicts.csv": refused("Stands in the file more than once", breaks=2),
    "K01b_exact_duplicate.csv": refused("Stands in the file more than once", breaks=2),
    "K02_two_coders_disagree.csv": taken(2, 3, 4, 5),
    "K03_coder_spellings.csv": refused("row 2", "'j.smith'", "row 4", "'Jo S'", breaks=2),
    "K04_child_code_case.csv": refused(
        "row 3, column 'code': 'scheme positive': Not among the known codes. "
        "Did you mean 'scheme.positive'?", "'scheme.postive'", breaks=2,
    ),
    "P01_london_midnight.parquet": taken(
        2, 3, cells=((2, "coded_on", "2026-06-10"), (3, "coded_on", "2026-01-10"))
    ),
    "P02_utc_instants.parquet": refused("'2026-06-09 23:00:00': Holds a time of day beside"),
    "P03_dictionary.parquet": taken(2, 3),
    "P04_nested_extra_column.parquet": taken(2, 3, heard=("does not know them: tags.",)),
    "P04b_struct_extra_column.parquet": taken(2, 3, heard=("does not know them: meta.",)),
    "P05_int96.parquet": taken(2, 3, cells=((2, "coded_on", "2026-06-10"),)),
    "P07_decimal_and_nan.parquet": refused("row 3, column 'length_minutes': 'NaN'"),
    "P08_bool_int_dateint.parquet": refused("'20240310'", breaks=4),
    "P09_binary_strings.parquet": taken(2, 3, cells=((2, "code", "scheme.positive"),)),
    "P10_pandas_index_nat.parquet": taken(2, 3),
    "P11_floats.parquet": refused("'34.5'", "'33.999999'", breaks=4),
    "R01_codings_wrong.csv": taken(2, 3, 4),
    "R02_codings_corrected.csv": taken(2, 3, 4),
    "R03_interviews_corrected.csv": refused("The vault already holds a row", breaks=12),
    "X01_title_row.xlsx": taken(4, 5, 6, 7, heard=("in row 3; 2 rows above it left out.",)),
    "X02_blank_rows_above.xlsx": refused("row 7, column 'stance': 'maybe'"),
    "X03_blank_column_a.xlsx": taken(2, 3, 4, 5),
    "X04_filtered_hidden_row.xlsx": taken(
        2, 3, 4, 5, heard=("Hidden, and read all the same: row 4.",)
    ),
    "X05_notes_sheet_first.xlsx": taken(2, 3, 4, 5, heard=("sheet 'Notes'",)),
    "X07_total_row.xlsx": refused("row 6, column 'interview_id': 'Total'", breaks=5),
    "X08_merged_ids.xlsx": refused("row 3, column 'interview_id': Is part of merged", breaks=2),
    "X09_date1904.xlsx": taken(2, 3, cells=((2, "coded_on", "2026-03-12"),)),
    "X10_serial_dates_general.xlsx": taken(
        2, 3, 4, 5, heard=("coded_on: Excel's number of a day read as the day in 4 cells.",),
        cells=((2, "coded_on", "2026-03-12"),),
    ),
    "X11_error_cells_optional.xlsx": refused(
        "row 3, column 'coded_on': '#N/A': Holds #N/A, an error of the spreadsheet, and no value.",
        "row 4, column 'coded_on': '#REF!'", breaks=2,
    ),
    "X12_formula_no_cached_value.xlsx": refused(
        "row 2, column 'age': Holds a formula that was never calculated.", breaks=3
    ),
    "X13_empty_shared_string.xlsx": taken(2, 3, 4, 5),
    "X14_us_dates_text_mixed.xlsx": refused(
        "column 'coded_on': Writes the month first: row 2 holds '03/25/2026' and 1 more.",
        "--days month-first",
    ),
    "X14b_us_dates_all_ambiguous.csv": taken(
        2, 3, 4, heard=("read with the day first, as no cell tells otherwise",),
        cells=((2, "coded_on", "2026-04-03"),),
    ),
    "X15_two_digit_years.csv": refused("row 2, column 'coded_on': '25/03/26'"),
    "X16_datetime_cells.xlsx": refused("'2026-03-12 14:30:00': Holds a time of day", breaks=2),
    "X17_uk_date_formats.xlsx": taken(2, 3, 4, 5, 6, 7, 8, 9),
    "X18_booleans_and_one.xlsx": refused("row 2, column 'single': '1'"),
    "X18b_yes_words.csv": refused("column 'children': '✓'", "column 'children': 'yes.'", breaks=4),
    "X19_stance_words.csv": refused(
        "row 4, column 'stance': '1'", "row 7, column 'stance': 'agree'", breaks=2
    ),
    "X20_nbsp_ends.csv": taken(2, 3),
    "X20b_zero_width.csv": taken(2, 3, 4, cells=((3, "interview_id", "S26-002"),)),
    "X20c_header_nbsp.csv": taken(2),
    "X20d_header_zero_width.csv": taken(2),
    "X21_leading_zeros_format.xlsx": refused("'0001': Not among the known interviews.", breaks=2),
    "X21b_leading_zeros_new_interview.xlsx": taken(2, cells=((2, "interview_id", "S26-026"),)),
    "X22_ids_spaces_case.csv": refused(
        "row 2, column 'interview_id': 'S26 001'", "Did you mean 'S26-001'?"
    ),
    "X23_numbers.csv": refused("'1,050'", "'60 mins'", "'thirty'", breaks=6),
    "X24_two_row_header.xlsx": taken(3, 4, heard=("The header stands in row 2",)),
    "X25_excel_table_gap.xlsx": taken(
        2, 3, 4, 5, heard=("notes_to_self", "Row 9 was left out: no cell of a column")
    ),
    "X26_formula_required.xlsx": refused(
        "row 3, column 'stance': Holds a formula that was never calculated."
    ),
    "X27_blank_unnamed_column_with_cells.xlsx": taken(2, heard=("column 3 without a header",)),
    "X28_old.xls": refused("It is in the old Excel format (.xls)."),
    "X29_calc.ods": taken(2, 3),
    "X31_zipped_csv.zip": refused("It is a ZIP archive of 1 file and no workbook. Unpack it"),
    "X34_header_only_on_first_sheet_data_on_second.xlsx": refused(
        "It has a header but no rows. Rows stand in 'Data1', without the header."
    ),
    "X35_header_repeated_midway.xlsx": refused("row 5: Repeats the header."),
    "X36_rich_text_and_line_break_header.xlsx": refused(
        "column 'interview_id': The column is missing. Rename 'interview_id_(pseudonym)'"
    ),
    "X37_header_line_break_only.xlsx": taken(2),
    "X38_duration_and_percent.xlsx": refused("'00:50:00': Not a whole number.", breaks=4),
}  # fmt: skip

_TABLES = (
    ("excerpts", r"E|C06|C07_|C07b|C07c|C14"),
    ("housing_stays", r"F.*housing"),
    ("police_offences", r"F"),
    ("police_arrests", r"G01"),
    ("employment_status", r"G02"),
    ("interviews", r"X12|X18|X21b|X23|X38|C18|C20|P07|P08|P11|R03"),
    ("codings", r""),
)


def table_of(name: str) -> str:
    return next(table for table, form in _TABLES if re.match(form, name))


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """Twelve interviews, each coded once."""
    folder = tmp_path_factory.mktemp("trials")
    with Vault.open(folder) as vault:
        for table, text in (("interviews", kinds.INTERVIEWS), ("codings", kinds.CODINGS)):
            (folder / f"{table}.csv").write_text(text)
            vault.load(table, folder / f"{table}.csv")
        yield vault


def keep(outcome: Outcome, vault: Vault, table: str, path: Path) -> None:
    """Fails where the file is treated otherwise."""
    if table == "codings":  # so that codings that stand in the vault may come again
        vault.connection.execute("begin")
        vault.connection.execute("delete from codings")
    broken = staged = None
    try:
        staged = vault.check(table, path, options=outcome.options or AS_IT_IS).staged
    except ContractBroken as fault:
        broken = fault
    finally:
        if table == "codings":
            vault.connection.execute("rollback")
    if broken is not None:
        words = "\n".join((str(broken), *broken.sentences))
        assert outcome.refused, words
        for item in (*outcome.refused, *outcome.heard):
            assert item in words
        assert outcome.breaks in (None, broken.total), words
        return
    assert staged is not None
    words = "\n".join(staged.warnings)
    assert not outcome.refused, f"{path.name} was taken. {words}"
    numbers = staged.frame.get_column("row_number").to_list()
    assert tuple(placed(row).row for row in numbers) == outcome.rows
    for item in outcome.heard:
        assert item in words
    for row, column, cell in outcome.cells:
        assert staged.frame.get_column(column)[numbers.index(row)] == cell


@pytest.mark.parametrize(
    ("table", "content", "outcome"),
    [pytest.param(*rest, id=name) for name, *rest in KINDS],
)
def test_a_kind_that_was_altered_or_refused_before_is_treated_rightly(
    table: str, content: bytes | str, outcome: Outcome, vault: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    keep(outcome, vault, table, path)


def test_every_file_beside_the_checkout_is_taken_or_refused_with_the_reason(
    vault: Vault, subtests: pytest.Subtests
) -> None:
    there = {file.name for file in FILES.glob("*") if not file.name.startswith("base_")}
    # All of them or, in a checkout by itself, none: then the kinds above stand in for them.
    assert there in (set(), {*OUTCOMES})
    for name in sorted(there):
        with subtests.test(name):
            keep(OUTCOMES[name], vault, table_of(name), FILES / name)
