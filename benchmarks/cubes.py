"""Cubes of 10,000 to 10,000,000 agency events: CPU against one scan, peak memory, and growth.

Events are made inside DuckDB by the columns of their contracts, a hundred a person over four
years, and kept as the vault keeps them. A process of its own then hashes every cell once, which is
the scan, makes the current rows of every table, and counts every measure: its SQL a row a person,
then the cells of its cube. Of the most events all of that takes at most twenty scans and 2 GiB. A
tenfold of events may take at most ten times as long.
Pages of agencies' figures are then visited with the fewest and with the most events behind them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb

from benchmarks.data import made
from benchmarks.pages import COHORT, MOST_BY_SIZE, visitor
from benchmarks.rows import Row, plain, ratio, step
from benchmarks.server import APP, cost
from iomdash.declared.contracts import odcs
from iomdash.intake.contracts import lists
from iomdash.publishing.publish import publish
from iomdash.settings import RELEASES, RELEASES_FOLDER, VAULT_FILE
from iomdash.vault import tables

PAGES = (
    "cohorts", COHORT, "pathways", "outcomes", "attendance",
    "said-and-recorded",
)  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """Trials by number of events, pages that are visited, visits, and reruns in a visit."""

    trials: Mapping[int, int]
    pages: tuple[str, ...]
    visits: int
    runs: int

    @property
    def events(self) -> tuple[int, ...]:
        """Numbers of events, the fewest first."""
        return tuple(self.trials)


# The most events are counted once, as that takes minutes.
FULL = Sizes({10_000: 3, 100_000: 3, 1_000_000: 2, 10_000_000: 1}, PAGES, 5, 5)
SMOKE = Sizes({20: 1, 40: 1}, PAGES[:1], 1, 1)
THREADS = 2
EVENTS_A_PERSON = 100
DAYS = 1461  # four years of events
EXTRACT = "date '2026-09-30'"

# Share of all events that each table holds.
SHARES = {
    "offences": 0.12, "arrests": 0.06, "domestic_incidents": 0.04, "sentences": 0.04,
    "custody_spells": 0.02, "appointments": 0.44, "breaches": 0.03, "treatments": 0.03,
    "drug_tests": 0.08, "health_spells": 0.01, "housing_spells": 0.02, "work_spells": 0.02,
    "children_spells": 0.01, "programmes": 0.01, "pathway_needs": 0.07,
}  # fmt: skip

# CPU, as many seconds of a scan; GiB. Both of the most events.
MOST_SCANS, MOST_MEMORY = 20.0, 2.0

_COUNT = """
import json, resource, sys, time
from collections import Counter
import duckdb
from iomdash.counting import agencies
from iomdash.declared.contracts import odcs
from iomdash.vault import current
from iomdash.vault.engine import DuckDB

spent = Counter()

class Timed(DuckDB):
    stage = ""
    def keep(self, name, query):
        begun = time.process_time()
        super().keep(name, query)
        first = name != "tallied" or " join named " not in query
        if first and name not in ("parts", "spread"):
            spent[self.stage] += time.process_time() - begun
    def frame(self, query):
        begun = time.process_time()
        rows = super().frame(query)
        if self.stage == "current":
            spent[self.stage] += time.process_time() - begun
        return rows

with duckdb.connect(sys.argv[1], config={"threads": int(sys.argv[2])}) as con:
    begun = time.process_time()
    for table in odcs.AGENCY_TABLES:
        log = odcs.load(table).stored
        columns = [row[0] for row in con.sql(f"describe {log}").fetchall()]
        con.sql(f"select {', '.join(f'bit_xor(hash({c}))' for c in columns)} from {log}").fetchall()
    scanned = time.process_time()
    clock = time.perf_counter()
    engine = Timed(con)
    engine.stage = "current"
    records = current.records(con, engine, numbered=True)
    engine.stage = "measures"
    cubes = agencies.count(records).cubes
    done = time.process_time()
    elapsed = time.perf_counter() - clock
print(json.dumps({
    "scan": scanned - begun, "all": done - scanned, "elapsed": elapsed, **spent,
    "cubes": done - scanned - sum(spent.values()),
    "cells": sum(cube.height for cube in cubes.values()),
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}))
"""


def run(sizes: Sizes) -> Iterator[Row]:
    """Seconds, GiB and cells by number of events, then each growth against ten times."""
    result: dict[int, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size, trials in sizes.trials.items():
            result[size] = _measured(Path(folder), size, trials)
            yield from _rows(size, result[size], last=size == sizes.events[-1])
    for few, many in pairwise(sizes.events):
        tenfold = [10 * seconds for seconds in result[few]["all"]]
        what = f"cubes of {many:,} events, CPU to ten times that of {few:,}"
        yield ratio(what, result[many]["all"], tenfold, 1.0)
    yield from _pages(sizes)


def _pages(sizes: Sizes) -> list[Row]:
    """CPU of a rerun of each page, with the most events to that with the fewest."""
    spent: dict[int, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for size in (sizes.events[0], sizes.events[-1]):
            step(f"publishing {size:,} events and visiting pages")
            data = shutil.copytree(made(0, 0).folder, Path(folder) / str(size))
            with duckdb.connect(data / VAULT_FILE) as con:
                make(con, size)
            publish(data, data / RELEASES_FOLDER)
            environment = {RELEASES.variable: str(data / RELEASES_FOLDER)}
            server, visit = visitor(stack, APP, environment)
            for page in sizes.pages:
                visit.run(page)
            spent[size] = {
                page: [cost(server, visit, page, "", runs=sizes.runs) for _ in range(sizes.visits)]
                for page in sizes.pages
            }
    few, many = spent[sizes.events[0]], spent[sizes.events[-1]]
    what = f"{sizes.events[-1]:,} events to {sizes.events[0]:,}"
    return [ratio(f"{page}, {what}", many[page], few[page], MOST_BY_SIZE) for page in sizes.pages]


def _rows(size: int, trials: dict[str, list[float]], *, last: bool) -> Iterator[Row]:
    of, scan = f"{size:,} events", trials["scan"]
    yield plain(f"{of}: one scan, CPU s", scan)
    for what in ("current", "measures", "cubes"):
        yield ratio(f"{of}: {what}, CPU to a scan", trials[what], scan)
    most = (MOST_SCANS, MOST_MEMORY) if last else (None, None)
    yield ratio(f"{of}: all of it, CPU to a scan", trials["all"], scan, most[0])
    yield plain(f"{of}: all of it, s", trials["elapsed"])
    yield plain(f"{of}: peak memory, GiB", trials["peak"], most[1])
    yield plain(f"{of}: cells", trials["cells"])


def _measured(folder: Path, size: int, trials: int) -> dict[str, list[float]]:
    step(f"making and counting {size:,} events")
    file = folder / f"{size}.duckdb"
    with duckdb.connect(file, config={"threads": THREADS}) as con:
        make(con, size)
    done = [_process(file) for _ in range(trials)]
    file.unlink()
    return {what: [trial[what] for trial in done] for what in done[0]}


def _process(file: Path) -> dict[str, float]:
    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    done = subprocess.run(
        [sys.executable, "-c", _COUNT, str(file), str(THREADS)],
        check=True, capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def make(con: duckdb.DuckDBPyConnection, events: int) -> None:
    """The agencies' tables as the vault keeps them, with this many events; always the same."""
    tables.prepare(con)
    people = max(events // EVENTS_A_PERSON, 1)
    rows = {"person_links": 0, "adoptions": people * 6 // 5}
    rows |= {table: int(events * share) for table, share in SHARES.items()}
    for table, many in rows.items():
        contract = odcs.load(table)
        # Later days of a row follow its first one, and each is open for more rows than the last.
        days = [c.name for c in contract.columns if c.kind == "date" and c.name != odcs.EXTRACT]
        cells = [_cell(c, contract, days, people) for c in contract.columns]
        rows_of = f"select 'made' as batch_id, {', '.join(cells)} from range({many}) as t(i)"
        con.execute(f"delete from {contract.stored}")
        con.execute(f"insert into {contract.stored} by name {rows_of}")


def _cell(column: odcs.Column, contract: odcs.Contract, days: list[str], people: int) -> str:
    name, dice = column.name, f"cast(hash(i, '{contract.table}.{column.name}') % 1000000 as int)"
    if name == odcs.EXTRACT:
        value = EXTRACT
    elif name == "origin":
        value = "'synthetic'"
    elif name == "person_id":
        value = f"'p:' || md5(cast(i % {people} as varchar))"
    elif name in days:
        value = _day(contract.table, days.index(name), dice)
    elif listed := column.allowed or lists.declared(column.refers_to or ""):
        value = f"list_extract({list(listed)}, {dice} % {len(listed)} + 1)"
    elif name in contract.key:
        value = "cast(i as varchar)"
    else:
        value = f"'site ' || ({dice} % 4)"
    return f"cast({value} as {column.sql_type}) as {name}"


def _day(table: str, place: int, dice: str) -> str:
    first = f"cast(hash(i, '{table}') % {DAYS} as int)"
    day = f"{EXTRACT} - {DAYS} + {first} + {90 * place}"
    if place == 0:
        return day
    return f"if({dice} % 10 < {3 * place} or {day} > {EXTRACT}, null, {day})"
