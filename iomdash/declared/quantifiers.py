"""Words and the shares they promise. The word shown on a page is the word tested here.

Order matters: `strongest` reads QUANTIFIERS from the strongest claim to the weakest.
Source: quantifier table of the findings' specification, after the wording of the 2017 study.
"""

from dataclasses import dataclass
from fractions import Fraction

Share = Fraction
NOBODY, EVERYBODY = Share(0), Share(1)
HALF, TWO_THIRDS, FOUR_FIFTHS = Share(1, 2), Share(2, 3), Share(4, 5)


@dataclass(frozen=True)
class Quantifier:
    """A word and the range of shares (0 to 1) for which it is true.

    `above` and `below` exclude their bound, `at_least` and `at_most` include it.
    `least_count` is the smallest number of people who must say yes. A word that a sample can
    never settle, because one more person could undo it, is not `provable`.
    """

    word: str
    at_least: Share = NOBODY
    at_most: Share = EVERYBODY
    above: Share | None = None
    below: Share | None = None
    least_count: int = 0
    provable: bool = True

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


ALL = Quantifier("all", at_least=EVERYBODY, provable=False)
NEARLY_ALL = Quantifier("nearly all", at_least=FOUR_FIFTHS, below=EVERYBODY)
LARGE_MAJORITY = Quantifier("a large majority", at_least=TWO_THIRDS)
MAJORITY = Quantifier("a majority", above=HALF)
AT_LEAST_HALF = Quantifier("at least half", at_least=HALF)
NOT_ALL = Quantifier("not all", below=EVERYBODY)
MINORITY = Quantifier("a minority", above=NOBODY, below=HALF)
SOME = Quantifier("some", at_most=HALF, least_count=2)
AT_LEAST_ONE = Quantifier("at least one", least_count=1, provable=False)

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


def strongest(x: int, n: int) -> str:
    """The strongest word that is true of `x` of `n` people; "none" when nobody says so."""
    return next((q.word for q in SPOKEN if q.holds(x, n)), "none")
