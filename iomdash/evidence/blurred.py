"""Agencies' protected counts as a reader meets them: by group, and how far blurring may be off."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.agencies.measure import Place
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules

Row = tuple[Any, ...]
Counts = dict[str, int | None]
GROUP = dict.fromkeys(AGENCY_FILTERS, pl.String)
ENDS = {"low": pl.Float64, "high": pl.Float64}


def counts_of(
    safe: ReleasableAgencies, name: str, *own: str, altogether: bool = False
) -> dict[Row, Counts]:  # fmt: skip
    """Counts by `what` of each group and value of the measure's own columns, of all periods
    together only where `altogether`; none if missing.
    """
    counts: dict[Row, Counts] = {}
    if name in safe.cubes:
        cube = safe.cubes[name].select(*AGENCY_FILTERS, *own, "what", "n")
        rows = cube.filter(quarter=EVERYONE) if altogether else cube
        for *key, what, n in rows.iter_rows():
            counts.setdefault(tuple(key), {})[what] = n
    return counts


def shown_at(safe: ReleasableAgencies, place: Place) -> dict[Row, int]:
    """The figure of a place in every group in which it is shown; none if missing."""
    if place.measure not in safe.cubes:
        return {}
    cube = safe.cubes[place.measure].filter(pl.col("n").is_not_null(), what=place.what)
    cube = cube.filter(**dict(place.own))
    return {tuple(key): n for *key, n in cube.select(*AGENCY_FILTERS, "n").iter_rows()}


def added(cube: pl.DataFrame) -> list[str]:
    """The periods that are added up to all of them: closed years, and the quarters since."""
    periods = set(cube["quarter"]) - {EVERYONE}
    years = {period for period in periods if not is_quarter(period)}
    return sorted(p for p in periods if p in years or p[:4] not in years)


def parts_of(safe: ReleasableAgencies, name: str) -> dict[Row, int]:
    """How many periods are added up to all of them, by group without the period."""
    if name not in safe.cubes:
        return {}
    periods = pl.col("quarter").is_in(added(safe.cubes[name]))
    shown = safe.told(BY_ID[name]).filter(periods).group_by(STAY).len()
    return {tuple(stay): int(n) for *stay, n in shown.iter_rows()}


def many(parts: Mapping[Row, int], group: Row) -> int:
    """How many periods are added up in the figures of a group."""
    return parts.get(group[:-1], 1) if group[-1] == EVERYONE else 1


def off(rules: AgencyRules, parts: int) -> float:
    """Standard error that noise adds to a sum over `parts` periods, in parts of one person.

    Noise is the number of ones among twice as many bits as the most, less the most.
    """
    return float(np.sqrt(parts * rules.noise / 2))
