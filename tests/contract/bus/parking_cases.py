"""What the parking lot promises on every bus."""

import pytest

from services.chassis.bus.letters import BEHIND
from services.chassis.bus.parking import LotFullError, ParkingLot
from services.chassis.bus.port import LARGEST_MESSAGE, Message, Record
from services.chassis.errors import InvalidError, NotFoundError
from tests.contract.bus.harness import Bench, Put, read, values

MANY = 3 * LARGEST_MESSAGE


def lot_of(bench: Bench, group: str = "", limit: int = 100) -> ParkingLot:
    """Open the group's lot."""
    return ParkingLot(bench.bus, group or bench.group, [bench.topic], limit=limit)


def records(bench: Bench, *texts: str, key: str = "case-1") -> list[Record]:
    """Publish texts and read them back from the topic."""
    bench.publish(*texts, key=key)
    history = [r for r in bench.bus.history(bench.topic) if r.key == key]
    return history[-len(texts) :]


def record(bench: Bench, text: str, key: str = "case-1") -> Record:
    """Publish a text and read it back from the topic."""
    return records(bench, text, key=key)[0]


class ParkingContract:
    """What could not be handled waits, and holds up its own key only."""

    @pytest.fixture(params=["value", "headers", "key"])
    def large(self, request: pytest.FixtureRequest, bench: Bench, put: Put) -> Record:
        """Give a record that no letter can hold, as a stranger wrote it."""
        put(
            Message(
                bench.topic,
                "k" * MANY if request.param == "key" else "case-1",
                b"v" * MANY if request.param == "value" else b"v",
                {"odd": "h" * MANY} if request.param == "headers" else {},
            )
        )
        (record,) = bench.bus.history(bench.topic)
        return record

    def test_a_parked_record_holds_its_key(self, bench: Bench) -> None:
        """Later events of this case must not overtake it."""
        lot = lot_of(bench)

        lot.park(record(bench, "bad"), InvalidError(), 5)

        assert lot.holds(bench.topic, "case-1")

    def test_other_keys_stay_free(self, bench: Bench) -> None:
        """One bad case must not stop the others."""
        lot = lot_of(bench)

        lot.park(record(bench, "bad"), InvalidError(), 5)

        assert not lot.holds(bench.topic, "case-2")

    def test_a_restart_keeps_what_is_parked(self, bench: Bench) -> None:
        """The topic holds the truth, not the memory."""
        lot_of(bench).park(record(bench, "bad"), InvalidError(), 5)

        bench.restart()

        assert lot_of(bench).holds(bench.topic, "case-1")

    def test_an_operator_sees_where_and_why(self, bench: Bench) -> None:
        """But not what the record says."""
        bad = record(bench, "bad")
        lot_of(bench).park(bad, InvalidError("her words"), 5)

        (seen,) = lot_of(bench).parked()

        assert (seen.topic, seen.partition, seen.offset, seen.key, seen.error, seen.attempts) == (
            *(bench.topic, bad.partition, bad.offset, "case-1"),
            *("INVALID", 5),
        )

    def test_a_letter_never_holds_the_words_of_an_error(self, bench: Bench) -> None:
        """They may quote a citizen."""
        lot_of(bench).park(record(bench, "bad"), ValueError("her words"), 5)

        (letter,) = bench.bus.history(f"{bench.topic}.dlq")

        assert "her words" not in str(letter)

    def test_a_letter_tells_group_error_attempts_and_origin(self, bench: Bench) -> None:
        """Tools that read the topic need no other source."""
        bad = record(bench, "bad")
        lot_of(bench).park(bad, ValueError(), 5)

        (letter,) = bench.bus.history(f"{bench.topic}.dlq")

        told = {name: text for name, text in letter.headers.items() if name != "dlq_time"}
        assert told == {
            "dlq_event": "parked",
            "dlq_group": bench.group,
            "dlq_error": "ValueError",
            "dlq_attempts": "5",
            "dlq_topic": bench.topic,
            "dlq_partition": str(bad.partition),
            "dlq_offset": str(bad.offset),
        }

    def test_a_record_parked_twice_counts_once(self, bench: Bench) -> None:
        """A crash between parking and commit brings the same record again."""
        bad = record(bench, "bad")
        lot_of(bench).park(bad, InvalidError(), 5)
        bench.restart()

        lot_of(bench).park(bad, InvalidError(), 5)

        assert len(lot_of(bench).parked()) == 1

    def test_a_record_parked_twice_is_written_once(self, bench: Bench) -> None:
        """A crash loop must not fill the topic."""
        bad = record(bench, "bad")
        lot_of(bench).park(bad, InvalidError(), 5)

        lot_of(bench).park(bad, InvalidError(), 5)

        assert len(list(bench.bus.history(f"{bench.topic}.dlq"))) == 1

    def test_letters_of_two_members_count_once(self, bench: Bench) -> None:
        """A displaced member may park what the new one parks as well."""
        bad = record(bench, "bad")
        older, newer = lot_of(bench), lot_of(bench)
        older.park(bad, InvalidError(), 5)
        newer.park(bad, InvalidError(), 5)

        assert len(lot_of(bench).parked()) == 1

    def test_records_behind_are_marked_as_untried(self, bench: Bench) -> None:
        """An operator looks for the first cause."""
        lot = lot_of(bench)
        bad, later = records(bench, "bad", "later")
        lot.park(bad, InvalidError(), 5)

        lot.park_behind([later])

        assert [(p.error, p.attempts) for p in lot.parked()] == [("INVALID", 5), (BEHIND, 0)]

    def test_redrive_gives_the_records_as_they_were_first_read(self, bench: Bench) -> None:
        """In order, with origin, headers and time."""
        lot = lot_of(bench)
        first, second = records(bench, "a", "b")
        lot.park(first, InvalidError(), 5)
        lot.park_behind([second])

        assert lot.redrive(bench.topic, "case-1") == [first, second]

    def test_redrive_gives_one_key_only(self, bench: Bench) -> None:
        """Each case is repaired for itself."""
        lot = lot_of(bench)
        for key in ("case-1", "case-2"):
            lot.park(record(bench, key, key=key), InvalidError(), 5)

        assert values(lot.redrive(bench.topic, "case-2")) == ["case-2"]

    def test_redrive_alone_frees_nothing(self, bench: Bench) -> None:
        """A crash before the records are done must not lose them."""
        lot = lot_of(bench)
        lot.park(record(bench, "bad"), InvalidError(), 5)

        lot.redrive(bench.topic, "case-1")

        assert lot_of(bench).holds(bench.topic, "case-1")

    def test_a_released_key_is_free(self, bench: Bench) -> None:
        """Its next event is handled as usual."""
        lot = lot_of(bench)
        lot.park(record(bench, "bad"), InvalidError(), 5)

        lot.release(lot.redrive(bench.topic, "case-1"))

        assert not lot.holds(bench.topic, "case-1")

    def test_a_release_survives_a_restart(self, bench: Bench) -> None:
        """What is done is not done again."""
        lot = lot_of(bench)
        lot.park(record(bench, "bad"), InvalidError(), 5)
        lot.release(lot.redrive(bench.topic, "case-1"))

        bench.restart()

        assert lot_of(bench).parked() == []

    def test_a_key_is_held_until_its_last_record_is_released(self, bench: Bench) -> None:
        """A re-drive may come to a stop half-way."""
        lot = lot_of(bench)
        lot.park_behind(records(bench, "a", "b"))

        lot.release(lot.redrive(bench.topic, "case-1")[:1])

        assert values(lot_of(bench).redrive(bench.topic, "case-1")) == ["b"]

    def test_a_released_record_can_be_parked_again(self, bench: Bench) -> None:
        """Going back to an old offset may meet the same fault."""
        lot = lot_of(bench)
        bad = record(bench, "bad")
        lot.park(bad, InvalidError(), 5)
        lot.release([bad])

        lot.park(bad, InvalidError(), 5)

        assert lot_of(bench).holds(bench.topic, "case-1")

    def test_groups_do_not_share_their_lots(self, bench: Bench) -> None:
        """What one service cannot handle, another can."""
        lot_of(bench).park(record(bench, "bad"), InvalidError(), 5)

        assert lot_of(bench, group="another").parked() == []

    def test_a_full_lot_refuses(self, bench: Bench) -> None:
        """Memory is bounded; the loop waits for an operator instead."""
        lot = lot_of(bench, limit=2)
        lot.park_behind(records(bench, "a", "b"))

        with pytest.raises(LotFullError):
            lot.park(record(bench, "c"), InvalidError(), 5)

    def test_a_full_lot_writes_nothing(self, bench: Bench) -> None:
        """A refused record is not half parked."""
        lot = lot_of(bench, limit=1)
        with pytest.raises(LotFullError):
            lot.park_behind(records(bench, "a", "b"))

        assert list(bench.bus.history(f"{bench.topic}.dlq")) == []

    def test_a_record_without_value_comes_back_without_value(self, bench: Bench) -> None:
        """A tombstone stays one."""
        bench.bus.publish([Message(bench.topic, "case-1", None)])
        lot = lot_of(bench)
        lot.park_behind(read(bench.consumer(), 1))

        (back,) = lot.redrive(bench.topic, "case-1")

        assert back.value is None

    def test_a_record_too_large_for_a_letter_is_parked(self, bench: Bench, large: Record) -> None:
        """It must not stop its partition for ever."""
        lot_of(bench).park(large, InvalidError(), 5)

        assert lot_of(bench).holds(bench.topic, large.key)

    def test_the_letter_of_a_large_record_tells_where_it_lies(
        self, bench: Bench, large: Record
    ) -> None:
        """And that it was left there."""
        lot_of(bench).park(large, InvalidError(), 5)

        (letter,) = bench.bus.history(f"{bench.topic}.dlq")

        told = [letter.headers[f"dlq_{name}"] for name in ("left_out", "partition", "offset")]
        assert (letter.value, told) == (None, ["TOO_LARGE", str(large.partition), "0"])

    def test_redrive_gives_a_large_record_whole(self, bench: Bench, large: Record) -> None:
        """It is read again from where it lies."""
        lot = lot_of(bench)
        lot.park(large, InvalidError(), 5)

        assert lot.redrive(bench.topic, large.key) == [large]

    def test_a_large_record_can_be_released(self, bench: Bench, large: Record) -> None:
        """Its key is free as any other."""
        lot = lot_of(bench)
        lot.park(large, InvalidError(), 5)

        lot.release([large])

        assert not lot_of(bench).holds(bench.topic, large.key)

    def test_a_record_that_lies_nowhere_any_more_is_told(self, bench: Bench) -> None:
        """Its topic may keep records for a while only."""
        with pytest.raises(NotFoundError):
            bench.bus.at(bench.topic, 0, 99)
