"""Every group of people in agencies' records that filters can name, with the cells that it holds.

A *cell* is what all filters and a quarter choose. Groups come by *block*: of whom figures may add
up with each other, which are those of a year, or of a quarter's end, which stands alone.
"""

from collections.abc import Sequence
from itertools import product

import polars as pl

from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.groups import EVERYONE

BLOCK = ["of", "block"]
_YEAR = pl.col("quarter").str.head(4)
BLOCK_OF = pl.when(pl.col("of") == "in").then("quarter").otherwise(_YEAR)


def named(
    people: pl.DataFrame, by: Sequence[str] = (), *, open_years: bool = False
) -> pl.DataFrame:  # fmt: skip
    """Of whom, the block and the filters of each group, how many people, and its cells by number
    from 0 in the block.

    `people` has of, person and the filters, and what else they are told apart `by`. Groups are of
    every quarter and, where anybody is in its last one or `open_years` count, of the year; each
    holds somebody.
    """
    blocks, group = [*by, *BLOCK], [*by, *BLOCK, *AGENCY_FILTERS]
    rows = people.with_columns(block=BLOCK_OF)
    cells = rows.select(group).unique().sort(group).with_row_index("cell")
    closed = (pl.col("quarter") == pl.col("block") + " Q4").any().over(blocks)
    years = cells.filter(pl.col("of") != "in", closed | open_years).with_columns(quarter="block")
    groups = _wider(cells, years).group_by(group).agg("cell").with_row_index("group")
    who = rows.join(cells, on=group).select("person", "cell").unique()
    inside = groups.select("group", "cell").explode("cell").join(who, on="cell")
    sizes = inside.group_by("group").agg(people=pl.col("person").n_unique().cast(pl.Int64))
    first = pl.col("cell").list.min().min().over(blocks)
    every = groups.join(sizes, on="group").with_columns(cells=pl.col("cell") - first)
    return every.select(*group, "people", "cells")


def _wider(cells: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Cells by all groups that they are in."""
    return pl.concat(
        periods.with_columns(pl.lit(EVERYONE).alias(name) for name in everything)
        for periods in (cells, years)
        for chosen in product((True, False), repeat=len(STAY))
        for everything in [[name for name, on in zip(STAY, chosen, strict=True) if not on]]
    )
