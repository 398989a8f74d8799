"""CPU of a rerun of the overview, with and without Streamlit's collection of garbage after it.

The empty page is benchmarks/reference.py; all four servers run at once and are visited in turn.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.data import DEMONSTRATION, Data
from benchmarks.pages import visitor
from benchmarks.rows import Row, plain
from benchmarks.server import APP, REFERENCE, cost

TRIALS, RUNS = 9, 10
COLLECTING = ("--runner.postScriptGC", "true")
NOT_COLLECTING = ("--runner.postScriptGC", "false")


def run() -> list[Row]:
    """Milliseconds of CPU that a rerun costs the server."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ours = Data(Path(folder) / "usual", DEMONSTRATION).environment
        at = {
            "overview, postScriptGC off, CPU ms": visitor(stack, APP, ours, NOT_COLLECTING),
            "overview, postScriptGC on, CPU ms": visitor(stack, APP, ours, COLLECTING),
            "empty page, postScriptGC off, CPU ms": visitor(stack, REFERENCE, None, NOT_COLLECTING),
            "empty page, postScriptGC on, CPU ms": visitor(stack, REFERENCE, None, COLLECTING),
        }
        for server, visit in at.values():
            cost(server, visit, "", "", runs=RUNS)
        trials = [
            {what: 1000 * cost(*visited, "", "", runs=RUNS) for what, visited in at.items()}
            for _ in range(TRIALS)
        ]
    return [plain(what, [trial[what] for trial in trials]) for what in at]
