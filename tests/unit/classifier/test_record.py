"""Specifies what is kept of a candidate's answers, and what is told of them."""

from pathlib import Path

import pytest

from classifier.domain import OUT_OF_SCOPE, Classification, Language, Suggestion, Thresholds
from classifier.record import ALL, Record, Said, Seen, read, said, summarise

PASSPORT, CARD = "identity.passport", "identity.id-card"


def row(live: str, shadow: str, *, language: str = "kk", would: str = "offer") -> Seen:
    return Seen("now", "a", language, Said("m1", live, 0.9, would), Said("m2", shadow, 0.8, would))


def told(best: float, out_of_scope: float = 0.0) -> Classification:
    suggestions = [Suggestion(PASSPORT, best), Suggestion(CARD, best / 2)]
    return Classification(Language.KK, suggestions, out_of_scope, Thresholds(0.8, 0.4), "m1")


@pytest.mark.parametrize(
    ("answer", "label", "would"),
    [
        (told(0.8), PASSPORT, "route"),
        (told(0.4), PASSPORT, "offer"),
        (told(0.3), PASSPORT, "neither"),
        (told(0.3, 0.6), OUT_OF_SCOPE, "neither"),
        (Classification(Language.KK, [], 0.0, Thresholds(0.8, 0.4), "m"), OUT_OF_SCOPE, "neither"),
    ],
)
def test_an_answer_is_its_best_label_and_what_it_allows(
    answer: Classification, label: str, would: str
) -> None:
    """By the thresholds of the model that gave it."""
    assert (said(answer).label, said(answer).would) == (label, would)


def test_rows_are_read_back(tmp_path: Path) -> None:
    """Of every replica."""
    for member in ("0", "1"):
        record = Record(tmp_path / f"{member}.jsonl")
        record.add(row(PASSPORT, CARD))
        record.close()

    assert list(read(tmp_path)) == [row(PASSPORT, CARD)] * 2


def test_a_restart_appends(tmp_path: Path) -> None:
    """Nothing is lost by it."""
    for _ in range(2):
        record = Record(tmp_path / "0.jsonl")
        record.add(row(PASSPORT, CARD))
        record.close()

    assert len(list(read(tmp_path))) == 2


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    """A crash in the midst of a row costs that row."""
    record = Record(tmp_path / "0.jsonl")
    record.add(row(PASSPORT, CARD))
    record.close()
    with (tmp_path / "0.jsonl").open("ab") as file:
        file.write(b'{"time": "no')

    assert list(read(tmp_path)) == [row(PASSPORT, CARD)]


def test_a_record_never_takes_more_than_two_files_of_its_bound(tmp_path: Path) -> None:
    """However long a candidate looks on; the newest rows are kept."""
    record = Record(tmp_path / "0.jsonl", max_bytes=1000)
    for number in range(100):
        record.add(Seen(str(number)))
    record.close()

    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 1000
    assert "99" in {seen.time for seen in read(tmp_path)}


def test_a_summary_tells_agreement_by_language() -> None:
    """And of all."""
    rows = [row(PASSPORT, PASSPORT), row(PASSPORT, CARD), row(CARD, CARD, language="ru")]

    found = summarise(rows, live="m1", shadow="m2").languages

    shares = {name: one.as_json()["agreement"] for name, one in found.items()}
    assert shares == {ALL: 0.6667, "kk": 0.5, "ru": 1.0}


def test_a_summary_tells_who_would_have_been_sent_elsewhere() -> None:
    """That is what a candidate changes for citizens."""
    rows = [row(PASSPORT, CARD, would="route"), row(PASSPORT, CARD)]

    found = summarise(rows, live="m1", shadow="m2")

    assert found.differences == [((PASSPORT, CARD), 2)]
    assert found.languages[ALL].as_json()["routed_apart"] == 0.5


def test_two_names_of_one_service_are_no_difference() -> None:
    """It was renamed between the trainings of both; of the ids of today they say the same."""
    rows = [row("identity.papers", PASSPORT, would="route")]

    found = summarise(rows, live="m1", shadow="m2", successors={"identity.papers": PASSPORT})

    assert found.differences == []
    told = found.languages[ALL].as_json()
    assert (told["agreement"], told["routed_apart"]) == (1.0, 0.0)


def test_a_summary_counts_these_two_models_only() -> None:
    """What a candidate said beside an earlier model says little of this one."""
    assert summarise([row(PASSPORT, CARD)], live="m0", shadow="m2").languages == {}


def test_a_summary_tells_what_was_dropped() -> None:
    """Who reads shares should know of how much."""
    assert summarise([Seen("t", dropped=3), Seen("t", dropped=4)], live="", shadow="").dropped == 7
