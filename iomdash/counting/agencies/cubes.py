"""A measure's rows a person, added up for every group that filters can name.

Whoever stands in one atom of a period is added up there, once, and atoms are added up to groups.
Distinct people are counted group by group only of those who stand in several: they are few, and of
everybody it is what costs. An *atom* is a smallest set of stays that filters can tell apart.
"""

from collections.abc import Sequence
from itertools import combinations

import polars as pl

from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, PERIODS, STAY
from iomdash.declared.groups import EVERYONE
from iomdash.vault.engine import TWO_LARGEST, Engine

# Record keys are drawn from so many numbers. Source: ONS, cell key method.
KEYS = 256
STAYS = ", ".join(STAY)
_PARTS = "n, people, key, top, two"
# Of a row a person, and of cells: what is told of the people in a cell.
_OF_PEOPLE = (
    "cast(sum(n) as bigint) as n, count(*) as people, cast(sum(key) as bigint) as key, "
    f"cast(max(n) as bigint) as top, cast({TWO_LARGEST}(n) as bigint) as two"
)
# Of the two largest parts in several cells without a person in common, both are the largest of
# theirs, or both lie in one.
_OF_CELLS = (
    "cast(sum(n) as bigint) as n, cast(sum(people) as bigint) as people, "
    f"cast(sum(key) % {KEYS} as bigint) as key, max(top) as top, "
    f"cast(greatest({TWO_LARGEST}(top), max(two)) as bigint) as two"
)


def cube(
    engine: Engine, measure: Measure, query: str, periods: Sequence[str], filters: int
) -> pl.DataFrame:
    """The cells of a measure by groups of at most so many filters beside the period.

    `query` gives its rows a person. Reads the tables `people` (person_id, person, key, several:
    whether in more atoms than one) and `atoms` (atom and the filters of a stay).
    """
    own = "".join(f"t.{name}, " for name in measure.dimensions)
    engine.keep(
        "tallied",
        f"select a.atom, t.quarter, {own}t.what, p.person, p.key, p.several, "
        f"cast(t.n as bigint) as n from ({query}) as t "
        "inner join people as p on t.person_id = p.person_id "
        f"inner join atoms as a on {' and '.join(f't.{name} = a.{name}' for name in STAY)}",
    )
    at_end = set(measure.at_end) == set(measure.whats)
    kept = [p for p in periods if p == "quarter" or not at_end]
    return pl.concat(
        _table(engine, measure, cut, period, filters) for cut in measure.cuts for period in kept
    )


def _table(
    engine: Engine, measure: Measure, cut: tuple[str, ...], period: str, filters: int
) -> pl.DataFrame:
    """One table of a cube. Several small ones take a third of the memory of all at once."""
    cell = ", ".join(("quarter", *cut, "what"))
    engine.keep("parts", _parts(measure, cut, period))
    frame = engine.frame(_cells(cell, _groups(cell, filters)))
    others = [name for name in measure.dimensions if name not in cut]
    ordered = (*AGENCY_FILTERS, *measure.dimensions, "what", *_PARTS.split(", "))
    return frame.with_columns(
        pl.col(STAY).fill_null(EVERYONE), *(pl.lit(EVERYONE).alias(name) for name in others)
    ).select(ordered)


def _parts(measure: Measure, cut: tuple[str, ...], period: str) -> str:
    """What a person has of a cell of the table, in each of their atoms."""
    own = "".join(f"{name}, " for name in cut)
    when = PERIODS[period]
    if period == "quarter" and cut == measure.dimensions:
        return f"select atom, {when} as quarter, {own}what, person, key, several, n from tallied"
    lasting = ", ".join(f"'{what}'" for what in measure.at_end) or "''"
    which = "" if period == "quarter" else f" where what not in ({lasting})"
    return (
        f"select atom, {when} as quarter, {own}what, person, key, several, "
        f"cast(sum(n) as bigint) as n from tallied{which} "
        f"group by atom, {when}, {own}what, person, key, several"
    )


def _groups(cell: str, filters: int) -> list[str]:
    """The columns of every group of at most so many filters."""
    chosen = [some for n in range(filters + 1) for some in combinations(STAY, n)]
    return [", ".join((*some, cell)) for some in chosen]


def _cells(cell: str, groups: Sequence[str]) -> str:
    """The cells of every group, from `parts`."""
    sets = ", ".join(f"({group})" for group in groups)
    by_person = ", ".join(f"({group}, person, key)" for group in groups)
    return f"""
        with spread as (
          select *, count(*) over (partition by {cell}, person) as atoms
          from parts
          where several
        ),
        alone as (
          select atom, {cell}, key, n from parts where not several
          union all
          select atom, {cell}, key, n from spread where atoms = 1
        ),
        of_atoms as (
          select atom, {cell}, {_OF_PEOPLE} from alone group by atom, {cell}
        ),
        of_several as (
          select {STAYS}, {cell}, person, key, cast(sum(n) as bigint) as n
          from spread inner join atoms on spread.atom = atoms.atom
          where spread.atoms > 1
          group by grouping sets ({by_person})
        ),
        cells as (
          select {STAYS}, {cell}, {_OF_CELLS}
          from of_atoms inner join atoms on of_atoms.atom = atoms.atom
          group by grouping sets ({sets})
          union all
          select {STAYS}, {cell}, {_OF_PEOPLE} from of_several group by {STAYS}, {cell}
        )
        select {STAYS}, {cell}, {_OF_CELLS} from cells group by {STAYS}, {cell}
    """
