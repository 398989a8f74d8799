"""Words and shares, at every boundary of the findings' table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iomdash.declared.quantifiers import QUANTIFIERS, SPOKEN, Quantifier, strongest
from iomdash.declared.verdicts import Verdict

# The counts of 11 for which each word is true, from the table of the findings.
OF_ELEVEN = {
    "all": {11},
    "nearly all": {9, 10},
    "a large majority": {8, 9, 10, 11},
    "a majority": {6, 7, 8, 9, 10, 11},
    "at least half": {6, 7, 8, 9, 10, 11},
    "not all": set(range(11)),
    "a minority": {1, 2, 3, 4, 5},
    "some": {2, 3, 4, 5},
    "at least one": set(range(1, 12)),
}


@pytest.mark.parametrize("quantifier", QUANTIFIERS, ids=lambda q: q.word)
def test_a_word_holds_for_exactly_the_counts_of_eleven_that_the_table_gives(quantifier) -> None:
    assert {x for x in range(12) if quantifier.holds(x, 11)} == OF_ELEVEN[quantifier.word]


@pytest.mark.parametrize(
    ("x", "n", "word"),
    [(11, 11, "all"), (10, 11, "nearly all"), (4, 5, "nearly all"), (2, 3, "a large majority"),
     (6, 11, "a majority"), (5, 10, "at least half"), (5, 11, "some"), (2, 11, "some"),
     (1, 11, "at least one"), (0, 11, "none"), (1, 1, "all"), (1, 2, "at least half")],
)  # fmt: skip
def test_the_strongest_word_that_is_true_is_spoken(x: int, n: int, word: str) -> None:
    assert strongest(x, x, n) == word


RANGES = st.integers(1, 120).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))
)


@given(RANGES)
def test_a_spoken_word_is_true_of_every_count_of_the_range_and_the_strongest_that_is(
    case: tuple[int, int, int],
) -> None:
    (least, most), n = sorted(case[:2]), case[2]
    word = strongest(least, most, n)
    true = [q.word for q in SPOKEN if all(q.holds(x, n) for x in range(least, most + 1))]
    assert word == ("none" if most == 0 else true[0] if true else None)


# How 0 to 12 of 12 stand to each word, by hand: A against, W weaker, c as claimed, S stronger.
OF_TWELVE = {
    "all": "AAAAAAWWWWWWc",
    "nearly all": "AAAAAAWWWWccS",
    "a large majority": "AAAAAAWWccccc",
    "a majority": "AAAAAAWcccccc",
    "at least half": "AAAAAAccccccc",
    "not all": "ccccccccccccA",
    "a minority": "WcccccAAAAAAA",
    "some": "AWcccccSSSSSS",
    "at least one": "Acccccccccccc",
}
SIGNS = {"A": Verdict.AGAINST, "W": Verdict.WEAKER, "c": Verdict.AS_CLAIMED, "S": Verdict.STRONGER}


@pytest.mark.parametrize("quantifier", QUANTIFIERS, ids=lambda q: q.word)
def test_a_count_stands_to_a_word_as_the_table_says(quantifier: Quantifier) -> None:
    verdicts = [quantifier.verdict(x, 12) for x in range(13)]
    assert verdicts == [SIGNS[sign] for sign in OF_TWELVE[quantifier.word]]


@given(st.sampled_from(QUANTIFIERS), RANGES)
def test_what_both_ends_of_a_range_give_all_between_give(
    quantifier: Quantifier, case: tuple[int, int, int]
) -> None:
    (least, most), n = sorted(case[:2]), case[2]
    if quantifier.verdict(least, n) is quantifier.verdict(most, n):
        assert len({quantifier.verdict(x, n) for x in range(least, most + 1)}) == 1


@given(st.sampled_from(QUANTIFIERS), st.floats(0, 1), st.floats(0, 1))
def test_between_two_cuts_every_share_gives_the_same_verdict(
    quantifier: Quantifier, one: float, other: float
) -> None:
    shares = [one, other]
    apart = any(min(shares) <= cut <= max(shares) for cut in quantifier.cuts)
    assert apart or quantifier.at(one) is quantifier.at(other)


@pytest.mark.parametrize(("x", "n"), [(-1, 11), (12, 11), (0, 0)])
def test_what_is_no_share_is_refused_in_words(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="is not a share: give 0 <= x <= n and n > 0"):
        QUANTIFIERS[0].holds(x, n)
