"""Measures' rows a person, added up for every group that filters can name.

People are counted at the atoms that they stand in, once, and `codes` adds those up to groups. Only
of whoever stands in more than two atoms of a cell distinct people are counted group by group: they
are few, and of everybody it is what costs. Several measures are counted by the same queries, as
starting one is most of what it costs where people are few. Everything is grouped by numbers: texts
are numbered once, of what was counted, and a person's number tells their record key besides.
"""

from collections.abc import Iterator, Sequence

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
    """The groups of at most so many filters beside the period, and tables of them for `cubes`.

    Reads the table `atoms`, as `codes.number` makes it.
    """
    groups = Groups(engine.frame("select * from atoms"), filters)
    engine.take("standing", groups.standing)
    engine.take("groups_of", groups.of_atoms)
    return groups


def cubes(
    engine: Engine, asked: Sequence[tuple[Measure, str]], periods: Sequence[str], groups: Groups
) -> dict[str, pl.DataFrame]:
    """The cells of measures by groups that `grouped` gave, by measure.

    The query of each gives its rows a person: atom, quarter, the measure's dimensions, what, person
    (as `numbered` makes it) and n.
    """
    measures = [measure for measure, _ in asked]
    own = [f"own_{i}" for i in range(max(len(measure.dimensions) for measure in measures))]
    texts = ("measure", "quarter", *own, "what")
    rows = (_rows(i, *each, own) for i, each in enumerate(asked))
    engine.keep("tallied", " union all ".join(rows))
    named = engine.frame(f"select distinct {', '.join(texts)} from tallied")
    told = (_told(named, i, each, own, periods) for i, each in enumerate(measures))
    wholes, cells = _cells(pl.concat(table for some in told for table in some), texts)
    engine.take("wholes", wholes)
    engine.keep("parts", _parts(texts))
    engine.keep("spread", _SPREAD)
    every = groups.every(engine.frame(_OF_PLACES), engine.frame(_of_several(groups.size)))
    counted = groups.named(every, cells)
    return {each.id: _cube(counted, i, each, own) for i, each in enumerate(measures)}


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
    """The texts of a measure's rows, and those of the cell that they are of in each of its tables,
    in columns `of_`.
    """
    of_measure = named.filter(pl.col("measure") == number)
    added_up = of_measure.filter(~pl.col("what").is_in(list(measure.at_end)))
    for cut in measure.cuts:
        left_out = (
            has for has, name in zip(own, measure.dimensions, strict=False) if name not in cut
        )
        dimensions = dict.fromkeys(left_out, pl.lit(EVERYONE))
        for period in periods:
            told = dimensions | {"quarter": PERIODS[period]}
            yield (of_measure if period == "quarter" else added_up).with_columns(
                told.get(name, pl.col(name)).alias(f"of_{name}") for name in named.columns
            )


def _cells(told: pl.DataFrame, texts: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cell that texts are of, and whether others are of it, too; the texts of each cell."""
    of = [f"of_{name}" for name in texts]
    cells = told.select(of).unique().sort(of).with_row_index("cell")
    wholes = told.join(cells.with_columns(pl.col("cell").cast(pl.Int64)), on=of)
    others = (pl.len().over("cell") > 1).alias("others")
    return wholes.select(*texts, "cell", others), cells.select(of).rename(lambda name: name[3:])


def _parts(texts: Sequence[str]) -> str:
    """What a person has of a cell in each of their atoms."""
    same = " and ".join(f"t.{name} = w.{name}" for name in texts)
    rows = f"from tallied as t inner join wholes as w on {same} where"
    return f"""
        select t.atom, w.cell, t.person, t.n {rows} not w.others
        union all
        select t.atom, w.cell, t.person, cast(sum(t.n) as bigint) as n {rows} w.others
        group by t.atom, w.cell, t.person
    """


# What people who stand in several atoms at all have of a cell: in how many atoms of it, in the
# first and the last of these, and how much of it in the last.
_SPREAD = f"""
    select cell, person, count(*) as atoms, min(atom) as one, max(atom) as other,
      cast(sum(n) as bigint) as n, max(atom * {_MOST} + n) % {_MOST} as of_other
    from parts where {_SEVERAL}
    group by cell, person
"""

# The cells of every place, of whoever stands in one or two atoms of the cell.
_OF_PLACES = f"""
    with stood as (
      select atom as place, cell, person, n from parts where not ({_SEVERAL})
      union all
      select p.place, s.cell, s.person,
        case p.part when {ALL} then s.n when {OF_OTHER} then s.of_other
          else s.n - s.of_other end as n
      from spread as s inner join standing as p on s.one = p.one and s.other = p.other
      where s.atoms < 3
    )
    select place, cell, {_OF_PEOPLE} from stood group by place, cell
"""


def _of_several(size: int) -> str:
    """The cells of groups, of whoever stands in more than two atoms of the cell."""
    return f"""
        with of_several as (
          select p.cell * {size} + g.code as code, p.person, cast(sum(p.n) as bigint) as n
          from spread as s
          inner join parts as p on s.cell = p.cell and s.person = p.person
          inner join groups_of as g on p.atom = g.atom
          where s.atoms > 2
          group by p.cell * {size} + g.code, p.person
        )
        select code, {_OF_PEOPLE} from of_several group by code
    """


def _cube(counted: pl.DataFrame, number: int, measure: Measure, own: Sequence[str]) -> pl.DataFrame:
    """The columns of the cube of one measure."""
    dimensions = dict(zip(own, measure.dimensions, strict=False))
    cube = counted.filter(pl.col("measure") == number).rename(dimensions)
    months = pl.col(name for name in measure.dimensions if name == MONTH).cast(pl.Int64)
    return cube.select(*AGENCY_FILTERS, *measure.dimensions, "what", *PARTS).with_columns(months)
