"""Disclosure control: the demonstration's protection and audit, and growth with groups, releases.

Growth is measured on made-up waves of one code, without a vault; the exponent is the slope of a
line through the logarithms, so 2 is quadratic.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import TypeVar

import numpy as np
import polars as pl

from benchmarks.data import DEMONSTRATION, made
from benchmarks.rows import Row, plain, step
from iomdash.counting.interviews import COUNTS, RawCounts
from iomdash.declared.codebook import STANCES
from iomdash.declared.groups import ATOM, Group
from iomdash.declared.scheme import COHORTS
from iomdash.disclosure.figures import Cell, Tally
from iomdash.disclosure.interviews.shield import Earlier, Shield
from iomdash.disclosure.interviews.tallies import Counted
from iomdash.disclosure.policy import for_audience

WAVE, KEY = "2030", ("code", "made.up", "")
SCHEMA = {**dict.fromkeys(ATOM, pl.String), "n": pl.Int64}
BATCH = 8  # people by atom that each release adds: enough never to wait


@dataclass(frozen=True)
class Sizes:
    """Interviews and people of the demonstration; providers and releases by which work grows."""

    interviews: int
    people: int | None
    providers: tuple[int, ...]
    releases: tuple[int, ...]


FULL = Sizes(DEMONSTRATION, None, (4, 14, 40, 110), (1, 2, 5, 10, 20))
SMOKE = Sizes(0, 0, (2, 4), (1, 2))
POLICY = for_audience("board")
T = TypeVar("T")
Atoms = dict[tuple[str, ...], int]


def run(sizes: Sizes) -> Iterator[Row]:
    """Seconds, and exponents of growth."""
    published = made(sizes.interviews, sizes.people).published
    yield plain("demonstration protected, attacked and written, s", [published], 30)
    step("groups named")
    yield from _by_groups(sizes.providers)
    step("releases known")
    yield from _by_releases(sizes.releases)


def _by_groups(providers: tuple[int, ...]) -> list[Row]:
    measured: list[tuple[int, float]] = []
    for n in providers:
        took, (shield, _) = _seconds(lambda n=n: _release(_atoms(n, 1), Earlier({}, {})))
        measured.append((len(shield.offers), took))
    return _measured("groups named", measured)


def _by_releases(releases: tuple[int, ...]) -> list[Row]:
    """One wave that grows with each release; the time of each is with all earlier ones known."""
    cells: list[Cell] = []
    groups: list[tuple[str, Group]] = []
    measured: list[tuple[int, float]] = []
    for number in range(1, max(releases) + 1):
        atoms = _atoms(2, number)
        earlier = Earlier(
            {(WAVE, KEY): tuple(cells)}, {"interview": tuple(groups)}, _frame(atoms)
        )  # fmt: skip
        took, (shield, shown) = _seconds(lambda a=atoms, e=earlier: _release(a, e))
        cells += [replace(cell, release=str(number)) for cell in shown]
        groups += [(str(number), group) for group in shield.shown]
        if number in releases:
            measured.append((number, took))
    return _measured("releases known", measured)


def _release(atoms: Atoms, earlier: Earlier) -> tuple[Shield, Sequence[Cell]]:
    now = _frame(atoms).filter(pl.col("life").str.ends_with("now"))
    shield = Shield(_raw(now), WAVE, POLICY, earlier)
    half = [(n // 2, n - n // 2, 0) for n in shield.world.sizes]
    counted = Counted(Tally(*KEY, STANCES), np.array(half, dtype=np.int64), sensitive=False)
    return shield, shield.code(counted).cells


def _atoms(providers: int, releases: int) -> Atoms:
    """People by attributes and life: the batch of each release stays in all later ones."""
    lives = [
        " ".join([*map(str, range(first, releases)), "now"]) for first in range(1, releases + 1)
    ]
    names = [f"provider {n}" for n in range(providers)]
    cohorts = [cohort.id for cohort in COHORTS]
    places = product(cohorts, names, ("statutory", "voluntary"), ("community",), lives)
    return dict.fromkeys(places, BATCH)


def _frame(atoms: Atoms) -> pl.DataFrame:
    rows = [(WAVE, *atom, n) for atom, n in atoms.items()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _raw(frame: pl.DataFrame) -> RawCounts:
    empty = pl.DataFrame(schema=SCHEMA)
    return RawCounts(**{name: frame if name == "sizes" else empty for name in COUNTS})


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    done = work()
    return time.perf_counter() - begun, done


def _measured(what: str, measured: Sequence[tuple[int, float]]) -> list[Row]:
    sizes, times = np.log(np.array(measured, dtype=float)).T
    slope = float(np.polyfit(sizes, times, 1)[0])
    last = [
        float(np.log(b[1] / a[1]) / np.log(b[0] / a[0])) for a, b in pairwise(measured)
    ][-1:]  # fmt: skip
    return [
        *(plain(f"{n:,} {what}, s", [took]) for n, took in measured),
        plain(f"{what}: exponent of growth", [slope], 2),
        plain(f"{what}: exponent at the end", last, 2),
    ]
