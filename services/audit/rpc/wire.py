"""Domain into protobuf, where names alone do not do it."""

import base64
from collections.abc import Iterable
from typing import Any, TypeVar

from google.protobuf.message import Message

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2
from services.audit.domain import Coverage, DecisionRecord, Row
from services.audit.domain.coverage import Offline
from services.audit.domain.programmes import Programmes
from services.audit.domain.proofs import Proof, Proven
from services.chassis import codec

P = TypeVar("P", bound=Message)


def dated(told: Any, into: type[P]) -> P:
    """Return an answer with the days it is of."""
    message = codec.to_proto(told, into)
    days: Any = message  # every answer of an analyst has both fields
    days.start_date = told.period.start.isoformat()
    days.end_date = told.period.end.isoformat()
    return message


def programmes(told: Programmes) -> pb.GetProgrammesResponse:
    """Return how the programmes do, and beside which plan."""
    return pb.GetProgrammesResponse(
        start_date=told.period.start.isoformat(),
        end_date=told.period.end.isoformat(),
        plan=told.plan.name,
        source=told.plan.source,
        plan_end_date=told.plan.end.isoformat(),
        rows=[codec.to_proto(row, pb.ProgrammeRow) for row in told.rows],
        total=codec.to_proto(told.total, pb.ProgrammeRow),
    )


def offline(told: Offline) -> pb.ListOfflineServicesResponse:
    """Return the services that are not online."""
    message = dated(told, pb.ListOfflineServicesResponse)
    message.case_count = told.total.case_count
    message.online_case_count = told.total.online_case_count
    return message


def checkpoint(proven: Proven) -> pb.Checkpoint | None:
    """Return the checkpoint that seals proofs; none where nothing is sealed."""
    return codec.to_proto(proven.checkpoint, pb.Checkpoint) if proven.checkpoint else None


def proof(told: Proof) -> pb.InclusionProof:
    """Return the proof of one record."""
    return pb.InclusionProof(
        leaf_index=told.placed.index,
        record=told.placed.record.decode(),
        hashes=coded(told.hashes),
    )


def coded(hashes: Iterable[bytes]) -> list[str]:
    """Return hashes as text."""
    return [base64.b64encode(one).decode() for one in hashes]


def coverage(told: Coverage) -> pb.GetCoverageResponse:
    """Return the coverage."""
    return pb.GetCoverageResponse(
        routed_case_count=told.total.case_count,
        online_case_count=told.total.online_case_count,
        online_case_share=told.online_case_share,
        service_count=told.register.service_count,
        online_service_count=told.register.online_service_count,
        online_service_share=told.online_service_share,
        catalogue_version=told.register.version,
        services=map(row, told.services),
        offices=map(row, told.offices),
    )


def row(told: Row) -> pb.CoverageRow:
    """Return the tally of one service or office."""
    return pb.CoverageRow(
        key=told.key,
        case_count=told.tally.case_count,
        online_case_count=told.tally.online_case_count,
    )


def record(told: DecisionRecord) -> pb.DecisionRecord:
    """Return a decision as it was told."""
    return pb.DecisionRecord(
        case_id=told.case_id,
        case_version=told.case_version,
        decision=codec.decode(told.record, cases_pb2.Decision),
    )
