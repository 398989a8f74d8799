"""Whose releases there are: each audience a row. One added here is published to with the next
release, once the policy has rules for it.
"""

from dataclasses import dataclass

from iomdash import settings
from iomdash.errors import UsageError


@dataclass(frozen=True)
class Audience:
    """Who reads a release. `name` is that of its files and of the word to ask for it, `policy`
    the key of its rules in the policy file.
    """

    name: str
    who: str
    policy: str


AUDIENCES: tuple[Audience, ...] = (
    Audience("board", "the partnership's board, who decide and know no case", "board"),
    Audience("coordinator", "the coordinators, who work with the people themselves", "coordinator"),
)


def names() -> tuple[str, ...]:
    """Every audience's name; that of whoever says nothing first."""
    return tuple(audience.name for audience in AUDIENCES)


def find(name: str) -> Audience:
    """The audience of a name. Raises UsageError for any other word."""
    for audience in AUDIENCES:
        if audience.name == name:
            return audience
    raise UsageError(f"'{name}' is no audience. Choose one of: {', '.join(names())}.")


def chosen() -> str:
    """The audience that the environment names. Raises UsageError for any other word."""
    word = settings.AUDIENCE.read() or names()[0]
    if word not in names():
        raise UsageError(
            f"{settings.AUDIENCE.variable} is '{word}', which is no audience. "
            f"Set it to one of: {', '.join(names())}."
        )
    return word
