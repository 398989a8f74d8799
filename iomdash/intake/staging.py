"""Any file to text under contract names, each row with its number in the file.

Reading forgives what does not change a meaning, and says what it forgave: encodings, delimiters,
titles above the header, case, blanks at the ends, ways of writing a day. It casts nothing and
rejects no value: a cell that it cannot normalise stays as it is, so that the contract can name
it. Only what no contract could see is named here: an error in place of a value, lost letters.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import MOST_BREAKS, Break, Unreadable, UsageError
from iomdash.intake import cells, days, identifiers, sources
from iomdash.intake.cells import Known
from iomdash.intake.contracts import lists
from iomdash.intake.identifiers import HIDDEN, Hit
from iomdash.intake.sources import coded, matrix
from iomdash.intake.sources.header import column_name
from iomdash.intake.sources.raw import AS_IT_IS, Options, Order, Raw, Reading, Repair, placed

Values = dict[str, pl.Series]

ORIGIN = "origin"
COLLECTED = "collected"


@dataclass(frozen=True)
class Staged:
    """A file as read: `frame` has row_number and every column of the contract, all else text.

    `missing` are required columns that the file lacks, `identified` the cells and columns that
    name a person: the first 1,000 of a column, `identified_total` being all. `faults` are cells
    that are wrong whatever the contract says. `raw` has the cells as they stand in the file.
    `sha256` is that of the file's bytes, and `part` tells apart the tables that one file becomes.
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
    reading: Reading = field(default=Reading(""))
    faults: tuple[Break, ...] = ()
    faults_total: int = 0
    raw: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)
    codes: tuple[str, ...] = ()

    def shown(self, row: int, column: str) -> str | None:
        """The cell as it stands in the file; None where it is empty, or nothing is known of it."""
        if column not in self.raw.columns:
            return None
        numbers = self.raw.get_column("row_number")
        at = int(numbers.search_sorted(row))
        if at >= len(numbers) or numbers[at] != row:
            return None
        return self.raw.get_column(column)[at]


def read(
    path: Path | str,
    contract: Contract,
    options: Options = AS_IT_IS,
    known: Known = lists.declared,
) -> Staged:
    """The file under the contract's names. Raises Unreadable, with the remedy.

    `known` gives the values of a list or table to which a column refers.
    """
    path = Path(path)
    data = sources.bytes_of(path, contract.table)
    raw = sources.table_of(data, path.name, contract, options)
    if options.names is not None:
        raw = _of_another_program(raw, options.names, contract)
    raw = matrix.unpivoted(raw, contract)
    return _staged(raw, path.name, hashlib.sha256(data).hexdigest(), contract, options, known)


def _of_another_program(raw: Raw, names: Path, contract: Contract) -> Raw:
    if contract.table != "codings":
        raise UsageError("Only codings come as an export of coded passages; leave out --names.")
    return coded.as_codings(raw, coded.names_of(names))


def _staged(
    raw: Raw, file: str, sha256: str, contract: Contract, options: Options, known: Known
) -> Staged:
    named, reading = _named(raw, file, contract)
    if named.is_empty():
        raise Unreadable(
            contract.table, file, "It has a header but no rows.", "Add rows, or leave it out."
        )
    order, told, about_order, unsure = _order(named, contract, options)
    frame, values, repairs = _cleaned(named, contract, known, order, reading)
    identified, total = _identified(frame, values, contract)
    kept, notes = _rows_of_the_table(frame, contract)
    if kept.is_empty():
        raise Unreadable(
            contract.table, file, "It has a header but no rows.", "Add rows, or leave it out."
        )
    reading = replace(
        reading,
        order=told,
        notes=(*reading.notes, *notes, *unsure),
        repairs=(*reading.repairs, *repairs),
    )
    missing = [c for c in contract.columns if c.required and c.name not in frame.columns]
    if any(column.name == ORIGIN for column in missing):
        kept = kept.with_columns(pl.lit(COLLECTED).alias(ORIGIN))
        missing = [column for column in missing if column.name != ORIGIN]
        words = f"Its rows count as {COLLECTED}, as it has no column '{ORIGIN}'."
        reading = replace(reading, notes=(*reading.notes, words))
    faults, faults_total = _faults(file, raw, kept, values, contract)
    return Staged(
        table=contract.table,
        file=file,
        sha256=sha256,
        frame=_completed(kept, contract),
        warnings=reading.sentences,
        missing=tuple(column.name for column in missing),
        identified=tuple(identified),
        identified_total=total,
        reading=reading,
        faults=tuple(replace(each, file=file) for each in (*about_order, *faults)),
        faults_total=faults_total + len(about_order),
        raw=named,
        codes=raw.codes,
    )


def _named(raw: Raw, file: str, contract: Contract) -> tuple[pl.DataFrame, Reading]:
    """The table under the contract's names; other columns that hold anything keep a name."""
    frame = raw.frame
    unnamed = [name for name in frame.columns[1:] if not column_name(name)]
    empty = [name for name in unnamed if frame.get_column(name).is_null().all()]
    headers = {column_name(column.header): column.name for column in contract.columns}
    names: dict[str, str] = {}
    for place, header in enumerate(frame.columns[1:], start=1):
        if header in empty:
            continue
        plain = column_name(header) or f"column {place} without a header"
        name = headers.get(plain, plain)
        if name in names.values():
            if plain in headers:
                raise Unreadable(
                    contract.table, file, f"Two of its headers read '{name}'.",
                    "Remove or rename one of the two columns.",
                )  # fmt: skip
            name = f"{plain} ({place})"
        names[header] = name
    frame = frame.drop(empty).rename(names)
    known = {column.name for column in contract.columns}
    unknown = tuple(name for name in frame.columns[1:] if name not in known)
    return frame, replace(raw.reading, left_out=(*raw.reading.left_out, *unknown))


def _order(
    frame: pl.DataFrame, contract: Contract, options: Options
) -> tuple[Order, Order | None, list[Break], tuple[str, ...]]:
    """In which order figures of days are read, whether any are, the columns that differ, and a
    word where no cell tells the order.
    """
    found = {
        column: days.evidence(frame.get_column(column.name).drop_nulls().unique())
        for column in contract.columns
        if column.kind == "date" and column.name in frame.columns
    }
    written = any(each.day_first or each.month_first or each.either for each in found.values())
    if options.order is not None:
        return options.order, options.order if written else None, [], ()
    breaks: list[Break] = []
    swapped = any(each.month_first for each in found.values())
    for column, each in found.items():
        if each.month_first:
            breaks.append(_month_first(frame, column, each))
        elif swapped and each.either and not each.day_first:
            breaks.append(_unsure_order(frame, column, each))
    certain = any(each.day_first or each.month_first for each in found.values())
    words = ("Days in figures were read with the day first, as no cell tells otherwise; "
             "state --days month-first if they are American.",)  # fmt: skip
    return (
        "day-first",
        "day-first" if written else None,
        breaks,
        () if certain else (words if written else ()),
    )


def _month_first(frame: pl.DataFrame, column: Column, told: days.Evidence) -> Break:
    rule = f"Writes the month first: {_where(frame, column, told.month_first)}."
    remedy = "Write every day of the column as 25/03/2026, or state the order: --days month-first."
    if told.day_first:
        rule = (
            f"Writes the month first in some cells and the day first in others: "
            f"{_where(frame, column, told.month_first)}; {_where(frame, column, told.day_first)}."
        )
        remedy = "Write every day of the column as 25/03/2026."
    return Break("", None, column.header, None, rule, remedy)


def _unsure_order(frame: pl.DataFrame, column: Column, told: days.Evidence) -> Break:
    where = _where(frame, column, told.either)
    return Break(
        "", None, column.header, None,
        f"Another column of the file writes the month first, so this one may too: {where}.",
        "Write every day of the column as 25/03/2026, or state the order: --days month-first.",
    )  # fmt: skip


def _where(frame: pl.DataFrame, column: Column, values: Sequence[str]) -> str:
    """The first row that holds one of the values, with it unless it identifies somebody."""
    which = frame.get_column(column.name).is_in([*values])
    row, value = frame.filter(which).select("row_number", column.name).row(0)
    shown = "a day" if column.identifies else f"'{value}'"
    more = int(which.sum()) - 1
    others = f" and {more:,} more" if more else ""
    return f"row {placed(row).row} holds {shown}{others}"


def _cleaned(
    frame: pl.DataFrame, contract: Contract, known: Known, order: Order, reading: Reading
) -> tuple[pl.DataFrame, Values, list[Repair]]:
    columns = {column.name: column for column in contract.columns}
    held: Values = {}
    repairs: list[Repair] = []
    for name in frame.columns[1:]:
        column = columns.get(name)
        values = frame.get_column(name).drop_nulls().unique()
        told = cells.cleaned(values, column, known, order, as_text=reading.kind == "CSV")
        held[name] = told.clean
        changed = told.clean.ne_missing(values)
        if changed.any():
            if column is not None:
                repairs += told.repairs(frame.get_column(name), column.header)
            new = pl.col(name).replace(values.filter(changed), told.clean.filter(changed))
            frame = frame.with_columns(new)
    return frame, held, repairs


def _rows_of_the_table(
    frame: pl.DataFrame, contract: Contract
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows that hold anything in a column of the contract, and a word on the others."""
    ours = [column.name for column in contract.columns if column.name in frame.columns]
    if not ours:
        return frame, ()  # another table's file, which is refused for that
    held = pl.any_horizontal(pl.col(ours).is_not_null())
    kept = frame.filter(held)
    if kept.height == frame.height:
        return kept, ()
    beside = frame.filter(~held & pl.any_horizontal(pl.exclude("row_number").is_not_null()))
    if beside.is_empty():
        return kept, ()
    rows = [placed(row).row for row in beside.get_column("row_number")]
    which = f"Row {rows[0]} was" if len(rows) == 1 else f"{len(rows):,} rows were"
    return kept, (f"{which} left out: no cell of a column of the contract is filled in.",)


def _faults(
    file: str, raw: Raw, frame: pl.DataFrame, values: Values, contract: Contract
) -> tuple[list[Break], int]:
    """Cells, rows and columns that are wrong whatever the contract says."""
    headers = {column_name(column.header): column for column in contract.columns}
    found = [
        _fault(headers[column_name(each.column)], each.row, each.value, each.rule, each.remedy)
        for each in raw.faults
        if column_name(each.column) in headers
    ]
    total = len(found)
    named = {(each.row, each.column) for each in found}
    for column in contract.columns:
        if column.name not in values:
            continue
        for each in cells.wrong(values[column.name].drop_nulls(), column):
            rows = frame.filter(pl.col(column.name) == each.value).get_column("row_number")
            new = [row for row in rows.head(MOST_BREAKS) if (row, column.header) not in named]
            total += max(len(rows) - MOST_BREAKS, 0) + len(new)
            found += [_fault(column, row, each.value, each.rule, each.remedy) for row in new]
    repeated = _repeated_headers(frame, contract)
    return [*found, *(Break(file, row, None, None, *_REPEATED) for row in repeated)], (
        total + len(repeated)
    )


_REPEATED = ("Repeats the header.", "Remove the row.")


def _fault(column: Column, row: int, value: str | None, rule: str, remedy: str) -> Break:
    if column.identifies and value:
        rule, value = rule.replace(value, HIDDEN), HIDDEN
    return Break("", row, column.header, value or None, rule, remedy)


def _repeated_headers(frame: pl.DataFrame, contract: Contract) -> list[int]:
    ours = [column for column in contract.columns if column.name in frame.columns]
    if len(ours) < 2:
        return []
    first = frame.get_column(ours[0].name).drop_nulls().unique()
    like = [each for each in first if column_name(each) == column_name(ours[0].header)]
    if not like:
        return []
    rows = frame.filter(pl.col(ours[0].name).is_in(like)).select(
        "row_number", *(column.name for column in ours)
    )
    return [
        row[0]
        for row in rows.iter_rows()
        if all(
            column_name(cell or "") == column_name(column.header)
            for cell, column in zip(row[1:], ours, strict=True)
        )
    ]


def _completed(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return frame.select(
        "row_number",
        *(
            pl.col(column.name) if column.name in frame.columns else nothing.alias(column.name)
            for column in contract.columns
        ),
    )


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
