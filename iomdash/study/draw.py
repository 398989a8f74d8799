"""What every made-up agency draws from: the people, their cases, stays in prison, and the dice."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from iomdash.study.persons import DAY, Numbers, Whole, adoptions, made_up, pick

_YEAR = 365.25


class Draw:
    """The people, their cases and the dice, for `n` people; days are those of agencies.toml."""

    def __init__(self, dice: np.random.Generator, n: int, known: Mapping[str, Any]) -> None:
        self.dice, self.known = dice, known
        self.people = made_up(dice, n, known)
        self.cases = adoptions(dice, self.people, known)
        first = self.cases.unique("person", keep="first", maintain_order=True).sort("person")
        self.adopted = first["adopted"].to_numpy().astype(DAY)
        self.cohort = first["cohort"].to_numpy()
        self.end = np.datetime64(known["last_day"], "D")
        self.start = np.datetime64(known["first_day"], "D") - 730
        self.custody = self._custody()

    def events(self, rate: float | Numbers, since: Any = None) -> pl.DataFrame:
        """person and day, at `rate` a year from `since` (default: adoption) to the last day."""
        begun = np.broadcast_to(self.adopted if since is None else since, self.adopted.shape)
        span = (self.end - begun).astype(int)
        counts = self.dice.poisson(np.asarray(rate) * span / _YEAR)
        person: Whole = np.repeat(np.arange(len(span)), counts)
        days = begun[person] + (self.dice.random(len(person)) * span[person]).astype(int)
        return pl.DataFrame({"person": person, "day": days}).sort("person", "day")

    def until(self, begun: pl.Expr, mean: float, n: int) -> pl.Expr:
        """A later day, null where it lies beyond the last extract."""
        gap = pl.Series(self.dice.exponential(mean, n).astype(int) + 1)
        ended = begun.dt.offset_by(pl.format("{}d", gap))
        return pl.when(ended <= self.known["last_day"]).then(ended)

    def spells(self, rate: float, mean: float, since: Any = None) -> pl.DataFrame:
        """person, day, to: spells of one person that do not overlap, the last perhaps open."""
        begun = self.events(rate, since)
        spells = begun.with_columns(to=self.until(pl.col("day"), mean, begun.height))
        ended = pl.col("to").fill_null(self.known["last_day"])
        before = ended.cum_max().shift(1).over("person")
        return spells.filter(before.is_null() | (pl.col("day") > before))

    def _custody(self) -> pl.DataFrame:
        known = self.known["custody"]
        return self.spells(known["per_year"], known["days"], self.start)

    def at_large(self, events: pl.DataFrame) -> pl.DataFrame:
        """The events that did not fall into a stay in prison."""
        stays = self.custody.select("person", began="day", until="to")
        inside = (
            events.with_row_index()
            .join(stays, on="person")
            .filter(
                pl.col("day").is_between("began", pl.col("until").fill_null(self.known["last_day"]))
            )
        )
        return events.with_row_index().join(inside, on="index", how="anti").drop("index")

    def offending(self) -> pl.DataFrame:
        """person and day; the rate peaks before adoption and falls back by itself after it."""
        known = self.known["offending"]
        mean, effect = self.by_cohort(known["mean"]), self.by_cohort(known["effect"])
        shape = float(known["shape"])
        own = self.dice.gamma(shape, mean / shape)
        drawn = self.events(own * known["peak"], self.start)
        person, day = drawn["person"].to_numpy(), drawn["day"].to_numpy().astype(DAY)
        before = (self.adopted[person] - day).astype(int)
        rate = np.where(before < 0, effect[person], 1.0)
        rate = np.where((before >= 0) & (before < known["peak_days"]), known["peak"], rate)
        return self.at_large(drawn.filter(self.dice.random(drawn.height) * known["peak"] < rate))

    def by_cohort(self, figures: Mapping[str, float]) -> Numbers:
        """Each person's figure, by their first cohort; 0 where it has none."""
        return np.array([figures.get(str(name), 0.0) for name in self.cohort])

    def codes(self, weights: Mapping[str, float], n: int) -> pl.Series:
        """`n` codes, each with its weight."""
        return pl.Series(pick(self.dice, weights, n))

    def chance(self, share: float, n: int) -> pl.Series:
        """`n` times true with this chance."""
        return pl.Series(self.dice.random(n) < share)

    def yes(self, share: float, n: int) -> pl.Series:
        """`n` answers, Y with this chance, else N."""
        return pl.Series(np.where(self.dice.random(n) < share, "Y", "N"))
