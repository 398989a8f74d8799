"""One line of a benchmark's answer, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


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


def ratio(
    what: str, ours: Sequence[float], theirs: Sequence[float], most: float | None = None
) -> Row:
    """Trials of ours as a multiple of trials of theirs."""
    return Row(what, min(ours) / min(theirs), median(ours) / median(theirs), most)


def plain(what: str, trials: Sequence[float], most: float | None = None) -> Row:
    """Trials as they are; the unit stands in `what`."""
    return Row(what, min(trials), median(trials), most)


def table(rows: Sequence[Row]) -> str:
    """Rows as text in columns."""
    wide = max(len(row.what) for row in rows)
    lines = [f"{'':{wide}}  {'least':>8}  {'median':>8}  {'at most':>8}"]
    for row in rows:
        bar = "" if row.most is None else f"{row.most:.2f}"
        lines.append(
            f"{row.what:{wide}}  {row.least:8.2f}  {row.median:8.2f}  {bar:>8}  {row.outcome}"
        )
    return "\n".join(line.rstrip() for line in lines)
