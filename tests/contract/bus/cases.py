"""What every bus promises; each adapter runs these cases on itself."""

import threading

import pytest

from services.chassis.bus.port import Bus, LostGroupError, Message, Start, Topic
from services.chassis.errors import NotFoundError
from tests.contract.bus.harness import QUIET, Bench, read, read_together, until, values


class PublishContract:
    """Writing, and reading everything back."""

    def test_a_record_carries_what_was_published(self, bench: Bench) -> None:
        """Key, value and headers arrive as they were, in any script."""
        message = Message(bench.topic, "іс-1", b"\x00\xff", {"ce_type": "өтініш"})

        bench.bus.publish([message])

        (record,) = bench.bus.history(bench.topic)
        assert (record.key, record.value, dict(record.headers)) == (
            "іс-1",
            b"\x00\xff",
            {"ce_type": "өтініш"},
        )

    def test_a_record_tells_when_it_was_written(self, bench: Bench) -> None:
        """The time is aware of its zone, so that it can be compared anywhere."""
        bench.publish("one")

        (record,) = bench.bus.history(bench.topic)

        assert record.timestamp.tzinfo is not None

    def test_messages_of_one_key_stay_in_order(self, bench: Bench) -> None:
        """Whatever lies between them, and however they were batched."""
        for n in range(0, 40, 4):
            bench.publish(f"{n}", f"{n + 1}", key="case-1")
            bench.publish("other", key=f"case-{n + 2}")
            bench.publish(f"{n + 2}", f"{n + 3}", key="case-1")

        history = [r for r in bench.bus.history(bench.topic) if r.key == "case-1"]

        assert values(history) == [str(n) for n in range(40)]

    def test_one_key_lives_in_one_partition(self, bench: Bench) -> None:
        """Otherwise two members could handle one case at a time."""
        for key in ("case-1", "case-2", "case-3") * 3:
            bench.publish("x", key=key)

        places = {(r.key, r.partition) for r in bench.bus.history(bench.topic)}

        assert len(places) == 3

    def test_keys_spread_over_partitions(self, bench: Bench) -> None:
        """Otherwise partitions would not scale."""
        bench.bus.publish([Message(bench.topic, f"case-{n}", b"") for n in range(100)])

        used = {record.partition for record in bench.bus.history(bench.topic)}

        assert used == {0, 1, 2, 3}

    def test_offsets_grow_by_one_in_a_partition(self, bench: Bench) -> None:
        """A consumer counts on them to say where it is."""
        bench.publish("a", "b")
        bench.publish("c")

        assert [record.offset for record in bench.bus.history(bench.topic)] == [0, 1, 2]

    def test_what_was_published_survives_a_restart(self, bench: Bench) -> None:
        """Publish returned, so it is durable."""
        bench.publish("kept")

        bench.restart()

        assert values(list(bench.bus.history(bench.topic))) == ["kept"]

    def test_concurrent_publishers_lose_nothing(self, bench: Bench) -> None:
        """Each publisher's own messages arrive once and in its order, from two processes too."""

        def publish(bus: Bus, key: str) -> None:
            for n in range(25):
                bus.publish([Message(bench.topic, key, str(n).encode())])

        buses = [bench.bus, bench.another()] * 2
        threads = [
            threading.Thread(target=publish, args=(bus, f"case-{n}")) for n, bus in enumerate(buses)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        history = list(bench.bus.history(bench.topic))
        lines = [values([r for r in history if r.key == f"case-{n}"]) for n in range(4)]
        assert lines == [[str(n) for n in range(25)]] * 4

    def test_an_unknown_topic_is_refused(self, bench: Bench) -> None:
        """A misspelt topic must not swallow events."""
        with pytest.raises(NotFoundError):
            bench.bus.publish([Message("no-such-topic", "case-1", b"")])

    def test_publishing_nothing_does_nothing(self, bench: Bench) -> None:
        """An empty batch is no special case for the caller."""
        bench.bus.publish([])

        assert list(bench.bus.history(bench.topic)) == []

    def test_a_message_without_value_arrives_without_value(self, bench: Bench) -> None:
        """None is a tombstone and not an empty value."""
        bench.bus.publish([Message(bench.topic, "case-1", None)])

        (record,) = bench.bus.history(bench.topic)

        assert record.value is None

    def test_creating_a_topic_again_keeps_its_records(self, bench: Bench) -> None:
        """Every service creates what it needs at every start."""
        bench.publish("kept")

        bench.bus.ensure_topics([Topic(bench.topic, partitions=4)])

        assert values(list(bench.bus.history(bench.topic))) == ["kept"]

    def test_creating_a_topic_again_does_not_move_its_keys(self, bench: Bench) -> None:
        """Another number of partitions would send a case's later events elsewhere."""
        bench.bus.publish([Message(bench.topic, f"case-{n}", b"") for n in range(20)])

        bench.bus.ensure_topics([Topic(bench.topic, partitions=7)])

        bench.bus.publish([Message(bench.topic, f"case-{n}", b"") for n in range(20)])
        places = {(r.key, r.partition) for r in bench.bus.history(bench.topic)}
        assert len(places) == 20

    def test_history_ends_where_it_was_asked_for(self, bench: Bench) -> None:
        """It is a reading of the past and ends, however fast others write."""
        bench.publish("before")
        history = bench.bus.history(bench.topic)
        bench.publish("after")

        assert values(list(history)) == ["before"]

    def test_history_leaves_groups_where_they_are(self, bench: Bench) -> None:
        """Reading the past is nobody's progress."""
        bench.publish("one")
        list(bench.bus.history(bench.topic))

        assert values(read(bench.consumer(), 1)) == ["one"]

    def test_a_long_history_is_whole(self, bench: Bench) -> None:
        """It is read in pages, and none is left out or read twice."""
        bench.bus.publish([Message(bench.topic, "case-1", str(n).encode()) for n in range(1200)])

        assert values(list(bench.bus.history(bench.topic))) == [str(n) for n in range(1200)]

    def test_a_compact_topic_keeps_the_newest_of_each_key(self, bench: Bench) -> None:
        """A reader of the whole history ends with the present state."""
        topic = f"compact-{bench.run}"
        bench.bus.ensure_topics([Topic(topic, partitions=2, compact=True)])
        for value in (b"old", b"new"):
            bench.bus.publish([Message(topic, f"id-{n}", value) for n in range(3)])

        last = {record.key: record.value for record in bench.bus.history(topic)}

        assert last == {"id-0": b"new", "id-1": b"new", "id-2": b"new"}


class GroupContract:
    """Reading as a group."""

    def test_a_new_group_begins_at_the_beginning(self, bench: Bench) -> None:
        """A projection added later must see everything."""
        bench.publish("a", "b")

        assert values(read(bench.consumer(), 2)) == ["a", "b"]

    def test_a_new_group_may_begin_at_the_end(self, bench: Bench) -> None:
        """An open page wants what happens from now on."""
        bench.publish("past")
        consumer = bench.consumer(start=Start.LATEST)
        past = consumer.poll(10, QUIET)

        bench.publish("new")

        assert values([*past, *read(consumer, 1)]) == ["new"]

    def test_polling_goes_on_after_what_was_polled(self, bench: Bench) -> None:
        """Without a commit in between."""
        consumer = bench.consumer()
        bench.publish("a", "b", "c")

        pieces = [values(read(consumer, 1, limit=1)) for _ in range(3)]

        assert pieces == [["a"], ["b"], ["c"]]

    def test_a_poll_gives_no_more_than_its_limit(self, bench: Bench) -> None:
        """The limit bounds the memory of a batch."""
        bench.bus.publish([Message(bench.topic, f"case-{n}", b"") for n in range(30)])
        consumer = bench.consumer()
        read(consumer, 1, limit=1)

        assert 0 < len(consumer.poll(7, 5.0)) <= 7

    def test_every_partition_gets_its_turn(self, bench: Bench) -> None:
        """A busy case must not starve the others."""
        bench.bus.publish([Message(bench.topic, "case-1", b"") for _ in range(200)])
        bench.bus.publish([Message(bench.topic, f"case-{n}", b"") for n in range(20)])

        first = read(bench.consumer(), 110, limit=10)

        assert {record.partition for record in first} == {0, 1, 2, 3}

    def test_a_poll_without_news_gives_nothing(self, bench: Bench) -> None:
        """It returns when its time is over, so that a loop can be stopped."""
        assert list(bench.consumer().poll(10, 0.05)) == []

    def test_a_waiting_poll_sees_a_new_record(self, bench: Bench) -> None:
        """It returns as soon as there is something."""
        consumer = bench.consumer()
        consumer.poll(1, QUIET)
        publisher = threading.Timer(0.05, bench.publish, ["new"])
        publisher.start()

        polled = consumer.poll(10, 20.0)

        publisher.join()
        assert values(polled) == ["new"]

    def test_a_waiting_poll_sees_what_another_process_wrote(self, bench: Bench) -> None:
        """The embedded file and the broker are both shared."""
        consumer = bench.consumer()
        consumer.poll(1, QUIET)
        message = Message(bench.topic, "case-1", b"new")
        publisher = threading.Timer(0.05, bench.another().publish, [[message]])
        publisher.start()

        polled = consumer.poll(10, 20.0)

        publisher.join()
        assert values(polled) == ["new"]

    def test_committed_records_do_not_come_again(self, bench: Bench) -> None:
        """Not even after a restart."""
        bench.publish("done")
        consumer = bench.consumer()
        read(consumer, 1)
        consumer.commit()
        bench.restart()
        bench.publish("next")

        assert values(read(bench.consumer(), 1)) == ["next"]

    def test_uncommitted_records_come_again(self, bench: Bench) -> None:
        """A crash in the middle of a batch repeats it."""
        bench.publish("a", "b")
        read(bench.consumer(), 2)

        bench.restart()

        assert values(read(bench.consumer(), 2)) == ["a", "b"]

    def test_a_commit_covers_only_what_was_polled(self, bench: Bench) -> None:
        """Records that lie ready but were not given out are not done."""
        bench.publish("a", "b")
        consumer = bench.consumer()
        read(consumer, 1, limit=1)
        consumer.commit()
        bench.restart()

        assert values(read(bench.consumer(), 1)) == ["b"]

    def test_a_commit_before_any_poll_changes_nothing(self, bench: Bench) -> None:
        """A loop may commit an empty round."""
        bench.publish("a")
        consumer = bench.consumer()

        consumer.commit()

        assert values(read(consumer, 1)) == ["a"]

    def test_rewind_goes_back_to_the_last_commit(self, bench: Bench) -> None:
        """A batch that broke off can be read again without a restart."""
        bench.publish("a", "b", "c")
        consumer = bench.consumer()
        read(consumer, 1, limit=1)
        consumer.commit()
        read(consumer, 2)

        consumer.rewind()

        assert values(read(consumer, 2)) == ["b", "c"]

    def test_rewind_without_a_commit_goes_back_to_the_start(self, bench: Bench) -> None:
        """The start counts as the first commit."""
        bench.publish("a", "b")
        consumer = bench.consumer()
        read(consumer, 2)

        consumer.rewind()

        assert values(read(consumer, 2)) == ["a", "b"]

    def test_rewind_before_any_poll_changes_nothing(self, bench: Bench) -> None:
        """A loop may rewind after its very first poll failed."""
        bench.publish("a")
        consumer = bench.consumer()

        consumer.rewind()

        assert values(read(consumer, 1)) == ["a"]

    def test_seek_goes_on_at_an_offset(self, bench: Bench) -> None:
        """An operator can replay from a point."""
        bench.publish("a", "b", "c")
        consumer = bench.consumer()
        place = read(consumer, 3)[1]

        consumer.seek(bench.topic, place.partition, place.offset)

        assert values(read(consumer, 2)) == ["b", "c"]

    def test_a_commit_after_seek_remembers_the_new_place(self, bench: Bench) -> None:
        """Going back is kept as going forward is."""
        bench.publish("a", "b", "c")
        consumer = bench.consumer()
        place = read(consumer, 3)[1]
        consumer.commit()
        consumer.seek(bench.topic, place.partition, place.offset)
        consumer.commit()
        bench.restart()

        assert values(read(bench.consumer(), 2)) == ["b", "c"]

    def test_one_consumer_reads_several_topics(self, bench: Bench) -> None:
        """A service may follow more than one story."""
        other = f"other-{bench.run}"
        bench.bus.ensure_topics([Topic(other, partitions=1)])
        bench.publish("here")
        bench.bus.publish([Message(other, "id-1", b"there")])

        consumer = bench.bus.consumer(bench.group, [bench.topic, other], member="a")

        assert {(r.topic, r.value) for r in read(consumer, 2)} == {
            (bench.topic, b"here"),
            (other, b"there"),
        }

    def test_groups_do_not_share_their_progress(self, bench: Bench) -> None:
        """What one service has done, another has not."""
        bench.publish("a")
        first = bench.consumer()
        read(first, 1)
        first.commit()

        other = bench.consumer(group=f"other-{bench.run}")

        assert values(read(other, 1)) == ["a"]

    def test_lag_counts_what_was_not_polled(self, bench: Bench) -> None:
        """It is how an operator sees that a consumer falls behind."""
        bench.publish("a", "b", "c")
        consumer = bench.consumer()

        read(consumer, 1, limit=1)

        assert consumer.lag() == 2

    def test_the_assignment_of_a_lone_member_is_everything(self, bench: Bench) -> None:
        """Nobody else reads for the group."""
        consumer = bench.consumer()
        bench.publish("a")
        read(consumer, 1)

        assert consumer.assignment.partitions == {(bench.topic, n) for n in range(4)}


class MembershipContract:
    """Several members in one group, and what happens when one is gone."""

    def test_a_record_goes_to_one_member(self, bench: Bench) -> None:
        """Two members that are both well share the work and repeat none of it."""
        members = [bench.consumer("a"), bench.consumer("b", bus=bench.another())]
        read_together(members, 0)
        bench.bus.publish([Message(bench.topic, f"case-{n}", str(n).encode()) for n in range(60)])

        got = values(read_together(members, 60))

        assert sorted(got, key=int) == [str(n) for n in range(60)]

    def test_the_same_name_takes_its_place_back_at_once(self, bench: Bench) -> None:
        """A service killed and started again must not wait for its own lease."""
        bench.publish("a")
        read(bench.consumer("a"), 1)

        again = bench.consumer("a", bus=bench.another())

        assert values(read(again, 1)) == ["a"]

    def test_another_name_takes_over_when_the_lease_ends(self, bench: Bench) -> None:
        """A dead member's records are read by one who lives."""
        bench.publish("a")
        read(bench.consumer("a"), 1)
        bench.restart()

        assert values(read(bench.consumer("b"), 1)) == ["a"]

    def test_a_closed_member_leaves_its_uncommitted_records_to_another(self, bench: Bench) -> None:
        """Leaving in good order loses nothing either."""
        bench.publish("a", "b")
        leaving = bench.consumer("a")
        read(leaving, 1, limit=1)
        leaving.commit()
        read(leaving, 1)

        leaving.close()

        assert values(read(bench.consumer("b"), 1)) == ["b"]

    def test_a_displaced_member_cannot_commit(self, bench: Bench) -> None:
        """Its batch belongs to the new member, and it is told so."""
        bench.publish("a")
        displaced = bench.consumer("a")
        read(displaced, 1)
        read(bench.consumer("a", bus=bench.another()), 1)

        with pytest.raises(LostGroupError):
            displaced.commit()

    def test_a_displaced_member_cannot_renew(self, bench: Bench) -> None:
        """It hears of it before its long work is done, not after."""
        bench.publish("a")
        displaced = bench.consumer("a")
        read(displaced, 1)
        read(bench.consumer("a", bus=bench.another()), 1)

        with pytest.raises(LostGroupError):
            displaced.renew()

    def test_a_refused_commit_moves_nothing(self, bench: Bench) -> None:
        """The new member's progress stands."""
        bench.publish("a", "b")
        displaced = bench.consumer("a")
        read(displaced, 2)
        newer = bench.consumer("a", bus=bench.another())
        read(newer, 1, limit=1)
        with pytest.raises(LostGroupError):
            displaced.commit()

        newer.rewind()

        assert values(read(newer, 2)) == ["a", "b"]

    def test_the_generation_tells_that_others_read_in_between(self, bench: Bench) -> None:
        """What a member learned from earlier records may be out of date then."""
        first = bench.consumer("a")
        first.poll(1, QUIET)
        before = first.assignment.generation
        second = bench.consumer("b", bus=bench.another())
        assert until(lambda: not second.poll(1, 0.05) and bool(second.assignment.partitions))
        second.close()

        assert until(lambda: not first.poll(1, 0.05) and first.assignment.generation != before)
