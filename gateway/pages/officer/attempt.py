"""What somebody tried to do on a case, kept for when it is shown again."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.http.fields import MAX_TEXT
from gateway.pages.visit import Form
from gateway.pages.words import N_
from services.chassis.errors import ConflictError, IdempotencyKeyReusedError

TROUBLES: Mapping[str, str] = {
    "text": N_("Write it in words first."),
    "long": N_("This is too long: write at most 4,000 characters."),
    "reason": N_("Choose one of the reasons."),
    "outcome": N_("Choose how it ended."),
    "refusal": N_("Write why it is refused: the citizen reads it."),
    "question": N_("Choose what the question is about."),
    "service": N_("Choose a service."),
    "region": N_("Name the region: this service is handled by the akimat of the region."),
    "returned": N_("The office of this service returned the case already. Choose another."),
    "own": N_("The office you chose is your own. Choose another, or none."),
    "parts": N_("This case cannot be split any further."),
    "words": N_("The words of this case were erased, so it cannot be split."),
    "unknown": N_("This service is not in the register any more. Choose another."),
}
"""What is wrong with what was sent, and what to do about it."""
KEY = re.compile(r"[0-9a-f]{32}")
LATE = (ConflictError, IdempotencyKeyReusedError)
"""Somebody was quicker, or they themselves had sent something else by this form."""
MEANT = re.compile(r"(service|office):([A-Za-z0-9._-]{1,128})")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was sent, and what came of it; empty where a case is only looked at."""

    verb: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    """Why it was not done, by its name in TROUBLES."""
    is_late: bool = False
    """Whether the case changed meanwhile."""
    seen: int = 0
    """The version that was seen."""

    @classmethod
    def of(cls, verb: str, form: Form, **more: Any) -> "Attempt":
        """Return what a form tried."""
        return cls(verb, form.fields, seen=form.number("version"), **more)

    @property
    def again(self) -> Mapping[str, str] | None:
        """Return what another language of the page sends; None where a case is only looked at."""
        return self.fields if self.verb else None

    @property
    def key(self) -> str:
        """Return the name of the next try: that of this one, so that it is never done twice.

        What came too late was not done, or another try of its name was: then it is a new one.
        """
        kept = self.fields.get("key", "")
        return kept if KEY.fullmatch(kept) and not self.is_late else secrets.token_hex(16)

    @property
    def status(self) -> int:
        """Return the status of the answer."""
        if self.is_late:
            return 409
        return 400 if self.trouble else 200

    def typed(self, verb: str, name: str) -> str:
        """Return what was typed into a field of a form."""
        return self.fields.get(name, "") if verb == self.verb else ""

    def wrong(self, verb: str, *troubles: str) -> str:
        """Return what is wrong with a part of a form, in words of the source."""
        return TROUBLES[self.trouble] if verb == self.verb and self.trouble in troubles else ""


LOOK = Attempt()


def text_trouble(text: str) -> str:
    """Return what is wrong with a text that is needed."""
    if not text:
        return "text"
    return "long" if len(text) > MAX_TEXT else ""


def meant(form: Form) -> Mapping[str, Any]:
    """Return which service or office is meant, as the fields of requests; empty for neither."""
    found = MEANT.fullmatch(form.chosen("meant"))
    if found is None:
        return {}
    name = "suggested_service_id" if found[1] == "service" else "suggested_office"
    return {name: found[2]}


def named(form: Form, case_id: str) -> Mapping[str, Any]:
    """Return what every change names: the case, the version that was seen, and itself."""
    key = form.chosen("key")
    return {
        "case_id": case_id,
        "expected_version": form.number("version"),
        "request_id": key if KEY.fullmatch(key) else secrets.token_hex(16),
    }
