"""What an attempt means: delivered, later, given up; and when to leave a receiver alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.errors import InvalidError
from services.delivery.domain.webhooks import (
    HOLD_AFTER,
    MAX_HOLD,
    MAX_RETRY_AFTER,
    Disabled,
    Fate,
    Reply,
    Schedule,
    Verdict,
    judge,
)
from services.delivery.store.pauses import bundled_pauses, read_pauses
from tests.unit.delivery.parcels import MINUTE, delivery
from tests.unit.delivery.stories import NOON

SCHEDULE = Schedule([10.0, 60.0, 600.0])
FAILED = Reply("STATUS", 500)


def said(reply: Reply = FAILED, jitter: float = 1.0, **of: object) -> Verdict:
    return judge(
        delivery(**of), reply, schedule=SCHEDULE, now=NOON, jitter=lambda low, high: jitter
    )


def test_the_bundled_table_tries_for_three_days() -> None:
    """The pauses grow, and together are three days."""
    pauses = read_pauses(bundled_pauses())

    assert Schedule(pauses).whole == timedelta(days=3)
    assert list(pauses[:-1]) == sorted(pauses[:-1])


def test_each_failure_waits_as_the_table_says() -> None:
    """The first pause follows the first attempt."""
    dues = [said(attempts=n, first_attempt_time=NOON).due - NOON for n in range(3)]

    assert [due.total_seconds() for due in dues] == [10, 60, 600]


def test_jitter_draws_from_around_the_pause() -> None:
    """Between four fifths and six fifths, so that not all come back at once."""
    drawn: list[tuple[float, float]] = []

    def jitter(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    verdict = judge(delivery(), FAILED, schedule=SCHEDULE, now=NOON, jitter=jitter)

    assert drawn == [(0.8, 1.2)]
    assert verdict.due - NOON == timedelta(seconds=12)


def test_what_arrived_is_done() -> None:
    """Any 2xx."""
    assert said(Reply("OK", 204)).fate is Fate.DELIVERED


def test_retry_after_is_respected_for_the_whole_subscription() -> None:
    """It is not asked again before, with this event or another; but never longer than a day."""
    asked = said(Reply("STATUS", 503, MINUTE * 5))
    endless = said(Reply("STATUS", 429, timedelta(days=400)))

    assert asked.due == asked.held_until == NOON + MINUTE * 5
    assert endless.held_until == NOON + MAX_RETRY_AFTER


def test_retry_after_does_not_shorten_a_pause() -> None:
    """Later of the two."""
    assert said(Reply("STATUS", 503, timedelta(0))).due == NOON + timedelta(seconds=10)


def test_gone_disables_at_once_and_loses_nothing() -> None:
    """410 ends the subscription; the event stays for when it is activated again."""
    verdict = said(Reply("STATUS", 410))

    assert (verdict.fate, verdict.disabled) == (Fate.LATER, Disabled.GONE)


def test_after_the_last_pause_an_event_is_given_up() -> None:
    """It becomes a dead letter, and where anything else arrived meanwhile the rest goes on."""
    tried = {"attempts": 3, "first_attempt_time": NOON - MINUTE * 20}

    verdict = said(**tried, success_time=NOON - MINUTE)

    assert (verdict.fate, verdict.disabled) == (Fate.DEAD, None)


@pytest.mark.parametrize("success", [None, NOON - MINUTE * 21])
def test_where_nothing_arrived_for_as_long_the_subscription_is_given_up(success: object) -> None:
    """A receiver that is gone for three days needs a person."""
    verdict = said(attempts=3, first_attempt_time=NOON - MINUTE * 20, success_time=success)

    assert verdict.disabled is Disabled.EXHAUSTED


def test_time_gives_up_too() -> None:
    """Attempts that were held back make the three days a day longer and no more."""
    end = SCHEDULE.whole + MAX_RETRY_AFTER

    still = said(attempts=1, first_attempt_time=NOON - end + MINUTE)
    over = said(attempts=1, first_attempt_time=NOON - end)

    assert (still.fate, over.fate) == (Fate.LATER, Fate.DEAD)


def test_many_failures_in_a_row_hold_everything() -> None:
    """One failure holds its own event; the fifth holds the subscription, and never for long."""
    one, five, many = (said(failures=n).held_until for n in (0, HOLD_AFTER - 1, 500))

    assert one is None
    assert five == NOON + timedelta(seconds=10)
    assert many == NOON + MAX_HOLD


@pytest.mark.parametrize("text", ["", "pauses = []", "pauses = [0]", "pauses = ['x']", "p ="])
def test_a_table_that_makes_no_sense_stops_the_start(text: str, tmp_path: Path) -> None:
    """It is refused, and the setting is named."""
    path = tmp_path / "pauses.toml"
    path.write_text(text)

    with pytest.raises(InvalidError) as refused:
        Schedule(read_pauses(path))

    assert refused.value.field == "pauses"
