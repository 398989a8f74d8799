"""Waves made by hand and released again and again, for tests of disclosure control.

A `Person` has attributes and an answer; a wave is a list of them. Each release is protected with
all earlier ones known, as `publish` does, but without a vault, and for one code alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from bruteforce import Statement

from iomdash.disclosure.figures import STANCES, Cell, Tally
from iomdash.disclosure.policy import Interviews, Policy, for_audience
from iomdash.disclosure.shield import Earlier, Shield
from iomdash.disclosure.tallies import Counted
from iomdash.disclosure.world import World
from iomdash.groups import ATOM, Group
from iomdash.measures import COUNTS, RawCounts

WAVE = "2030"
BOARD = for_audience("board")
SCHEMA = {**dict.fromkeys(ATOM, pl.String), "n": pl.Int64}
KEY = ("code", "made.up", "")
Attributes = tuple[str, str, str, str]


@dataclass(frozen=True)
class Person:
    """Cohort, provider, supervision and setting, and what he said ('' for nothing)."""

    name: int
    attributes: Attributes
    stance: str
    version: int = 0


def policy(smallest: int) -> Policy:
    """The board's policy with another threshold."""
    return replace(BOARD, interviews=Interviews(smallest, smallest))


def sizes(atoms: dict[tuple[str, ...], int], wave: str = WAVE) -> pl.DataFrame:
    """People by atom: attributes, and life if it is not 'now'."""
    rows = [(wave, *(*atom, "now")[:5], n) for atom, n in atoms.items()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def raw(frame: pl.DataFrame) -> RawCounts:
    """Counts in which nothing but the sizes is filled in."""
    empty = pl.DataFrame(schema={**dict.fromkeys(ATOM, pl.String), "n": pl.Int64})
    return RawCounts(**{name: frame if name == "sizes" else empty for name in COUNTS})


def counted(
    world: World, answers: dict[tuple[str, ...], Sequence[int]], sensitive: bool
) -> Counted:
    """Stances by atom (without wave), in the order of the world's atoms."""
    rows = [answers.get(atom[1:], (0, 0, 0)) for atom in world.atoms]
    counts = np.array(rows, dtype=np.int64).reshape(len(rows), len(STANCES))
    return Counted(Tally(*KEY, STANCES), counts, sensitive)


@dataclass
class History:
    """Releases of one wave and one code, oldest first, and everything they showed."""

    smallest: int
    sensitive: bool = False
    cells: list[Cell] = field(default_factory=list)
    groups: list[tuple[str, Group]] = field(default_factory=list)
    counted_in: dict[Person, list[int]] = field(default_factory=dict)
    number: int = 0

    def release(self, people: Sequence[Person]) -> Shield:
        """Protect what these people said, and remember what was shown."""
        lives = {
            person: " ".join([*map(str, self.counted_in.get(person, [])), *(["now"] * now)])
            for person in {*self.counted_in, *people}
            for now in [person in people]
        }
        atoms = Counter((*person.attributes, life) for person, life in lives.items())
        said = Counter(((*p.attributes, life), p.stance) for p, life in lives.items())
        everybody = sizes(dict(atoms))
        earlier = Earlier(
            {(WAVE, KEY): tuple(self.cells)}, {"interview": tuple(self.groups)}, everybody
        )
        now = everybody.filter(pl.col("life").str.ends_with("now"))
        shield = Shield(raw(now), WAVE, policy(self.smallest), earlier)
        answers = {atom: [said[atom, stance] for stance in STANCES] for atom in atoms}
        kept = shield.code(counted(shield.world, answers, self.sensitive))
        self.number += 1
        name = str(self.number)
        self.cells += [replace(cell, release=name) for cell in kept.cells]
        self.groups += [(name, group) for group in shield.shown]
        for person in people:
            self.counted_in.setdefault(person, []).append(self.number)
        return shield

    def told(self) -> tuple[list[int], list[Statement], list[frozenset[int]]]:
        """Sizes of the atoms, all statements on them, and the whole wave in each release."""
        atoms = Counter((*p.attributes, *lived) for p, lived in self.counted_in.items())
        order = sorted(atoms, key=str)

        def members(group: Group, release: str) -> frozenset[int]:
            return frozenset(
                i for i, atom in enumerate(order)
                if int(release) in atom[4:]
                and all(
                    wanted == "All" or atom[place] in wanted.split("+")
                    for place, wanted in enumerate(group.key[1:])
                )
            )  # fmt: skip

        statements = [
            Statement(
                members(cell.group, cell.release),
                frozenset(STANCES.index(answer) for answer in cell.answers),
                cell.least,
                cell.most,
            )
            for cell in self.cells
        ]
        whole = [members(Group(WAVE), str(n + 1)) for n in range(self.number)]
        return [atoms[atom] for atom in order], statements, whole

    def shown(self) -> list[frozenset[int]]:
        """Atoms of every group that was ever shown, numbered as in `told`."""
        other = replace(self, cells=[Cell(group, (), 0, 0, name) for name, group in self.groups])
        return [statement.atoms for statement in other.told()[1]]
