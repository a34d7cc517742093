"""Specifies the classifier's door, over a real channel."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classifier import app, artifact, record
from classifier.domain import BatchSizeError, NoModelError, TextLengthError
from classifier.trained import Trained
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.errors import ForbiddenError, ServiceError
from services.chassis.principal import Principal, Role
from tests.unit.classifier.corpus import KNOWN
from tests.unit.classifier.life import Eventually

ROUTING = Principal("service:routing", Role.SERVICE)
Call = Callable[..., Any]


@contextmanager
def classifier(folder: Path, who: Principal | None = ROUTING, **settings: object) -> Iterator[Call]:
    """Run the classifier and give a function that calls it."""
    with (
        testing.platform_in(folder, **settings) as platform,
        testing.running(platform, app.build(platform, KNOWN)) as built,
        testing.channel_to(built.addresses["classifier"]) as channel,
    ):
        stub, caller = pb_grpc.ClassifierServiceStub(channel), testing.caller(platform, who)

        def call(method: str, **fields: Any) -> Any:
            return caller.call(getattr(stub, method), getattr(pb, f"{method}Request")(**fields))

        yield call


@pytest.fixture
def call(folder: Path, tmp_path: Path) -> Iterator[Call]:
    with classifier(tmp_path / "data", model=folder) as call:
        yield call


def test_a_text_is_classified(call: Call) -> None:
    """The best service first, with its language and its thresholds."""
    told = call("Classify", text="загранпаспорт").classification

    assert told.suggestions[0].service_id == "identity.passport"
    assert told.language == catalog_pb2.LANGUAGE_RU
    assert 0 <= told.confirm_threshold <= told.route_threshold <= 1


def test_an_emergency_is_told_beside_the_services(call: Call) -> None:
    """Only of the text that speaks of one."""
    burning, ordinary = call("BatchClassify", texts=["горит наш дом", "паспорт"]).classifications

    assert (burning.emergency.code, burning.emergency.number) == ("FIRE", "101")
    assert not ordinary.HasField("emergency")


def test_who_only_decides_is_told_of_no_emergency(call: Call) -> None:
    """One text or many: the receipt told it before."""
    alone = call("Classify", text="горит наш дом", without_emergency=True)
    together = call("BatchClassify", texts=["горит наш дом"], without_emergency=True)

    told = [alone.classification, *together.classifications]
    assert not any(one.HasField("emergency") for one in told)


def test_a_batch_is_answered_in_the_order_asked(call: Call) -> None:
    """One answer for each text, the same as alone."""
    texts = ["birth grant", "загранпаспорт", "tell me a joke"]

    answers = call("BatchClassify", texts=texts).classifications

    alone = [call("Classify", text=text).classification for text in texts]
    assert [one.suggestions[0].service_id for one in answers] == [
        one.suggestions[0].service_id for one in alone
    ]


def test_an_empty_batch_has_an_empty_answer(call: Call) -> None:
    """It is not a mistake."""
    assert not call("BatchClassify").classifications


def test_many_callers_each_get_their_own_answer(call: Call) -> None:
    """Coalescing mixes computations, never answers."""
    texts = ["birth grant", "загранпаспорт"] * 20

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda text: call("Classify", text=text), texts))

    best = [one.classification.suggestions[0].service_id for one in told]
    assert best == ["family.birth-allowance", "identity.passport"] * 20


def test_the_model_tells_its_name(call: Call, folder: Path) -> None:
    """The same that every answer carries."""
    told = call("GetModel")

    assert (told.model, told.label_count) == (folder.name, len(KNOWN) + 1)
    assert call("Classify", text="паспорт").classification.model == told.model


@pytest.mark.parametrize(
    ("method", "fields", "error"),
    [
        ("Classify", {"text": ""}, TextLengthError),
        ("Classify", {"text": "a" * 4001}, TextLengthError),
        ("BatchClassify", {"texts": ["fine", ""]}, TextLengthError),
        ("BatchClassify", {"texts": ["fine"] * 501}, BatchSizeError),
    ],
)
def test_what_is_not_allowed_is_refused_with_a_reason(
    call: Call, method: str, fields: dict[str, Any], error: type[ServiceError]
) -> None:
    """The caller learns what to change as a constant."""
    with pytest.raises(ServiceError) as refused:
        call(method, **fields)

    assert refused.value.reason == error.reason


def test_without_a_model_callers_are_told_to_come_again(tmp_path: Path) -> None:
    """A classifier that knows nothing yet does not guess."""
    with classifier(tmp_path / "data") as call, pytest.raises(ServiceError) as refused:
        call("Classify", text="паспорт")

    assert refused.value.reason == NoModelError.reason


def test_citizens_do_not_call_the_classifier(folder: Path, tmp_path: Path) -> None:
    """They go through the gateway."""
    nobody = classifier(tmp_path / "data", who=None, model=folder)

    with nobody as call, pytest.raises(ForbiddenError):
        call("Classify", text="паспорт")


def test_a_model_published_while_running_answers_next(
    folder: Path, tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """No restart, and no call is refused meanwhile once there is one."""
    models = tmp_path / "data" / "models"
    with classifier(tmp_path / "data") as call:
        models.mkdir(parents=True, exist_ok=True)
        folder.rename(models / folder.name)
        artifact.publish(models, folder.name)

        eventually(lambda: _answers(call))


def _answers(call: Call) -> bool:
    try:
        return bool(call("GetModel").model)
    except ServiceError:
        return False


def test_a_steward_lets_a_model_look_on_and_ends_it(
    trained: Trained, tmp_path: Path, eventually: Eventually
) -> None:
    """What citizens write is recorded beside it meanwhile; the same request again does nothing."""
    models = tmp_path / "data" / "models"
    models.mkdir(parents=True)
    artifact.publish(models, artifact.save(trained, models))
    other = artifact.save(replace(trained, facts={**trained.facts, "seed": 8}), models)
    wish = {"model": other, "reason": "It learned.", "request_id": "1"}
    with classifier(tmp_path / "data", Principal("Aigul", Role.MODEL_STEWARD)) as call:
        told = [call("SetShadow", **wish).change for _ in range(2)]
        # What was seen is counted once a minute, so that nobody asks before something was.
        seen = tmp_path / "data" / "shadow"
        eventually(lambda: call("Classify", text="паспорт") and list(record.read(seen)))
        shown = call("GetModels")
        call("SetShadow", reason="Enough.", request_id="2")
        ended = call("GetModels")

    assert shown.shadow
    assert told[0] == told[1] == shown.shadow_changes[0]
    assert (told[0].model, told[0].act.subject, told[0].act.reason) == (
        *(other, "Aigul"),
        "It learned.",
    )
    assert (shown.shadow_model, shown.candidate.model) == (other, other)
    assert (ended.shadow_model, ended.HasField("candidate")) == ("", False)
    assert [one.model for one in ended.shadow_changes] == ["", other]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ANALYST, Role.SERVICE])
def test_nobody_but_a_steward_lets_a_model_look_on(
    folder: Path, tmp_path: Path, role: Role
) -> None:
    """At this door as at the portal's."""
    with (
        classifier(tmp_path / "data", Principal("Dana", role), model=folder) as call,
        pytest.raises(ForbiddenError),
    ):
        call("SetShadow", model="a1" * 32, reason="x", request_id="1")
