"""The door of audit for analysts: what they ask, answered from what cases told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2
from services.audit.domain import Listed, Register
from services.audit.handlers.analyst import agencies_of
from services.audit.store.analyst import SqlAnalyst
from services.chassis.bus.port import Message
from services.chassis.database import database_of
from services.chassis.errors import ForbiddenError, InvalidError, UnavailableError
from services.chassis.principal import Principal, Role
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import wrap

Eventually = Callable[[Callable[[], object]], None]
CITIZEN = Principal("citizen", Role.CITIZEN)
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def routed(case_id: str, **more: object) -> Message:
    """Return the event of a case that a model routed at once."""
    told = cases_pb2.CaseEvent(case_id=case_id, case_version=1, state=cases_pb2.STATE_ROUTED)
    values = {"service_id": "ai.sana-pupils", "office": "MAIDD", "region": "75"} | more
    told.service_id, told.office, told.region = (str(one) for one in values.values())
    told.channel = catalog_pb2.CHANNEL_ONLINE
    told.language = catalog_pb2.LANGUAGE_KK
    told.submit_time.FromDatetime(NOON)
    told.event_time.FromDatetime(NOON)
    told.due_time.FromDatetime(NOON + timedelta(hours=24))
    told.decision.MergeFrom(
        cases_pb2.Decision(
            id=f"{case_id}:1",
            outcome=cases_pb2.OUTCOME_ROUTE,
            actor=cases_pb2.ACTOR_KIND_MODEL,
            service_id=told.service_id,
            model="5" * 64,
            alternatives=[cases_pb2.Alternative(service_id=told.service_id, probability=0.93)],
        )
    )
    told.decision.decide_time.FromDatetime(NOON)
    return wrap(told, "kz.qyzmet.case.routed.v1")


def later(case_id: str, version: int, state: str, hours: int, **more: str) -> Message:
    """Return what an office made of it."""
    values = {"service_id": "ai.sana-pupils", "office": "MAIDD", "reason_code": ""} | more
    told = cases_pb2.CaseEvent(case_id=case_id, case_version=version, region="75")
    told.state = cases_pb2.State.Value(f"STATE_{state.upper()}")
    told.service_id, told.office, told.reason_code = values.values()
    told.language = catalog_pb2.LANGUAGE_KK
    told.submit_time.FromDatetime(NOON)
    told.event_time.FromDatetime(NOON + timedelta(hours=hours))
    return wrap(told, f"kz.qyzmet.case.{state}.v1")


@pytest.fixture
def told(analysts: Analysts, eventually: Eventually) -> Analysts:
    """Give analysts of three cases: one done in time, one returned, one late."""
    returned = {"service_id": "", "office": "", "reason_code": "NOT_COMPETENT"}
    analysts.tell(
        *(routed(f"c{number}") for number in (1, 2, 3)),
        later("c1", 2, "accepted", 2),
        later("c1", 3, "completed", 10),
        later("c2", 2, "returned", 3, **returned),
        later("c3", 2, "completed", 30),
    )
    eventually(lambda: quality(analysts).total.accuracy.of == 3)
    return analysts


def quality(analysts: Analysts, **more: object) -> pb.GetQualityResponse:
    return analysts.call("GetQuality", pb.GetQualityRequest(**MARCH, **more))


def test_the_quality_is_told_by_model(told: Analysts) -> None:
    """Of three that were routed one came back; offices bore out the others."""
    answer = quality(told, group_by=pb.DIMENSION_MODEL)

    (row,) = answer.rows
    assert (row.key, row.auto_routed.count, row.misrouted.count) == ("5" * 64, 3, 1)
    assert (row.accuracy.count, row.accuracy.is_small) == (2, True)
    assert answer.accuracy_basis == pb.ACCURACY_BASIS_JUDGED
    assert {one.key for one in answer.reliability} == {"", "5" * 64}
    assert answer.reliability[0].mean_score == pytest.approx(0.93)


@pytest.mark.parametrize(
    ("dimension", "key"),
    [
        (pb.DIMENSION_LANGUAGE, "kk"),
        (pb.DIMENSION_REGION, "75"),
        (pb.DIMENSION_SERVICE, "ai.sana-pupils"),
        (pb.DIMENSION_DAY, "2026-03-01"),
        (pb.DIMENSION_UNSPECIFIED, ""),
    ],
)
def test_the_quality_is_told_by_what_is_asked(
    told: Analysts, dimension: pb.Dimension, key: str
) -> None:
    """Each group with all of its cases."""
    (row,) = quality(told, group_by=dimension).rows

    assert (row.key, row.decided_count) == (key, 3)


def test_days_without_cases_have_no_rows(told: Analysts) -> None:
    """A case counts on the day it was submitted, and on no other."""
    request = pb.GetQualityRequest(start_date="2026-03-02", end_date="2026-03-31")

    assert told.call("GetQuality", request).total.decided_count == 0


@pytest.mark.parametrize(
    ("dimension", "key"),
    [
        (pb.DIMENSION_AGENCY, "MAIDD"),
        (pb.DIMENSION_SERVICE, "ai.sana-pupils"),
        (pb.DIMENSION_DAY, "2026-03-01"),
        (pb.DIMENSION_LANGUAGE, "kk"),
    ],
)
def test_times_are_told_against_the_term(told: Analysts, dimension: pb.Dimension, key: str) -> None:
    """Ten hours and thirty; a term of a day was kept once. The case that came back is nowhere."""
    answer = told.call("GetTimes", pb.GetTimesRequest(**MARCH, group_by=dimension))

    (row,) = answer.rows
    assert (row.key, row.case_count, row.late.count) == (key, 2, 1)
    assert (row.first_answer.mean, row.completion.mean) == (16.0, 20.0)
    assert answer.total.completion.median > 0


def test_fairness_holds_groups_against_each_other(told: Analysts, eventually: Eventually) -> None:
    """Where there is another group."""
    told.tell(routed("c4", service_id="ai.tumo-admission", office="MAIDD", region="71"))
    request = pb.GetFairnessRequest(**MARCH, group_by=pb.DIMENSION_REGION)
    eventually(lambda: len(told.call("GetFairness", request).rows) == 2)

    first, second = told.call("GetFairness", request).rows

    assert (first.key, second.key) == ("75", "71")
    assert first.misrouted_gap.value == pytest.approx(1 / 3)
    assert not first.misrouted_gap.is_clear


def test_drift_compares_days_with_those_before(told: Analysts) -> None:
    """By every measure, of so many cases."""
    request = pb.GetDriftRequest(start_date="2026-03-01", end_date="2026-03-07")

    answer = told.call("GetDrift", request)

    assert (answer.reference_start_date, answer.reference_end_date) == ("2026-01-30", "2026-02-28")
    assert {row.measure for row in answer.rows} == {"length", "unknown", "score", "language"}
    assert {row.measure: row.case_count for row in answer.rows}["score"] == 3
    assert not any(row.is_alarm for row in answer.rows)


def test_programmes_are_held_against_the_plan(told: Analysts) -> None:
    """Two requests of pupils stand or are done, of half a million that are wanted."""
    answer = told.call("GetProgrammes", pb.GetProgrammesRequest(end_date="2026-03-31"))

    pupils = answer.rows[0]
    assert (pupils.audience, pupils.request_count, pupils.completed_count) == ("pupils", 2, 2)
    assert pupils.completed.of == 500_000
    assert answer.total.target_count == 1_000_000
    assert 0 < answer.total.expected_count < 1_000_000


def test_the_forecast_is_by_demand_and_by_services(analysts: Analysts) -> None:
    """As of any day, from the days before it; too few are told as such."""
    database = database_of(analysts.platform.settings, "audit")
    for number in range(30):
        day = (date(2026, 3, 1) + timedelta(number)).isoformat()
        SqlAnalyst(database).note_register(day, Register("v", 300, 270 + number // 3))
    database.close()

    request = pb.GetCoverageForecastRequest(start_date="2026-03-01", as_of_date="2026-03-30")
    answer = analysts.call("GetCoverageForecast", request)

    by = {one.basis: one for one in answer.forecasts}
    assert by["demand"].reason_code == "TOO_FEW_DAYS"
    assert "2026-05-15" < by["services"].reach_date < "2026-06-15"
    assert {point.basis for point in answer.points} == {"services"}
    assert answer.goal_date == "2029-03-29"


def test_the_register_is_noted_by_itself(analysts: Analysts, eventually: Eventually) -> None:
    """From the first minute, so that there are days to look back on."""
    request = pb.GetCoverageForecastRequest()

    def noted() -> bool:
        told = analysts.call("GetCoverageForecast", request).forecasts[1]
        return told.day_count == 1 and told.share > 0.9

    eventually(noted)


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetQuality", pb.GetQualityRequest(group_by=pb.DIMENSION_AGENCY)),
        ("GetTimes", pb.GetTimesRequest(group_by=pb.DIMENSION_MODEL)),
        ("GetFairness", pb.GetFairnessRequest()),
    ],
)
def test_a_group_that_is_not_told_is_refused(
    analysts: Analysts, method: str, request_: object
) -> None:
    """With the name of the field."""
    with pytest.raises(InvalidError) as refusal:
        analysts.call(method, request_)

    assert refusal.value.field == "group_by"


@pytest.mark.parametrize(
    ("field", "day"), [("goal_date", "soon"), ("goal_date", "2020-01-01"), ("as_of_date", "now")]
)
def test_days_that_make_no_forecast_are_refused(analysts: Analysts, field: str, day: str) -> None:
    """What is no day, and a goal in the past; with the name of the field."""
    with pytest.raises(InvalidError) as refusal:
        analysts.call("GetCoverageForecast", pb.GetCoverageForecastRequest(**{field: day}))

    assert refusal.value.field == field


@pytest.mark.parametrize(
    "method",
    ["GetQuality", "GetTimes", "GetFairness", "GetDrift", "GetProgrammes", "GetCoverageForecast"],
)
def test_what_is_counted_is_for_analysts(analysts: Analysts, method: str) -> None:
    """A citizen may see the coverage as a whole only."""
    with pytest.raises(ForbiddenError):
        analysts.call(method, getattr(pb, f"{method}Request")(), CITIZEN)


def test_nobody_is_told_half_while_all_is_made_anew(analysts: Analysts) -> None:
    """Until the counters are whole again there is no answer."""
    database = database_of(analysts.platform.settings, "audit")
    SqlAnalyst(database).clear()
    with pytest.raises(UnavailableError) as refusal:
        quality(analysts)
    SqlAnalyst(database).go_live()
    database.close()

    assert refusal.value.reason == "REBUILDING"
    assert quality(analysts).total.decided_count == 0


def test_an_office_belongs_to_the_agency_of_its_code() -> None:
    """With or without a region; one that nobody knows is told as it is."""
    register = Register("v", 2, 2, [Listed("a", "AKIMAT", "x", ""), Listed("b", "MIA", "x", "")])

    assert agencies_of(["akimat-75", "MIA", "GONE"], register) == {
        "akimat-75": "AKIMAT",
        "MIA": "MIA",
        "GONE": "GONE",
    }
