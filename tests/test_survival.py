"""Survival curve and rates against published figures."""

import pytest

from iomdash.survival import DAYS_A_YEAR, curve, per_year

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
    found = [(*point[:4], *point.band) for point in curve(EVENTS, CENSORED)]
    assert [row[:3] for row in found] == [row[:3] for row in PUBLISHED]
    for row, printed in zip(found, PUBLISHED, strict=True):
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
    found = per_year(events, 146_100)  # 400 years
    assert found.rate == events / 400
    assert (found.low * 400, found.high * 400) == pytest.approx((low, high), abs=0.005)


def test_a_rate_is_per_year_of_days() -> None:
    assert per_year(6, int(4 * DAYS_A_YEAR)).rate == 1.5


@pytest.mark.parametrize(("events", "days"), [(1, 0), (-1, 10)])
def test_a_rate_without_time_or_with_negative_events_is_refused(events: int, days: int) -> None:
    with pytest.raises(ValueError, match="is not a rate: give days above 0"):
        per_year(events, days)
