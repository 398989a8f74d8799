"""Groups of people in agencies' records, named by the filters that a page offers."""

from dataclasses import dataclass, replace

import polars as pl

from iomdash.declared.groups import EVERYONE

# What is known of a stay, and with the quarter, of what is counted in it.
STAY = ("cohort", "provider", "supervision", "area")
AGENCY_FILTERS = (*STAY, "quarter")
# The filters of which choices that few people are of are counted as one; of a cohort or a provider
# a page says more than figures.
MERGING = ("supervision", "area")
# The periods that figures are told by, each as what becomes of a quarter such as '2030 Q1'.
PERIODS = {
    "quarter": pl.col("quarter"),
    "year": pl.col("quarter").str.head(4),
    EVERYONE: pl.lit(EVERYONE),
}


def is_quarter(period: str) -> bool:
    """Whether a period is a quarter, rather than a year or all time."""
    return " Q" in period


def last_quarter(period: str) -> str:
    """The quarter with which a quarter or a year closes."""
    return period if is_quarter(period) else f"{period} Q4"


@dataclass(frozen=True)
class AgencyGroup:
    """People in agencies' records who pass every filter; `All` passes everything.

    They are never those of a `Group` of interviews, whatever filters the two share.
    """

    cohort: str = EVERYONE
    provider: str = EVERYONE
    supervision: str = EVERYONE
    area: str = EVERYONE
    quarter: str = EVERYONE

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Values in the order of FILTERS."""
        return self.cohort, self.provider, self.supervision, self.area, self.quarter

    @property
    def filters(self) -> int:
        """How many filters are set."""
        return sum(value != EVERYONE for value in self.key)

    def where(self, **choices: str) -> "AgencyGroup":
        """The same group with other choices of some filters."""
        return replace(self, **choices)
