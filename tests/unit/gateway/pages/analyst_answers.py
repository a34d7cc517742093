"""What audit answers to the pages of an analyst in tests."""

from google.protobuf.message import Message

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2

DAYS = {"start_date": "2026-03-01", "end_date": "2026-03-30"}


def share(count: int, of: int) -> pb.Share:
    """Return a share with some interval."""
    value = count / of if of else 0.0
    return pb.Share(
        count=count, of=of, value=value, low=value / 2, high=(1 + value) / 2, is_small=of < 30
    )


HOURS = pb.Hours(case_count=40, mean=2.5, mean_low=2, mean_high=3, median=2, ninth_decile=6)
ROW = pb.QualityRow(
    key="kk",
    decided_count=100,
    auto_routed=share(60, 100),
    misrouted=share(3, 60),
    accuracy=share(7, 8),
    sample_accuracy=share(5, 6),
)
ANSWERS: dict[type[Message], Message] = {
    pb.GetCoverageRequest: pb.GetCoverageResponse(
        routed_case_count=200,
        online_case_count=170,
        online_case_share=0.85,
        service_count=300,
        online_service_count=276,
        online_service_share=0.92,
    ),
    pb.GetCoverageSeriesRequest: pb.GetCoverageSeriesResponse(
        **DAYS,
        points=[
            pb.CoveragePoint(
                day=f"2026-03-{day:02}",
                key="MIA",
                case_count=10,
                online_case_count=8 + day % 3,
                online_case_share=0.8 + day % 3 / 10,
            )
            for day in range(1, 31)
        ],
        totals=[
            pb.CoverageTotal(
                key="MIA",
                case_count=300,
                online_case_count=270,
                online_case_share=0.9,
                service_count=12,
                online_service_count=11,
                online_service_share=11 / 12,
            )
        ],
    ),
    pb.ListOfflineServicesRequest: pb.ListOfflineServicesResponse(
        **DAYS,
        offline_service_count=24,
        case_count=300,
        services=[
            pb.OfflineService(
                rank=1,
                service_id="bad",
                agency="MIA",
                case_count=7,
                demand_share=0.02,
                online_case_share_then=0.92,
            )
        ],
    ),
    pb.GetCoverageForecastRequest: pb.GetCoverageForecastResponse(
        **DAYS,
        goal_date="2029-03-30",
        forecasts=[
            pb.CoverageForecast(
                basis="demand",
                day_count=30,
                share=0.9,
                share_low=0.88,
                share_high=0.92,
                change_per_month=0.01,
                reach_date="2027-01-24",
                earliest_reach_date="2026-12-01",
                latest_reach_date="2027-06-01",
                needed_per_month=0.003,
            ),
            pb.CoverageForecast(basis="services", day_count=3, reason_code="TOO_FEW_DAYS"),
        ],
        points=[
            pb.ForecastPoint(basis="demand", day=day, share=0.9, low=0.88, high=0.92)
            for day in ("2026-03-30", "2026-04-29", "2026-05-29")
        ],
    ),
    pb.GetQualityRequest: pb.GetQualityResponse(
        **DAYS,
        rows=[ROW],
        total=ROW,
        calibration_error=0.04,
        reliability=[
            pb.ReliabilityBin(low=0.5, high=0.6, mean_score=0.55, accuracy=share(6, 10)),
            pb.ReliabilityBin(low=0.9, high=1, mean_score=0.95, accuracy=share(38, 40)),
        ],
    ),
    pb.GetTimesRequest: pb.GetTimesResponse(
        **DAYS,
        rows=[
            pb.TimesRow(
                key="MIA",
                case_count=40,
                answered=share(40, 40),
                late=share(2, 40),
                first_answer=HOURS,
            )
        ],
        total=pb.TimesRow(case_count=40, answered=share(40, 40), late=share(2, 40)),
    ),
    pb.GetFairnessRequest: pb.GetFairnessResponse(
        **DAYS,
        rows=[
            pb.FairnessRow(
                key="kk",
                case_count=40,
                accuracy=share(30, 40),
                abstention=share(4, 40),
                misrouted=share(0, 0),
                waiting=HOURS,
                accuracy_gap=pb.Gap(value=-0.1, low=-0.15, high=-0.05, is_clear=True),
            )
        ],
    ),
    pb.GetDriftRequest: pb.GetDriftResponse(
        **DAYS,
        reference_start_date="2026-02-01",
        reference_end_date="2026-02-28",
        rows=[
            pb.DriftRow(
                measure="length",
                reference_case_count=100,
                case_count=50,
                stability_index=0.4,
                p_value=0.001,
                adjusted_p_value=0.004,
                is_alarm=True,
            ),
            pb.DriftRow(measure="score", reference_case_count=9, case_count=5, is_small=True),
        ],
    ),
    cases_pb2.ListTriagedTopicsRequest: cases_pb2.ListTriagedTopicsResponse(
        **DAYS,
        case_count=30,
        reference_case_count=30,
        is_cut=True,
        least_people=5,
        topics=[
            cases_pb2.TriagedTopic(
                words=["дрон", "полёт"],
                case_count=12,
                case_share=0.4,
                reference_case_count=3,
                reference_case_share=0.1,
                is_small=True,
                service_ids=["identity.passport"],
                ru_count=12,
                is_new=True,
            ),
            cases_pb2.TriagedTopic(case_count=6, case_share=0.2),
        ],
    ),
    pb.GetProgrammesRequest: pb.GetProgrammesResponse(
        **DAYS,
        plan_end_date="2030-12-31",
        source="the plan",
        rows=[
            pb.ProgrammeRow(
                audience="pupils",
                target_count=500_000,
                request_count=12,
                services=["identity.passport"],
            )
        ],
        total=pb.ProgrammeRow(target_count=1_000_000, request_count=12),
    ),
}
