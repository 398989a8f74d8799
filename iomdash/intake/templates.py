"""Empty files to fill in, made from the contract: what it promises is what its template offers.

A workbook has a sheet to fill in, with a note on each header and a list wherever few values are
allowed, one with an example, and one that explains every column in the contract's words. Both it
and the plain CSV are read as they are once they are filled in. `origin` is left out: rows that
come in by a template are collected.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iomdash.declared.codebook import CODES
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.declared.contracts.standard import STYLES
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.intake.contracts import lists
from iomdash.intake.sources.workbook import EXAMPLE
from iomdash.intake.staging import ORIGIN
from iomdash.release.table_csv import csv_of

ROWS = 5000  # to which lists and formats reach
WIDE = "codings"

_DAY = datetime(2026, 3, 31, tzinfo=UTC)
_BIRTH = datetime(1987, 5, 17, tzinfo=UTC)
# Made up, each of a form that a contract asks for; nobody has these numbers.
_EXAMPLES = {
    "wave": "2026", "coder": "ab", "pnc": "2001/0123456X", "pnc_id": "2001/0123456X",
    "nhs_no": "943 476 5919", "nhs_number": "943 476 5919", "crn": "X123456",
    "ni_number": "QQ 12 34 56 C", "national_insurance_no": "QQ 12 34 56 C",
    "iom_ref": "IOM10001", "interview_id": "S26-001",
    "text": "They say that somebody listens to them now.", "reviewed_by": "second reader",
    "cohort": "PPO", "quarter": "2026 Q1",
}  # fmt: skip
_NUMBER = 34
_DATES = (datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001  Excel knows no zones
_WIDTH = 18  # characters of a column


@dataclass(frozen=True)
class Offered:
    """A column of a template, with the values that it offers."""

    column: Column
    listed: Sequence[str]

    @property
    def note(self) -> str:
        """What stands beside the header."""
        needed = "Needed." if self.column.required else "May be empty."
        return f"{self.column.description} {needed}"


def offered(contract: Contract, *, wide: bool = False) -> list[Offered]:
    """The columns of a template in their order; of the wide form, one for each code."""
    columns = [column for column in contract.columns if column.name != ORIGIN]
    if wide:
        stance = contract.column("stance")
        kept = [c for c in columns if c.name not in ("code", "stance")]
        columns = kept + [
            replace(stance, name=code.id, header=code.id, required=False,
                    description=f"{code.definition} Yes: {code.yes} No: {code.no}")
            for code in CODES.values()
        ]  # fmt: skip
    return [
        Offered(column, column.allowed or lists.declared(column.refers_to or ""))
        for column in columns
    ]


def example(offer: Offered, *, place: int = 0) -> str | datetime | int:
    """A made-up cell that the column's rules allow."""
    column = offer.column
    if offer.listed:
        return offer.listed[place % len(offer.listed)]
    if column.kind == "date":
        return _BIRTH if column.identifies else _DAY
    if column.kind == "integer":
        return max(column.least or 0, min(column.most or _NUMBER, _NUMBER))
    if column.name in _EXAMPLES:
        return _EXAMPLES[column.name]
    return "Example" if column.identifies else "E-001"


def example_row(contract: Contract, *, wide: bool = False) -> list[str | datetime | int]:
    """One made-up row; what is not needed and would need more than itself is empty."""
    return [
        example(offer) if offer.column.required or _by_itself(offer.column) or wide else ""
        for offer in offered(contract, wide=wide)
    ]


def _by_itself(column: Column) -> bool:
    return column.identifies or column.name in ("coded_on", "interviewed_on", "reviewed_by")


def as_text(cell: str | datetime | int, column: Column) -> str:
    """The cell as a text file writes it, a day in the style of the contract."""
    if isinstance(cell, datetime):
        return cell.strftime(STYLES.get(column.style or "", "%d/%m/%Y"))
    return str(cell)


def template_csv(table: str, *, wide: bool = False) -> bytes:
    """The header by itself, in UTF-8 with the mark by which Excel knows it."""
    columns = offered(_contract(table, wide=wide), wide=wide)
    return csv_of([offer.column.header for offer in columns], []).encode("utf-8-sig")


def template_xlsx(table: str, *, wide: bool = False) -> bytes:
    """The workbook. Raises UsageError for a table that has no template of the kind."""
    import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

    contract = _contract(table, wide=wide)
    columns = offered(contract, wide=wide)
    stream = io.BytesIO()
    book: Any = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(contract.table[:31])
    shown = book.add_worksheet(EXAMPLE)
    _explain(book, contract, columns)
    hidden = book.add_worksheet("Lists")
    hidden.hide()
    head, formats = _header_format(book), _formats(book)
    ranges = _ranges(hidden, columns)
    for place, offer in enumerate(columns):
        for page in (sheet, shown):
            page.set_column(place, place, _WIDTH, formats[offer.column.kind])
            page.write_string(0, place, offer.column.header, head)
        sheet.write_comment(0, place, offer.note, {"x_scale": 2})
        _validate(sheet, place, offer, ranges.get(tuple(offer.listed)))
    for place, cell in enumerate(example_row(contract, wide=wide)):
        _write(shown, place, cell, formats)
    for page in (sheet, shown):
        page.freeze_panes(1, 1 if wide else 0)
    book.close()
    return stream.getvalue()


def _contract(table: str, *, wide: bool) -> Contract:
    if table not in (*odcs.TABLES, *odcs.feed_names()):
        names = ", ".join((*odcs.TABLES, *odcs.feed_names()))
        raise UsageError(f"'{table}' has no template. Choose one of: {names}.")
    if wide and table != WIDE:
        raise UsageError(f"Only {WIDE} have a wide form; leave out --wide.")
    return odcs.load(table)


def _header_format(book: Any) -> Any:
    return book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7EDF3", "bottom": 1}
    )


def _formats(book: Any) -> dict[str, Any]:
    """A column of words is text, so that a spreadsheet makes no day or number of them."""
    return {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "integer": book.add_format({"num_format": "0"}),
    }


def _write(page: Any, place: int, cell: str | datetime | int, formats: dict[str, Any]) -> None:
    if isinstance(cell, datetime):
        page.write_datetime(1, place, cell.replace(tzinfo=None), formats["date"])
    elif isinstance(cell, int):
        page.write_number(1, place, cell, formats["integer"])
    elif cell:
        page.write_string(1, place, cell, formats["text"])


def _ranges(page: Any, columns: Sequence[Offered]) -> dict[tuple[str, ...], str]:
    """Each list once, a column of the hidden sheet, and where it stands."""
    ranges: dict[tuple[str, ...], str] = {}
    for listed in dict.fromkeys(tuple(offer.listed) for offer in columns if offer.listed):
        place = len(ranges)
        for row, value in enumerate(listed):
            page.write_string(row, place, value)
        letter = _letter(place)
        ranges[listed] = f"=Lists!${letter}$1:${letter}${len(listed)}"
    return ranges


def _letter(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name  # pyright: ignore[reportMissingTypeStubs]

    return str(xl_col_to_name(place))


def _validate(page: Any, place: int, offer: Offered, listed: str | None) -> None:
    column = offer.column
    title = column.header[:32]
    if listed:
        rule: dict[str, Any] = {"validate": "list", "source": listed,
                                "error_message": "Choose a value of the list."}  # fmt: skip
    elif column.kind == "date":
        rule = {"validate": "date", "criteria": "between", "minimum": _DATES[0],
                "maximum": _DATES[1], "error_message": "Write a day as 31/12/2025."}  # fmt: skip
    elif column.kind == "integer":
        least = 0 if column.least is None else column.least
        most = 999_999_999 if column.most is None else column.most
        rule = {"validate": "integer", "criteria": "between", "minimum": least, "maximum": most,
                "error_message": f"Write a whole number from {least} to {most}."}  # fmt: skip
    else:
        return
    page.data_validation(1, place, ROWS, place, {**rule, "error_title": title})


def _explain(book: Any, contract: Contract, columns: Sequence[Offered]) -> None:
    page = book.add_worksheet("Explanation")
    bold, wrap = _header_format(book), book.add_format({"text_wrap": True, "valign": "top"})
    for row, words in enumerate((contract.name, contract.row, contract.purpose,
                                 contract.limitations)):  # fmt: skip
        page.merge_range(row, 0, row, 4, "", wrap)
        page.write_string(row, 0, words, bold if row == 0 else wrap)
    for row in (1, 2, 3):
        page.set_row(row, 45)
    heads = ("Name", "Needed", "What it means", "What is refused, and why", "For example")
    for place, words in enumerate(heads):
        page.write_string(5, place, words, bold)
    for row, offer in enumerate(columns, start=6):
        cells = (offer.column.header, "yes" if offer.column.required else "no",
                 offer.column.description, _refused(contract, offer),
                 as_text(example(offer), offer.column))  # fmt: skip
        for place, words in enumerate(cells):
            page.write_string(row, place, words, wrap)
    for place, wide in enumerate((24, 8, 50, 60, 24)):
        page.set_column(place, place, wide)


def _refused(contract: Contract, offer: Offered) -> str:
    """The reasons of the column's rules, and the values where they are listed."""
    reasons = [
        rule.reason
        for rule in contract.rules
        if rule.column == offer.column.name
        and rule.id.rpartition(".")[2] not in ("required", "allowed", "known", "new", "unique")
    ]
    if offer.listed:
        reasons.insert(0, f"Anything but: {', '.join(offer.listed)}.")
    return " ".join(reasons)


def write(table: str, path: Path, *, wide: bool = False) -> None:
    """The template of a table at the path, by its suffix. Raises EnvironmentFault."""
    makers = {".xlsx": template_xlsx, ".csv": template_csv}
    if path.suffix.lower() not in makers:
        raise UsageError(f"{path.name} is neither .xlsx nor .csv. Name the file by one of the two.")
    content = makers[path.suffix.lower()](table, wide=wide)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise EnvironmentFault(
            f"{path} is there already, and may be filled in. Choose another name."
        ) from None
    except OSError as fault:
        raise EnvironmentFault(
            f"The template could not be written to {path}: {fault.strerror}. "
            "Choose a file in a folder that exists and that you may write to."
        ) from None
