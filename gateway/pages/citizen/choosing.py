"""What somebody chose before they sent their request, which goes with it."""

from dataclasses import dataclass

from gateway.pages.visit import Visit
from gateway.pages.words import N_

PERSON = "person"
"""Chosen in the place of a service."""
CHOSEN = N_("I chose this service: %(title)s")
ASKED = N_("I want a person to choose the service.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and the region it was chosen for."""

    chosen: str
    region: str

    @property
    def wants_person(self) -> bool:
        """Tell whether a person is to choose the service."""
        return self.chosen == PERSON

    @property
    def service_id(self) -> str:
        """Return the service that was chosen; empty where none was."""
        return "" if self.wants_person else self.chosen


async def in_words(visit: Visit, choice: Choice) -> str:
    """Return what was chosen in words, which stay with the case for whoever decides on it."""
    if choice.wants_person:
        return visit.words(ASKED)
    if not choice.service_id:
        return ""
    register = await visit.pages.register.at_hand(visit.session)
    title = getattr(register.title(choice.service_id), visit.language)
    return visit.words(CHOSEN) % {"title": title}
