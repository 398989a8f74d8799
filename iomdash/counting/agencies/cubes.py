"""Measures' rows a person, added up for every group that filters can name.

People are counted at the atoms that they stand in, once, and `codes` adds those up to groups. Only
of whoever stands in more than two atoms of a cell distinct people are counted group by group: they
are few, and of everybody it is what costs. Several measures are counted by the same queries, as
starting one is most of what it costs where people are few. Everything is grouped by numbers: texts
are numbered once, of what was counted, and a person's number tells their record key besides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from iomdash.counting.agencies.codes import ALL, KEYS, OF_ONE, PARTS, Groups
from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, PERIODS
from iomdash.declared.agencies.measure import MONTH
from iomdash.declared.groups import EVERYONE
from iomdash.vault.engine import TWO_LARGEST, Engine

# Of a row a person: what is told of the people in a cell.
_OF_PEOPLE = (
    "cast(sum(n) as bigint) as n, count(*) as people, "
    f"cast(sum(person % {KEYS}) as bigint) as key, "
    f"cast(max(n) as bigint) as top, cast({TWO_LARGEST}(n) as bigint) as two"
)
# People's numbers begin here where they stand in more atoms than one.
_FROM = 2**40
_SEVERAL = f"person >= {_FROM}"


def numbered(place: pl.Expr, several: pl.Expr, key: pl.Series) -> pl.Expr:
    """People's numbers: of their place, whether they stand in several atoms, and record key."""
    return several.cast(pl.Int64) * _FROM + place.cast(pl.Int64) * KEYS + key % KEYS


def place(person: pl.Expr) -> pl.Expr:
    """The place of a person's number."""
    return person % _FROM // KEYS


def grouped(engine: Engine, filters: int) -> Groups:
    """The groups of at most so many filters beside the period, and tables of them for `cubes_of`.

    Reads the table `atoms`, as `codes.number` makes it.
    """
    groups = Groups(engine.frame("select * from atoms"), filters)
    engine.take("standing", groups.standing)
    engine.take("groups_of", groups.of_atoms)
    return groups


@dataclass(frozen=True)
class _Asked:
    """Measures that are counted by the same queries, by what periods: their texts stand in the same
    columns, of which `own` hold whichever dimensions a measure has.
    """

    measures: tuple[Measure, ...]
    periods: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        return tuple(f"own_{i}" for i in range(max(len(m.dimensions) for m in self.measures)))

    @property
    def texts(self) -> tuple[str, ...]:
        return ("measure", "quarter", *self.own, "what")

    def tables(self, measure: Measure) -> Iterator[tuple[tuple[str, ...], str]]:
        """The dimensions and the period of each table of a measure for which rows are added up."""
        every = product(measure.cuts, self.periods)
        return (table for table in every if table != (measure.dimensions, "quarter"))

    @property
    def as_they_are(self) -> pl.Expr:
        """Whether a row stands in a table of its measure as it is, added up with no other."""
        whole = (i for i, m in enumerate(self.measures) if m.dimensions in m.cuts)
        return pl.col("measure").is_in(list(whole) if "quarter" in self.periods else [])


def cubes_of(
    engine: Engine, asked: Sequence[tuple[Measure, str]], periods: Sequence[str], groups: Groups
) -> dict[str, pl.DataFrame]:
    """The cells of measures by groups that `grouped` gave, by measure.

    The query of each gives its rows a person: atom, quarter, the measure's dimensions, what, person
    (as `numbered` makes it) and n.
    """
    of = _Asked(tuple(measure for measure, _ in asked), tuple(periods))
    cells, first = _numbered_cells(engine, of, [query for _, query in asked])
    engine.name("told", f"select * from tallied where cell < {first} union all select * from parts")
    engine.keep("spread", _spread(groups.bits))
    several = engine.frame(_of_several(groups.size))
    every = groups.every(engine.frame(_of_places(groups.bits)), several)
    measure = cells["measure"].gather(groups.cell(every))
    counted = every.with_columns(measure).partition_by("measure", as_dict=True)
    return {
        each.id: _cube(groups.named(counted.get((i,), every.clear()), cells), each, of.own)
        for i, each in enumerate(of.measures)
    }


def _numbered_cells(engine: Engine, of: _Asked, queries: Sequence[str]) -> tuple[pl.DataFrame, int]:
    """Keeps the rows a person, by the numbers of their cells: as they are, and added up. The texts
    of each cell by its number, and the first of those that are added up.
    """
    named = _tallied(engine, of, queries)
    first = named.filter(of.as_they_are).height
    told = pl.concat(_told(named, of, i) for i in range(len(queries)))
    added_up = _placed(told.select(of.texts).unique().sort(of.texts), "whole", first)
    engine.take("coarser", told.join(added_up, on=of.texts).select("cell", "whole", "nth"))
    # Of several small tables each takes less time, and memory, than of all at once.
    tables = range(max(told["nth"], default=0) + 1)
    engine.keep("parts", " union all ".join(_part(nth) for nth in tables))
    return pl.concat([named.head(first).select(of.texts), added_up.select(of.texts)]), first


def _tallied(engine: Engine, of: _Asked, queries: Sequence[str]) -> pl.DataFrame:
    """Keeps the rows a person of every measure, all in numbers; the texts that each `cell` stands
    for, first of those that are cells of a cube as they are.
    """
    engine.keep("tallied", " union all ".join(_rows(of, *each) for each in enumerate(queries)))
    named = engine.frame(f"select distinct {', '.join(of.texts)} from tallied")
    named = _placed(named.sort(~of.as_they_are, *of.texts), "cell")
    engine.take("named", named)
    same = " and ".join(f"c.{name} = m.{name}" for name in of.texts)
    engine.keep(
        "tallied",
        f"select c.atom, m.cell, c.person, c.n from tallied as c inner join named as m on {same}",
    )
    return named


def _rows(of: _Asked, number: int, query: str) -> str:
    """A measure's rows, with as many dimensions as any."""
    dimensions = [f"cast({name} as varchar)" for name in of.measures[number].dimensions]
    dimensions += ["''"] * (len(of.own) - len(dimensions))
    columns = [f"{cell} as {name}" for cell, name in zip(dimensions, of.own, strict=True)]
    columns += ["what", "atom", "person", "cast(n as bigint) as n"]
    return f"select {number} as measure, quarter, {', '.join(columns)} from ({query}) as m"


def _told(named: pl.DataFrame, of: _Asked, number: int) -> pl.DataFrame:
    """What becomes of a measure's texts in each of its tables for which rows are added up, and the
    how many-th of them that is, `nth`.
    """
    measure = of.measures[number]
    every = named.filter(pl.col("measure") == number)
    summed = every.filter(~pl.col("what").is_in(list(measure.at_end)))
    tables = [every.clear().with_columns(nth=pl.lit(0))]
    for nth, (cut, period) in enumerate(of.tables(measure)):
        names = zip(of.own, measure.dimensions, strict=False)
        left_out = [pl.lit(EVERYONE).alias(has) for has, name in names if name not in cut]
        rows = every if period == "quarter" else summed
        quarter = PERIODS[period].alias("quarter")
        tables.append(rows.with_columns(quarter, *left_out, nth=pl.lit(nth)))
    return pl.concat(tables)


def _part(nth: int) -> str:
    return (
        "select t.atom, c.whole as cell, t.person, cast(sum(t.n) as bigint) as n "
        "from tallied as t inner join coarser as c on t.cell = c.cell "
        f"where c.nth = {nth} group by t.atom, c.whole, t.person"
    )


def _placed(texts: pl.DataFrame, name: str, first: int = 0) -> pl.DataFrame:
    return texts.with_row_index(name, first).with_columns(pl.col(name).cast(pl.Int64))


def _spread(bits: int) -> str:
    """What people who stand in several atoms at all have of a cell: in how many atoms of it, and
    the first and the last of these, each with how much of it in one number.
    """
    stood = f"atom * {2**bits} + n"
    return f"""
        select cell, person, count(*) as atoms, min({stood}) as one, max({stood}) as other
        from told where {_SEVERAL}
        group by cell, person
    """


def _of_places(bits: int) -> str:
    """The cells of every place, of whoever stands in one or two atoms of the cell."""
    of_one, of_other = f"one % {2**bits}", f"other % {2**bits}"
    return f"""
        with stood as (
          select atom as place, cell, person, n from told where not ({_SEVERAL})
          union all
          select one >> {bits}, cell, person, {of_one} from spread where atoms = 1
          union all
          select p.place, s.cell, s.person,
            case p.part when {ALL} then s.{of_one} + s.{of_other} when {OF_ONE} then s.{of_one}
              else s.{of_other} end
          from spread as s
          inner join standing as p on s.one >> {bits} = p.one and s.other >> {bits} = p.other
          where s.atoms = 2
        )
        select place, cell, {_OF_PEOPLE} from stood group by place, cell
    """


def _of_several(size: int) -> str:
    """The cells of groups, of whoever stands in more than two atoms of the cell."""
    return f"""
        with of_several as (
          select p.cell * {size} + g.code as code, p.person, cast(sum(p.n) as bigint) as n
          from spread as s
          inner join told as p on s.cell = p.cell and s.person = p.person
          inner join groups_of as g on p.atom = g.atom
          where s.atoms > 2
          group by p.cell * {size} + g.code, p.person
        )
        select code, {_OF_PEOPLE} from of_several group by code
    """


def _cube(named: pl.DataFrame, measure: Measure, own: Sequence[str]) -> pl.DataFrame:
    """The columns of the cube of one measure."""
    cube = named.rename(dict(zip(own, measure.dimensions, strict=False)))
    months = pl.col(name for name in measure.dimensions if name == MONTH).cast(pl.Int64)
    return cube.select(*AGENCY_FILTERS, *measure.dimensions, "what", *PARTS).with_columns(months)
