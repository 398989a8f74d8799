"""Agency cubes from 10,000 to 10,000,000 events: seconds, memory, and growth against linear.

Each size is a process of its own, on people with 100 events each: a third of them offences, a
third appointments, a third spread over arrests, tests, incidents and breaches. Growth is the time
per event at a size over that at a tenth of it; at most 1 is at most linear.
"""

import json
import subprocess
import sys
from itertools import pairwise

from benchmarks.rows import Row, plain

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
# A busy machine is allowed for.
MOST_GROWTH = 1.2

_COUNT = """
import json, resource, sys, time
import duckdb
from iomdash import odcs
from iomdash.measures import agency
events = int(sys.argv[1])
people = events // 100
con = duckdb.connect()
con.execute("set threads = 2")
for table in odcs.AGENCY_TABLES:
    columns = ", ".join(f"{c.name} {c.sql_type}" for c in odcs.load(table).columns)
    con.execute(f"create table {table} ({columns})")
con.execute("create table extracts as select unnest(?) as table_name, date '2026-07-01' as "
            "extracted_on", [list(odcs.AGENCY_TABLES)])
day = "cast(date '2023-07-01' + cast(hash(i, {}) % 1090 as integer) as date)"
pick = "['{}'][1 + cast(hash(i, {}) % {} as integer)]"
def one_of(seed, *values):
    return pick.format("','".join(values), seed, len(values))
who = f"'p' || (i % {people})"
def fill(table, rows, **columns):
    names, cells = ", ".join(columns), ", ".join(columns.values())
    con.execute(f"insert into {table} ({names}) select {cells} from range({rows}) t(i)")
fill("adoptions", people, adoption_id="i", person_id=who, adopted_on=day.format(1),
     cohort=one_of(2, "PPO", "HCCU", "SPOS", "DV&A"), provider=one_of(3, "NPS", "CRC"),
     supervision=one_of(4, "statutory", "voluntary"),
     area=one_of(5, "oldbury", "tipton", "smethwick"))
fill("offences", events // 3, offence_id="i", person_id=who, committed_on=day.format(6),
     proven_on=day.format(6), harm_group=one_of(7, "robbery", "theft"))
fill("appointments", events // 3, appointment_id="i", person_id=who, due_on=day.format(8),
     agency=one_of(9, "probation", "police"), site=one_of(10, "a", "b", "c"),
     joint=one_of(11, "yes", "no"), outcome=one_of(12, "kept", "missed"))
rest = events // 12
fill("arrests", rest, arrest_id="i", person_id=who, arrested_on=day.format(13))
fill("drug_tests", rest, test_id="i", person_id=who, tested_on=day.format(14),
     result=one_of(15, "positive", "negative"))
fill("domestic_incidents", rest, incident_id="i", person_id=who, happened_on=day.format(16),
     risk=one_of(17, "standard", "high"))
fill("breaches", rest, breach_id="i", person_id=who, breached_on=day.format(18),
     kind=one_of(19, "breach", "recall"))
fill("custody_spells", people, custody_id="i", person_id=who, from_on=day.format(20),
     to_on="cast(" + day.format(20) + " + 30 as date)")
begun = time.perf_counter()
cubes = agency.count(con)
took = time.perf_counter() - begun
assert all(cube is not None for cube in cubes.values())
print(json.dumps({
    "s": took, "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}))
"""


def run() -> list[Row]:
    """Seconds and GiB of each size, and growth from each to the next."""
    found = {size: _measured(size) for size in SIZES}
    rows: list[Row] = []
    for size, trial in found.items():
        rows.append(plain(f"{size:,} events, s", [trial["s"]]))
        rows.append(plain(f"{size:,} events, peak memory, GiB", [trial["gib"]]))
    for small, large in pairwise(SIZES):
        growth = (found[large]["s"] / large) / (found[small]["s"] / small)
        rows.append(plain(f"time per event, {large:,} to {small:,}", [growth], MOST_GROWTH))
    return rows


def _measured(size: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT, str(size)], capture_output=True, text=True, check=True
    )
    # After the bar that DuckDB draws of slow queries.
    return json.loads(done.stdout[done.stdout.rindex("{") :])
