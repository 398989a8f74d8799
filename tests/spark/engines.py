"""DuckDB and Spark side by side: every text on both, and whether the rows are the same."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from iomdash.vault.engine import DuckDB
from iomdash.vault.spark import Spark

# A text that many measures ask is compared of so many that give it rows.
ENOUGH = 2


def whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in one order, whole numbers of one width: engines choose their own."""
    frame = frame.with_columns(pl.selectors.integer().cast(pl.Int64))
    return frame.sort(frame.columns, nulls_last=True)


@dataclass
class Both:
    """Two engines as one, which remembers what each text gave on both."""

    duckdb: DuckDB
    spark: Spark
    texts: dict[str, tuple[int, int, bool]] = field(
        default_factory=dict[str, tuple[int, int, bool]]
    )
    compared: Counter[str] = field(default_factory=Counter[str])
    together = Spark.together

    def keep(self, name: str, query: str) -> None:
        self.duckdb.keep(name, query)
        self.spark.keep(name, query)
        if not self._enough(query):
            self._compared(query, f"select * from {name}")

    def name(self, name: str, query: str) -> None:
        self.duckdb.name(name, query)
        self.spark.name(name, query)
        if not self._enough(query):
            self._compared(query, query)

    def take(self, name: str, frame: pl.DataFrame) -> None:
        self.duckdb.take(name, frame)
        self.spark.take(name, frame)

    def frame(self, query: str) -> pl.DataFrame:
        return self.spark.frame(query) if self._enough(query) else self._compared(query, query)

    def _compared(self, text: str, query: str) -> pl.DataFrame:
        ours, theirs = self.duckdb.frame(query), self.spark.frame(query)
        same = whole(ours).equals(whole(theirs))
        # A text is asked of many measures: one that differs once differs.
        here, there, alike = self.texts.get(text, (0, 0, True))
        self.texts[text] = (here + ours.height, there + theirs.height, alike and same)
        self.compared[text] += ours.height > 0
        return theirs

    def _enough(self, text: str) -> bool:
        return self.compared[text] >= ENOUGH

    def of(self, part: str) -> list[tuple[int, int, bool]]:
        """What the texts gave that hold this one."""
        return [rows for text, rows in self.texts.items() if part in text]
