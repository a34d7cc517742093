"""People who use a running system over HTTP, each with a token of their own."""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from services.chassis.auth import Issuer
from services.chassis.principal import Principal, Role

TOKEN_SECONDS = 3600
PAGE = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who calls the portal's API."""

    client: httpx.Client
    token: str = ""

    def submit(self, text: str, *, key: str = "", **more: str) -> dict[str, Any]:
        """Submit a request and return the receipt."""
        answer = self.post("/v1/cases", {"text": text, **more}, key=key)
        assert answer.status_code == 201, answer.text
        return self.json(answer)

    def case(self, case_id: str) -> dict[str, Any]:
        """Return a case as it is now."""
        return self.json(self.get(f"/v1/cases/{case_id}"))

    def act(self, case_id: str, verb: str, *, key: str = "", **body: object) -> dict[str, Any]:
        """Do something to a case and return it as it is after that."""
        return self.json(self.attempt(case_id, verb, key=key, **body))

    def attempt(self, case_id: str, verb: str, *, key: str = "", **body: object) -> httpx.Response:
        """Try to do something to a case and return the answer, whatever it is."""
        return self.post(f"/v1/cases/{case_id}:{verb}", body, key=key)

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Ask for something."""
        return self.client.get(path, params=query, headers=self._headers())

    def post(self, path: str, body: object, *, key: str = "") -> httpx.Response:
        """Send something."""
        headers = self._headers() | {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.client.post(path, json=body, headers=headers)

    def put(self, path: str, body: object) -> httpx.Response:
        """Put something in another's place."""
        headers = self._headers() | {"Idempotency-Key": str(uuid.uuid4())}
        return self.client.put(path, json=body, headers=headers)

    def delete(self, path: str) -> httpx.Response:
        """Take something away."""
        return self.client.delete(path, headers=self._headers())

    def feed(self, office: str) -> list[dict[str, Any]]:
        """Return all events of an office's feed."""
        events: list[dict[str, Any]] = []
        while True:
            after = events[-1]["sequence"] if events else 0
            path = f"/v1/offices/{office}/events"
            page = self.json(self.get(path, after_sequence=after, page_size=PAGE))["events"]
            events += page
            if len(page) < PAGE:
                return events

    def cases(self) -> list[dict[str, Any]]:
        """Return all cases this person may see."""
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"page_size": PAGE}
        while True:
            page = self.json(self.get("/v1/cases", **query))
            found += page["cases"]
            if not page.get("next_page_token"):
                return found
            query["page_token"] = page["next_page_token"]

    def json(self, answer: httpx.Response) -> dict[str, Any]:
        """Return the body of a good answer."""
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody around one running system; people are made as they are needed."""

    client: httpx.Client
    issuer: Issuer

    @property
    def anonymous(self) -> Person:
        """Return somebody who did not sign in."""
        return Person(self.client)

    def citizen(self) -> Person:
        """Return a citizen nobody has seen before."""
        return self._person(Principal(f"citizen-{uuid.uuid4()}", Role.CITIZEN))

    def officer(self, *offices: str) -> Person:
        """Return an officer of these offices."""
        return self._person(Principal("officer", Role.OFFICER, offices=frozenset(offices)))

    def one(self, role: Role) -> Person:
        """Return somebody of a role that needs nothing more."""
        return self._person(Principal(role.value, role))

    def administrator(self) -> Person:
        """Return somebody who sees every case."""
        return self.one(Role.ADMINISTRATOR)

    def told(self, office: str, case_id: str) -> list[str]:
        """Return what an office's feed tells of a case, such as routed and then withdrawn."""
        feed = self.officer(office).feed(office)
        types = [one["type"] for one in feed if one["event"]["case_id"] == case_id]
        return [name.removeprefix("kz.qyzmet.case.").removesuffix(".v1") for name in types]

    def _person(self, principal: Principal) -> Person:
        return Person(self.client, self.issuer.issue(principal, seconds=TOKEN_SECONDS))
