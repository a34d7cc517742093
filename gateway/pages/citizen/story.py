"""The story of a case in words for its citizen: what happened, and where it stands."""

from collections.abc import Mapping

from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb

TYPES: Mapping[str, str] = {
    "submitted": N_("We have your request."),
    "routed": N_("Your request was sent to an office."),
    "confirmation-requested": N_("We ask you which service you mean."),
    "triaged": N_("A person looks for the right service."),
    "accepted": N_("The office works on it."),
    "information-requested": N_("The office asks you something."),
    "information-provided": N_("You answered."),
    "completed": N_("The office has decided."),
    "returned": N_("The office gave it back: it belongs elsewhere."),
    "split": N_("A part of it became a request of its own."),
    "withdrawn": N_("You took it back."),
    "reopened": N_("You said that it is not done."),
    "objected": N_("You objected to the choice of the AI."),
    "rated": N_("You said how it was handled."),
    "overdue": N_("It was not done in time."),
    "erased": N_("The words of the request were erased."),
}
"""By the type of an entry of the timeline."""

STATES: Mapping[int, str] = {
    pb.STATE_SUBMITTED: N_("Received"),
    pb.STATE_CONFIRMATION_REQUESTED: N_("Waits for your choice"),
    pb.STATE_TRIAGED: N_("A person looks for the right service"),
    pb.STATE_ROUTED: N_("With the office"),
    pb.STATE_ACCEPTED: N_("The office works on it"),
    pb.STATE_INFORMATION_REQUESTED: N_("Waits for your answer"),
    pb.STATE_COMPLETED: N_("Done"),
    pb.STATE_RETURNED: N_("On the way to another office"),
    pb.STATE_WITHDRAWN: N_("Withdrawn"),
}


REFUSED = "REFUSED"
ENDS: Mapping[str, str] = {
    REFUSED: N_("The office refused"),
    "EXPLAINED": N_("The office explained it"),
}
"""How a case came to its end where what was wished for was not simply done, by the reason."""
DECIDED = N_("The office has decided")
"""Of a case in a list, which does not tell how it ended."""


def state_words(case: pb.Case) -> str:
    """Return where a case stands, in words of the source: at its end, how it ended."""
    if case.state == pb.STATE_COMPLETED:
        return ENDS.get(end_of(case), STATES[case.state]) if case.timeline else DECIDED
    return STATES.get(case.state, STATES[pb.STATE_SUBMITTED])


def end_of(case: pb.Case) -> str:
    """Return the code of how a case ended the last time; empty where it did not, as far as told."""
    ends = [entry.reason_code for entry in case.timeline if entry.type == "completed"]
    return ends[-1] if ends else ""
