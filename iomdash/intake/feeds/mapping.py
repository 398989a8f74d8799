"""A checked raw file to rows of canonical tables, identifiers replaced by their pseudonyms."""

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
from iomdash.intake.staging import Staged

# Lowest age of each band above the first, in years.
_BANDS = {18: "18 to 24", 25: "25 to 34", 35: "35 to 44", 45: "45 or over"}
_YOUNGEST = "under 18"
_SEPARATOR = "\x1f"


def rows(raw: Staged, table: Table, contract: Contract, key: bytes) -> Staged:
    """The rows of one canonical table, still as text and numbered as in the raw file."""
    cells = {
        column.name: _cells(raw.frame, table.columns[column.name], key)
        for column in contract.columns
    }
    named = raw.frame.select("row_number").with_columns(
        series.alias(name) for name, series in cells.items()
    )
    # A caseload row without an identifier of this kind says nothing of whose it is.
    kept = named if "identifier" not in cells else named.drop_nulls("identifier")
    return replace(
        raw, table=contract.table, frame=kept, warnings=(), missing=(), identified=(),
        identified_total=0, faults=(), faults_total=0,
    )  # fmt: skip


def _cells(frame: pl.DataFrame, source: Source, key: bytes) -> pl.Series:
    match source:
        case FromColumn():
            return _translated(frame.get_column(source.column), source)
        case Fixed():
            return frame.select(pl.repeat(source.value, pl.len())).to_series()
        case IdentifierColumns():
            return _pseudonyms(frame, source, key)
        case Person():
            hashed = [_pseudonyms(frame, identifier, key) for identifier in source.identifiers]
            return pl.select(pl.coalesce(hashed)).to_series()
        case AgeBand():
            return _age_bands(frame, source)


def _translated(cells: pl.Series, source: FromColumn) -> pl.Series:
    # A code that is not known stays as it is, for a contract to name.
    cells = cells.replace(source.codes) if source.codes else cells
    return cells if source.empty is None else cells.fill_null(source.empty)


def _pseudonyms(frame: pl.DataFrame, identifier: IdentifierColumns, key: bytes) -> pl.Series:
    whole = frame.select(pl.concat_str(identifier.columns, separator=_SEPARATOR)).to_series()
    return pseudonyms.pseudonyms(whole, identifier.kind, key)


def _age_bands(frame: pl.DataFrame, source: AgeBand) -> pl.Series:
    born, on = (
        pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in (source.born, source.on)
    )
    had_birthday = on.dt.month() * 100 + on.dt.day() >= born.dt.month() * 100 + born.dt.day()
    age = on.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)
    band = pl.when(age < min(_BANDS)).then(pl.lit(_YOUNGEST))
    for lowest in sorted(_BANDS, reverse=True):
        band = band.when(age >= lowest).then(pl.lit(_BANDS[lowest]))
    return frame.select(band).to_series()


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
    cell = raw.frame.filter(pl.col("row_number") == broken.row).get_column(column.name)
    value = HIDDEN if column.identifies else cell.item() if len(cell) else None
    return replace(broken, column=column.header, value=value)
