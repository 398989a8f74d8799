"""The five things that can be said of a claim, apart from the statistics behind them."""

from enum import Enum


class Verdict(Enum):
    """Shape and words; never a colour alone."""

    SETTLED = ("●", "Holds, settled")
    HERE = ("◐", "Holds here, not settled")
    FAILS = ("○", "Does not hold")
    HIDDEN = ("▨", "Too few to show")
    NO_DATA = ("–", "No data")

    @property
    def shape(self) -> str:
        """One sign, different in form from the others."""
        return self.value[0]

    @property
    def words(self) -> str:
        """The words that always stand beside the shape."""
        return self.value[1]
