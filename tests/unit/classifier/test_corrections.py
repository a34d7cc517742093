"""Specifies what people's corrections teach, and what a person must look at first."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from classifier.corrections import (
    Bounds,
    Correction,
    Held,
    Masked,
    collect,
    held_row,
    read_collected,
    read_corrections,
    sift,
)
from classifier.domain import OUT_OF_SCOPE, Example
from classifier.examples import ExampleError

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
EVENT = {
    "case_id": "c1",
    "decision_id": "d1",
    "model": "m1",
    "suggested_service": "identity.passport",
    "chosen_service": "identity.id-card",
    "actor": "citizen",
    "reason_code": "CONFIRMED",
    "time": "2026-01-18T12:00:00.000000Z",
    "writer": "w1",
}
SAID = Correction(**{**EVENT, "time": NOON})  # type: ignore[arg-type]  # the names are the event's
RETURN = replace(SAID, chosen_service="", actor="officer", reason_code="NOT_COMPETENT")
BOUNDS = Bounds(most=3, seconds=60)
KNOWN = {"identity.id-card": "identity.id-card"}


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "corrections.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def crowd(count: int, **changed: Any) -> list[Correction]:
    """Return corrections of as many cases, a second apart."""
    return [
        replace(SAID, case_id=f"c{n}", time=NOON + timedelta(seconds=n), **changed)
        for n in range(count)
    ]


def whys(*said: Correction) -> list[Held]:
    return [why for _, why in sift(said, BOUNDS).held]


def test_a_file_of_events_is_read(tmp_path: Path) -> None:
    """As they travel on the topic; fields of later versions do not matter."""
    assert read_corrections(written(tmp_path, {**EVENT, "new_field": 1})) == ([SAID], 0)


def test_of_too_many_the_newest_are_read(tmp_path: Path) -> None:
    """What people say today counts more than what they said years ago; those left out are told."""
    file = written(tmp_path, *({**EVENT, "case_id": f"c{n}"} for n in range(5)))

    read, left_out = read_corrections(file, most=2)

    assert ([one.case_id for one in read], left_out) == (["c3", "c4"], 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"case_id": ""},
        {"time": "yesterday"},
        {"time": "2026-01-18T12:00:00"},
        {"model": "m" * 129},
        {"chosen_service": 7},
    ],
    ids=["no case", "no time", "no zone", "too long", "no string"],
)
def test_what_is_no_correction_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    """By file and line."""
    with pytest.raises(ExampleError, match="line 2"):
        read_corrections(written(tmp_path, EVENT, {**EVENT, **changed}))


def test_a_choice_is_learned_as_the_service_chosen() -> None:
    """And not as the one suggested."""
    (kept,) = sift([SAID], BOUNDS).kept

    assert kept.label == "identity.id-card"


def test_no_public_service_is_a_label_too() -> None:
    """Said by a triage officer."""
    said = replace(SAID, chosen_service="", reason_code="OUT_OF_SCOPE", actor="triage-officer")

    assert sift([said], BOUNDS).kept[0].label == OUT_OF_SCOPE


def test_a_return_alone_teaches_nothing() -> None:
    """It says where a case does not belong."""
    sifted = sift([RETURN], BOUNDS)

    assert (sifted.kept, sifted.held, sifted.unlabelled) == ([], [], 1)


def test_a_repeated_event_counts_once() -> None:
    """The bus delivers at least once."""
    assert sift([SAID, replace(SAID)], BOUNDS).kept == [SAID]


def test_people_who_agree_on_a_case_count_once() -> None:
    """The last of them is kept."""
    later = replace(SAID, actor="triage-officer", time=NOON + timedelta(days=1))

    assert sift([later, SAID], BOUNDS).kept == [later]


def test_contradicting_corrections_are_held() -> None:
    """All of them: nobody here knows who is right."""
    other = replace(SAID, chosen_service="identity.passport", time=NOON + timedelta(days=1))

    assert whys(SAID, other) == [Held.CONTRADICTED, Held.CONTRADICTED]


def test_a_choice_that_an_office_returned_is_held() -> None:
    """The citizen said one thing, and the office another."""
    returned = replace(RETURN, suggested_service=SAID.chosen_service)

    assert whys(SAID, returned) == [Held.RETURNED]


def test_a_choice_after_a_return_of_another_service_is_kept() -> None:
    """That is how a wrong route is put right."""
    assert sift([RETURN, SAID], BOUNDS).kept == [SAID]


def test_a_flood_of_one_writer_is_held() -> None:
    """Whatever it says; who says the same as quickly as people do is not meant."""
    other = replace(SAID, case_id="other", writer="w2")

    sifted = sift([*crowd(4), other], BOUNDS)

    assert {why for _, why in sifted.held} == {Held.FLOOD}
    assert len(sifted.held) == 4
    assert sifted.kept == [other]


def test_as_many_as_are_allowed_are_no_flood() -> None:
    """The bound itself is within it."""
    assert len(sift(crowd(3), BOUNDS).kept) == 3


def test_the_same_number_over_a_longer_time_is_no_flood() -> None:
    """The window moves on."""
    said = [replace(one, time=NOON + timedelta(minutes=n)) for n, one in enumerate(crowd(9))]

    assert len(sift(said, BOUNDS).kept) == 9


def test_unsigned_ones_flood_together_by_what_they_say() -> None:
    """Nobody knows whether they are one person; one service pushed by many is suspicious."""
    pushed = crowd(4, writer="")
    ordinary = [
        replace(one, case_id=f"o{n}", chosen_service=f"a.s{n}") for n, one in enumerate(pushed)
    ]

    sifted = sift([*pushed, *ordinary], BOUNDS)

    assert [one.case_id for one, _ in sifted.held] == ["c0", "c1", "c2", "c3"]
    assert len(sifted.kept) == 4


def test_the_reviewer_sees_the_event_and_why() -> None:
    """Codes and ids, no words."""
    row = held_row(SAID, Held.FLOOD)

    assert row == {**EVENT, "why": "FLOOD", "time": "2026-01-18T12:00:00Z"}


def test_examples_carry_masked_words_and_where_they_come_from() -> None:
    """So that anybody can follow a label back to its decision."""
    collected = collect([SAID], lambda ids: {"c1": Masked("жеке куәлік [IIN]", "kk")})

    (row,) = collected.examples
    assert (row["text"], row["service_id"], row["language"]) == (
        "жеке куәлік [IIN]",
        "identity.id-card",
        "kk",
    )
    assert (row["case_id"], row["decision_id"], row["actor"]) == ("c1", "d1", "citizen")


def test_erased_and_unknown_cases_drop_out() -> None:
    """Their words are not learned any more."""
    said = [replace(SAID, case_id=name) for name in ("here", "erased", "unknown")]

    collected = collect(said, lambda ids: {"here": Masked("паспорт"), "erased": Masked("")})

    assert [row["case_id"] for row in collected.examples] == ["here"]
    assert (collected.without_words, collected.erased) == (2, ["erased"])


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    said = [SAID, replace(SAID, case_id="c2", chosen_service="gone.service", writer="")]
    rows = collect(said, lambda ids: {name: Masked(f"text {name}") for name in ids}).examples
    return written(tmp_path, *map(dict, rows))


def test_what_was_collected_becomes_examples(collected: Path) -> None:
    """Those of services that the catalogue still has."""
    learned = read_collected(collected, KNOWN, weight=1)

    assert learned.examples == [Example("text c1", "identity.id-card", "", "w1")]


def test_a_correction_may_weigh_more_than_an_example(collected: Path) -> None:
    """As often as it is said, by the same writer, so that no fold is judged by its own text."""
    learned = read_collected(collected, {**KNOWN, "gone.service": "gone.service"}, weight=3)

    assert [one.text for one in learned.examples] == ["text c1"] * 3 + ["text c2"] * 3
    assert {one.writer for one in learned.examples} == {"w1", "case c2"}


def test_the_card_counts_where_corrections_come_from(collected: Path) -> None:
    """By who said them, and how many cannot be learned."""
    facts = read_collected(collected, KNOWN, weight=2).facts

    assert (facts["cases"], facts["weight"], facts["by_actor"]) == (1, 2, {"citizen": 1})
    assert (facts["of_unknown_services"], facts["bore_out"]) == (1, 0)


def test_a_file_of_something_else_is_not_learned_from(tmp_path: Path) -> None:
    """Events without words were not collected yet."""
    with pytest.raises(ExampleError, match="not a collected correction"):
        read_collected(written(tmp_path, EVENT), KNOWN, weight=1)


def test_a_correction_for_an_id_that_stopped_teaches_its_successor(collected: Path) -> None:
    """What people said before a merger is not lost."""
    learned = read_collected(collected, {"identity.id-card": "identity.card"}, weight=1)

    assert {one.label for one in learned.examples} == {"identity.card"}
