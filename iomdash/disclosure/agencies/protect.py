"""Agencies' counts as an audience may see them: groups by size, small ones hidden, others blurred.

Every rule works on a group and a period before it looks at a figure: see decision 23. Figures of a
period that was told stay as they were, or are told anew: see decisions 24 and 52.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import BY_ID, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.agencies.kinds import kinds
from iomdash.declared.agencies.versions import State
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.agencies.added import whole, years
from iomdash.disclosure.agencies.blur import blurred
from iomdash.disclosure.agencies.corrections import Changes, Corrections, Place
from iomdash.disclosure.agencies.groups import Choices, Key
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules

OWN = ("n", "hidden")
SITE = "site"


def protect_agencies(
    raw: RawAgencies, rules: AgencyRules, before: Sequence[ReleasableAgencies] = (),
    fallen: Set[tuple[str, str]] = frozenset(), *, held: Set[Place] = frozenset(), number: int = 1,
) -> ReleasableAgencies:  # fmt: skip
    """What an audience may see in a release of a number: what was told `before`, the newest last,
    of which changes of enough people are told anew, and the quarters that have closed since.

    The cubes are by quarter and by year, with as many filters as the rules admit. Measures and
    periods that have `fallen` to the attacker are withheld; of places that are `held` nothing is
    told anew.
    """
    earlier = before[-1] if before else ReleasableAgencies()
    choices = Choices(raw.people, rules)
    changes = Changes(raw.moved, before, choices, rules, held)
    cubes = dict(earlier.cubes)
    versions = [earlier.versions.filter(~pl.col("measure").is_in([*raw.cubes]))]
    for name, cube in raw.cubes.items():
        out = [period for measure, period in fallen if measure == name]
        told = _measure(BY_ID[name], cube, raw.until[name], earlier, (choices, changes), rules)
        cubes[name] = told.cube(out)
        versions.append(told.versions(number, cubes[name]))
    return ReleasableAgencies(cubes, pl.concat(versions))


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


def _measure(
    measure: Measure, every: pl.DataFrame, until: str, before: ReleasableAgencies,
    by: tuple[Choices, Changes], rules: AgencyRules,
) -> "_Told":  # fmt: skip
    choices, changes = by
    cube, told = _closed(every, until), before.told(measure)
    may = _reached(choices.new(measure.of, told), cube, until)
    changed = changes.of(measure, may)
    new = may.join(_groups(changed.unfit), on=AGENCY_FILTERS, how="anti")
    again = choices.sizes(measure.of).join(_groups(changed.anew), on=AGENCY_FILTERS, how="semi")
    return _Told(measure, cube, told, before.cubes.get(measure.id), new, again, changed, rules)


def _groups(keys: Set[Key]) -> pl.DataFrame:
    return pl.DataFrame(sorted(keys), schema=dict.fromkeys(AGENCY_FILTERS, pl.String), orient="row")


@dataclass(frozen=True)
class _Told:
    """What is told of a measure: of groups that are `new`, of those that are told `again`, and what
    was told `before` of the others.
    """

    measure: Measure
    counted: pl.DataFrame
    told: pl.DataFrame
    before: pl.DataFrame | None
    new: pl.DataFrame
    again: pl.DataFrame
    changed: Corrections
    rules: AgencyRules

    def cube(self, out: Sequence[str]) -> pl.DataFrame:
        """Its figures, with years and all periods added up; those of periods `out` withheld."""
        measure, rules = self.measure, self.rules
        columns = [*AGENCY_FILTERS, *measure.dimensions, "what", *OWN]
        none = self.counted.clear().with_columns(hidden=pl.lit(None, pl.String))
        before = (none if self.before is None else self.before).select(columns)
        old = before.filter(pl.col("quarter") != EVERYONE)
        unfit = _groups(self.changed.unfit)
        kept = old.join(pl.concat([self.again.drop("size"), unfit]), on=AGENCY_FILTERS, how="anti")
        groups = pl.concat([self.new, self.again])
        cube = self.counted.join(groups.select("quarter").unique(), on="quarter", how="semi")
        if MONTH in measure.dimensions:
            # A row that is hidden would tell that there is a step in its month.
            figures = _steps(measure, cube, groups, rules).filter(~pl.col("quarter").is_in(out))
        else:
            figures = _withheld(_figures(measure, cube, groups, old, rules), out)
        told = pl.concat([kept, figures.select(columns)])
        every = pl.concat([told, years(measure, told, unfit, rules)])
        return pl.concat([every, whole(measure, every, rules)])

    def versions(self, number: int, cube: pl.DataFrame) -> pl.DataFrame:
        """Of a release of a number that holds the cube, rows of VERSIONS."""
        # A year that is added up is another figure where a quarter of it is told anew.
        whole = self.again.select(
            *STAY, pl.col("quarter").str.head(4), state=pl.lit(State.ADDED.value)
        )
        told = self.told.join(self.again, on=AGENCY_FILTERS, how="anti").join(
            whole, on=[*AGENCY_FILTERS, "state"], how="anti"
        )
        waits = _groups(self.changed.waits).with_columns(waits=True)
        added, anew = (pl.col("state") == state for state in (State.ADDED, State.ANEW))
        state = pl.when(added).then("state").when("waits").then(pl.lit(State.WAITS.value))
        kept = told.join(waits, on=AGENCY_FILTERS, how="left").with_columns(
            state=state.when(anew).then("state").otherwise(pl.lit(State.TOLD.value))
        )
        years = _groups(self.changed.unfit).join(cube, on=AGENCY_FILTERS, how="semi")
        years = years.join(kept, on=AGENCY_FILTERS, how="anti")
        parts = ((self.new, State.TOLD), (self.again, State.ANEW), (years, State.ADDED))
        now = (
            groups.with_columns(release=pl.lit(number, pl.Int64), state=pl.lit(state.value))
            for groups, state in parts
        )
        every = [part.select(*AGENCY_FILTERS, "release", "state") for part in (kept, *now)]
        return pl.concat(every).select(pl.lit(self.measure.id).alias("measure"), pl.all())


def _withheld(figures: pl.DataFrame, out: Sequence[str]) -> pl.DataFrame:
    fell = pl.col("quarter").is_in(out)
    return figures.with_columns(
        n=pl.when(~fell).then("n"),
        hidden=pl.when(fell).then(pl.lit(Reason.WORKED_OUT.value)).otherwise("hidden"),
    )


def _figures(
    measure: Measure, cube: pl.DataFrame, may: pl.DataFrame, old: pl.DataFrame, rules: AgencyRules
) -> pl.DataFrame:
    """Every row of every group that is shown, its figure blurred or hidden as one of few."""
    weighed = pl.col("what").is_in(measure.weighed) | pl.lit(not measure.shown)
    every = _of_enough(measure, _every(measure, cube, may, old), rules)
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


def _every(
    measure: Measure, cube: pl.DataFrame, may: pl.DataFrame, old: pl.DataFrame
) -> pl.DataFrame:
    """A row for each group that may be shown and each thing that may be counted, or was: what
    nobody has reads like what a few have.
    """
    open_ = {*measure.unpublished, *measure.same}
    own = [*measure.dimensions, "what"]
    declared = pl.DataFrame([*kinds(measure)], schema=dict.fromkeys(own, pl.String), orient="row")
    counted = cube.select(own).filter(~pl.col("what").is_in([*open_]))
    things = pl.concat([counted, declared, old.select(own)]).unique()
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
