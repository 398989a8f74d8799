"""What came of publishing, as a value and in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iomdash.declared import audiences
from iomdash.declared.groups import spoken
from iomdash.disclosure.attacker.audit import Report
from iomdash.release import shelf
from iomdash.release.comparison import compare
from iomdash.release.reader import Release
from iomdash.vault.ledger import Waiting


@dataclass(frozen=True)
class Published:
    """What was published, where it lies, what waits, what was retired, and the attacks on it.

    Where `made` is False nothing would have changed, so no release was made: number, folder and
    rows are then those of the present one. `new` counts batches that this one counts and the
    present one did not, or the other way round. `settled` says that nothing is kept any more of
    batches that were replaced before this release.
    """

    number: int
    folder: Path
    rows: Mapping[str, int]
    waiting: tuple[Waiting, ...]
    retired: tuple[int, ...]
    reports: tuple[Report, ...]
    made: bool = True
    new: int = 0
    settled: bool = True

    @property
    def sentences(self) -> Sequence[str]:
        """What an analyst should hear of, a line each."""
        return (*(report.words for report in self.reports), *map(waits, self.waiting), *self._end())

    def _end(self) -> Iterator[str]:
        for number in self.retired:
            yield (
                f"Release {number} is retired: its difference from this one would show who left, "
                "or whose batch was undone."
            )
        if self.made:
            yield f"Release {self.number} is published in {self.folder}."
            yield from self.unsettled
        else:
            yield (
                f"{self.unchanged} Release {self.number} stays; no other was "
                "made. To make one all the same: python -m iomdash publish --anyway"
            )

    @property
    def unsettled(self) -> Sequence[str]:
        """What is left to do after the release, as sentences; nothing nearly always."""
        if self.settled:
            return ()
        return (
            "The vault was being read, so it still holds rows that this release has replaced. They "
            "go when the vault is next opened to load, undo or withdraw.",
        )

    @property
    def unchanged(self) -> str:
        """Why no release was made, as a sentence."""
        return f"Nothing would change: {self._why()}"

    def _why(self) -> str:
        if self.waiting and not self.new:
            return "all that is new waits."
        if not self.new:
            return f"no batch was loaded, undone or replaced since release {self.number}."
        batches = "1 batch is" if self.new == 1 else f"{self.new:,} batches are"
        return f"{batches} new or gone, and every figure is that of release {self.number}."


def waits(batch: Waiting) -> str:
    """Why a batch waits, and how many people are missing until it counts."""
    return (
        f"Waits: {batch.file} ({batch.table}) would move {spoken(batch.group)} by "
        f"{_people(batch.moves)}. {needed(batch.missing)} before it can be counted."
    )


def needed(n: int) -> str:
    """How many are missing: "1 more is needed"."""
    return f"{n} more {'is' if n == 1 else 'are'} needed"


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"


def says_the_same(building: Path, releases: Path, present: int) -> bool:
    """Whether a release that is being built would say to every audience what the present one says,
    by the same policy.
    """
    return all(
        present in shelf.kept(releases, audience)
        and _alike(
            Release(shelf.path_of(releases, audience, present)),
            Release(building / f"{audience}.duckdb"),
        )
        for audience in audiences.names()
    )


def _alike(one: Release, other: Release) -> bool:
    policies = [release.manifest.get("policy") for release in (one, other)]
    return policies[0] == policies[1] and compare(one, other).same
