"""The attack on a whole release: everything an audience was shown, against everybody counted."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import duckdb
import polars as pl

from iomdash.disclosure import ledger, shown
from iomdash.disclosure.attack import Attack, Fall, Rules, attack, explain
from iomdash.disclosure.figures import Cell
from iomdash.disclosure.policy import Policy
from iomdash.disclosure.shown import Key
from iomdash.disclosure.solvers import Contradiction
from iomdash.disclosure.tallies import CODE, PAIR, PROFILE, is_sensitive
from iomdash.disclosure.world import World
from iomdash.profile import FIELDS
from iomdash.release import Release

CONTRADICTION = "figures of different releases contradict each other"


@dataclass(frozen=True)
class Breach:
    """A figure on fewer people than may be shown, what it is of, and the cells that gave it."""

    wave: str
    tally: str
    people: int
    answers: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def words(self) -> str:
        """The breach in words, without the figure itself."""
        gave = "; ".join(self.cells) or CONTRADICTION
        return f"Wave {self.wave}, {self.tally}: a figure on {self.people} people, from: {gave}."


@dataclass(frozen=True)
class Report:
    """What was attacked, what fell, and how long it took, in seconds.

    `allowed`: figures that follow from a group's own 0 or 100 %. `complete`: whether every
    set of few people could be tried.
    """

    audience: str
    release: int
    releases: tuple[int, ...]
    groups: int
    cells: int
    sets: int
    allowed: int
    complete: bool
    breaches: tuple[Breach, ...]
    seconds: float

    def as_json(self) -> Mapping[str, object]:
        """The report as plain data."""
        return asdict(self)

    @property
    def words(self) -> str:
        """The report in a few lines."""
        with_all = "" if self.complete else " Not every set of few people could be tried."
        head = (
            f"Release {self.release} for the {self.audience}, with releases "
            f"{', '.join(map(str, self.releases))}: {self.groups} groups, {self.cells:,} cells, "
            f"{self.sets:,} sets of few people attacked in {self.seconds:.1f} s."
            f" {self.allowed:,} figures follow from a group's own 0 or 100 %.{with_all}"
        )
        if not self.breaches:
            return f"{head}\nNothing fell."
        return "\n".join([head, f"{len(self.breaches)} fell:", *(b.words for b in self.breaches)])


def audit(
    con: duckdb.DuckDBPyConnection, audience: str, releases: Sequence[Release], policy: Policy
) -> Report:
    """Attack the newest of some releases with all of them. The ledger must be attached."""
    begun = time.monotonic()
    numbers = [release.number for release in releases]
    worlds = _worlds(con, numbers)
    every = shown.together([shown.cells(release) for release in releases])
    newest = str(max(numbers))
    breaches: list[Breach] = []
    attacks: list[Attack] = []
    for (wave, key), cells in every.items():
        if any(cell.release == newest for cell in cells):
            world = worlds[shown.KIND[key[0]], wave]
            found, broken = _one(world, wave, key, cells, newest, policy)
            attacks += [found] if found else []
            breaches += broken
    return Report(
        audience, max(numbers), tuple(numbers),
        groups=len(shown.groups(releases[-1])[ledger.INTERVIEW]),
        cells=sum(map(len, every.values())),
        sets=sum(a.tried for a in attacks),
        allowed=sum(a.allowed for a in attacks),
        complete=all(a.complete for a in attacks),
        breaches=tuple(breaches),
        seconds=time.monotonic() - begun,
    )  # fmt: skip


def _one(
    world: World, wave: str, key: Key, cells: Sequence[Cell], newest: str, policy: Policy
) -> tuple[Attack | None, list[Breach]]:
    tally = " ".join(part for part in key if part)
    answers = tuple(dict.fromkeys(answer for cell in cells for answer in cell.answers))
    rules = Rules(policy.smallest, not _sensitive(key), policy.interviews.bounds_width)
    before = [cell for cell in cells if cell.release != newest]
    now = [cell for cell in cells if cell.release == newest]
    try:
        found = attack(world, answers, before, now, rules)
    except Contradiction:
        return None, [Breach(wave, tally, 0, answers, ())]
    return found, [_breach(world, wave, tally, answers, cells, fall) for fall in found.falls]


def _breach(
    world: World, wave: str, tally: str, answers: tuple[str, ...], cells: Sequence[Cell], fall: Fall
) -> Breach:
    gave = explain(world, answers, cells, fall)
    return Breach(wave, tally, fall.people, fall.answers, tuple(cell.words for cell in gave))


def _sensitive(key: Key) -> bool:
    kind, name, among = key
    if kind == CODE:
        return is_sensitive(name) or is_sensitive(among)
    if kind == PAIR:
        return any(is_sensitive(code) for code in name.split(" x "))
    return kind == PROFILE and any(field.id == name and field.sensitive for field in FIELDS)


def _worlds(
    con: duckdb.DuckDBPyConnection, numbers: Sequence[int]
) -> Mapping[tuple[str, str], World]:
    return {
        (kind, wave): World.of(frame, wave)
        for kind in (ledger.INTERVIEW, ledger.APPROACH)
        for frame in [ledger.counted(con, kind, numbers)]
        for wave in _waves(frame)
    }


def _waves(frame: pl.DataFrame) -> Iterator[str]:
    yield from sorted(frame["wave"].unique().to_list())
