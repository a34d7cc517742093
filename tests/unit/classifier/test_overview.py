"""Specifies how the models in use are described to people."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from classifier import app, artifact
from classifier.domain import NoModelError
from classifier.overview import FRESH_SECONDS, Overview, card
from classifier.record import Record, Said, Seen
from classifier.trained import Trained
from classifier.watch import LiveModels
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.principal import Principal, Role
from tests.unit.classifier.corpus import KNOWN
from tests.unit.classifier.life import home_at, wish


def models(folder: Path | None) -> LiveModels:
    found = LiveModels()
    if folder:
        found.replace(artifact.load(folder, KNOWN), "v1")
    return found


@pytest.fixture
def second(trained: Trained, folder: Path) -> Path:
    """Store another model beside the first, and return its folder."""
    other = replace(trained, facts={**trained.facts, "seed": 8})
    return folder.parent / artifact.save(other, folder.parent)


@pytest.fixture
def record(folder: Path) -> Iterator[Record]:
    opened = Record(folder.parent / "record" / "0.jsonl")
    yield opened
    opened.close()


class Hand:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def overview(live: Path | None, candidate: Path | None, home: Path, clock: Hand) -> Overview:
    artifact.set_shadow(home, candidate.name if candidate else None)
    return Overview(models(live), models(candidate), home, home / "record", clock)


def seen(live: Path, candidate: Path, label: str = "identity.passport") -> Seen:
    """Return a text that the live model takes for a passport, and the candidate for a label."""
    return Seen(
        "2026-03-01T00:00:00Z",
        "about",
        "kk",
        Said(live.name, "identity.passport", 0.9, "route"),
        Said(candidate.name, label, 0.8, "route"),
    )


def test_a_card_tells_what_the_model_was_made_of(trained: Trained, folder: Path) -> None:
    """The same that its folder says."""
    stored = artifact.load(folder, KNOWN)
    told = card(stored)

    assert (told.model, told.label_count) == (folder.name, len(stored.model.labels))
    assert told.example_count == stored.card["data"]["examples"]
    assert {one.language: one.top1 for one in told.held_out} == {
        name: found["top1"] for name, found in stored.card["held_out"].items()
    }
    assert {one.language: (one.route, one.confirm) for one in told.thresholds} == {
        name: (found["route"], found["confirm"])
        for name, found in stored.card["thresholds"].items()
    }
    assert list(told.limits) == stored.card["limits"]


def test_an_older_card_is_told_as_far_as_it_goes(folder: Path) -> None:
    """A model whose card lacks a part can still be described."""
    told = card(replace(artifact.load(folder, KNOWN), card={}))

    assert told.model == folder.name
    assert not told.held_out


def test_without_a_candidate_there_is_none(folder: Path) -> None:
    """It is absent, not an empty card."""
    told = overview(folder, None, folder.parent, Hand()).describe()

    assert told.live.model == folder.name
    assert not told.HasField("candidate")


def test_without_a_live_model_that_is_told(folder: Path) -> None:
    """As to whoever asks the model itself."""
    with pytest.raises(NoModelError):
        overview(None, folder, folder.parent, Hand()).describe()


def test_a_candidate_is_told_with_what_it_would_have_answered(
    folder: Path, second: Path, record: Record
) -> None:
    """In all languages and in each; and where both differ."""
    for row in (seen(folder, second), seen(folder, second, "housing.queue"), Seen("", dropped=3)):
        record.add(row)
    record.flush()
    told = overview(folder, second, folder.parent, Hand()).describe()

    assert told.candidate.model == second.name
    figures = {one.language: (one.count, one.agreement) for one in told.shadow}
    assert figures == {"all": (2, 0.5), "kk": (2, 0.5)}
    assert list(told.differences) == [
        pb.ShadowDifference(live="identity.passport", candidate="housing.queue", count=1)
    ]
    assert told.dropped_count == 3


def test_a_candidate_is_told_as_it_is_pointed_at(folder: Path, second: Path) -> None:
    """Before a watcher follows: none when it was ended, another when that was wished for.

    Nor is what went live meanwhile beside itself. Who did it is told, the newest first.
    """
    home = home_at(folder, second.name)
    loaded = models(second)

    def told(live: Path = folder) -> tuple[bool, str]:
        described = Overview(models(live), loaded, home.path, home.path / "record", Hand())
        found = described.describe()
        assert [(one.model, one.act.subject) for one in found.shadow_changes] == [
            (one.model, one.act.subject) for one in home.log.shadowed[::-1]
        ]
        return found.HasField("candidate"), found.shadow_model

    home.look_on()
    assert told() == (True, second.name)
    assert told(second) == (False, second.name)
    home.life.set_shadow("", wish("Marat"))
    assert told() == (False, "")
    artifact.set_shadow(home.path, "5f" * 32)
    assert told() == (False, "5f" * 32)
    (home.path / "shadow").write_text("?")
    assert told() == (False, "")


def test_what_a_candidate_calls_by_the_new_name_is_no_difference(
    folder: Path, second: Path, record: Record
) -> None:
    """The register that the live model was checked with tells where ids led."""
    record.add(seen(folder, second, "identity.travel"))
    record.flush()
    live = LiveModels()
    live.replace(artifact.load(folder, KNOWN), "v2", {"identity.passport": "identity.travel"})
    home = folder.parent
    artifact.set_shadow(home, second.name)
    told = Overview(live, models(second), home, home / "record", Hand()).describe()

    assert {one.language: one.agreement for one in told.shadow} == {"all": 1.0, "kk": 1.0}
    assert not told.differences


def test_a_record_is_counted_once_a_minute(folder: Path, second: Path, record: Record) -> None:
    """However many people look; later, what came since is told."""
    clock = Hand()
    described = overview(folder, second, folder.parent, clock)
    record.add(seen(folder, second))
    record.flush()
    first = described.describe().shadow[0].count
    record.add(seen(folder, second))
    record.flush()
    soon = described.describe().shadow[0].count
    clock.now += FRESH_SECONDS

    assert (first, soon, described.describe().shadow[0].count) == (1, 1, 2)


def test_what_went_live_is_told_with_who_answers_for_it(folder: Path, second: Path) -> None:
    """The newest first."""
    artifact.publish(folder.parent, folder.name)
    artifact.publish(folder.parent, second.name, by=["Aigul", "Marat"], why="promoted")
    told = overview(second, None, folder.parent, Hand()).describe()

    assert [(one.model, one.why, list(one.by)) for one in told.history] == [
        (second.name, "promoted", ["Aigul", "Marat"]),
        (folder.name, "trained", []),
    ]
    assert told.history[0].time.ToDatetime() >= told.history[1].time.ToDatetime()


def test_a_running_classifier_describes_its_models(tmp_path: Path, folder: Path) -> None:
    """To analysts and model stewards, from the folder it serves."""
    home = folder.parent / "home"
    (home / "models").mkdir(parents=True)
    folder.rename(home / "models" / folder.name)
    artifact.publish(home / "models", folder.name, by=["Aigul"], why="promoted")
    with (
        testing.platform_in(home) as platform,
        testing.running(platform, app.build(platform, KNOWN)) as built,
        testing.channel_to(built.addresses["classifier"]) as channel,
    ):
        stub = pb_grpc.ClassifierServiceStub(channel)
        caller = testing.caller(platform, Principal("analyst", Role.ANALYST))
        told = caller.call(stub.GetModels, pb.GetModelsRequest())

    assert told.live.model == folder.name
    assert [list(one.by) for one in told.history] == [["Aigul"]]
