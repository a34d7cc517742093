"""The models: which one answers, which looks on, and how another goes live."""

from typing import Annotated, Any, Literal

from fastapi import Body as FromBody
from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from gateway.http import examples
from gateway.http.contract import READS, WRITES, tells
from gateway.http.fields import NO_NUL, Body
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, IdempotencyKey, answer, read
from qyzmet.classifier.v1 import classifier_pb2 as pb

router = ApiRouter(tags=["models"])
PROPOSALS = "/v1/models/proposals"
ONE = f"{PROPOSALS}/{{proposal_id}}"
MADE: dict[str, Any] = tells(pb.Proposal, "The proposal after it.", errors=(*WRITES, *READS))
SET: dict[str, Any] = tells(pb.ShadowChange, "What is noted of it.", errors=(*WRITES, *READS))

ProposalId = Annotated[
    str,
    Path(
        max_length=128,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="The proposal, by its number.",
        examples=["3"],
    ),
]
Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=NO_NUL,
        description="Why; kept with the name of who says it.",
    ),
]
ModelsVersion = Annotated[
    int,
    Field(
        ge=0,
        lt=2**63,
        description="The version of `GET /v1/models` the caller saw; 0 where it does not matter.",
    ),
]


class ProposeModel(Body):
    """A model in place of the live one."""

    kind: Literal["promotion", "rollback"] = Field(
        "promotion", description="A candidate, or the model that was live before."
    )
    model: str = Field(
        "",
        pattern=r"^([0-9a-f]{64})?$",
        description="The id of a stored model; a rollback may leave it out.",
    )
    reason: Reason
    expected_version: ModelsVersion = 0


class AnswerProposal(Body):
    """Why somebody approves or refuses."""

    reason: Reason
    expected_version: ModelsVersion = 0


class SetShadow(Body):
    """Which model looks on."""

    model: str = Field(
        pattern=r"^([0-9a-f]{64})?$",
        description="The id of a stored model that is not live; empty for none.",
    )
    reason: Reason
    expected_version: ModelsVersion = 0


Answer = Annotated[AnswerProposal, FromBody(openapi_examples=examples.ANSWER_PROPOSAL)]


@router.get("/v1/models", **tells(pb.GetModelsResponse, "The models in use."))
async def get_models(caller: Caller) -> Response:
    """See what the live model and others can do, and who let which go live; for analysts."""
    return answer(await caller.call(caller.clients.classifier.GetModels, pb.GetModelsRequest()))


@router.post(PROPOSALS, **MADE)
async def propose_model(
    key: IdempotencyKey,
    body: Annotated[ProposeModel, FromBody(openapi_examples=examples.PROPOSE_MODEL)],
    caller: Caller,
) -> Response:
    """Propose that another model goes live; the gate tries it, and another person answers."""
    request = read(pb.ProposeModelRequest, body, request_id=key)
    return answer((await caller.call(caller.clients.classifier.ProposeModel, request)).proposal)


@router.post(f"{ONE}:approve", **MADE)
async def approve_model(
    proposal_id: ProposalId, key: IdempotencyKey, body: Answer, caller: Caller
) -> Response:
    """Let a proposed model go live; who proposed it cannot, nor can it pass a gate that refuses."""
    request = read(pb.ApproveModelRequest, body, proposal_id=proposal_id, request_id=key)
    return answer((await caller.call(caller.clients.classifier.ApproveModel, request)).proposal)


@router.post(f"{ONE}:refuse", **MADE)
async def refuse_model(
    proposal_id: ProposalId, key: IdempotencyKey, body: Answer, caller: Caller
) -> Response:
    """Refuse a proposed model; who proposed it takes it back so."""
    request = read(pb.RefuseModelRequest, body, proposal_id=proposal_id, request_id=key)
    return answer((await caller.call(caller.clients.classifier.RefuseModel, request)).proposal)


@router.put("/v1/models/shadow", **SET)
async def set_shadow(
    key: IdempotencyKey,
    body: Annotated[SetShadow, FromBody(openapi_examples=examples.SET_SHADOW)],
    caller: Caller,
) -> Response:
    """Let a stored model see what citizens write and be never heard, or none any more."""
    request = read(pb.SetShadowRequest, body, request_id=key)
    return answer((await caller.call(caller.clients.classifier.SetShadow, request)).change)
