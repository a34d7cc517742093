"""What happened on a case, in words for those who work on it: what, who, why, and what was said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2

STATES: Mapping[int, str] = {
    pb.STATE_SUBMITTED: N_("Just came in"),
    pb.STATE_CONFIRMATION_REQUESTED: N_("The citizen chooses"),
    pb.STATE_TRIAGED: N_("Waits to be sorted"),
    pb.STATE_ROUTED: N_("Not accepted yet"),
    pb.STATE_ACCEPTED: N_("In work"),
    pb.STATE_INFORMATION_REQUESTED: N_("Waits for the citizen"),
    pb.STATE_COMPLETED: N_("Completed"),
    pb.STATE_RETURNED: N_("Returned"),
    pb.STATE_WITHDRAWN: N_("Taken back by the citizen"),
}
HAPPENINGS: Mapping[str, str] = {
    "submitted": N_("The request came in"),
    "routed": N_("Sent to an office"),
    "confirmation-requested": N_("The citizen was asked which service is meant"),
    "triaged": N_("Given to a person to sort"),
    "accepted": N_("Accepted by the office"),
    "information-requested": N_("The citizen was asked a question"),
    "information-provided": N_("The citizen answered"),
    "completed": N_("Completed"),
    "returned": N_("Returned by the office"),
    "split": N_("A part became a case of its own"),
    "withdrawn": N_("Taken back by the citizen"),
    "reopened": N_("Opened again by the citizen"),
    "objected": N_("The citizen objected to the choice of the AI"),
    "rated": N_("The citizen said how it was handled"),
    "overdue": N_("Not done in time"),
    "erased": N_("The words of the citizen were erased"),
}
SOMETHING = N_("Something happened")
ACTORS: Mapping[int, str] = {
    pb.ACTOR_KIND_CITIZEN: N_("the citizen"),
    pb.ACTOR_KIND_MODEL: N_("the AI"),
    pb.ACTOR_KIND_TRIAGE_OFFICER: N_("a triage officer"),
    pb.ACTOR_KIND_OFFICER: N_("an officer"),
    pb.ACTOR_KIND_SYSTEM: N_("the system"),
}
REASONS: Mapping[str, str] = {
    "UNSURE": N_("Several services may be meant."),
    "REGION_REQUIRED": N_("The region of the citizen must be known."),
    "UNKNOWN_REGION": N_("The region named is not known."),
    "CONFIRMED": N_("The citizen chose the service."),
    "ASKED_FOR_PERSON": N_("The citizen asked for a person."),
    "CITIZEN_CHOSE_ANOTHER": N_("The citizen had chosen another service than the AI."),
    "CITIZEN_REOPENED": N_("The citizen says that the matter is not settled."),
    "CITIZEN_OBJECTED": N_("The citizen objected to the automatic choice."),
    "PART_OF_ANOTHER": N_("It was split off from another request of the citizen."),
}
"""Where the words of the register of reasons speak to the citizen, ours speak of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story."""

    version: int
    what: str
    who: str
    office: str
    time: Timestamp
    reason: str
    """Words of the source; empty where `told` has them, or nobody has."""
    told: catalog_pb2.LocalizedText | None
    said: str
    """What was said with it; empty where nothing was, or where it is not read."""


def story_of(case: pb.Case, messages: Sequence[pb.CaseMessage] = ()) -> Sequence[Entry]:
    """Return what happened, oldest first, with what was said where that was read."""
    said = {one.case_version: one.text for one in messages}
    return list(_entries(case.timeline, said))


def since(story: Sequence[Entry], version: int) -> Sequence[Entry]:
    """Return what happened after somebody looked."""
    return [entry for entry in story if entry.version > version]


def _entries(timeline: Sequence[pb.TimelineEntry], said: Mapping[int, str]) -> Iterator[Entry]:
    held_by = ""
    for one in timeline:
        # Whoever returns a case holds it no longer after that.
        office = one.office or (held_by if one.actor == pb.ACTOR_KIND_OFFICER else "")
        own = REASONS.get(one.reason_code, "")
        yield Entry(
            version=one.case_version,
            what=HAPPENINGS.get(one.type, SOMETHING),
            who=ACTORS.get(one.actor, ""),
            office=office,
            time=one.event_time,
            reason=own,
            told=one.reason if one.HasField("reason") and not own else None,
            said=said.get(one.case_version, ""),
        )
        held_by = one.office
