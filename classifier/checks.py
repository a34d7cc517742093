"""The catalogue and a model checked against each other, told as codes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from classifier.domain import OUT_OF_SCOPE


class Code(StrEnum):
    """What does not fit."""

    UNKNOWN_LABEL = "UNKNOWN_LABEL"
    """The model names services that the catalogue does not have (any more); it is refused."""
    UNKNOWN_SERVICE = "UNKNOWN_SERVICE"
    """The catalogue has services that the model cannot name; people find them in triage."""
    CATALOGUE_DRIFT = "CATALOGUE_DRIFT"
    """The model was trained on another version of the catalogue; its titles may have changed."""
    CATALOGUE_NOT_TOLD = "CATALOGUE_NOT_TOLD"
    """The model's card does not tell which catalogue it was trained on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit, and what it concerns: services, or versions."""

    code: Code
    concerns: Sequence[str]


def check(
    labels: Collection[str], services: Collection[str], *, card: Mapping[str, Any], version: str
) -> Iterator[Finding]:
    """Tell where a model and a catalogue do not fit."""
    if gone := sorted(set(labels) - set(services) - {OUT_OF_SCOPE}):
        yield Finding(Code.UNKNOWN_LABEL, gone)
    if fresh := sorted(set(services) - set(labels)):
        yield Finding(Code.UNKNOWN_SERVICE, fresh)
    trained_on = str(card.get("data", {}).get("catalogue_version", ""))
    if not trained_on:
        yield Finding(Code.CATALOGUE_NOT_TOLD, [])
    elif version and trained_on != version:
        yield Finding(Code.CATALOGUE_DRIFT, [trained_on, version])
