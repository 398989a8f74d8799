"""Bands never tell of everybody or nobody: a reader who tries every number of every cohort.

Which numbers a band stands for is read from its words, as a reader does; the product is asked
only which bands it chose.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product

import pytest
from histories import WAVE, counted, raw, sizes

from iomdash.declared import audiences
from iomdash.disclosure.interviews.detail import safe_bands
from iomdash.disclosure.interviews.shield import Earlier, Shield
from iomdash.disclosure.interviews.shown_tally import ShownTally
from iomdash.disclosure.policy import Bands, for_audience

SETS = for_audience("board").bands
SHARES = {
    "a fifth": Fraction(1, 5), "a quarter": Fraction(1, 4), "a third": Fraction(1, 3),
    "two fifths": Fraction(2, 5), "half": Fraction(1, 2), "three fifths": Fraction(3, 5),
    "two thirds": Fraction(2, 3), "three quarters": Fraction(3, 4),
    "four fifths": Fraction(4, 5),
}  # fmt: skip
PARTITIONS = [
    (parts, others)
    for number in (2, 3)
    for parts in combinations_with_replacement(range(5, 9), number)
    for others in range(4)
]


def holds(words: str, share: Fraction) -> bool:
    """Whether a share lies in the band of these words."""
    if words.startswith("at most "):
        return share <= SHARES[words.removeprefix("at most ")]
    if words.startswith("at least "):
        return share >= SHARES[words.removeprefix("at least ")]
    if words.startswith("less than "):
        return share < SHARES[words.removeprefix("less than ")]
    low, high = words.split(" to ")
    return SHARES[low] < share < SHARES[high]


def words(bands: Bands) -> tuple[str, ...]:
    return tuple(band.words for band in bands)


@cache
def read(bands: tuple[str, ...], yes: int, n: int) -> str:
    (band,) = (item for item in bands if holds(item, Fraction(yes, n)))
    return band


def answers(parts: Sequence[int], others: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every way in which `total` people said yes: one number a part, the others' last."""
    for yes in product(*(range(n + 1) for n in parts)):
        if 0 <= total - sum(yes) <= others:
            yield (*yes, total - sum(yes))


def names_one(bands: tuple[str, ...], parts: Sequence[int]) -> bool:
    """Whether a band of a part holds a single number, which it then gives away."""
    return any(
        [read(bands, yes, n) for yes in range(n + 1)].count(band) == 1
        for n in parts
        for band in bands
    )


def tells(bands: tuple[str, ...], parts: Sequence[int], others: int, total: int) -> bool:
    """Whether some answers show bands from which nobody or everybody of a part follows."""
    possible: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
    for item in answers(parts, others, total):
        seen = tuple(read(bands, yes, n) for yes, n in zip(item, parts, strict=False))
        possible.setdefault(seen, []).append(item)
    people = [*parts, others] if others else [*parts]
    return any(
        {item[i] for item in ways} in ({0}, {n})
        for ways in possible.values()
        for i, n in enumerate(people)
    )


@pytest.mark.parametrize(("parts", "others"), PARTITIONS)
def test_the_first_bands_are_chosen_that_leave_numbers_open_and_never_make_all_or_nobody_certain(
    parts: tuple[int, ...], others: int
) -> None:
    # Where all or none of the whole wave said yes, its total tells so, and may.
    is_open = [bands for bands in SETS if not names_one(words(bands), parts)]
    for total in range(1, sum(parts) + others):
        safe = [bands for bands in is_open if not tells(words(bands), parts, others, total)]
        assert safe_bands(SETS, parts, others, total) == next(iter(safe), None), total


@pytest.mark.parametrize(
    ("total", "chosen"),
    [
        (0, "at most a fifth"),
        (6, "at most a fifth"),
        # "At least four fifths" of six and "a fifth to four fifths" of six: all six and four.
        # Two thirds and three fifths leave three of six alone between them.
        (10, "less than half"),
        (2, "less than half"),
        (12, "at most a fifth"),
    ],
)
def test_bands_of_two_cohorts_of_six_as_worked_by_hand(total: int, chosen: str) -> None:
    bands = safe_bands(SETS, (6, 6), 0, total)
    assert bands is not None
    assert bands[0].words == chosen


def test_no_bands_are_shown_where_none_is_safe() -> None:
    # Even of halves: at least half of five and less than half of six are all five and two.
    assert safe_bands(SETS, (5, 6), 0, 7) is None
    assert all(tells(words(bands), (5, 6), 0, 7) for bands in SETS)


def kept(people: dict[str, int], yes: Sequence[int]) -> ShownTally:
    """What is shown of a sensitive code of cohorts and those of them who said yes."""
    atoms = {(cohort, "CRC", "statutory", "community"): n for cohort, n in people.items()}
    shield = Shield(raw(sizes(atoms)), WAVE, for_audience("board"), Earlier({}, {}))
    said = {(*atom, "now"): (n, 0, 0) for atom, n in zip(atoms, yes, strict=True)}
    return shield.code(counted(shield.world, said, sensitive=True))


@pytest.mark.parametrize("total", [0, 3, 5, 7, 8, 11])
def test_the_form_of_a_sensitive_code_is_the_same_whoever_of_the_total_said_yes(
    total: int,
) -> None:
    people = {"PPO": 5, "HCCU": 6}
    forms = {kept(people, item[:-1]).form for item in answers((5, 6), 0, total)}
    assert len(forms) == 1
    (form,) = forms
    assert {group.cohort for group in form.exact} == {"All"}
    assert {group.cohort for group in form.banded} == (set() if total == 7 else set(people))


@pytest.mark.parametrize("audience", audiences.names())
def test_every_number_of_people_lies_in_exactly_one_band_and_in_that_of_its_words(
    audience: str,
) -> None:
    for bands in for_audience(audience).bands:
        for n in range(1, 120):
            numbers = [yes for band in bands for yes in band.counts(n)]
            assert numbers == list(range(n + 1)), (words(bands), n)
            for band in bands:
                assert all(read(words(bands), yes, n) == band.words for yes in band.counts(n))


@pytest.mark.parametrize("audience", audiences.names())
def test_no_band_says_nobody_or_everybody_of_a_group_that_may_be_shown(audience: str) -> None:
    policy = for_audience(audience)
    for bands in policy.bands:
        for n in range(policy.smallest, 120):
            assert [*bands[0].counts(n)][:2] == [0, 1]
            assert [*bands[-1].counts(n)][-2:] == [n - 1, n]
