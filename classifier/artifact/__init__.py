"""A model as a folder: arrays, vocabulary, labels, thresholds, card, all sealed."""

from classifier.artifact.layout import ModelRefusedError, Refusal, Stored
from classifier.artifact.pointer import before, find, history, live, publish
from classifier.artifact.read import load
from classifier.artifact.write import save

__all__ = [
    "ModelRefusedError",
    "Refusal",
    "Stored",
    "before",
    "find",
    "history",
    "live",
    "load",
    "publish",
    "save",
]
