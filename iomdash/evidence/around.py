"""Rates around adoption and their ratios, from sums by year of adoption.

Noise moves a sum by as much as the people in it who count most, so a rate of a small group is a
guess, and its interval says so.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import STAY, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules
from iomdash.evidence.blurred import Counts, Row, added, counts_of, off
from iomdash.evidence.survival import Rate, Spread, per_year, ratio

# What is told per person-year, and the sums over adoptions of its squares and products with days.
RATES: Mapping[str, tuple[str, str] | None] = {
    "offences": ("offences_squared", "offences_days"),
    "arrests": None,
    "harm": ("harm_squared", "harm_days"),
    "incidents": ("incidents_squared", "incidents_days"),
}
MEASURES = ("offending", "harm", "domestic_change", "offending_spread", "domestic_spread")
# What is held against what; and of which periods a year of adoption must have all to count.
AGAINST = (("after", "before"), ("before", "earlier"), ("after", "earlier"))
TOGETHER = {"before": ("before", "after"), "after": ("before", "after"), "earlier": ("earlier",)}
WEIGHED = BY_ID["harm"].weighed
YEAR = 366
"""The most days that one person is at large in a period."""
NOISIEST = 1.0
"""Beyond this standard error of its logarithm by noise alone a rate is not told."""

ByYear = dict[str, Counts]
Rates = dict[Row, tuple[int, int, Rate]]


def rates_of(safe: ReleasableAgencies, rules: AgencyRules) -> Rates:
    """Events, days and their rate by group, period and what, over closed years of adoption; while
    none has closed, over quarters.

    Years count in which both are shown, before and after alike: what is hidden, as of few or as two
    people make most of it, is no number to add.
    """
    rates: Rates = {}
    around = _around(safe)
    for (*stay, period), by_year in around.items():
        both = [around.get((*stay, other), {}) for other in TOGETHER[period]]
        everybody = around.get((*(EVERYONE for _ in STAY), period), {})
        for what in RATES:
            years = [y for y in by_year if all(_whole(of.get(y), _needed(what)) for of in both)]
            of_years = {year: by_year[year] for year in years}
            if rate := _rate(what, of_years, everybody, off(rules, len(years))):
                rates[(*stay, EVERYONE, period, what)] = rate
    return rates


def ratios_of(rates: Rates) -> list[tuple[Row, Rate]]:
    """Group, period, against and what, with the ratio, where both rates have an interval."""
    ratios: list[tuple[Row, Rate]] = []
    for (*group, period, what), (_, _, rate) in rates.items():
        for earlier in (b for a, b in AGAINST if a == period):
            _, _, other = rates.get((*group, earlier, what), (0, 0, Rate(0, None, None)))
            if rate.low and other.low:
                ratios.append(((*group, period, earlier, what), ratio(rate, other)))
    return ratios


def _around(safe: ReleasableAgencies) -> dict[Row, ByYear]:
    """What is told around adoption, by group and period, then by year of adoption."""
    figures: dict[Row, ByYear] = {}
    for name in (name for name in MEASURES if name in safe.cubes):
        periods = added(safe.cubes[name])
        years = [p for p in periods if not is_quarter(p)] or periods
        for (*stay, year, period), counted in counts_of(safe, name, "period").items():
            if year in years:
                figures.setdefault((*stay, period), {}).setdefault(year, {}).update(counted)
    return figures


def _needed(what: str) -> tuple[str, ...]:
    return (what, "days", "adoptions")


def _whole(counted: Counts | None, needed: Sequence[str]) -> bool:
    return counted is not None and all(counted.get(name) is not None for name in needed)


def _sum(by_year: ByYear, name: str) -> int:
    return sum(counted.get(name) or 0 for counted in by_year.values())


def _rate(
    what: str, by_year: ByYear, everybody: ByYear, noise: float
) -> tuple[int, int, Rate] | None:
    """Events, days and the rate, with the widest interval that allows for people and noise; without
    one where nothing is known of people. None where noise leaves nothing.

    A group's own sums are noisy where it is small, by the same noise as its events, so those of
    everybody stand beside them.
    """
    events, days, people = (_sum(by_year, name) for name in _needed(what))
    if days <= 0:
        return None
    known = [_spread(years, RATES[what], people) for years in (by_year, everybody)]
    spreads = [spread for spread in known if spread]
    rate = per_year(events, days).rate
    if not spreads or not events:
        return events, days, Rate(rate, None, None)
    errors = [noise * float(np.hypot(s.largest / events, YEAR / days)) for s in spreads]
    if max(errors) > NOISIEST:
        return None
    every = [
        per_year(events, days, spread, noise=error, counted=what not in WEIGHED)
        for spread, error in zip(spreads, errors, strict=True)
    ]
    return events, days, Rate(
        rate, min(r.low or 0.0 for r in every), max(r.high or rate for r in every)
    )  # fmt: skip


def _spread(by_year: ByYear, squares: tuple[str, str] | None, people: int) -> Spread | None:
    """Sums over so many people, as far as they are shown; None where they are not."""
    if squares is None:
        return None
    names = ("adoptions", *squares, "days_squared")
    shown = {year: counted for year, counted in by_year.items() if _whole(counted, names)}
    of, *sums = (_sum(shown, name) for name in names)
    if of < 2 or people < 2:
        return None
    events_squared, events_days, days_squared = (round(total * people / of) for total in sums)
    return Spread(people, events_squared, events_days, days_squared)
