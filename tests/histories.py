"""Waves made by hand and released again and again, for tests of disclosure control.

A `Person` has attributes and answers; a wave is a list of them. Each release is protected with
all earlier ones known, as `publish` does, but without a vault, and for a few questions alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import polars as pl
from bruteforce import Statement

from iomdash.counting.interviews import COUNTS, RawCounts
from iomdash.declared.codebook import STANCES
from iomdash.declared.groups import ATOM, Group
from iomdash.disclosure.figures import Cell, Tally
from iomdash.disclosure.interviews.shield import Earlier, Shield
from iomdash.disclosure.interviews.tallies import CODE, CROSSED, PAIR, SILENT, Counted
from iomdash.disclosure.policy import InterviewRules, Policy, for_audience
from iomdash.disclosure.population import Population

WAVE = "2030"
BOARD = for_audience("board")
SCHEMA = {**dict.fromkeys(ATOM, pl.String), "n": pl.Int64}
Key = tuple[str, str, str]
KEY: Key = ("code", "made.up", "")
Attributes = tuple[str, str, str, str]


@dataclass(frozen=True)
class Person:
    """Cohort, provider, supervision and setting, and what they said ('' for nothing).

    `other` is what they said on a second code.
    """

    name: int
    attributes: Attributes
    stance: str
    version: int = 0
    other: str = ""


class Question(NamedTuple):
    """A tally, what a person answers to it ('' for nothing), and the statement's answers of each.

    Answers of a statement are numbers that all questions of a history share.
    """

    tally: Tally
    answer: Callable[[Person], str]
    places: Mapping[str, frozenset[int]]


SINGLE = Question(
    Tally(*KEY, STANCES), lambda p: p.stance, {s: frozenset({i}) for i, s in enumerate(STANCES)}
)
# Two codes and one that is made of them. Said yes to: 0 the one alone, 1 the other alone, 2 both.
ONE, OTHER, EITHER = "offence_work.lacking", "programmes.not_helpful", "behaviour_work.lacking"


def _on_two(
    kind: str, name: str, among: str, answers: tuple[str, ...], *places: set[int]
) -> Question:
    at = {answer: frozenset(some) for answer, some in zip(answers, places, strict=False)}

    def answer(person: Person) -> str:
        place = {("yes", ""): 0, ("", "yes"): 1, ("yes", "yes"): 2}.get(
            (person.stance, person.other)
        )
        return next((answer for answer, some in at.items() if place in some), "")

    return Question(Tally(kind, name, among, answers), answer, at)


TWO_CODES = (
    _on_two(CODE, ONE, "", STANCES, {0, 2}),
    _on_two(CODE, OTHER, "", STANCES, {1, 2}),
    _on_two(CODE, EITHER, "", STANCES, {0, 1, 2}),
    _on_two(CODE, OTHER, ONE, (*STANCES, SILENT), {2}, set(), set(), {0}),
    _on_two(PAIR, f"{ONE} x {OTHER}", "", CROSSED, {0}, {1}, {2}),
)


def policy(smallest: int, width: int = 1) -> Policy:
    """The board's policy with another threshold, and another width of bounds."""
    return replace(BOARD, interviews=InterviewRules(smallest, smallest, width))


def sizes(atoms: dict[tuple[str, ...], int], wave: str = WAVE) -> pl.DataFrame:
    """People by atom: attributes, and life if it is not 'now'."""
    rows = [(wave, *(*atom, "now")[:5], n) for atom, n in atoms.items()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def raw(frame: pl.DataFrame) -> RawCounts:
    """Counts in which nothing but the sizes is filled in."""
    empty = pl.DataFrame(schema={**dict.fromkeys(ATOM, pl.String), "n": pl.Int64})
    return RawCounts(**{name: frame if name == "sizes" else empty for name in COUNTS})


def counted(
    world: Population, answers: dict[tuple[str, ...], Sequence[int]], sensitive: bool
) -> Counted:
    """Stances by atom (without wave), in the order of the world's atoms."""
    rows = [answers.get(atom[1:], (0, 0, 0)) for atom in world.atoms]
    counts = np.array(rows, dtype=np.int64).reshape(len(rows), len(STANCES))
    return Counted(Tally(*KEY, STANCES), counts, sensitive)


@dataclass
class History:
    """Releases of one wave and some questions, oldest first, and everything they showed."""

    smallest: int
    sensitive: bool = False
    width: int = 1
    questions: Sequence[Question] = (SINGLE,)
    cells: list[tuple[Question, Cell]] = field(default_factory=list)
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
        everybody = sizes(dict(Counter((*p.attributes, life) for p, life in lives.items())))
        before: dict[tuple[str, Key], tuple[Cell, ...]] = {}
        for question, cell in self.cells:
            key = (WAVE, question.tally.key)
            before[key] = (*before.get(key, ()), cell)
        earlier = Earlier(before, {"interview": tuple(self.groups)}, everybody)
        now = everybody.filter(pl.col("life").str.ends_with("now"))
        shield = Shield(raw(now), WAVE, policy(self.smallest, self.width), earlier)
        self.number += 1
        name = str(self.number)
        for question in self.questions:
            said = Counter(((*p.attributes, life), question.answer(p)) for p, life in lives.items())
            counts = [
                [said[atom[1:], answer] for answer in question.tally.answers]
                for atom in shield.world.atoms
            ]
            asked = Counted(question.tally, np.array(counts, dtype=np.int64), self.sensitive)
            shown = shield.code(asked).cells
            self.cells += [(question, replace(cell, release=name)) for cell in shown]
        self.groups += [(name, group) for group in shield.shown]
        for person in people:
            self.counted_in.setdefault(person, []).append(self.number)
        return shield

    def _members(self, group: Group, release: str) -> frozenset[int]:
        return frozenset(
            i for i, atom in enumerate(self._order)
            if int(release) in atom[4:]
            and all(
                wanted == "All" or atom[place] in wanted.split("+")
                for place, wanted in enumerate(group.key[1:])
            )
        )  # fmt: skip

    @property
    def _order(self) -> list[tuple[str | int, ...]]:
        return sorted({(*p.attributes, *lived) for p, lived in self.counted_in.items()}, key=str)

    def statements(self) -> tuple[list[int], list[Statement], list[frozenset[int]]]:
        """Sizes of the atoms, all statements on them, and the whole wave in each release."""
        people = Counter((*p.attributes, *lived) for p, lived in self.counted_in.items())
        statements = [
            Statement(
                self._members(cell.group, cell.release),
                frozenset().union(*(question.places.get(a, frozenset()) for a in cell.answers)),
                cell.least,
                cell.most,
            )
            for question, cell in self.cells
        ]
        whole = [self._members(Group(WAVE), str(n + 1)) for n in range(self.number)]
        return [people[atom] for atom in self._order], statements, whole

    def shown(self) -> list[frozenset[int]]:
        """Atoms of every group that was ever shown, numbered as in `told`."""
        return [self._members(group, name) for name, group in self.groups]
