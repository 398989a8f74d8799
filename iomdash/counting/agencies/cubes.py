"""A measure's rows a person, added up for every group that filters can name.

Whoever stands in one atom of a period is added up there, once, and atoms are added up to groups, a
filter at a time. Distinct people are counted group by group only of those who stand in several:
they are few, and of everybody it is what costs. An *atom* is a smallest set of stays that filters
can tell apart. Everything is grouped by numbers: texts are numbered once, of what was counted.
"""

from collections.abc import Sequence
from itertools import combinations

import polars as pl

from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, PERIODS, STAY
from iomdash.declared.groups import EVERYONE
from iomdash.vault.engine import TWO_LARGEST, Engine

# Record keys are drawn from so many numbers. Source: ONS, cell key method.
KEYS = 256
_PARTS = ("n", "people", "key", "top", "two")
# Of a row a person, and of cells: what is told of the people in a cell.
_OF_PEOPLE = (
    "cast(sum(n) as bigint) as n, count(*) as people, cast(sum(key) as bigint) as key, "
    f"cast(max(n) as bigint) as top, cast({TWO_LARGEST}(n) as bigint) as two"
)
# Of the two largest parts in several cells without a person in common, both are the largest of
# theirs, or both lie in one. The largest stand first.
_ADDED = (
    pl.col("n").sum(),
    pl.col("people").sum(),
    pl.col("key").sum() % KEYS,
    pl.col("top").first(),
    pl.max_horizontal(pl.col("two").max(), pl.col("top").head(2).sum()).alias("two"),
)


def number(stays: pl.DataFrame) -> pl.DataFrame:
    """The atoms that stays are of, numbered, and beside each filter the number of its value."""
    atoms = stays.select(STAY).unique().sort(STAY).with_row_index("atom")
    numbers = (pl.col(name).rank("dense").alias(f"{name}_no") for name in STAY)
    return atoms.with_columns(*numbers).with_columns(pl.selectors.integer().cast(pl.Int64))


def cube(
    engine: Engine, measure: Measure, query: str, periods: Sequence[str], filters: int
) -> pl.DataFrame:
    """The cells of a measure by groups of at most so many filters beside the period.

    `query` gives its rows a person. Reads the tables `people` (person_id, person, key, several:
    whether in more atoms than one) and `atoms`, as `number` makes it.
    """
    named = _tallied(engine, measure, query)
    atoms = engine.frame("select * from atoms")
    at_end = set(measure.at_end) == set(measure.whats)
    kept = [p for p in periods if p == "quarter" or not at_end]
    tables = (
        _named(_table(engine, atoms, *_kept(engine, measure, named, cut, period), filters), measure)
        for cut in measure.cuts
        for period in kept
    )
    return pl.concat(tables)


def _tallied(engine: Engine, measure: Measure, query: str) -> pl.DataFrame:
    """Keeps the measure's rows a person, all in numbers; the texts that each `cell` stands for."""
    texts = ("quarter", *measure.dimensions, "what")
    engine.keep(
        "tallied",
        f"select a.atom, {', '.join(f't.{name}' for name in texts)}, "
        "p.person, p.key, p.several, cast(t.n as bigint) as n "
        f"from ({query}) as t inner join people as p on t.person_id = p.person_id "
        f"inner join atoms as a on {' and '.join(f't.{name} = a.{name}' for name in STAY)}",
    )
    named = _numbered(engine.frame(f"select distinct {', '.join(texts)} from tallied"), "cell")
    engine.take("named", named)
    same = " and ".join(f"c.{name} = m.{name}" for name in texts)
    engine.keep(
        "tallied",
        "select c.atom, m.cell, c.person, c.key, c.several, c.n "
        f"from tallied as c inner join named as m on {same}",
    )
    return named


def _numbered(texts: pl.DataFrame, name: str) -> pl.DataFrame:
    numbered = texts.sort(texts.columns).with_row_index(name)
    return numbered.with_columns(pl.col(name).cast(pl.Int64))


def _kept(
    engine: Engine, measure: Measure, named: pl.DataFrame, cut: tuple[str, ...], period: str
) -> tuple[str, pl.DataFrame]:
    """The name of the table of what a person has of a cell in each of their atoms; the texts that
    each cell stands for.
    """
    if period == "quarter" and cut == measure.dimensions:
        return "tallied", named
    texts = ("quarter", *cut, "what")
    if period != "quarter":
        named = named.filter(~pl.col("what").is_in(list(measure.at_end)))
    named = named.with_columns(PERIODS[period].alias("quarter"))
    cells = _numbered(named.select(texts).unique(), "cell")
    engine.take("coarser", named.join(cells.rename({"cell": "whole"}), on=texts)["cell", "whole"])
    engine.keep(
        "parts",
        "select t.atom, c.whole as cell, t.person, t.key, t.several, cast(sum(t.n) as bigint) as n "
        "from tallied as t inner join coarser as c on t.cell = c.cell "
        "group by t.atom, c.whole, t.person, t.key, t.several",
    )
    return "parts", cells


def _table(
    engine: Engine, atoms: pl.DataFrame, parts: str, cells: pl.DataFrame, filters: int
) -> pl.DataFrame:
    """One table of a cube. Several small ones take a third of the memory of all at once."""
    engine.keep(
        "spread",
        f"select *, count(*) over (partition by cell, person) as atoms from {parts} where several",
    )
    groups = _Groups(atoms)
    alone = groups.every(engine.frame(_of_atoms(parts)).join(atoms, on="atom"))
    several = groups.coded(engine.frame(_of_several(filters)).with_columns(groups.numbers))
    counted = groups.named(_together(alone, several))
    few = counted.filter(pl.sum_horizontal(pl.col(STAY) != EVERYONE) <= filters)
    return few.join(cells, on="cell")


class _Groups:
    """Groups by one number, their code: a digit for each filter, 0 for one that they have not."""

    def __init__(self, atoms: pl.DataFrame) -> None:
        self._atoms = atoms
        self._digits: dict[str, tuple[int, int]] = {}
        weight = 1
        for name in STAY:
            most = int(atoms[f"{name}_no"].max() or 0)  # pyright: ignore[reportArgumentType]
            self._digits[name] = weight, most + 1
            weight *= most + 1
        self._all = weight

    @property
    def numbers(self) -> list[pl.Expr]:
        """The numbers of a group's values, from those that the engine gives."""
        return [pl.col(f"{name}_no").fill_null(0) for name in STAY]

    def coded(self, counted: pl.DataFrame) -> pl.DataFrame:
        """Cells under `code`, which holds the cell's number, too."""
        code = pl.sum_horizontal(
            pl.col("cell") * self._all,
            *(pl.col(f"{name}_no") * weight for name, (weight, _) in self._digits.items()),
        )
        return counted.select(code.alias("code"), *_PARTS)

    def every(self, of_atoms: pl.DataFrame) -> pl.DataFrame:
        """Cells of atoms, of which nobody stands in two, added up to those of every group."""
        cells = self.coded(of_atoms)
        for name in sorted(STAY, key=lambda name: -self._digits[name][1]):
            without = pl.col("code") - self._digit(name) * self._digits[name][0]
            more = cells.sort("top", descending=True).group_by(without).agg(*_ADDED)
            cells = pl.concat([cells, more])
        return cells

    def _digit(self, name: str) -> pl.Expr:
        weight, values = self._digits[name]
        return pl.col("code") // weight % values

    def named(self, counted: pl.DataFrame) -> pl.DataFrame:
        """The filters and the `cell` of each code."""
        named = counted.with_columns(
            pl.col("code") // self._all, *(self._digit(name).alias(name) for name in STAY)
        ).rename({"code": "cell"})
        for name in STAY:
            values = self._atoms.select(f"{name}_no", name).unique().sort(f"{name}_no")[name]
            words = pl.concat([pl.Series(name, [EVERYONE]), values])
            named = named.with_columns(words.gather(named[name]))
        return named


def _together(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The cells of both, who have nobody in common."""
    both = one.join(other, on="code", how="full", coalesce=True)
    ours, theirs = (
        {name: pl.col(f"{name}{of}").fill_null(0) for name in _PARTS} for of in ("", "_right")
    )
    return both.select(
        "code", ours["n"] + theirs["n"], ours["people"] + theirs["people"],
        (ours["key"] + theirs["key"]) % KEYS,
        pl.max_horizontal(ours["top"], theirs["top"]).alias("top"),
        pl.max_horizontal(ours["two"], theirs["two"], ours["top"] + theirs["top"]).alias("two"),
    )  # fmt: skip


def _of_atoms(parts: str) -> str:
    """The cells of every atom, of who stands in no other atom of the cell."""
    return f"""
        with alone as (
          select atom, cell, key, n from {parts} where not several
          union all
          select atom, cell, key, n from spread where atoms = 1
        )
        select atom, cell, {_OF_PEOPLE} from alone group by atom, cell
    """


def _of_several(filters: int) -> str:
    """The cells of every group of at most so many filters, of who stands in several atoms of it."""
    numbers = [f"{name}_no" for name in STAY]
    groups = [some for n in range(filters + 1) for some in combinations(numbers, n)]
    sets = ", ".join(f"({', '.join((*some, 'cell', 'person', 'key'))})" for some in groups)
    return f"""
        with of_several as (
          select {", ".join(numbers)}, cell, person, key, cast(sum(n) as bigint) as n
          from spread inner join atoms on spread.atom = atoms.atom
          where spread.atoms > 1
          group by grouping sets ({sets})
        )
        select {", ".join(numbers)}, cell, {_OF_PEOPLE}
        from of_several group by {", ".join(numbers)}, cell
    """


def _named(counted: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The columns of the cube; a dimension that the table has not is everything."""
    others = [name for name in measure.dimensions if name not in counted.columns]
    ordered = (*AGENCY_FILTERS, *measure.dimensions, "what", *_PARTS)
    return counted.with_columns(pl.lit(EVERYONE).alias(name) for name in others).select(ordered)
