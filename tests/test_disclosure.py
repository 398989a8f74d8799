"""What protection shows and hides, as boundaries and as promises."""

from dataclasses import replace
from datetime import date

import duckdb
import histories
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iomdash import measures
from iomdash.disclosure.choice import offers
from iomdash.disclosure.figures import STANCES, Tally
from iomdash.disclosure.policy import Interviews, Policy, for_audience
from iomdash.disclosure.shield import Earlier, Shield
from iomdash.disclosure.tallies import Counted
from iomdash.disclosure.world import World
from iomdash.groups import ATOM, EVERYONE, FILTERS

BOARD = for_audience("board")
Key = tuple[str, ...]


def of(smallest: int) -> Policy:
    """The board's policy with another threshold."""
    return replace(BOARD, interviews=Interviews(smallest_group=smallest))


def shown(
    *atoms: tuple[str, str, str, int], policy: Policy = BOARD, wave: str = "2030"
) -> dict[Key, int]:
    """Groups that are shown of a wave of these atoms (cohort, provider, supervision, people)."""
    rows = [(wave, *atom[:3], "community", "now", atom[3]) for atom in atoms if atom[3]]
    schema = {**dict.fromkeys(ATOM, pl.String), "n": pl.Int64}
    world = World.of(pl.DataFrame(rows, schema=schema, orient="row"), wave)
    return {o.group.key[1:]: o.n for o in offers(world, [], policy) if o.n is not None}


@pytest.mark.parametrize(
    ("group", "rest", "is_shown"),
    [(4, 20, False), (5, 20, True), (20, 4, False), (20, 5, True), (5, 6, True), (5, 0, True),
     (1, 1, False), (4, 0, False)],
)  # fmt: skip
def test_a_group_is_shown_only_when_it_and_its_rest_are_large_enough(
    group: int, rest: int, is_shown: bool
) -> None:
    found = shown(("PPO", "CRC", "statutory", group), ("PPO", "NPS", "statutory", rest))
    assert ((EVERYONE, "CRC", EVERYONE) in found) is is_shown


def test_ten_works_as_a_threshold_without_other_change() -> None:
    atoms = [("PPO", "CRC", "statutory", 9), ("HCCU", "CRC", "statutory", 12)]
    assert shown(*atoms)["PPO", EVERYONE, EVERYONE] == 9
    strict = shown(*atoms, policy=of(10))
    assert {key[0] for key in strict} == {EVERYONE, "PPO+HCCU"}


def test_a_published_total_passes_and_a_total_as_small_of_another_wave_does_not() -> None:
    for wave, passes in (("2017", True), ("2030", False)):
        found = shown(("PPO", "CRC", "statutory", 3), wave=wave)
        assert ((EVERYONE,) * 3 in found) is passes


ATOMS = st.dictionaries(
    st.tuples(
        st.sampled_from(["PPO", "HCCU", "SPOS", "DV&A"]),
        st.sampled_from(["NPS", "CRC"]),
        st.sampled_from(["statutory", "voluntary"]),
    ),
    st.integers(1, 40),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(ATOMS, st.integers(2, 12))
def test_no_group_shown_or_left_over_by_dropping_filters_is_small(
    atoms: dict[tuple[str, str, str], int], smallest: int
) -> None:
    found = shown(*[(*a, n) for a, n in atoms.items()], policy=of(smallest))
    for key, n in found.items():
        assert n >= smallest
        for i in range(len(FILTERS)):
            parent = tuple(EVERYONE if j == i else part for j, part in enumerate(key))
            if parent in found:
                assert found[parent] - n == 0 or found[parent] - n >= smallest


def test_a_wave_is_counted_by_origin_with_the_dates_of_its_field_work() -> None:
    con = duckdb.connect()
    con.execute(
        "create table interviews as select * from (values ('2030', 'collected', date '2030-03-01'),"
        " ('2030', 'collected', date '2030-02-01'), ('2030', 'synthetic', null))"
        " as t(wave, origin, interviewed_on)"
    )
    first, last = date(2030, 2, 1), date(2030, 3, 1)
    assert set(con.execute(measures.sql("waves")).fetchall()) == {
        ("2030", "collected", 2, first, last), ("2030", "synthetic", 1, None, None),
    }  # fmt: skip


def test_who_met_a_condition_are_not_few_in_what_a_group_leaves_of_a_wider_one() -> None:
    atoms = {("PPO", "CRC", "statutory", ""): 6, ("HCCU", "CRC", "statutory", ""): 6}
    world = Shield(histories.raw(histories.sizes(atoms)), "2030", BOARD, Earlier({}, {}))
    for ppo, hccu, is_shown in [(6, 4, False), (6, 5, True), (6, 0, True), (4, 3, False)]:
        counts = np.array([[hccu, 0, 0, 0], [ppo, 0, 0, 0]])
        among = Tally("code", "help.received", "approached", (*STANCES, "not raised"))
        kept = world.code(Counted(among, counts, sensitive=False))
        cohorts = {group.cohort for group in kept.form.exact if group.filtered}
        assert ("PPO" in cohorts) is is_shown, (ppo, hccu)
