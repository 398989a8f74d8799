"""Agencies' counts moved by a little noise, the same wherever the same people are counted.

The cell key method of the Office for National Statistics: everybody has a record key; the sum of
those in a cell, modulo the number of keys, chooses the noise. A sum of events or days is moved by
as many times the largest part of one person. Small figures have none.
"""

import polars as pl

from iomdash.disclosure.policy import AgencyRules

FIGURES = 2
"""How many figures of a sum of weights are told; the rest are 0."""


def noise(key: pl.Expr, rules: AgencyRules) -> pl.Expr:
    """Noise from a cell key: how many of its last bits are 1, of twice the most, less the most.

    Large noise is rare, and possible: of 256 keys one moves by 4 up and 70 move nothing. A reader
    has to reckon with the most everywhere, so that sums at their edges do not meet.
    """
    bits = key % 2 ** (2 * rules.noise)
    return bits.bitwise_count_ones().cast(pl.Int64) - rules.noise


def blurred(cube: pl.DataFrame, weighed: pl.Expr, rules: AgencyRules) -> pl.DataFrame:
    """The cube with n as it may be told, null where few; `weighed` are sums of weights.

    Needs n, people, key, top and two, which may be null where nobody is behind a figure, and size,
    the people in the group: a count of more would be of everybody for certain.
    """
    shift = noise(pl.col("key"), rules)
    people, moved = pl.col("people") + shift, pl.col("n") + shift * pl.col("top")
    few_ = pl.col("people").is_null() | (people < rules.smallest_count)
    two = (pl.col("two") * 100 > pl.col("n") * rules.largest_two) & (pl.col("top") > 1)
    sums = pl.when(weighed & (rules.noise > 0)).then(_figures(moved)).otherwise(moved)
    counts = pl.col("n") == pl.col("people")
    shown = pl.when(counts & ~weighed).then(pl.min_horizontal(moved, "size")).otherwise(sums)
    shown = pl.max_horizontal(shown, rules.smallest_count)
    return cube.with_columns(n=pl.when(~(few_ | two)).then(shown))


def _figures(n: pl.Expr) -> pl.Expr:
    return n.round_sig_figs(FIGURES).cast(pl.Int64)
