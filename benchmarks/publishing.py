"""Publishing from end to end: the study, a wave of interviews and agencies of so many people.

The vault is made and loaded first, and then published once, both audiences with their attack. It
may take at most as many times longer as there are more people. Each number of people has a process
of its own, of which memory is the most that it held.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context

from benchmarks.data import DEMONSTRATION, made
from benchmarks.rows import Row, plain, ratio, step
from benchmarks.server import peak_of


@dataclass(frozen=True)
class Sizes:
    """Numbers of people, the fewest first, and of interviews."""

    people: tuple[int, ...]
    interviews: int


WORKED = "publishing, CPU s"
FULL = Sizes((260, 2_600, 26_000), DEMONSTRATION)
SMOKE = Sizes((0,), 0)


def run(sizes: Sizes) -> Iterator[Row]:
    """Seconds and GiB by number of people, then each growth against that of people."""
    spent: dict[int, float] = {}
    for people in sizes.people:
        step(f"{people:,} people")
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            measured = alone.submit(_measured, sizes.interviews, people).result()
        spent[people] = measured[WORKED]
        for what, figure in measured.items():
            yield plain(f"{people:,} people: {what}", [figure])
    for few, many in pairwise(sizes.people):
        grown = spent[few] * many / few
        what = f"publishing {many:,} people, CPU to as many times that of {few:,}"
        yield ratio(what, [spent[many]], [grown], 1.0)


def _measured(interviews: int, people: int) -> dict[str, float]:
    data = made(interviews, people)
    return {
        "making the files, s": data.generated,
        "loading them, s": data.loaded,
        "publishing, s": data.published,
        WORKED: data.worked,
        "peak memory, GiB": peak_of("self"),
    }
