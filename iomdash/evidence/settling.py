"""How a range of counts stands to a word, how sure that is, and how many interviews would tell."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from iomdash.declared.quantifiers import EVERYBODY, NOBODY, Quantifier, Share
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.evidence.stats import CONFIDENCE, Sizes, between, interval, score_margin

# Chance that so many interviews would tell, and the most that are looked at where the caseload is
# not known: more than any partnership manages.
POWER = 0.8
MOST_INTERVIEWS = 2000
KEPT = 8192
ALPHA = 1 - CONFIDENCE


@dataclass(frozen=True)
class Range:
    """From `least` to `most` of `n` people said so: those who did, and those who may have.

    Raises ValueError unless 0 <= least <= most <= n and n > 0.
    """

    least: int
    most: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most <= self.n or not self.n:
            raise ValueError(
                f"{self.least} to {self.most} of {self.n} people is no range: "
                "give 0 <= least <= most <= n and n > 0."
            )

    @property
    def ends(self) -> tuple[int, int]:
        """Both ends: a word that is true of these is true of all between."""
        return self.least, self.most


def verdict(said: Range, quantifier: Quantifier) -> Verdict:
    """The verdict that both ends of the range give; UNTOLD where they give two."""
    low, high = (quantifier.verdict(x, said.n) for x in said.ends)
    return low if low is high else Verdict.UNTOLD


def sureness(said: Range, quantifier: Quantifier) -> Sureness:
    """Beyond chance where both ends' whole 95 % intervals would give the verdict as well."""
    now = verdict(said, quantifier)
    shares = [share for x in said.ends for share in interval(x, said.n)]
    verdicts = {quantifier.at(share) for share in shares} == {now}
    return Sureness.BEYOND_CHANCE if verdicts else Sureness.COULD_BE_CHANCE


# Every audience, and every release, asks most of it again.
@lru_cache(maxsize=KEPT)
def interviews_needed(said: Range, quantifier: Quantifier, most: int | None = None) -> int | None:
    """Fewest interviews in all after which the verdict is beyond chance with a power of 80 %, if
    the shares seen so far, at both ends of the range, are the true ones.

    None where the verdict cannot be told, or no number up to `most` (the caseload; 2,000 where it
    is not known) would do.
    """
    now = verdict(said, quantifier)
    sizes = np.arange(said.n + 1, (most or MOST_INTERVIEWS) + 1)
    if now is Verdict.UNTOLD or not sizes.size:
        return None
    power = np.min([_power(quantifier, now, x, said.n, sizes) for x in said.ends], axis=0)
    enough = np.flatnonzero(power >= POWER)
    return int(sizes[enough[0]]) if enough.size else None


def _region(quantifier: Quantifier, now: Verdict, share: Share) -> tuple[Share, Share]:
    """The shares around one that give the same verdict, without their own ends."""
    for low, high in pairwise(quantifier.cuts):
        if low <= share <= high and quantifier.at((low + high) / 2) is now:
            return low, high
    return share, share


def _power(
    quantifier: Quantifier, now: Verdict, x: int, n: int, sizes: Sizes
) -> npt.NDArray[np.float64]:
    """For samples of each size, the chance that Wilson's whole interval would give the verdict.

    It does where the score test rejects both ends of the region; only nobody reaches a share of 0,
    and only everybody 1.
    """
    low, high = _region(quantifier, now, Share(x, n))
    nobody, everybody = quantifier.at(NOBODY) is now, quantifier.at(EVERYBODY) is now
    at_least = float(low) * sizes + score_margin(float(low), sizes)
    at_most = float(high) * sizes - score_margin(float(high), sizes)
    least = at_least if low > NOBODY else np.full(len(sizes), 0.0 if nobody else 1.0)
    most = at_most if high < EVERYBODY else np.subtract(sizes, 0.0 if everybody else 1.0)
    return between(least, most, sizes, x / n)


def tipping(said: Range, quantifier: Quantifier, everybody: int) -> Iterator[tuple[str, float]]:
    """Shares of those not reached at which the word stops being true of `everybody`.

    ("fewer", 0.7): it would fail if less than that share of them said so; ("more", ...): if more;
    and at just that share where the word leaves its own bound out. Nothing where they could not
    undo it.
    """
    others = everybody - said.n
    if others <= 0:
        return
    fewer = float(quantifier.lowest * everybody - said.least) / others
    more = float(quantifier.highest * everybody - said.most) / others
    if fewer > 0 or (fewer == 0 and quantifier.above is not None):
        yield "fewer", min(fewer, 1.0)
    if more < 1 or (more == 1 and quantifier.below is not None):
        yield "more", max(more, 0.0)
