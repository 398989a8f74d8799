"""Every sentence about agencies' figures, for any counts, held against forms no page may use."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from uuid import uuid4

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_sentences import BANNED

from iomdash.declared.agencies import MEASURES
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.agencies.trends import TRENDS
from iomdash.declared.groups import EVERYONE, Group
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import for_audience
from iomdash.evidence import outcomes
from iomdash.pictures import agencies, around, joining, reoffending, side_by_side, situation, unmet
from iomdash.pictures.agency_figures import blurring
from iomdash.pictures.theme import Picture
from iomdash.pictures.trends import trend
from iomdash.release.reader import Release

GROUPS = (AgencyGroup(), AgencyGroup(cohort="PPO", quarter="2025"))
# Days and quarters are named with their year.
YEARS = re.compile(r"\b20\d\d\b")
# Hidden as few, the fewest that are shown, alike in all, and with a comma.
LIKELY = (None, 5, 5, 6, 21, 300, 12_345)


def plain(release: Release) -> Iterator[tuple[str, pl.DataFrame]]:
    """The figures of everybody and of each cohort, in every period."""
    alone = " and ".join(f"{name} = '{EVERYONE}'" for name in ("provider", "supervision", "area"))
    for measure in MEASURES:
        rows = release.rows(f"select * from recorded_{measure.id} where {alone}")
        yield measure.id, pl.DataFrame(rows, infer_schema_length=None)


def invented(figures: Mapping[str, pl.DataFrame], dice: Random) -> ReleasableAgencies:
    """The same figures with any numbers in place of theirs; days and harm are of many people."""
    cubes = {}
    for name, cube in figures.items():
        drawn = [dice.choice(LIKELY) for _ in range(cube.height)]
        cubes[name] = cube.with_columns(
            n=pl.Series(drawn, dtype=pl.Int64),
            hidden=pl.Series(["few_people" if n is None else None for n in drawn], dtype=pl.String),
        )
    groups = cubes["caseload"].select(*AGENCY_FILTERS).unique()
    versions = groups.with_columns(release=pl.lit(1, pl.Int64), state=pl.lit("told"))
    every = (versions.select(pl.lit(name).alias("measure"), pl.all()) for name in cubes)
    return ReleasableAgencies(cubes, pl.concat(every))


def made(board: Release, dice: Random, path: Path) -> Release:
    """A release of invented agencies' figures; whatever else it holds is as in the other."""
    safe = invented(dict(plain(board)), dice)
    tables = {f"recorded_{name}": cube for name, cube in safe.cubes.items()}
    tables |= outcomes.derive(safe, for_audience("board").people)
    with duckdb.connect(path) as con:
        con.execute(f"attach '{board.path}' as other (read_only)")
        for (table,) in con.execute(
            "select table_name from duckdb_tables() where database_name = 'other'"
        ).fetchall():
            if table in tables:
                con.register("frame", tables[table])
            source = "frame" if table in tables else f"other.{table}"
            con.execute(f"create table {table} as select * from {source}")
    return Release(path)


def pictures(release: Release, people: AgencyGroup) -> Iterator[Picture]:
    for draw in agencies.PICTURES.values():
        yield draw(release, people)
    yield from (trend(release, people, declared.id) for declared in TRENDS)
    for draw in (
        around.before_and_after, around.by_cohort, around.less_often, reoffending.time_in_cohort,
        joining.since_first_offence,
    ):  # fmt: skip
        yield draw(release, people)


def sentences(release: Release, people: AgencyGroup) -> Iterator[str]:
    """All that pages say of agencies' figures of a group."""
    for picture in pictures(release, people):
        yield from (picture.title, picture.subtitle, picture.alt, picture.note)
        yield from (str(cell) for row in picture.table for cell in row.values())
    for words in (
        around.fallen, around.harm_in_words, around.domestic, reoffending.followed,
        joining.deselected,
    ):  # fmt: skip
        yield words(release, people)
    yield unmet.message(unmet.unmet(release, people))
    yield blurring(release)
    tables = [
        around.rows(release, people), around.harm(release, people),
        unmet.rows(release, people, Group("2026")), situation.rows(release, people),
        situation.rows(release, people, situation.OVER_TIME),
        side_by_side.recorded(
            release, people, people.where(cohort="HCCU"), ("PPO", "HCCU")
        ).table,
    ]  # fmt: skip
    yield from (str(cell) for table in tables for row in table for cell in row.values())


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**9))
@example(seed=91850)
def test_no_sentence_of_any_figures_of_agencies_has_a_form_that_is_banned(
    board: Release, tmp_path: Path, seed: int
) -> None:
    release = made(board, Random(seed), tmp_path / f"{uuid4()}.duckdb")
    for people in GROUPS:
        for sentence in sentences(release, people):
            for form, why in BANNED.items():
                assert not re.search(form, YEARS.sub("year", sentence)), f"{why}: {sentence}"
            assert sentence == "" or sentence[0] not in ".,; "


@pytest.mark.parametrize("people", GROUPS, ids=str)
def test_the_demonstration_says_something_of_every_figure(
    board: Release, people: AgencyGroup
) -> None:
    assert len(set(sentences(board, people))) > 100
