"""Direct identifiers are found wherever they stand, and what resembles them is let through."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iomdash.declared.contracts import odcs
from iomdash.intake import identifiers
from iomdash.intake.identifiers import Hit


@pytest.mark.parametrize(
    "header",
    ["Name", "Surname", "Forenames", "first_name", "FirstName", "Full name", "client name", "DOB",
     "Date of Birth", "date_of_birth", "birth-date", "Postcode", "Post Code", "home_address",
     "Address line 1", "PNC", "PNC ID", "pnc_number", "CRO no", "NHS number", "NHSNo", "nhs_no",
     "National Insurance No", "NINO", "NI number", "Telephone", "tel", "Phone no", "Mobile number",
     "E-mail", "email_address", "Passport", "NOMIS ID"],
)  # fmt: skip
def test_a_header_that_names_a_direct_identifier_is_known(header: str) -> None:
    assert identifiers.named_by_header(header)


@pytest.mark.parametrize(
    "header",
    ["cohort_name", "file name", "provider name", "notes", "remarks", "community", "premises",
     "length_minutes", "finding", "cellar", "telling", "niche", ""],
)  # fmt: skip
def test_an_ordinary_header_is_let_through(header: str) -> None:
    assert not identifiers.named_by_header(header)


@pytest.mark.parametrize("column", [c.name for t in odcs.TABLES for c in odcs.load(t).columns])
def test_no_column_of_a_contract_sounds_like_an_identifier(column: str) -> None:
    assert not identifiers.named_by_header(column)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2004/1234567X", "a PNC ID"),
        ("04/1234567x", "a PNC ID"),
        ("He quoted 2004/12X to me", "a PNC ID"),
        ("123456/04A", "a CRO number"),
        ("943 476 5919", "an NHS number"),
        ("9434765919", "an NHS number"),
        ("943-476-5919 it was", "an NHS number"),
        ("AB123456C", "a National Insurance number"),
        ("ab 12 34 56 c", "a National Insurance number"),
        ("B70 8ET", "a postcode"),
        ("lives at b708et now", "a postcode"),
        ("SW1A 1AA", "a postcode"),
        ("0121 496 0000", "a telephone number"),
        ("+44 7700 900123", "a telephone number"),
        ("07700900123", "a telephone number"),
        ("+44 (0)121 496 0000", "a telephone number"),
        ("write to jo.bloggs@example.co.uk today", "an e-mail address"),
    ],
)
def test_an_identifier_is_found_in_text(text: str, what: str) -> None:
    assert identifiers.in_text(text) == what


@pytest.mark.parametrize(
    "text",
    ["943 476 5918", "2025-01-31", "31/12/2025", "2025-12-31 00:00:00", "iv-00001", "coder-a",
     "open 24/7", "He did 3 of 4, twice", "at 9 in the morning", "QQ123456C", "Q1 1AA", "B70 8IT",
     "scheme.positive", "2017-autumn", "12 of 20 said so", "1,000,000", "PPO", "DV&A", "u18"],
)  # fmt: skip
def test_what_resembles_an_identifier_is_let_through(text: str) -> None:
    assert identifiers.in_text(text) is None


@given(st.integers(min_value=0, max_value=999_999_999))
def test_exactly_one_check_digit_at_most_makes_an_nhs_number(start: int) -> None:
    right = [d for d in range(10) if identifiers.has_check_digit(f"{start:09d}{d}")]
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(f"{start:09d}"))
    assert right == ([] if weighted % 11 == 1 else [(11 - weighted % 11) % 11])


def hits_of(*cells: str | None, pseudonyms: bool = False) -> tuple[list[Hit], dict[str, int]]:
    cells_of_file = frame(*cells)
    values = cells_of_file.get_column("column").unique()
    return identifiers.in_column(cells_of_file, "column", values, pseudonyms=pseudonyms)


def frame(*cells: str | None) -> pl.DataFrame:
    cells_of = pl.Series("column", list(cells), dtype=pl.String)
    return pl.DataFrame({"row_number": range(2, 2 + len(cells)), "column": cells_of})


def test_every_cell_that_holds_one_is_named_by_its_row() -> None:
    hits, counts = hits_of("a", "jo@x.org", None, "b", "jo@x.org", "B70 8ET")
    assert counts == {"an e-mail address": 2, "a postcode": 1}
    assert [(hit.row, hit.what) for hit in hits] == [
        (3, "an e-mail address"), (6, "an e-mail address"), (7, "a postcode"),
    ]  # fmt: skip


def test_a_number_without_its_check_digit_does_not_hide_the_next() -> None:
    hits, _ = hits_of("943 476 5918", "943 476 5919")
    assert [hit.row for hit in hits] == [3]


def test_a_pseudonym_in_the_shape_of_a_compact_postcode_is_let_through() -> None:
    assert hits_of("b708et", pseudonyms=True) == ([], {})
    assert hits_of("b70 8et", pseudonyms=True)[1] == {"a postcode": 1}


def test_an_empty_column_holds_none() -> None:
    assert hits_of(None, None) == ([], {})


def test_the_first_thousand_are_named_and_all_are_counted() -> None:
    hits, counts = hits_of(*["jo@x.org"] * 1001)
    assert (len(hits), hits[-1].row, *counts.values()) == (1000, 1001, 1001)
