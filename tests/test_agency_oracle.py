"""The SQL of the agency measures against the same definitions told day by day in plain Python.

Each made-up person lives in an area of their own, so that a cube's cells are about one person.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from inspect import signature
from random import Random

import duckdb
import polars as pl
import pytest
from rows import insert

from iomdash.counting import agencies
from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.contracts import odcs
from iomdash.declared.groups import EVERYONE
from iomdash.vault.engine import DuckDB
from iomdash.vault.records import AgencyRecords

EXTRACT = date(2030, 7, 1)
DAY = timedelta(days=1)
PEOPLE = 250
THEFT = 2  # days of harm of one, in the index
Cell = tuple[object, ...]


@dataclass(frozen=True)
class Person:
    """One stay, and what agencies know of one person. `None` is still going on, or not proven."""

    name: str
    adopted: date
    left: date | None
    reason: str | None
    offences: Sequence[tuple[date, date | None]]
    custody: Sequence[tuple[date, date | None]]
    arrests: Sequence[date]
    incidents: Sequence[date]

    def inside(self, day: date) -> bool:
        """In custody, the day of release being one at large."""
        return any(a <= day < (b or date.max) for a, b in self.custody)

    def away(self, day: date) -> bool:
        """In custody for the whole day: not the one of entering it either."""
        return self.inside(day) and self.inside(day - DAY)

    def in_cohort(self, day: date) -> bool:
        """Adopted and not yet gone."""
        return self.adopted <= day < (self.left or date.max)

    @property
    def index(self) -> date | None:
        """Adoption, or the release after it; None where there was none."""
        if any(a <= self.adopted and b is None for a, b in self.custody):
            return None
        day = self.adopted
        while self.inside(day):
            if day > EXTRACT + 400 * DAY:
                return None
            day += DAY
        return day


def plus(day: date, months: int) -> date:
    """The same day some months on, or the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def quarter(day: date) -> str:
    return f"{day.year} Q{(day.month + 2) // 3}"


def month_of(day: date, since: date) -> int:
    return next(m for m in range(1, 37) if day <= plus(since, m))


def ends() -> Iterator[date]:
    """Last days of quarters, and the extract for the running one."""
    day = date(2026, 3, 31)
    while day < EXTRACT:
        yield day
        day = plus(day + DAY, 3) - DAY
    yield EXTRACT


def drawn(name: str, dice: Random) -> Person:
    """A person whose days crowd around the anniversaries that the definitions turn on."""
    adopted = date(2027, 1, 1) + DAY * dice.randrange(1270)
    if dice.random() < 0.1:
        adopted = EXTRACT - DAY * dice.randrange(3)

    def near(days: Sequence[int]) -> date:
        return adopted + DAY * (dice.choice(days) + dice.randrange(-3, 4))

    left = near((0, 60, 180, 365)) if dice.random() < 0.5 else None
    if dice.random() < 0.1:
        left = EXTRACT + DAY * dice.randrange(-1, 2)
    left = None if left and left < adopted else left
    offences = [
        near((-3652, -1095, -730, -500, -365, 0, 30, 182, 365, 548))
        for _ in range(dice.randrange(4))
    ]
    starts = [near((-700, -400, -60, 0, 90, 182, 365)) for _ in range(dice.randrange(3))]
    return Person(
        name, adopted, left, dice.choice(("six_months_clear", "moved")) if left else None,
        [(d, d + DAY * dice.choice((5, 180, 548)) if dice.random() < 0.7 else None)
         for d in offences if d < EXTRACT],
        [(d, d + DAY * dice.choice((1, 30, 60, 200)) if dice.random() < 0.9 else None)
         for d in starts if d < EXTRACT],
        [d for d in (near((-365, 0, 365)) for _ in range(2)) if d < EXTRACT],
        [d for d in (near((-365, 0, 100, 365)) for _ in range(dice.randrange(4))) if d < EXTRACT],
    )  # fmt: skip


def caseload(p: Person) -> Iterator[Cell]:
    yield quarter(p.adopted), "", "joined", 1
    if p.left:
        yield quarter(p.left), p.reason, "left", 1
    for day in ends():
        if p.in_cohort(day):
            yield quarter(day), "", "in", 1


def reoffending(p: Person) -> Iterator[Cell]:
    if p.index is None or p.index > EXTRACT:
        return
    when = quarter(p.index)
    if plus(p.index, 18) > EXTRACT:
        yield when, "not_mature", 1
        return
    yield when, "people", 1
    proven = [
        d for d, by in p.offences
        if p.index < d <= plus(p.index, 12) and by and by <= plus(p.index, 18)
    ]  # fmt: skip
    if proven:
        yield when, "reoffenders", 1
        yield when, "offences", len(proven)


def periods(p: Person, first: date) -> dict[str, tuple[date, date]]:
    """Each period around adoption: the day before it, and its last day."""
    if p.adopted >= EXTRACT:
        return {}
    reached = plus(p.adopted, -24) >= first
    earlier = {"earlier": (plus(p.adopted, -24), plus(p.adopted, -12))} if reached else {}
    return {
        **earlier,
        "before": (plus(p.adopted, -12), p.adopted),
        "after": (p.adopted, min(plus(p.adopted, 12), EXTRACT)),
    }


def at_large(p: Person, after: date, last: date) -> set[date]:
    """The days of a period on which the person is at large."""
    days = [after + DAY * i for i in range(1, (last - after).days + 1)]
    return {d for d in days if not p.away(d)}


def offending(p: Person, first: date) -> Iterator[Cell]:
    for period, (after, last) in periods(p, first).items():
        large = at_large(p, after, last)
        yield quarter(p.adopted), period, "days", len(large)
        for what, events in (("offences", [d for d, _ in p.offences]), ("arrests", p.arrests)):
            if many := sum(d in large for d in events):
                yield quarter(p.adopted), period, what, many


def offending_spread(p: Person, first: date) -> Iterator[Cell]:
    for period, (after, last) in periods(p, first).items():
        days = len(large := at_large(p, after, last))
        many = sum(d in large for d, _ in p.offences)
        harm = many * THEFT
        for what, n in {
            "adoptions": 1, "offences_squared": many**2, "offences_days": many * days,
            "days_squared": days**2, "harm_squared": harm**2, "harm_days": harm * days,
        }.items():  # fmt: skip
            if n:
                yield quarter(p.adopted), period, what, n


def offending_change(p: Person, first: date) -> Iterator[Cell]:
    rates: list[Fraction] = []
    for period in ("before", "after"):
        if spans := periods(p, first):
            large = at_large(p, *spans[period])
            if not large:
                yield quarter(p.adopted), "not_at_large", 1
                return
            rates.append(Fraction(sum(d in large for d, _ in p.offences), len(large)))
    if rates:
        before, after = rates
        yield quarter(p.adopted), "fewer" if after < before else "not_fewer", 1


def domestic_change(p: Person, first: date) -> Iterator[Cell]:
    for period, (after, last) in periods(p, first).items():
        many = sum(d in at_large(p, after, last) for d in p.incidents)
        if period != "earlier" and many:
            yield quarter(p.adopted), period, "incidents", many


def domestic_spread(p: Person, first: date) -> Iterator[Cell]:
    for period, (after, last) in periods(p, first).items():
        many = sum(d in (large := at_large(p, after, last)) for d in p.incidents)
        if period != "earlier" and many:
            yield quarter(p.adopted), period, "incidents_squared", many**2
            yield quarter(p.adopted), period, "incidents_days", many * len(large)


def since_first_offence(p: Person) -> Iterator[Cell]:
    known = [d for d, _ in p.offences if d <= p.adopted]
    if not known:
        yield quarter(p.adopted), "none", 1
        return
    years = sum(plus(min(known), 12 * n) <= p.adopted for n in range(1, 11))
    whats = {0: "under_1", 1: "under_3", 2: "under_3", 10: "longer"}
    yield quarter(p.adopted), whats.get(years, "under_10"), 1


def first_reoffence(p: Person) -> Iterator[Cell]:
    if p.index is None or p.index >= EXTRACT:
        return
    day, last = p.index + DAY, min(EXTRACT, plus(p.index, 36))
    offences = {d for d, _ in p.offences}
    while day < last and day not in offences and not p.inside(day):
        day += DAY
    what = "events" if day in offences else "custody" if p.inside(day) else "censored"
    yield quarter(p.index), month_of(day, p.index), what, 1


def deselection(p: Person) -> Iterator[Cell]:
    def clear(day: date) -> bool:
        return not any(d <= day < plus(d, 6) for d, _ in p.offences) and not any(
            a <= day and (b is None or day < plus(b, 6)) for a, b in p.custody
        )

    for day in ends():
        if p.in_cohort(day) and plus(p.adopted, 6) <= day and clear(day):
            yield quarter(day), "eligible", 1
    if p.left and p.reason == "six_months_clear":
        yield quarter(p.left), "deselected", 1
        if p.left <= EXTRACT and clear(p.left):
            yield quarter(p.left), "deselected_clear", 1


def time_in_cohort(p: Person) -> Iterator[Cell]:
    if p.adopted >= EXTRACT:
        return
    seen = min(EXTRACT, plus(p.adopted, 36))
    left = p.left is not None and p.left <= seen
    day = max(p.left if left and p.left else seen, p.adopted + DAY)
    yield quarter(p.adopted), month_of(day, p.adopted), "left" if left else "still_in", 1


def lately(p: Person) -> Iterator[Cell]:
    for day in ends():
        here = (d for d, _ in p.offences if p.in_cohort(d) and d <= day)
        if p.in_cohort(day) and quarter(day) in map(quarter, here):
            yield quarter(day), "offended", 1


def in_custody(p: Person) -> Iterator[Cell]:
    for day in ends():
        if p.in_cohort(day):
            yield quarter(day), "in_custody" if p.inside(day) else "at_large", 1


DEFINED = {
    "caseload": caseload,
    "reoffending": reoffending,
    "offending": offending,
    "offending_spread": offending_spread,
    "offending_change": offending_change,
    "domestic_change": domestic_change,
    "domestic_spread": domestic_spread,
    "since_first_offence": since_first_offence,
    "first_reoffence": first_reoffence,
    "deselection": deselection,
    "time_in_cohort": time_in_cohort,
    "in_custody": in_custody,
    "lately": lately,
}


# Measures of periods around adoption, some of which begin with the first offence of anybody.
AROUND = {name for name, defined in DEFINED.items() if "first" in signature(defined).parameters}


def store(con: duckdb.DuckDBPyConnection, people: Sequence[Person]) -> None:
    """The people as the tables that agencies send, every one of them up to EXTRACT."""
    tables = [table for table in odcs.AGENCY_TABLES if table != "person_links"]
    for table in tables:
        columns = [f"{c.name} {c.sql_type}" for c in odcs.load(table).columns]
        con.execute(f"create table {table} ({', '.join(columns)})")
    con.execute("create table extracts (table_name varchar, extracted_on date, origin varchar)")
    sent = [(table, EXTRACT, "collected") for table in tables]
    insert(con, "extracts", sent)
    rows: dict[str, list[Cell]] = {
        "adoptions (adoption_id, person_id, area, cohort, provider, supervision, adopted_on, "
        "left_on, left_reason)": [
            (p.name, p.name, p.name, "PPO", "CRC", "statutory", p.adopted, p.left, p.reason)
            for p in people
        ],
        "offences (offence_id, person_id, committed_on, proven_on, harm_group)": [
            (f"{p.name}-{i}", p.name, *item, "theft")
            for p in people for i, item in enumerate(p.offences)
        ],
        "custody_spells (custody_id, person_id, from_on, to_on)": [
            (f"{p.name}-{i}", p.name, *item) for p in people for i, item in enumerate(p.custody)
        ],
        "arrests (arrest_id, person_id, arrested_on)": [
            (f"{p.name}-{i}", p.name, item) for p in people for i, item in enumerate(p.arrests)
        ],
        "domestic_incidents (incident_id, person_id, happened_on)": [
            (f"{p.name}-{i}", p.name, item) for p in people for i, item in enumerate(p.incidents)
        ],
    }  # fmt: skip
    for into, cells in rows.items():
        insert(con, into, cells)


@pytest.fixture(scope="module", params=[1, 2], ids="seed {}".format)
def counted(request: pytest.FixtureRequest) -> tuple[list[Person], dict[str, pl.DataFrame | None]]:
    """People, and the cubes about them."""
    dice = Random(request.param)
    people = [drawn(f"p{i}", dice) for i in range(PEOPLE)]
    with duckdb.connect() as con:
        store(con, people)
        return people, dict(agencies.count(AgencyRecords(DuckDB(con))).cubes)


@pytest.mark.parametrize("name", DEFINED)
def test_a_cube_says_of_each_person_what_the_definition_says_day_by_day(
    counted: tuple[list[Person], dict[str, pl.DataFrame | None]], name: str
) -> None:
    people, cubes = counted
    cube = cubes[name]
    assert cube is not None
    behind = ("people", "key", "top", "two")
    by = [c for c in cube.columns if c not in ("cohort", "provider", "supervision", *behind)]
    apart = BY_ID[name].dimensions if BY_ID[name].one_at_a_time else ()
    least = cube.filter(
        pl.all_horizontal(pl.col(item) != EVERYONE for item in (*AGENCY_FILTERS, *apart))
    )
    result = Counter(least.select(by).rows())
    first = min(d for p in people for d, _ in p.offences)
    of_all = (first,) if name in AROUND else ()
    wanted = Counter((p.name, *cell) for p in people for cell in DEFINED[name](p, *of_all))
    assert result - wanted == Counter()
    assert wanted - result == Counter()
    assert len({row[-3:-1] for row in wanted}) >= 2, "the people drawn try more than one outcome"
    assert set(least["people"]) == {1}
