"""Everything that can go wrong through no fault of the program, as one tree.

IomdashError                what a user can cause or mend; the message is all they see
├── UsageError              exit code 1: a word on the command line or in a URL is off
├── EnvironmentFault        exit code 1: a folder, a lock, a missing release
│   ├── Revealing           exit code 1: a release would tell of too few people; not published
│   └── Uncoded             exit code 1: interviews that nobody has coded; not published
└── ContractBroken          exit code 2: a file breaks its contract; nothing was loaded
    ├── Unconfirmed         exit code 2: it would end many rows, and nobody has said that it may
    └── Unreadable          exit code 2: the file cannot be read at all
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import cast

MOST_BREAKS = 1000
MOST_NAMED = 5
Kind = tuple[str | None, str]  # of what is wrong: its column, if it is of one, and the rule


class IomdashError(Exception):
    """Says what, where and how to mend it. Never shown with a stack trace."""

    exit_code = 1


class UsageError(IomdashError):
    """A word that the user gave is not one of those that exist."""


class EnvironmentFault(IomdashError):
    """The machine, a folder or a lock stands in the way."""


class Revealing(EnvironmentFault):
    """A release from which something could be worked out about too few people."""


class Uncoded(EnvironmentFault):
    """Interviews that no release can count, because nobody knows what they said."""

    def __init__(self, interviews: Sequence[str]) -> None:
        some, more = ", ".join(interviews[:MOST_NAMED]), len(interviews) - MOST_NAMED
        named = f"{some} and {more:,} more" if more > 0 else some
        n, has = len(interviews), "interview has" if len(interviews) == 1 else "interviews have"
        super().__init__(
            f"Nothing is published: {n:,} {has} no coding ({named}), so what they said counts "
            "nowhere. Load their codings, or publish without them: "
            "python -m iomdash publish --without-uncoded"
        )


@dataclass(frozen=True)
class Break:
    """One broken cell: `row` is numbered as the user's own program shows it.

    `row` is None where the whole file or column is meant, `column` where the whole row is, and
    `sheet` where the file has one table only.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    rule: str
    remedy: str
    sheet: str | None = None

    @property
    def kind(self) -> Kind:
        """What it has in common with others."""
        return self.column, self.rule

    def __str__(self) -> str:
        sheet = "" if self.sheet is None else f", sheet '{self.sheet}'"
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column '{self.column}'"
        value = "" if self.value is None else f"'{self.value}': "
        return f"{self.file}{sheet}{row}{column}: {value}{self.rule} {self.remedy}"


def counted(breaks: Iterable[Break]) -> Counter[Kind]:
    """How many there are of each kind."""
    return Counter(broken.kind for broken in breaks)


class ContractBroken(IomdashError):
    """A file was refused whole. Carries the first 1,000 broken cells and the counts of all by kind.

    `reading` says in JSON what was decided of a file that could be read.
    """

    exit_code = 2

    def __init__(
        self,
        table: str,
        breaks: Sequence[Break],
        counts: Mapping[Kind, int] | None = None,
        reading: Mapping[str, object] | None = None,
    ) -> None:
        self.table = table
        self.reading = reading
        self.breaks = tuple(breaks[:MOST_BREAKS])
        self.counts = counted(breaks) if counts is None else counts
        self.total = sum(self.counts.values())
        super().__init__(str(self))

    def __str__(self) -> str:
        cells = "1 broken cell" if self.total == 1 else f"{self.total:,} broken cells"
        lines = [f"Refused, nothing was loaded: {self.table} has {cells}."]
        lines += [str(broken) for broken in self.breaks]
        if self.total > len(self.breaks):
            lines.append(f"... and {self.total - len(self.breaks):,} more.")
        return "\n".join(lines)

    @property
    def sentences(self) -> Sequence[str]:
        """What was decided of the file, in words."""
        stated = (self.reading or {}).get("sentences", ())
        return [str(sentence) for sentence in cast("Sequence[object]", stated)]

    @property
    def kinds(self) -> list[tuple[str | None, str, int]]:
        """Column and rule of each kind, with the number of all such cells, the most first."""
        return [(*kind, n) for kind, n in Counter(self.counts).most_common()]

    def as_json(self) -> Mapping[str, object]:
        """`{table, total, kinds: [{column, rule, cells}], breaks: [{file, row, column, value, rule,
        remedy, sheet}], reading}`.
        """
        return {
            "table": self.table,
            "total": self.total,
            "kinds": [
                {"column": column, "rule": rule, "cells": n} for column, rule, n in self.kinds
            ],
            "breaks": [asdict(broken) for broken in self.breaks],
            "reading": self.reading,
        }


class Unconfirmed(ContractBroken):
    """A sound file that would end or withdraw so many `rows` that somebody has to confirm it."""

    def __init__(self, table: str, breaks: Sequence[Break], rows: int) -> None:
        super().__init__(table, breaks)
        self.rows = rows


class Unreadable(ContractBroken):
    """The file is empty, truncated, protected by a password or not of a known kind."""

    def __init__(self, table: str, file: str, why: str, remedy: str) -> None:
        super().__init__(table, [Break(file, None, None, None, why, remedy)])
