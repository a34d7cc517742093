"""What officers are told in words: clocks, stories, marks, and how sure a model was."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.marks import marked, marked_in_own_words
from gateway.pages.officer.clock import clock_of, soon
from gateway.pages.officer.likely import likely
from gateway.pages.officer.story import since, story_of
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.chassis.codec import to_timestamp
from services.chassis.workdays import Calendar, end_of

CALENDAR = Calendar()
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LAST_DAY = end_of(WEDNESDAY.date())
"""The midnight that ends this Wednesday in Kazakhstan."""


def case_due(due: datetime, **more: object) -> pb.Case:
    return pb.Case(due_time=to_timestamp(due), **more)


def spoke(*spans: tuple[int, int], weight: float = 1.0) -> pb.Explanation:
    words = [pb.ExplainedWord(start=start, end=end, weight=weight) for start, end in spans]
    return pb.Explanation(words=words)


def loud(pieces: object) -> list[str]:
    return [piece for piece, is_marked in pieces if is_marked]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("due", "manner", "days"),
    [
        (LAST_DAY, "today", 0),
        (LAST_DAY + timedelta(1), "soon", 1),
        (LAST_DAY + timedelta(5), "soon", 3),  # over a weekend
        (LAST_DAY + timedelta(6), "later", 4),
        (LAST_DAY - timedelta(1), "late", 1),
        (LAST_DAY - timedelta(4), "late", 2),  # since Saturday: Monday, Tuesday, Wednesday
    ],
)
def test_a_clock_counts_working_days(due: datetime, manner: str, days: int) -> None:
    """Those that are left, or those that passed."""
    clock = clock_of(case_due(due), CALENDAR, WEDNESDAY)

    assert clock.manner == manner
    if manner != "late":
        assert clock.days == days


def test_a_clock_names_the_last_day_and_not_the_midnight_after() -> None:
    """A term that ends on Wednesday at midnight ends on Wednesday."""
    clock = clock_of(case_due(LAST_DAY), CALENDAR, WEDNESDAY)

    assert clock.until is not None
    assert clock.until < LAST_DAY


def test_how_late_a_case_is_is_counted_in_working_days() -> None:
    """From the last day of the term on; a weekend makes nothing later."""
    friday_midnight = end_of(datetime(2026, 11, 20, tzinfo=UTC).date())
    sunday = datetime(2026, 11, 22, 9, tzinfo=UTC)

    assert clock_of(case_due(friday_midnight), CALENDAR, sunday).days == 0
    assert clock_of(case_due(friday_midnight), CALENDAR, WEDNESDAY).days == 3


@pytest.mark.parametrize(
    ("state", "manner"),
    [
        (pb.STATE_INFORMATION_REQUESTED, "still"),
        (pb.STATE_CONFIRMATION_REQUESTED, "still"),
        (pb.STATE_COMPLETED, "none"),
    ],
)
def test_a_clock_that_does_not_run_says_why(state: pb.State.ValueType, manner: str) -> None:
    """It stands still while the citizen is asked, and there is none after the end."""
    assert clock_of(pb.Case(state=state), CALENDAR, WEDNESDAY).manner == manner


def test_what_is_due_soon_is_what_a_row_calls_so() -> None:
    """The list and its rows agree."""
    last = clock_of(case_due(LAST_DAY + timedelta(5)), CALENDAR, WEDNESDAY)
    assert last.manner == "soon"
    assert LAST_DAY + timedelta(5) < soon(CALENDAR, WEDNESDAY) < LAST_DAY + timedelta(6)


def test_words_that_spoke_for_a_service_are_marked() -> None:
    """And nothing of the text is lost between them."""
    pieces = marked("Паспорт жоғалттым", spoke((0, 7)))

    assert loud(pieces) == ["Паспорт"]
    assert "".join(piece for piece, _ in pieces) == "Паспорт жоғалттым"


@pytest.mark.parametrize("spans", [[(5, 99)], [(4, 4)], [(-3, 2)]])
def test_places_that_are_none_mark_nothing(spans: list[tuple[int, int]]) -> None:
    """Whatever a record says, the text is shown as it is."""
    pieces = marked("Паспорт", spoke(*spans))

    assert loud(pieces) == []
    assert "".join(piece for piece, _ in pieces) == "Паспорт"


def test_words_that_spoke_against_are_not_marked() -> None:
    """A mark says why it is here."""
    assert loud(marked("Паспорт", spoke((0, 7), weight=-1.0))) == []


def test_places_of_the_masked_text_are_found_in_the_citizens_own() -> None:
    """The model saw marks in place of a telephone number; the officer sees the number."""
    text = "Тел. +7 701 123 45 67, паспорт жоғалттым"
    masked = "Тел. [PHONE], паспорт жоғалттым"
    start = masked.index("паспорт")

    pieces = marked_in_own_words(text, spoke((start, start + 7)))

    assert loud(pieces) == ["паспорт"]
    assert "".join(piece for piece, _ in pieces) == text


def test_what_was_hidden_is_marked_whole_where_that_it_was_there_spoke() -> None:
    """The model saw that there is a telephone number, and not which; no part of it decided."""
    text = "Тел. +7 701 123 45 67"

    assert loud(marked_in_own_words(text, spoke((5, 12)))) == ["+7 701 123 45 67"]
    assert loud(marked_in_own_words(text, spoke((6, 11)))) == []


def test_a_text_in_decomposed_letters_is_marked_all_the_same() -> None:
    """Places are those of composed letters."""
    decomposed = "мои\u0306 паспорт"

    assert loud(marked_in_own_words(decomposed, spoke((4, 11)))) == ["паспорт"]


def entry(version: int, type_: str, **more: object) -> pb.TimelineEntry:
    return pb.TimelineEntry(
        case_version=version, type=type_, event_time=Timestamp(seconds=version), **more
    )


STORY = pb.Case(
    timeline=[
        entry(1, "submitted", actor=pb.ACTOR_KIND_CITIZEN),
        entry(2, "routed", actor=pb.ACTOR_KIND_MODEL, office="MIA"),
        entry(
            3,
            "returned",
            actor=pb.ACTOR_KIND_OFFICER,
            reason_code="NOT_COMPETENT",
            reason=catalog_pb2.LocalizedText(en="Not theirs."),
        ),
        entry(4, "confirmation-requested", actor=pb.ACTOR_KIND_MODEL, reason_code="UNSURE"),
        entry(5, "somehow-new", actor=pb.ACTOR_KIND_SYSTEM),
    ]
)


def test_who_returned_a_case_is_told_though_they_hold_it_no_more() -> None:
    """The office before the step is the office that made it."""
    assert [one.office for one in story_of(STORY)] == ["", "MIA", "MIA", "", ""]


def test_reasons_speak_of_the_citizen_and_not_to_them() -> None:
    """The register's words for citizens are ours where they say "you"."""
    unsure = story_of(STORY)[3]
    returned = story_of(STORY)[2]

    assert (unsure.reason, unsure.told) == ("Several services may be meant.", None)
    assert returned.told is not None
    assert returned.told.en == "Not theirs."


def test_what_we_do_not_know_yet_is_told_without_its_name() -> None:
    """No code stands before an officer."""
    assert story_of(STORY)[4].what == "Something happened"


def test_what_was_said_stands_where_it_was_said() -> None:
    """Questions and answers belong to their steps."""
    said = story_of(STORY, [pb.CaseMessage(case_version=4, text="Қашан?")])

    assert [one.said for one in said] == ["", "", "", "Қашан?", ""]


def test_what_is_new_is_what_came_after() -> None:
    """Not what somebody saw already."""
    assert [one.version for one in since(story_of(STORY), 3)] == [4, 5]


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (1.0, "almost certain"),
        (0.7, "likely"),
        (0.5, "possible"),
        (0.2, "rather not"),
        (0, "hardly"),
    ],
)
def test_a_probability_has_a_word(probability: float, words: str) -> None:
    """From certain to hardly."""
    assert likely(probability) == words
