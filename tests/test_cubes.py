"""Cubes of rows a person against the same cells counted one by one in plain Python."""

from collections import defaultdict
from itertools import combinations

import duckdb
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.cubes import make
from iomdash.counting import agencies
from iomdash.counting.agencies.codes import KEYS
from iomdash.counting.agencies.cubes import cubes_of, grouped
from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import STAY
from iomdash.declared.groups import EVERYONE
from iomdash.vault import current
from iomdash.vault.engine import DuckDB
from iomdash.vault.records import AgencyRecords

PERIODS = {"quarter": lambda q: q, "year": lambda q: q[:4], EVERYONE: lambda _: EVERYONE}
OWN = ("kind", "site")
BEHIND = ("n", "people", "key", "top", "two")
KEY = 37  # a record key is so many times a person's number
# Rows as a measure's query gives them, of rows that name their stay.
ROWS_OF = (
    "select s.atom, s.person, r.* from rows_of as r "
    f"inner join stays as s using ({', '.join(('person_id', *STAY))})"
)
Row = tuple[str, ...]
Cells = dict[Row, tuple[int, ...]]

# Few people in few atoms of few quarters, so that many stand in several.
ROWS = st.dictionaries(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(("PPO", "HCCU")), st.sampled_from(("NPS", "CRC")),
        st.just("statutory"), st.sampled_from(("tipton", "")),
        st.sampled_from(("2030 Q1", "2030 Q2", "2031 Q1")),
        st.sampled_from(("one", "other")), st.sampled_from(("here", "there")),
        st.sampled_from(("done", "held")),
    ),
    st.integers(1, 4),
    min_size=30, max_size=60,
)  # fmt: skip


def measure(*, one_at_a_time: bool, at_end: tuple[str, ...]) -> Measure:
    whats = {"done": "done", "held": "held"}
    return Measure("made_up", "", "", "", (), whats, OWN, at_end, one_at_a_time=one_at_a_time)


def by_hand(rows: dict[Row, int], of: Measure, filters: int) -> Cells:
    """Each cell: n, people, key, the largest part of one person and the two largest together."""
    parts: dict[Row, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (person, *place), n in rows.items():
        stay, quarter, own, what = (
            place[:4],
            place[4],
            dict(zip(OWN, place[5:7], strict=True)),
            place[7],
        )
        for some in (c for k in range(filters + 1) for c in combinations(range(len(STAY)), k)):
            group = [stay[i] if i in some else EVERYONE for i in range(len(STAY))]
            for period, of_quarter in PERIODS.items():
                if period != "quarter" and what in of.at_end:
                    continue
                for cut in of.cuts:
                    told = [own[name] if name in cut else EVERYONE for name in OWN]
                    parts[(*group, of_quarter(quarter), *told, what)][person] += n
    numbers = {person: i for i, person in enumerate(sorted({row[0] for row in rows}))}
    return {
        cell: (
            sum(of.values()), len(of), sum(KEY * numbers[p] for p in of) % KEYS,
            max(of.values()), sum(sorted(of.values())[-2:]),
        )
        for cell, of in parts.items()
    }  # fmt: skip


def counted(rows: dict[Row, int], of: Measure, filters: int) -> Cells:
    """The same by the engine."""
    names = ("person_id", *STAY, "quarter", *OWN, "what")
    frame = pl.DataFrame([(*row, n) for row, n in rows.items()], schema=[*names, "n"], orient="row")
    with duckdb.connect() as con:
        engine = DuckDB(con)
        engine.take("stays", frame.select("person_id", *STAY).unique())
        engine.take("rows_of", frame)
        agencies._people(
            AgencyRecords(engine),
            agencies.Wanted(keys=lambda ids: KEY * pl.int_range(len(ids), eager=True)),
        )
        groups = grouped(engine, filters)
        cells = cubes_of(engine, [(of, ROWS_OF)], tuple(PERIODS), groups)[of.id]
    place = [name for name in cells.columns if name not in BEHIND]
    result = {row[:-5]: row[-5:] for row in cells.select(*place, *BEHIND).iter_rows()}
    assert len(result) == cells.height, "a cell has one row"
    return result


@pytest.mark.parametrize(("filters", "one_at_a_time"), [(1, True), (4, False)])
@settings(max_examples=8, derandomize=True, phases=[Phase.generate])
@given(rows=ROWS, at_end=st.sampled_from(((), ("held",), ("done", "held"))))
def test_every_cell_is_what_its_people_add_up_to(
    filters: int, one_at_a_time: bool, rows: dict[Row, int], at_end: tuple[str, ...]
) -> None:
    of = measure(one_at_a_time=one_at_a_time, at_end=at_end)
    assert counted(rows, of, filters) == by_hand(rows, of, filters)


def test_measures_counted_together_have_the_cells_of_those_counted_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with duckdb.connect() as con:
        make(con, 1000)
        records = current.records(con, numbered=True)
        together = agencies.count(records).cubes
        monkeypatch.setattr(DuckDB, "together", 0)
        alone = agencies.count(records).cubes
    assert together.keys() == alone.keys()
    differing = [id for id in alone if not ordered(together[id]).equals(ordered(alone[id]))]
    assert differing == []
    assert all(cells.height for cells in alone.values())


def ordered(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.sort(cells.columns)
