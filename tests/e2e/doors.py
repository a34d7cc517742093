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

ABOUT_CASES = ("routed", "asked", "triaged", "accepted", "waiting", "completed")
"""Cases that calls are about, by how they stand."""


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
        for name in ABOUT_CASES:
            named = named.replace(f"<{name}>", "{case_id}")
        for name in ("office", "name", "decision_id", "proposal_id"):
            named = named.replace(f"<{name}>", f"{{{name}}}")
        for service_id in ("identity.passport", ACADEMY["id"]):
            named = named.replace(service_id, "{service_id}")
        return named

    def about(self, id_: str) -> "Call":
        """Return the same call about another case."""
        path = self.path
        for name in ABOUT_CASES:
            path = path.replace(f"<{name}>", id_)
        return replace(self, path=path)

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
        told = json.dumps(self.body).replace('"<draft>"', "<draft>")  # a number, no text
        return street.fill(told).encode()


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _post(who: str, path: str, **body: Any) -> Call:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key-never-used"}
    return Call(who, "POST", path, body, headers)


def _get(who: str, path: str) -> Call:
    return Call(who, "GET", path)


SUBSCRIBED = "kept"
ANOTHER = "second"
SUBSCRIPTION = "/v1/offices/<office>/subscriptions/<name>"

WRITES = {
    "submit": _post("citizen", "/v1/cases", text="Нужен паспорт"),
    "withdraw": _post("citizen", "/v1/cases/<routed>:withdraw", expected_version=0),
    "confirm": _post("citizen", "/v1/cases/<asked>:confirm", ask_person=True),
    "assign": _post("triage", "/v1/cases/<triaged>:assign", service_id="identity.passport"),
    "accept": _post("officer", "/v1/cases/<routed>:accept", office="<office>"),
    "complete": _post(
        "officer",
        "/v1/cases/<accepted>:complete",
        office="<office>",
        outcome_code="REFUSED",
        text="Құжат жарамсыз.",
    ),
    "return": _post(
        "officer", "/v1/cases/<routed>:return", office="<office>", reason_code="NOT_COMPETENT"
    ),
    "ask": _post(
        "officer",
        "/v1/cases/<routed>:ask",
        office="<office>",
        question_code="DOCUMENT_MISSING",
        text="Какой документ?",
    ),
    "split": _post("officer", "/v1/cases/<routed>:split", office="<office>", text="И прописка"),
    "answer": _post("citizen", "/v1/cases/<waiting>:answer", text="Паспорт"),
    "object": _post("citizen", "/v1/cases/<routed>:object", expected_version=0),
    "reopen": _post("citizen", "/v1/cases/<completed>:reopen", expected_version=0),
    "rate": _post("citizen", "/v1/cases/<completed>:rate", stars=4),
    "erase": _post("administrator", "/v1/cases/<completed>:erase", expected_version=0),
}
"""Calls that change a case, and so need a key."""

SUBSCRIBES = {
    "subscribe": _post(
        "officer",
        "/v1/offices/<office>/subscriptions",
        name=ANOTHER,
        kind="stream",
        filter={"types": ["routed"]},
    ),
    "change": replace(_post("officer", SUBSCRIPTION, filter={"types": ["routed"]}), method="PUT"),
    "seek": _post("officer", f"{SUBSCRIPTION}:seek", after_sequence=0),
    "send again": _post("officer", f"{SUBSCRIPTION}:send-again", sequences=[1]),
}
"""Calls that change a subscription; they are named by the office, and need no key."""

_LOOKS = {
    "suggest": _post("citizen", "/v1/suggestions", text="Нужен паспорт"),
    "open": _post("triage", "/v1/cases/<triaged>:open", take_over=False),
}
"""Calls that have a body, and change nothing that a key would guard."""
ACADEMY: dict[str, Any] = {
    "id": "ai.architects-academy",
    "title": {"kk": "Академияда оқу", "ru": "Обучение в Академии", "en": "Training at the Academy"},
    "agency": "DGSC",
    "life_event": "digital-ai",
    "audience": "citizen",
    "channel": "online",
}
DRAFTED = "/v1/catalogue/draft/services/ai.architects-academy"
DRAFTS = {
    "change service": replace(_post("cataloguer", DRAFTED, service=ACADEMY), method="PUT"),
    "merge services": _post("cataloguer", f"{DRAFTED}:merge", successor_id="ai.tech-orda"),
    "split service": _post(
        "cataloguer", f"{DRAFTED}:split", part={**ACADEMY, "id": "ai.architects-evening-school"}
    ),
    "discard": _post("cataloguer", "/v1/catalogue/draft:discard", expected_version=0),
    "publish": _post("cataloguer", "/v1/catalogue/draft:publish", expected_version="<draft>"),
}
DRAFTS = {
    name: call.having("Idempotency-Key", f"a-key-to-{name.replace(' ', '-')}")
    for name, call in DRAFTS.items()
}
"""Calls that change the draft of the register, and so need a key; there is one draft for all, and
one steward: each call has a key of its own."""

PROPOSALS = "/v1/models/proposals"
MODELS = {
    "propose": _post("steward", PROPOSALS, model="5f" * 32, reason="It learned."),
    "approve": _post("steward", f"{PROPOSALS}/<proposal_id>:approve", reason="Seen."),
    "refuse": _post("administrator", f"{PROPOSALS}/<proposal_id>:refuse", reason="Too soon."),
}
"""Calls that let another model go live, and so need a key. Here a setting names the model."""

SHADOWS = {
    "shadow": replace(
        _post("steward", "/v1/models/shadow", model="5f" * 32, reason="It learned."), method="PUT"
    )
}
"""Calls that let a model look on, and so need a key. Here none is stored that could."""

KEYED = WRITES | DRAFTS | MODELS | SHADOWS
POSTS = KEYED | {
    name: call.without("Idempotency-Key") for name, call in (SUBSCRIBES | _LOOKS).items()
}
"""Calls that have a body."""

BARE = {
    "activate": Call("officer", "POST", f"{SUBSCRIPTION}:activate"),
    "rotate": Call("officer", "POST", f"{SUBSCRIPTION}:rotate-secret"),
    "unsubscribe": Call("officer", "DELETE", SUBSCRIPTION),
}
"""Calls that change a subscription and have no body."""

GETS = {
    "cases": _get("citizen", "/v1/cases"),
    "case": _get("citizen", "/v1/cases/<routed>"),
    "text": _get("citizen", "/v1/cases/<routed>/text"),
    "masked text": _get("triage", "/v1/cases/<triaged>/masked-text"),
    "notices": _get("citizen", "/v1/cases/<routed>/notices"),
    "readings": _get("analyst", "/v1/readings"),
    "decisions": _get("analyst", "/v1/cases/<routed>/decisions"),
    "all decisions": _get("analyst", "/v1/decisions"),
    "feed": _get("officer", "/v1/offices/<office>/events"),
    "services": _get("citizen", "/v1/services"),
    "service": _get("citizen", "/v1/services/identity.passport"),
    "coverage": _get("citizen", "/v1/coverage"),
    "coverage by day": _get("analyst", "/v1/coverage/series"),
    "offline services": _get("analyst", "/v1/coverage/offline"),
    "forecast": _get("analyst", "/v1/coverage/forecast"),
    "quality": _get("analyst", "/v1/quality"),
    "times": _get("analyst", "/v1/times"),
    "fairness": _get("analyst", "/v1/fairness?group_by=language"),
    "drift": _get("analyst", "/v1/drift"),
    "topics": _get("analyst", "/v1/drift/topics"),
    "programmes": _get("analyst", "/v1/programmes"),
    "models": _get("analyst", "/v1/models"),
    "reasons": _get("citizen", "/v1/reasons"),
    "alarms": _get("analyst", "/v1/alarms"),
    "case proof": _get("citizen", "/v1/cases/<routed>/proof"),
    "checkpoint": _get("citizen", "/v1/audit/checkpoint"),
    "consistency": _get(
        "citizen", "/v1/audit/consistency?first_size=<sealed>&second_size=<sealed>"
    ),
    "reconciliation": _get("analyst", "/v1/audit/reconciliation"),
    "decision proof": _get("analyst", "/v1/audit/decisions/<decision_id>/proof"),
    "draft": _get("cataloguer", "/v1/catalogue/draft"),
    "changes": _get("cataloguer", "/v1/catalogue/changes"),
    "subscriptions": _get("officer", "/v1/offices/<office>/subscriptions"),
    "subscription": _get("officer", SUBSCRIPTION),
    "attempts": _get("officer", f"{SUBSCRIPTION}/attempts"),
    "dead letters": _get("officer", f"{SUBSCRIPTION}/dead-letters"),
}
CALLS = POSTS | BARE | GETS


def build(town: Town, words: Words, settled: Settled) -> Street:
    """Make a case in each state a call is about, and the people who may make the calls."""
    citizen = town.citizen()
    routed = ("routed", "accepted", "waiting", "completed")
    outcomes = dict.fromkeys(routed, "route") | {"asked": "confirm", "triaged": "triage"}
    sent = {name: citizen.submit(words.of(outcome))["id"] for name, outcome in outcomes.items()}
    office: str = settled(citizen, sent["routed"])["office"]
    for case_id in sent.values():
        settled(citizen, case_id)
    officer = town.officer(office)
    for name in ("accepted", "completed"):
        officer.act(sent[name], "accept", office=office)
    officer.act(sent["completed"], "complete", office=office)
    officer.act(
        sent["waiting"], "ask", office=office, question_code="DOCUMENT_MISSING", text="Какой?"
    )
    _subscribe(officer, f"/v1/offices/{office}/subscriptions")
    people = {
        "citizen": citizen,
        "officer": officer,
        "triage": town.one(Role.TRIAGE_OFFICER),
        "analyst": town.one(Role.ANALYST),
        "steward": town.one(Role.MODEL_STEWARD),
        "cataloguer": town.one(Role.CATALOGUE_STEWARD),
        "administrator": town.administrator(),
        "stranger": town.officer("akimat-99"),
    }
    more = {
        "office": office,
        "name": SUBSCRIBED,
        "decision_id": f"{sent['routed']}:2",
        "proposal_id": "1",
    }
    more["draft"] = _draft(people["cataloguer"])
    sealed = citizen.get("/v1/audit/checkpoint")
    more["sealed"] = str(sealed.json()["size"]) if sealed.is_success else "1"
    return Street(office, people, sent | more)


def _subscribe(officer: Person, path: str) -> None:
    """Subscribe anew: calls that were tried before may have changed it, or made another."""
    for name in (SUBSCRIBED, ANOTHER):
        officer.delete(f"{path}/{name}")
    made = officer.post(path, {"name": SUBSCRIBED, "kind": "stream"})
    assert made.status_code == 200, made.text


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """Check that an answer is a refusal as RFC 9457 has it, and of this kind."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert problem["status"] == status
    assert problem["type"].startswith("https://")
    assert len(problem["title"]) > 0 < len(problem["detail"])
    assert "Traceback" not in answer.text


def _draft(steward: Person) -> str:
    """Draft a register that could be published, and return the draft's version."""
    path = "/v1/catalogue/draft"
    steward.post(f"{path}:discard", {"expected_version": 0})
    version = int(steward.json(steward.get(path))["version"])
    changed = {"service": {**ACADEMY, "term_days": 1 + version % 900}}
    return str(steward.json(steward.put(DRAFTED, changed))["version"])
