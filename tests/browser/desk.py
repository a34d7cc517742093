"""Cases on the desks of officers, brought there as people bring them."""

import time
from dataclasses import dataclass
from typing import Any

from services.chassis.principal import Role
from services.chassis.story import SAMPLED
from tests.e2e.people import Person, Town
from tests.e2e.words import Words

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05
UNDECIDED = ("submitted", "returned")
UNANSWERED = (*UNDECIDED, "confirmation-requested")
MOST_DRAWS = 100
PASSPORT = "identity.passport"

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Brings cases to the office of the demo officer, and to those who sort."""

    town: Town
    words: Words

    def held(self, text: str = "", citizen: Person | None = None) -> Case:
        """Let the ministry hold a new case; without a text, one that the model sent there."""
        citizen = citizen or self.town.citizen()
        text = text or self.words.of(
            "route", where=lambda seen: seen["suggestions"][0]["agency"] == "MIA"
        )
        case = self.sent(citizen, text)
        if case["state"] == "routed" and case["office"] == "MIA":
            return case
        self._to_triage(citizen, case)
        return self.town.one(Role.TRIAGE_OFFICER).act(case["id"], "assign", service_id=PASSPORT)

    def waiting(self, text: str = "") -> Case:
        """Let a new case wait to be sorted."""
        citizen = self.town.citizen()
        case = self.sent(citizen, text or self.words.of("confirm"))
        self._to_triage(citizen, case)
        return citizen.case(case["id"])

    def drawn(self, language: str = "ru", citizen: Person | None = None) -> Case:
        """Let a new case of the random sample wait, where the system draws one."""
        text = self.words.of("route", language=language)
        for _ in range(MOST_DRAWS):
            case = self.sent(citizen or self.town.citizen(), text)
            if case["decision"]["reason_code"] == SAMPLED:
                return case
        raise AssertionError(f"none of {MOST_DRAWS} cases was drawn")

    def sent(self, citizen: Person, text: str) -> Case:
        """Send a text, and return its case once it is decided who has it."""
        return self.settled(citizen.submit(text)["id"], citizen)

    def settled(self, case_id: str, reader: Person) -> Case:
        """Return a case once it is decided who has it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (case := reader.case(case_id))["state"] in UNDECIDED:
            assert time.monotonic() < deadline, case
            time.sleep(LOOK_SECONDS)
        return case

    def chosen(self, case_id: str) -> None:
        """Wait until what a citizen chose before they sent a case is taken for their answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.town.administrator().case(case_id)["state"] in UNANSWERED:
            assert time.monotonic() < deadline, case_id
            time.sleep(LOOK_SECONDS)

    def officer(self) -> Person:
        """Return a colleague of the demo officer."""
        return self.town.officer("MIA")

    def _to_triage(self, citizen: Person, case: Case) -> None:
        if case["state"] == "routed":
            citizen.act(case["id"], "object", text="")
        elif case["state"] == "confirmation-requested":
            citizen.act(case["id"], "confirm", ask_person=True)
