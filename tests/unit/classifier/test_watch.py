"""Specifies how a model goes live, and how a wrong one does not."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from classifier import artifact
from classifier.artifact import ModelRefusedError, layout
from classifier.domain import NoModelError
from classifier.trained import Trained
from classifier.watch import LiveModels, Register, Watcher
from services.chassis.errors import UnavailableError
from tests.unit.classifier.corpus import KNOWN


def known() -> Register:
    return Register("v1", KNOWN)


@pytest.fixture
def second(trained: Trained, folder: Path) -> str:
    """Store another model beside the first, and return its id."""
    return artifact.save(replace(trained, facts={**trained.facts, "seed": 8}), folder.parent)


@contextmanager
def watching(models: LiveModels, models_dir: Path) -> Iterator[None]:
    watcher = Watcher(models, models_dir, known, look_seconds=0.01)
    watcher.start()
    try:
        yield
    finally:
        watcher.stop(5.0)


def test_the_live_model_answers_from_the_start(folder: Path) -> None:
    """Checked against the catalogue of the time."""
    artifact.publish(folder.parent, folder.name)
    models = LiveModels()

    with watching(models, folder.parent):
        assert models.current().id == folder.name
        assert models.catalogue_version() == "v1"


def test_a_start_without_a_model_waits_for_one(
    folder: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """A service that has nothing to say yet is not a service that failed."""
    models = LiveModels()

    with watching(models, folder.parent):
        artifact.publish(folder.parent, folder.name)
        eventually(models.catalogue_version)

    assert models.current().id == folder.name


def test_a_new_live_model_is_taken_over(
    folder: Path, second: str, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Without a restart."""
    artifact.publish(folder.parent, folder.name)
    models = LiveModels()

    with watching(models, folder.parent):
        artifact.publish(folder.parent, second)
        eventually(lambda: models.current().id == second)


def test_a_refused_model_leaves_the_old_one_answering(folder: Path, second: str) -> None:
    """A damaged folder harms nobody."""
    artifact.publish(folder.parent, folder.name)
    models = LiveModels()
    watcher = Watcher(models, folder.parent, known)
    watcher.look()
    (folder.parent / second / layout.LABELS).write_text("[]")
    artifact.publish(folder.parent, second)

    watcher.look()

    assert models.current().id == folder.name


def looping(path: Path) -> None:
    """Put what the system refuses to follow where a folder was, as a disk that errs."""
    path.symlink_to(path)


@pytest.mark.parametrize("away", [looping, lambda path: None], ids=["unreadable", "not there yet"])
def test_a_model_that_could_not_be_read_is_tried_again(
    folder: Path, second: str, away: Callable[[Path], None]
) -> None:
    """A shared folder may err for a moment, or show what points before what is pointed at.

    The old model answers meanwhile, and the log says why once.
    """
    artifact.publish(folder.parent, folder.name)
    models = LiveModels()
    watcher = Watcher(models, folder.parent, known)
    watcher.look()
    artifact.publish(folder.parent, second)
    place = folder.parent / second
    kept = place.rename(folder.parent / "elsewhere")
    away(place)

    with capture_logs() as lines:
        watcher.look()
        watcher.look()
    assert models.current().id == folder.name
    assert [line["model"] for line in lines] == [second]

    place.unlink(missing_ok=True)
    kept.rename(place)
    watcher.look()
    assert models.current().id == second


def test_what_a_model_cannot_name_is_logged(folder: Path) -> None:
    """When it goes live, as a code that an alarm can look for."""
    artifact.publish(folder.parent, folder.name)
    grown = Register("v2", KNOWN | {"new.service"})

    with capture_logs() as lines:
        Watcher(LiveModels(), folder.parent, lambda: grown).look()

    told = {line["code"]: line["concerns"] for line in lines if "code" in line}
    assert told["UNKNOWN_SERVICE"] == ["new.service"]


def watcher_of(folder: Path, models: LiveModels, registers: Sequence[Register]) -> Watcher:
    """Return a watcher of a live model, beside a register that changes with every question."""
    artifact.publish(folder.parent, folder.name)
    told = iter(registers)
    return Watcher(models, folder.parent, lambda: next(told), register_seconds=0.0)


def test_a_model_refused_by_one_register_is_tried_with_the_next(folder: Path) -> None:
    """The catalogue may be behind the model; nobody must restart anything."""
    models = LiveModels()
    behind = Register("v0", KNOWN - {"land.plot"})
    watcher = watcher_of(folder, models, [behind, behind, known(), known()])

    watcher.look()
    watcher.look()
    assert models.found() is None
    watcher.look()

    assert models.current().id == folder.name
    assert models.catalogue_version() == "v1"


def test_where_ids_led_is_known_beside_the_model(folder: Path) -> None:
    """As the register of now has it, also while the model stays."""
    models = LiveModels()
    led_on = {"land.plot": "land.parcel"}
    changed = Register("v2", KNOWN - {"land.plot"} | {"land.parcel"}, led_on)
    watcher = watcher_of(folder, models, [known(), changed])

    watcher.look()
    assert models.successors() == {}
    watcher.look()

    assert (models.current().id, models.successors()) == (folder.name, led_on)


def test_a_register_that_changes_is_compared_with_the_model(folder: Path) -> None:
    """What went and what came are logged, once; the model goes on answering."""
    models = LiveModels()
    changed = Register("v2", KNOWN - {"land.plot"} | {"new.service"})
    watcher = watcher_of(folder, models, [known(), known(), changed, changed])

    watcher.look()
    with capture_logs() as lines:
        for _ in range(3):
            watcher.look()

    told = [(line["code"], line["concerns"]) for line in lines if "code" in line]
    assert ("UNKNOWN_LABEL", ["land.plot"]) in told
    assert ("UNKNOWN_SERVICE", ["new.service"]) in told
    assert len(told) == len(dict(told))
    assert (models.current().id, models.catalogue_version()) == (folder.name, "v2")


def test_a_pinned_model_is_checked_again_too(folder: Path) -> None:
    """Whoever pinned it wants to know as well."""
    models = LiveModels()
    told = iter([known(), Register("v2", KNOWN | {"new.service"})])
    watcher = Watcher(
        *(models, folder.parent, lambda: next(told)),
        pinned=folder,
        look_seconds=60.0,
        register_seconds=0.0,
    )
    watcher.start()
    watcher.look()
    watcher.stop(5.0)

    assert models.catalogue_version() == "v2"


def test_a_shadow_ends_when_nothing_is_pointed_at(folder: Path) -> None:
    """A live model would stay."""
    models = LiveModels()
    watcher = Watcher(models, folder.parent, known, shadow=True)
    artifact.set_shadow(folder.parent, folder.name)
    watcher.look()
    assert models.current().id == folder.name

    artifact.set_shadow(folder.parent, None)
    watcher.look()

    with pytest.raises(NoModelError):
        models.current()


def test_a_catalogue_that_is_away_is_asked_again(folder: Path) -> None:
    """The model is not refused for it."""
    artifact.publish(folder.parent, folder.name)
    answers: Iterator[Register | UnavailableError] = iter([UnavailableError(), known()])

    def register() -> Register:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    models = LiveModels()
    watcher = Watcher(models, folder.parent, register)

    watcher.look()
    watcher.look()

    assert models.current().id == folder.name


def test_a_pinned_model_answers_whatever_is_live(folder: Path, second: str) -> None:
    """An operator's word is the last."""
    artifact.publish(folder.parent, second)
    models = LiveModels()

    Watcher(models, folder.parent, known, pinned=folder).start()

    assert models.current().id == folder.name


def test_a_pinned_model_that_is_refused_stops_the_start(tmp_path: Path) -> None:
    """Nobody wants another one in its place."""
    with pytest.raises(ModelRefusedError):
        Watcher(LiveModels(), tmp_path, known, pinned=tmp_path / "nothing").start()


def test_without_a_model_there_is_none(tmp_path: Path) -> None:
    """It is said, not guessed."""
    models = LiveModels()

    Watcher(models, tmp_path, known).look()

    with pytest.raises(NoModelError):
        models.current()
