"""Every question that a release answers, as counts over the atoms of a wave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from iomdash.counting.interviews import RawCounts, asked
from iomdash.declared.codebook import DERIVED, STANCES, is_sensitive
from iomdash.declared.information_sheet import FIELDS, NOT_STATED
from iomdash.declared.scheme import OUTCOMES
from iomdash.disclosure.figures import Tally
from iomdash.disclosure.population import Population
from iomdash.disclosure.span import Bools, Ints

CODE, PROFILE, PAIR, RECRUITMENT = "code", "profile", "pair", "recruitment"
SILENT = "not raised"
CROSSED = ("only_one", "only_other", "both_codes")


@dataclass(frozen=True)
class Counted:
    """A tally with the people of each atom who gave each answer: atoms x answers.

    `together` are answers that are shown as one. `rests_on` are codes without which it may not
    be shown.
    """

    tally: Tally
    counts: Ints
    sensitive: bool
    rests_on: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """Answers as they are shown, the joined ones as one."""
        return self.together or tuple((answer,) for answer in self.tally.answers)

    def count(self, mask: Bools, answers: tuple[str, ...]) -> int:
        """People of some atoms who gave one of the answers."""
        places = [self.tally.answers.index(answer) for answer in answers]
        return int(self.counts[mask][:, places].sum())


def codes(raw: RawCounts, world: Population) -> Iterator[Counted]:
    """Stances on every code, then those among people who met a condition."""
    frames = _by(raw.codes, world.wave, ("code", "among"))
    bases = _by(raw.conditions, world.wave, ("among",))
    for code, among in sorted(asked(), key=lambda pair: bool(pair[1]) or pair[0] in DERIVED):
        frame = frames.get((code, among))
        counts = _counts(world, frame, STANCES)
        parts = DERIVED[code].parts if code in DERIVED else ()
        if not among:
            yield Counted(Tally(CODE, code, "", STANCES), counts, is_sensitive(code), parts)
            continue
        base = _counts(world, bases.get((among,)), ("n",))
        silent = base - counts.sum(axis=1, keepdims=True)
        yield Counted(
            Tally(CODE, code, among, (*STANCES, SILENT)),
            np.hstack([counts, silent]),
            is_sensitive(code) or is_sensitive(among),
            (among,),
        )


def pairs(raw: RawCounts, world: Population) -> Iterator[Counted]:
    """Two codes crossed."""
    for (one, other), frame in sorted(_by(raw.pairs, world.wave, ("one", "other")).items()):
        yield Counted(
            Tally(PAIR, f"{one} x {other}", "", CROSSED),
            _counts(world, frame, CROSSED),
            is_sensitive(one) or is_sensitive(other),
            (one, other),
        )


def profile(raw: RawCounts, world: Population, whole: Bools, smallest: int) -> Iterator[Counted]:
    """Fields of the information sheet; answers that few of the whole wave gave are joined."""
    frames = _by(raw.profile, world.wave, ("field", "answer"))
    for field in FIELDS:
        columns = {
            answer: _counts(world, frames.get((field.id, stored)), ("n",))
            for answer, stored in (*((a, a) for a in field.answers), (NOT_STATED, ""))
        }
        yield _merged(Tally(PROFILE, field.id, "", ()), columns, whole, smallest, field.sensitive)


def recruitment(
    raw: RawCounts, world: Population, whole: Bools, smallest: int
) -> Iterator[Counted]:
    """Outcomes of approaches; those of few in the whole wave are joined."""
    blank = raw.recruitment.with_columns(
        provider=pl.lit(""), supervision=pl.lit(""), setting=pl.lit("")
    )
    frames = _by(blank, world.wave, ("outcome",))
    columns = {o.name: _counts(world, frames.get((o.id,)), ("n",)) for o in OUTCOMES}
    yield _merged(Tally(RECRUITMENT, "outcomes", "", ()), columns, whole, smallest, False)


def _merged(
    tally: Tally, columns: dict[str, Ints], whole: Bools, smallest: int, sensitive: bool
) -> Counted:
    totals = [(answer, int(counts[whole].sum())) for answer, counts in columns.items()]
    named = Tally(tally.kind, tally.name, "", tuple(columns))
    joined = tuple(merge_small(totals, smallest))
    return Counted(named, np.hstack([*columns.values()]), sensitive, together=joined)


def merge_small(counts: Sequence[tuple[str, int]], smallest: int) -> list[tuple[str, ...]]:
    """Answers with those of fewer than `smallest` people joined into one, which then reaches it.

    Keeps the given order; answers that nobody gave stay alone. The joined ones stand last.
    """
    small = [(answer, n) for answer, n in counts if 0 < n < smallest]
    rest = [pair for pair in counts if pair not in small]
    while small and sum(n for _, n in small) < smallest and any(n for _, n in rest):
        least = min((pair for pair in rest if pair[1]), key=lambda pair: pair[1])
        rest.remove(least)
        small.append(least)
    order = [answer for answer, _ in counts]
    names = tuple(sorted((answer for answer, _ in small), key=order.index))
    return [(answer,) for answer, _ in rest] + ([names] if names else [])


def _by(
    frame: pl.DataFrame, wave: str, keys: tuple[str, ...]
) -> dict[tuple[str, ...], pl.DataFrame]:
    mine = frame.filter(pl.col("wave") == wave)
    parts = mine.partition_by(keys, as_dict=True) if mine.height else {}
    return {tuple(str(part) for part in key): rows for key, rows in parts.items()}


def _counts(world: Population, frame: pl.DataFrame | None, columns: Sequence[str]) -> Ints:
    if frame is None:
        return np.zeros((len(world.atoms), len(columns)), dtype=np.int64)
    return world.counts(frame, columns)
