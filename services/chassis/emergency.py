"""What is told at once to somebody who may be in danger now: whom to call."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emergency:
    """Whom to call."""

    code: str
    """The kind, for programs: FIRE, GAS, POLICE, AMBULANCE or RESCUE."""
    number: str
    message: str
    """What to do, in the language of the words."""


Recognise = Callable[[str], Emergency | None]
"""Tells whether somebody's words speak of an emergency; quick enough to ask of every request."""


def recognise_nothing(text: str) -> Emergency | None:
    """Stand in where no rules are wired."""
    return None
