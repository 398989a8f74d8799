"""Intervals and tests against published and hand-worked figures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iomdash.declared.quantifiers import ALL, AT_LEAST_ONE, LARGE_MAJORITY, MAJORITY, QUANTIFIERS
from iomdash.declared.verdicts import Verdict
from iomdash.evidence import stats
from iomdash.evidence.settling import interviews_needed, verdict

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


def test_a_known_caseload_gives_the_exact_interval() -> None:
    # 5 of 10 people asked, all 5 said yes. With K of 10 willing, all five being willing has
    # probability C(K,5)/C(10,5): K = 7 gives 21/252 = 0.083, K = 6 gives 6/252 = 0.024 < 0.025.
    assert stats.interval(5, 5, population=10) == (0.7, 1.0)


def test_a_large_caseload_is_drawn_from_as_the_finite_population_correction_says() -> None:
    error = 1.959964 * (0.7 * 0.3 / 100_000 * 12_000 / 111_999) ** 0.5
    result = stats.interval(70_000, 100_000, population=112_000)
    assert result == pytest.approx((0.7 - error, 0.7 + error), abs=1e-5)


@pytest.mark.parametrize("population", [11, 5])
def test_when_everybody_was_asked_the_share_is_certain(population: int) -> None:
    assert stats.interval(4, 11, population=population) == pytest.approx((4 / 11, 4 / 11))


@given(SHARES)
def test_the_share_seen_lies_within_its_interval(case: tuple[int, int]) -> None:
    x, n = case
    low, high = stats.interval(x, n)
    assert 0 <= low <= x / n + 1e-12
    assert x / n - 1e-12 <= high <= 1


@settings(max_examples=50)
@given(SHARES, st.integers(0, 300))
def test_a_caseload_never_admits_fewer_people_than_were_seen(
    case: tuple[int, int], more: int
) -> None:
    x, n = case
    low, high = stats.interval(x, n, population=n + more)
    assert x / (n + more) - 1e-12 <= low <= high <= (x + more) / (n + more) + 1e-12


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


@given(SHARES)
def test_no_sample_settles_all_or_at_least_one(case: tuple[int, int]) -> None:
    assert verdict(*case, ALL) is not Verdict.SETTLED
    assert verdict(*case, AT_LEAST_ONE) is not Verdict.SETTLED


@pytest.mark.parametrize(
    ("x", "n", "population", "expected"),
    [(0, 0, None, Verdict.NO_DATA), (5, 11, None, Verdict.FAILS), (6, 11, None, Verdict.HERE),
     (9, 11, None, Verdict.SETTLED), (6, 11, 11, Verdict.SETTLED)],
)  # fmt: skip
def test_a_majority_is_settled_when_its_whole_interval_is(
    x: int, n: int, population: int | None, expected: Verdict
) -> None:
    assert verdict(x, n, MAJORITY, population=population) is expected


def test_everybody_asked_settles_even_all() -> None:
    assert verdict(11, 11, ALL, population=11) is Verdict.SETTLED
    assert verdict(11, 11, ALL, population=12) is Verdict.HERE


@pytest.mark.parametrize(("x", "n", "word"), [(6, 11, MAJORITY), (8, 11, LARGE_MAJORITY)])
def test_the_interviews_needed_are_the_fewest_that_settle(x: int, n: int, word) -> None:
    needed = interviews_needed(x, n, word)
    assert needed is not None
    share = x / n
    inside = [
        m
        for m in range(n, needed + 1)
        if all(word.admits(b) for b in stats.intervals(share, range(m, m + 1))[0])
    ]
    assert inside == [needed]


@pytest.mark.parametrize("quantifier", QUANTIFIERS, ids=lambda q: q.word)
def test_no_number_is_named_where_none_would_do(quantifier) -> None:
    assert interviews_needed(0, 0, quantifier) is None
    if not quantifier.provable:
        assert interviews_needed(11, 11, quantifier) is None
