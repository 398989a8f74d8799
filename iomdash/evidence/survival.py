# pyright: basic, reportArgumentType=false
# statsmodels carries no types; what leaves this module does.
"""Time to an event from counts by month, and rates per person-year, by statsmodels."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import t
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.rates import confint_poisson

from iomdash.evidence.stats import CONFIDENCE, NORMAL, Interval, interval, widened

DAYS_A_YEAR = 365.25

Counts = Mapping[int, int]


class Point(NamedTuple):
    """One month: people at risk at its start, events in it, the share that has had one after it."""

    month: int
    at_risk: int
    events: int
    share: float
    band: Interval


class Rate(NamedTuple):
    """Events per person-year, or how many times another rate; and its interval, if it has one."""

    rate: float
    low: float | None
    high: float | None


class Spread(NamedTuple):
    """People, and sums over them: events squared, events times days, days squared."""

    people: int
    events_squared: int
    events_days: int
    days_squared: int

    @property
    def largest(self) -> float:
        """About how many events are those of one person, as if their numbers were exponential."""
        usual = np.sqrt(self.events_squared / self.people / 2)
        return float(usual * (np.log(self.people) + np.euler_gamma))


def incidence(
    causes: Sequence[Counts], censored: Counts, *, step: int = 1, parts: int = 1
) -> list[list[Point]]:
    """Share that had each cause first, month by month, from people by month; those censored in a
    month were at risk in it. One cause alone is Kaplan and Meier's curve, from 0 up.

    Counts are `parts` sums of people rounded to steps of `step`. Months end where fewer than a step
    of each part are at risk. The band is pointwise, 95 %: that of the log-log scale, and of the
    error of rounding. Raises ValueError without any people.
    Source: Aalen and Johansen 1978; Kalbfleisch and Prentice; Zou and Donner 2008.
    """
    kinds = [censored, *causes]
    people = sum(sum(counts.values()) for counts in kinds)
    if people == 0:
        raise ValueError("A survival curve needs at least one person: give counts by month.")
    fit = _fitted(kinds)
    last = max(month for counts in kinds for month in counts)
    at_risk = {m: people - _before(kinds, m) for m in range(1, last + 1)}
    months = [m for m, n in at_risk.items() if n >= max(step * parts, 1)]
    wide = NORMAL * float(np.sqrt(parts * (step**2 - 1) / 6))
    free = {m: 1 - sum(_at(fit, c, m - 1)[0] for c in range(len(causes))) for m in months}
    reach = {m: wide * free[m] / at_risk[m] for m in months}
    return [
        [
            Point(m, at_risk[m], counts.get(m, 0), share,
                  widened(share, _band(share, error, people), reach[m]))
            for m in months for share, error in [_at(fit, cause, m)]
        ]
        for cause, counts in enumerate(causes)
    ]  # fmt: skip


def _fitted(kinds: Sequence[Counts]) -> Any:
    """Aalen and Johansen's fit of counts by month of censored people and of each cause."""
    months, causes, people = np.array(
        [(m, cause, n) for cause, counts in enumerate(kinds) for m, n in counts.items()],
        dtype=int,
    ).T
    # One row a person: with weights there is no standard error. Where the last ones at risk have
    # an event there is none either.
    with np.errstate(divide="ignore", invalid="ignore"):
        return CumIncidenceRight(np.repeat(months, people), np.repeat(causes, people))


def _before(kinds: Sequence[Counts], month: int) -> int:
    return sum(n for counts in kinds for m, n in counts.items() if m < month)


def _at(fit: Any, cause: int, month: int) -> tuple[float, float]:
    """Share and standard error after a month; nobody before the first."""
    place = int(np.searchsorted(fit.times, month, side="right")) - 1
    if place < 0 or cause >= len(fit.cinc):
        return 0.0, 0.0
    return float(fit.cinc[cause][place]), float(fit.cinc_se[cause][place])


def _band(share: float, error: float, people: int) -> Interval:
    # Where nobody, or everybody, has had an event, the log-log scale has no such point.
    if not (0 < share < 1 and error > 0):
        return interval(round(share * people), people)
    free = 1 - share
    wide = NORMAL * error / (free * abs(np.log(free)))
    return Interval(1 - float(free ** np.exp(-wide)), 1 - float(free ** np.exp(wide)))


def per_year(
    events: int, days: int, spread: Spread | None = None, *, noise: float = 0.0,
    counted: bool = True,
) -> Rate:  # fmt: skip
    """Events per person-year of `days` at risk, with an interval at 95 %.

    The exact Poisson interval takes events as independent, and those of one person are not. With
    `spread` it is widened, where they come in clusters, to that of a ratio of sums over people;
    sums of weights, not `counted`, have that one alone. `noise` is the relative standard error
    that blurring adds. Raises ValueError unless events >= 0 and days > 0.
    Source: Garwood 1936; Cochran 1977, 6.3; Zou and Donner 2008.
    """
    if events < 0 or days <= 0:
        raise ValueError(f"{events} events in {days} days is not a rate: give days above 0.")
    years = days / DAYS_A_YEAR
    rate = events / years
    low, high = _exact(events, years) if counted else (rate, rate)
    if events == 0:
        return Rate(0.0, 0.0, high)
    reach = _clusters(events, days, spread) if spread and spread.people > 1 else 0.0
    below, above = max(reach, np.log(rate / low)), max(reach, np.log(high / rate))
    off = NORMAL * noise
    return Rate(rate, rate / _times(below, off), rate * _times(above, off))


# Audiences see the same events in many groups, and a rate is asked for alone and with its spread.
@lru_cache(maxsize=4096)
def _exact(events: int, years: float) -> tuple[float, float]:
    low, high = confint_poisson(events, years, method="exact-c", alpha=1 - CONFIDENCE)
    return float(low), float(high)


def ratio(rate: Rate, to: Rate) -> Rate:
    """One rate as a multiple of another, as if of other people: too wide an interval where the same
    people offend often in both.

    Raises ValueError where a rate is 0 or has no interval.  Source: Zou and Donner 2008.
    """
    if not (rate.low and rate.high and to.low and to.high):
        raise ValueError(f"{rate} to {to} is not a ratio: give rates above 0 with their intervals.")
    times = rate.rate / to.rate
    low = times / _times(np.log(rate.rate / rate.low), np.log(to.high / to.rate))
    return Rate(times, low, times * _times(np.log(rate.high / rate.rate), np.log(to.rate / to.low)))


def _times(one: float, other: float) -> float:
    """The factor of two errors of a logarithm that do not depend on each other."""
    return float(np.exp(np.hypot(one, other)))


def _clusters(events: int, days: int, spread: Spread) -> float:
    """How far the logarithm of the rate reaches to either end."""
    daily = events / days
    squares = (
        spread.events_squared - 2 * daily * spread.events_days + daily**2 * spread.days_squared
    )
    people = spread.people
    error = np.sqrt(max(squares, 0.0) * people / (people - 1)) / events
    return float(t.isf((1 - CONFIDENCE) / 2, people - 1) * error)
