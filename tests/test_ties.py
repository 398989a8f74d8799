"""Every tie between agencies' figures is declared: made-up records are searched for all ties."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any

import duckdb
import numpy as np
import pytest

from iomdash.counting import agencies
from iomdash.declared.agencies import BY_ID, MEASURES, MONTH
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.agencies.measure import Place
from iomdash.declared.agencies.ties import EACH, Tie, every
from iomdash.declared.contracts import odcs
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.attacker.agencies import attack
from iomdash.disclosure.attacker.told import tables
from iomdash.disclosure.policy import for_audience
from iomdash.intake.contracts import lists
from iomdash.publishing.publish import PERIODS
from iomdash.vault.engine import DuckDB
from iomdash.vault.records import AgencyRecords

EXTRACT = date(2030, 6, 30)
PEOPLE, VAULTS = 120, 3
# Records of one person in each table; a person has one stay, or two.
MANY = {"adoptions": 1.2, "appointments": 8, "custody_spells": 0.7, "pathway_needs": 6}
# A figure of fewer may equal another by chance.
LEAST = 25

Cell = tuple[str, tuple[tuple[str, str], ...], str]
Figures = dict[Cell, dict[tuple[object, ...], int]]

# Ties that hold in the records and need no declaration, as figures that nobody publishes.
EXPLAINED: tuple[Tie, ...] = (
    Tie((Place("reoffending", "people"),), "=",
        (Place("reoffending", "people"), Place("reoffending", "not_mature")),
        "Periods are told when 18 months have passed, and then everybody is mature."),
)  # fmt: skip


EQUAL = tuple(tie for tie in every() if tie.relation == "=")


def drawn(table: str, number: int, person: int, dice: Random) -> dict[str, Any]:
    """A record with days that follow each other, ended or not, and values of its lists."""
    row: dict[str, Any] = {}
    day: date | None = date(2026, 1, 1) + timedelta(dice.randrange(1600))
    for place, column in enumerate(odcs.load(table).columns):
        listed = column.allowed or lists.declared(column.refers_to or "")
        if place == 0:
            row[column.name] = f"{table}-{number}"
        elif column.name == odcs.EXTRACT:
            row[column.name] = EXTRACT
        elif column.name == "person_id":
            row[column.name] = f"p{person}"
        elif column.kind == "date":
            row[column.name] = day
            later = day and day + timedelta(dice.randrange(5, 300))
            day = later if later and later < EXTRACT and dice.random() < 0.75 else None
        elif column.name in ("left_reason", "ending"):
            row[column.name] = dice.choice(listed) if _ended(row) else None
        elif listed:
            row[column.name] = dice.choice(listed[:3] if column.name == "area" else listed)
        if column.name == "need" and row["need"] == "no":
            day = None
    return row


def _ended(row: dict[str, Any]) -> bool:
    return (row.get("left_on") or row.get("ended_on")) is not None


def counted(seed: int) -> dict[str, Any]:
    raw = vault(seed, "quarter")
    return {**raw.cubes, "until": raw.until}


def vault(seed: int, *periods: str) -> agencies.RawAgencies:
    """What made-up records come to, by quarter and by the other periods asked for."""
    dice = Random(seed)
    with duckdb.connect() as con:
        con.execute("create table extracts (table_name varchar, extracted_on date, origin varchar)")
        for table in (t for t in odcs.AGENCY_TABLES if t != "person_links"):
            columns = odcs.load(table).columns
            con.execute(
                f"create table {table} ({', '.join(f'{c.name} {c.sql_type}' for c in columns)})"
            )
            con.execute("insert into extracts values (?, ?, 'collected')", [table, EXTRACT])
            people = [
                i for i in range(PEOPLE)
                for _ in range(int(MANY.get(table, 2) + dice.random()))
            ]  # fmt: skip
            rows = [drawn(table, n, person, dice) for n, person in enumerate(people)]
            con.executemany(
                f"insert into {table} values ({', '.join('?' for _ in columns)})",
                [[row.get(column.name) for column in columns] for row in rows],
            )
        return agencies.count(AgencyRecords(DuckDB(con)), agencies.Wanted(1, periods))


@dataclass(frozen=True)
class World:
    """Each figure of three vaults as a vector over vault, group and quarter that all reach."""

    cells: dict[Cell, np.ndarray]
    everybody: np.ndarray  # where the group is that of no filter

    def of(self, place: Place) -> list[Cell]:
        """The figures that a place adds up."""
        measure, own = BY_ID[place.measure], dict(place.own)
        alone = EVERYONE if measure.one_at_a_time else EACH
        wanted = {name: own.get(name, alone) for name in measure.dimensions}
        return [cell for cell in self.cells if cell[0] == place.measure and cell[2] == place.what
                and all(_fits(measure.one_at_a_time, value, wanted[name])
                        for name, value in cell[1])]  # fmt: skip

    def sum(self, places: tuple[Place, ...]) -> np.ndarray:
        return self.sum_of([cell for place in places for cell in self.of(place)])

    def sum_of(self, cells: Sequence[Cell]) -> np.ndarray:
        return sum((self.cells[cell] for cell in cells), self.zero)

    @property
    def zero(self) -> np.ndarray:
        return np.zeros_like(next(iter(self.cells.values())))


def _fits(one_at_a_time: bool, value: str, wanted: str) -> bool:
    return value == wanted or (wanted == EACH and not (one_at_a_time and value == EVERYONE))


@pytest.fixture(scope="module")
def world() -> World:
    figures: Figures = defaultdict(dict)
    for seed in range(VAULTS):
        cubes = counted(seed)
        until = cubes.pop("until")
        last = min(until.values())
        for name, cube in cubes.items():
            own = BY_ID[name].dimensions
            for row in cube.iter_rows(named=True):
                if row["quarter"] <= last:
                    cell = (name, tuple((d, str(row[d])) for d in own), row["what"])
                    figures[cell][(seed, *(row[f] for f in AGENCY_FILTERS))] = row["n"]
    keys = sorted({key for each in figures.values() for key in each}, key=str)
    cells = {
        cell: np.array([told.get(key, 0) for key in keys]) for cell, told in figures.items()
    }  # fmt: skip
    return World(cells, np.array([key[1:5] == (EVERYONE,) * 4 for key in keys]))


def candidates(world: World) -> Iterator[tuple[Cell, ...]]:
    """Sums of a reader's: some whats of one measure, of one choice or of all of a dimension."""
    for measure in MEASURES:
        cells = [cell for cell in world.cells if cell[0] == measure.id]
        choices: dict[object, list[Cell]] = defaultdict(list)
        for cell in cells:
            choices["all" if MONTH in measure.dimensions else cell[1]].append(cell)
            for name, value in cell[1]:
                if value != EVERYONE:
                    choices[name].append(cell)
        for some in choices.values():
            whats = sorted({what for _, _, what in some})
            for n in range(1, len(whats) + 1):
                for asked in combinations(whats, n):
                    yield tuple(sorted(cell for cell in some if cell[2] in asked))


def equalities(world: World) -> Iterator[tuple[tuple[Cell, ...], tuple[Cell, ...]]]:
    """Pairs of sums that are the same in every group and quarter of every vault."""
    same: dict[bytes, list[tuple[Cell, ...]]] = defaultdict(list)
    for cells in dict.fromkeys(candidates(world)):
        vector = world.sum_of(cells)
        if vector[world.everybody].sum() >= LEAST:
            same[vector.tobytes()].append(cells)
    for alike in same.values():
        for other in alike[1:]:
            yield alike[0], other


def row_of(world: World, tie: Tie) -> np.ndarray:
    return _row(world, [c for p in tie.left for c in world.of(p)],
                [c for p in tie.right for c in world.of(p)])  # fmt: skip


def _row(world: World, left: Any, right: Any) -> np.ndarray:
    at = {cell: place for place, cell in enumerate(world.cells)}
    row = np.zeros(len(at))
    for cells, sign in ((left, 1), (right, -1)):
        for cell in cells:
            row[at[cell]] += sign
    return row


def undeclared(world: World, ties: tuple[Tie, ...]) -> list[str]:
    """Equalities that do not follow from the ties."""
    known = np.array([row_of(world, tie) for tie in ties if tie.relation == "="])
    basis = np.linalg.svd(known, full_matrices=False)
    span = basis.Vh[basis.S > 1e-9]
    found = []
    for left, right in equalities(world):
        row = _row(world, left, right)
        alone = world.sum_of([cell for cell in left if cell not in right])
        if alone[world.everybody].sum() < LEAST:
            continue
        if np.abs(row - span.T @ (span @ row)).max() > 1e-6:
            a, b = ({*left} - {*right}, {*right} - {*left})
            found.append(f"{sorted(a)} = {sorted(b)}")
    return found


def test_the_records_show_figures_of_every_measure_but_those_of_the_extracts_day(
    world: World,
) -> None:
    shown = {name for name, _, _ in world.cells}
    assert shown == {m.id for m in MEASURES} - {"programmes_done"}
    whats = {(name, what) for name, _, what in world.cells}
    # Days of few years: nobody has offended for longer.
    open_ = {("reoffending", "not_mature"), ("treatment", "too_early"), ("harm", "weighed"),
             ("harm", "harm"), ("since_first_offence", "under_10"),
             ("since_first_offence", "longer")}  # fmt: skip
    assert {(m.id, w) for m in MEASURES if m.id in shown for w in m.whats} - whats <= open_


@pytest.mark.parametrize("tie", every(), ids=str)
def test_what_is_declared_holds_in_every_group(world: World, tie: Tie) -> None:
    left, right = world.sum(tie.left), world.sum(tie.right)
    assert tie.why.endswith(".")
    if tie.relation == "=":
        assert (left == right).all()
    else:
        assert (left <= right).all()


def test_every_equality_that_the_records_show_is_declared_or_explained(world: World) -> None:
    assert undeclared(world, (*every(), *EXPLAINED)) == []


@pytest.mark.parametrize("left_out", EQUAL[::3], ids=str)
def test_a_tie_that_is_left_out_is_found(world: World, left_out: Tie) -> None:
    assert undeclared(world, tuple(tie for tie in (*EQUAL, *EXPLAINED) if tie != left_out))


@pytest.mark.parametrize("seed", range(VAULTS))
def test_what_the_attacker_holds_for_true_is_true_of_any_records(seed: int) -> None:
    """A tie or a kind of people that is not so would contradict the figures of some."""
    raw = vault(seed, *PERIODS)
    rules = for_audience("board").people
    attacked = attack(tables(protect_agencies(raw, rules)), {}, raw, rules)
    assert attacked.statements > 100_000
    assert [fall.words for fall in attacked.falls] == []
