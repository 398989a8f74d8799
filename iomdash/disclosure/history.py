"""What each audience was shown before, as the next release must see it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from iomdash.declared import audiences
from iomdash.declared.agencies import MEASURES
from iomdash.declared.groups import Group
from iomdash.disclosure import read_back
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.interviews.shield import Earlier
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.vault.ledger import APPROACH, INTERVIEW, Plan, Shown

Before = Mapping[str, Sequence[Release]]


def read(releases: Path) -> Before:
    """Releases that are kept, by audience, oldest first; none of an audience that is new.

    Raises EnvironmentFault where a manifest is lost, or of an older version of iomdash.
    """
    return {
        audience: [
            Release(shelf.path_of(releases, audience, number))
            for number in shelf.kept(releases, audience)
        ]
        for audience in audiences.names()
    }


def numbers(before: Before) -> list[int]:
    """Numbers of all releases that any audience keeps."""
    return sorted({release.number for every in before.values() for release in every})


def kept(before: Before, plan: Plan) -> Before:
    """Without the releases that a plan retires."""
    return {
        audience: [release for release in every if release.number in plan.kept]
        for audience, every in before.items()
    }


def groups(before: Before) -> list[Shown]:
    """Every group of which any audience was shown anything, in a fixed order."""
    shown = {
        Shown(release.number, kind, group)
        for every in before.values()
        for release in every
        for kind, groups in read_back.groups(release).items()
        for group in groups
    }
    return sorted(shown, key=lambda s: (s.release, s.kind, s.group.key))


def known(plan: Plan, before: Sequence[Release]) -> Earlier:
    """What one audience knows, with everybody who counted."""
    seen: dict[str, list[tuple[str, Group]]] = {}
    for release in before:
        for kind, groups in read_back.groups(release).items():
            seen.setdefault(kind, []).extend((str(release.number), group) for group in groups)
    return Earlier(
        cells=read_back.together([read_back.cells(release) for release in before]),
        groups={kind: tuple(groups) for kind, groups in seen.items()},
        interviews=plan.people[INTERVIEW],
        approaches=plan.people[APPROACH],
    )


def agencies(release: Release) -> ReleasableAgencies:
    """What a release tells of agencies, which holds all that was told before, or anew."""
    cubes = {
        m.id: release.frame(f"recorded_{m.id}") for m in MEASURES if m.id in release.recorded_dates
    }
    return ReleasableAgencies(cubes, versions(release))


def versions(release: Release) -> pl.DataFrame:
    """Of which release the records are that each measure and group of a release counts."""
    return release.frame("recorded_versions")
