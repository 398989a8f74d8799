"""When a claim holds, when that is settled, and how many interviews would settle it."""

from bisect import bisect_left
from functools import lru_cache

from iomdash.declared.quantifiers import Quantifier
from iomdash.declared.verdicts import Verdict
from iomdash.evidence.stats import CONFIDENCE, Interval, interval, intervals

MOST_INTERVIEWS = 2000
KEPT = 8192
ALPHA = 1 - CONFIDENCE


def verdict(x: int, n: int, quantifier: Quantifier, *, population: int | None = None) -> Verdict:
    """The verdict on `x` of `n` people; `population` is the caseload they were drawn from."""
    if n == 0:
        return Verdict.NO_DATA
    if not quantifier.holds(x, n):
        return Verdict.FAILS
    bounds = interval(x, n, population=population)
    return Verdict.SETTLED if _settled(quantifier, bounds) else Verdict.HERE


def _settled(quantifier: Quantifier, bounds: Interval) -> bool:
    """Everybody asked settles any word; a sample only those that it can prove."""
    certain = bounds.low == bounds.high
    return (quantifier.provable or certain) and all(quantifier.admits(b) for b in bounds)


def difference(adjusted: list[float]) -> Verdict:
    """Holds, settled, when any adjusted p value is below 0.05; no data without a test."""
    if not adjusted:
        return Verdict.NO_DATA
    return Verdict.SETTLED if min(adjusted) < ALPHA else Verdict.FAILS


# Every audience, and every release, asks most of it again.
@lru_cache(maxsize=KEPT)
def interviews_needed(x: int, n: int, quantifier: Quantifier) -> int | None:
    """Fewest interviews, at the share seen so far, whose whole interval the word would admit.

    None where no number up to 2,000 would do, or the word can never be settled by a sample.
    """
    if n == 0 or not quantifier.provable or not quantifier.holds(x, n):
        return None
    sizes = range(n, MOST_INTERVIEWS + 1)
    # At one share, more interviews narrow the interval at both ends.
    fits = bisect_left(
        intervals(x / n, sizes), 1, key=lambda bounds: all(map(quantifier.admits, bounds))
    )
    return sizes[fits] if fits < len(sizes) else None
