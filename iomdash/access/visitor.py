"""Whoever asks the server for something: who they are, and as what they see it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

from iomdash.declared import access, audiences
from iomdash.declared.access import ANYBODY, SIGNING_IN, Role
from iomdash.errors import UsageError

REAL = (
    "Release {} holds data that were collected, and nobody signs in here, so it is not shown. Set "
    "up signing in: docs/sign-in.md. On a machine that one analyst alone uses, set "
    "IOMDASH_ALONE=yes."
)


class Mode(Enum):
    """How a server knows its visitors. Both but the first listen on this machine only."""

    SIGN_IN = "everybody signs in"
    OPEN = "nobody signs in; releases are demonstrations"
    ALONE = "nobody signs in, on the machine of one analyst alone"
    WORKBENCH = "the workbench, on the machine of whoever reads the vault"


@dataclass(frozen=True)
class Visitor:
    """Somebody with a role. `subject` and `issued_at` (seconds since 1970) name the session at the
    provider; both are empty where nobody signs in. `role` is the one in which they see the site,
    out of `choices`; `audience` is whose release they read, None for a role that reads none.
    """

    subject: str
    issued_at: int
    roles: tuple[str, ...]
    choices: tuple[Role, ...]
    role: Role
    audience: str | None
    mode: Mode

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells their sessions from everybody else's, and from their own in another role."""
        return self.subject, self.issued_at, self.role.name

    @property
    def signed_in(self) -> bool:
        """Whether a provider said who they are."""
        return self.mode is Mode.SIGN_IN

    def may(self, to: Collection[str]) -> bool:
        """Whether something is open to them."""
        return self.role.name in to or to == ANYBODY


@dataclass(frozen=True)
class Refused:
    """Nobody whom the server knows, and why, in words for them."""

    why: str
    terms: bool = False  # they may come in once they accept the handling terms

    def may(self, to: Collection[str]) -> bool:
        """Whether something is open to them."""
        return to in (ANYBODY, SIGNING_IN)


def somebody(asked: str, mode: Mode) -> Visitor:
    """Whoever sits at this machine, where nobody signs in, in the role that they picked.

    Raises UsageError where the setting names no audience.
    """
    first = audiences.chosen()
    if mode is Mode.WORKBENCH:
        analyst = access.BY_NAME["analyst"]
        return Visitor("", 0, (analyst.name,), (analyst,), analyst, first, mode)
    choices = access.ROLES
    role = access.BY_NAME.get(asked) or _of_audience(first)
    audience = first if asked not in access.BY_NAME else next(iter(role.audiences), None)
    return Visitor("", 0, tuple(access.BY_NAME), choices, role, audience, mode)


def _of_audience(name: str) -> Role:
    """The first role that reads the releases of an audience. Raises UsageError without one."""
    for role in access.ROLES:
        if role.audiences[:1] == (name,):
            return role
    raise UsageError(
        f"No role reads the releases of the {name}. Add one to iomdash/declared/access.py."
    )


def known(subject: str, issued_at: int, roles: Collection[str], asked: str) -> Visitor | Refused:
    """Whoever signed in, in the role that they asked for where it is theirs to ask for."""
    choices = access.seen_as(roles)
    if not choices:
        return Refused("Nobody has given you a role here, so there is nothing to show you.")
    own = tuple(role.name for role in choices if role.name in roles)
    role = next((role for role in choices if role.name == asked), choices[0])
    audience = next(iter(role.audiences), None)
    return Visitor(subject, issued_at, own, choices, role, audience, Mode.SIGN_IN)


def roles_of(claim: object, mapped: Mapping[str, str]) -> frozenset[str]:
    """Roles that the value of a claim gives: a word, or a list of words."""
    words = cast("Collection[object]", claim) if isinstance(claim, list) else [claim]
    return frozenset(mapped[word] for word in words if isinstance(word, str) and word in mapped)
