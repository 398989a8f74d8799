"""A measure's rows a person, added up for every group that filters can name.

Whoever stands in one atom of a period is added up there, once, and atoms are added up to groups, a
filter at a time. Distinct people are counted group by group only of those who stand in several, and
of whoever stands in two only in groups that hold both: they are few, and of everybody it is what
costs. An *atom* is a smallest set of stays that filters can tell apart. Everything is grouped by
numbers: texts are numbered once, of what was counted, and a person's number tells their record key
besides.
"""

from collections.abc import Mapping, Sequence
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
    "cast(sum(n) as bigint) as n, count(*) as people, "
    f"cast(sum(person % {KEYS}) as bigint) as key, "
    f"cast(max(n) as bigint) as top, cast({TWO_LARGEST}(n) as bigint) as two"
)
# Of a person who does not stand in two atoms: in the place of the other one.
_NO_OTHER = -1
_NEVER = pl.lit(value=False)
# Whether a person stands in more atoms than one.
_SEVERAL = f"person % {2 * KEYS} >= {KEYS}"
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


def numbered(place: pl.Expr, several: pl.Expr, key: pl.Series) -> pl.Expr:
    """People's numbers: of their place, whether they stand in several atoms, and record key."""
    return (place.cast(pl.Int64) * 2 + several.cast(pl.Int64)) * KEYS + key % KEYS


def place(person: pl.Expr) -> pl.Expr:
    """The place of a person's number."""
    return person // (2 * KEYS)


def grouped(engine: Engine, filters: int) -> "Groups":
    """The groups of at most so many filters beside the period, and tables of them for `cube`.

    Reads the table `atoms`, as `number` makes it.
    """
    groups = Groups(engine.frame("select * from atoms"), filters)
    engine.take("groups_of", groups.of_atoms)
    engine.take("sharing", groups.sharing)
    return groups


def cube(
    engine: Engine, measure: Measure, named: pl.DataFrame, periods: Sequence[str], groups: "Groups"
) -> pl.DataFrame:
    """The cells of a measure by groups that `grouped` gave; `tallied` gave what is `named`."""
    at_end = set(measure.at_end) == set(measure.whats)
    kept = [p for p in periods if p == "quarter" or not at_end]
    tables = (
        _named(_table(engine, groups, *_kept(engine, measure, named, cut, period)), measure)
        for cut in measure.cuts
        for period in kept
    )
    return pl.concat(tables)


def tallied(engine: Engine, measure: Measure, query: str) -> pl.DataFrame:
    """Keeps the measure's rows a person, all in numbers; the texts that each `cell` stands for.

    `query` gives its rows a person: atom, quarter, the measure's dimensions, what, person (as
    `numbered` makes it) and n.
    """
    texts = ("quarter", *measure.dimensions, "what")
    engine.keep("tallied", query)
    named = _placed(engine.frame(f"select distinct {', '.join(texts)} from tallied"), "cell")
    engine.take("named", named)
    same = " and ".join(f"c.{name} = m.{name}" for name in texts)
    engine.keep(
        "tallied",
        "select c.atom, m.cell, c.person, cast(c.n as bigint) as n "
        f"from tallied as c inner join named as m on {same}",
    )
    return named


def _placed(texts: pl.DataFrame, name: str) -> pl.DataFrame:
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
    cells = _placed(named.select(texts).unique(), "cell")
    engine.take("coarser", named.join(cells.rename({"cell": "whole"}), on=texts)["cell", "whole"])
    engine.keep(
        "parts",
        "select t.atom, c.whole as cell, t.person, cast(sum(t.n) as bigint) as n "
        "from tallied as t inner join coarser as c on t.cell = c.cell "
        "group by t.atom, c.whole, t.person",
    )
    return "parts", cells


def _table(engine: Engine, groups: "Groups", parts: str, cells: pl.DataFrame) -> pl.DataFrame:
    """One table of a cube. Several small ones take a third of the memory of all at once."""
    engine.keep("spread", _spread(parts))
    several = engine.frame(_of_several(groups.size)).select("code", *_PARTS)
    every = groups.every(engine.frame(_of_atoms(parts)), several)
    return groups.named(every).join(cells, on="cell")


class Groups:
    """Groups of at most so many filters by one number, their code: a digit for each filter, 0 for
    one that they have not, and the number of a cell before them.

    of_atoms: the codes of every group that an atom is in, with another or with none, without a
      cell: atom, other, code
    sharing: of two atoms, the filters of which they have the same value, as `_set` numbers them:
      atom, other, shared
    size: how many codes a cell has
    """

    def __init__(self, atoms: pl.DataFrame, filters: int) -> None:
        self._atoms, self._filters = atoms, filters
        self._digits: dict[str, tuple[int, int]] = {}
        self.size = 1
        for name in STAY:
            most = int(atoms[f"{name}_no"].max() or 0)  # pyright: ignore[reportArgumentType]
            self._digits[name] = self.size, most + 1
            self.size *= most + 1
        self._words = {name: self._named(name) for name in STAY}
        every = [some for n in range(filters + 1) for some in combinations(STAY, n)]
        others = atoms.join(atoms, how="cross", suffix="_of").filter(
            pl.col("atom") != pl.col("atom_of")
        )
        same = {name: pl.col(f"{name}_no") == pl.col(f"{name}_no_of") for name in STAY}
        self.sharing = others.select("atom", other="atom_of", shared=_set(same))
        both = others.lazy().with_columns(other="atom_of")
        alone = atoms.lazy().with_columns(other=pl.lit(_NO_OTHER, pl.Int64))
        self.of_atoms = pl.concat(
            rows.select("atom", "other", code=self._code(some))
            for some in every
            for rows in (alone, both.filter(*(same[name] for name in some)))
        ).collect()

    def _named(self, name: str) -> pl.Series:
        values = self._atoms.select(f"{name}_no", name).unique().sort(f"{name}_no")[name]
        return pl.concat([pl.Series(name, [EVERYONE]), values])

    def _code(self, names: Sequence[str]) -> pl.Expr:
        digits = (pl.col(f"{name}_no") * self._digits[name][0] for name in names)
        return pl.sum_horizontal(pl.lit(0, pl.Int64), *digits)

    def every(self, of_atoms: pl.DataFrame, of_several: pl.DataFrame) -> pl.DataFrame:
        """The cells of every group: those of atoms added up, with those of who stands in several.

        Where the filters that a group has set are shared, both atoms of somebody are in it, and
        they are among several.
        """
        code = pl.col("cell") * self.size + self._code(STAY)
        coded = of_atoms.join(self._atoms, on="atom").select("shared", *_PARTS, code=code)
        alone = self._dropped(coded.filter(pl.col("shared") == 0).drop("shared"), unless=_NEVER)
        chosen = _set({name: self._digit(name) > 0 for name in STAY})
        held = (chosen & pl.col("shared") == chosen).alias("held")
        apart = self._dropped(coded.filter(pl.col("shared") > 0), "shared", unless=held)
        few = pl.sum_horizontal(self._digit(name) > 0 for name in STAY) <= self._filters
        both = pl.concat([alone, apart.select(alone.columns), of_several.select(alone.columns)])
        return _added(both.filter(few), "code")

    def _dropped(self, cells: pl.DataFrame, *by: str, unless: pl.Expr) -> pl.DataFrame:
        """Cells, and those with one filter after the other dropped."""
        for name in sorted(STAY, key=lambda name: -self._digits[name][1]):
            without = pl.col("code") - self._digit(name) * self._digits[name][0]
            more = _added(cells, without, *by).filter(~unless)
            cells = pl.concat([cells, more.select(cells.columns)])
        return cells

    def _digit(self, name: str) -> pl.Expr:
        weight, values = self._digits[name]
        return pl.col("code") // weight % values

    def named(self, counted: pl.DataFrame) -> pl.DataFrame:
        """The filters and the `cell` of each code."""
        named = counted.with_columns(
            pl.col("code") // self.size, *(self._digit(name).alias(name) for name in STAY)
        ).rename({"code": "cell"})
        for name, words in self._words.items():
            named = named.with_columns(words.gather(named[name]))
        return named


def _set(of_filters: Mapping[str, pl.Expr]) -> pl.Expr:
    """Filters for which something holds, as a number: a bit for each, and one that is set."""
    bits = (holds.cast(pl.Int64) * 2**i for i, holds in enumerate(of_filters.values(), 1))
    return pl.sum_horizontal(pl.lit(1, pl.Int64), *bits)


def _added(cells: pl.DataFrame, *by: str | pl.Expr) -> pl.DataFrame:
    """Cells of one group, who have nobody in common, added up."""
    return cells.sort("top", descending=True).group_by(*by).agg(*_ADDED)


def _spread(parts: str) -> str:
    """What people who stand in several atoms at all have of a cell in each: in how many of the
    cell, and in two, which the other one is.
    """
    return f"""
        select atom, cell, person, n, atoms,
          case when atoms = 2 then both_atoms - atom else {_NO_OTHER} end as other
        from (
          select *,
            count(*) over (partition by cell, person) as atoms,
            sum(atom) over (partition by cell, person) as both_atoms
          from {parts} where {_SEVERAL}
        ) as counted
    """


def _of_atoms(parts: str) -> str:
    """The cells of every atom, of who stands in no other atom of the cell; and apart, by what it
    shares with the atom, of who stands in one other.
    """
    return f"""
        with apart as (
          select atom, cell, 0 as shared, person, n from {parts} where not ({_SEVERAL})
          union all
          select atom, cell, 0, person, n from spread where atoms = 1
          union all
          select s.atom, s.cell, b.shared, s.person, s.n from spread as s
          inner join sharing as b on s.atom = b.atom and s.other = b.other
        )
        select atom, cell, cast(shared as bigint) as shared, {_OF_PEOPLE}
        from apart group by atom, cell, shared
    """


def _of_several(size: int) -> str:
    """The cells of groups that hold several atoms of a person, of these people."""
    return f"""
        with of_several as (
          select s.cell * {size} + g.code as code, s.person, cast(sum(s.n) as bigint) as n
          from spread as s inner join groups_of as g on s.atom = g.atom and s.other = g.other
          where s.atoms > 1
          group by s.cell * {size} + g.code, s.person
        )
        select code, {_OF_PEOPLE} from of_several group by code
    """


def _named(counted: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The columns of the cube; a dimension that the table has not is everything."""
    others = [name for name in measure.dimensions if name not in counted.columns]
    ordered = (*AGENCY_FILTERS, *measure.dimensions, "what", *_PARTS)
    return counted.with_columns(pl.lit(EVERYONE).alias(name) for name in others).select(ordered)
