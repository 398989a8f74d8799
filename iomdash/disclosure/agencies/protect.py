"""Agencies' counts as an audience may see them: groups by size, small ones hidden, others blurred.

Every rule works on a group and a period before it looks at a figure: see decision 23. Figures of a
period that was told stay as they were: see decision 24.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import BY_ID, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, is_quarter
from iomdash.declared.agencies.kinds import kinds
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.agencies.blur import blurred
from iomdash.disclosure.agencies.groups import Choices
from iomdash.disclosure.policy import AgencyRules

OWN = ("n", "hidden")
SITE = "site"
GROUPS: dict[str, type[pl.String]] = dict.fromkeys(("measure", *AGENCY_FILTERS), pl.String)


@dataclass(frozen=True)
class ReleasableAgencies:
    """What an audience may see of agencies' counts.

    cubes: filters, the measure's dimensions, what, n (null where few) and hidden, a Reason's value;
      every group that is shown has every row, so that no missing one tells of nobody
    groups: measure and filters of the groups of which curves are told, as their months of nobody
      have no row
    """

    cubes: Mapping[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])
    groups: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=GROUPS))

    def told(self, measure: Measure) -> pl.DataFrame:
        """The groups of which a measure is told, by filters; altogether is none of them."""
        if MONTH in measure.dimensions:
            return self.groups.filter(measure=measure.id).drop("measure")
        if measure.id not in self.cubes:
            return self.groups.clear().drop("measure")
        cube = self.cubes[measure.id].filter(pl.col("quarter") != EVERYONE)
        return cube.select(AGENCY_FILTERS).unique()


def protect_agencies(
    raw: RawAgencies, rules: AgencyRules, before: ReleasableAgencies | None = None,
    fallen: Set[tuple[str, str]] = frozenset(),
) -> ReleasableAgencies:  # fmt: skip
    """What an audience may see, that of `before` and of the quarters that have closed since.

    The cubes are by quarter and by year, with as many filters as the rules admit. Measures and
    periods that have `fallen` to the attacker are withheld.
    """
    earlier = before or ReleasableAgencies()
    choices = Choices(raw.people, rules)
    closed = {name: _closed(cube, raw.until[name]) for name, cube in raw.cubes.items()}
    may = {
        name: _reached(
            choices.new(BY_ID[name].of, earlier.told(BY_ID[name])), cube, raw.until[name]
        )
        for name, cube in closed.items()
    }
    out = {name: [period for measure, period in fallen if measure == name] for name in closed}
    cubes = {
        name: _cube(BY_ID[name], cube, may[name], rules, earlier, out[name])
        for name, cube in closed.items()
    }
    kept = {name: cube for name, cube in earlier.cubes.items() if name not in cubes}
    curves = [
        groups.filter(~pl.col("quarter").str.contains(" Q"))
        .select(pl.lit(name).alias("measure"), *AGENCY_FILTERS)
        for name, groups in may.items() if MONTH in BY_ID[name].dimensions
    ]  # fmt: skip
    return ReleasableAgencies({**kept, **cubes}, pl.concat([earlier.groups, *curves]))


def rounded(counts: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """Counts in the column n, null where 1 to below the smallest, else to the nearest multiple."""
    base, n = rules.smallest_count, pl.col("n")
    return counts.with_columns(n=pl.when(~n.is_between(1, base - 1)).then(_nearest(n, base)))


def _nearest(n: pl.Expr, base: int) -> pl.Expr:
    return (n + base // 2) // base * base


# The quarter with which a period closes.
_END = pl.when(pl.col("quarter").str.contains(" Q")).then("quarter").otherwise(
    pl.col("quarter") + " Q4"
)  # fmt: skip


def _closed(cube: pl.DataFrame, until: str) -> pl.DataFrame:
    """Of periods that have closed, so that nothing of them is still to come."""
    return cube.filter(until >= _END)


def _reached(may: pl.DataFrame, cube: pl.DataFrame, until: str) -> pl.DataFrame:
    """Groups in the periods that have closed since the first in which anything was counted; in
    some of them nothing may have been.
    """
    first = cube.select(_END.min()).item()
    return may.filter(_END.is_between(pl.lit(first), pl.lit(until)))


def _cube(
    measure: Measure, cube: pl.DataFrame, may: pl.DataFrame, rules: AgencyRules,
    before: ReleasableAgencies, out: Sequence[str],
) -> pl.DataFrame:  # fmt: skip
    """A measure's figures: those that were told, those of new periods, and all of them added up."""
    columns = [*AGENCY_FILTERS, *measure.dimensions, "what", *OWN]
    none = cube.clear().with_columns(hidden=pl.lit(None, pl.String))
    old = before.cubes.get(measure.id, none).select(columns).filter(pl.col("quarter") != EVERYONE)
    new = cube.filter(~pl.col("quarter").is_in(old["quarter"].unique().implode()))
    fell = pl.col("quarter").is_in(out)
    if MONTH in measure.dimensions:
        # A row that is hidden would tell that there is a step in its month.
        figures = _steps(measure, new, may, rules).filter(~fell)
    else:
        figures = _figures(measure, new, may, rules).with_columns(
            n=pl.when(~fell).then("n"),
            hidden=pl.when(fell).then(pl.lit(Reason.WORKED_OUT.value)).otherwise("hidden"),
        )
    every = pl.concat([old, figures.select(columns)])
    return pl.concat([every, _whole(measure, every, rules).select(columns)])


def _figures(
    measure: Measure, cube: pl.DataFrame, may: pl.DataFrame, rules: AgencyRules
) -> pl.DataFrame:
    """Every row of every group that is shown, its figure blurred or hidden as one of few."""
    weighed = pl.col("what").is_in(measure.weighed) | pl.lit(not measure.shown)
    every = _of_enough(measure, _every(measure, cube, may), rules)
    return blurred(every, weighed, rules).with_columns(
        hidden=pl.when(pl.col("n").is_null()).then(pl.lit(Reason.FEW_PEOPLE.value))
    )


def _of_enough(measure: Measure, every: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """Nobody behind any figure of a site where fewer people came: it is a group like any other, and
    noise must not lift it over the threshold.
    """
    if SITE not in measure.dimensions:
        return every
    most = pl.col("people").max().over([*AGENCY_FILTERS, *measure.dimensions])
    enough = (pl.col(SITE) == EVERYONE) | (most >= rules.smallest_count)
    return every.with_columns(people=pl.when(enough).then("people"))


def _every(measure: Measure, cube: pl.DataFrame, may: pl.DataFrame) -> pl.DataFrame:
    """A row for each group that may be shown and each thing that may be counted: what nobody has
    reads like what a few have.
    """
    open_ = {*measure.unpublished, *measure.same}
    own = [*measure.dimensions, "what"]
    declared = pl.DataFrame([*kinds(measure)], schema=dict.fromkeys(own, pl.String), orient="row")
    counted = cube.select(own).filter(~pl.col("what").is_in([*open_]))
    things = pl.concat([counted, declared]).unique()
    at_end = pl.col("what").is_in(measure.at_end) & ~pl.col("quarter").str.contains(" Q")
    every = may.join(things, how="cross").filter(~at_end)
    return every.join(cube, on=[*AGENCY_FILTERS, *own], how="left").sort(*AGENCY_FILTERS, *own)


def _steps(
    measure: Measure, cube: pl.DataFrame, may: pl.DataFrame, rules: AgencyRules
) -> pl.DataFrame:
    """Counts by month whose running totals are rounded down, so that a step is of enough people.

    Before that a total is raised by less than a step, the same wherever the same people are
    counted: so the mean error is 0, and a total may be of more people or of fewer. It is never told
    as more than the group holds, so neither nobody nor everybody is certain. By years only.
    Source: OpenSAFELY, disclosure control of Kaplan-Meier curves.
    """
    group = [*AGENCY_FILTERS, *(d for d in measure.dimensions if d != MONTH), "what"]
    by_year = cube.join(may, on=AGENCY_FILTERS).filter(~pl.col("quarter").str.contains(" Q"))
    base = rules.smallest_count
    raised = pl.col("n").cum_sum().over(group) + pl.col("key").sum().over(group) % base
    told = pl.min_horizontal(raised, "size") // base * base
    running = by_year.sort(*group, MONTH).with_columns(n=told)
    steps = pl.col("n") - pl.col("n").shift(1, fill_value=0).over(group)
    return running.with_columns(n=steps, hidden=pl.lit(None, pl.String)).filter(pl.col("n") > 0)


def _whole(measure: Measure, shown: pl.DataFrame, rules: AgencyRules) -> pl.DataFrame:
    """All periods together: the years that are shown and the quarters of those that have not
    closed, added up as they are told, so that the sum tells nothing new. A hidden figure counts as
    the middle of what it may be; of a sum of weights nobody knows that, so all of it is hidden.
    """
    by = [name for name in AGENCY_FILTERS if name != "quarter"] + [*measure.dimensions, "what"]
    years = [p for p in shown["quarter"].unique() if not is_quarter(p)]
    parts = shown.filter(
        pl.col("quarter").is_in(years) | ~pl.col("quarter").str.head(4).is_in(years),
        ~pl.col("what").is_in(measure.at_end),
    )
    middle = (rules.smallest_count - 1) // 2
    weighed = pl.col("what").first().is_in(measure.weighed) | pl.lit(not measure.shown)
    shown_ = pl.col("n").is_not_null()
    enough = pl.when(weighed).then(shown_.all()).otherwise(shown_.any())
    n = pl.when(enough).then(pl.col("n").fill_null(middle).sum())
    return (
        parts.group_by(by, maintain_order=True)
        .agg(n=n)
        .with_columns(
            quarter=pl.lit(EVERYONE),
            hidden=pl.when(pl.col("n").is_null()).then(pl.lit(Reason.FEW_PEOPLE.value)),
        )
    )
