"""Publishing from end to end: the study, a wave of interviews and agencies of so many people.

The vault is made and loaded first, and then published once, both audiences with their attack. It
may take at most as many times longer as there are more people. Memory is the most that the process
has held so far, so that it is told of the most people.
"""

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.data import DEMONSTRATION, made
from benchmarks.rows import Row, plain, ratio, step


@dataclass(frozen=True)
class Sizes:
    """Numbers of people, the fewest first, and of interviews."""

    people: tuple[int, ...]
    interviews: int


FULL = Sizes((260, 2_600, 26_000), DEMONSTRATION)
SMOKE = Sizes((0,), 0)


def run(sizes: Sizes) -> Iterator[Row]:
    """Seconds and GiB by number of people, then each growth against that of people."""
    spent: dict[int, float] = {}
    for people in sizes.people:
        step(f"{people:,} people")
        data = made(sizes.interviews, people)
        spent[people] = data.worked
        yield plain(f"{people:,} people: making the files, s", [data.generated])
        yield plain(f"{people:,} people: loading them, s", [data.loaded])
        yield plain(f"{people:,} people: publishing, s", [data.published])
        yield plain(f"{people:,} people: publishing, CPU s", [data.worked])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        yield plain(f"{people:,} people: peak memory, GiB", [peak])
    for few, many in pairwise(sizes.people):
        grown = spent[few] * many / few
        what = f"publishing {many:,} people, CPU to as many times that of {few:,}"
        yield ratio(what, [spent[many]], [grown], 1.0)
