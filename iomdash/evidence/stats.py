# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportOptionalIterable=false
# SciPy and statsmodels carry no types; what leaves this module does.
"""Intervals and tests. Divides what SQL counted; the formulae are SciPy's and statsmodels'."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

CONFIDENCE = 0.95
MOST_TABLES = 1_000_000
DRAWS = 99_999
SEED = 2017
# Standard errors from the middle to an end of an interval.
NORMAL = float(stats.norm.isf((1 - CONFIDENCE) / 2))


class Interval(NamedTuple):
    """Two shares, as fractions from 0 to 1."""

    low: float
    high: float


class Test(NamedTuple):
    """A p value from 0 to 1, and whether every table was enumerated (else drawn at random)."""

    p: float
    exact: bool


def interval(x: int, n: int, *, population: int | None = None) -> Interval:
    """95 % interval of the share of which `x` of `n` people are a sample.

    Wilson's score interval; with `population`, exact for sampling without replacement.
    A population below n is taken as n: the cohort changed while people were interviewed.
    Raises ValueError when x is outside 0..n or n is 0.  Source: Wilson 1927; Buonaccorsi 1987.
    """
    if not (n > 0 and 0 <= x <= n):
        raise ValueError(f"{x} of {n} people is not a share: give 0 <= x <= n and n > 0.")
    if population is not None:
        return _hypergeometric(x, n, max(population, n))
    low, high = proportion_confint(x, n, alpha=1 - CONFIDENCE, method="wilson")
    return Interval(0.0 if x == 0 else float(low), 1.0 if x == n else float(high))


def widened(share: float, ends: Interval, reach: float) -> Interval:
    """The interval of a share that is also off, independently, by up to `reach` at 95 %.

    Source: Zou and Donner 2008, method of variance estimates recovery.
    """
    low = share - float(np.hypot(share - ends.low, reach))
    return Interval(max(low, 0.0), min(share + float(np.hypot(ends.high - share, reach)), 1.0))


def intervals(share: float, sizes: range) -> list[Interval]:
    """Wilson's interval at the same share for samples of each size, one a size."""
    many = np.array(sizes)
    low, high = proportion_confint(many * share, many, alpha=1 - CONFIDENCE, method="wilson")
    return [Interval(*bounds) for bounds in np.column_stack([low, high]).tolist()]


def _hypergeometric(x: int, n: int, population: int) -> Interval:
    """Shares of every number of people in the population that the sample does not rule out."""
    tail = (1 - CONFIDENCE) / 2
    people = range(x, population - (n - x) + 1)
    # Both tails are monotone in the number of people, so a caseload of any size takes few steps.
    first = bisect_left(people, tail, key=lambda k: stats.hypergeom.sf(x - 1, population, k, n))
    past = bisect_right(people, -tail, key=lambda k: -stats.hypergeom.cdf(x, population, k, n))
    return Interval(people[first] / population, people[past - 1] / population)


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
    total = sum(yes)
    first = np.array(list(product(*(range(m + 1) for m in n[:-1]))), dtype=np.int64)
    tables = np.column_stack([first, total - first.sum(axis=1)])
    tables = tables[(tables[:, -1] >= 0) & (tables[:, -1] <= n[-1])]
    weights = stats.multivariate_hypergeom.pmf(tables, n, total)
    seen = stats.multivariate_hypergeom.pmf(yes, n, total)
    # Tables that are equally likely differ by rounding, hence the tolerance that R uses as well.
    return float(min(1.0, weights[weights <= seen * (1 + 1e-7)].sum()))


def _drawn(yes: Sequence[int], n: Sequence[int]) -> float:
    table = [list(yes), [m - x for x, m in zip(yes, n, strict=True)]]
    method = stats.MonteCarloMethod(n_resamples=DRAWS, rng=np.random.default_rng(SEED))
    return float(stats.fisher_exact(table, method=method).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for their number, in the given order.  Source: Holm 1979."""
    return [] if not p_values else [float(p) for p in multipletests(p_values, method="holm")[1]]
