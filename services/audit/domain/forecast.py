"""The way to all services online: a straight line through the days so far, and how sure it is.

The share of each day is weighted by how many cases, or services, it is of. How sure the line is,
is told by drawing its residuals anew a thousand times, in blocks of a week, so that days which are
like their neighbours are not taken for news (moving-block bootstrap, Künsch 1989; seed fixed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from services.audit.domain.demand import Period

FEWEST_DAYS = 14
BLOCK_DAYS = 7
DRAWS = 1000
SEED = 20260118
ENDS = (2.5, 97.5)
GOAL_DAYS = 3 * 365
STEP_DAYS = 30
FAR_DAYS = 365 * 50
"""What is reached later than this is told as never."""
DONE = 1.0

Floats = Any


@dataclass(frozen=True, slots=True)
class DayShare:
    """How many of how many were online on a day."""

    day: date
    part: int
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPoint:
    """Where the line stands on a day; fields as in audit.proto."""

    basis: str
    day: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The way to all services online, by one way of counting; fields as in audit.proto."""

    basis: str
    day_count: int
    share: float
    share_low: float = 0.0
    share_high: float = 0.0
    change_per_month: float = 0.0
    change_low: float = 0.0
    change_high: float = 0.0
    reach_date: str = ""
    earliest_reach_date: str = ""
    latest_reach_date: str = ""
    needed_per_month: float = 0.0
    reason_code: str = ""
    points: Sequence[ForecastPoint] = ()


@dataclass(frozen=True, slots=True)
class CoverageForecast:
    """The way by both ways of counting."""

    period: Period
    goal: date
    forecasts: Sequence[Forecast]

    @property
    def points(self) -> Sequence[ForecastPoint]:
        """Return the points of all."""
        return [point for one in self.forecasts for point in one.points]


def forecast(basis: str, told: Sequence[DayShare], today: date, goal: date) -> Forecast:
    """Draw the line, and tell when it reaches all and where it stands at the goal's day."""
    days = [one for one in told if one.whole]
    last = days[-1].part / days[-1].whole if days else 0.0
    if len(days) < FEWEST_DAYS:
        return Forecast(basis=basis, day_count=len(days), share=last, reason_code="TOO_FEW_DAYS")
    at = np.array([(one.day - today).days for one in days], float)
    shares = np.array([one.part / one.whole for one in days])
    weights = np.array([one.whole for one in days], float)
    line = _fit(at, shares, weights)
    drawn = _drawn(at, shares, weights, line)
    now, low, high = _stands(line, drawn, 0)
    slope_low, slope_high = np.percentile(drawn[:, 1], ENDS)
    reached = sorted(_reach(one) for one in drawn)
    return Forecast(
        basis=basis,
        day_count=len(days),
        share=now,
        share_low=low,
        share_high=high,
        change_per_month=float(line[1]) * STEP_DAYS,
        change_low=float(slope_low) * STEP_DAYS,
        change_high=float(slope_high) * STEP_DAYS,
        reach_date=_date(today, _reach(line)),
        earliest_reach_date=_date(today, reached[int(DRAWS * 0.025)]),
        latest_reach_date=_date(today, reached[int(DRAWS * 0.975)]),
        needed_per_month=(DONE - now) / max(1, (goal - today).days) * STEP_DAYS,
        reason_code="" if _reach(line) < FAR_DAYS else "NOT_GROWING",
        points=[_point(basis, line, drawn, today, ahead) for ahead in _steps(today, goal)],
    )


def _steps(today: date, goal: date) -> Sequence[int]:
    ahead = max(0, (goal - today).days)
    return [*range(0, ahead, STEP_DAYS), ahead]


def _fit(at: Floats, shares: Floats, weights: Floats) -> Floats:
    """Return where lines stand today and by how much they grow a day, by least squares.

    `at` and `weights` are of shape (days,), `shares` of (…, days); returned is (…, 2).
    """
    middle = np.average(at, weights=weights)
    height = shares @ weights / weights.sum()
    away = weights * (at - middle)
    spread = float(away @ (at - middle))
    slope = shares @ away / spread if spread else np.zeros_like(height)  # `away` adds up to nothing
    return np.stack([height - slope * middle, slope], axis=-1)


def _drawn(at: Floats, shares: Floats, weights: Floats, line: Floats) -> Floats:
    """Return the lines through days drawn anew: the line's own, and residuals in blocks."""
    chance = np.random.default_rng(SEED)
    fitted = line[0] + line[1] * at
    residuals = shares - fitted
    count = len(at)
    block = min(BLOCK_DAYS, count)
    begins = chance.integers(0, count - block + 1, (DRAWS, -(-count // block)))
    places = (begins[:, :, None] + np.arange(block)).reshape(DRAWS, -1)[:, :count]
    # The weights scale how far a day of few cases strays, and go with the day, not the residual.
    scaled = residuals * np.sqrt(weights)
    return _fit(at, fitted + scaled[places] / np.sqrt(weights), weights)


def _stands(line: Floats, drawn: Floats, ahead: int) -> tuple[float, float, float]:
    low, high = np.percentile(drawn[:, 0] + drawn[:, 1] * ahead, ENDS)
    whole = (float(line[0] + line[1] * ahead), float(low), float(high))
    share, low, high = (min(1.0, max(0.0, one)) for one in whole)
    return share, low, high


def _point(basis: str, line: Floats, drawn: Floats, today: date, ahead: int) -> ForecastPoint:
    share, low, high = _stands(line, drawn, ahead)
    day = (today + timedelta(ahead)).isoformat()
    return ForecastPoint(basis=basis, day=day, share=share, low=low, high=high)


def _reach(line: Floats) -> float:
    """Return in how many days a line reaches all; far where it does not grow."""
    height, slope = float(line[0]), float(line[1])
    if height >= DONE:
        return 0.0
    return min(FAR_DAYS, (DONE - height) / slope) if slope > 0 else FAR_DAYS


def _date(today: date, ahead: float) -> str:
    """Return the day that is so far ahead; empty where that is never."""
    return (
        (today + timedelta(int(ahead) + (ahead > int(ahead)))).isoformat()
        if ahead < FAR_DAYS
        else ""
    )
