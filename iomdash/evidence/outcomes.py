"""Shares, rates and curves of agencies' records, from protected counts only.

Nothing here sees a true count that the audience does not see. What noise and rounding add to the
error of a figure follows from the policy, and is in its interval.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from iomdash.declared.agencies import BY_ID, MONTH
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.protect import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules
from iomdash.evidence.stats import NORMAL, interval, widened
from iomdash.evidence.survival import Rate, Spread, incidence, per_year, ratio

# Of each measure by month: what can happen first, and what says that somebody was last seen.
CURVES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "first_reoffence": (("events", "custody"), "censored"),
    "time_in_cohort": (("left",), "still_in"),
}
# What is told per person-year, and the sums over adoptions of its squares and products with days.
RATES: Mapping[str, tuple[str, str] | None] = {
    "offences": ("offences_squared", "offences_days"),
    "arrests": None,
    "harm": ("harm_squared", "harm_days"),
    "incidents": ("incidents_squared", "incidents_days"),
}
_AROUND = ("offending", "harm", "domestic_change", "offending_spread", "domestic_spread")
# What is held against what; and of which periods a year of adoption must have all to count.
AGAINST = (("after", "before"), ("before", "earlier"), ("after", "earlier"))
TOGETHER = {"before": ("before", "after"), "after": ("before", "after"), "earlier": ("earlier",)}
WEIGHED = BY_ID["harm"].weighed
YEAR = 366
"""The most days that one person is at large in a period."""

_KEY = dict.fromkeys(AGENCY_FILTERS, pl.String)
_ENDS = {"low": pl.Float64, "high": pl.Float64}
_SHARES = {**_KEY, **dict.fromkeys(("x", "n", "offences"), pl.Int64), **_ENDS}
_LESS = {name: kind for name, kind in _SHARES.items() if name != "offences"}
_RATES = {
    **_KEY, "period": pl.String, "what": pl.String, "events": pl.Int64, "days": pl.Int64,
    "rate": pl.Float64, **_ENDS,
}  # fmt: skip
_RATIOS = {
    **_KEY, "period": pl.String, "against": pl.String, "what": pl.String, "ratio": pl.Float64,
    **_ENDS,
}  # fmt: skip
_CURVES = {
    "measure": pl.String, **_KEY, "cause": pl.String, "month": pl.Int64, "at_risk": pl.Int64,
    "events": pl.Int64, "share": pl.Float64, **_ENDS,
}  # fmt: skip

Cubes = Mapping[str, pl.DataFrame]
Row = tuple[Any, ...]
Counts = dict[str, int | None]
Parts = Mapping[Row, int]


def derive(safe: ReleasableAgencies, rules: AgencyRules) -> Mapping[str, pl.DataFrame]:
    """Tables of shares, rates and curves, empty where feeds are missing.

    reoffending_shares: x of n people followed, offences of x, 95 % interval; null where hidden
    less_often: x of n people, at large in both years, offended less often after joining, 95 %
      interval; for all quarters
    offending_rates: period, what (see RATES), events, days at large, rate per person-year to two
      figures, 95 % interval where there are sums for it; of closed years of adoption
    offending_ratios: period, against, what, the rate in the one as a multiple of that in the other,
      95 % interval; where both rates have one
    curves: measure, cause, month, people at risk, events, the share that had it first by the end of
      the month, 95 % band; for all quarters
    """
    rates = _rates(safe, rules)
    told = [(*key, *sums, *map(_short, rate)) for key, (*sums, rate) in rates.items()]
    curves = [row for name in CURVES for row in _curves(name, safe, rules)]
    return {
        "reoffending_shares": _frame(_shares(safe, rules), _SHARES),
        "less_often": _frame(_less_often(safe, rules), _LESS),
        "offending_rates": _frame(told, _RATES),
        "offending_ratios": _frame(_ratios(rates), _RATIOS),
        "curves": _frame(curves, _CURVES),
    }


def _frame(rows: list[Row], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def _counts(cube: pl.DataFrame | None, *own: str) -> dict[Row, Counts]:
    """Counts by `what` of each group and value of the measure's own columns."""
    counts: dict[Row, Counts] = {}
    for row in () if cube is None else cube.iter_rows(named=True):
        key = tuple(row[name] for name in (*AGENCY_FILTERS, *own))
        counts.setdefault(key, {})[row["what"]] = row["n"]
    return counts


def _added(cube: pl.DataFrame) -> list[str]:
    """The periods that are added up to all of them: closed years, and the quarters since."""
    periods = set(cube["quarter"]) - {EVERYONE}
    years = {period for period in periods if not is_quarter(period)}
    return [p for p in periods if p in years or p[:4] not in years]


def _parts(safe: ReleasableAgencies, name: str) -> Mapping[Row, int]:
    """How many periods are added up to all of them, by group without the period."""
    added = _added(safe.cubes[name])
    told = safe.groups.filter(pl.col("quarter").is_in(added), of=BY_ID[name].of)
    return {tuple(stay): n for *stay, n in told.group_by(STAY).len().iter_rows()}


def _off(rules: AgencyRules, parts: int) -> float:
    """Standard error that noise adds to a sum over `parts` periods, in parts of one person.

    Noise is the number of ones among twice as many bits as the most, less the most.
    """
    return float(np.sqrt(parts * rules.noise / 2))


def _shares(safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    rows: list[Row] = []
    counts = _counts(safe.cubes.get("reoffending"))
    parts = _parts(safe, "reoffending") if counts else {}
    for group, figures in counts.items():
        n, x = figures.get("people"), figures.get("reoffenders")
        # Both are blurred, each by itself.
        x = None if n is None or x is None else min(x, n)
        many = parts.get(group[:-1], 1) if group[-1] == EVERYONE else 1
        ends = _share(x, n, _off(rules, many)) if n and x is not None else (None, None)
        rows.append((*group, x, n, figures.get("offences"), *ends))
    return rows


def _less_often(safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    rows: list[Row] = []
    counts = _counts(safe.cubes.get("offending_change"))
    parts = _parts(safe, "offending_change") if counts else {}
    for group, figures in counts.items():
        told = [n for what in ("fewer", "as_many", "more") if (n := figures.get(what)) is not None]
        if group[-1] == EVERYONE and len(told) == 3:
            ends = _share(told[0], sum(told), _off(rules, parts.get(group[:-1], 1)), of=len(told))
            rows.append((*group, told[0], sum(told), *ends))
    return rows


def _share(x: int, n: int, off: float, *, of: int = 1) -> tuple[float, float]:
    """Interval of a share of `n`, the sum of so many counts, all of them blurred."""
    share = x / n
    return widened(share, interval(x, n), NORMAL * off * np.sqrt(1 + of * share**2) / n)


def _rates(safe: ReleasableAgencies, rules: AgencyRules) -> dict[Row, tuple[int, int, Rate]]:
    """Events, days and their rate by group, period and what, over closed years of adoption; while
    none has closed, over quarters.

    Years count in which both are shown, before and after alike: what is hidden, as of few or as two
    people make most of it, is no number to add.
    """
    rates: dict[Row, tuple[int, int, Rate]] = {}
    around = _around(safe)
    for (*stay, period), by_year in around.items():
        both = [around.get((*stay, other), {}) for other in TOGETHER[period]]
        every = around.get((*(EVERYONE for _ in STAY), period), {})
        for what, squares in RATES.items():
            needed = (what, "days", "adoptions")
            years = [y for y in by_year if all(_whole(of.get(y), needed) for of in both)]
            events, days, people = (sum(by_year[y][name] or 0 for y in years) for name in needed)
            if days <= 0:
                continue
            off = _off(rules, len(years))
            spreads = [s for of in (by_year, every) if (s := _spread(of, squares, people))]
            rates[(*stay, EVERYONE, period, what)] = (
                events, days, _widest(events, days, spreads, off, counted=what not in WEIGHED)
            )  # fmt: skip
    return rates


def _around(safe: ReleasableAgencies) -> dict[Row, dict[str, Counts]]:
    """What is told around adoption, by group and period, then by year of adoption."""
    figures: dict[Row, dict[str, Counts]] = {}
    for name in (name for name in _AROUND if name in safe.cubes):
        cube = safe.cubes[name]
        added = _added(cube)
        years = [p for p in added if not is_quarter(p)] or added
        for (*stay, year, period), counted in _counts(cube, "period").items():
            if year in years:
                figures.setdefault((*stay, period), {}).setdefault(year, {}).update(counted)
    return figures


def _whole(counted: Counts | None, needed: Sequence[str]) -> bool:
    return counted is not None and all(counted.get(name) is not None for name in needed)


def _spread(
    by_year: Mapping[str, Counts], squares: tuple[str, str] | None, people: int
) -> Spread | None:
    """Sums over so many people, as far as they are shown; None where they are not."""
    names = ("adoptions", *squares, "days_squared") if squares else ()
    years = [counted for counted in by_year.values() if names and _whole(counted, names)]
    of, *sums = (sum(counted[name] or 0 for counted in years) for name in names or ("",))
    if of < 2 or people < 2:
        return None
    return Spread(people, *(round(total * people / of) for total in sums))


def _widest(
    events: int, days: int, spreads: Sequence[Spread], off: float, *, counted: bool
) -> Rate:
    """The rate, with the widest interval that allows for people and noise; without one of people,
    none. A group's own sums are noisy where it is small, by the same noise as its events, so those
    of everybody stand beside them.
    """
    every = [
        per_year(
            events, days, spread, counted=counted,
            noise=float(off * np.hypot(spread.largest / events, YEAR / days)),
        )
        for spread in spreads if events
    ]  # fmt: skip
    rate = per_year(events, days).rate
    if not every:
        return Rate(rate, None, None)
    lows, highs = ([end for r in every if (end := r[i]) is not None] for i in (1, 2))
    return Rate(rate, min(lows), max(highs))


def _ratios(rates: Mapping[Row, tuple[int, int, Rate]]) -> list[Row]:
    rows: list[Row] = []
    for (*group, period, what), (_, _, rate) in rates.items():
        for earlier in (b for a, b in AGAINST if a == period):
            _, _, other = rates.get((*group, earlier, what), (0, 0, Rate(0, None, None)))
            if rate.low and other.low:
                rows.append((*group, period, earlier, what, *map(_short, ratio(rate, other))))
    return rows


def _short(rate: float | None) -> float | None:
    """To two figures: a third would tell of single events."""
    return None if rate is None else float(f"{rate:.2g}")


def _curves(name: str, safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    causes, last_seen = CURVES[name]
    months: dict[Row, dict[str, dict[int, int]]] = {}
    for (*group, month), figures in _counts(safe.cubes.get(name), MONTH).items():
        if group[-1] == EVERYONE:
            by_what = months.setdefault(tuple(group), {what: {} for what in (*causes, last_seen)})
            for what, n in figures.items():
                by_what[what][month] = n or 0
    parts = _parts(safe, name) if months else {}
    return [
        (name, *group, cause, p.month, p.at_risk, p.events, p.share, *p.band)
        for group, counted in months.items() if any(map(any, map(dict.values, counted.values())))
        for cause, points in zip(causes, incidence(
            [counted[cause] for cause in causes], counted[last_seen],
            step=rules.smallest_count, parts=parts.get(group[:-1], 1),
        ), strict=True)
        for p in points
    ]  # fmt: skip
