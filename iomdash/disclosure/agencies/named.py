"""Every group of people in agencies' records that filters can name, with the cells that it holds.

A *cell* is what all filters and a quarter choose. Groups come by *block*: of whom figures may add
up with each other, which are those of a year, or of a quarter's end, which stands alone.
"""

from collections.abc import Iterator
from itertools import product

import polars as pl

from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.groups import EVERYONE

BLOCK = ["of", "block"]
_GROUP = [*BLOCK, *AGENCY_FILTERS]
Block = tuple[str, str, pl.DataFrame]


def named(people: pl.DataFrame, *, open_years: bool = False) -> Iterator[Block]:
    """Of whom, and the groups of each block: the filters, people, and cells by number from 0.

    `people` has of, person and the filters. Groups are of every quarter and, where anybody is in
    its last one or `open_years` count, of the year; each holds somebody.
    """
    at_end = pl.col("of") == "in"
    year = pl.col("quarter").str.head(4)
    blocks = people.with_columns(block=pl.when(at_end).then("quarter").otherwise(year))
    cells = blocks.select(_GROUP).unique().sort(_GROUP).with_row_index("cell")
    groups = _groups(cells, open_years).with_row_index("group")
    who = blocks.join(cells, on=_GROUP).select("person", "cell").unique()
    inside = groups.select("group", "cell").explode("cell").join(who, on="cell")
    sizes = inside.group_by("group").agg(people=pl.col("person").n_unique())
    first = pl.col("cell").list.min().min().over(BLOCK)
    every = groups.join(sizes, on="group").with_columns(cells=pl.col("cell") - first)
    for (of, block), part in sorted(every.partition_by(BLOCK, as_dict=True).items()):
        yield str(of), str(block), part.select(*AGENCY_FILTERS, "people", "cells")


def _groups(cells: pl.DataFrame, open_years: bool) -> pl.DataFrame:
    """The groups with the cells in them, as a list."""
    closed = (pl.col("quarter") == pl.col("block") + " Q4").any().over(BLOCK)
    years = cells.filter(pl.col("of") != "in", closed | open_years).with_columns(quarter="block")
    wider = (
        periods.with_columns(pl.lit(EVERYONE).alias(name) for name in everything)
        for periods in (cells, years)
        for chosen in product((True, False), repeat=len(STAY))
        for everything in [[name for name, on in zip(STAY, chosen, strict=True) if not on]]
    )
    return pl.concat(wider).group_by(_GROUP).agg("cell")
