"""A model as a folder: arrays, vocabulary, labels, thresholds, card, all sealed."""

from classifier.artifact.layout import ModelAwayError, ModelRefusedError, Refusal, Stored
from classifier.artifact.pointer import (
    ROLLED_BACK,
    append,
    before,
    check_stored,
    find,
    history,
    live,
    point,
    publish,
    publish_locked,
    set_shadow,
    shadow,
    stored,
)
from classifier.artifact.read import card, check, is_outdated, labels, load
from classifier.artifact.write import save
from services.chassis.wholefile import locked

__all__ = [
    "ROLLED_BACK",
    "ModelAwayError",
    "ModelRefusedError",
    "Refusal",
    "Stored",
    "append",
    "before",
    "card",
    "check",
    "check_stored",
    "find",
    "history",
    "is_outdated",
    "labels",
    "live",
    "load",
    "locked",
    "point",
    "publish",
    "publish_locked",
    "save",
    "set_shadow",
    "shadow",
    "stored",
]
