"""The gRPC door: protobuf in, domain inside, protobuf out."""

from dataclasses import dataclass

import grpc

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.audit.v1 import audit_pb2_grpc as pb_grpc
from services.audit import handlers
from services.audit.domain.counts import Dimension
from services.audit.domain.demand import GroupBy, Interval
from services.audit.domain.programmes import Plan
from services.audit.handlers import analyst, finding
from services.audit.handlers.asking import Asked
from services.audit.ports import (
    Clock,
    Counted,
    Decisions,
    Demands,
    Found,
    Ledger,
    Log,
    Registers,
    Visible,
)
from services.audit.rpc import wire
from services.chassis import codec

SERVICE = "qyzmet.audit.v1.AuditService"
GROUPS = pb.DESCRIPTOR.enum_types_by_name["CoverageGroup"]
INTERVAL = pb.DESCRIPTOR.enum_types_by_name["Interval"]
DIMENSION = pb.DESCRIPTOR.enum_types_by_name["Dimension"]


@dataclass(frozen=True, slots=True)
class AuditServicer(pb_grpc.AuditServiceServicer):
    """Answers qyzmet.audit.v1.AuditService."""

    ledger: Ledger
    found: Found
    registers: Registers
    log: Log
    cases: Visible
    decisions: Decisions
    now: Clock
    demands: Demands
    counted: Counted
    plan: Plan

    def GetCoverage(  # noqa: N802
        self, request: pb.GetCoverageRequest, context: grpc.ServicerContext
    ) -> pb.GetCoverageResponse:
        """Tell the coverage by online services."""
        return wire.coverage(handlers.coverage(ledger=self.ledger, registers=self.registers))

    def ListDecisions(  # noqa: N802
        self, request: pb.ListDecisionsRequest, context: grpc.ServicerContext
    ) -> pb.ListDecisionsResponse:
        """List the decisions on one case."""
        records = handlers.decisions(request.case_id, ledger=self.ledger)
        return pb.ListDecisionsResponse(decisions=map(wire.record, records))

    def FindDecisions(  # noqa: N802
        self, request: pb.FindDecisionsRequest, context: grpc.ServicerContext
    ) -> pb.FindDecisionsResponse:
        """Find decisions on all cases."""
        wanted = codec.to_domain(request, finding.Wanted)
        told = finding.find_decisions(wanted, found=self.found, now=self.now)
        return wire.dated(told, pb.FindDecisionsResponse)

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
        return pb.GetInclusionProofResponse(
            proof=wire.proof(proof), checkpoint=wire.checkpoint(proven)
        )

    def GetConsistencyProof(  # noqa: N802
        self, request: pb.GetConsistencyProofRequest, context: grpc.ServicerContext
    ) -> pb.GetConsistencyProofResponse:
        """Show that a smaller log is the beginning of a larger one."""
        size, hashes = handlers.prove_consistency(
            request.first_size, request.second_size, log=self.log
        )
        return pb.GetConsistencyProofResponse(
            first_size=request.first_size, second_size=size, hashes=wire.coded(hashes)
        )

    def GetCaseProof(  # noqa: N802
        self, request: pb.GetCaseProofRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseProofResponse:
        """Show that a case's records are in the log."""
        proven = handlers.prove_case(request.case_id, log=self.log, cases=self.cases)
        return pb.GetCaseProofResponse(
            proofs=map(wire.proof, proven.proofs),
            checkpoint=wire.checkpoint(proven),
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
        told = analyst.coverage_series(
            codec.to_domain(request, Asked),
            GroupBy(codec.kebab(GROUPS, request.group_by) or ""),
            Interval(codec.kebab(INTERVAL, request.interval) or Interval.DAY),
            with_services=request.with_services,
            demands=self.demands,
            counted=self.counted,
            registers=self.registers,
            now=self.now,
        )
        return wire.dated(told, pb.GetCoverageSeriesResponse)

    def ListOfflineServices(  # noqa: N802
        self, request: pb.ListOfflineServicesRequest, context: grpc.ServicerContext
    ) -> pb.ListOfflineServicesResponse:
        """Rank the services that are not online."""
        told = analyst.offline_services(
            codec.to_domain(request, Asked),
            request.page_size,
            demands=self.demands,
            counted=self.counted,
            registers=self.registers,
            now=self.now,
        )
        return wire.offline(told)

    def GetCoverageForecast(  # noqa: N802
        self, request: pb.GetCoverageForecastRequest, context: grpc.ServicerContext
    ) -> pb.GetCoverageForecastResponse:
        """Forecast when all services are online."""
        told = analyst.coverage_forecast(
            request.as_of_date,
            request.goal_date,
            Asked(start_date=request.start_date),
            demands=self.demands,
            counted=self.counted,
            now=self.now,
        )
        message = wire.dated(told, pb.GetCoverageForecastResponse)
        message.goal_date = told.goal.isoformat()
        return message

    def GetQuality(  # noqa: N802
        self, request: pb.GetQualityRequest, context: grpc.ServicerContext
    ) -> pb.GetQualityResponse:
        """Tell how well the model does."""
        told = analyst.quality_of(*_asked(request), counted=self.counted, now=self.now)
        message = wire.dated(told, pb.GetQualityResponse)
        message.accuracy_basis = pb.ACCURACY_BASIS_JUDGED
        return message

    def GetTimes(  # noqa: N802
        self, request: pb.GetTimesRequest, context: grpc.ServicerContext
    ) -> pb.GetTimesResponse:
        """Tell how long cases take."""
        told = analyst.times_of(
            *_asked(request), counted=self.counted, registers=self.registers, now=self.now
        )
        return wire.dated(told, pb.GetTimesResponse)

    def GetFairness(  # noqa: N802
        self, request: pb.GetFairnessRequest, context: grpc.ServicerContext
    ) -> pb.GetFairnessResponse:
        """Hold each language or region against all others."""
        told = analyst.fairness_of(*_asked(request), counted=self.counted, now=self.now)
        return wire.dated(told, pb.GetFairnessResponse)

    def GetDrift(  # noqa: N802
        self, request: pb.GetDriftRequest, context: grpc.ServicerContext
    ) -> pb.GetDriftResponse:
        """Tell whether something changed."""
        reference = Asked(
            start_date=request.reference_start_date, end_date=request.reference_end_date
        )
        asked = codec.to_domain(request, Asked)
        told = analyst.drift_of(asked, reference, counted=self.counted, now=self.now)
        message = wire.dated(told, pb.GetDriftResponse)
        message.reference_start_date = told.reference.start.isoformat()
        message.reference_end_date = told.reference.end.isoformat()
        return message

    def GetProgrammes(  # noqa: N802
        self, request: pb.GetProgrammesRequest, context: grpc.ServicerContext
    ) -> pb.GetProgrammesResponse:
        """Hold the programmes of the AI plan against it."""
        asked = codec.to_domain(request, Asked)
        told = analyst.programmes_of(
            asked, plan=self.plan, counted=self.counted, registers=self.registers, now=self.now
        )
        return wire.programmes(told)


def _asked(
    request: pb.GetQualityRequest | pb.GetTimesRequest | pb.GetFairnessRequest,
) -> tuple[Asked, Dimension]:
    asked = Asked(start_date=request.start_date, end_date=request.end_date)
    return asked, Dimension(codec.kebab(DIMENSION, request.group_by) or "")
