"""One line of a benchmark's answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# Columns of the longest description, so that a line can be printed before the next is known.
WIDE = 72
HEAD = f"{'':{WIDE}}  {'least':>8}  {'median':>8}  {'at most':>8}"


@dataclass(frozen=True)
class Row:
    """What was measured: from the least and from the median of the trials, and the most allowed.

    The bar is held against the least, which a busy machine disturbs least; None where there is
    no bar.
    """

    what: str
    least: float
    median: float
    most: float | None = None

    @property
    def outcome(self) -> str:
        """Met, missed, or '' without a bar."""
        if self.most is None:
            return ""
        return "met" if self.least <= self.most else "MISSED"

    def __str__(self) -> str:
        bar = "" if self.most is None else f"{self.most:.2f}"
        line = (
            f"{self.what:{WIDE}}  {self.least:8.2f}  {self.median:8.2f}  {bar:>8}  {self.outcome}"
        )
        return line.rstrip()


def ratio(
    what: str, ours: Sequence[float], theirs: Sequence[float], most: float | None = None
) -> Row:
    """Trials of ours as a multiple of trials of theirs."""
    return Row(what, min(ours) / min(theirs), median(ours) / median(theirs), most)


def plain(what: str, trials: Sequence[float], most: float | None = None) -> Row:
    """Trials as they are; the unit stands in `what`."""
    return Row(what, min(trials), median(trials), most)


def step(what: str) -> None:
    """Say what is being made or measured, as it can take minutes until the next line."""
    print(f"... {what}", flush=True)
