"""Intervals and tests against published and hand-worked figures."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from iomdash.evidence import stats

SHARES = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    # Newcombe 1998, table I, method 3 (score, without continuity correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_gives_the_published_intervals(x: int, n: int, low: float, high: float) -> None:
    assert stats.interval(x, n) == pytest.approx((low, high), abs=5e-5)


def test_everybody_of_eleven_means_at_least_74_of_100() -> None:
    # With x = n Wilson's lower end is n / (n + z squared): 11 / (11 + 3.8415) = 0.7412.
    assert stats.interval(11, 11) == pytest.approx((0.7412, 1.0), abs=5e-5)


@pytest.mark.parametrize("n", [2, 3, 11, 39, 160, 640])
def test_the_interval_is_the_one_that_statsmodels_gives_to_the_last_digit(n: int) -> None:
    for x in range(1, n):
        theirs = proportion_confint(x, n, alpha=1 - stats.CONFIDENCE, method="wilson")
        assert stats.interval(x, n) == theirs


@given(SHARES)
def test_the_share_seen_lies_within_its_interval(case: tuple[int, int]) -> None:
    x, n = case
    low, high = stats.interval(x, n)
    assert 0 <= low <= x / n + 1e-12
    assert x / n - 1e-12 <= high <= 1


def test_the_lady_who_tastes_tea_gives_fishers_own_figure() -> None:
    # Fisher 1935: 3 of 4 right among 4 and 4: two-sided 2 (16 + 1) / 70 = 34 / 70.
    assert stats.exact_test([3, 1], [4, 4]) == (pytest.approx(34 / 70), True)


def test_three_groups_are_weighed_table_by_table() -> None:
    # 2 yes of 2, 0 of 2, 0 of 2: of C(6,2) = 15 ways, 3 put both into one group (weight 1 each)
    # and 12 split them (weight 4 for each pair of groups). As likely or less: the 3, so 3/15.
    assert stats.exact_test([2, 0, 0], [2, 2, 2]).p == pytest.approx(3 / 15)


@pytest.mark.parametrize("yes", [[0, 0, 0], [4, 5, 6]])
def test_groups_that_are_unanimous_alike_cannot_differ(yes: list[int]) -> None:
    assert stats.exact_test(yes, [4, 5, 6]) == (1.0, True)


def test_too_many_tables_are_drawn_and_agree_with_the_exact_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = stats.exact_test([8, 5, 11], [20, 20, 20])
    monkeypatch.setattr(stats, "MOST_TABLES", 10)
    drawn = stats.exact_test([8, 5, 11], [20, 20, 20])
    assert (exact.exact, drawn.exact) == (True, False)
    assert drawn.p == pytest.approx(exact.p, abs=0.01)


def test_ten_thousand_interviews_can_be_compared() -> None:
    assert stats.exact_test([900, 1500, 1200, 1300], [2500] * 4).p < 0.001


@pytest.mark.parametrize(("yes", "n"), [([1], [2]), ([3, 1], [2, 2]), ([-1, 1], [2, 2])])
def test_what_cannot_be_compared_is_refused(yes: list[int], n: list[int]) -> None:
    with pytest.raises(ValueError, match="at least two groups"):
        stats.exact_test(yes, n)


def test_holm_multiplies_by_the_tests_that_are_left() -> None:
    # Sorted 0.01, 0.02, 0.04: times 3, 2, 1 is 0.03, 0.04, 0.04; never falling.
    assert stats.holm([0.02, 0.04, 0.01]) == pytest.approx([0.04, 0.04, 0.03])
    assert stats.holm([]) == []


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(P_VALUES)
def test_holm_adjusts_as_statsmodels_does(values: list[float]) -> None:
    with patch("gc.collect"):  # which statsmodels calls each time, and all workers pay
        theirs = multipletests(values, method="holm")[1].tolist()
    assert stats.holm(values) == pytest.approx(theirs)
