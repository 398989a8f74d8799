"""Any file to text under contract names, each row with its number in the file.

Reading forgives what does not change a meaning: encodings, delimiters, the case of headers,
spaces around cells, British dates, 'Yes' for yes. It casts nothing and rejects no value: a cell
that it cannot normalise stays as it is, so that the contract can name it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.declared.contracts.standard import STYLES
from iomdash.errors import Unreadable
from iomdash.intake import identifiers, sources
from iomdash.intake.identifiers import Hit

Values = dict[str, pl.Series]

_YES = ("yes", "y", "true")
_NO = ("no", "n", "false")


@dataclass(frozen=True)
class Staged:
    """A file as read: `frame` has row_number and every column of the contract, all else text.

    `missing` are required columns that the file lacks, `identified` the cells and columns that
    name a person: the first 1,000 of a column, `identified_total` being all. `sha256` is that
    of the file's bytes, and `part` tells apart the tables that one file becomes.
    """

    table: str
    file: str
    sha256: str
    frame: pl.DataFrame
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    identified: tuple[Hit, ...]
    identified_total: int
    part: int = 0


def read(path: Path | str, contract: Contract) -> Staged:
    """The file under the contract's names. Raises Unreadable, with the remedy."""
    path = Path(path)
    data = sources.bytes_of(path, contract.table)
    raw = sources.table_of(data, path.name, contract)
    frame, values = _cleaned(_named(raw.frame, path.name, contract), contract)
    if frame.is_empty():
        raise Unreadable(
            contract.table, path.name, "It has a header but no rows.", "Add rows, or leave it out."
        )
    identified, total = _identified(frame, values, contract)
    return Staged(
        table=contract.table,
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        frame=_completed(frame, contract),
        warnings=(*raw.warnings, *_dropped(frame, contract)),
        missing=tuple(
            column.name
            for column in contract.columns
            if column.required and column.name not in frame.columns
        ),
        identified=tuple(identified),
        identified_total=total,
    )


def _named(frame: pl.DataFrame, file: str, contract: Contract) -> pl.DataFrame:
    unnamed = [name for name in frame.columns[1:] if not name.strip()]
    frame = frame.drop(name for name in unnamed if frame.get_column(name).is_null().all())
    headers = {sources.column_name(column.header): column.name for column in contract.columns}
    told = [sources.column_name(header) for header in frame.columns[1:]]
    names = [headers.get(header, header) for header in told]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable(
            contract.table, file, f"Two of its headers read '{twice[0]}'.",
            "Remove or rename one of the two columns.",
        )  # fmt: skip
    return frame.rename(dict(zip(frame.columns[1:], names, strict=True)))


def _cleaned(frame: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, Values]:
    """Cells trimmed and normalised, empty ones null, rows without any cell gone.

    Works on the distinct values of each column, and returns them: a million rows hold few.
    """
    columns = {column.name: column for column in contract.columns}
    held: Values = {}
    for name in frame.columns[1:]:
        values = frame.get_column(name).drop_nulls().unique()
        held[name] = clean = _normal(values.str.strip_chars(), columns.get(name))
        changed = clean.ne_missing(values)
        if changed.any():
            cells = pl.col(name).replace(values.filter(changed), clean.filter(changed))
            frame = frame.with_columns(cells)
    return frame.filter(pl.any_horizontal(pl.exclude("row_number").is_not_null())), held


def _normal(values: pl.Series, column: Column | None) -> pl.Series:
    values = values.set(values == "", None)
    if column is None:
        return values
    if column.kind == "date":
        return _iso(_in_style(values, column.style))
    if column.kind == "integer":
        # Spreadsheets keep whole numbers as 34.0.
        return values.str.replace(r"^(-?[0-9]+)\.0+$", "$1")
    if column.yes_or_no:
        words = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")
        return values.str.to_lowercase().replace_strict(words, default=values)
    return values


def _completed(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return frame.select(
        "row_number",
        *(
            pl.col(column.name) if column.name in frame.columns else nothing.alias(column.name)
            for column in contract.columns
        ),
    )


def _in_style(values: pl.Series, style: str | None) -> pl.Series:
    if style is None:
        return values
    days = values.str.to_date(STYLES[style], strict=False)
    return days.dt.to_string("%Y-%m-%d").fill_null(values)


def _iso(values: pl.Series) -> pl.Series:
    british = r"^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})$"
    parts = values.str.replace(r"[ T]00:00(?::00(?:\.0+)?)?$", "").to_frame("day")
    iso = pl.format(
        "{}-{}-{}",
        pl.col("day").str.extract(british, 3),
        pl.col("day").str.extract(british, 2).str.zfill(2),
        pl.col("day").str.extract(british, 1).str.zfill(2),
    )
    day = pl.when(pl.col("day").str.contains(british)).then(iso).otherwise("day")
    known = day.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return parts.select(pl.when(known).then(day).otherwise(pl.lit(values))).to_series()


def _dropped(frame: pl.DataFrame, contract: Contract) -> list[str]:
    known = {column.name for column in contract.columns}
    unknown = [name for name in frame.columns[1:] if name not in known]
    if not unknown:
        return []
    return [f"Left out, as the contract does not know them: {', '.join(unknown)}."]


def _identified(frame: pl.DataFrame, values: Values, contract: Contract) -> tuple[list[Hit], int]:
    known = {column.name: column for column in contract.columns}
    found: list[Hit] = []
    total = 0
    for name in frame.columns[1:]:
        if name in known and known[name].identifies:
            continue
        if name in known:
            pseudonyms = known[name].classification == "pseudonym"
            hits, count = identifiers.in_column(frame, name, values[name], pseudonyms=pseudonyms)
        else:
            hits = _in_unknown(frame, name, values[name])
            count = len(hits)
        found += hits
        total += count
    return found, total


def _in_unknown(frame: pl.DataFrame, name: str, values: pl.Series) -> list[Hit]:
    """At most one: an unknown column is refused as a whole."""
    if identifiers.named_by_header(name):
        return [Hit(name, None, "a column of this name")]
    return identifiers.in_column(frame, name, values)[0][:1]
