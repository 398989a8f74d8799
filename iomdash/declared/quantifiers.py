"""Words, the shares they promise, and how a share stands to a word.

The word shown on a page is the word tested here. Order matters: `strongest` reads SPOKEN from the
strongest word to the weakest.
Source: quantifier table of the findings' specification, after the wording of the 2017 study.
"""

from dataclasses import dataclass
from fractions import Fraction

from iomdash.declared.verdicts import Verdict

Share = Fraction
NOBODY, EVERYBODY = Share(0), Share(1)
HALF, TWO_THIRDS, FOUR_FIFTHS = Share(1, 2), Share(2, 3), Share(4, 5)


@dataclass(frozen=True)
class Quantifier:
    """A word and the range of shares (0 to 1) for which it is true.

    `above` and `below` exclude their bound, `at_least` and `at_most` include it.
    `least_count` is the smallest number of people who must say yes. A word that `limits` says that
    only so many do, so that more of them speak against it.
    """

    word: str
    at_least: Share = NOBODY
    at_most: Share = EVERYBODY
    above: Share | None = None
    below: Share | None = None
    least_count: int = 0
    limits: bool = False

    def admits(self, share: Share | float) -> bool:
        """Whether the share, a fraction from 0 to 1, lies within the word's bounds."""
        return (
            self.at_least <= share <= self.at_most
            and (self.above is None or share > self.above)
            and (self.below is None or share < self.below)
        )

    def holds(self, x: int, n: int) -> bool:
        """Whether `x` of `n` people make the word true. Raises ValueError outside 0..n, n > 0."""
        if not (n > 0 and 0 <= x <= n):
            raise ValueError(f"{x} of {n} people is not a share: give 0 <= x <= n and n > 0.")
        return x >= self.least_count and self.admits(Share(x, n))

    def at(self, share: Share | float) -> Verdict:
        """How a share, a fraction from 0 to 1, stands to the word."""
        if self.admits(share):
            return Verdict.AS_CLAIMED
        if share > self.lowest:
            return Verdict.AGAINST if self.limits else Verdict.STRONGER
        denied = share < HALF <= self.lowest or (share == NOBODY and not self.limits)
        return Verdict.AGAINST if denied else Verdict.WEAKER

    def verdict(self, x: int, n: int) -> Verdict:
        """How `x` of `n` people stand to the word. Raises ValueError outside 0..n, n > 0."""
        if self.holds(x, n):
            return Verdict.AS_CLAIMED
        if x < self.least_count:
            return Verdict.WEAKER if x else Verdict.AGAINST
        return self.at(Share(x, n))

    @property
    def lowest(self) -> Share:
        """The share below which too few say so."""
        return max(self.at_least, self.above or NOBODY)

    @property
    def highest(self) -> Share:
        """The share above which more say so than the word promises."""
        return min(self.at_most, EVERYBODY if self.below is None else self.below)

    @property
    def cuts(self) -> tuple[Share, ...]:
        """Shares, smallest first, at which the verdict may change; 0 and 1 among them."""
        denied = HALF if self.lowest >= HALF else NOBODY
        return tuple(sorted({NOBODY, denied, self.lowest, self.highest, EVERYBODY}))

    @property
    def bounds(self) -> str:
        """The bounds in words, as the Methods page prints them."""
        parts = [f"at least {self.least_count} people"] if self.least_count else []
        if self.above is not None:
            parts.append(f"more than {_percent(self.above)}")
        if self.at_least == 1:
            parts.append("every one")
        elif self.at_least > 0:
            parts.append(f"{_percent(self.at_least)} or more")
        if self.below is not None:
            parts.append(f"less than {_percent(self.below)}")
        elif self.at_most < 1:
            parts.append(f"{_percent(self.at_most)} or less")
        return " and ".join(parts)


def _percent(share: Share) -> str:
    value = share * 100
    return f"{value} %" if value.denominator == 1 else f"{float(value):.1f} %"


ALL = Quantifier("all", at_least=EVERYBODY)
NEARLY_ALL = Quantifier("nearly all", at_least=FOUR_FIFTHS, below=EVERYBODY)
LARGE_MAJORITY = Quantifier("a large majority", at_least=TWO_THIRDS)
MAJORITY = Quantifier("a majority", above=HALF)
AT_LEAST_HALF = Quantifier("at least half", at_least=HALF)
NOT_ALL = Quantifier("not all", below=EVERYBODY, limits=True)
MINORITY = Quantifier("a minority", above=NOBODY, below=HALF, limits=True)
SOME = Quantifier("some", at_most=HALF, least_count=2)
AT_LEAST_ONE = Quantifier("at least one", least_count=1)

QUANTIFIERS: tuple[Quantifier, ...] = (
    ALL,
    NEARLY_ALL,
    LARGE_MAJORITY,
    MAJORITY,
    AT_LEAST_HALF,
    NOT_ALL,
    MINORITY,
    SOME,
    AT_LEAST_ONE,
)

# The words a sentence may open with, strongest first, so that the first that holds says the most.
SPOKEN = (ALL, NEARLY_ALL, LARGE_MAJORITY, MAJORITY, AT_LEAST_HALF, SOME, AT_LEAST_ONE)


def strongest(least: int, most: int, n: int) -> str | None:
    """The strongest word that is true of `least` as of `most` of `n` people, so of all between.

    "none" where nobody can have said so; None where no word is true of both.
    """
    if most == 0:
        return "none"
    return next((q.word for q in SPOKEN if q.holds(least, n) and q.holds(most, n)), None)
