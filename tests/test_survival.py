"""Survival curve and rates against published figures."""

import pytest

from iomdash.evidence.survival import DAYS_A_YEAR, Rate, Spread, incidence, per_year, ratio

# Freireich and others 1963, weeks of remission under 6-mercaptopurine, 21 patients.
EVENTS = {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}
CENSORED = {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1, 35: 1}
# Survivor function and 95 % interval on the log-log scale, as textbooks print them.
PUBLISHED = [
    (6, 21, 3, 0.8571, 0.6197, 0.9516),
    (7, 17, 1, 0.8067, 0.5631, 0.9228),
    (10, 15, 1, 0.7529, 0.5032, 0.8894),
    (13, 12, 1, 0.6902, 0.4316, 0.8491),
    (16, 11, 1, 0.6275, 0.3675, 0.8049),
    (22, 7, 1, 0.5378, 0.2678, 0.7468),
    (23, 6, 1, 0.4482, 0.1881, 0.6801),
]


def test_the_curve_of_one_cause_has_the_published_values_of_a_published_data_set() -> None:
    [points] = incidence([EVENTS], CENSORED)
    result = [
        (p.month, p.at_risk, p.events, 1 - p.share, 1 - p.band.high, 1 - p.band.low)
        for p in points if p.events
    ]  # fmt: skip
    assert [row[:3] for row in result] == [row[:3] for row in PUBLISHED]
    for row, printed in zip(result, PUBLISHED, strict=True):
        assert row[3:] == pytest.approx(printed[3:], abs=0.00006)
    assert [p.month for p in points] == list(range(1, 36))


def test_what_comes_first_of_two_causes_is_no_chance_for_the_other() -> None:
    # Of ten, two offend and one goes into custody in month 1, one is last seen in it. Of the six
    # left, three offend in month 2: 2/10, then 7/10 of 3/6 more. Kaplan and Meier, who take custody
    # for a time unseen, would say 1 - 8/10 * 3/6 = 60 %.
    offended, custody = incidence([{1: 2, 2: 3}, {1: 1}], {1: 1, 2: 3})
    assert [p.at_risk for p in offended] == [10, 6]
    assert [p.share for p in offended] == pytest.approx([0.2, 0.2 + 0.7 * 0.5])
    assert [p.share for p in custody] == pytest.approx([0.1, 0.1])


def test_no_band_is_without_width() -> None:
    for counted in ([{1: 1, 2: 1}], [{}], [{2: 3}, {}]):
        for points in incidence(counted, {3: 4}):
            assert all(0 <= p.band.low <= p.share <= p.band.high <= 1 for p in points)
            assert all(p.band.low < p.band.high for p in points)


def test_a_curve_ends_where_fewer_than_a_step_of_each_part_are_at_risk() -> None:
    events = {1: 10, 4: 10, 7: 5, 9: 5}
    for parts, last in ((1, 9), (2, 7), (3, 4)):
        [points] = incidence([events], {9: 0}, step=5, parts=parts)
        assert points[-1].month == last
        assert points[-1].at_risk >= 5 * parts


def test_rounding_widens_the_band_by_as_much_as_it_can_err() -> None:
    events, seen = {3: 20, 6: 20}, {12: 60}
    [exact], [rounded] = (incidence([events], seen, step=step, parts=2) for step in (1, 5))
    [one, other] = (next(p for p in points if p.month == 6) for points in (exact, rounded))
    # Two totals of an error of 2 people each, of 100 at risk: 1.96 times the root of 8 over 100.
    reach = 1.959964 * 8**0.5 / 100
    low, high = one.share - one.band.low, one.band.high - one.share
    assert other.share - other.band.low == pytest.approx((low**2 + reach**2) ** 0.5)
    assert other.band.high - other.share == pytest.approx((high**2 + reach**2) ** 0.5)


def test_a_curve_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        incidence([{}], {})


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (10, 4.80, 18.39), (20, 12.22, 30.89)],
)  # Garwood's exact limits of a Poisson count
def test_a_rate_has_the_exact_poisson_interval(events: int, low: float, high: float) -> None:
    result = per_year(events, 146_100)  # 400 years
    assert result.rate == events / 400
    assert (result.low * 400, result.high * 400) == pytest.approx((low, high), abs=0.005)


def test_a_rate_is_per_year_of_days() -> None:
    assert per_year(6, int(4 * DAYS_A_YEAR)).rate == 1.5


@pytest.mark.parametrize(("events", "days"), [(1, 0), (-1, 10)])
def test_a_rate_without_time_or_with_negative_events_is_refused(events: int, days: int) -> None:
    with pytest.raises(ValueError, match="is not a rate: give days above 0"):
        per_year(events, days)


YEAR = 1461  # days of four years, so that the rates are whole


def test_events_of_few_people_widen_the_interval() -> None:
    # Three people of four years each, with 0, 4 and 20 events: 24 in 12 years, 2 a year, 8 each.
    # Their differences from 8 are -8, -4, 12: squares 64 + 16 + 144 = 224, times 3/2 is 336.
    # The error of the logarithm is the root of 336 over 24 = 0.7638; t with 2 degrees is 4.3027,
    # so the factor is exp(3.2863) = 26.74.
    spread = Spread(3, 0 + 16 + 400, 24 * YEAR, 3 * YEAR**2)
    result = per_year(24, 3 * YEAR, spread)
    assert result == pytest.approx((2, 2 / 26.74, 2 * 26.74), rel=1e-3)


def test_events_that_everybody_shares_alike_leave_the_poisson_interval() -> None:
    # Three people with 8 each: no spread at all.
    spread = Spread(3, 3 * 64, 24 * YEAR, 3 * YEAR**2)
    assert per_year(24, 3 * YEAR, spread) == per_year(24, 3 * YEAR)


@pytest.mark.parametrize("spread", [Spread(1, 576, 24 * YEAR, YEAR**2), None])
def test_one_person_says_nothing_of_how_people_differ(spread: Spread | None) -> None:
    assert per_year(24, YEAR, spread) == per_year(24, YEAR)


def test_no_event_has_no_spread() -> None:
    assert per_year(0, 3 * YEAR, Spread(3, 0, 0, 3 * YEAR**2)) == per_year(0, 3 * YEAR)


def test_noise_widens_an_interval_and_a_sum_of_weights_has_that_of_people_alone() -> None:
    spread = Spread(3, 0 + 16 + 400, 24 * YEAR, 3 * YEAR**2)
    noisy = per_year(24, 3 * YEAR, spread, noise=0.5)
    # The logarithm reaches 3.2863 for people, and 1.96 times a half for noise.
    factor = 2.718282 ** ((3.2863**2 + 0.979982**2) ** 0.5)
    assert noisy == pytest.approx((2, 2 / factor, 2 * factor), rel=1e-3)
    alike = Spread(3, 3 * 64, 24 * YEAR, 3 * YEAR**2)
    assert per_year(24, 3 * YEAR, alike, counted=False) == pytest.approx((2, 2, 2))


def test_the_largest_part_is_about_that_of_exponential_numbers() -> None:
    # Of 100 exponential numbers of mean 3, squares 18 in the mean, it is 3 * (4.61 + 0.58).
    assert Spread(100, 1800, 0, 0).largest == pytest.approx(3 * 5.18, rel=0.01)


def test_a_ratio_joins_the_errors_of_both_rates() -> None:
    # Factors of 2 and of 1.5 either way: the logarithms 0.6931 and 0.4055 reach 0.8030 together.
    result = ratio(Rate(2, 1, 4), Rate(4, 4 / 1.5, 6))
    assert result == pytest.approx((0.5, 0.5 / 2.2322, 0.5 * 2.2322), rel=1e-4)


@pytest.mark.parametrize("other", [Rate(0, 0, 1), Rate(2, None, None)])
def test_a_ratio_to_nothing_or_to_a_rate_without_an_interval_is_refused(other: Rate) -> None:
    with pytest.raises(ValueError, match="is not a ratio: give rates above 0"):
        ratio(Rate(2, 1, 4), other)
