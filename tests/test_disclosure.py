"""What protection shows and hides, as boundaries and as promises."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from random import Random

import duckdb
import histories
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iomdash.counting import interviews
from iomdash.declared.codebook import STANCES
from iomdash.declared.groups import ATOM, EVERYONE, FILTERS, spoken
from iomdash.declared.reasons import Reason
from iomdash.disclosure.figures import Tally
from iomdash.disclosure.interviews.choice import Offer, offers, partition
from iomdash.disclosure.interviews.shield import Earlier, Shield
from iomdash.disclosure.interviews.tallies import Counted
from iomdash.disclosure.policy import InterviewRules, Policy, for_audience
from iomdash.disclosure.population import Population

BOARD = for_audience("board")
Key = tuple[str, ...]
COHORTS = ("PPO", "HCCU", "SPOS", "DV&A")


def of(smallest: int) -> Policy:
    """The board's policy with another threshold."""
    return replace(BOARD, interviews=InterviewRules(smallest_group=smallest))


def offered(
    *atoms: tuple[str, str, str, int], policy: Policy = BOARD, wave: str = "2030"
) -> tuple[Offer, ...]:
    """Every group of a wave of these atoms (cohort, provider, supervision, people)."""
    rows = [(wave, *atom[:3], "community", "now", atom[3]) for atom in atoms if atom[3]]
    schema = {**dict.fromkeys(ATOM, pl.String), "n": pl.Int64}
    world = Population.of(pl.DataFrame(rows, schema=schema, orient="row"), wave)
    return offers(world, [], policy)


def shown(
    *atoms: tuple[str, str, str, int], policy: Policy = BOARD, wave: str = "2030"
) -> dict[Key, int]:
    """Groups that are shown of a wave of these atoms."""
    groups = offered(*atoms, policy=policy, wave=wave)
    return {o.group.key[1:]: o.n for o in groups if o.n is not None}


@pytest.mark.parametrize(
    ("group", "rest", "is_shown"),
    [(4, 20, False), (5, 20, True), (20, 4, False), (20, 5, True), (5, 6, True), (5, 0, True),
     (1, 1, False), (4, 0, False)],
)  # fmt: skip
def test_a_group_is_shown_only_when_it_and_its_rest_are_large_enough(
    group: int, rest: int, is_shown: bool
) -> None:
    groups = shown(("PPO", "CRC", "statutory", group), ("PPO", "NPS", "statutory", rest))
    assert ((EVERYONE, "CRC", EVERYONE) in groups) is is_shown


def test_ten_works_as_a_threshold_without_other_change() -> None:
    atoms = [("PPO", "CRC", "statutory", 9), ("HCCU", "CRC", "statutory", 12)]
    assert shown(*atoms)["PPO", EVERYONE, EVERYONE] == 9
    strict = shown(*atoms, policy=of(10))
    assert {key[0] for key in strict} == {EVERYONE, "PPO+HCCU"}


def test_a_published_total_passes_and_a_total_as_small_of_another_wave_does_not() -> None:
    for wave, passes in (("2017", True), ("2030", False)):
        groups = shown(("PPO", "CRC", "statutory", 3), wave=wave)
        assert ((EVERYONE,) * 3 in groups) is passes


ATOMS = st.dictionaries(
    st.tuples(
        st.sampled_from(COHORTS),
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
    groups = shown(*[(*a, n) for a, n in atoms.items()], policy=of(smallest))
    for key, n in groups.items():
        assert n >= smallest
        for i in range(len(FILTERS)):
            parent = tuple(EVERYONE if j == i else part for j, part in enumerate(key))
            if parent in groups:
                assert groups[parent] - n == 0 or groups[parent] - n >= smallest


def test_a_wave_is_counted_by_origin_with_the_dates_of_its_field_work() -> None:
    con = duckdb.connect()
    con.execute(
        "create table interviews as select * from (values ('2030', 'collected', date '2030-03-01'),"
        " ('2030', 'collected', date '2030-02-01'), ('2030', 'synthetic', null))"
        " as t(wave, origin, interviewed_on)"
    )
    first, last = date(2030, 2, 1), date(2030, 3, 1)
    assert set(con.execute(interviews.sql("waves")).fetchall()) == {
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


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ({"PPO": 5, "HCCU": 6}, [("HCCU",), ("PPO",)]),
        ({"PPO": 5, "HCCU": 3, "SPOS": 1, "DV&A": 2}, [("DV&A", "HCCU", "SPOS"), ("PPO",)]),
        ({"PPO": 12, "HCCU": 4, "SPOS": 9, "DV&A": 8}, [("DV&A", "HCCU"), ("PPO",), ("SPOS",)]),
        ({"PPO": 4, "HCCU": 4, "SPOS": 1, "DV&A": 1}, [("DV&A", "HCCU"), ("PPO", "SPOS")]),
        ({"PPO": 5, "HCCU": 2}, [("HCCU", "PPO")]),
        ({"PPO": 3, "HCCU": 1}, [("HCCU", "PPO")]),
    ],
)
def test_small_cohorts_are_joined_as_worked_by_hand(
    sizes: dict[str, int], parts: list[tuple[str, ...]]
) -> None:
    assert list(partition(sizes, 5)) == parts


def ways(sizes: Mapping[str, int], smallest: int) -> list[tuple[int, int, int]]:
    """Every way to join cohorts to at least `smallest`: how many joined, less parts, people."""
    result: list[tuple[int, int, int]] = []
    for labels in product(range(len(sizes)), repeat=len(sizes)):
        parts = [
            [n for n, at in zip(sizes.values(), labels, strict=True) if at == label]
            for label in set(labels)
        ]
        if all(sum(part) >= smallest for part in parts):
            joint = [part for part in parts if len(part) > 1]
            result.append((sum(map(len, joint)), -len(parts), sum(map(sum, joint))))
    return result


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.sampled_from(COHORTS), st.integers(1, 15), min_size=1), st.integers(2, 12)
)
def test_as_few_cohorts_as_can_be_are_joined_into_as_many_parts(
    sizes: dict[str, int], smallest: int
) -> None:
    parts = partition(sizes, smallest)
    assert sorted(name for part in parts for name in part) == sorted(sizes)
    joint = [[sizes[name] for name in part] for part in parts if len(part) > 1]
    rank = (sum(map(len, joint)), -len(parts), sum(map(sum, joint)))
    assert rank == min(ways(sizes, smallest), default=rank)


# Two cohorts that reach no five alone, one that does, and a filter that parts them.
JOINED = [
    ("PPO", "CRC", "statutory", 7), ("PPO", "NPS", "statutory", 6),
    ("HCCU", "CRC", "statutory", 3), ("SPOS", "NPS", "statutory", 2),
    ("DV&A", "CRC", "statutory", 6), ("DV&A", "NPS", "statutory", 9),
]  # fmt: skip


def test_small_cohorts_are_shown_together_before_they_are_hidden_and_named_in_full() -> None:
    by_name = {spoken(o.group): o for o in offered(*JOINED)}
    assert by_name["HCCU and SPOS together"].n == 5
    assert {name for name, o in by_name.items() if o.group.by_cohort_only and o.n} == {
        "everybody in wave 2030", "PPO", "DV&A", "HCCU and SPOS together",
    }  # fmt: skip
    for alone in ("HCCU", "SPOS"):
        hidden = by_name[alone]
        assert (hidden.n, hidden.hidden) == (None, Reason.TOO_FEW)
        assert hidden.instead is not None
        assert spoken(hidden.instead) == "HCCU and SPOS together"


def test_cohorts_that_another_filter_leaves_small_are_joined_under_that_filter() -> None:
    by_name = {spoken(o.group): o for o in offered(
        ("PPO", "CRC", "statutory", 12), ("PPO", "NPS", "statutory", 8),
        ("HCCU", "CRC", "statutory", 6), ("HCCU", "NPS", "statutory", 3),
        ("SPOS", "CRC", "statutory", 9), ("SPOS", "NPS", "statutory", 3),
    )}  # fmt: skip
    assert (by_name["HCCU"].n, by_name["SPOS"].n) == (9, 12)
    assert by_name["HCCU and SPOS together, NPS"].n == 6
    for alone in ("HCCU, NPS", "SPOS, NPS"):
        instead = by_name[alone].instead
        assert instead is not None
        assert (by_name[alone].hidden, spoken(instead)) == (
            Reason.TOO_FEW, "HCCU and SPOS together, NPS",
        )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ATOMS, st.integers(2, 12))
def test_what_is_shown_instead_is_shown_and_holds_everybody_of_the_hidden_group(
    atoms: dict[tuple[str, str, str], int], smallest: int
) -> None:
    offers = offered(*[(*a, n) for a, n in atoms.items()], policy=of(smallest))
    sizes = {o.group: o.n for o in offers if o.n is not None}
    for offer in offers:
        assert (offer.n is None) is (offer.hidden is not None)
        if offer.hidden is None or not sizes:
            continue
        assert offer.instead in sizes
        for name in FILTERS:
            wider, own = getattr(offer.instead, name), getattr(offer.group, name)
            assert wider == EVERYONE or {*own.split("+")} <= {*wider.split("+")}


@settings(max_examples=60, deadline=None)
@given(ATOMS, st.integers(2, 12), st.randoms(use_true_random=False))
def test_the_choice_is_the_same_in_whatever_order_people_stand(
    atoms: dict[tuple[str, str, str], int], smallest: int, random: Random
) -> None:
    rows = [(*a, n) for a, n in atoms.items()]
    mixed = random.sample(rows, len(rows))
    assert offered(*mixed, policy=of(smallest)) == offered(*rows, policy=of(smallest))


ANSWERS = st.lists(st.sampled_from(["yes", "mixed", "no", ""]), min_size=33, max_size=33)


@settings(max_examples=15, deadline=None)
@given(ANSWERS, ANSWERS, st.booleans())
def test_the_groups_shown_are_the_same_whatever_people_answered(
    one: Sequence[str], other: Sequence[str], sensitive: bool
) -> None:
    kinds = [(*atom[:3], "community") for atom in JOINED for _ in range(atom[3])]

    def groups(said: Sequence[str]) -> tuple[Offer, ...]:
        history = histories.History(5, sensitive)
        people = [
            histories.Person(i, kind, stance)
            for i, (kind, stance) in enumerate(zip(kinds, said, strict=True))
        ]
        return history.release(people).offers

    assert groups(one) == groups(other)


def approached(*cohorts: tuple[str, int, int]) -> dict[str, int]:
    """Approaches told of each cohort of a wave of (cohort, interviewed, approached)."""
    people = {(c, "NPS", "statutory", "community"): n for c, n, _ in cohorts if n}
    counted = [
        ("2030", cohort, "now", outcome, n)
        for cohort, interviewed, asked in cohorts
        for outcome, n in (("interviewed", interviewed), ("declined", asked - interviewed))
    ]
    columns = {**dict.fromkeys(("wave", "cohort", "life", "outcome"), pl.String), "n": pl.Int64}
    raw = replace(
        histories.raw(histories.sizes(people)),
        recruitment=pl.DataFrame(counted, schema=columns, orient="row"),
    )
    counts: dict[str, int] = {}
    for row in Shield(raw, "2030", BOARD, Earlier({}, {})).recruitment():
        counts[str(row["cohort"])] = counts.get(str(row["cohort"]), 0) + int(str(row["n"]))
    return counts


OF_TWO = (("PPO", 20, 40), ("HCCU", 12, 30))


@pytest.mark.parametrize(
    ("third", "shown"),
    [
        (("SPOS", 8, 20), {"All": 90, "PPO": 40, "HCCU": 30, "SPOS": 20}),
        # Few approached: told with another cohort, or not told, and never what is left over.
        (("SPOS", 2, 4), {"All": 74, "PPO": 40, "HCCU+SPOS": 34}),
        (("SPOS", 0, 3), {"All": 73, "PPO": 40}),
        # Many approached, few interviewed.
        (("SPOS", 4, 20), {"All": 90, "PPO": 40}),
        # Two approaches that state no cohort would be what all cohorts leave over.
        (("", 0, 2), {"All": 72}),
    ],
)
def test_approaches_of_a_small_cohort_are_neither_told_nor_left_over(
    third: tuple[str, int, int], shown: dict[str, int]
) -> None:
    assert approached(*OF_TWO, third) == shown
