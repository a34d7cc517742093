"""Specifies a candidate that looks on: it is recorded, and changes nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from classifier import app, artifact
from classifier.domain import OUT_OF_SCOPE, Classification, Language, Thresholds
from classifier.record import Record, Seen, read
from classifier.shadow import Shadow
from classifier.train import train
from classifier.trained import Trained
from classifier.watch import LiveModels
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.application import utc_now
from services.chassis.principal import Principal, Role
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, KNOWN, silent, unmasked

Eventually = Callable[[Callable[[], object]], None]
Classify = Callable[[str], pb.Classification]
TEXTS = [one.text for one in EXAMPLES][:20]
LIVE = Classification(Language.RU, [], 0.0, Thresholds(1, 1), "live")


@pytest.fixture
def second(trained: Trained, folder: Path) -> str:
    """Store another model beside the first, and return its id."""
    return artifact.save(replace(trained, facts={**trained.facts, "seed": 8}), folder.parent)


@pytest.fixture
def candidates(folder: Path) -> LiveModels:
    models = LiveModels()
    models.replace(artifact.load(folder, KNOWN), "v1")
    return models


@contextmanager
def looking_on(
    models: LiveModels, folder: Path, is_busy: Callable[[], bool] = lambda: False, room: int = 100
) -> Iterator[Shadow]:
    record = partial(Record, folder / "shadow" / "0.jsonl")
    shadow = Shadow(models, record, unmasked, utc_now, is_busy=is_busy, max_waiting=room)
    shadow.start()
    try:
        yield shadow
    finally:
        shadow.stop(5.0)


def rows(folder: Path) -> list[Seen]:
    return list(read(folder / "shadow"))


def test_both_answers_are_recorded(
    candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """With models, labels, probabilities and language."""
    with looking_on(candidates, tmp_path) as shadow:
        shadow.offer(["загранпаспорт"], [LIVE])
        eventually(lambda: rows(tmp_path))

    (row,) = rows(tmp_path)
    assert row.live is not None
    assert row.shadow is not None
    assert (row.live.model, row.shadow.model) == ("live", candidates.current().id)
    assert (row.shadow.label, row.language) == ("identity.passport", "ru")


def test_words_are_not_recorded(
    candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """The same text is known again by a number that leads to no words."""
    with looking_on(candidates, tmp_path) as shadow:
        shadow.offer(["загранпаспорт", "загранпаспорт", "birth grant"], [LIVE] * 3)
        eventually(lambda: len(rows(tmp_path)) == 3)

    assert "загранпаспорт" not in (tmp_path / "shadow" / "0.jsonl").read_text("utf-8")
    first, again, other = (row.about for row in rows(tmp_path))
    assert first == again != other


def test_two_processes_name_the_same_text_differently(
    candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """So that nobody tries texts against a record."""
    for count in (1, 2):
        with looking_on(candidates, tmp_path) as shadow:
            shadow.offer(["загранпаспорт"], [LIVE])
            eventually(lambda count=count: len(rows(tmp_path)) == count)

    first, second = rows(tmp_path)
    assert first.about != second.about


def test_without_a_candidate_nothing_is_kept(tmp_path: Path) -> None:
    """Not even a file."""
    with looking_on(LiveModels(), tmp_path) as shadow:
        shadow.offer(["загранпаспорт"], [LIVE])

    assert not (tmp_path / "shadow").exists()


def test_a_full_queue_drops_and_counts(candidates: LiveModels, tmp_path: Path) -> None:
    """Whoever answers citizens does not wait for who looks on."""
    record = partial(Record, tmp_path / "0.jsonl")
    shadow = Shadow(candidates, record, unmasked, utc_now, max_waiting=2)

    shadow.offer(["a", "b", "c", "d", "e"], [LIVE] * 5)

    assert shadow.dropped == 3


def test_drops_stand_in_the_record(
    candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """Once."""
    with looking_on(candidates, tmp_path, room=1) as shadow:
        shadow.offer(["a"] * 50, [LIVE] * 50)
        eventually(lambda: rows(tmp_path))
        dropped = shadow.dropped
        shadow.offer(["b"], [LIVE])
        eventually(lambda: sum(row.dropped for row in rows(tmp_path)) >= dropped)

    assert sum(row.dropped for row in rows(tmp_path)) == shadow.dropped


def test_it_steps_aside_while_somebody_is_answered(
    candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """It asks, and begins when nobody waits any more."""
    asked, quiet = Event(), Event()

    def is_busy() -> bool:
        asked.set()
        return not quiet.is_set()

    with looking_on(candidates, tmp_path, is_busy) as shadow:
        shadow.offer(["загранпаспорт"], [LIVE])
        assert asked.wait(5)
        quiet.set()
        eventually(lambda: rows(tmp_path))


def test_a_failure_ends_nothing(
    candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """One bad text costs one row."""
    with looking_on(candidates, tmp_path) as shadow:
        shadow.offer([None, "загранпаспорт"], [LIVE] * 2)  # type: ignore[list-item]  # as a defect would
        eventually(lambda: rows(tmp_path))

    assert len(rows(tmp_path)) == 1


@contextmanager
def classifier(folder: Path) -> Iterator[Classify]:
    """Run the classifier on the models of a data folder."""
    with (
        testing.platform_in(folder) as platform,
        testing.running(platform, app.build(platform, KNOWN)) as built,
        testing.channel_to(built.addresses["classifier"]) as channel,
    ):
        stub = pb_grpc.ClassifierServiceStub(channel)
        caller = testing.caller(platform, Principal("service:routing", Role.SERVICE))
        yield lambda text: caller.call(stub.Classify, pb.ClassifyRequest(text=text)).classification


@pytest.fixture
def data(trained: Trained, tmp_path: Path) -> Path:
    """Make a data folder in which a model is live."""
    artifact.publish(tmp_path / "models", artifact.save(trained, tmp_path / "models"))
    return tmp_path


@pytest.fixture(scope="module")
def contrary() -> Trained:
    """Train a model that takes one service for another."""
    swapped = {"identity.passport": "car.driving-licence", "car.driving-licence": OUT_OF_SCOPE}
    examples = [replace(one, label=swapped.get(one.label, one.label)) for one in EXAMPLES]
    return train(ENTRIES, examples, seed=7, progress=silent)


@pytest.fixture
def candidate(contrary: Trained, data: Path) -> str:
    """Store a candidate that answers otherwise, and return its id."""
    return artifact.save(contrary, data / "models")


def test_answers_are_the_same_to_the_last_byte(
    data: Path, candidate: str, eventually: Eventually
) -> None:
    """With a candidate that would answer everything otherwise, and without."""
    with classifier(data) as classify:
        without = [classify(text).SerializeToString(deterministic=True) for text in TEXTS]
        artifact.set_shadow(data / "models", candidate)
        eventually(lambda: classify(TEXTS[0]) and rows(data))
        beside = [classify(text).SerializeToString(deterministic=True) for text in TEXTS]

    assert beside == without
    assert {row.shadow and row.shadow.label for row in rows(data)} != {
        row.live and row.live.label for row in rows(data)
    }


def test_switching_loses_no_call(
    trained: Trained, data: Path, candidate: str, eventually: Eventually
) -> None:
    """On, to another candidate, and off, while calls come; nothing is restarted."""
    other = artifact.save(replace(trained, facts={**trained.facts, "seed": 9}), data / "models")
    stop = Event()

    def ask(classify: Classify) -> int:
        count = 0
        while not stop.is_set():
            assert classify(TEXTS[count % len(TEXTS)]).suggestions
            count += 1
        return count

    def recorded() -> set[str]:
        return {row.shadow.model for row in rows(data) if row.shadow}

    with classifier(data) as classify, ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask, classify) for _ in range(2)]
        try:
            for model in (candidate, other):
                artifact.set_shadow(data / "models", model)
                eventually(lambda model=model: model in recorded())
            artifact.set_shadow(data / "models", None)
        finally:
            stop.set()
        counts = [future.result() for future in asking]

    assert all(counts)


def test_switched_off_nobody_looks_on(data: Path, candidate: str, eventually: Eventually) -> None:
    """Within a look of the watcher."""
    artifact.set_shadow(data / "models", candidate)
    with classifier(data) as classify:
        eventually(lambda: classify(TEXTS[0]) and rows(data))
        artifact.set_shadow(data / "models", None)

        def is_quiet() -> bool:
            before = len(rows(data))
            for text in TEXTS:
                classify(text)
            return len(rows(data)) == before

        eventually(is_quiet)


def test_a_candidate_that_went_live_is_not_compared_with_itself(
    folder: Path, candidates: LiveModels, tmp_path: Path, eventually: Eventually
) -> None:
    """It would agree with itself, and flatter."""
    with looking_on(candidates, tmp_path) as shadow:
        shadow.offer(["паспорт"] * 3, [replace(LIVE, model=folder.name)] * 3)
        shadow.offer(["passport"], [LIVE])
        eventually(lambda: rows(tmp_path))

    assert len(rows(tmp_path)) == 1
