"""Keeps the live model at hand: takes a new one over, keeps the old one if it is refused."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from classifier import artifact, checks
from classifier.artifact import ModelRefusedError, Stored
from classifier.domain import NoModelError
from services.chassis.errors import ServiceError, UnavailableError
from services.chassis.telemetry import failure

LOOK_SECONDS = 1.0
SHOWN = 5
"""So many services are named in a line of the log."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Register:
    """The services a model may name, and the version of the catalogue that says so."""

    version: str
    service_ids: frozenset[str]
    retired: frozenset[str] = frozenset()
    """Ids that stopped and lead to services; a model of before may name them."""


class LiveModels:
    """The model that answers; replaced in one assignment, so that no call is lost."""

    def __init__(self) -> None:
        self._current: tuple[Stored, str] | None = None

    def current(self) -> Stored:
        """Return the live model; raises NoModelError where there is none."""
        if self._current is None:
            raise NoModelError
        return self._current[0]

    def found(self) -> Stored | None:
        """Return the model, where there is one."""
        return self._current[0] if self._current else None

    def catalogue_version(self) -> str:
        """Return the version of the catalogue the live model was checked against."""
        return self._current[1] if self._current else ""

    def clear(self) -> None:
        """Let no model answer from now on."""
        self._current = None

    def replace(self, stored: Stored, catalogue_version: str) -> None:
        """Let another model answer from now on."""
        self._current = (stored, catalogue_version)


class Watcher:
    """Looks every second whether another model is pointed at, on a thread of its own.

    A shadow ends where nothing is pointed at any more; a live model stays.
    """

    def __init__(
        self,
        models: LiveModels,
        models_dir: Path,
        register: Callable[[], Register],
        *,
        pinned: Path | None = None,
        look_seconds: float = LOOK_SECONDS,
        shadow: bool = False,
    ) -> None:
        self._models = models
        self._models_dir = models_dir
        self._register = register
        self._pinned = pinned
        self._look_seconds = look_seconds
        self._is_shadow = shadow
        self._seen: str | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-watch", daemon=True)

    def start(self) -> None:
        """Load what is live now, and begin to watch; a pinned model that is refused raises."""
        if self._pinned is not None:
            self._take_over(self._pinned)
            return
        self._look_safely()
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End the watching."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(grace)

    def look(self) -> None:
        """Take the model over if it is another; log why where it is refused."""
        pointed = artifact.shadow if self._is_shadow else artifact.live
        model = pointed(self._models_dir)
        if model is None and self._is_shadow:
            self._models.clear()
            self._seen = None
        if model is None or model == self._seen:
            return
        try:
            self._take_over(self._models_dir / model, model)
        except UnavailableError as error:
            # The catalogue is away, not the model wrong: the next look tries again.
            log.warning("model not checked yet", reason=error.reason)
            return
        except ModelRefusedError as error:
            log.error("model refused", reason=error.reason, detail=error.message)
        self._seen = model

    def _take_over(self, folder: Path, model: str = "") -> None:
        register = self._register()
        stored = artifact.load(folder, register.service_ids | register.retired, expected_id=model)
        self._models.replace(stored, register.version)
        event = "model looks on" if self._is_shadow else "model live"
        log.info(event, model=stored.id, labels=len(stored.model.labels))
        known = register.service_ids | (register.retired & set(stored.model.labels))
        for found in checks.check(
            stored.model.labels, known, card=stored.card, version=register.version
        ):
            some = list(found.concerns[:SHOWN])
            log.warning(
                "model and catalogue differ",
                code=found.code.value,
                concerns=some,
                count=len(found.concerns),
            )

    def _watch(self) -> None:
        while not self._leaving.wait(self._look_seconds):
            self._look_safely()

    def _look_safely(self) -> None:
        try:
            self.look()
        except ServiceError as error:
            log.warning("model watch failed", reason=error.reason, detail=error.message)
        except Exception as error:  # noqa: BLE001  a look that fails must not end the watching
            log.error("model watch failed", **failure(error))
