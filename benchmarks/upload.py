"""A million codings through the workbench's Upload, from the sent file to its preview: CPU, memory.

A process is the workbench's server but for the look of the page: it keeps the file, recognises
it, and checks it in a thread against a vault of 20,000 interviews, as each press of Check does.
It does so again and again, as memory that grows shows in the last time only.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import load
from benchmarks.rows import Row, plain, step

FULL, SMOKE = load.FULL, load.SMOKE
MOST_MEMORY = 1.5  # GiB

_SERVER = """
import json, resource, sys, time
from pathlib import Path
from iomdash.intake.contracts import suite
from iomdash.workbench.desk import Desk
suite.warm()
desk = Desk(Path(sys.argv[1]))
cpu, steps, peaks = [], set(), []
for _ in range(int(sys.argv[3])):
    begun = time.process_time()
    with open(sys.argv[2], "rb") as file:
        desk.add("codings.csv", file)
    desk.check()
    while not desk.task.wait(0.02):
        steps.add(desk.task.step)
    desk.settle()
    assert desk.sound, desk.error
    cpu.append(time.process_time() - begun)
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
print(json.dumps({"cpu": cpu, "peaks": peaks, "steps": len(steps - {""})}))
"""


def run(sizes: load.Sizes) -> Iterator[Row]:
    """CPU seconds, GiB, and how many stages the page was told."""
    with tempfile.TemporaryDirectory() as folder:
        step(f"making a file of {sizes.codings:,} codings, and a vault of their interviews")
        file = load.codings(Path(folder) / "codings.csv", sizes)
        load.prepare(Path(folder) / "vault", Path(folder) / "interviews.csv", sizes.interviews)
        done = subprocess.run(
            [sys.executable, "-c", _SERVER, str(Path(folder) / "vault"), str(file),
             str(sizes.trials)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    measured = json.loads(done.stdout.splitlines()[-1])
    yield from [
        plain("upload to preview, CPU, s", measured["cpu"]),
        plain("peak memory of the server, GiB", [measured["peaks"][-1]], MOST_MEMORY),
        plain("of that after the first upload, GiB", [measured["peaks"][0]]),
        plain("stages that the page is told", [measured["steps"]]),
    ]
