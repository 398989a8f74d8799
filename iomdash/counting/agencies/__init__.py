"""Counts of what agencies hold, by cohort, provider, supervision, area and quarter.

Every cube is long: the columns of `FILTERS`, the measure's own dimensions, `what` was counted,
`n` (of it) and `people` (distinct, behind n), for every group that filters can name; `All` is
everybody. Of n, `top` is one person's largest part and `two` the two largest together; `key` is the
sum of the people's record keys, modulo KEYS. A count of nothing has no row. Nothing here divides,
and nothing here is protected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from iomdash.counting.agencies import merged
from iomdash.counting.agencies.codes import number
from iomdash.counting.agencies.counted import COUNTED, MOVED, rows, together
from iomdash.counting.agencies.cubes import cubes_of, grouped, numbered, place
from iomdash.declared.agencies import MEASURES, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.agencies.measure import POLICE
from iomdash.declared.groups import EVERYONE
from iomdash.vault.engine import Engine
from iomdash.vault.records import AgencyRecords

FOLDER = Path(__file__).parent

# Read by other queries, in this order, before the counts.
VIEWS = {
    "ends": (),
    "stays": ("adoptions",),
    "in_cohort": ("adoptions",),
    "custody": ("custody_spells",),
    "indexed": ("adoptions", "custody_spells"),
    "exposures": POLICE,
    "committed": POLICE,
    "exposed": POLICE,
    "offended": POLICE,
    "happened": (*POLICE, "domestic_incidents"),
    "assessed": ("adoptions", "pathway_needs"),
}
# The harm of one offence of each group, whole units; empty where no published figure is agreed.
# A partnership that agrees on another index replaces the file.
WEIGHTS = FOLDER / "harm_weights.csv"
_PEOPLE = {"of": pl.String, "person": pl.Int64, **dict.fromkeys(AGENCY_FILTERS, pl.String)}
_MEMBERS = {"of": pl.String, "person": pl.Int64, "atom": pl.Int64, "quarter": pl.String}


def no_keys(person_id: pl.Series) -> pl.Series:
    """The record key 0 for everybody, for whoever wants no noise."""
    return pl.zeros(len(person_id), pl.Int64, eager=True)


@dataclass(frozen=True)
class Wanted:
    """Which groups are counted: of at most so many filters beside the period, and by what periods;
    and which measures; and whether it is told who was counted.

    `keys` gives the record keys of people, whole numbers, by their person_id. Choices of a filter
    that fewer than `smallest` people are of are counted as one, in years other than those that are
    `settled`: see `merged`.
    """

    filters: int = len(STAY)
    periods: tuple[str, ...] = ("quarter", EVERYONE)
    keys: Callable[[pl.Series], pl.Series] = no_keys
    measures: tuple[Measure, ...] = MEASURES
    counted: bool = False
    smallest: int = 1
    settled: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=merged.SETTLED))


@dataclass(frozen=True)
class RawAgencies:
    """Unprotected counts of agencies' records.

    cubes: by measure, without those of which a table was never sent
    people: who was in which group: of, person, cohort, provider, supervision, area, quarter
    until: the last quarter of each measure of which all is known
    dates: measure, data_to (the day that every table it reads reaches) and origin ('synthetic'
      where any is); a measure that is missing has no row
    counted: who was counted as what, in the quarters of which all is known: see COUNTED
    moved: who counts otherwise than in what a release told: see MOVED
    """

    cubes: Mapping[str, pl.DataFrame]
    people: pl.DataFrame
    until: Mapping[str, str]
    dates: pl.DataFrame
    counted: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=COUNTED))
    moved: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=MOVED))


def sql(name: str) -> str:
    """The text of one query file."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def close(records: AgencyRecords) -> None:
    """Let every extract end with the last quarter that had closed; one of before has none."""
    engine = records.engine
    declare(engine)
    engine.keep(
        "closed",
        "select e.table_name, max(q.last_on) as extracted_on, e.origin from extracts as e inner "
        "join quarters as q on q.last_on <= e.extracted_on group by e.table_name, e.origin",
    )
    engine.keep("extracts", "select table_name, extracted_on, origin from closed")


def count(records: AgencyRecords, wanted: Wanted | None = None) -> RawAgencies:
    """The cubes of measures whose tables were all sent, and the people behind them."""
    engine, wanted = records.engine, wanted or Wanted()
    sent, merging = _ready(records, wanted)
    counted = [m for m in wanted.measures if sent.issuperset(m.reads)]
    extracts = engine.frame("select table_name, extracted_on, origin from extracts")
    until = _until(engine, extracts, counted)
    people = _members(engine, sent, merging=merging)
    if not counted:
        return RawAgencies({}, _named(engine, people), until, _dates(extracts))
    asked = [(measure, _query(measure, merging=merging)) for measure in counted]
    cubes, of = _cubes(engine, asked, wanted)
    who = {"counted": together(engine, people, of, until)} if wanted.counted else {}
    return RawAgencies(cubes, _named(engine, people), until, _dates(extracts), **who)


def _cubes(
    engine: Engine, asked: Sequence[tuple[Measure, str]], wanted: Wanted
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """By measure, the cubes and, where that is wanted, who was counted."""
    groups = grouped(engine, wanted.filters)
    [people] = engine.frame("select count(*) as people from people")["people"]
    at_once = max(1, engine.together // max(people, 1))
    cubes: dict[str, pl.DataFrame] = {}
    who: dict[str, pl.DataFrame] = {}
    for first in range(0, len(asked), at_once):
        some = asked[first : first + at_once]
        cubes |= cubes_of(engine, some, wanted.periods, groups)
        who |= rows(engine, [measure for measure, _ in some]) if wanted.counted else {}
    return cubes, who


def _query(measure: Measure, *, merging: bool) -> str:
    """The query of a measure: its own file, or its table's rows of one that several share."""
    text = (
        f"select * from ({sql('recorded')}) as r where table_name = '{measure.recorded_in}'"
        if measure.recorded_in
        else sql(measure.id)
    )
    columns = ("person", "quarter", *measure.dimensions, "what")
    return merged.counted(text, columns, "cast(sum(n) as bigint) as n") if merging else text


def _ready(records: AgencyRecords, wanted: Wanted) -> tuple[frozenset[str], bool]:
    """The tables that were sent, with all that other queries read made of them; and whether any
    choices of a filter are counted as one.
    """
    engine = records.engine
    sent = frozenset(engine.frame("select table_name from extracts")["table_name"])
    declare(engine)
    merging = False
    for view, reads in VIEWS.items():
        if sent.issuperset(reads):
            engine.keep(view, sql(view))
            if view == "stays":
                merging = _people(records, wanted)
    return sent, merging


def _people(records: AgencyRecords, wanted: Wanted) -> bool:
    """Number the people who have a stay, and the atoms, the table `atoms`, that stays are of or are
    counted in; tell both of every stay. Whether any are counted in another than their own.
    """
    engine = records.engine
    stays = engine.frame(f"select distinct person_id, {', '.join(STAY)} from stays")
    merges = merged.chosen(engine, sql("choices"), wanted.settled, wanted.smallest)
    counted = merged.atoms(stays.select(STAY).unique(), merges)
    of_several = stays.join(counted, on=STAY, how="semi")
    people = stays.group_by("person_id").len("atoms").with_columns(pseudonym="person_id")
    if records.numbered:
        numbers = engine.frame("select person_id, pseudonym from numbers")
        people = people.drop("pseudonym").join(numbers, on="person_id")
    people = people.sort("pseudonym").with_row_index("number")
    # Who is counted in another atom in some years stands in several.
    several = (pl.col("atoms") > 1) | pl.col("person_id").is_in(of_several["person_id"].implode())
    person = numbered(pl.col("number"), several, wanted.keys(people["pseudonym"]))
    engine.take("people", people.select("person_id", "pseudonym", person=person))
    engine.take("atoms", number(pl.concat([stays.select(STAY), merged.in_their_place(counted)])))
    engine.take("merged", merged.numbered(counted, engine.frame("select * from atoms")))
    engine.keep(
        "stays",
        "select s.*, p.person, a.atom from stays as s "
        "inner join people as p on s.person_id = p.person_id "
        f"inner join atoms as a on {' and '.join(f's.{name} = a.{name}' for name in STAY)}",
    )
    return counted.height > 0


def _members(engine: Engine, sent: frozenset[str], *, merging: bool) -> pl.DataFrame:
    """Rows of of, person (its number), atom and quarter."""
    kinds = ["members"] if "adoptions" in sent else []
    kinds += ["members_indexed"] if sent.issuperset(VIEWS["indexed"]) else []
    texts = [
        merged.counted(sql(k), ("of", "person", "quarter")) if merging else sql(k) for k in kinds
    ]
    none = pl.DataFrame(schema=_MEMBERS)
    return pl.concat([none, *(engine.frame(text).select(*_MEMBERS) for text in texts)])


def _named(engine: Engine, people: pl.DataFrame) -> pl.DataFrame:
    """Members with the filters of their atom."""
    if people.is_empty():
        return pl.DataFrame(schema=_PEOPLE)
    atoms = engine.frame(f"select atom, {', '.join(STAY)} from atoms").sort("atom")
    # An atom's number is its row.
    named = people.hstack(atoms.select(STAY)[people["atom"]])
    return named.with_columns(place(pl.col("person"))).select(*_PEOPLE)


def _until(engine: Engine, extracts: pl.DataFrame, measures: Sequence[Measure]) -> dict[str, str]:
    """The last quarter of each measure that closed long enough before the day that all of its
    tables reach; '' where none did.
    """
    quarters = engine.frame("select quarter, last_on from quarters")
    reach = dict(extracts.select("table_name", "extracted_on").iter_rows())
    result: dict[str, str] = {}
    for measure in measures:
        matured = pl.col("last_on").dt.offset_by(f"{measure.matures}mo").dt.month_end()
        closed = quarters.filter(matured <= min(reach[table] for table in measure.reads))
        result[measure.id] = str(closed["quarter"].max() or "")
    return result


def _dates(extracts: pl.DataFrame) -> pl.DataFrame:
    reads = [(measure.id, table) for measure in MEASURES for table in measure.reads]
    named = pl.DataFrame(reads, schema=["measure", "table_name"], orient="row")
    dated = named.join(extracts, on="table_name", how="left").group_by(
        "measure", maintain_order=True
    )
    synthetic = (pl.col("origin") == "synthetic").any()
    return dated.agg(
        # A least that passes over nulls would date a measure of which a table is missing.
        data_to=pl.when(~pl.col("extracted_on").has_nulls()).then(pl.col("extracted_on").min()),
        origin=pl.when(synthetic).then(pl.lit("synthetic")).otherwise(pl.lit("collected")),
    ).filter(pl.col("data_to").is_not_null())


def declare(engine: Engine) -> None:
    """Tables: `days` with quarter and running number, `quarters`, `weights`."""
    engine.take("days", _calendar())
    engine.take("weights", weights().select("harm_group", "weight"))
    engine.keep(
        "quarters",
        "select quarter, min(day_on) as first_on, max(day_on) as last_on from days "
        "group by quarter",
    )


def weights() -> pl.DataFrame:
    """The harm index: harm_group, weight (whole, null where open), source, year."""
    types = {"harm_group": pl.String, "weight": pl.Int64, "source": pl.String, "year": pl.Int64}
    return pl.read_csv(WEIGHTS, schema=types)


def _calendar() -> pl.DataFrame:
    # As wide as any date that a contract passes for somebody alive.
    first, last = date(1900, 1, 1), date(2100, 1, 1) - timedelta(days=1)
    day = pl.col("day_on")
    quarter = pl.concat_str(day.dt.year(), pl.lit(" Q"), day.dt.quarter()).alias("quarter")
    days = pl.select(pl.date_range(first, last, eager=False).alias("day_on"))
    return days.with_row_index("number").select(day, pl.col("number").cast(pl.Int64), quarter)
