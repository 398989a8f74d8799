"""Shares, waits, rates and curves of agencies' records, from protected counts only.

Nothing here sees a true count that the audience does not see. What noise and rounding add to the
error of a figure follows from the policy, and is in its interval.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from iomdash.declared.agencies import BY_ID, MONTH, WHOLE
from iomdash.declared.agencies.measure import Place
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules
from iomdash.evidence.around import rates_of, ratios_of
from iomdash.evidence.blurred import ENDS, GROUP, Row, counts_of, many, off, parts_of, shown_at
from iomdash.evidence.stats import NORMAL, Interval, interval, widened
from iomdash.evidence.survival import incidence

# Of each measure by month: what can happen first, and what says that somebody was last seen.
CURVES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "first_reoffence": (("events", "custody"), "censored"),
    "time_in_cohort": (("left",), "still_in"),
}


class Part(NamedTuple):
    """What is told as a part of what. Where each of `people` may have several, those of one may
    all have gone alike, so that there is no more to learn from than people.
    """

    part: Place
    whole: tuple[Place, ...]
    people: Place | None = None


_IN = Place(WHOLE, "in", (("reason", EVERYONE),))
_DUE = tuple((name, EVERYONE) for name in BY_ID["attendance"].dimensions)
PART_OF_WHOLE: Mapping[str, Part] = {
    "offending_change": Part(
        Place("offending_change", "fewer"),
        tuple(Place("offending_change", what) for what in ("fewer", "not_fewer")),
    ),
    "deselection": Part(
        Place("deselection", "deselected_clear"),
        (BY_ID["deselection"].same["deselected"],),
    ),
    "lately": Part(Place("lately", "offended"), (_IN,)),
    "attendance": Part(
        Place("attendance", "kept", _DUE),
        tuple(Place("attendance", what, _DUE) for what in BY_ID["attendance"].whats),
        _IN,
    ),
}
WEEKS = {"weeks_2": 2, "weeks_4": 4, "weeks_8": 8, "weeks_16": 16}

_SHARES = {**GROUP, **dict.fromkeys(("x", "n", "offences"), pl.Int64), **ENDS}
_PARTS = {"measure": pl.String, **GROUP, **dict.fromkeys(("x", "n"), pl.Int64), **ENDS}
_WAITS = {
    **GROUP, "pathway": pl.String, "step": pl.String, "from_weeks": pl.Int64, "to_weeks": pl.Int64,
}  # fmt: skip
_RATES = {
    **GROUP, "period": pl.String, "what": pl.String, "events": pl.Int64, "days": pl.Int64,
    "rate": pl.Float64, **ENDS,
}  # fmt: skip
_RATIOS = {
    **GROUP, "period": pl.String, "against": pl.String, "what": pl.String, "ratio": pl.Float64,
    **ENDS,
}  # fmt: skip
_CURVES = {
    "measure": pl.String, **GROUP, "cause": pl.String, "month": pl.Int64, "at_risk": pl.Int64,
    "events": pl.Int64, "share": pl.Float64, **ENDS,
}  # fmt: skip


def derive(safe: ReleasableAgencies, rules: AgencyRules) -> Mapping[str, pl.DataFrame]:
    """Tables of shares, waits, rates and curves, empty where feeds are missing.

    reoffending_shares: x of n people followed, offences of x, 95 % interval; null where hidden
    shares: measure (see PART_OF_WHOLE), x of n, 95 % interval
    median_waits: pathway, step, from_weeks and to_weeks between which the median lies, null beyond
      the longest; for all quarters
    offending_rates: period, what (see RATES), events, days at large, rate per person-year to two
      figures, 95 % interval where there are sums for it; of closed years of adoption
    offending_ratios: period, against, what, the rate in the one as a multiple of that in the other,
      95 % interval; where both rates have one
    curves: measure, cause, month, people at risk, events, the share that had it first by the end of
      the month, 95 % band; for all quarters
    """
    rates = rates_of(safe, rules)
    told = [(*key, events, days, *map(_short, r)) for key, (events, days, r) in rates.items()]
    ratios = [(*key, *map(_short, times)) for key, times in ratios_of(rates)]
    curves = [row for name in CURVES for row in _curves(name, safe, rules)]
    return {
        "reoffending_shares": _frame(_shares(safe, rules), _SHARES),
        "shares": _frame(_part_of_whole(safe, rules), _PARTS),
        "median_waits": _frame(_waits(safe, rules), _WAITS),
        "offending_rates": _frame(told, _RATES),
        "offending_ratios": _frame(ratios, _RATIOS),
        "curves": _frame(curves, _CURVES),
    }


def _frame(rows: list[Row], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def _short(rate: float | None) -> float | None:
    """To two figures: a third would tell of single events."""
    return None if rate is None else float(f"{rate:.2g}")


def _share(
    x: int, n: int, error: float, *, of: int = 1, people: int | None = None
) -> Interval:  # fmt: skip
    """Interval of a share of `n`, the sum of so many counts, each of them off by `error`; of these
    no more than `people` are independent.
    """
    share, apart = x / n, min(n, people or n)
    reach = NORMAL * error * float(np.sqrt(1 + of * share**2)) / n
    return widened(share, interval(round(share * apart), apart), reach)


def _shares(safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    rows: list[Row] = []
    parts = parts_of(safe, "reoffending")
    for group, figures in counts_of(safe, "reoffending").items():
        n, x = figures.get("people"), figures.get("reoffenders")
        # Both are blurred, each by itself.
        x = None if n is None or x is None else min(x, n)
        error = off(rules, many(parts, group))
        ends = _share(x, n, error) if n and x is not None else (None, None)
        rows.append((*group, x, n, figures.get("offences"), *ends))
    return rows


def _part_of_whole(safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    """Of each measure in PART_OF_WHOLE: how many of how many, in every group where all is shown."""
    rows: list[Row] = []
    for name, (part, whole, people) in PART_OF_WHOLE.items():
        parts = parts_of(safe, name)
        there = [shown_at(safe, place) for place in whole]
        apart = shown_at(safe, people) if people else {}
        for group, x in shown_at(safe, part).items():
            if all(group in counts for counts in (*there, *([apart] if people else []))):
                n = sum(counts[group] for counts in there)
                x = min(x, n)
                error = off(rules, many(parts, group))
                ends = _share(x, n, error, of=len(whole), people=apart.get(group))
                rows.append((name, *group, x, n, *ends))
    return rows


def _waits(safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    """Between which weeks the median wait lies, by group, pathway and step, for all quarters."""
    rows: list[Row] = []
    taken = counts_of(safe, "pathways", "pathway", altogether=True)
    waits = counts_of(safe, "waits", "pathway", "step", altogether=True)
    parts = parts_of(safe, "waits")
    for (*group, pathway, step), soon in waits.items():
        if n := taken.get((*group, pathway), {}).get(step):
            error = off(rules, many(parts, tuple(group)))
            told = {week: soon.get(what) for what, week in WEEKS.items()}
            # One that is hidden may be any number of few in each period.
            ends = {
                week: Interval(0, 1) if x is None else _share(min(x, n), n, error)
                for week, x in told.items()
            }
            may = next((week for week, end in ends.items() if end.high >= 0.5), None)
            have = next((week for week, end in ends.items() if end.low >= 0.5), None)
            rows.append((*group, pathway, step, may, have))
    return rows


def _curves(name: str, safe: ReleasableAgencies, rules: AgencyRules) -> list[Row]:
    causes, last_seen = CURVES[name]
    months: dict[Row, dict[str, dict[int, int]]] = {}
    for (*group, month), figures in counts_of(safe, name, MONTH, altogether=True).items():
        by_what = months.setdefault(tuple(group), {what: {} for what in (*causes, last_seen)})
        for what, n in figures.items():
            by_what[what][month] = n or 0
    parts = parts_of(safe, name)
    rows: list[Row] = []
    for group, counted in months.items():
        if any(n for by_month in counted.values() for n in by_month.values()):
            lines = incidence(
                [counted[cause] for cause in causes], counted[last_seen],
                step=rules.smallest_count, parts=many(parts, group),
            )  # fmt: skip
            for cause, points in zip(causes, lines, strict=True):
                rows += [
                    (name, *group, cause, p.month, p.at_risk, p.events, p.share, *p.band)
                    for p in points
                ]
    return rows
