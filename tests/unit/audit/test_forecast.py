"""When all services are online."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest

from services.audit.domain.forecast import DayShare, Forecast, forecast

TODAY = date(2026, 3, 31)
GOAL = date(2029, 3, 31)


def told(share: Callable[[int], float], days: int = 90, whole: int = 1000) -> list[DayShare]:
    """Return shares of the last days; `share` takes how many days ago it was, below 0."""
    return [
        DayShare(TODAY + timedelta(ago), round(share(ago) * whole), whole)
        for ago in range(1 - days, 1)
    ]


def ask(days: list[DayShare]) -> Forecast:
    return forecast("demand", days, TODAY, GOAL)


def noisy(ago: int, chance: Random) -> float:
    return 0.92 + 0.0002 * ago + chance.gauss(0, 0.01)


def test_a_straight_way_is_gone_on() -> None:
    """From 92 % by 0.02 of a percent a day, the rest takes four hundred days."""
    found = ask(told(lambda ago: 0.92 + 0.0002 * ago, whole=1_000_000))

    assert found.share == pytest.approx(0.92, abs=1e-4)
    assert found.change_per_month == pytest.approx(0.006, abs=1e-5)
    assert abs((date.fromisoformat(found.reach_date) - TODAY).days - 400) <= 2


def test_the_interval_holds_the_line() -> None:
    """Early before late, low below high, and wider the farther ahead."""
    chance = Random(4)
    found = ask(told(lambda ago: noisy(ago, chance)))

    assert found.earliest_reach_date < found.reach_date
    assert found.change_low < found.change_per_month < found.change_high
    widths = [point.high - point.low for point in found.points[:5]]
    assert widths == sorted(widths)
    assert all(point.low <= point.share <= point.high for point in found.points)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of a hundred ways known to be straight, the slope lies in the interval in about 95."""
    chance = Random(6)
    held = 0
    for _ in range(100):
        found = ask(told(lambda ago: noisy(ago, chance), whole=10_000))
        held += found.change_low <= 0.006 <= found.change_high

    assert 85 <= held <= 100


def test_what_does_not_grow_never_gets_there() -> None:
    """And says so, rather than naming a day far away."""
    found = ask(told(lambda ago: 0.92 - 0.0001 * ago))

    assert (found.reach_date, found.reason_code) == ("", "NOT_GROWING")


def test_a_few_days_make_no_line() -> None:
    """Thirteen days are told as they are."""
    found = ask(told(lambda ago: 0.9, days=13))

    assert (found.day_count, found.share, found.reason_code) == (13, 0.9, "TOO_FEW_DAYS")
    assert found.points == ()


def test_what_is_reached_is_reached_today() -> None:
    """All online needs no forecast."""
    found = ask(told(lambda ago: 1.0))

    assert (found.reach_date, found.needed_per_month) == (TODAY.isoformat(), 0.0)


def test_the_goal_says_what_is_needed() -> None:
    """Eight percent over three years."""
    found = ask(told(lambda ago: 0.92))

    assert found.needed_per_month == pytest.approx(0.08 / 1096 * 30, rel=1e-6)
    assert found.points[-1].day == GOAL.isoformat()


def test_days_of_few_cases_weigh_less() -> None:
    """A holiday on which three of three were online changes little."""
    days = told(lambda ago: 0.92)
    holiday = DayShare(TODAY, 3, 3)

    assert ask([*days[:-1], holiday]).share == pytest.approx(0.92, abs=1e-3)


def test_the_same_days_give_the_same_answer() -> None:
    """Chance is drawn from a seed."""
    days = told(lambda ago: noisy(ago, Random(ago)))

    assert ask(days) == ask(days)


def test_no_point_leaves_the_possible() -> None:
    """A share is between 0 and 1, however far ahead."""
    found = ask(told(lambda ago: 0.99 + 0.0001 * ago))

    assert all(0 <= point.low <= point.high <= 1 for point in found.points)
