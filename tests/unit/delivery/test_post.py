"""What is on its way to webhooks, in SQL: planned once, in order per case, for one member."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.story import ALARMS_TOPIC
from services.delivery import app, events
from services.delivery.domain.subscriptions import Filter, Kind, State, Subscription, changed
from services.delivery.domain.webhooks import (
    HOLD_AFTER,
    Attempt,
    Delivery,
    Disabled,
    Fate,
    NothingDeadError,
    Room,
    Secrets,
    Verdict,
)
from services.delivery.events import alarms
from services.delivery.store import SqlFeeds, webhooks
from services.delivery.store.mailbox import SqlMailbox
from services.delivery.store.subscriptions import Seal, SqlSubscriptions
from services.delivery.store.webhooks import SqlPost
from tests.unit.delivery.parcels import MINUTE, SECRET, subscription
from tests.unit.delivery.stories import NOON, event

WIDE = Room(100, 100, {})
LATER = NOON + MINUTE
SEAL = Seal(b"k" * 32)


class Desk:
    """A database with a feed, a webhook, and members that deliver."""

    def __init__(self, settings: Settings) -> None:
        self.database = open_database(settings, "delivery", app.MIGRATIONS)
        self.feeds = SqlFeeds(self.database, events.to_outbox)
        self.kept = SqlSubscriptions(self.database, SEAL)
        self.mailbox = SqlMailbox(self.database, SEAL)
        self.post = self.member("a")

    def member(self, name: str) -> SqlPost:
        return SqlPost(self.database, SEAL, name, alarms.subscription_disabled)

    def subscribe(self, **changed: object) -> Subscription:
        return self.kept.add(subscription(**changed), SECRET)

    def tell(self, *cases: str) -> None:
        """Tell the next event of each case."""
        told = [event(case, cases[: n + 1].count(case)) for n, case in enumerate(cases)]
        assert len(self.feeds.append(told, NOON)) == len(cases)

    def plan(self, now: datetime = NOON) -> None:
        while self.post.plan(now):
            pass

    def claim(
        self, now: datetime = NOON, room: Room = WIDE, post: SqlPost | None = None
    ) -> Sequence[Delivery]:
        found = (post or self.post).claim(room, now, now + MINUTE)
        return sorted(found, key=lambda delivery: delivery.entry.sequence)

    def record(
        self,
        delivery: Delivery,
        fate: Fate,
        due: datetime = NOON,
        post: SqlPost | None = None,
        **more: object,
    ) -> None:
        attempt = Attempt(
            sequence=delivery.entry.sequence,
            event_id=delivery.entry.event_id,
            number=delivery.attempts + 1,
            attempt_time=NOON,
            status=204 if fate is Fate.DELIVERED else 500,
            code="OK" if fate is Fate.DELIVERED else "STATUS",
            duration_ms=3,
        )
        (post or self.post).record(delivery, attempt, Verdict(fate, due, **more))  # type: ignore[arg-type]


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    desk = Desk(settings)
    yield desk
    desk.database.close()


def sequences(deliveries: Sequence[Delivery]) -> list[int]:
    return [delivery.entry.sequence for delivery in deliveries]


def test_what_is_planned_is_taken_once(desk: Desk) -> None:
    """A second member, or a second look, finds nothing while the lease lasts."""
    desk.subscribe()
    desk.tell("c1", "c2")
    desk.plan()

    first, second = desk.claim(), desk.claim(post=desk.member("b"))

    assert (sequences(first), second) == ([1, 2], [])
    assert first[0].secrets.all == (SECRET,)


def test_what_a_dead_member_held_is_taken_up_again(desk: Desk) -> None:
    """When its lease is over, by whoever asks."""
    desk.subscribe()
    desk.tell("c1")
    desk.plan()
    desk.claim()

    assert sequences(desk.claim(NOON + MINUTE, post=desk.member("b"))) == [1]


def test_a_case_waits_for_its_earlier_event_and_others_go_on(desk: Desk) -> None:
    """Only the first that waits of each case is under way."""
    desk.subscribe()
    desk.tell("c1", "c1", "c2")
    desk.plan()
    first = desk.claim()
    assert sequences(first) == [1, 3]

    desk.record(first[0], Fate.LATER, LATER)
    desk.record(first[1], Fate.DELIVERED)

    assert desk.claim() == []
    (again,) = desk.claim(LATER)
    desk.record(again, Fate.DELIVERED)
    assert sequences(desk.claim(LATER)) == [2]


def test_behind_a_dead_letter_the_case_waits(desk: Desk) -> None:
    """Until it is sent again; then all come, in order, counted anew."""
    found = desk.subscribe()
    desk.tell("c1", "c1", "c2")
    desk.plan()
    for one in desk.claim():
        desk.record(one, Fate.DEAD if one.entry.case_id == "c1" else Fate.DELIVERED)

    (dead,) = desk.mailbox.dead_letters(found, 0, 10)
    assert (dead.sequence, dead.code, dead.waiting_behind) == (1, "STATUS", 1)
    assert desk.claim(LATER) == []

    assert desk.mailbox.send_again(found, [], NOON) == 1
    (again,) = desk.claim()
    assert (again.entry.sequence, again.attempts) == (1, 0)


def test_only_dead_letters_are_sent_again(desk: Desk) -> None:
    """A sequence that is none refuses all, and changes nothing."""
    found = desk.subscribe()
    desk.tell("c1", "c2")
    desk.plan()
    desk.record(desk.claim()[0], Fate.DEAD)

    with pytest.raises(NothingDeadError):
        desk.mailbox.send_again(found, [1, 2], NOON)

    assert len(desk.mailbox.dead_letters(found, 0, 10)) == 1


def test_there_is_no_more_taken_than_there_is_room(desk: Desk) -> None:
    """Neither for an office nor in all."""
    desk.subscribe()
    desk.tell(*(f"c{n}" for n in range(10)))
    desk.plan()

    assert len(desk.claim(room=Room(100, 3, {}))) == 3
    assert len(desk.claim(room=Room(100, 3, {"MIA": 1}))) == 1
    assert len(desk.claim(room=Room(2, 3, {}))) == 2
    assert desk.claim(room=Room(100, 3, {"MIA": 0})) == []


def test_only_what_the_filter_wants_is_planned(desk: Desk) -> None:
    """As the filter is when it is planned."""
    found = desk.subscribe(filter=Filter(types=("accepted",)))
    desk.tell("c1")
    desk.plan()

    assert desk.claim() == []
    assert desk.kept.find("MIA", "desk").position == 1
    assert desk.kept.move(found, 0).position == 0


@pytest.mark.parametrize("most", [1, 100])
def test_a_narrowed_filter_reaches_what_is_planned_already(desk: Desk, most: int) -> None:
    """What it leaves out is let go, however much it is, and holds up nobody's later event."""
    found = desk.subscribe()
    desk.tell(*(f"c{n}" for n in range(250)))
    desk.feeds.append([event("c0", 2, "completed")], NOON)
    desk.plan()

    desk.kept.update(found, lambda now: changed(now, Filter(("completed",)), now.url, NOON))

    assert sequences(desk.claim(room=Room(most, most, {}))) == [251]
    assert desk.claim(LATER) != []
    desk.kept.update(found, lambda now: changed(now, Filter(), now.url, NOON))
    assert sequences(desk.claim(LATER + MINUTE)) == [251]


def test_nothing_is_planned_without_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a receiver does not take waits in the feed, and comes when there is room again."""
    monkeypatch.setattr(webhooks.statements, "MAX_READY", 2)
    desk.subscribe()
    for number in range(4):
        desk.feeds.append([event(f"c{number}", 1)], NOON)
        desk.post.plan(NOON)

    taken = desk.claim()
    assert len(taken) == 2
    for one in taken:
        desk.record(one, Fate.DELIVERED)
    desk.plan()
    assert len(desk.claim()) == 2


@pytest.mark.parametrize(
    ("fate", "bound"),
    [(Fate.DEAD, "MAX_READY"), (Fate.DEAD, "MAX_WAITING"), (Fate.LATER, "MAX_READY")],
)
def test_what_waits_behind_an_earlier_event_takes_nobody_s_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fate: Fate, bound: str
) -> None:
    """However many cases are held up, a case that is not is still sent."""
    monkeypatch.setattr(webhooks.statements, bound, 2)
    desk.subscribe()
    desk.tell("c1", "c2")
    desk.plan()
    for one in desk.claim():
        desk.record(one, fate, LATER)
    desk.feeds.append([event("c1", 2), event("c2", 2)], NOON)
    desk.plan()

    desk.feeds.append([event("good", 1)], NOON)
    desk.plan()

    assert sequences(desk.claim()) == [5]


def test_a_held_subscription_is_left_alone(desk: Desk) -> None:
    """No event of it is taken before the time; then one asks for all whether it is back."""
    desk.subscribe()
    desk.tell(*(f"c{n}" for n in range(HOLD_AFTER + 3)))
    desk.plan()
    for one in desk.claim(room=Room(HOLD_AFTER, 100, {})):
        desk.record(one, Fate.LATER, LATER, held_until=LATER)

    assert desk.claim() == []
    (probe,) = desk.claim(LATER)
    desk.record(probe, Fate.DELIVERED)
    assert len(desk.claim(LATER)) == HOLD_AFTER + 2


def test_a_disabled_subscription_stops_and_loses_nothing(desk: Desk) -> None:
    """It says why, raises one alarm, and goes on at once when it is activated again."""
    found = desk.subscribe()
    desk.tell("c1", "c2")
    desk.plan()
    for one in desk.claim():
        desk.record(one, Fate.LATER, LATER, disabled=Disabled.GONE)

    disabled = desk.kept.find("MIA", "desk")
    assert (disabled.state, disabled.disabled_reason) == (State.DISABLED, "GONE")
    assert desk.claim(LATER) == []
    assert alarms_in(desk) == 1

    assert desk.mailbox.activate(found, Secrets(SECRET), NOON).disabled_reason == ""
    assert sequences(desk.claim()) == [1, 2]


def test_an_activated_subscription_has_all_its_attempts_again(desk: Desk) -> None:
    """What failed before counts no more: neither the attempts nor the days since the first."""
    found = desk.subscribe()
    disable(desk)

    desk.mailbox.activate(found, Secrets(SECRET), NOON + timedelta(days=7))
    (again,) = desk.claim(NOON + timedelta(days=7))

    assert (again.attempts, again.first_attempt_time) == (0, None)


def test_a_change_keeps_a_disabling_in_between(desk: Desk) -> None:
    """An office that read its subscription before does not switch it on by another filter."""
    seen = desk.subscribe()
    disable(desk)

    kept = desk.kept.update(seen, lambda now: changed(now, Filter(("routed",)), now.url, LATER))

    assert (kept.state, kept.disabled_reason) == (State.DISABLED, "GONE")
    assert kept.filter == Filter(("routed",))


def test_what_an_address_said_that_was_replaced_disables_nothing(desk: Desk) -> None:
    """A call that was under way tells of the address it was made to."""
    seen = desk.subscribe()
    desk.tell("c1")
    desk.plan()
    (under_way,) = desk.claim()
    desk.kept.update(seen, lambda now: replace(now, url="https://new.kz/"))

    desk.record(under_way, Fate.LATER, LATER, disabled=Disabled.GONE)

    assert desk.kept.find("MIA", "desk").state is State.ACTIVE
    assert alarms_in(desk) == 0


def test_passing_over_what_is_not_wanted_does_not_undo_a_seek(desk: Desk) -> None:
    """Whoever goes back gets what they asked for, though an open stream was further on."""
    seen = desk.subscribe(kind=Kind.STREAM, url="", position=7)
    desk.kept.move(seen, 3)

    desk.kept.skip(seen, 300)

    assert desk.kept.find("MIA", "desk").position == 3


def disable(desk: Desk) -> None:
    """Let the receiver say that it is gone."""
    desk.tell("c1")
    desk.plan()
    desk.record(*desk.claim(), Fate.LATER, LATER, disabled=Disabled.GONE)


def alarms_in(desk: Desk) -> int:
    with desk.database.read() as connection:
        query = f"SELECT count(*) FROM outbox WHERE aggregatetype = '{ALARMS_TOPIC}'"
        return int(connection.exec_driver_sql(query).scalar_one())


def test_who_lost_the_lease_cannot_put_an_event_back(desk: Desk) -> None:
    """A failure told late changes nothing of what another member does meanwhile."""
    desk.subscribe()
    desk.tell("c1")
    desk.plan()
    (late,) = desk.claim()
    (taken,) = desk.claim(NOON + MINUTE, post=desk.member("b"))

    desk.record(late, Fate.LATER, NOON)

    assert desk.claim(NOON + MINUTE) == []
    desk.record(taken, Fate.DELIVERED, post=desk.member("b"))
    assert desk.claim(NOON + MINUTE * 9) == []


def test_attempts_are_told_newest_first_and_pruned(desk: Desk) -> None:
    """Page by page; what is too old is forgotten."""
    found = desk.subscribe()
    desk.tell("c1", "c2", "c3")
    desk.plan()
    for one in desk.claim():
        desk.record(one, Fate.DELIVERED)

    newest, *_ = page = desk.mailbox.attempts(found, 0, 2)
    rest = desk.mailbox.attempts(found, page[-1].id, 10)
    assert [one.sequence for one in (*page, *rest)] == [3, 2, 1]
    assert (newest.code, newest.status, newest.duration_ms) == ("OK", 204, 3)

    desk.post.prune(LATER)
    assert desk.mailbox.attempts(found, 0, 10) == []


def test_two_secrets_are_good_while_one_is_rotated(desk: Desk) -> None:
    """The old one to the end of its day; a rotation repeated keeps what receivers know."""
    found = desk.subscribe()
    day = NOON + timedelta(days=1)

    desk.mailbox.rotate(found, "whsec_bmV3", NOON, day)
    desk.mailbox.rotate(found, "whsec_bmV3ZXI=", LATER, day)

    assert desk.mailbox.secrets(found, LATER).all == ("whsec_bmV3ZXI=", SECRET)
    assert desk.mailbox.secrets(found, day).all == ("whsec_bmV3ZXI=",)


def test_secrets_are_sealed(desk: Desk) -> None:
    """What lies in the database does not sign, and fits no other subscription."""
    desk.subscribe()

    with desk.database.read() as connection:
        kept = bytes(connection.exec_driver_sql("SELECT secret FROM subscriptions").scalar_one())

    assert SECRET.encode() not in kept
    assert SEAL.open("s1", kept) == SECRET
    with pytest.raises(InvalidTag):
        SEAL.open("s2", kept)


def test_the_end_of_a_subscription_forgets_what_it_had(desk: Desk) -> None:
    """Also what was under way: telling what became of it does no harm."""
    found = desk.subscribe()
    desk.tell("c1")
    desk.plan()
    (taken,) = desk.claim()

    desk.kept.remove(found)
    desk.record(taken, Fate.LATER, NOON)

    assert desk.claim(LATER) == []
