"""The story of a case: the events that tell it, each version once and in order.

Domains may stand on this: it knows no wire, broker or database.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from services.chassis.errors import ConflictError

CASES_TOPIC = "qyzmet.cases.v1"
"""The topic of the stories of all cases; kept for ever, so that every projection can be rebuilt."""

ALARMS_TOPIC = "qyzmet.alarms.v1"
"""The topic of what somebody should look at: what is due or late, and what drifts."""

CORRECTIONS_TOPIC = "qyzmet.corrections.v1"
"""The topic of what people said of where cases belong, as labels to learn from."""

KNOWN_TYPES = frozenset(
    f"kz.qyzmet.case.{name}.v1"
    for name in (
        "submitted",
        "routed",
        "confirmation-requested",
        "triaged",
        "accepted",
        "information-requested",
        "information-provided",
        "completed",
        "returned",
        "split",
        "withdrawn",
        "reopened",
        "objected",
        "rated",
        "overdue",
        "erased",
    )
)
"""Types of events this release understands; others are passed over."""
ERASED = "kz.qyzmet.case.erased.v1"

SAMPLED = "SAMPLED"
"""Why a person decides on a case that the model was sure of: it was drawn at random."""
ASKED_FOR_PERSON = "ASKED_FOR_PERSON"
"""Why a person decides on a case that no model is asked about: its citizen wants it so."""


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    CONFIRMATION_REQUESTED = "confirmation-requested"
    TRIAGED = "triaged"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    INFORMATION_REQUESTED = "information-requested"
    COMPLETED = "completed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a decision says."""

    ROUTE = "route"
    CONFIRM = "confirm"
    TRIAGE = "triage"
    OUT_OF_SCOPE = "out-of-scope"


class Actor(StrEnum):
    """Who acted."""

    CITIZEN = "citizen"
    MODEL = "model"
    TRIAGE_OFFICER = "triage-officer"
    OFFICER = "officer"
    SYSTEM = "system"


class ContactKind(StrEnum):
    """Whether a citizen said where they want to be told."""

    NONE = "none"
    LEFT = "left"


class GapError(ConflictError):
    """An earlier event of this case is missing."""

    reason = "EVENT_GAP"


class Told(Protocol):
    """An event of a case, whatever else a service reads of it."""

    @property
    def case_id(self) -> str:
        """Name the case."""

    @property
    def case_version(self) -> int:
        """Return the version of the case after the event; its first event has 1."""


Event = TypeVar("Event", bound=Told)


def fresh(events: Iterable[Event], seen: Mapping[str, int]) -> Sequence[Event]:
    """Return the events not seen yet, given the last version seen of each case.

    Raises GapError where a version is missing, lest a case go on without a part of its story.
    """
    newest = dict(seen)
    kept = []
    for event in events:
        last = newest.get(event.case_id, 0)
        if event.case_version > last + 1:
            raise GapError(f"version {event.case_version} follows {last}")
        if event.case_version == last + 1:
            newest[event.case_id] = event.case_version
            kept.append(event)
    return kept
