"""What is shown, as the attacker reads it: cells, each about a group and some answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from iomdash.declared.groups import Group
from iomdash.disclosure.population import NOW

Answers = tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """A question with answers that exclude each other. `among` narrows it to who met a condition.

    `kind` is "code", "profile", "pair" or "recruitment", `name` a code, field or pair of codes.
    """

    kind: str
    name: str
    among: str
    answers: Answers

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in every release; the answers may grow."""
        return self.kind, self.name, self.among

    @property
    def words(self) -> str:
        """What it counts, for messages."""
        return f"{self.kind} {self.name}{f' among {self.among}' if self.among else ''}"


@dataclass(frozen=True)
class Cell:
    """From `least` to `most` people of a group gave one of the answers, in a release or now.

    `said` is what was counted, in words, where the answers are not.
    """

    group: Group
    answers: Answers
    least: int
    most: int
    release: str = NOW
    said: str = ""

    @property
    def exact(self) -> bool:
        """Whether the cell shows a single number."""
        return self.least == self.most

    @property
    def words(self) -> str:
        """The cell as a reader saw it, for messages."""
        where = ", ".join(part for part in self.group.key if part != "All")
        count = f"{self.least}" if self.exact else f"{self.least} to {self.most}"
        when = "" if self.release == NOW else f", release {self.release}"
        return f"{self.said or ' or '.join(self.answers)}: {count} in {where}{when}"


def exact(group: Group, answers: Sequence[str], count: int, release: str = NOW) -> Cell:
    """A cell that shows a single number."""
    return Cell(group, tuple(answers), count, count, release)
