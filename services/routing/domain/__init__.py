"""What routing decides about, and how: pure rules without a world."""

from services.chassis.story import Actor, Outcome, State
from services.routing.domain.catalogue import (
    Catalogue,
    LocalizedText,
    RegionRequiredError,
    Service,
    UnknownRegionError,
    UnknownServiceError,
)
from services.routing.domain.model import decide, decide_unseen
from services.routing.domain.people import (
    NotOfferedError,
    NotPossibleNowError,
    ReturnedByOfficeError,
    assign,
    confirm,
    confirm_chosen,
)
from services.routing.domain.policy import (
    HOP_CAP,
    MOST_OFFERS,
    MOST_SAMPLE,
    MOST_TERM_DAYS,
    TERM_DAYS,
    OffSwitch,
    Policy,
    PolicyError,
    Thresholds,
)
from services.routing.domain.sample import draw, is_drawn
from services.routing.domain.values import (
    Alternative,
    Case,
    Channel,
    Choice,
    Classification,
    Decision,
    Facts,
    Language,
    Reason,
)

__all__ = [
    "HOP_CAP",
    "MOST_OFFERS",
    "MOST_SAMPLE",
    "MOST_TERM_DAYS",
    "TERM_DAYS",
    "Actor",
    "Alternative",
    "Case",
    "Catalogue",
    "Channel",
    "Choice",
    "Classification",
    "Decision",
    "Facts",
    "Language",
    "LocalizedText",
    "NotOfferedError",
    "NotPossibleNowError",
    "OffSwitch",
    "Outcome",
    "Policy",
    "PolicyError",
    "Reason",
    "RegionRequiredError",
    "ReturnedByOfficeError",
    "Service",
    "State",
    "Thresholds",
    "UnknownRegionError",
    "UnknownServiceError",
    "assign",
    "confirm",
    "confirm_chosen",
    "decide",
    "decide_unseen",
    "draw",
    "is_drawn",
]
