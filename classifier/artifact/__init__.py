"""A model as a folder: arrays, vocabulary, labels, thresholds, card, all sealed."""

from classifier.artifact.layout import ModelRefusedError, Refusal, Stored
from classifier.artifact.pointer import (
    before,
    find,
    history,
    live,
    publish,
    set_shadow,
    shadow,
)
from classifier.artifact.read import labels, load
from classifier.artifact.write import save

__all__ = [
    "ModelRefusedError",
    "Refusal",
    "Stored",
    "before",
    "find",
    "history",
    "labels",
    "live",
    "load",
    "publish",
    "save",
    "set_shadow",
    "shadow",
]
