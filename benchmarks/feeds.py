"""Feeds of a million events into the vault: CPU against DuckDB reading the same files, and memory.

The files are those of the synthetic agencies that send CSV, in their own headers, date styles and
codes; an agency's workbook is left out, as DuckDB alone reads none. One process loads every file
through both contracts into a new vault; another reads each into a table of a new database file,
types sniffed. Both run on the same two cores, three times in turn, and are timed from opening
their database to closing it. The import of Great Expectations is told apart, as a process pays it
once for all its files; the ratio with every import takes the two processes whole.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rows import Row, plain, ratio, step
from iomdash.study import agencies


@dataclass(frozen=True)
class Sizes:
    """At least so many events of so many people; the load is tried so often."""

    events: int
    people: int
    trials: int


FULL = Sizes(1_000_000, 10_900, 3)
SMOKE = Sizes(1, 12, 1)
THREADS = 2
MOST_TIME = 2.0

Trials = dict[str, list[float]]
Files = dict[str, str]

_IOMDASH = """
import json, resource, sys, time
begun = time.process_time()
from iomdash.intake.contracts import suite
from iomdash.vault.writer import Vault
files = json.load(sys.stdin)
own = time.process_time()
suite.warm()
imported = time.process_time(); clock = time.perf_counter()
with Vault.open(sys.argv[1]) as vault:
    rows = sum(vault.load(feed, file).rows for feed, file in files.items())
done = time.process_time()
print(json.dumps({
    "rows": rows, "cpu": done - imported, "time": time.perf_counter() - clock,
    "great_expectations": imported - own, "process": done,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}))
"""

_DUCKDB = """
import json, resource, sys, time
import duckdb
files = json.load(sys.stdin)
imported = time.process_time(); clock = time.perf_counter()
con = duckdb.connect(sys.argv[1])
rows = 0
for feed, file in files.items():
    con.execute(f"create table {feed} as select * from read_csv(?)", [file])
    rows += con.execute(f"select count(*) from {feed}").fetchall()[0][0]
con.close()
done = time.process_time()
print(json.dumps({
    "rows": rows, "cpu": done - imported, "time": time.perf_counter() - clock, "process": done,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}))
"""


def run(sizes: Sizes) -> Iterator[Row]:
    """Ratios to DuckDB alone, CPU seconds, and GiB."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _measured(Path(folder), sizes)
    yield from [
        ratio("feeds, CPU time to DuckDB alone", ours["cpu"], theirs["cpu"], MOST_TIME),
        ratio("feeds, time to DuckDB alone", ours["time"], theirs["time"]),
        ratio("feeds with every import, CPU of the process", ours["process"], theirs["process"]),
        ratio("feeds, peak memory to DuckDB alone", ours["peak"], theirs["peak"]),
        plain("feeds, CPU, s", ours["cpu"]),
        plain("DuckDB alone, CPU, s", theirs["cpu"]),
        plain("import of Great Expectations, CPU, s", ours["great_expectations"]),
        plain("events", ours["rows"]),
        # The most of any trial: a peak that was reached once can be reached again.
        plain("peak memory, GiB", [max(ours["peak"])]),
    ]


def _measured(folder: Path, sizes: Sizes) -> tuple[Trials, Trials]:
    step(f"making the files of {sizes.people:,} people")
    files = _files(folder, sizes.people)
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    environment = {**os.environ, "IOMDASH_KEY": str(folder / "key")}
    for trial in range(sizes.trials):
        step(f"trial {trial + 1} of {sizes.trials}")
        ours.append(_process(_IOMDASH, folder / f"vault{trial}", files, environment))
        theirs.append(_process(_DUCKDB, folder / f"alone{trial}.duckdb", files, environment))
    assert {item["rows"] for item in (*ours, *theirs)} == {ours[0]["rows"]}
    assert ours[0]["rows"] >= sizes.events
    return _by_name(ours), _by_name(theirs)


def _files(folder: Path, people: int) -> Files:
    """The last extract of each agency that sends CSV, by feed."""
    sent = agencies.write(folder, people=people)
    return {feed: str(made[-1]) for feed, made in sent.items() if made[-1].suffix == ".csv"}


def _by_name(trials: list[dict[str, float]]) -> Trials:
    return {what: [trial[what] for trial in trials] for what in trials[0]}


def _process(
    code: str, database: Path, files: Files, environment: dict[str, str]
) -> dict[str, float]:
    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    done = subprocess.run(
        [sys.executable, "-c", code, str(database)], input=json.dumps(files), env=environment,
        check=True, capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])  # after any progress bar
