"""Every route of the portal, each with a call that would be good: what faults are put into."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from services.chassis.principal import Role
from tests.e2e.conftest import Settled
from tests.e2e.people import Person, Town
from tests.e2e.words import Words


@dataclass(frozen=True, slots=True)
class Street:
    """The people and cases that calls are made about, and the office that holds the cases."""

    office: str
    people: Mapping[str, Person]
    names: Mapping[str, str]

    def fill(self, pattern: str) -> str:
        """Return a path or body with the names of the cases and the office put in."""
        for name, value in self.names.items():
            pattern = pattern.replace(f"<{name}>", value)
        return pattern


@dataclass(frozen=True, slots=True)
class Call:
    """A call: who, what, and every part of it that can be wrong."""

    who: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    content: bytes | None = None
    token: str | None = None

    @property
    def template(self) -> str:
        """Return the route as the OpenAPI document names it."""
        named = self.path.partition("?")[0]
        for name in ("routed", "asked", "triaged", "accepted"):
            named = named.replace(f"<{name}>", "{case_id}")
        return named.replace("<office>", "{office}").replace("identity.passport", "{service_id}")

    def without(self, name: str) -> "Call":
        """Return the same call without one header."""
        return replace(self, headers={k: v for k, v in self.headers.items() if k != name})

    def having(self, name: str, value: str | bytes) -> "Call":
        """Return the same call with one header changed."""
        return replace(self, headers={**self.headers, name: value})

    def make(self, client: httpx.Client, street: Street) -> httpx.Response:
        """Make the call and return the answer."""
        token = street.people[self.who].token if self.token is None else self.token
        headers = {"Authorization": f"Bearer {token}"} | dict(self.headers)
        raw = [(name.encode(), _bytes(value)) for name, value in headers.items()]
        return client.request(
            self.method, street.fill(self.path), headers=raw, content=self._content(street)
        )

    def _content(self, street: Street) -> bytes | None:
        if self.content is not None or self.body is None:
            return self.content
        return street.fill(json.dumps(self.body)).encode()


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _post(who: str, path: str, **body: Any) -> Call:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key-never-used"}
    return Call(who, "POST", path, body, headers)


def _get(who: str, path: str) -> Call:
    return Call(who, "GET", path)


WRITES = {
    "submit": _post("citizen", "/v1/cases", text="Нужен паспорт"),
    "withdraw": _post("citizen", "/v1/cases/<routed>:withdraw", expected_version=0),
    "confirm": _post("citizen", "/v1/cases/<asked>:confirm", ask_person=True),
    "assign": _post("triage", "/v1/cases/<triaged>:assign", service_id="identity.passport"),
    "accept": _post("officer", "/v1/cases/<routed>:accept", office="<office>"),
    "complete": _post(
        "officer", "/v1/cases/<accepted>:complete", office="<office>", outcome_code="GRANTED"
    ),
    "return": _post(
        "officer", "/v1/cases/<routed>:return", office="<office>", reason_code="NOT_COMPETENT"
    ),
}
"""Calls that change something, and so need a key."""

POSTS = WRITES | {
    "suggest": _post("citizen", "/v1/suggestions", text="Нужен паспорт").without("Idempotency-Key")
}
GETS = {
    "cases": _get("citizen", "/v1/cases"),
    "case": _get("citizen", "/v1/cases/<routed>"),
    "text": _get("citizen", "/v1/cases/<routed>/text"),
    "masked text": _get("triage", "/v1/cases/<triaged>/masked-text"),
    "readings": _get("analyst", "/v1/readings"),
    "decisions": _get("analyst", "/v1/cases/<routed>/decisions"),
    "feed": _get("officer", "/v1/offices/<office>/events"),
    "services": _get("citizen", "/v1/services"),
    "service": _get("citizen", "/v1/services/identity.passport"),
    "coverage": _get("citizen", "/v1/coverage"),
}
CALLS = POSTS | GETS


def build(town: Town, words: Words, settled: Settled) -> Street:
    """Make a case in each state a call is about, and the people who may make the calls."""
    citizen = town.citizen()
    outcomes = {"routed": "route", "accepted": "route", "asked": "confirm", "triaged": "triage"}
    sent = {name: citizen.submit(words.of(outcome))["id"] for name, outcome in outcomes.items()}
    office: str = settled(citizen, sent["routed"])["office"]
    for case_id in sent.values():
        settled(citizen, case_id)
    officer = town.officer(office)
    officer.act(sent["accepted"], "accept", office=office)
    people = {
        "citizen": citizen,
        "officer": officer,
        "triage": town.one(Role.TRIAGE_OFFICER),
        "analyst": town.one(Role.ANALYST),
        "steward": town.one(Role.MODEL_STEWARD),
        "stranger": town.officer("akimat-99"),
    }
    return Street(office, people, {**sent, "office": office})
