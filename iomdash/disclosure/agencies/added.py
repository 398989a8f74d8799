"""Periods added up as they are told, so that the sum tells nothing new."""

import polars as pl

from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.policy import AgencyRules


def years(
    measure: Measure, told: pl.DataFrame, groups: pl.DataFrame, rules: AgencyRules
) -> pl.DataFrame:
    """The years of some groups as their quarters are told, of those of which all are.

    `told` is a cube as it is shown, `groups` the filters; the result is like `told`.
    """
    quarter = pl.col("quarter")
    parts = told.filter(quarter.str.contains(" Q")).with_columns(year=quarter.str.head(4))
    asked = parts.join(groups.rename({"quarter": "year"}), on=[*STAY, "year"], how="semi")
    every = parts.group_by("year").agg(every=quarter.n_unique())
    of = asked.join(every, on="year").filter(
        quarter.n_unique().over(*STAY, "year") == pl.col("every")
    )
    return _added(measure, of.with_columns(quarter="year"), rules).select(told.columns)


def whole(measure: Measure, told: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """All periods together: the years that are told and the quarters of those that are not."""
    closed = [period for period in told["quarter"].unique() if not is_quarter(period)]
    quarter = pl.col("quarter")
    parts = told.filter(quarter.is_in(closed) | ~quarter.str.head(4).is_in(closed))
    everything = parts.with_columns(quarter=pl.lit(EVERYONE))
    return _added(measure, everything, rules).select(told.columns)


def _added(measure: Measure, parts: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """Rows alike added up. A hidden figure counts as the middle of what it may be; of a sum of
    weights nobody knows that, so all of it is hidden.
    """
    by = [*AGENCY_FILTERS, *measure.dimensions, "what"]
    middle = (rules.smallest_count - 1) // 2
    weighed = pl.col("what").first().is_in(measure.weighed) | pl.lit(not measure.shown)
    shown = pl.col("n").is_not_null()
    enough = pl.when(weighed).then(shown.all()).otherwise(shown.any())
    n = pl.when(enough).then(pl.col("n").fill_null(middle).sum())
    few = pl.when(pl.col("n").is_null()).then(pl.lit(Reason.FEW_PEOPLE.value))
    at_end = pl.col("what").is_in(measure.at_end)
    return parts.filter(~at_end).group_by(by, maintain_order=True).agg(n=n).with_columns(hidden=few)
