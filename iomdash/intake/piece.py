"""A piece of a file's table, made what the contract calls it; of a small file there is one.

What a piece cannot know by itself is asked of the whole file first: under which names its columns
are read, and in which order it writes day and month.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import MOST_BREAKS, Break, Kind, Unreadable
from iomdash.intake import cells, faults, identifiers
from iomdash.intake.cells import Known
from iomdash.intake.identifiers import Hit
from iomdash.intake.meanings import Meanings
from iomdash.intake.rows import Held
from iomdash.intake.sources.header import NUMBER, column_name
from iomdash.intake.sources.raw import Fault, Order, Repair, placed

Values = dict[str, pl.Series]

# From so many rows, and so many to a value, it pays to ask values and not cells.
_MANY, _MANY_ALIKE = 20_000, 4

ORIGIN = "origin"
COLLECTED = "collected"


@dataclass(frozen=True)
class Naming:
    """The names under which columns are read, by their headers; columns without either go."""

    names: Mapping[str, str]
    unknown: tuple[str, ...]

    def named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame under the names."""
        return frame.select("row_number", *self.names).rename(dict(self.names))


def unnamed(frame: pl.DataFrame) -> list[str]:
    """The columns without a header that hold nothing."""
    without = [name for name in frame.columns[1:] if not column_name(name)]
    return [name for name in without if frame.get_column(name).is_null().all()]


def naming(headers: Iterable[str], empty: Iterable[str], file: str, contract: Contract) -> Naming:
    """The contract's names; other columns that hold anything keep a name. Raises Unreadable."""
    known = {column_name(column.header): column.name for column in contract.columns}
    names: dict[str, str] = {}
    for place, header in enumerate(headers, start=1):
        if header in empty:
            continue
        plain = column_name(header) or f"column {place} without a header"
        name = known.get(plain, plain)
        if name == NUMBER or name in names.values():
            if plain in known:
                raise Unreadable(
                    contract.table, file, f"Two of its headers read '{name}'.",
                    "Remove or rename one of the two columns.",
                )  # fmt: skip
            name = f"{plain} ({place})"
        names[header] = name
    ours = {column.name for column in contract.columns}
    return Naming(names, tuple(name for name in names.values() if name not in ours))


@dataclass(frozen=True)
class Cleaning:
    """How the cells of a file are read; `as_text` says that it writes every cell as text."""

    file: str
    contract: Contract
    known: Known
    order: Order
    as_text: bool
    meant: Mapping[str, Meanings]
    faults: tuple[Fault, ...] = ()
    codes: tuple[str, ...] = ()

    def done(self, named: pl.DataFrame, seen: "Seen") -> Held:
        """The rows of a piece as they are stored, and what was seen of them noted down."""
        frame, values = self._cleaned(named, seen)
        seen.identified(frame, values, self.contract)
        kept = self._rows_of_the_table(frame, seen)
        seen.wrong(*faults.faults(self.file, self.faults, kept, values, self.contract, self.codes))
        return Held(_completed(kept, self.contract), _few(kept, values, self.contract))

    def _cleaned(self, frame: pl.DataFrame, seen: "Seen") -> tuple[pl.DataFrame, Values]:
        columns = {column.name: column for column in self.contract.columns}
        held: Values = {}
        for name in frame.columns[1:]:
            column = columns.get(name)
            values = cells.distinct(frame.get_column(name))
            cleaned = cells.cleaned(
                values, column, self.known, self.order, as_text=self.as_text,
                meanings=self.meant.get(name, cells.NO_MEANINGS),
            )  # fmt: skip
            held[name] = cleaned.clean
            changed = cleaned.clean.ne_missing(values)
            if changed.any():
                if column is not None:
                    seen.repaired(name, cleaned.repairs(frame.get_column(name), column.header))
                frame = frame.with_columns(_replaced(frame.get_column(name), values, cleaned.clean))
        return frame, held

    def _rows_of_the_table(self, frame: pl.DataFrame, seen: "Seen") -> pl.DataFrame:
        """The rows that hold anything in a column of the contract."""
        ours = [column.name for column in self.contract.columns if column.name in frame.columns]
        if not ours:
            return frame  # another table's file, which is refused for that
        held = pl.any_horizontal(pl.col(ours).is_not_null())
        kept = frame.filter(held)
        if kept.height < frame.height:
            beside = ~held & pl.any_horizontal(pl.exclude("row_number").is_not_null())
            seen.beside += frame.filter(beside).get_column("row_number").to_list()
        return kept


def _replaced(cells: pl.Series, values: pl.Series, clean: pl.Series) -> pl.Series:
    changed = values.ne_missing(clean)
    pairs = pl.DataFrame({"from": values.filter(changed), "to": clean.filter(changed)}).unique()
    return cells.replace(pairs["from"], pairs["to"])


def _few(frame: pl.DataFrame, values: Values, contract: Contract) -> Values:
    """The distinct values of the contract's columns of a large piece that have few."""
    if frame.height < _MANY:
        return {}
    nothing = pl.Series([None], dtype=pl.String)
    ours = [column.name for column in contract.columns if column.name in values]
    held = {name: values[name].drop_nulls() for name in ours}
    once = {
        name: few.unique() for name, few in held.items() if len(few) * _MANY_ALIKE < frame.height
    }
    return {
        name: pl.concat([few, nothing]) if frame[name].null_count() else few
        for name, few in once.items()
    }


def _completed(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    absent = {ORIGIN: pl.lit(COLLECTED)} if without_origin(frame.columns, contract) else {}
    return frame.select(
        "row_number",
        *(
            pl.col(column.name)
            if column.name in frame.columns
            else absent.get(column.name, nothing).alias(column.name)
            for column in contract.columns
        ),
    )


def without_origin(names: Iterable[str], contract: Contract) -> bool:
    """Whether rows need an origin and have no column of it."""
    needed = any(column.name == ORIGIN and column.required for column in contract.columns)
    return needed and ORIGIN not in names


@dataclass
class Seen:
    """What was seen of the pieces of a file, added up; of `breaks` the first 1,000 of a kind, of
    `hits` of a column. `named` counts cells by column and what identifies a person there.
    """

    repairs: dict[str, dict[str, Repair]] = field(default_factory=dict[str, dict[str, Repair]])
    hits: dict[str, list[Hit]] = field(default_factory=dict[str, list[Hit]])
    named: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    breaks: dict[Kind, list[Break]] = field(default_factory=dict[Kind, list[Break]])
    counts: Counter[Kind] = field(default_factory=Counter[Kind])
    beside: list[int] = field(default_factory=list[int])

    def repaired(self, column: str, repairs: Iterable[Repair]) -> None:
        """Repairs of a column in one more piece."""
        sums = self.repairs.setdefault(column, {})
        for repair in repairs:
            before = sums[repair.what].cells if repair.what in sums else 0
            sums[repair.what] = replace(repair, cells=before + repair.cells)

    def identified(self, frame: pl.DataFrame, values: Values, contract: Contract) -> None:
        """Cells and columns of one more piece that name a person."""
        known = {column.name: column for column in contract.columns}
        for name in frame.columns[1:]:
            if name not in known:
                # An unknown column is refused as a whole.
                if name not in self.hits and (hits := _in_unknown(frame, name, values[name])):
                    self._hit(name, hits, {hits[0].what: 1})
            elif not known[name].identifies:
                pseudonyms = known[name].classification == "pseudonym"
                self._hit(
                    name,
                    *identifiers.in_column(frame, name, values[name], pseudonyms=pseudonyms),
                )

    def _hit(self, name: str, hits: list[Hit], counts: Mapping[str, int]) -> None:
        if hits:
            self.hits[name] = [*self.hits.get(name, ()), *hits][:MOST_BREAKS]
            self.named += Counter({(name, what): n for what, n in counts.items()})

    def wrong(self, breaks: Iterable[Break], counts: Counter[Kind]) -> None:
        """Cells, rows and columns of one more piece that are wrong whatever the contract says."""
        for new in breaks:
            same = self.breaks.setdefault(new.kind, [])
            if len(same) < MOST_BREAKS:
                same.append(new)
        self.counts += counts

    @property
    def every_repair(self) -> Iterator[Repair]:
        """Each kind of repair of each column."""
        return (repair for sums in self.repairs.values() for repair in sums.values())

    @property
    def every_hit(self) -> tuple[Hit, ...]:
        """What names a person, column by column."""
        return tuple(hit for hits in self.hits.values() for hit in hits)

    @property
    def every_break(self) -> Iterator[Break]:
        """What is wrong, kind by kind."""
        return (one for same in self.breaks.values() for one in same)

    @property
    def notes(self) -> tuple[str, ...]:
        """A word on the rows that were left out."""
        if not self.beside:
            return ()
        rows = [placed(row).row for row in self.beside]
        which = f"Row {rows[0]} was" if len(rows) == 1 else f"{len(rows):,} rows were"
        return (f"{which} left out: no cell of a column of the contract is filled in.",)


def _in_unknown(frame: pl.DataFrame, name: str, values: pl.Series) -> list[Hit]:
    """At most one."""
    if identifiers.named_by_header(name):
        return [Hit(name, None, "a column of this name")]
    return identifiers.in_column(frame, name, values)[0][:1]
