"""A checked raw file to rows of canonical tables, identifiers replaced by their pseudonyms.

What becomes of a cell follows from its value, so where a column has few it is asked of each once.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Break
from iomdash.intake import pseudonyms
from iomdash.intake.feeds.declaration import (
    AgeBand,
    Fixed,
    FromColumn,
    IdentifierColumns,
    Person,
    Source,
    Table,
)
from iomdash.intake.identifiers import HIDDEN
from iomdash.intake.rows import Held, swapped
from iomdash.intake.sources.header import NUMBER
from iomdash.intake.staging import Staged

# Lowest age of each band above the first, in years.
_BANDS = {18: "18 to 24", 25: "25 to 34", 35: "35 to 44", 45: "45 or over"}
_YOUNGEST = "under 18"
_SEPARATOR = "\x1f"
_DAY = "%Y-%m-%d"


def rows(
    raw: Staged, table: Table, contract: Contract, key: bytes, *, part: int,
    without: Collection[int] = (), days: Collection[str] = (),
) -> Staged:  # fmt: skip
    """The rows of one canonical table, numbered as in the file, of which some numbers are left
    out: text, but for the columns that are known to hold `days`.
    """

    def become(piece: Held) -> pl.DataFrame:
        cells = _Cells(piece, key)
        columns = {
            column.name: cells.of(table.columns[column.name], day=column.name in days)
            for column in contract.columns
        }
        frame = pl.DataFrame({NUMBER: piece.frame[NUMBER], **columns})
        if without:
            frame = frame.filter(~pl.col(NUMBER).is_in([*without]))
        # A caseload row without an identifier of this kind says nothing of whose it is.
        return frame.drop_nulls("identifier") if "identifier" in columns else frame

    name = f"rows_{contract.table}_{part}_{raw.sha256[:16]}"
    return replace(
        raw, table=contract.table, rows=raw.rows.become(name, become), warnings=(), missing=(),
        identified=(), identified_counts={}, faults=(), fault_counts={}, part=part,
    )  # fmt: skip


class _Cells:
    """The cells that columns of a table have of a piece of a file."""

    def __init__(self, piece: Held, key: bytes) -> None:
        self._piece = piece
        self._key = key
        self._named: dict[IdentifierColumns, pl.Series] = {}

    def of(self, source: Source, *, day: bool) -> pl.Series:
        """The cells of one column, as days where they are known to be."""
        match source:
            case FromColumn():
                return self._mapped(source.column, _as_day if day else _translated(source))
            case Fixed():
                return pl.repeat(source.value, self._piece.height, eager=True)
            case IdentifierColumns():
                return self._pseudonyms(source)
            case Person():
                every = [self._pseudonyms(identifier) for identifier in source.identifiers]
                return every[0] if len(every) == 1 else pl.select(pl.coalesce(every)).to_series()
            case AgeBand():
                return self._piece.frame.select(_age_band(source)).to_series()

    def _mapped(self, column: str, meaning: Callable[[pl.Series], pl.Series]) -> pl.Series:
        cells, few = self._piece.frame[column], self._piece.few.get(column)
        if few is None:
            return meaning(cells)
        meant = meaning(few)
        return cells if meant.equals(few, check_dtypes=True) else swapped(cells, few, meant)

    def _pseudonyms(self, identifier: IdentifierColumns) -> pl.Series:
        if identifier not in self._named:
            whole = self._piece.frame.select(
                pl.concat_str(identifier.columns, separator=_SEPARATOR)
                if len(identifier.columns) > 1 else pl.col(identifier.columns)
            ).to_series()  # fmt: skip
            sent = self._piece.few.get(whole.name) if len(identifier.columns) == 1 else None
            sent = (whole.unique() if sent is None else sent).drop_nulls()
            named = pseudonyms.of(sent, identifier.kind, self._key)
            self._named[identifier] = whole.replace_strict(
                sent, named, default=None, return_dtype=pl.String
            )
        return self._named[identifier]


def _as_day(values: pl.Series) -> pl.Series:
    return values.str.to_date(_DAY, strict=False)


def _translated(source: FromColumn) -> Callable[[pl.Series], pl.Series]:
    def meaning(values: pl.Series) -> pl.Series:
        # A code that is not known stays as it is, for a contract to name.
        if source.codes:
            values = values.replace([*source.codes], [*source.codes.values()])
        return values if source.empty is None else values.fill_null(source.empty)

    return meaning


def _age_band(source: AgeBand) -> pl.Expr:
    born, on = (pl.col(name).str.to_date(_DAY, strict=False) for name in (source.born, source.on))
    age = on.dt.year() - born.dt.year() - _day_of_year(on).lt(_day_of_year(born)).cast(pl.Int32)
    band = pl.when(age < min(_BANDS)).then(pl.lit(_YOUNGEST))
    for lowest, name in reversed(_BANDS.items()):
        band = band.when(age >= lowest).then(pl.lit(name))
    return band


def _day_of_year(day: pl.Expr) -> pl.Expr:
    """A number that grows through a year, the same for one day of a month in every year."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()


def in_agency_words(
    broken: Break, raw: Staged, contract: Contract, names: tuple[str, ...]
) -> Break:
    """A broken cell of a canonical table as the cell of the raw columns from which it comes."""
    if not names:
        return broken
    column = contract.column(names[0])
    if broken.row is None:  # a figure of the whole file, which stands in no cell
        return replace(
            broken, column=column.header, value=None if column.identifies else broken.value
        )
    value = HIDDEN if column.identifies else raw.rows.cell(broken.row, column.name)
    return replace(broken, column=column.header, value=value)
