"""Agencies' counts moved by a little noise, the same wherever the same people are counted.

The cell key method of the Office for National Statistics: everybody has a record key; the sum of
those in a cell, modulo the number of keys, chooses the noise. A sum of events or days is moved by
as many times the largest part of one person. Small figures have none.
"""

import polars as pl

from iomdash.counting.agencies import KEYS
from iomdash.disclosure.policy import AgencyRules

FIGURES = 2
"""How many figures of a sum of weights are told; the rest are 0."""


def few(rules: AgencyRules) -> str:
    """Why a count is not shown: nobody, or a few."""
    return f"fewer than {rules.smallest_count}"


def noise(key: pl.Expr, rules: AgencyRules) -> pl.Expr:
    """Noise from a cell key: each whole number from -noise to noise for an equal share of keys."""
    return key * (2 * rules.noise + 1) // KEYS - rules.noise


def blurred(cube: pl.DataFrame, weighed: pl.Expr, rules: AgencyRules) -> pl.DataFrame:
    """The cube with n as it may be told, null where few; `weighed` are sums of weights.

    Needs n, people, key, top and two, which may be null where nobody is behind a figure.
    """
    moved = pl.col("n") + noise(pl.col("key"), rules) * pl.col("top")
    people = pl.min_horizontal("people", pl.col("people") + noise(pl.col("key"), rules))
    few_ = pl.col("people").is_null() | (people < rules.smallest_count)
    # Of counts each of which is a person two make no such share, if there are enough.
    two = (pl.col("two") * 100 > pl.col("n") * rules.largest_two) & (rules.smallest_count > 1)
    told = pl.when(weighed & (rules.noise > 0)).then(_figures(moved)).otherwise(moved)
    return cube.with_columns(
        n=pl.when(~(few_ | two)).then(pl.max_horizontal(told, rules.smallest_count))
    )


def _figures(n: pl.Expr) -> pl.Expr:
    return n.round_sig_figs(FIGURES).cast(pl.Int64)
