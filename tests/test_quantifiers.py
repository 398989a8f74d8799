"""Words and shares, at every boundary of the findings' table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iomdash.declared.quantifiers import QUANTIFIERS, SPOKEN, strongest

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
    assert strongest(x, n) == word


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_spoken_word_is_always_true(case: tuple[int, int]) -> None:
    word = strongest(*case)
    assert (word == "none") == (case[0] == 0)
    assert word == "none" or next(q for q in SPOKEN if q.word == word).holds(*case)


@pytest.mark.parametrize(("x", "n"), [(-1, 11), (12, 11), (0, 0)])
def test_what_is_no_share_is_refused_in_words(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="is not a share: give 0 <= x <= n and n > 0"):
        QUANTIFIERS[0].holds(x, n)
