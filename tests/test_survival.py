"""Survival curve and rates against published figures."""

import pytest

from iomdash.evidence.survival import DAYS_A_YEAR, Spread, curve, per_year

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


def test_the_curve_of_a_published_data_set_has_its_published_values() -> None:
    result = [(*point[:4], *point.band) for point in curve(EVENTS, CENSORED)]
    assert [row[:3] for row in result] == [row[:3] for row in PUBLISHED]
    for row, printed in zip(result, PUBLISHED, strict=True):
        assert row[3:] == pytest.approx(printed[3:], abs=0.00006)


def test_a_curve_falls_to_nothing_when_the_last_person_at_risk_offends() -> None:
    [first, last] = curve({1: 1, 2: 1}, {})
    assert (first.free, last.free, last.band) == (0.5, 0.0, (0.0, 0.0))


def test_a_curve_without_an_event_has_no_step() -> None:
    assert curve({}, {3: 4}) == []


def test_a_curve_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        curve({}, {})


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
