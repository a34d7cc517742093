"""The wiring of the classifier: the only file that knows every class."""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing
from functools import partial

from classifier import events, handlers, labelled
from classifier.clients import CatalogueClient
from classifier.coalescer import Coalescer
from classifier.domain import Asked, Classification, Example
from classifier.examples import read_bundled_tests
from classifier.kept import CorrectionsFile
from classifier.labelled import Columns
from classifier.lifecycle import Lifecycle
from classifier.overview import Overview
from classifier.record import Record
from classifier.rpc import ClassifierServicer
from classifier.shadow import Shadow
from classifier.trial import MAX_TEXTS, Trials
from classifier.watch import LiveModels, Register, Watcher
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis.application import Application, Part, Platform, stopping
from services.chassis.bus import port
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.parking import ParkingLot
from services.chassis.config import Settings
from services.chassis.masking import mask
from services.chassis.server import AsyncRpcServer

SPACING_SECONDS = 0.2
"""Nobody waits for what is learned next: corrections share a write."""
ERASURE_SECONDS = 5.0
"""Erasures share one, too; what was said of a case is kept by then."""
SERVICE = "qyzmet.classifier.v1.ClassifierService"


def build(platform: Platform, known_labels: Collection[str] | None = None) -> Application:
    """Build the classifier; without labels it asks the catalogue which services exist."""
    settings = platform.settings
    with ExitStack() as opened:
        register = _register(platform, known_labels, opened)
        models, candidates = LiveModels(), LiveModels()
        shadow = Shadow(
            candidates,
            partial(Record, settings.shadow_dir / f"{settings.member}.jsonl"),
            mask,
            platform.clock,
            is_busy=lambda: coalescer.is_busy,
        )

        def compute(asked: Sequence[Asked]) -> list[Classification]:
            answers = _compute(models, asked)
            shadow.offer([one.text for one in asked], answers)
            return answers

        coalescer = Coalescer(compute)
        servicer = ClassifierServicer(
            coalescer,
            models,
            models.catalogue_version,
            _overview(settings, models, candidates),
            Lifecycle(
                settings.models_dir, register, platform.clock, is_pinned=settings.model is not None
            ),
            longest_seconds=settings.rpc_deadline_seconds,
        )
        watchers = (
            Watcher(models, settings.models_dir, register, pinned=settings.model),
            Watcher(candidates, settings.models_dir, register, shadow=True),
        )
        keeper, eraser = (
            opened.enter_context(stopping(part(platform))) for part in (_keeper, _eraser)
        )
        door = _door(platform, servicer)
        return Application(
            "classifier",
            [*watchers, shadow, _trials(platform, register), keeper, eraser, door],
            {"classifier": door.address},
            opened.pop_all().close,
        )


def _overview(
    settings: Settings, models: LiveModels, candidates: LiveModels
) -> Callable[[], pb.GetModelsResponse]:
    return Overview(
        models,
        candidates,
        settings.models_dir,
        settings.shadow_dir,
        is_pinned=settings.model is not None,
    ).describe


def _trials(platform: Platform, register: Callable[[], Register]) -> Trials:
    """Return what tries proposed models at the gate."""
    settings = platform.settings
    if (own := settings.gate_examples) is None:
        return Trials(settings.models_dir, register, read_bundled_tests, mask, platform.clock)
    columns = Columns(settings.gate_text, settings.gate_label)

    def texts() -> Sequence[Example]:
        # One more than may be asked: that there are too many is told, not which they are.
        return labelled.read(own, register().names, columns, limit=MAX_TEXTS + 1)

    return Trials(settings.models_dir, register, texts, mask, platform.clock)


def _keeper(platform: Platform) -> Part:
    """Return what keeps corrections for the next training."""
    settings = platform.settings
    file = CorrectionsFile(settings.corrections_dir / f"{settings.member}.jsonl")
    return _consumer(
        *(platform, events.GROUP, events.TOPIC),
        partial(events.handle, file=file),
        spacing=SPACING_SECONDS,
    )


def _eraser(platform: Platform) -> Part:
    """Return what drops the corrections of erased cases."""
    settings = platform.settings
    return _consumer(
        *(platform, events.erasures_group(settings.member), events.CASES),
        partial(events.forget, folder=settings.corrections_dir),
        spacing=ERASURE_SECONDS,
    )


def _consumer(
    platform: Platform,
    group: str,
    topic: port.Topic,
    handle: Callable[[Sequence[port.Record]], None],
    *,
    spacing: float,
) -> Part:
    platform.bus.ensure_topics([topic])
    return ConsumerLoop(
        platform.bus.consumer(group, [topic.name], member=platform.settings.member),
        ParkingLot(platform.bus, group, [topic.name]),
        handle,
        name=group,
        batch_size=platform.settings.batch_size,
        spacing=spacing,
    )


def _compute(models: LiveModels, asked: Sequence[Asked]) -> list[Classification]:
    return handlers.classify(
        [one.text for one in asked],
        models=models,
        mask=mask,
        explained=[place for place, one in enumerate(asked) if one.explain],
        alerted={place for place, one in enumerate(asked) if one.alert},
    )


def _register(
    platform: Platform, known_labels: Collection[str] | None, opened: ExitStack
) -> Callable[[], Register]:
    if known_labels is not None:
        register = Register("", frozenset(known_labels))
        return lambda: register
    client = CatalogueClient(
        platform.addresses["catalog"],
        platform.tokens("classifier").bearer,
        deadline=platform.settings.rpc_deadline_seconds,
        secured=platform.secured("classifier", "catalog"),
    )
    return opened.enter_context(closing(client)).register


def _door(platform: Platform, servicer: ClassifierServicer) -> AsyncRpcServer:
    return AsyncRpcServer(
        lambda server: pb_grpc.add_ClassifierServiceServicer_to_server(servicer, server),
        address=platform.addresses["classifier"],
        services=[SERVICE],
        guard=platform.guard,
        show_reflection=not platform.settings.is_production,
    )
