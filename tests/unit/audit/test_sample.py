"""The random sample: how right the model is where nobody would have looked."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2
from services.audit.domain.counts import QUALITY, quality_of
from services.audit.domain.facts import CaseFacts
from services.chassis.bus.port import Message
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import event, gone, wrap
from tests.unit.audit.test_facts import by_model, by_person, returned, told

Eventually = Callable[[Callable[[], object]], None]
MODEL = "5" * 64
BEST, OTHER = "identity.passport", "land.plot"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
DRAWN = by_model(outcome="triage", reason_code="SAMPLED")


def counted(facts: CaseFacts) -> tuple[int, int, int]:
    """Return how often a case is drawn, judged for the sample, and right in it."""
    told = dict(zip(QUALITY, quality_of(facts), strict=True))
    return told["sampled_count"], told["sampled_judged_count"], told["sampled_right_count"]


STORIES = [
    ("the model's best", told(DRAWN, by_person(2, "triage-officer", BEST)), (1, 1, 1)),
    ("another service", told(DRAWN, by_person(2, "triage-officer", OTHER)), (1, 1, 0)),
    ("none fits", told(DRAWN, by_person(2, "triage-officer", "", "out-of-scope")), (1, 1, 0)),
    ("not sorted yet", told(DRAWN), (1, 0, 0)),
    ("withdrawn before", told(DRAWN, gone("c1", 2, "withdrawn")), (1, 0, 0)),
    ("not sure", told(by_model(outcome="triage"), by_person(2, "triage-officer", BEST)), (0, 0, 0)),
    ("routed and done", told(by_model(), event("c1", 2, "completed")), (0, 0, 0)),
    (
        "an office that returns it later does not overrule",
        told(DRAWN, by_person(2, "triage-officer", BEST), returned(3, "NOT_COMPETENT")),
        (1, 1, 1),
    ),
]


@pytest.mark.parametrize(
    ("facts", "counts"), [row[1:] for row in STORIES], ids=[row[0] for row in STORIES]
)
def test_the_sample_counts(facts: CaseFacts, counts: tuple[int, int, int]) -> None:
    """Drawn is what was drawn; judged, what a triage officer chose; right, the model's best."""
    assert counted(facts) == counts


def step(case_id: str, version: int, decision: cases_pb2.Decision) -> Message:
    """Return the event of a decision: to triage, or to an office."""
    is_drawn = decision.outcome == cases_pb2.OUTCOME_TRIAGE
    event = cases_pb2.CaseEvent(case_id=case_id, case_version=version, region="75")
    event.state = cases_pb2.STATE_TRIAGED if is_drawn else cases_pb2.STATE_ROUTED
    event.language = catalog_pb2.LANGUAGE_KK
    event.decision.MergeFrom(decision)
    event.decision.id = f"{case_id}:{version}"
    for time in (event.submit_time, event.event_time, event.decision.decide_time):
        time.FromDatetime(NOON)
    return wrap(event, f"kz.qyzmet.case.{'triaged' if is_drawn else 'routed'}.v1")


def sampled(case_id: str, chosen: str) -> list[Message]:
    """Return the events of a case that was drawn, and what the triage officer chose."""
    drawn = cases_pb2.Decision(
        outcome=cases_pb2.OUTCOME_TRIAGE,
        actor=cases_pb2.ACTOR_KIND_MODEL,
        reason_code="SAMPLED",
        service_id=BEST,
        model=MODEL,
        alternatives=[cases_pb2.Alternative(service_id=BEST, probability=0.93)],
    )
    choice = cases_pb2.Decision(
        outcome=cases_pb2.OUTCOME_ROUTE,
        actor=cases_pb2.ACTOR_KIND_TRIAGE_OFFICER,
        service_id=chosen,
    )
    return [step(case_id, 1, drawn), step(case_id, 2, choice)]


@pytest.mark.parametrize(
    ("dimension", "key"),
    [
        (pb.DIMENSION_MODEL, MODEL),
        (pb.DIMENSION_LANGUAGE, "kk"),
        (pb.DIMENSION_SERVICE, BEST),
        (pb.DIMENSION_REGION, "75"),
        (pb.DIMENSION_DAY, "2026-03-01"),
    ],
)
def test_accuracy_of_the_sample_is_told_by_group(
    analysts: Analysts, eventually: Eventually, dimension: pb.Dimension, key: str
) -> None:
    """With Wilson's interval, and marked where it is of few; a case not sorted yet is left out."""
    analysts.tell(*sampled("c1", BEST), *sampled("c2", BEST), *sampled("c3", OTHER))
    analysts.tell(sampled("c4", BEST)[0])
    request = pb.GetQualityRequest(**MARCH, group_by=dimension)
    eventually(lambda: analysts.call("GetQuality", request).total.decided_count == 4)

    (row,) = analysts.call("GetQuality", request).rows

    found = row.sample_accuracy
    assert (row.key, found.count, found.of, found.is_small) == (key, 2, 3, True)
    assert (found.low, found.high) == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert (row.sampled.count, row.sampled.of, row.triaged.count) == (4, 4, 4)
