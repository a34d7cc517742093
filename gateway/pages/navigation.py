"""What stands at the top of every page, by who looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.pages.words import N_
from services.chassis.principal import Principal, Role

CITIZENS = frozenset({Role.CITIZEN, Role.PORTAL})
STEWARDS = frozenset({Role.CATALOGUE_STEWARD})
ANALYSTS = frozenset({Role.ANALYST, Role.MODEL_STEWARD, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the top of every page leads to."""

    path: str
    words: str
    roles: frozenset[Role]
    only_signed_in: bool = False


ENTRIES = (
    Entry("/", N_("Ask"), CITIZENS),
    Entry("/cases", N_("My requests"), CITIZENS, only_signed_in=True),
    Entry("/office", N_("Cases of the office"), frozenset({Role.OFFICER})),
    Entry("/triage", N_("Cases to sort"), frozenset({Role.TRIAGE_OFFICER})),
    Entry("/steward", N_("Register of services"), STEWARDS),
    Entry("/steward/draft", N_("Draft"), STEWARDS),
    Entry("/steward/changes", N_("Who changed what"), STEWARDS),
    Entry("/analyst", N_("Figures"), ANALYSTS),
)


def first(principal: Principal) -> str:
    """Return the page that somebody begins at."""
    return next((entry.path for entry in entries(principal)), "/")


def entries(principal: Principal) -> Sequence[Entry]:
    """Return where somebody may go."""
    return [
        entry
        for entry in ENTRIES
        if principal.role in entry.roles and not (entry.only_signed_in and principal.is_anonymous)
    ]
