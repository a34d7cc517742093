"""Keeps the live model at hand: takes a new one over, keeps the old one if it is refused."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from classifier import artifact, checks
from classifier.artifact import ModelRefusedError, Refusal, Stored
from classifier.domain import NoModelError
from classifier.labelled import Names
from classifier.today import NONE, Successors
from services.chassis.errors import ServiceError, UnavailableError
from services.chassis.telemetry import failure

LOOK_SECONDS = 1.0
REGISTER_SECONDS = 5.0
"""How often the catalogue is asked whether it has another version."""
SHOWN = 5
"""So many services are named in a line of the log."""

log = structlog.get_logger()
Say = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Register:
    """The services a model may name, and the version of the catalogue that says so."""

    version: str
    service_ids: frozenset[str]
    successors: Successors = field(default_factory=dict)
    """Ids that stopped and lead to services; a model of before may name them."""
    names: Names = field(default_factory=dict)
    """What a label of somebody's own texts may say of a service."""

    @property
    def labels(self) -> frozenset[str]:
        """Return the ids that a model may name."""
        return self.service_ids | self.successors.keys()


class LiveModels:
    """The model that answers; replaced in one assignment, so that no call is lost."""

    def __init__(self) -> None:
        self._current: tuple[Stored, str, Successors] | None = None

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

    def successors(self) -> Successors:
        """Return the ids that stopped in that version, each with the service it leads to."""
        return self._current[2] if self._current else NONE

    def clear(self) -> None:
        """Let no model answer from now on."""
        self._current = None

    def replace(
        self, stored: Stored, catalogue_version: str, successors: Successors = NONE
    ) -> None:
        """Let another model answer from now on."""
        self._current = (stored, catalogue_version, successors)


class Watcher:
    """Looks every second whether another model is pointed at, on a thread of its own.

    A shadow ends where nothing is pointed at any more; a live model stays. Every few seconds it
    asks whether the register changed, and checks the model against the new one.
    """

    def __init__(
        self,
        models: LiveModels,
        models_dir: Path,
        register: Callable[[], Register],
        *,
        pinned: Path | None = None,
        look_seconds: float = LOOK_SECONDS,
        register_seconds: float = REGISTER_SECONDS,
        shadow: bool = False,
    ) -> None:
        self._models = models
        self._models_dir = models_dir
        self._register = register
        self._pinned = pinned
        self._look_seconds = look_seconds
        self._register_seconds = register_seconds
        self._is_shadow = shadow
        self._seen: str | None = None
        self._checked = ""
        self._said = ("", "")
        self._next_check = 0.0
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-watch", daemon=True)

    def start(self) -> None:
        """Load what is live now, and begin to watch; a pinned model that is refused raises."""
        if self._pinned is not None:
            self._take_over(self._pinned, self._register())
        else:
            self._look_safely()
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End the watching."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(grace)

    def look(self) -> None:
        """Take the model over if it is another; check it again if the register is another."""
        model = self._pointed()
        if model is None and self._is_shadow:
            self._models.clear()
            self._seen = None
        if model is None:
            return
        if model != self._seen:
            self._try(model)
        elif time.monotonic() >= self._next_check:
            self._check_again(model)

    def _pointed(self) -> str | None:
        if self._pinned is not None:
            return self._seen
        pointed = artifact.shadow if self._is_shadow else artifact.live
        return pointed(self._models_dir)

    def _try(self, model: str) -> None:
        """Take a model over; log why where it is refused."""
        try:
            register = self._register()
            self._take_over(self._models_dir / model, register, model)
        except UnavailableError as error:
            # The catalogue or the disk is away, not the model wrong: the next look tries again.
            self._say(log.warning, "model not checked yet", model, error)
        except ModelRefusedError as error:
            self._say(log.error, "model refused", model, error)
            # On a shared folder another replica's folder may appear after what points at it.
            if error.reason != Refusal.NOT_FOUND:
                self._note_check(model, register)

    def _say(self, told: Say, event: str, model: str, error: ServiceError) -> None:
        """Log what every look finds anew once."""
        if (said := (model, error.reason)) != self._said:
            self._said = said
            told(event, model=model, reason=error.reason, detail=error.message)

    def _check_again(self, model: str) -> None:
        """Try a refused model with a register that changed; tell where one fits no more."""
        self._next_check = time.monotonic() + self._register_seconds
        register = self._register()
        if register.version == self._checked:
            return
        stored = self._models.found()
        if stored is None or stored.id != model:
            self._try(model)
            return
        self._note_check(model, register)
        self._models.replace(stored, register.version, register.successors)
        _warn(stored, register)

    def _note_check(self, model: str, register: Register) -> None:
        self._seen, self._checked, self._said = model, register.version, ("", "")
        self._next_check = time.monotonic() + self._register_seconds

    def _take_over(self, folder: Path, register: Register, model: str = "") -> None:
        stored = artifact.load(folder, register.labels, expected_id=model)
        self._note_check(stored.id, register)
        self._models.replace(stored, register.version, register.successors)
        event = "model looks on" if self._is_shadow else "model live"
        log.info(event, model=stored.id, labels=len(stored.model.labels))
        _warn(stored, register)

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


def _warn(stored: Stored, register: Register) -> None:
    """Log as codes where a model and the register do not fit."""
    labels = stored.model.labels
    known = register.service_ids | (register.successors.keys() & set(labels))
    for found in checks.check(labels, known, card=stored.card, version=register.version):
        log.warning(
            "model and catalogue differ",
            code=found.code.value,
            concerns=list(found.concerns[:SHOWN]),
            count=len(found.concerns),
        )
