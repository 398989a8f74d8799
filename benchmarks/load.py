"""Loading a million codings: time against DuckDB reading the same CSV, and peak memory.

Every trial is a process of its own on the same two cores: the loader reads, checks and stores
the file in a vault of 20,000 interviews; DuckDB reads it into a table of a new database file,
types sniffed. Both are timed from opening their database to closing it, three times in turn. The
import of Great Expectations is told apart, as a process pays it once for all its files; the
ratio with every import times the two processes from their first line to their last.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path

from benchmarks.rows import Row, plain, ratio, step
from iomdash.declared import codebook
from iomdash.declared.contracts import odcs
from iomdash.vault.writer import Vault


@dataclass(frozen=True)
class Sizes:
    """Every interview is coded with each of so many codes; the load is tried so often."""

    interviews: int
    codes: int
    trials: int

    @property
    def codings(self) -> int:
        """Rows of the file."""
        return self.interviews * self.codes


FULL = Sizes(20_000, 50, 3)
SMOKE = Sizes(20, 2, 1)
THREADS = 2
MOST_TIME, MOST_CPU, MOST_MEMORY = 3.0, 1.5, 1.5

Trials = dict[str, list[float]]

_IOMDASH = """
import json, resource, sys, time
begun = time.perf_counter()
from pathlib import Path
from iomdash.intake.contracts import suite
from iomdash.vault.writer import Vault
own = time.perf_counter()
suite.warm()
imported = time.perf_counter(); cpu = time.process_time()
with Vault.open(sys.argv[1]) as vault:
    rows = vault.load("codings", sys.argv[2]).rows
done = time.perf_counter()
assert rows == int(sys.argv[3])
print(json.dumps({
    "load": done - imported, "cpu": time.process_time() - cpu,
    "great_expectations": imported - own, "process": done - begun,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}))
"""

_DUCKDB = """
import json, sys, time
begun = time.perf_counter()
import duckdb
imported = time.perf_counter(); cpu = time.process_time()
con = duckdb.connect(sys.argv[1])
con.execute("create table codings as from read_csv(?)", [sys.argv[2]])
assert con.execute("select count(*) from codings").fetchall() == [(int(sys.argv[3]),)]
con.close()
done = time.perf_counter()
print(json.dumps({
    "load": done - imported, "cpu": time.process_time() - cpu, "process": done - begun,
}))
"""


def run(sizes: Sizes) -> Iterator[Row]:
    """Ratios to DuckDB alone, seconds, and GiB."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _measured(Path(folder), sizes)
    yield from [
        ratio("load, time to DuckDB alone", ours["load"], theirs["load"], MOST_TIME),
        ratio("load, CPU time to DuckDB alone", ours["cpu"], theirs["cpu"], MOST_CPU),
        ratio("load with every import, time of the process", ours["process"], theirs["process"]),
        plain("load, s", ours["load"]),
        plain("DuckDB alone, s", theirs["load"]),
        plain("import of Great Expectations, s", ours["great_expectations"]),
        # The most of any trial: a peak that was reached once can be reached again.
        plain("peak memory, GiB", [max(ours["peak"])], MOST_MEMORY),
    ]


def _measured(folder: Path, sizes: Sizes) -> tuple[Trials, Trials]:
    step(f"making a file of {sizes.codings:,} codings, and a vault of their interviews")
    file = codings(folder / "codings.csv", sizes)
    prepare(folder / "vault0", folder / "interviews.csv", sizes.interviews)
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    for trial in range(sizes.trials):
        step(f"trial {trial + 1} of {sizes.trials}")
        vault = folder / f"vault{trial + 1}"
        shutil.copytree(folder / "vault0", vault)
        ours.append(_process(_IOMDASH, vault, file, sizes))
        theirs.append(_process(_DUCKDB, folder / f"alone{trial}.duckdb", file, sizes))
    return _by_name(ours), _by_name(theirs)


def _by_name(trials: list[dict[str, float]]) -> Trials:
    return {what: [trial[what] for trial in trials] for what in trials[0]}


def _process(code: str, database: Path, file: Path, sizes: Sizes) -> dict[str, float]:
    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    done = subprocess.run(
        [sys.executable, "-c", code, str(database), str(file), str(sizes.codings)],
        check=True, capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])  # after any progress bar


def prepare(folder: Path, file: Path, many: int) -> None:
    """A vault of so many interviews, loaded from a file that is made."""
    with Vault.open(folder) as vault:
        vault.load("interviews", _interviews(file, many))


def _interviews(path: Path, many: int) -> Path:
    consents = [
        column.name
        for column in odcs.load("interviews").columns
        if column.name.startswith("consent_")
    ]
    header = ["interview_id", "wave", "cohort", "provider", "supervision", "setting", *consents]
    row = ["2026", "PPO", "CRC", "statutory", "community", *["yes"] * len(consents), "synthetic"]
    with path.open("w") as file:
        print(*header, "origin", sep=",", file=file)
        for number in range(many):
            print(f"iv-{number:05d}", *row, sep=",", file=file)
    return path


def codings(path: Path, sizes: Sizes) -> Path:
    """A file of so many codings of such interviews."""
    days = [f"2026-{month:02d}-{day:02d}" for month in range(1, 10) for day in range(1, 29)]
    cells = zip(
        product(list(codebook.CODES)[: sizes.codes], range(sizes.interviews)),
        cycle(codebook.STANCES),
        cycle(days),
        strict=False,
    )
    with path.open("w") as file:
        print("interview_id,code,stance,coder,coded_on,origin", file=file)
        for (code, number), stance, day in cells:
            file.write(f"iv-{number:05d},{code},{stance},coder-a,{day},synthetic\n")
    return path
