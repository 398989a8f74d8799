"""CPU of a rerun of the overview, with and without Streamlit's collection of garbage after it.

The empty page is benchmarks/reference.py; all four servers run at once and are visited in turn.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.data import DEMONSTRATION, made
from benchmarks.pages import visitor
from benchmarks.rows import Row, plain, step
from benchmarks.server import APP, REFERENCE, cost


@dataclass(frozen=True)
class Sizes:
    """Interviews and people of the releases; so many trials of so many reruns; which servers."""

    interviews: int
    people: int | None
    trials: int
    runs: int
    collecting: tuple[str, ...]


FULL = Sizes(DEMONSTRATION, None, 9, 10, ("off", "on"))
SMOKE = Sizes(0, 0, 1, 1, ("off",))
OPTION = {word: ("--runner.postScriptGC", str(word == "on").lower()) for word in FULL.collecting}


def run(sizes: Sizes) -> Iterator[Row]:
    """Milliseconds of CPU that a rerun costs the server."""
    ours = made(sizes.interviews, sizes.people).environment
    with ExitStack() as stack:
        at = {
            f"{what}, postScriptGC {word}, CPU ms": visitor(stack, script, given, OPTION[word])
            for what, script, given in (("overview", APP, ours), ("empty page", REFERENCE, None))
            for word in sizes.collecting
        }
        for server, visit in at.values():
            cost(server, visit, "", "", runs=sizes.runs)
        step(f"{sizes.trials} trials of four servers")
        trials = [
            {what: 1000 * cost(*visited, "", "", runs=sizes.runs) for what, visited in at.items()}
            for _ in range(sizes.trials)
        ]
    yield from [plain(what, [trial[what] for trial in trials]) for what in at]
