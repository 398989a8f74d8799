"""What a reader makes of a file: its table as text, and what was decided on the way."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, cast

import polars as pl

from iomdash.errors import IomdashError

# Rows are numbered as the file shows them. Those of a second sheet follow behind all that the
# first can have, and the codings of one row of a matrix behind all sheets, one for each code.
SHEET = 1 << 21
MATRIX = 1 << 32

Order = Literal["day-first", "month-first"]
# The last row in which a header may be stated to stand.
MOST_ABOVE = 1000
ORDERS: tuple[Order, ...] = ("day-first", "month-first")


@dataclass(frozen=True)
class Options:
    """What the user states of a file where it does not say so itself.

    `sheet` is the one sheet to read, `order` that of the numbers of a day as 3/4/2026, `names` a
    file that maps the names of another program's export to ours, `header_row` where the header
    stands, as the user's program numbers rows, `columns` pairs of a column of the contract and the
    header under which the file has it, `values` a column of the contract with a value of its list
    and what the file writes for it. `absent` is how many rows are confirmed to be over that an
    agency's file no longer holds; `engine` reads it, Spark from a lake.
    """

    sheet: str | None = None
    order: Order | None = None
    names: Path | None = None
    header_row: int | None = None
    columns: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str, str], ...] = ()
    absent: int | None = None
    engine: str = "duckdb"


AS_IT_IS = Options()


@dataclass(frozen=True)
class Repair:
    """What was changed in cells without changing their meaning, and in how many."""

    what: str
    column: str
    cells: int

    def __str__(self) -> str:
        cells = "1 cell" if self.cells == 1 else f"{self.cells:,} cells"
        return f"{self.column}: {self.what} in {cells}."


@dataclass(frozen=True)
class Reading:
    """What a reader decided of a file; nothing of it is left for the user to guess.

    `header_row` and all rows are numbered as the user's program shows them; `rows_above` counts
    those above the header that hold anything. `order` is that of days in figures, where the file
    has any; `hidden` names rows, columns and sheets that the user's program does not show; `notes`
    are whole sentences on anything else; `cells` counts those of the whole table.
    """

    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int = 1
    rows_above: int = 0
    order: Order | None = None
    hidden: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    cells: int = 0

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the user should hear of: nothing where the file was as it should be."""
        return tuple(self._statements())

    @property
    def words_on_left_out(self) -> str:
        """The columns that were not read; '' without any."""
        names = ", ".join(self.left_out)
        return f"Left out, as the contract does not know them: {names}." if names else ""

    def _statements(self) -> Iterator[str]:
        if self.encoding not in (None, "UTF-8"):
            yield f"Read as {self.encoding}."
        if len(self.sheets) > 1:
            yield f"Read from the sheets {quoted(self.sheets)}."
        if self.header_row > 1:
            rows = "1 row" if self.rows_above == 1 else f"{self.rows_above} rows"
            above = f"; {rows} above it left out" if self.rows_above else ""
            yield f"The header stands in row {self.header_row}{above}."
        if self.order == "month-first":
            yield "Days in figures were read with the month first."
        if self.hidden:
            yield f"Hidden, and read all the same: {', '.join(self.hidden)}."
        if self.left_out:
            yield self.words_on_left_out
        yield from self.notes
        yield from (str(repair) for repair in self.repairs)

    def as_json(self) -> Mapping[str, object]:
        """The fields by name, and the `sentences`."""
        stated = {**asdict(self), "sentences": self.sentences}
        return {
            name: [*cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value
            for name, value in stated.items()
        }


@dataclass(frozen=True)
class Fault:
    """A cell that no contract needs to judge: what it shows is no value."""

    row: int
    column: str
    value: str
    rule: str
    remedy: str


@dataclass(frozen=True)
class Raw:
    """A table as the file has it: text under its own headers behind `row_number`.

    `codes` are the headers of a matrix that became rows, in their order.
    """

    frame: pl.DataFrame
    reading: Reading
    faults: tuple[Fault, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A file's table as pieces, one behind the other, which can be read again; like `Raw` else."""

    file: str
    sha256: str
    reading: Reading
    frames: Callable[[], Iterator[pl.DataFrame]] = field(repr=False)
    faults: tuple[Fault, ...] = ()
    codes: tuple[str, ...] = ()


def quoted(names: tuple[str, ...]) -> str:
    """'A', 'B' and 'C'."""
    *most, last = [f"'{name}'" for name in names]
    return f"{', '.join(most)} and {last}" if most else last


@dataclass(frozen=True)
class Place:
    """Where a row stands: the sheet and the code's column counted from 0, and its number."""

    sheet: int
    code: int
    row: int


def placed(row_number: int) -> Place:
    """The place that a row's number stands for."""
    code, rest = divmod(row_number, MATRIX)
    sheet, row = divmod(rest, SHEET)
    return Place(sheet, code, row)


@contextmanager
def any_fault_as(error: Exception) -> Generator[None]:
    """Raises `error` for whatever a reader's Rust core raises, which has no common class; some
    of it, a panic, is not even an Exception.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, IomdashError):
        raise
    except BaseException:
        raise error from None
