"""How a group and period of a measure was told: of which release are the records it counts."""

from enum import StrEnum

import polars as pl

from iomdash.declared.agencies.groups import AGENCY_FILTERS, is_quarter

VERSIONS = {
    **dict.fromkeys(("measure", *AGENCY_FILTERS), pl.String),
    "release": pl.Int64,
    "state": pl.String,
}


class State(StrEnum):
    """Whether what is told still is what the records say, alike for all groups of a period that are
    not told anew.

    told: no record has changed
    anew: of this group records of enough people had changed, and it was told anew
    waits: some record has, of too few people to be told anew
    added: a year that is its quarters added up, as they were told, as changes of them wait
    """

    TOLD = "told"
    ANEW = "anew"
    WAITS = "waits"
    ADDED = "added"


def block(of: str, period: str) -> str:
    """The periods in which people of a population add up: a quarter's end is alone, a year is with
    its quarters.
    """
    return period if of == "in" else period[:4]


def quarters(period: str) -> tuple[str, ...]:
    """A quarter, or the quarters of a year."""
    return (period,) if is_quarter(period) else tuple(f"{period} Q{n}" for n in range(1, 5))
