"""The gRPC door: protobuf in, domain inside, protobuf out."""

from dataclasses import dataclass

import grpc

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.audit.v1 import audit_pb2_grpc as pb_grpc
from qyzmet.cases.v1 import cases_pb2
from services.audit import handlers
from services.audit.domain import Coverage, DecisionRecord, Row
from services.audit.ports import Ledger, Registers
from services.chassis import codec

SERVICE = "qyzmet.audit.v1.AuditService"


@dataclass(frozen=True, slots=True)
class AuditServicer(pb_grpc.AuditServiceServicer):
    """Answers qyzmet.audit.v1.AuditService."""

    ledger: Ledger
    registers: Registers

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
