"""The models over HTTP: what they can do, which looks on, and how another goes live."""

from typing import Any

import httpx
import pytest

from qyzmet.classifier.v1 import classifier_pb2 as pb
from services.chassis.errors import ConflictError, ForbiddenError, InvalidError, ServiceError
from services.chassis.principal import Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import Peer

PROPOSALS = "/v1/models/proposals"
SHADOW = "/v1/models/shadow"
MODEL = "a1" * 32
BODY: dict[str, Any] = {"model": MODEL, "reason": "It learned.", "expected_version": 7}


def test_the_models_in_use_are_for_analysts(http: httpx.Client, sign: Sign) -> None:
    """And for who looks after them; a citizen is refused."""
    assert http.get("/v1/models").status_code == 403
    for role in (Role.ANALYST, Role.MODEL_STEWARD):
        told = http.get("/v1/models", headers=sign(role)).json()
        assert told["live"]["label_count"] == 301


def test_a_candidate_is_proposed(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """By a steward, with why, as of the version they saw; the answer is the proposal."""
    answer = http.post(PROPOSALS, json=BODY, headers=sign(Role.MODEL_STEWARD))

    assert answer.json()["state"] == "open"
    assert answer.json()["proposed"]["subject"] == "aigul"
    assert peer.asked == [
        pb.ProposeModelRequest(
            kind=pb.PROPOSAL_KIND_PROMOTION,
            model=MODEL,
            reason="It learned.",
            expected_version=7,
            request_id="key-1",
        )
    ]


def test_a_rollback_is_proposed(http: httpx.Client, peer: Peer, sign: Sign) -> None:
    """It need not name the model."""
    body = {"kind": "rollback", "reason": "Pensions go astray."}
    http.post(PROPOSALS, json=body, headers=sign(Role.MODEL_STEWARD))

    (asked,) = peer.asked_for(pb.ProposeModelRequest)
    assert (asked.kind, asked.model) == (pb.PROPOSAL_KIND_ROLLBACK, "")


@pytest.mark.parametrize("role", [Role.MODEL_STEWARD, Role.ADMINISTRATOR])
@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_a_proposal_is_answered(
    http: httpx.Client, peer: Peer, sign: Sign, verb: str, role: Role
) -> None:
    """By a steward or an administrator, with why."""
    request_ = {"approve": pb.ApproveModelRequest, "refuse": pb.RefuseModelRequest}[verb]
    body = {"reason": "Seen.", "expected_version": 8}
    answer = http.post(f"{PROPOSALS}/3:{verb}", json=body, headers=sign(role))

    assert answer.json()["id"] == "3"
    assert peer.asked == [
        request_(proposal_id="3", reason="Seen.", expected_version=8, request_id="key-1")
    ]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CATALOGUE_STEWARD, Role.OFFICER])
@pytest.mark.parametrize("path", [PROPOSALS, f"{PROPOSALS}/3:approve", f"{PROPOSALS}/3:refuse"])
def test_nobody_else_lets_a_model_go_live(
    http: httpx.Client, peer: Peer, sign: Sign, path: str, role: Role
) -> None:
    """They are refused before the classifier hears of it."""
    assert http.post(path, json={"reason": "x"}, headers=sign(role)).status_code == 403
    assert peer.asked == []


def test_an_administrator_proposes_nothing(http: httpx.Client, sign: Sign) -> None:
    """A steward answers for it first."""
    answer = http.post(PROPOSALS, json=BODY, headers=sign(Role.ADMINISTRATOR))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ForbiddenError("another person must", reason="SAME_PERSON"), 403),
        (ConflictError("the gate refuses", reason="GATE"), 409),
        (ConflictError("answered", reason="PROPOSAL_SETTLED"), 409),
    ],
)
def test_why_it_was_not_done_is_told_as_a_code(
    http: httpx.Client, peer: Peer, sign: Sign, error: Exception, status: int
) -> None:
    """So that programs can tell one from another."""
    peer.refuse[pb.ApproveModelRequest] = error
    path = f"{PROPOSALS}/3:approve"
    answer = http.post(path, json={"reason": "x"}, headers=sign(Role.MODEL_STEWARD))

    assert (answer.status_code, answer.json()["code"]) == (status, error.reason)  # type: ignore[attr-defined]  # ours has one


@pytest.mark.parametrize(
    "changed", [{"model": "5F" * 32}, {"kind": "shadow"}, {"reason": ""}, {"reason": "x" * 501}]
)
def test_a_proposal_that_is_none_is_refused(
    http: httpx.Client, sign: Sign, changed: dict[str, str]
) -> None:
    """At the door, with the field named."""
    answer = http.post(PROPOSALS, json=BODY | changed, headers=sign(Role.MODEL_STEWARD))

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(changed))


@pytest.mark.parametrize("model", [MODEL, ""])
def test_a_steward_lets_a_model_look_on(
    http: httpx.Client, peer: Peer, sign: Sign, model: str
) -> None:
    """Or none any more; the answer is what was written down."""
    answer = http.put(SHADOW, json=BODY | {"model": model}, headers=sign(Role.MODEL_STEWARD))

    assert (answer.status_code, answer.json()["act"]["subject"]) == (200, "aigul")
    assert peer.asked == [
        pb.SetShadowRequest(
            model=model, reason="It learned.", expected_version=7, request_id="key-1"
        )
    ]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMINISTRATOR, Role.OFFICER])
def test_nobody_else_lets_a_model_look_on(
    http: httpx.Client, peer: Peer, sign: Sign, role: Role
) -> None:
    """Who may propose one may, and no other."""
    assert http.put(SHADOW, json=BODY, headers=sign(role)).status_code == 403
    assert peer.asked == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidError("no such model", reason="NOT_FOUND"), 404),
        (InvalidError("does not fit", reason="UNKNOWN_LABEL"), 400),
        (ConflictError("it is live", reason="ALREADY_LIVE"), 409),
    ],
)
def test_why_a_model_does_not_look_on_is_told_as_a_code(
    http: httpx.Client, peer: Peer, sign: Sign, error: ServiceError, status: int
) -> None:
    """As why one is not proposed."""
    peer.refuse[pb.SetShadowRequest] = error
    answer = http.put(SHADOW, json=BODY, headers=sign(Role.MODEL_STEWARD))

    assert (answer.status_code, answer.json()["code"]) == (status, error.reason)


@pytest.mark.parametrize("lacking", ["model", "reason"])
def test_what_looks_on_is_said_and_why(http: httpx.Client, sign: Sign, lacking: str) -> None:
    """Nothing ends because a field was left out."""
    body = {name: value for name, value in BODY.items() if name != lacking}
    answer = http.put(SHADOW, json=body, headers=sign(Role.MODEL_STEWARD))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, lacking)
