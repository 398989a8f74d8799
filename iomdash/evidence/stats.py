# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportOptionalIterable=false
# SciPy carries no types; what leaves this module does.
"""Intervals and tests. Divides what SQL counted; the formulae are published ones, or SciPy's."""

import math
from collections.abc import Sequence
from functools import reduce
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special, stats

CONFIDENCE = 0.95
MOST_TABLES = 1_000_000
DRAWS = 99_999
SEED = 2017
# Standard errors from the middle to an end of an interval.
NORMAL = float(stats.norm.isf((1 - CONFIDENCE) / 2))
# Of a whole number computed as a fraction.
ROUNDING = 1e-9

Sizes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """Two shares, as fractions from 0 to 1."""

    low: float
    high: float


class Test(NamedTuple):
    """A p value from 0 to 1, and whether every table was enumerated (else drawn at random)."""

    p: float
    exact: bool


def interval(x: int, n: int) -> Interval:
    """95 % interval of the share of which `x` of `n` people are a sample: Wilson's score interval.

    Raises ValueError when x is outside 0..n or n is 0.  Source: Wilson 1927.
    """
    if not (n > 0 and 0 <= x <= n):
        raise ValueError(f"{x} of {n} people is not a share: give 0 <= x <= n and n > 0.")
    share, square = x / n, NORMAL**2
    whole = 1 + square / n
    middle = (share + square / (2 * n)) / whole
    reach = NORMAL * math.sqrt(share * (1 - share) / n + square / (4 * n**2)) / whole
    return Interval(0.0 if x == 0 else middle - reach, 1.0 if x == n else middle + reach)


def widened(share: float, ends: Interval, reach: float) -> Interval:
    """The interval of a share that is also off, independently, by up to `reach` at 95 %.

    Source: Zou and Donner 2008, method of variance estimates recovery.
    """
    low = share - float(np.hypot(share - ends.low, reach))
    return Interval(max(low, 0.0), min(share + float(np.hypot(ends.high - share, reach)), 1.0))


def score_margin(share: float, sizes: Sizes) -> Floats:
    """People by which a count must miss `share` of each size for Wilson's interval to leave it out.

    Wilson's interval holds just the shares that the score test does not reject.
    """
    return NORMAL * np.sqrt(sizes * share * (1 - share))


def between(least: Floats, most: Floats, sizes: Sizes, share: float) -> Floats:
    """Chance that `least` to `most` of a sample of each size say so, where `share` of all do."""
    low, high = np.ceil(least - ROUNDING), np.floor(most + ROUNDING)
    chance = stats.binom.cdf(high, sizes, share) - stats.binom.cdf(low - 1, sizes, share)
    return np.where(low <= high, chance, 0.0)


def exact_test(yes: Sequence[int], n: Sequence[int]) -> Test:
    """Fisher's exact test that groups of sizes `n` share one rate, given `yes` of each.

    Every table with the same margins is weighed (Freeman and Halton 1951); with more than a
    million of them, 99,999 are drawn from a fixed seed.  Raises ValueError on fewer than two
    groups or counts outside 0..n.
    """
    if (
        len(yes) != len(n)
        or len(n) < 2
        or any(not 0 <= x <= m for x, m in zip(yes, n, strict=True))
    ):
        raise ValueError("A comparison needs at least two groups, each with 0 <= yes <= n.")
    if sum(yes) in (0, sum(n)):
        return Test(1.0, True)
    if prod(m + 1 for m in n[:-1]) > MOST_TABLES:
        return Test(_drawn(yes, n), False)
    return Test(_enumerated(yes, n), True)


def _enumerated(yes: Sequence[int], n: Sequence[int]) -> float:
    ways = [_ways(m) for m in n]
    last = sum(yes) - reduce(np.add.outer, [np.arange(m + 1) for m in n[:-1]])
    possible = (last >= 0) & (last <= n[-1])
    every = _ways(sum(n))[sum(yes)]
    weights = reduce(np.add.outer, ways[:-1])[possible] + ways[-1][last[possible]] - every
    seen = sum(of[x] for of, x in zip(ways, yes, strict=True)) - every
    # Tables that are equally likely differ by rounding, hence the tolerance that R uses as well.
    return float(min(1.0, np.exp(weights[weights <= seen + math.log1p(1e-7)]).sum()))


def _ways(n: int) -> Floats:
    """The logarithms of in how many ways 0 to n of n can say yes."""
    x = np.arange(n + 1)
    return special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)


def _drawn(yes: Sequence[int], n: Sequence[int]) -> float:
    table = [list(yes), [m - x for x, m in zip(yes, n, strict=True)]]
    method = stats.MonteCarloMethod(n_resamples=DRAWS, rng=np.random.default_rng(SEED))
    return float(stats.fisher_exact(table, method=method).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for their number, in the given order.  Source: Holm 1979.

    Not by statsmodels, which collects all garbage of the process at each call.
    """
    order = np.argsort(p_values, kind="stable")
    stepped = np.asarray(p_values, dtype=float)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted.tolist()
