"""The attack on a whole release: everything an audience was shown, against everybody counted."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import polars as pl

from iomdash.disclosure import read_back
from iomdash.disclosure.attacker.agencies import Attacked
from iomdash.disclosure.attacker.attack import Attack, Fall, Rules, attack
from iomdash.disclosure.attacker.explanation import explain
from iomdash.disclosure.attacker.linked import Joint, joint, tied
from iomdash.disclosure.policy import Policy
from iomdash.disclosure.population import Population
from iomdash.disclosure.read_back import CellsByWave, Key
from iomdash.disclosure.solvers import Contradiction
from iomdash.release.reader import Release
from iomdash.vault.ledger import INTERVIEW, KINDS, Ledger

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
    agencies: Attacked = field(default_factory=Attacked)

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
            f"\n{self.agencies.words}"
        )
        if not self.breaches:
            return f"{head}\nNothing fell." if not self.agencies.falls else head
        return "\n".join([head, f"{len(self.breaches)} fell:", *(b.words for b in self.breaches)])


def audit(book: Ledger, audience: str, releases: Sequence[Release], policy: Policy) -> Report:
    """Attack the newest of some releases with all of them. The ledger knows who counted."""
    begun = time.monotonic()
    numbers = [release.number for release in releases]
    worlds = _worlds(book, numbers)
    every = read_back.together([read_back.cells(release) for release in releases])
    newest = str(max(numbers))
    breaches: list[Breach] = []
    attacks: list[Attack] = []
    for wave, keys in _tied(every):
        attacked, broken = _one(
            worlds[read_back.KIND[keys[0][0]], wave], wave, keys, every, newest, policy
        )
        attacks += [attacked] if attacked else []
        breaches += broken
    return Report(
        audience, max(numbers), tuple(numbers),
        groups=len(read_back.groups(releases[-1])[INTERVIEW]),
        cells=sum(map(len, every.values())),
        sets=sum(a.tried for a in attacks),
        allowed=sum(a.allowed for a in attacks),
        complete=all(a.complete for a in attacks),
        breaches=tuple(breaches),
        seconds=time.monotonic() - begun,
    )  # fmt: skip


def _tied(every: CellsByWave) -> Iterator[tuple[str, tuple[Key, ...]]]:
    """Each wave with its tallies, those together that tell of each other."""
    for wave in dict.fromkeys(wave for wave, _ in every):
        left = [key for other, key in every if other == wave]
        while left:
            keys = tied(left[0], left)
            yield wave, keys
            left = [key for key in left if key not in keys]


def _one(
    world: Population,
    wave: str,
    keys: Sequence[Key],
    every: CellsByWave,
    newest: str,
    policy: Policy,
) -> tuple[Attack | None, list[Breach]]:
    before, now = (
        {key: [c for c in every[wave, key] if (c.release == newest) is new] for key in keys}
        for new in (False, True)
    )
    figures = joint(keys, before, now)
    if not figures.now:
        return None, []
    rules = Rules(policy.smallest, not figures.sensitive, policy.interviews.bounds_width)
    try:
        attacked = attack(world, figures.answers, figures.before, figures.now, rules)
    except Contradiction:
        return None, [Breach(wave, " and ".join(map(_words, keys)), 0, (), ())]
    return attacked, [_breach(world, wave, figures, fall) for fall in attacked.falls]


def _breach(world: Population, wave: str, figures: Joint, fall: Fall) -> Breach:
    gave = explain(world, figures.answers, [*figures.before, *figures.now], fall)
    key, answers = figures.asked[fall.answers]
    return Breach(wave, _words(key), fall.people, answers, tuple(cell.words for cell in gave))


def _words(key: Key) -> str:
    return " ".join(part for part in key if part)


def _worlds(book: Ledger, numbers: Sequence[int]) -> Mapping[tuple[str, str], Population]:
    return {
        (kind, wave): Population.of(frame, wave)
        for kind in KINDS
        for frame in [book.counted(kind, numbers)]
        for wave in _waves(frame)
    }


def _waves(frame: pl.DataFrame) -> Iterator[str]:
    yield from sorted(frame["wave"].unique().to_list())
