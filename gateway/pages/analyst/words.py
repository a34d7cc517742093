"""The words for codes that services tell analysts."""

from collections.abc import Mapping

from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.classifier.v1 import classifier_pb2 as models

LANGUAGE_NAMES = {
    "kk": N_("Kazakh"),
    "ru": N_("Russian"),
    "en": N_("English"),
    "mixed": N_("Kazakh and Russian mixed"),
}
LANGUAGES: Mapping[int, str] = {
    catalog_pb2.LANGUAGE_KK: LANGUAGE_NAMES["kk"],
    catalog_pb2.LANGUAGE_RU: LANGUAGE_NAMES["ru"],
    catalog_pb2.LANGUAGE_EN: LANGUAGE_NAMES["en"],
    catalog_pb2.LANGUAGE_MIXED: LANGUAGE_NAMES["mixed"],
}
GROUPS = {
    "agency": N_("Agency"),
    "life-event": N_("Life event"),
    "language": N_("Language"),
    "region": N_("Region"),
    "service": N_("Service"),
    "model": N_("Model"),
    "outcome": N_("Outcome"),
    "day": N_("Day"),
}
BASES = {"demand": N_("By demand: requests"), "services": N_("By count: services")}
FORECAST_REASONS = {
    "TOO_FEW_DAYS": N_("Fewer than fourteen days are known: no line is drawn."),
    "NOT_GROWING": N_("If all goes on as before, it never gets there."),
}
MEASURES = {
    "length": N_("Length of texts"),
    "unknown": N_("Share of words the model does not know"),
    "score": N_("How sure the model is"),
    "language": N_("Languages of texts"),
}
PLAN_SOURCE = N_(
    "The country's public plan for AI skills: one million people trained by 2030, by audience; "
    "check against the ministry's current figures."
)
"""The source that the bundled plan names; an operator's own plan says it in their words."""
AUDIENCES = {
    "pupils": N_("Pupils"),
    "students": N_("Students"),
    "civil-servants": N_("Civil servants"),
    "entrepreneurs": N_("Entrepreneurs"),
    "others": N_("Others"),
}
OUTCOMES: Mapping[int, str] = {
    pb.OUTCOME_ROUTE: N_("sent to an office"),
    pb.OUTCOME_CONFIRM: N_("the citizen was asked to choose"),
    pb.OUTCOME_TRIAGE: N_("left to a triage officer"),
    pb.OUTCOME_OUT_OF_SCOPE: N_("no public service handles it"),
}
OUTCOME_NAMES: Mapping[str, str] = {
    "route": OUTCOMES[pb.OUTCOME_ROUTE],
    "confirm": OUTCOMES[pb.OUTCOME_CONFIRM],
    "triage": OUTCOMES[pb.OUTCOME_TRIAGE],
    "out-of-scope": OUTCOMES[pb.OUTCOME_OUT_OF_SCOPE],
}
"""By their names in addresses."""
ACTORS: Mapping[int, str] = {
    pb.ACTOR_KIND_CITIZEN: N_("The citizen"),
    pb.ACTOR_KIND_MODEL: N_("The model"),
    pb.ACTOR_KIND_TRIAGE_OFFICER: N_("A triage officer"),
    pb.ACTOR_KIND_OFFICER: N_("An officer"),
    pb.ACTOR_KIND_SYSTEM: N_("The system"),
}
STATES: Mapping[int, str] = {
    pb.STATE_SUBMITTED: N_("accepted by the system"),
    pb.STATE_CONFIRMATION_REQUESTED: N_("waits for the citizen's choice"),
    pb.STATE_TRIAGED: N_("waits for a triage officer"),
    pb.STATE_ROUTED: N_("sent to an office"),
    pb.STATE_ACCEPTED: N_("an office works on it"),
    pb.STATE_INFORMATION_REQUESTED: N_("waits for the citizen's answer"),
    pb.STATE_COMPLETED: N_("done"),
    pb.STATE_RETURNED: N_("returned by an office"),
    pb.STATE_WITHDRAWN: N_("withdrawn"),
}
PROMOTED = {
    "trained": N_("trained, and live as there was no other"),
    "trained, at once": N_("trained, and live at once, past the gate"),
    "promoted": N_("promoted"),
    "rolled back": N_("rolled back to"),
}
PROPOSAL_KINDS: Mapping[int, str] = {
    models.PROPOSAL_KIND_PROMOTION: N_("to let it go live"),
    models.PROPOSAL_KIND_ROLLBACK: N_("to go back to it"),
}
PROPOSAL_STATES: Mapping[int, str] = {
    models.PROPOSAL_STATE_OPEN: N_("waits for an answer"),
    models.PROPOSAL_STATE_APPROVED: N_("approved"),
    models.PROPOSAL_STATE_REFUSED: N_("refused"),
    models.PROPOSAL_STATE_OVERTAKEN: N_("overtaken: another model went live"),
}
GATE_FAULTS: Mapping[int, str] = {
    models.GATE_FAULT_KIND_LANGUAGE: N_("%(name)s: right at first in %(before)s, then %(after)s"),
    models.GATE_FAULT_KIND_ASTRAY: N_(
        "%(name)s: of those routed without asking, %(after)s would go astray"
    ),
    models.GATE_FAULT_KIND_ROUTED: N_(
        "%(name)s: %(before)s were routed without asking, %(after)s would be"
    ),
    models.GATE_FAULT_KIND_LEFT: N_("%(name)s: %(before)s were left to people, %(after)s would be"),
    models.GATE_FAULT_KIND_SERVICE: N_(
        "%(name)s: %(before)s of its requests were found, %(after)s would be"
    ),
}
GATE_FAILURES: Mapping[str, str] = {
    "NO_TEXTS": N_("no text to try it on is of a service that the live model knows"),
    "UNKNOWN_LABEL": N_("it names services that the register does not have"),
    "EXAMPLES": N_("the file of texts to try it on cannot be read"),
    "TOO_MANY_TEXTS": N_("there are more texts to try it on than a running service can bear"),
}
