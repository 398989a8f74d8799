"""What releases tell of agencies, as a reader who keeps all of them has it: frames by measure.

A release says of which release the records behind a figure are, so figures of a group are of one
*version* or of another.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from iomdash.declared.agencies import MEASURES, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.agencies.versions import VERSIONS, State
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.release.reader import Release

TOLD_AS = "versions"
VERSION = (*AGENCY_FILTERS, "release")
# What is told of each measure, and of its versions.
Tables = Mapping[str, pl.DataFrame]
# Of each measure the rows of single periods, with release, added (whether a year is its quarters
# added up) and block; release is null where a release does not say.
Told = dict[str, pl.DataFrame]


def tables(safe: ReleasableAgencies) -> Tables:
    """What a reader of the release will see."""
    return {**safe.cubes, TOLD_AS: safe.versions}


def of_release(release: Release) -> Tables:
    """What a reader of the release sees."""
    sent = [m.id for m in MEASURES if m.id in release.recorded_dates]
    return {name: release.frame(f"recorded_{name}") for name in [*sent, TOLD_AS]}


def read(releases: Sequence[Release]) -> Mapping[int, Tables]:
    """What releases told, the oldest first, by number: of each version the figures of the newest
    that told it, as each release was attacked with all before it when it was made.
    """
    every: dict[int, Tables] = {}
    known = pl.DataFrame(schema=VERSIONS)
    for release in reversed(releases):
        said = release.frame(f"recorded_{TOLD_AS}")
        only = said.join(known, on=["measure", *VERSION], how="anti")
        told = {
            str(name): release.frame(f"recorded_{name}").join(part, on=AGENCY_FILTERS, how="semi")
            for (name,), part in only.partition_by("measure", as_dict=True).items()
        }
        every[release.number] = {**told, TOLD_AS: said}
        known = pl.concat([known, only])
    return dict(sorted(every.items()))


def versions(tables: Tables) -> pl.DataFrame:
    """What a release says of its versions: of VERSIONS."""
    return tables.get(TOLD_AS, pl.DataFrame(schema=VERSIONS))


def told(tables: Tables) -> Told:
    """What a release tells."""
    of = versions(tables)
    return {
        m.id: _dated(m, tables[m.id], of.filter(measure=m.id)) for m in MEASURES if m.id in tables
    }


def ever(before: Mapping[int, Tables]) -> Told:
    """What any of some releases told, the oldest first: each figure once, with the `number` of the
    first of them that did.
    """
    every = [(number, told(tables)) for number, tables in before.items()]
    return {
        m.id: pl.concat(parts, how="vertical_relaxed").unique(
            [*key(m), "n", "release", "added"], keep="first", maintain_order=True
        )
        for m in MEASURES
        if (parts := [
            rows[m.id].with_columns(number=pl.lit(number)) for number, rows in every if m.id in rows
        ])
    }  # fmt: skip


def key(measure: Measure) -> list[str]:
    """By which columns a measure has a figure each."""
    return [*AGENCY_FILTERS, *measure.dimensions, "what"]


def block_of(measure: Measure) -> pl.Expr:
    """In which people of a measure add up: a quarter's end alone, or a year with its quarters."""
    period = pl.col("quarter")
    return period if measure.of == "in" else period.str.head(4)


def by_block(rows: pl.DataFrame) -> Mapping[tuple[str, int | None], pl.DataFrame]:
    """Rows by block of periods and the release whose records they count, without what is added
    up.
    """
    parts = rows.filter(~pl.col("added")).partition_by(["block", "release"], as_dict=True)
    return {(str(block), release): part for (block, release), part in parts.items()}


def groups(rows: pl.DataFrame) -> list[tuple[str, ...]]:
    """The groups that rows are of, in order."""
    return rows.select(AGENCY_FILTERS).unique().sort(AGENCY_FILTERS).rows()


def _dated(measure: Measure, rows: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    dated = rows.filter(pl.col("quarter") != EVERYONE).join(
        versions.drop("measure"), on=AGENCY_FILTERS, how="left", maintain_order="left"
    )
    return dated.with_columns(
        block=block_of(measure),
        added=pl.col("state").eq_missing(State.ADDED.value),
    ).drop("state")
