"""What can be said of a claim, apart from statistics: how it stands now, and how sure that is."""

from collections.abc import Iterable
from enum import Enum


class Verdict(Enum):
    """How what is seen stands to what was claimed: shape and words, never a colour alone.

    From the worst to the best, so that the first of several is the one to read.
    """

    AGAINST = ("✕", "Against the claim")
    WEAKER = ("▽", "Weaker than claimed")
    UNTOLD = ("▨", "Cannot be told")
    STRONGER = ("△", "Stronger than claimed")
    AS_CLAIMED = ("●", "As claimed")

    @property
    def shape(self) -> str:
        """One sign, different in form from the others."""
        return self.value[0]

    @property
    def words(self) -> str:
        """The words that always stand beside the shape."""
        return self.value[1]


class Sureness(Enum):
    """How sure a verdict is; its value stands in releases."""

    BEYOND_CHANCE = "beyond chance, if those interviewed are typical"
    COULD_BE_CHANCE = "could be chance"
    COUNTED = "everybody was counted"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a finding with several claims: the worst of theirs. Raises on none."""
    order = list(Verdict)
    return min(verdicts, key=order.index)
