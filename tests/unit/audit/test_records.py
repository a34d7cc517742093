"""The record of a decision: the same bytes for everybody, small, and without words."""

import json
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.audit import domain, events
from services.audit.domain import MAX_RECORD_BYTES, Explanation, encode
from tests.unit.audit.stories import decided_event, decision, record

CASE = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"
HASHES = {"model": "m" * 64, "catalogue_version": "c" * 64, "policy_version": "p" * 64}
RANKING = tuple((f"social.disability-pension-{n}", 0.9 / 3**n) for n in range(5))
WORDS = tuple((n * 100, n * 100 + 12, 0.7 / (n + 1)) for n in range(8))
WHY = Explanation(service_id=RANKING[0][0], against=RANKING[1][0], words=WORDS)
FULL = replace(
    decision(f"{CASE}:2", **HASHES, commitment="d" * 64, ranking=RANKING, language="kk"),
    route_threshold=0.91,
    confirm_threshold=0.33,
    explanation=WHY,
    service_id=RANKING[0][0],
)


def test_a_record_tells_all_that_was_decided() -> None:
    """What is left out is empty, or told by something else."""
    told = domain.decode(encode(CASE, 2, FULL))

    assert told == {
        "record": 1,
        "actor": "model",
        "case": CASE,
        "case_version": 2,
        "catalogue": "c" * 64,
        "channel": "online",
        "commitment": "d" * 64,
        "explanation": {"words": [[b, e, round(w * 1e6)] for b, e, w in WORDS]},
        "language": "kk",
        "model": "m" * 64,
        "office": "MIA",
        "outcome": "route",
        "policy": "p" * 64,
        "ranking": [[service, round(p * 1e12)] for service, p in RANKING],
        "reason": "CONFIDENT",
        "service": RANKING[0][0],
        "thresholds": [910_000_000_000, 330_000_000_000],
        "time": "2026-03-01T12:00:00.000000Z",
    }


def test_a_record_is_canonical_json() -> None:
    """An independent implementation of RFC 8785 writes the same bytes."""
    written = encode(CASE, 2, FULL)

    assert rfc8785.dumps(json.loads(written)) == written


@given(st.dictionaries(st.sampled_from("abcdef"), st.text() | st.integers(0, 2**53 - 1)))
def test_what_texts_and_whole_numbers_hold_does_not_matter(fields: dict[str, object]) -> None:
    """Quotes, controls and letters outside the Latin alphabet are written as RFC 8785 says."""
    assert domain.canonical(fields) == rfc8785.dumps(fields)


def test_a_full_record_fits_into_a_kibibyte() -> None:
    """With all hashes, five long services and eight words."""
    assert len(encode(CASE, 2, FULL)) <= MAX_RECORD_BYTES


def test_the_quietest_words_go_where_a_record_would_be_too_long() -> None:
    """Of why, that is; nothing of what was decided."""
    longer = tuple((f"{service}-{'x' * 12}", p) for service, p in RANKING)
    why = replace(WHY, service_id=longer[0][0], against=longer[1][0])
    full = replace(FULL, ranking=longer, explanation=why, overrides=f"{CASE}:1")
    written = encode(CASE, 2, full)
    told = domain.decode(written)

    assert len(written) <= MAX_RECORD_BYTES
    words = told["explanation"]["words"]
    assert words == [[b, e, round(w * 1e6)] for b, e, w in WORDS[: len(words)]]
    assert len(told["ranking"]) == 5


LONGEST = tuple(f"{'a' * 50}.{'b' * 98}{n:02d}" for n in range(7))


def test_the_longest_ids_of_a_catalogue_keep_a_record_within_a_kibibyte() -> None:
    """Of the ranking the least probable are left out, and it is told how many; the choice stays."""
    full = replace(
        FULL,
        id=f"{CASE}:1000001",
        service_id=LONGEST[0],
        ranking=tuple((service, 0.9 / 3**n) for n, service in enumerate(LONGEST[:5])),
        explanation=replace(WHY, service_id=LONGEST[5], against=LONGEST[6]),
        office=f"{'A' * 32}-{'7' * 16}",
        overrides=f"{CASE}:1000000",
        subject="e" * 32,
        reason_code="R" * 40,
        outcome="confirm",
        language="mixed",
    )
    written = encode(CASE, 1_000_002, full)
    told = domain.decode(written)

    assert len(written) <= MAX_RECORD_BYTES
    assert told["service"] == LONGEST[0]
    assert len(told["ranking"]) + told["left_out"] == 5
    assert "explanation" not in told


def test_ids_of_sixty_characters_keep_all_but_the_tail() -> None:
    """A record says all that has room."""
    long = tuple((f"{'s' * 58}.{n}", 0.9 / 3**n) for n in range(5))
    why = replace(WHY, service_id=long[0][0], against=long[1][0])
    written = encode(CASE, 2, replace(FULL, service_id=long[0][0], ranking=long, explanation=why))

    assert 900 < len(written) <= MAX_RECORD_BYTES
    assert domain.decode(written)["left_out"] == 1


def test_the_services_explained_are_named_where_they_are_not_the_first_two() -> None:
    """As where an office had returned the first."""
    told = domain.decode(encode(CASE, 2, replace(FULL, ranking=RANKING[1:])))

    assert told["explanation"]["services"] == [RANKING[0][0], RANKING[1][0]]


@pytest.mark.parametrize("id_", [f"{CASE}:2", "other"])
def test_a_decision_is_found_by_its_id(id_: str) -> None:
    """Whether it is the usual one or not."""
    told = domain.decode(encode(CASE, 2, replace(FULL, id=id_)))

    assert domain.decision_id(told) == id_


@pytest.mark.parametrize("probability", [1.0, 1 / 3, 0.1, 5e-13, 0.0])
def test_a_probability_is_told_closer_than_a_replay_may_differ(probability: float) -> None:
    """Replays are held to 1e-9."""
    told = domain.decode(encode(CASE, 2, replace(FULL, ranking=(("s", probability),))))

    assert told["ranking"][0][1] / 1e12 == pytest.approx(probability, abs=1e-12)


@pytest.mark.parametrize("record", [b"{}", b'{"record":2}', b"[]", b"no"])
def test_what_is_no_record_of_ours_is_refused(record: bytes) -> None:
    """A later version is not guessed at."""
    with pytest.raises(ValueError, match=r"record|Expecting"):
        domain.decode(record)


def test_the_event_of_a_decision_is_read_for_its_record() -> None:
    """Language, ranking, thresholds, grounds, commitment and links arrive."""
    read = events.from_record(record(decided_event(CASE)))
    assert read.decision is not None

    told = domain.decode(encode(CASE, 1, read.decision))

    assert told["ranking"] == [["identity.passport", 930_000_000_000], ["x", 10_000_000_000]]
    assert told["explanation"] == {"words": [[0, 7, 250_000]]}
    assert (told["language"], told["commitment"], told["subject"]) == ("kk", "ab" * 32, "cd" * 16)
    assert (told["overrides"], told["thresholds"]) == ("d0", [800_000_000_000, 300_000_000_000])
