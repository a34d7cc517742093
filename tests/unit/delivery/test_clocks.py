"""Clocks of cases: what starts and stops them, and when they ring; years in milliseconds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.workdays import Calendar, end_of, last_day
from services.delivery.domain import CaseEvent
from services.delivery.domain.clocks import (
    Alarm,
    Kind,
    LegalClock,
    Ring,
    Rulebook,
    Rules,
    moments,
    ring,
    starts,
)
from services.delivery.store.rulebook import RulebookError, read_rulebook
from tests.unit.delivery.stories import event

CALENDAR = Calendar()
RULES = Rules()


def at(day: str, time: str = "10:00") -> datetime:
    """Return a time of 2026 in Kazakhstan, such as 02-16."""
    return datetime.fromisoformat(f"2026-{day}T{time}:00+05:00").astimezone(UTC)


def midnight(day: str) -> datetime:
    return end_of(at(day).date())


def told(name: str, state: str, day: str = "02-16", due: str = "", **more: Any) -> CaseEvent:
    """Return an event as cases tells it."""
    plain = event("c1", more.pop("version", 2), name, **more)
    due_time = midnight(due) if due else None
    return replace(
        plain, state=state, event_time=at(day), due_time=due_time, service_id="identity.passport"
    )


RUNNING = [
    ("submitted", told("submitted", "submitted", due="02-19"), {"pass-on": "02-19"}),
    ("triaged", told("triaged", "triaged", due="02-19"), {"pass-on": "02-19"}),
    ("returned", told("returned", "returned", due="02-19"), {"pass-on": "02-19"}),
    ("asked which", told("confirmation-requested", "confirmation-requested"), {}),
    (
        "routed",
        told("routed", "routed", due="03-10"),
        {"term": "03-10", "acknowledgement": "02-16", "receipt": "02-16", "pass-on": "02-19"},
    ),
    (
        "routed on a Saturday",
        told("routed", "routed", "02-14", due="03-10"),
        {"term": "03-10", "acknowledgement": "02-14", "receipt": "02-16", "pass-on": "02-18"},
    ),
    ("accepted", told("accepted", "accepted", due="03-10"), {"term": "03-10"}),
    ("asked", told("information-requested", "information-requested"), {}),
    ("answered", told("information-provided", "accepted", due="03-12"), {"term": "03-12"}),
    ("done", told("completed", "completed"), {}),
    ("taken back", told("withdrawn", "withdrawn"), {}),
    ("reopened", told("reopened", "triaged", due="02-19"), {"pass-on": "02-19"}),
]


@pytest.mark.parametrize(
    ("after", "running"), [row[1:] for row in RUNNING], ids=[row[0] for row in RUNNING]
)
def test_what_runs_after_an_event(after: CaseEvent, running: dict[str, str]) -> None:
    """Each row is a rule: which clocks run, and on which day each is due."""
    clocks = starts(after, RULES, CALENDAR)

    assert clocks is not None
    assert days(clocks) == running


def days(clocks: Sequence[LegalClock]) -> dict[str, str]:
    """Return on which day each clock is due that runs."""
    ends = {one.kind.value: one.due_time for one in clocks if one.next_time}
    return {kind: f"{last_day(end):%m-%d}" for kind, end in ends.items()}


ROUTED = told("routed", "routed", due="03-10")
ASKING, ANSWERING = "information-requested", "information-provided"


@pytest.mark.parametrize(
    ("asked", "answered", "due"),
    [
        (("02-16",), ("02-16",), "02-19"),
        (("02-17",), ("03-02",), "03-04"),
        (("02-19",), ("03-02",), "03-02"),
        (("02-23",), ("03-02",), "03-02"),
        (("02-17", "02-24"), ("02-23", "03-02"), "03-03"),
    ],
    ids=["at once", "two days were left", "on the last day", "too late", "asked twice"],
)
def test_a_question_does_not_end_the_days_to_pass_a_case_on(
    asked: tuple[str, ...], answered: tuple[str, ...], due: str
) -> None:
    """They stand still while the citizen is asked, and go on with as many as were left."""
    clocks = after_all(ROUTED)
    for ask, answer in zip(asked, answered, strict=True):
        clocks = after_all(told(ASKING, ASKING, ask), clocks=clocks)
        assert days(clocks) == {}
        answer_event = told(ANSWERING, "routed", answer, due="03-31", version=4)
        clocks = after_all(answer_event, clocks=clocks)

    assert days(clocks) == {"pass-on": due, "term": "03-31"}
    assert {one.case_version for one in clocks} == {4}


@pytest.mark.parametrize(
    ("name", "state"),
    [("returned", "returned"), ("completed", "completed"), ("withdrawn", "withdrawn")],
)
def test_what_ends_while_the_citizen_is_asked_goes_on_no_more(name: str, state: str) -> None:
    """No clock is left of an office that the case has left."""
    clocks = after_all(ROUTED, told(ASKING, ASKING), told(name, state))

    assert clocks == []


def after_all(*events: CaseEvent, clocks: Sequence[LegalClock] = ()) -> Sequence[LegalClock]:
    """Return the clocks after events, one after another, of which each changes them."""
    for one in events:
        running = {clock.kind: clock for clock in clocks}
        changed = starts(one, RULES, CALENDAR, running)
        assert changed is not None
        clocks = changed
    return clocks


@pytest.mark.parametrize("name", ["split", "rated", "overdue", "unheard-of"])
def test_what_begins_no_stage_changes_no_clock(name: str) -> None:
    """What runs runs on, whatever the event holds."""
    assert starts(told(name, "routed", due="03-10"), RULES, CALENDAR) is None


def term(**more: Any) -> LegalClock:
    """Return a clock from Monday 16 February to the end of Friday 27."""
    values = {"kind": Kind.TERM, "start_time": at("02-16", "00:00"), "due_time": midnight("02-27")}
    values |= {"case_id": "c1", "case_version": 2, "office": "MIA", "service_id": "s"}
    return LegalClock(**(values | more))


def test_a_clock_reminds_and_then_escalates() -> None:
    """At shares of its time, when it is due, and by working days after."""
    found = [(one.time, one.ring, one.share, one.level) for one in moments(term(), RULES, CALENDAR)]

    assert found == [
        (at("02-22", "00:00"), Ring.REMINDER, 0.5, 0),
        (at("02-25", "14:24"), Ring.REMINDER, 0.8, 0),
        (midnight("02-27"), Ring.OVERDUE, 0.0, 1),
        (midnight("03-04"), Ring.OVERDUE, 0.0, 2),
        (midnight("03-16"), Ring.OVERDUE, 0.0, 3),
    ]


def rings(clock: LegalClock, *times: datetime) -> list[tuple[str, int]]:
    """Return what a clock tells when it is looked at at these times."""
    found = []
    for time in times:
        clock, alarm = ring(clock, RULES, CALENDAR, time)
        if alarm:
            found.append((alarm.ring.value, alarm.level))
    return found


def test_each_moment_rings_once() -> None:
    """However often somebody looks."""
    days = [at("02-16") + timedelta(hours=n) for n in range(24 * 60)]

    assert rings(term(), *days) == [
        ("reminder", 0),
        ("reminder", 0),
        ("overdue", 1),
        ("overdue", 2),
        ("overdue", 3),
    ]


def test_what_rang_while_nobody_listened_rings_once() -> None:
    """After a long night, or a clock that jumps ahead, the newest word is enough."""
    assert rings(term(), at("02-26"), at("02-26")) == [("reminder", 0)]


def test_that_it_is_late_is_never_passed_over() -> None:
    """However long nobody listened: its citizen is told of that, and those above of the newest."""
    assert rings(term(), *[at("12-01")] * 4) == [("overdue", 1), ("overdue", 3)]


def test_a_clock_that_jumps_back_rings_nothing_twice() -> None:
    """What has rung has rung."""
    assert rings(term(), at("02-28"), at("02-17"), at("02-28"), at("03-06"), at("02-28")) == [
        ("overdue", 1),
        ("overdue", 2),
    ]


def test_a_silent_clock_is_looked_at_no_more() -> None:
    """After the last level nothing is left."""
    late, _ = ring(term(), RULES, CALENDAR, at("12-01"))
    after, _ = ring(late, RULES, CALENDAR, at("12-01"))

    assert after.next_time is None


def test_an_office_is_alarmed_about_once_if_it_does_not_answer() -> None:
    """So many minutes after it was sent the case."""
    clocks = starts(told("routed", "routed", due="03-10"), Rules(acknowledge_minutes=15), CALENDAR)
    assert clocks is not None
    (clock,) = (one for one in clocks if one.kind is Kind.ACKNOWLEDGEMENT)

    assert rings(clock, at("02-16", "10:14")) == []
    assert rings(clock, at("02-16", "10:15"), at("02-18")) == [("unacknowledged", 0)]


def test_an_alarm_has_a_name_of_its_own() -> None:
    """Within its case: a repetition is known by it, and another stage is another alarm."""
    names = set()
    for clock in (term(), term(case_version=9), term(kind=Kind.PASS_ON)):
        for time in (at("02-23"), at("02-26"), at("02-28"), at("03-06")):
            clock, alarm = ring(clock, RULES, CALENDAR, time)  # noqa: PLW2901  as it goes on
            assert isinstance(alarm, Alarm)
            names.add(alarm.name)

    assert len(names) == 12


def test_the_bundled_rules_are_read() -> None:
    """An hour to acknowledge, two reminders, three levels."""
    assert read_rulebook(None) == Rulebook(general=Rules())


def written(folder: Path, text: str) -> Path:
    path = folder / "clocks.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_service_may_have_its_own_rules(tmp_path: Path) -> None:
    """What it does not name holds as for all."""
    text = """format = 1
    reminders = [0.9]
    [services."a.b"]
    acknowledge-minutes = 5
    """

    rulebook = read_rulebook(written(tmp_path, text))

    assert rulebook.of("a.b") == Rules(acknowledge_minutes=5, reminders=(0.9,))
    assert rulebook.of("c.d") == Rules(reminders=(0.9,))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("acknowledge-minutes = 0", "acknowledge-minutes"),
        ("acknowledge-minutes = true", "acknowledge-minutes"),
        ("reminders = [1.0]", "reminders"),
        ("reminders = 0.5", "reminders"),
        ("escalation-days = []", "escalation-days"),
        ("escalation-days = [3, 0]", "escalation-days"),
        ("escalation-days = [0, 0]", "escalation-days"),
        ("acknowledge_minutes = 5", "acknowledge_minutes"),
        ('[services."a.b"]\nremind = []', "services.a.b.remind"),
        ("services = 1", "services"),
    ],
)
def test_a_slip_in_the_rules_stops_the_start(tmp_path: Path, line: str, key: str) -> None:
    """And names the key: a rule that nobody reads would silence an alarm."""
    with pytest.raises(RulebookError) as refusal:
        read_rulebook(written(tmp_path, f"format = 1\n{line}"))

    assert refusal.value.field == key
