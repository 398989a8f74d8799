"""What can be worked out of hidden counts from tables that each break one whole down by one filter.

Whole numbers with equal totals are always the margins of some table (by the north-west corner
rule), so the totals are all that such breakdowns say about each other, and the bounds here are
exact.  Source: Dobra and Fienberg 2000, bounds for cell entries given marginal totals.
"""

from collections.abc import Sequence
from typing import NamedTuple

UNKNOWN = 10**12


class Told(NamedTuple):
    """What a reader knows of one count: its least and greatest value, and whether it is small."""

    least: int
    most: int
    small: bool = False


Breakdown = Sequence[Told]


def fallen(breakdowns: Sequence[Breakdown]) -> list[tuple[int, int]]:
    """Small counts with a single possible value, by breakdown and place in it."""
    least = max(sum(told.least for told in parts) for parts in breakdowns)
    most = min(sum(told.most for told in parts) for parts in breakdowns)
    return [
        (i, j)
        for i, parts in enumerate(breakdowns)
        for j, told in enumerate(parts)
        if told.small and _width(told, parts, least, most) == 0
    ]


def _width(told: Told, parts: Breakdown, least: int, most: int) -> int:
    """Greatest less least value of one count, given the range of the whole."""
    others_least = sum(other.least for other in parts) - told.least
    others_most = sum(other.most for other in parts) - told.most
    return min(told.most, most - others_least) - max(told.least, least - others_most)
