"""Counts of people that agencies send: small ones hidden, others rounded, totals of the rounded."""

import polars as pl

from iomdash.disclosure.policy import People


def rounded(counts: pl.DataFrame, rules: People) -> pl.DataFrame:
    """Counts in the column n, null where 1 to below the smallest, else to the nearest multiple."""
    n = pl.col("n")
    small = (n > 0) & (n < rules.smallest_count)
    nearest = ((n + rules.rounding // 2) // rules.rounding) * rules.rounding
    return counts.with_columns(n=pl.when(~small).then(nearest))
