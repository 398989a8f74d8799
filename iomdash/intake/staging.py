"""Any file to text under contract names, each row with its number in the file.

Reading forgives what does not change a meaning, and says what it forgave: encodings, delimiters,
titles above the header, case, blanks at the ends, ways of writing a day. It casts nothing and
rejects no value: a cell that it cannot normalise stays as it is, so that the contract can name
it. Only what no contract could see is named here: an error in place of a value, lost letters.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Break, Unreadable, UsageError
from iomdash.intake import cells, day_order, faults, identifiers, meanings, sources
from iomdash.intake.cells import Known
from iomdash.intake.contracts import lists
from iomdash.intake.identifiers import Hit
from iomdash.intake.meanings import Meanings
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
    size = raw.frame.height * (raw.frame.width - 1)
    raw = replace(raw, reading=replace(raw.reading, cells=size))
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
    called = (f"Column '{theirs}' was read as {ours}." for ours, theirs in options.columns)
    reading = replace(reading, notes=(*reading.notes, *called))
    if named.is_empty():
        raise Unreadable(
            contract.table, file, "It has a header but no rows.", "Add rows, or leave it out."
        )
    order, written, about_order, unsure = day_order.order(named, contract, options)
    meant = meanings.stated(contract, options)
    frame, values, repairs = _cleaned(named, contract, known, order, reading, meant)
    identified, total = _identified(frame, values, contract)
    kept, notes = _rows_of_the_table(frame, contract)
    if kept.is_empty():
        raise Unreadable(
            contract.table, file, "It has a header but no rows.", "Add rows, or leave it out."
        )
    reading = replace(
        reading,
        order=written,
        notes=(*reading.notes, *notes, *unsure),
        repairs=(*reading.repairs, *repairs),
    )
    missing = [c for c in contract.columns if c.required and c.name not in frame.columns]
    if any(column.name == ORIGIN for column in missing):
        kept = kept.with_columns(pl.lit(COLLECTED).alias(ORIGIN))
        missing = [column for column in missing if column.name != ORIGIN]
        words = f"Its rows count as {COLLECTED}, as it has no column '{ORIGIN}'."
        reading = replace(reading, notes=(*reading.notes, words))
    wrong, faults_total = faults.faults(file, raw, kept, values, contract)
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
        faults=tuple(replace(fault, file=file) for fault in (*about_order, *wrong)),
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


def _cleaned(
    frame: pl.DataFrame, contract: Contract, known: Known, order: Order, reading: Reading,
    meant: Mapping[str, Meanings],
) -> tuple[pl.DataFrame, Values, list[Repair]]:  # fmt: skip
    columns = {column.name: column for column in contract.columns}
    held: Values = {}
    repairs: list[Repair] = []
    for name in frame.columns[1:]:
        column = columns.get(name)
        values = frame.get_column(name).drop_nulls().unique()
        cleaned = cells.cleaned(
            values, column, known, order, as_text=reading.kind == "CSV",
            meanings=meant.get(name, cells.NO_MEANINGS),
        )  # fmt: skip
        held[name] = cleaned.clean
        changed = cleaned.clean.ne_missing(values)
        if changed.any():
            if column is not None:
                repairs += cleaned.repairs(frame.get_column(name), column.header)
            new = pl.col(name).replace(values.filter(changed), cleaned.clean.filter(changed))
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
    all_hits: list[Hit] = []
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
        all_hits += hits
        total += count
    return all_hits, total


def _in_unknown(frame: pl.DataFrame, name: str, values: pl.Series) -> list[Hit]:
    """At most one: an unknown column is refused as a whole."""
    if identifiers.named_by_header(name):
        return [Hit(name, None, "a column of this name")]
    return identifiers.in_column(frame, name, values)[0][:1]
