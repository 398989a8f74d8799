"""Counts of people that agencies send: small ones hidden, others rounded, totals added up of what
is shown, and what would give a hidden one away withheld.

See decision 17.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import BY_ID, MEASURES, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.agencies.ties import BREAKDOWNS, Place, Row, Tied, base, place
from iomdash.disclosure.policy import AgencyRules

PARTS = BREAKDOWNS[0]
# Why a total is not shown, by why its parts are not. Those that were withheld in a quarter stand
# apart from its total, which is left without any.
_BY_COHORT = {
    frozenset[Reason](): Reason.WORKED_OUT,
    frozenset({Reason.FEW_PEOPLE}): Reason.FEW_PEOPLE_BY_COHORT,
    frozenset({Reason.LITTLE}): Reason.LITTLE_BY_COHORT,
    frozenset({Reason.FEW_PEOPLE, Reason.LITTLE}): Reason.FEW_OR_LITTLE_BY_COHORT,
}

Cubes = Mapping[str, pl.DataFrame]


def rounded(counts: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """Counts in the column n, null where 1 to below the smallest, else to the nearest multiple."""
    few = pl.col("n").is_between(1, rules.smallest_count - 1)
    return counts.with_columns(n=pl.when(~few).then(_nearest(rules.rounding)))


@dataclass(frozen=True)
class ReleasableAgencies:
    """Protected counts of agencies' records: of each measure that was sent a cube with n (null
    where hidden) and hidden, a Reason's value. Only `protect_agencies` makes one.
    """

    cubes: Mapping[str, pl.DataFrame]


def protect_agencies(
    raw: RawAgencies, rules: AgencyRules, before: Set[Place] = frozenset()
) -> ReleasableAgencies:
    """What an audience may see of each cube that was sent.

    `before` are the places at which it was told, of an earlier release, that a figure could be
    worked out: they stay without one.

    Groups of more filters at once than the policy admits have no row; of measures by month, which
    are for curves, neither have those that are too small.
    """
    sent = {m.id: cube for m in MEASURES if (cube := raw.cubes[m.id]) is not None}
    told = {name: _told(BY_ID[name], cube, rules) for name, cube in sent.items()}
    if rules.smallest_count > 1 and sent:
        told = _safe(told, rules, before)
    return ReleasableAgencies(
        {name: frame.drop("people", "true", "at", "unit") for name, frame in told.items()}
    )


def _nearest(rounding: pl.Expr | int) -> pl.Expr:
    return (pl.col("n") + rounding // 2) // rounding * rounding


def _told(measure: Measure, cube: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """Rows of groups that may be asked for: the true count, n rounded or null, hidden, `at`, the
    quarter of what is told at its end, and `unit`, in which small and rounded are meant: of a sum
    of weights a finer figure would tell how many had the heaviest.
    """
    at_end = pl.col("what").is_in(measure.at_end)
    heaviest = measure.heaviest if rules.smallest_count > 1 else dict[str, int]()
    unit = pl.col("what").replace_strict(heaviest, default=1, return_dtype=pl.Int64)
    seen = cube.with_columns(at=pl.when(at_end).then("quarter"), true=pl.col("n"), unit=unit)
    asked = pl.sum_horizontal((pl.col(name) != EVERYONE).cast(pl.Int64) for name in AGENCY_FILTERS)
    seen = seen.filter(asked - pl.col("at").is_not_null() <= rules.filters_at_once)
    if MONTH in measure.dimensions:
        return _steps(seen.filter(pl.col("quarter") == EVERYONE), rules)
    smallest = rules.smallest_count
    few = pl.col("people").is_between(1, smallest - 1) | pl.col("n").is_between(1, smallest - 1)
    little = (pl.col("n") > 0) & (pl.col("n") < smallest * pl.col("unit"))
    return seen.with_columns(
        n=pl.when(~(few | little)).then(_nearest(rules.rounding * pl.col("unit"))),
        hidden=pl.when(few)
        .then(pl.lit(Reason.FEW_PEOPLE.value))
        .when(little)
        .then(pl.lit(Reason.LITTLE.value)),
    )


def _steps(cube: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """Counts by month whose running totals are rounded down, so that every step is large enough.

    Source: OpenSAFELY, disclosure control of Kaplan-Meier curves.
    """
    group = [*AGENCY_FILTERS, "what"]
    running = cube.sort(*group, MONTH).with_columns(true=pl.col("n").cum_sum().over(group))
    floors = running.with_columns(floor=pl.col("true") // base(rules) * base(rules))
    steps = pl.col("floor") - pl.col("floor").shift(1, fill_value=0).over(group)
    return floors.with_columns(n=steps, hidden=pl.lit(None, pl.String)).drop("floor")


def _safe(told: Cubes, rules: AgencyRules, before: Set[Place]) -> Cubes:
    """The rows without the figures of tables that would make a small count certain, and with every
    whole added up of what is shown of its parts.
    """
    withheld = Tied.of(told, rules).withheld(before)
    safe: dict[str, pl.DataFrame] = {}
    for name, frame in told.items():
        kept = _without(BY_ID[name], frame, withheld)
        by_month = MONTH in BY_ID[name].dimensions
        # Totals last, so that none holds what was withheld of its parts.
        safe[name] = kept.filter(pl.col("n") > 0) if by_month else _totals(BY_ID[name], kept, rules)
    return safe


def _without(measure: Measure, told: pl.DataFrame, withheld: set[Place]) -> pl.DataFrame:
    """The rows, without a figure where it is withheld; one for each such place, so that no missing
    row says nobody.
    """
    kept = [row for row in told.to_dicts() if place(measure, row) not in withheld]
    own = [name for name in measure.dimensions if name != MONTH]
    why = Reason.WORKED_OUT.value
    blank = [
        {
            **dict.fromkeys(told.columns), **dict(zip(AGENCY_FILTERS, at.filters, strict=True)),
            **dict(zip(own, at.own, strict=True)), "what": at.what, "unit": 1,
            "at": "quarter" if at.what in measure.at_end else None, "hidden": why,
        }
        for at in sorted(withheld) if at.measure == measure.id
    ]  # fmt: skip
    return pl.DataFrame([*kept, *blank], schema=told.schema, orient="row")


def _totals(measure: Measure, told: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """The rows with every whole as the sum of what is shown of its parts."""
    rows: list[Row] = []
    for found in _by(told.to_dicts(), ("what", "at", *measure.dimensions)):
        parts = [row for row in found if not _added_up(row) and row[PARTS] != EVERYONE]
        rows += [_added(row, parts, rules) if _added_up(row) else row for row in found]
    return pl.DataFrame(rows, schema=told.schema, orient="row")


def _added(whole: Row, parts: list[Row], rules: AgencyRules) -> Row:
    """The whole as the sum of its parts, a hidden one taken as its middle; none without a part
    that is shown, or with one that is withheld.
    """
    shown = [row["n"] for row in parts if row["n"] is not None]
    why = {Reason(row["hidden"]) for row in parts if row["hidden"] is not None}
    if Reason.WORKED_OUT in why:
        return {**whole, "n": None, "hidden": Reason.WORKED_OUT.value}
    if not shown:
        return {**whole, "n": None, "hidden": _BY_COHORT[frozenset(why)].value}
    smallest, rounding = rules.smallest_count * whole["unit"], rules.rounding * whole["unit"]
    doubled = 2 * sum(shown) + (len(parts) - len(shown)) * smallest
    return {**whole, "n": (doubled + rounding) // (2 * rounding) * rounding, "hidden": None}


def _by(rows: list[Row], names: Iterable[str]) -> Iterator[list[Row]]:
    """Rows with the same values in some columns, together."""
    wanted = tuple(names)

    def key(row: Row) -> tuple[str, ...]:
        return tuple(str(row[name]) for name in wanted)

    return (list(group) for _, group in groupby(sorted(rows, key=key), key))


def _added_up(row: Row) -> bool:
    """Whether a figure is added up of the cohorts' and tells nothing that they do not."""
    return all(row[name] == EVERYONE for name in BREAKDOWNS if name != "quarter" or not row["at"])
