# pyright: basic, reportArgumentType=false
# statsmodels carries no types; what leaves this module does.
"""Time to an event from counts by month, and rates per person-year, by statsmodels."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, t
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.rates import confint_poisson

from iomdash.evidence.stats import CONFIDENCE, Interval

DAYS_A_YEAR = 365.25


class Point(NamedTuple):
    """One month with an event: people at risk in it, events, and the share free of one after it."""

    month: int
    at_risk: int
    events: int
    free: float
    band: Interval


class Rate(NamedTuple):
    """Events per person-year, and its interval."""

    rate: float
    low: float
    high: float


class Spread(NamedTuple):
    """People, and sums over them: events squared, events times days, days squared."""

    people: int
    events_squared: int
    events_days: int
    days_squared: int


def curve(events: Mapping[int, int], censored: Mapping[int, int]) -> list[Point]:
    """Kaplan-Meier curve from people by month; those censored in a month were at risk in it.

    The band is pointwise, 95 %, by Greenwood's variance on the log-log scale.
    Raises ValueError without any people.  Source: Kaplan and Meier 1958; Kalbfleisch and Prentice.
    """
    months = np.array([*events, *censored])
    people = np.array([*events.values(), *censored.values()], dtype=int)
    if people.sum() == 0:
        raise ValueError("A survival curve needs at least one person: give counts by month.")
    happened = np.repeat([1, 0], [len(events), len(censored)])
    # One row a person: given as weights, counts would get a survey's variance.
    fit = SurvfuncRight(np.repeat(months, people), np.repeat(happened, people))
    rows = zip(
        fit.surv_times, fit.n_risk, fit.n_events, fit.surv_prob, fit.surv_prob_se, strict=True
    )
    return [
        Point(int(month), int(at_risk), int(many), float(free), _band(float(free), float(error)))
        for month, at_risk, many, free, error in rows
        if many > 0
    ]


def _band(free: float, error: float) -> Interval:
    # Nobody, or everybody, is left: the log-log scale has no such point.
    if not 0 < free < 1:
        return Interval(free, free)
    wide = norm.isf((1 - CONFIDENCE) / 2) * error / (free * abs(np.log(free)))
    return Interval(float(free ** np.exp(wide)), float(free ** np.exp(-wide)))


def per_year(events: int, days: int, spread: Spread | None = None) -> Rate:
    """Events per person-year of `days` at risk, with an interval at 95 %.

    The exact Poisson interval takes events as independent, and those of one person are not. With
    `spread` it is widened, where they come in clusters, to that of a ratio of sums over people.
    Raises ValueError unless events >= 0 and days > 0.  Source: Garwood 1936; Cochran 1977, 6.3.
    """
    if events < 0 or days <= 0:
        raise ValueError(f"{events} events in {days} days is not a rate: give days above 0.")
    years = days / DAYS_A_YEAR
    rate = events / years
    low, high = confint_poisson(events, years, method="exact-c", alpha=1 - CONFIDENCE)
    if events == 0:
        return Rate(0.0, 0.0, float(high))
    factor = _clusters(events, days, spread) if spread and spread.people > 1 else 1.0
    return Rate(rate, min(float(low), rate / factor), max(float(high), rate * factor))


def _clusters(events: int, days: int, spread: Spread) -> float:
    """What to multiply the rate by for the upper end, and divide it by for the lower one."""
    daily = events / days
    squares = (
        spread.events_squared - 2 * daily * spread.events_days + daily**2 * spread.days_squared
    )
    people = spread.people
    error = np.sqrt(max(squares, 0.0) * people / (people - 1)) / events
    return float(np.exp(t.isf((1 - CONFIDENCE) / 2, people - 1) * error))
