"""The log of decisions: checkpoints and proofs, for whoever keeps watch."""

from typing import Annotated

from fastapi import Path
from fastapi import Query as FromQuery
from starlette.responses import Response

from gateway.http import queries
from gateway.http.contract import READS, tells
from gateway.http.routers import ApiRouter
from gateway.http.session import Caller, CaseId, answer, read
from qyzmet.audit.v1 import audit_pb2 as pb

router = ApiRouter(tags=["audit"])

DecisionId = Annotated[
    str,
    Path(
        max_length=256,
        pattern=r"^[!-~]+$",
        description="The decision, by its id.",
        examples=["019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607:2"],
    ),
]


@router.get("/v1/audit/checkpoint", **tells(pb.Checkpoint, "The checkpoint.", errors=READS))
async def get_checkpoint(
    wanted: Annotated[queries.CheckpointSize, FromQuery()], caller: Caller
) -> Response:
    """Get a signed checkpoint of the log of decisions: the latest, or that of a size.

    `note` is a signed note after C2SP tlog-checkpoint. Keep it: with a copy of your own
    `qyzmet audit verify` tells whether anything was changed since.
    """
    request = read(pb.GetCheckpointRequest, wanted)
    return answer((await caller.call(caller.clients.audit.GetCheckpoint, request)).checkpoint)


@router.get(
    "/v1/audit/consistency",
    **tells(pb.GetConsistencyProofResponse, "The proof.", errors=READS),
)
async def get_consistency_proof(
    wanted: Annotated[queries.LogSizes, FromQuery()], caller: Caller
) -> Response:
    """See that a smaller log is the beginning of a larger one."""
    request = read(pb.GetConsistencyProofRequest, wanted)
    return answer(await caller.call(caller.clients.audit.GetConsistencyProof, request))


@router.get(
    "/v1/audit/decisions/{decision_id}/proof",
    **tells(pb.GetInclusionProofResponse, "The proof.", errors=READS),
)
async def get_inclusion_proof(decision_id: DecisionId, caller: Caller) -> Response:
    """See that the record of a decision is in the log; for analysts."""
    request = pb.GetInclusionProofRequest(decision_id=decision_id)
    return answer(await caller.call(caller.clients.audit.GetInclusionProof, request))


@router.get(
    "/v1/audit/reconciliation",
    **tells(pb.ReconcileResponse, "What was found."),
)
async def reconcile(
    wanted: Annotated[queries.ReconciledKey, FromQuery()], caller: Caller
) -> Response:
    """Compare a page of what was decided with the log, both ways; for analysts."""
    request = read(pb.ReconcileRequest, wanted)
    return answer(await caller.call(caller.clients.audit.Reconcile, request))


@router.get(
    "/v1/cases/{case_id}/proof",
    **tells(pb.GetCaseProofResponse, "The proofs.", errors=READS),
)
async def get_case_proof(case_id: CaseId, caller: Caller) -> Response:
    """See that every decision on your case is in the log, unchanged; for who may see the case.

    Each record hashes, with its hashes, to the root that the checkpoint signs (RFC 9162).
    """
    request = pb.GetCaseProofRequest(case_id=case_id)
    return answer(await caller.call(caller.clients.audit.GetCaseProof, request))
