"""What a release says of interviews, cell by cell: a wave, a group's size, a claim, a code.

A cell without figures has the `reason` as a value, and in words as `hidden`.
"""

from dataclasses import dataclass

from iomdash.declared.reasons import Reason
from iomdash.declared.verdicts import Sureness, Verdict


@dataclass(frozen=True)
class Wave:
    """One round of interviews; dates are None where the source gives none, all where hidden."""

    id: str
    n: int | None
    origins: tuple[str, ...]
    first_on: object | None
    last_on: object | None

    @property
    def synthetic(self) -> bool:
        """Whether any interview of it was made up."""
        return "synthetic" in self.origins

    @property
    def reconstructed(self) -> bool:
        """Whether the source leaves figures open that the project had to choose."""
        return "reconstructed" in self.origins

    @property
    def label(self) -> str:
        """The wave's name with what must be known about it."""
        if self.synthetic:
            return f"{self.id} (synthetic)"
        return f"{self.id} study (partly reconstructed)" if self.reconstructed else self.id


@dataclass(frozen=True)
class Size:
    """Interviews in a group, or why that is not shown and which group is shown instead."""

    n: int | None
    hidden: str | None
    instead: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True)
class ClaimCell:
    """One claim in one group as the release holds it; counts are None where hidden.

    The verdict is on `least` to `most` of `n`; `x` said so, None where the source leaves that open.
    `untold` says why there is no verdict.
    """

    wave: str
    cohort: str
    provider: str
    supervision: str
    finding: str
    claim: int
    code: str
    among: str
    statement: str
    quantifier: str
    x: int | None
    n: int | None
    mixed: int | None
    no: int | None
    least: int | None
    most: int | None
    low: float | None
    high: float | None
    verdict: Verdict
    sure: Sureness | None
    untold: str | None
    sentence: str | None
    needed: int | None
    p: float | None
    population: int | None
    band: str | None
    hidden: str | None
    instead: str | None
    reason: Reason | None = None

    @property
    def ranged(self) -> bool:
        """Whether the source leaves open how many said so."""
        return self.x is None and self.least is not None

    @property
    def not_raised(self) -> int | None:
        """People of the denominator who neither said yes nor no nor were mixed, if shown."""
        if self.x is None or self.n is None or self.mixed is None or self.no is None:
            return None
        return self.n - self.x - self.mixed - self.no


@dataclass(frozen=True)
class CodeCell:
    """Counts of one code in one group; None where hidden, with the reason.

    A sensitive code shows a `band` of shares in place of counts. Groups that overlap with others
    show `yes` and neither mixed nor no.
    """

    cohort: str
    code: str
    n: int | None
    yes: int | None
    mixed: int | None
    no: int | None
    band: str | None
    hidden: str | None
    instead: str | None
    reason: Reason | None = None

    @property
    def unasked(self) -> bool:
        """Whether nobody of the group raised it, so that it counts as not asked."""
        return (self.yes, self.mixed, self.no) == (0, 0, 0)


@dataclass(frozen=True)
class Reach:
    """What those whom the interviews did not reach could change of a claim's sentence.

    `people` were approached, or are managed, as `whom` says. `word` would not be true of them if
    a share (0 to 1) of those not reached under `fewer`, or over `more`, said so; None where they
    could not undo it. `worst` and `best`: shares of all if none or all of them said so.
    """

    whom: str
    people: int
    word: str
    fewer: float | None
    more: float | None
    worst: float
    best: float


@dataclass(frozen=True)
class Stated:
    """What a printed source states of a code: `least` to `most` people of `base`, which is None
    where the source does not count it.
    """

    words: str
    least: int
    most: int
    base: int | None
    note: str | None
