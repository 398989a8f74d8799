"""Shares, rates and curves of agencies' records, from protected counts only.

Nothing here sees a true count that the audience does not see.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from iomdash.declared.agencies import BY_ID, MONTH
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.protect import ReleasableAgencies
from iomdash.evidence.stats import interval
from iomdash.evidence.survival import Spread, curve, per_year

# Each measure by month: what ends the time, and what says that somebody was last seen.
CURVES = {"first_reoffence": ("events", "censored"), "time_in_cohort": ("left", "still_in")}

_KEY = dict.fromkeys(AGENCY_FILTERS, pl.String)
_ENDS = {"low": pl.Float64, "high": pl.Float64}
_SHARES = {**_KEY, **dict.fromkeys(("x", "n", "offences"), pl.Int64), **_ENDS}
_RATES = {
    **_KEY, "period": pl.String, "what": pl.String, "events": pl.Int64, "rate": pl.Float64, **_ENDS,
}  # fmt: skip
_CURVES = {
    "measure": pl.String, **_KEY, "month": pl.Int64, "at_risk": pl.Int64, "events": pl.Int64,
    "free": pl.Float64, **_ENDS,
}  # fmt: skip

Cubes = Mapping[str, pl.DataFrame]
Row = tuple[Any, ...]
Counts = dict[str, int | None]


def derive(safe: ReleasableAgencies) -> Mapping[str, pl.DataFrame]:
    """Tables `reoffending_shares`, `offending_rates` and `curves`, empty where feeds are missing.

    reoffending_shares: x of n people followed, offences of x, 95 % interval; null where hidden
    offending_rates: period, what (offences, arrests, harm), events, rate per person-year at large
      to two figures, 95 % interval where what is offences; for all quarters
    curves: measure, month, people at risk, events, share free of one after it, 95 % band; for
      all quarters
    """
    cubes = safe.cubes
    curves = [row for name, whats in CURVES.items() for row in _curves(name, whats, cubes)]
    return {
        "reoffending_shares": pl.DataFrame(_shares(cubes), schema=_SHARES, orient="row"),
        "offending_rates": pl.DataFrame(_rates(cubes), schema=_RATES, orient="row"),
        "curves": pl.DataFrame(curves, schema=_CURVES, orient="row"),
    }


def _counts(cube: pl.DataFrame | None, *own: str) -> dict[Row, Counts]:
    """Counts by `what` of each group and value of the measure's own columns."""
    counts: dict[Row, Counts] = {}
    for row in () if cube is None else cube.iter_rows(named=True):
        key = tuple(row[name] for name in (*AGENCY_FILTERS, *own))
        counts.setdefault(key, {})[row["what"]] = row["n"]
    return counts


def _shares(cubes: Cubes) -> list[Row]:
    rows: list[Row] = []
    for group, figures in _counts(cubes.get("reoffending")).items():
        n, x = figures.get("people"), figures.get("reoffenders")
        # Both are blurred, each by itself.
        x = None if n is None or x is None else min(x, n)
        ends = interval(x, n) if n and x is not None else (None, None)
        rows.append((*group, x, n, figures.get("offences"), *ends))
    return rows


def _rates(cubes: Cubes) -> list[Row]:
    spreads = _counts(cubes.get("offending_spread"), "period")
    harm = _counts(cubes.get("harm"), "period")
    rows: list[Row] = []
    for key, counted in _counts(cubes.get("offending"), "period").items():
        figures = {**harm.get(key, {}), **counted}
        spread = _spread(spreads.get(key, {}))
        if _quarter(key) != EVERYONE or not (days := figures.get("days")):
            continue
        for what in ("offences", "arrests", "harm"):
            if (events := figures.get(what)) is not None:
                # Others have no sums from which their interval could allow for clusters.
                allowed = spread if what == "offences" else None
                rate = per_year(events, days, allowed)
                ends = (_short(rate.low), _short(rate.high)) if allowed else (None, None)
                rows.append((*key, what, events, _short(rate.rate), *ends))
    return rows


def _short(rate: float) -> float:
    """To two figures: a third would tell of single events."""
    return float(f"{rate:.2g}")


def _quarter(key: Row) -> str:
    return key[AGENCY_FILTERS.index("quarter")]


def _spread(figures: Counts) -> Spread | None:
    sums = [figures.get(what) for what in BY_ID["offending_spread"].whats]
    whole = [total for total in sums if total is not None]
    return Spread(*whole) if len(whole) == len(sums) and whole[0] else None


def _curves(name: str, whats: tuple[str, str], cubes: Cubes) -> list[Row]:
    months: dict[Row, tuple[dict[int, int], dict[int, int]]] = {}
    for (*group, month), figures in _counts(cubes.get(name), MONTH).items():
        if group[-1] == EVERYONE:
            both = months.setdefault(tuple(group), ({}, {}))
            for place, what in enumerate(whats):
                both[place][month] = figures.get(what) or 0
    return [
        (name, *group, p.month, p.at_risk, p.events, p.free, *p.band)
        for group, (ended, censored) in months.items()
        for p in curve(ended, censored)
    ]
