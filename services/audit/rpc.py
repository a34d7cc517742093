"""The gRPC door: protobuf in, domain inside, protobuf out."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass

import grpc

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.audit.v1 import audit_pb2_grpc as pb_grpc
from qyzmet.cases.v1 import cases_pb2
from services.audit import handlers
from services.audit.domain import Coverage, DecisionRecord, Row
from services.audit.domain.coverage import Offline, Series
from services.audit.domain.demand import GroupBy
from services.audit.domain.proofs import Proof, Proven
from services.audit.ports import Clock, Decisions, Demands, Ledger, Log, Registers, Visible
from services.chassis import codec

SERVICE = "qyzmet.audit.v1.AuditService"
GROUPS = pb.DESCRIPTOR.enum_types_by_name["CoverageGroup"]


@dataclass(frozen=True, slots=True)
class AuditServicer(pb_grpc.AuditServiceServicer):
    """Answers qyzmet.audit.v1.AuditService."""

    ledger: Ledger
    registers: Registers
    log: Log
    cases: Visible
    decisions: Decisions
    now: Clock
    demands: Demands

    def GetCoverage(  # noqa: N802
        self, request: pb.GetCoverageRequest, context: grpc.ServicerContext
    ) -> pb.GetCoverageResponse:
        """Tell the coverage by online services."""
        return _coverage(handlers.coverage(ledger=self.ledger, registers=self.registers))

    def ListDecisions(  # noqa: N802
        self, request: pb.ListDecisionsRequest, context: grpc.ServicerContext
    ) -> pb.ListDecisionsResponse:
        """List the decisions on one case."""
        records = handlers.decisions(request.case_id, ledger=self.ledger)
        return pb.ListDecisionsResponse(decisions=map(_record, records))

    def GetCheckpoint(  # noqa: N802
        self, request: pb.GetCheckpointRequest, context: grpc.ServicerContext
    ) -> pb.GetCheckpointResponse:
        """Return a signed checkpoint."""
        signed = handlers.checkpoint(request.size, log=self.log)
        return pb.GetCheckpointResponse(checkpoint=codec.to_proto(signed, pb.Checkpoint))

    def GetInclusionProof(  # noqa: N802
        self, request: pb.GetInclusionProofRequest, context: grpc.ServicerContext
    ) -> pb.GetInclusionProofResponse:
        """Show that a decision's record is in the log."""
        proven = handlers.prove_decision(request.decision_id, request.size, log=self.log)
        (proof,) = proven.proofs
        return pb.GetInclusionProofResponse(proof=_proof(proof), checkpoint=_checkpoint(proven))

    def GetConsistencyProof(  # noqa: N802
        self, request: pb.GetConsistencyProofRequest, context: grpc.ServicerContext
    ) -> pb.GetConsistencyProofResponse:
        """Show that a smaller log is the beginning of a larger one."""
        size, hashes = handlers.prove_consistency(
            request.first_size, request.second_size, log=self.log
        )
        return pb.GetConsistencyProofResponse(
            first_size=request.first_size, second_size=size, hashes=_coded(hashes)
        )

    def GetCaseProof(  # noqa: N802
        self, request: pb.GetCaseProofRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseProofResponse:
        """Show that a case's records are in the log."""
        proven = handlers.prove_case(request.case_id, log=self.log, cases=self.cases)
        return pb.GetCaseProofResponse(
            proofs=map(_proof, proven.proofs),
            checkpoint=_checkpoint(proven),
            waiting_count=proven.waiting_count,
        )

    def Reconcile(  # noqa: N802
        self, request: pb.ReconcileRequest, context: grpc.ServicerContext
    ) -> pb.ReconcileResponse:
        """Compare a page of what cases decided with the log."""
        after = (request.after_case_id, request.after_case_version)
        found = handlers.reconcile(after, log=self.log, decisions=self.decisions, now=self.now)
        return codec.to_proto(found, pb.ReconcileResponse)

    def GetCoverageSeries(  # noqa: N802
        self, request: pb.GetCoverageSeriesRequest, context: grpc.ServicerContext
    ) -> pb.GetCoverageSeriesResponse:
        """Tell the coverage by day and group."""
        told = handlers.coverage_series(
            codec.to_domain(request, handlers.Asked),
            GroupBy(codec.kebab(GROUPS, request.group_by) or ""),
            demands=self.demands,
            registers=self.registers,
            now=self.now,
        )
        return _series(told)

    def ListOfflineServices(  # noqa: N802
        self, request: pb.ListOfflineServicesRequest, context: grpc.ServicerContext
    ) -> pb.ListOfflineServicesResponse:
        """Rank the services that are not online."""
        told = handlers.offline_services(
            codec.to_domain(request, handlers.Asked),
            request.page_size,
            demands=self.demands,
            registers=self.registers,
            now=self.now,
        )
        return _offline(told)


def _series(told: Series) -> pb.GetCoverageSeriesResponse:
    message = codec.to_proto(told, pb.GetCoverageSeriesResponse)
    message.start_date = told.period.start.isoformat()
    message.end_date = told.period.end.isoformat()
    return message


def _offline(told: Offline) -> pb.ListOfflineServicesResponse:
    message = codec.to_proto(told, pb.ListOfflineServicesResponse)
    message.start_date = told.period.start.isoformat()
    message.end_date = told.period.end.isoformat()
    message.case_count = told.total.case_count
    message.online_case_count = told.total.online_case_count
    return message


def _checkpoint(proven: Proven) -> pb.Checkpoint | None:
    return codec.to_proto(proven.checkpoint, pb.Checkpoint) if proven.checkpoint else None


def _proof(proof: Proof) -> pb.InclusionProof:
    return pb.InclusionProof(
        leaf_index=proof.placed.index,
        record=proof.placed.record.decode(),
        hashes=_coded(proof.hashes),
    )


def _coded(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


def _coverage(coverage: Coverage) -> pb.GetCoverageResponse:
    return pb.GetCoverageResponse(
        routed_case_count=coverage.total.case_count,
        online_case_count=coverage.total.online_case_count,
        online_case_share=coverage.online_case_share,
        service_count=coverage.register.service_count,
        online_service_count=coverage.register.online_service_count,
        online_service_share=coverage.online_service_share,
        catalogue_version=coverage.register.version,
        services=map(_row, coverage.services),
        offices=map(_row, coverage.offices),
    )


def _row(row: Row) -> pb.CoverageRow:
    return pb.CoverageRow(
        key=row.key,
        case_count=row.tally.case_count,
        online_case_count=row.tally.online_case_count,
    )


def _record(record: DecisionRecord) -> pb.DecisionRecord:
    return pb.DecisionRecord(
        case_id=record.case_id,
        case_version=record.case_version,
        decision=codec.decode(record.record, cases_pb2.Decision),
    )
