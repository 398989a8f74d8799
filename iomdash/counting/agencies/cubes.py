"""Measures' rows a person, added up for every group that filters can name.

People are counted at the atoms that they stand in, once, and `codes` adds those up to groups. Only
of whoever stands in more than two atoms of a cell distinct people are counted group by group: they
are few, and of everybody it is what costs. Several measures are counted by the same queries, as
starting one is most of what it costs where people are few. Everything is grouped by numbers: texts
are numbered once, of what was counted, and a person's number tells their record key besides.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import polars as pl

from iomdash.counting.agencies.codes import ALL, KEYS, OF_OTHER, PARTS, Groups
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
# Whether a person stands in more atoms than one.
_SEVERAL = f"person % {2 * KEYS} >= {KEYS}"
# More than anybody has of anything, so that an atom and what they have there are one number.
_MOST = 2**40


def numbered(place: pl.Expr, several: pl.Expr, key: pl.Series) -> pl.Expr:
    """People's numbers: of their place, whether they stand in several atoms, and record key."""
    return (place.cast(pl.Int64) * 2 + several.cast(pl.Int64)) * KEYS + key % KEYS


def place(person: pl.Expr) -> pl.Expr:
    """The place of a person's number."""
    return person // (2 * KEYS)


def grouped(engine: Engine, filters: int) -> Groups:
    """The groups of at most so many filters beside the period, and tables of them for `cubes_of`.

    Reads the table `atoms`, as `codes.number` makes it.
    """
    groups = Groups(engine.frame("select * from atoms"), filters)
    engine.take("standing", groups.standing)
    engine.take("groups_of", groups.of_atoms)
    return groups


def cubes_of(
    engine: Engine, asked: Sequence[tuple[Measure, str]], periods: Sequence[str], groups: Groups
) -> dict[str, pl.DataFrame]:
    """The cells of measures by groups that `grouped` gave, by measure.

    The query of each gives its rows a person: atom, quarter, the measure's dimensions, what, person
    (as `numbered` makes it) and n.
    """
    measures = [measure for measure, _ in asked]
    own = [f"own_{i}" for i in range(max(len(measure.dimensions) for measure in measures))]
    named, as_they_are = _tallied(engine, asked, own, periods)
    told = (_told(named, i, each, own, periods) for i, each in enumerate(measures))
    cells = _added_up(
        engine, named, as_they_are, pl.concat(table for some in told for table in some)
    )
    rows = f"(select * from tallied where cell < {as_they_are} union all select * from parts)"
    engine.keep("spread", _spread(rows))
    every = groups.every(
        engine.frame(_of_places(rows)), engine.frame(_of_several(rows, groups.size))
    )
    measure = cells["measure"].gather(groups.cell(every))
    counted = every.with_columns(measure).partition_by("measure", as_dict=True)
    return {
        each.id: _cube(groups.named(counted.get((i,), every.clear()), cells), each, own)
        for i, each in enumerate(measures)
    }


def _tallied(
    engine: Engine, asked: Sequence[tuple[Measure, str]], own: Sequence[str], periods: Sequence[str]
) -> tuple[pl.DataFrame, int]:
    """Keeps the rows a person of every measure, all in numbers; the texts that each `cell` stands
    for, first of those that are cells of a cube as they are, and how many these are.
    """
    texts = ("measure", "quarter", *own, "what")
    rows = (_rows(i, *each, own) for i, each in enumerate(asked))
    engine.keep("tallied", " union all ".join(rows))
    whole = [
        i
        for i, (each, _) in enumerate(asked)
        if any(_as_it_is(each, *t) for t in _tables(each, periods))
    ]
    as_they_are = pl.col("measure").is_in(whole)
    named = engine.frame(f"select distinct {', '.join(texts)} from tallied")
    named = _placed(named.sort(~as_they_are, *texts), "cell")
    engine.take("named", named)
    same = " and ".join(f"c.{name} = m.{name}" for name in texts)
    engine.keep(
        "tallied",
        f"select c.atom, m.cell, c.person, c.n from tallied as c inner join named as m on {same}",
    )
    return named, named.filter(as_they_are).height


def _tables(measure: Measure, periods: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The dimensions and the period that each table of a measure's cube is told by."""
    return product(measure.cuts, periods)


def _rows(number: int, measure: Measure, query: str, own: Sequence[str]) -> str:
    """A measure's rows, with as many dimensions as any."""
    dimensions = [f"cast({name} as varchar)" for name in measure.dimensions]
    dimensions += ["''"] * (len(own) - len(dimensions))
    columns = [f"{cell} as {name}" for cell, name in zip(dimensions, own, strict=True)]
    columns += ["what", "atom", "person", "cast(n as bigint) as n"]
    return f"select {number} as measure, quarter, {', '.join(columns)} from ({query}) as m"


def _told(
    named: pl.DataFrame, number: int, measure: Measure, own: Sequence[str], periods: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """What becomes of a measure's texts in each of its tables for which rows are added up."""
    of_measure = named.filter(pl.col("measure") == number)
    added_up = of_measure.filter(~pl.col("what").is_in(list(measure.at_end)))
    for table, (cut, period) in enumerate(_tables(measure, periods)):
        if not _as_it_is(measure, cut, period):
            names = zip(own, measure.dimensions, strict=False)
            left_out = [pl.lit(EVERYONE).alias(has) for has, name in names if name not in cut]
            rows = of_measure if period == "quarter" else added_up
            told = [PERIODS[period].alias("quarter"), *left_out]
            yield rows.with_columns(*told, pl.lit(table).alias("table_no"))


def _as_it_is(measure: Measure, cut: tuple[str, ...], period: str) -> bool:
    return period == "quarter" and cut == measure.dimensions


def _added_up(
    engine: Engine, named: pl.DataFrame, as_they_are: int, told: pl.DataFrame
) -> pl.DataFrame:
    """Keeps what a person has in each of their atoms of a cell for which rows are added up; the
    texts of every cell, by its number.
    """
    texts = named.drop("cell").columns
    wholes = _placed(told.select(texts).unique().sort(texts), "whole", as_they_are)
    engine.take("coarser", told.join(wholes, on=texts).select("cell", "whole", "table_no"))
    # Of several small tables each takes less time, and memory, than of all at once.
    tables = range(max(told["table_no"], default=0) + 1)
    engine.keep("parts", " union all ".join(_part(table) for table in tables))
    return pl.concat([named.head(as_they_are).select(texts), wholes.select(texts)])


def _part(table: int) -> str:
    return (
        "select t.atom, c.whole as cell, t.person, cast(sum(t.n) as bigint) as n "
        "from tallied as t inner join coarser as c on t.cell = c.cell "
        f"where c.table_no = {table} group by t.atom, c.whole, t.person"
    )


def _placed(texts: pl.DataFrame, name: str, first: int = 0) -> pl.DataFrame:
    return texts.with_row_index(name, first).with_columns(pl.col(name).cast(pl.Int64))


def _spread(rows: str) -> str:
    """What people who stand in several atoms at all have of a cell: in how many atoms of it, in the
    first and the last of these, and how much of it in the last.
    """
    return f"""
        select cell, person, count(*) as atoms, min(atom) as one, max(atom) as other,
          cast(sum(n) as bigint) as n, max(atom * {_MOST} + n) % {_MOST} as of_other
        from {rows} as r where {_SEVERAL}
        group by cell, person
    """


def _of_places(rows: str) -> str:
    """The cells of every place, of whoever stands in one or two atoms of the cell."""
    return f"""
        with stood as (
          select atom as place, cell, person, n from {rows} as r where not ({_SEVERAL})
          union all
          select p.place, s.cell, s.person,
            case p.part when {ALL} then s.n when {OF_OTHER} then s.of_other
              else s.n - s.of_other end as n
          from spread as s inner join standing as p on s.one = p.one and s.other = p.other
          where s.atoms < 3
        )
        select place, cell, {_OF_PEOPLE} from stood group by place, cell
    """


def _of_several(rows: str, size: int) -> str:
    """The cells of groups, of whoever stands in more than two atoms of the cell."""
    return f"""
        with of_several as (
          select p.cell * {size} + g.code as code, p.person, cast(sum(p.n) as bigint) as n
          from spread as s
          inner join {rows} as p on s.cell = p.cell and s.person = p.person
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
