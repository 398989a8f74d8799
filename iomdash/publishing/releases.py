"""Releases as an analyst manages them: which there are, and which of them readers see.

Putting the pointer back shows an older release again and forgets nothing: what was seen meanwhile
was seen, and the next release is held against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iomdash.declared import audiences
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.vault import ledger
from iomdash.vault.ledger import Ledger
from iomdash.vault.lock import signed_in


@dataclass(frozen=True)
class Entry:
    """One release: when and by whom it was published, and of which batches.

    `present` is the one that readers see; a `retired` one can be read no more. `pointed_at`, in
    UTC, and `pointed_by` say when the pointer was last put back or forward on it.
    """

    number: int
    published_at: str | None
    published_by: str | None
    batches: tuple[str, ...]
    audiences: tuple[str, ...]
    present: bool
    retired: bool
    pointed_at: datetime | None = None
    pointed_by: str | None = None

    @property
    def state(self) -> str:
        """One of present, retired and kept."""
        return "present" if self.present else "retired" if self.retired else "kept"

    def __str__(self) -> str:
        at, by = self.published_at or "an unknown time", self.published_by or "an unknown user"
        put = self.pointed_at
        again = "" if put is None else f", put on by {self.pointed_by}, {put:%d/%m/%Y at %H:%M} UTC"
        return (
            f"Release {self.number} of {at} by {by}: {self.state}{again}; "
            f"batches: {', '.join(self.batches) or 'unknown'}"
        )

    def as_json(self) -> Mapping[str, object]:
        """Every field and the state; times as ISO 8601."""
        at = self.pointed_at
        pointed = None if at is None else at.replace(tzinfo=UTC).isoformat(timespec="seconds")
        return {**vars(self), "pointed_at": pointed, "state": self.state}


def listed(data_dir: Path, releases: Path) -> tuple[Entry, ...]:
    """Every release, the oldest first; none where nothing is published.

    Raises EnvironmentFault where the vault is in use or a manifest is lost.
    """
    numbers = shelf.numbers(releases)
    if not numbers:
        return ()
    present = shelf.latest(releases)
    with ledger.opened(data_dir) as book:
        return tuple(_entry(book, releases, number, present) for number in numbers)


def roll_back(data_dir: Path, releases: Path, number: int, *, user: str | None = None) -> Entry:
    """Let readers see another release from their next click on, an older or a later one.

    Raises UsageError where it is present already, EnvironmentFault where it does not exist, was
    retired, cannot be read by this version, or counts somebody who has withdrawn.
    """
    present = shelf.latest(releases)
    if number == present:
        raise UsageError(f"Release {number} is the present one already; nothing was changed.")
    for audience in audiences.names():
        Release(shelf.path_of(releases, audience, number)).readable()
    with ledger.opened(data_dir) as book:
        book.require([number])
        if book.counts_withdrawn(number):
            raise EnvironmentFault(
                f"Release {number} counts somebody who has withdrawn since, so it is not shown "
                "again; nothing was changed. Choose a later one, or publish a new one."
            )
        book.point(number, user or signed_in())
        shelf.point(releases, number)
        return _entry(book, releases, number, number)


def _entry(book: Ledger, releases: Path, number: int, present: int | None) -> Entry:
    manifests: Mapping[str, Mapping[str, Any]] = shelf.manifests(releases, number)
    at = next((one.get("published_at") for one in manifests.values()), None)
    by, batches, pointed = book.of(number)
    kept = any(number in shelf.kept(releases, audience) for audience in manifests)
    return Entry(
        number,
        at,
        by,
        batches,
        tuple(manifests),
        number == present,
        not kept,
        *(pointed or (None, None)),
    )
