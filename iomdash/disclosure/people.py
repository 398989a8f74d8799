"""Counts of people that agencies send: small ones hidden, others rounded, totals added up of what
is shown, and what would give a hidden one away withheld.

See decision 17.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import Any

import polars as pl

from iomdash.disclosure.margins import UNKNOWN, Breakdown, Told, fallen
from iomdash.disclosure.policy import People
from iomdash.groups import EVERYONE
from iomdash.recorded import BY_ID, MEASURES, MONTH, WHOLE, Measure
from iomdash.recorded.people import FILTERS

WORKED_OUT = "could be worked out from other figures"
# What is worth most comes first: of two breakdowns that do not go together the later is withheld.
BREAKDOWNS = ("cohort", "quarter", "provider", "supervision", "area")
PARTS = BREAKDOWNS[0]

Cubes = Mapping[str, pl.DataFrame]
Row = dict[str, Any]
Values = Mapping[str, list[str]]


def rounded(counts: pl.DataFrame, rules: People) -> pl.DataFrame:
    """Counts in the column n, null where 1 to below the smallest, else to the nearest multiple."""
    few = pl.col("n").is_between(1, rules.smallest_count - 1)
    return counts.with_columns(n=pl.when(~few).then(_nearest(rules.rounding)))


def protect(cubes: Mapping[str, pl.DataFrame | None], rules: People) -> Cubes:
    """What an audience may see of each cube that was sent: n (null where hidden) and hidden, why.

    Groups of more filters at once than the policy admits have no row; of measures by month, which
    are for curves, neither have those that are too small.
    """
    sent = {m.id: cube for m in MEASURES if (cube := cubes[m.id]) is not None}
    told = {name: _told(BY_ID[name], cube, rules) for name, cube in sent.items()}
    if rules.smallest_count > 1 and sent:
        values = _values(sent[WHOLE])
        told = {name: _safe(BY_ID[name], frame, values, rules) for name, frame in told.items()}
        for measure in (m for m in MEASURES if m.id in told):
            if measure.adds_up:
                told[measure.id] = _beside(measure, told[measure.id], told[WHOLE], rules)
            if measure.one_at_a_time:
                told[measure.id] = _apart(measure, told[measure.id], rules)
            # Last, so that no total holds what was withheld of its parts.
            if MONTH not in measure.dimensions:
                told[measure.id] = _totals(measure, told[measure.id], rules)
    return {name: frame.drop("people", "true", "at", "unit") for name, frame in told.items()}


def _nearest(rounding: pl.Expr | int) -> pl.Expr:
    return (pl.col("n") + rounding // 2) // rounding * rounding


def _values(caseload: pl.DataFrame) -> Values:
    """Every choice of each filter."""
    return {name: sorted(set(caseload[name]) - {EVERYONE}) for name in FILTERS}


def _told(measure: Measure, cube: pl.DataFrame, rules: People) -> pl.DataFrame:
    """Rows of groups that may be asked for: the true count, n rounded or null, hidden, `at`, the
    quarter of what is told at its end, and `unit`, in which small and rounded are meant: of a sum
    of weights a finer figure would tell how many had the heaviest.
    """
    at_end = pl.col("what").is_in(measure.at_end)
    heaviest = measure.heaviest if rules.smallest_count > 1 else dict[str, int]()
    unit = pl.col("what").replace_strict(heaviest, default=1, return_dtype=pl.Int64)
    seen = cube.with_columns(at=pl.when(at_end).then("quarter"), true=pl.col("n"), unit=unit)
    asked = pl.sum_horizontal((pl.col(name) != EVERYONE).cast(pl.Int64) for name in FILTERS)
    seen = seen.filter(asked - pl.col("at").is_not_null() <= rules.filters_at_once)
    if MONTH in measure.dimensions:
        return _steps(seen.filter(pl.col("quarter") == EVERYONE), rules)
    smallest = rules.smallest_count
    few = pl.col("people").is_between(1, smallest - 1) | pl.col("n").is_between(1, smallest - 1)
    little = (pl.col("n") > 0) & (pl.col("n") < smallest * pl.col("unit"))
    return seen.with_columns(
        n=pl.when(~(few | little)).then(_nearest(rules.rounding * pl.col("unit"))),
        hidden=pl.when(few)
        .then(pl.lit(f"fewer than {smallest} people"))
        .when(little)
        .then(pl.format("less than {}", smallest * pl.col("unit"))),
    )


def _base(rules: People) -> int:
    return max(rules.smallest_count, rules.rounding)


def _steps(cube: pl.DataFrame, rules: People) -> pl.DataFrame:
    """Counts by month whose running totals are rounded down, so that every step is large enough.

    Source: OpenSAFELY, disclosure control of Kaplan-Meier curves.
    """
    group = [*FILTERS, "what"]
    running = cube.sort(*group, MONTH).with_columns(true=pl.col("n").cum_sum().over(group))
    floors = running.with_columns(floor=pl.col("true") // _base(rules) * _base(rules))
    steps = pl.col("floor") - pl.col("floor").shift(1, fill_value=0).over(group)
    return floors.with_columns(n=steps, hidden=pl.lit(None, pl.String)).drop("floor")


def _safe(measure: Measure, told: pl.DataFrame, values: Values, rules: People) -> pl.DataFrame:
    """The rows without the figures of breakdowns that would give a small count away."""
    by_month = MONTH in measure.dimensions
    key = ("what", "at", *(name for name in measure.dimensions if name != MONTH))
    rows: list[Row] = []
    for found in _by(told.to_dicts(), key):
        tables = _tables(found)
        whole = tables.pop("", {}).get(EVERYONE, [])
        rows += whole
        known = [_sheets({EVERYONE: whole}, [EVERYONE], found, rules)] if by_month else []
        for name in (name for name in BREAKDOWNS if name in tables):
            more = _sheets(tables[name], values[name], found, rules)
            if any(fallen(sheet) for sheet in zip(*known, more, strict=True)):
                rows += _blank(tables[name], name, values[name])
            else:
                known.append(more)
                rows += chain.from_iterable(tables[name].values())
    safe = pl.DataFrame(rows, schema=told.schema, orient="row")
    return safe.filter(pl.col("n") > 0) if by_month else safe


def _totals(measure: Measure, told: pl.DataFrame, rules: People) -> pl.DataFrame:
    """The rows with every whole as the sum of what is shown of its parts."""
    rows: list[Row] = []
    for found in _by(told.to_dicts(), ("what", "at", *measure.dimensions)):
        parts = [row for row in found if not _added_up(row) and row[PARTS] != EVERYONE]
        rows += [_added(row, parts, rules) if _added_up(row) else row for row in found]
    return pl.DataFrame(rows, schema=told.schema, orient="row")


def _added(whole: Row, parts: list[Row], rules: People) -> Row:
    """The whole as the sum of its parts, a hidden one taken as its middle; none without a part
    that is shown, or with one that is withheld.
    """
    shown = [row["n"] for row in parts if row["n"] is not None]
    if any(row["hidden"] == WORKED_OUT for row in parts):
        return {**whole, "n": None, "hidden": WORKED_OUT}
    if not shown:
        why = " or ".join(sorted({row["hidden"] for row in parts}))
        return {**whole, "n": None, "hidden": f"{why} in each cohort"}
    smallest, rounding = rules.smallest_count * whole["unit"], rules.rounding * whole["unit"]
    doubled = 2 * sum(shown) + (len(parts) - len(shown)) * smallest
    return {**whole, "n": (doubled + rounding) // (2 * rounding) * rounding, "hidden": None}


def _by(rows: list[Row], names: Iterable[str]) -> Iterator[list[Row]]:
    """Rows with the same values in some columns, together."""
    wanted = tuple(names)

    def key(row: Row) -> tuple[str, ...]:
        return tuple(str(row[name]) for name in wanted)

    return (list(group) for _, group in groupby(sorted(rows, key=key), key))


def _tables(rows: list[Row]) -> dict[str, dict[str, list[Row]]]:
    """Rows of each choice of the one filter that is set, by filter; the whole's is ''."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        told_of = [f for f in FILTERS if row[f] != EVERYONE and not (f == "quarter" and row["at"])]
        name = told_of[0] if told_of else ""
        found.setdefault(name, {}).setdefault(row[name] if name else EVERYONE, []).append(row)
    return found


def _sheets(
    table: Mapping[str, list[Row]], values: list[str], found: list[Row], rules: People
) -> list[Breakdown]:
    """What a reader knows of each choice: one breakdown, or one a month of running totals."""
    if MONTH not in found[0]:
        return [[_known(next(iter(table.get(value, ())), None), rules) for value in values]]
    months = sorted({row[MONTH] for row in found})
    return [[_running(table.get(value, ()), month, rules) for value in values] for month in months]


def _known(row: Row | None, rules: People) -> Told:
    if row is None:
        return Told(0, 0)
    if row["hidden"] == WORKED_OUT:
        return Told(0, UNKNOWN)
    if row["n"] is None:
        # Many events of few people are hidden as well.
        smallest = rules.smallest_count * row["unit"]
        return Told(1, smallest - 1 if row["true"] < smallest else UNKNOWN, small=True)
    rounding = rules.rounding * row["unit"]
    least = row["n"] - rounding // 2
    return Told(max(least, rules.smallest_count * row["unit"]), least + rounding - 1)


def _running(rows: Iterable[Row], month: int, rules: People) -> Told:
    base = _base(rules)
    floor = max((row["true"] for row in rows if row[MONTH] <= month), default=0) // base * base
    return Told(floor, floor + base - 1, small=floor == 0)


def _blank(table: Mapping[str, list[Row]], name: str, values: list[str]) -> list[Row]:
    """A row without a figure for every choice, so that no row says nobody."""
    like = next(iter(table.values()))[0]
    none = {"n": None, "true": None, "people": None, "hidden": WORKED_OUT}
    return [{**like, **({name: value} if name else {}), **none} for value in values]


def _beside(
    measure: Measure, told: pl.DataFrame, whole: pl.DataFrame, rules: People
) -> pl.DataFrame:
    """The rows of a measure that adds up to the caseload, without those that it would give away."""
    plain = whole.filter((pl.col("what") == "in") & (pl.col("reason") == EVERYONE))
    base = {_group(row): row for row in plain.to_dicts()}
    rows: list[Row] = []
    for found in _by(told.to_dicts(), FILTERS):
        parts = {row["what"]: [row] for row in found}
        more = _sheets(parts, list(measure.whats), found, rules)[0]
        everybody = [_known(base.get(_group(found[0])), rules)]
        falls = not _added_up(found[0]) and fallen([everybody, more])
        rows += _blank(parts, "what", list(measure.whats)) if falls else found
    return pl.DataFrame(rows, schema=told.schema, orient="row")


def _apart(measure: Measure, told: pl.DataFrame, rules: People) -> pl.DataFrame:
    """The rows of a measure whose dimensions are told one at a time, without those of a dimension
    that would give a small count away together with the others.
    """
    choices = {name: sorted(set(told[name]) - {EVERYONE}) for name in measure.dimensions}
    rows: list[Row] = []
    for found in _by(told.to_dicts(), (*FILTERS, "what")):
        whole = [row for row in found if all(row[name] == EVERYONE for name in measure.dimensions)]
        known: list[Breakdown] = [[_known(row, rules) for row in whole]]
        rows += whole
        for name in measure.dimensions:
            parts = {row[name]: [row] for row in found if row[name] != EVERYONE}
            more = _sheets(parts, choices[name], found, rules)[0]
            if not _added_up(found[0]) and fallen([*known, more]):
                rows += _blank(parts, name, choices[name])
            else:
                known.append(more)
                rows += chain.from_iterable(parts.values())
    return pl.DataFrame(rows, schema=told.schema, orient="row")


def _added_up(row: Row) -> bool:
    """Whether a figure is added up of the cohorts' and tells nothing that they do not."""
    return all(row[name] == EVERYONE for name in BREAKDOWNS if name != "quarter" or not row["at"])


def _group(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in FILTERS)
