"""How well the model does, how long cases take, and who is served worse."""

import pytest

from services.audit.domain.counts import BinCounts, HandlingCounts, QualityCounts
from services.audit.domain.demand import Period
from services.audit.domain.fairness import added, fairness
from services.audit.domain.handling import ALL, times
from services.audit.domain.quality import quality
from tests.unit.audit.test_demand import MARCH

COUNTS = QualityCounts(
    decided_count=100,
    routed_count=60,
    asked_count=25,
    triaged_count=10,
    out_of_scope_count=5,
    asked_judged_count=20,
    confirmed_count=15,
    routed_judged_count=40,
    misrouted_count=6,
    reviewed_count=30,
    overridden_count=12,
    judged_count=66,
    right_count=48,
    objected_count=2,
    sampled_count=4,
    sampled_judged_count=3,
    sampled_right_count=2,
)
DAYS: Period = MARCH


def test_shares_are_of_what_they_can_be_of() -> None:
    """What is misrouted, of what was routed; what is confirmed, of what citizens chose in."""
    row = quality(DAYS, {"m1": COUNTS}, COUNTS, {}).rows[0]

    found = (row.auto_routed, row.asked, row.triaged, row.out_of_scope, row.objected)
    assert [one.value for one in found] == [0.6, 0.25, 0.1, 0.05, 0.02]
    assert (row.confirmed.value, row.misrouted.value, row.overridden.value) == (0.75, 0.1, 0.4)
    assert (row.accuracy.count, row.accuracy.of) == (48, 66)
    assert (row.sampled.count, row.sampled.of) == (4, 64)
    assert (row.sample_accuracy.count, row.sample_accuracy.of) == (2, 3)


def test_groups_come_by_how_many_cases_they_have() -> None:
    """Those of no case are left out."""
    few, none = QualityCounts(decided_count=1), QualityCounts()

    told = quality(DAYS, {"m0": none, "m1": few, "m2": COUNTS}, COUNTS, {})

    assert [row.key for row in told.rows] == ["m2", "m1"]
    assert told.total.decided_count == 100


def test_certainty_is_held_against_truth() -> None:
    """Of ten at 90 % eight were right, of ten at 50 % five: a twentieth apart on average."""
    bins = {"": {18: BinCounts(10, 8, 9_000_000), 10: BinCounts(10, 5, 5_000_000)}}

    told = quality(DAYS, {}, COUNTS, bins)

    assert [(one.low, one.mean_score, one.accuracy.value) for one in told.reliability] == [
        (0.5, 0.5, 0.5),
        (0.9, 0.9, 0.8),
    ]
    assert told.calibration_error == pytest.approx(0.05)


def test_groups_do_not_count_twice_in_the_calibration() -> None:
    """Bins of a language are of cases that are in those of all."""
    bins = {"": {10: BinCounts(10, 5, 5_000_000)}, "kk": {10: BinCounts(10, 0, 5_000_000)}}

    assert quality(DAYS, {}, COUNTS, bins).calibration_error == 0.0


def test_late_is_of_all_cases() -> None:
    """Also those that are not done: they are late meanwhile."""
    counts = HandlingCounts(case_count=10, completed_count=4, late_count=5, stars=9, rated_count=2)

    row = times(DAYS, {"MIA": counts}, counts, {}, {}).rows[0]

    assert (row.late.value, row.completed.value, row.mean_stars) == (0.5, 0.4, 4.5)


def test_each_group_has_the_quantiles_of_its_bins() -> None:
    """And all of them those of all."""
    counts = HandlingCounts(case_count=1, answered_count=1, answer_minutes=60)

    told = times(DAYS, {"MIA": counts}, counts, {"MIA": {24: 1}, ALL: {32: 1}}, {})

    assert told.rows[0].first_answer.median < told.total.first_answer.median


def test_a_group_is_held_against_the_others_alone() -> None:
    """Not against all with itself among them."""
    kk = QualityCounts(decided_count=50, judged_count=50, right_count=25, triaged_count=10)
    ru = QualityCounts(decided_count=90, judged_count=90, right_count=81, triaged_count=9)

    told = fairness(DAYS, {"kk": kk, "ru": ru}, {}, {})

    assert [row.key for row in told.rows] == ["ru", "kk"]
    assert told.rows[1].accuracy_gap.value == pytest.approx(0.5 - 0.9)
    assert told.rows[1].accuracy_gap.is_clear
    assert told.rows[1].abstention_gap.value == pytest.approx(0.2 - 0.1)


def test_waiting_is_held_against_the_others() -> None:
    """Means of the first answer, in hours."""
    quality_counts = QualityCounts(decided_count=2)
    slow = HandlingCounts(2, 2, 480, 115_202)
    quick = HandlingCounts(2, 2, 120, 7_202)

    told = fairness(
        DAYS, {"kk": quality_counts, "ru": quality_counts}, {"kk": slow, "ru": quick}, {}
    )

    assert {row.key: row.waiting_gap.value for row in told.rows} == {"kk": 3.0, "ru": -3.0}


def test_counters_add_up() -> None:
    """Each with its own kind."""
    assert added([COUNTS, COUNTS], QualityCounts).right_count == 96
    assert added([], HandlingCounts) == HandlingCounts()
