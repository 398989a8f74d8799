"""Choices of a filter that few people are of, counted as one: for a year at a time, by size alone,
before anything else is counted.

What a year was told by stays: whoever comes later changes no group that has a name.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from iomdash.declared.agencies.groups import MERGING, STAY
from iomdash.declared.groups import as_one, joined
from iomdash.vault.engine import Engine

Schema = Mapping[str, type[pl.DataType]]
# A choice of a filter that in a year is counted as the `whole`.
MERGES: Schema = dict.fromkeys(("year", "filter", "choice", "whole"), pl.String)
# Of a year that was told, values of the filters that people had in it.
SETTLED: Schema = dict.fromkeys(("year", *MERGING), pl.String)


def chosen(engine: Engine, choices: str, settled: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Rows of MERGES: as years were told that are `settled`, a frame of SETTLED; of other years,
    every choice of which no quarter has the smallest number of people, and the next larger ones
    until they are as many together.

    The query `choices` gives rows of person_id, quarter and the filters.
    """
    if smallest <= 1:  # nobody is few
        return _known(settled)
    every = " union all ".join(
        f"select '{name}' as filter, {name} as choice, quarter, "
        f"count(distinct person_id) as people from ({choices}) as c group by {name}, quarter"
        for name in MERGING
    )
    sizes = engine.frame(every).with_columns(year=pl.col("quarter").str.head(4))
    new = sizes.filter(~pl.col("year").is_in(settled["year"].unique().implode()))
    fullest = new.group_by("year", "filter", "choice").agg(pl.col("people").max())
    parts = fullest.sort("year", "filter", "people", "choice").partition_by("year", "filter")
    rows = [row for part in parts for row in _merged(part, smallest)]
    return pl.concat([_known(settled), pl.DataFrame(rows, schema=MERGES, orient="row")])


def _merged(sizes: pl.DataFrame, smallest: int) -> Iterator[tuple[str, ...]]:
    """Rows of MERGES for a filter in a year, of its choices from the smallest on; none where all of
    them would be one, who are everybody.
    """
    before = pl.col("people").cum_sum() - pl.col("people")
    few = sizes.filter((pl.col("people") < smallest) | (before.is_between(1, smallest - 1)))
    if 1 < few.height < sizes.height:
        whole = as_one(sorted(few["choice"]))
        yield from few.select("year", "filter", "choice", pl.lit(whole)).iter_rows()


def _known(settled: pl.DataFrame) -> pl.DataFrame:
    """What was merged in years that were told: their values are the names."""
    wholes = settled.unpivot(MERGING, index="year", variable_name="filter", value_name="whole")
    parts = pl.col("whole").map_elements(joined, pl.List(pl.String)).alias("choice")
    named = wholes.unique().with_columns(parts).filter(pl.col("choice").list.len() > 1)
    return named.explode("choice").select(*MERGES)


def atoms(stays: pl.DataFrame, merges: pl.DataFrame) -> pl.DataFrame:
    """Rows of year, the filters of stays, and in `to_` columns those that they are counted by in
    that year, where these differ.
    """
    none = pl.DataFrame(schema=dict.fromkeys(("year", *STAY, *map(_to, STAY)), pl.String))
    unlike = pl.any_horizontal(pl.col(name) != pl.col(_to(name)) for name in STAY)
    parts = [
        stays.select(pl.lit(year).alias("year"), *STAY, *_counted(of_year)).filter(unlike)
        for (year,), of_year in merges.partition_by("year", as_dict=True).items()
    ]
    return pl.concat([none, *parts])


def in_their_place(atoms: pl.DataFrame) -> pl.DataFrame:
    """The filters of stays that are counted in the place of their own."""
    return atoms.select(pl.col(_to(name)).alias(name) for name in STAY)


def numbered(atoms: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """Of a year, the number of each atom and of the `whole` in which it is counted."""
    to = numbers.select(pl.col("atom").alias("whole"), *(pl.col(n).alias(_to(n)) for n in STAY))
    own = numbers.select("atom", *STAY)
    return atoms.join(own, on=STAY).join(to, on=[*map(_to, STAY)]).select("year", "atom", "whole")


def counted(query: str, columns: Sequence[str], *more: str) -> str:
    """Rows of a query that has atom, quarter and other columns, in the atoms in which they are
    counted. Reads the table `merged`.
    """
    named = ", ".join(f"m.{name}" for name in columns)
    atom = "coalesce(w.whole, m.atom)"
    return f"""
        select {", ".join([f"{atom} as atom", named, *more])}
        from ({query}) as m
        left join merged as w on m.atom = w.atom and substr(m.quarter, 1, 4) = w.year
        group by {atom}, {named}
    """


def _counted(merges: pl.DataFrame) -> Iterator[pl.Expr]:
    for name in STAY:
        of = merges.filter(filter=name)
        yield pl.col(name).replace(of["choice"], of["whole"]).alias(_to(name))


def _to(name: str) -> str:
    return f"to_{name}"
