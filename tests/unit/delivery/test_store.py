"""The feeds in SQL: gapless, in order, each event once."""

from collections.abc import Callable

import pytest

from services.chassis.story import GapError
from services.delivery.store import SqlFeeds
from tests.unit.delivery.stories import NOON, event

Sequences = Callable[..., list[int]]


def test_an_event_comes_back_as_it_was_put_in(feeds: SqlFeeds) -> None:
    """Nothing is lost of an entry, its time included."""
    feeds.append([event("c1", 1)], NOON)

    (entry,) = feeds.page("MIA", 0, 10)

    assert (entry.case_id, entry.case_version, entry.event) == ("c1", 1, b"{}")
    assert entry.enqueue_time == NOON


def test_a_thousand_events_have_no_gap(feeds: SqlFeeds, sequences: Sequences) -> None:
    """Batches of any size count on from each other."""
    for first in range(0, 1000, 200):
        feeds.append([event(f"c{n}", 1) for n in range(first, first + 200)], NOON)

    assert sequences() == list(range(1, 1001))


def test_offices_count_for_themselves(feeds: SqlFeeds, sequences: Sequences) -> None:
    """Two offices in one batch both begin at 1."""
    feeds.append([event("c1", 1), event("c2", 1, office="akimat-75"), event("c3", 1)], NOON)

    assert (sequences("MIA"), sequences("akimat-75")) == ([1, 2], [1])


def test_a_case_that_leaves_is_seen_to_leave(feeds: SqlFeeds) -> None:
    """The last thing an office is sent of a case it returned is the return."""
    returned = event("c1", 2, "returned", office="", previous_office="MIA")

    feeds.append([event("c1", 1), returned, event("c1", 3, office="akimat-75")], NOON)

    assert [entry.case_version for entry in feeds.page("MIA", 0, 10)] == [1, 2]
    assert [entry.case_version for entry in feeds.page("akimat-75", 0, 10)] == [3]


def test_a_repeated_batch_changes_nothing(feeds: SqlFeeds, sequences: Sequences) -> None:
    """What was delivered is not delivered again, and wakes nobody."""
    batch = [event("c1", 1), event("c1", 2, "accepted"), event("c2", 1)]
    feeds.append(batch, NOON)

    assert feeds.append(batch, NOON) == []
    assert sequences() == [1, 2, 3]


def test_a_gap_leaves_the_batch_without_effect(feeds: SqlFeeds, sequences: Sequences) -> None:
    """A batch with a hole is refused whole, and its places are given to the next."""
    with pytest.raises(GapError):
        feeds.append([event("c1", 1), event("c2", 2)], NOON)

    feeds.append([event("c3", 1)], NOON)

    assert sequences() == [1]


def test_an_event_that_goes_nowhere_is_seen(feeds: SqlFeeds, sequences: Sequences) -> None:
    """The event after one for nobody is no gap, known or not."""
    feeds.append([event("c1", 1, "submitted", office="")], NOON)
    feeds.append([event("c1", 2, "merged")], NOON)

    feeds.append([event("c1", 3)], NOON)

    assert sequences() == [1]


def test_a_page_begins_after_the_cursor(feeds: SqlFeeds, sequences: Sequences) -> None:
    """A page holds the next events, and no more than asked."""
    feeds.append([event(f"c{n}", 1) for n in range(10)], NOON)

    assert sequences(after=4, limit=3) == [5, 6, 7]


def test_the_ends_are_those_of_the_feeds(feeds: SqlFeeds) -> None:
    """An end is the last sequence; an office without events has none."""
    told = feeds.append([event("c1", 1), event("c2", 1)], NOON)

    assert [(entry.office, entry.sequence) for entry in told] == [("MIA", 1), ("MIA", 2)]
    assert feeds.ends(["MIA", "akimat-75"]) == {"MIA": 2}
