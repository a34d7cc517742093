"""Whether something is other than it was."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from scipy.stats import chi2_contingency, ks_2samp

from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit.domain.drift import DriftRow, Samples, drift, stability_index
from services.audit.events import alarm_to_outbox
from services.audit.handlers.analyst import drift_of, watch_drift
from services.audit.handlers.asking import Asked
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.answers import SqlCounted
from services.audit.store.tables import outbox
from services.chassis import alarms, codec
from services.delivery.events import topics
from tests.unit.audit.stories import decision, event
from tests.unit.audit.test_demand import MARCH

NOW = datetime(2026, 4, 8, 12, tzinfo=UTC)


def rows(*samples: Samples) -> Sequence[DriftRow]:
    return drift(MARCH, MARCH, samples).rows


def drawn(seed: int, middle: float, count: int = 4000) -> Counter[int]:
    chance = Random(seed)
    return Counter(int(chance.gauss(middle, 3)) for _ in range(count))


def test_the_same_is_no_drift() -> None:
    """Two draws of one distribution raise no alarm."""
    (row,) = rows(Samples("length", drawn(1, 10), drawn(2, 10)))

    assert (row.is_alarm, row.stability_index < 0.1, row.p_value > 0.01) == (False, True, True)


def test_a_shift_is_an_alarm() -> None:
    """Longer texts than before, by a third."""
    (row,) = rows(Samples("length", drawn(1, 10), drawn(2, 13)))

    assert (row.is_alarm, row.reference_case_count) == (True, 4000)


def test_the_test_is_the_one_of_kolmogorov_and_smirnov() -> None:
    """Over the same bins SciPy gets the same statistic, and a p-value of the same size."""
    before, now = drawn(1, 10, 800), drawn(2, 10.4, 700)
    expected = ks_2samp(list(before.elements()), list(now.elements()), method="asymp")

    (row,) = rows(Samples("length", before, now))

    assert row.statistic == pytest.approx(expected.statistic)
    assert row.p_value == pytest.approx(expected.pvalue, rel=0.2)


def test_kinds_without_order_are_tested_by_chi_squared() -> None:
    """SciPy gets the same for the languages."""
    before, now = {0: 700, 1: 250, 2: 50}, {0: 400, 1: 280, 2: 20}
    expected = chi2_contingency([list(before.values()), list(now.values())], correction=False)

    (row,) = rows(Samples("language", before, now, is_ordered=False))

    assert (row.statistic, row.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_a_large_but_small_change_is_no_alarm() -> None:
    """With enough cases any change is no chance; it must matter, too."""
    (row,) = rows(Samples("length", {0: 500_000, 1: 500_000}, {0: 510_000, 1: 490_000}))

    assert row.p_value < 0.01
    assert not row.is_alarm


def test_few_cases_raise_no_alarm() -> None:
    """They are marked as small."""
    (row,) = rows(Samples("length", {0: 500}, {9: 29}))

    assert (row.is_small, row.is_alarm) == (True, False)


def test_nothing_to_compare_is_no_drift() -> None:
    """Without a case before or now."""
    (row,) = rows(Samples("length", {}, {3: 50}))

    assert (row.stability_index, row.p_value, row.is_alarm) == (0.0, 1.0, False)


def test_a_kind_that_nobody_saw_before_is_measured() -> None:
    """An empty bin makes no endless index."""
    assert 0.2 < stability_index({0: 100}, {0: 80, 1: 20}) < 10


def test_tests_are_corrected_for_how_many_they_are() -> None:
    """Three times the same test count for less than one."""
    one = Samples("length", drawn(1, 10, 300), drawn(2, 10.5, 300))

    (alone,), several = rows(one), rows(one, one, one)

    assert several[0].adjusted_p_value == pytest.approx(min(1.0, 3 * alone.adjusted_p_value))


def grow(analyst: SqlAnalyst, days_ago: int, length: int, longer: int = 0) -> None:
    """Tell of forty cases in Kazakh whose texts are about so long; some, four times as long."""
    begin = NOW - timedelta(days_ago)
    told = [
        event(
            f"{days_ago}-{number}",
            1,
            submit_time=begin,
            decision=decision(
                f"{days_ago}-{number}:1",
                language="kk",
                text_length=length * (1 if number >= longer else 4) + number % 5,
                ranking=(("identity.passport", 0.9),),
            ),
        )
        for number in range(40)
    ]
    analyst.record(told)


def rung(analyst: SqlAnalyst) -> Sequence[Any]:
    watch_drift(
        analyst=analyst,
        counted=SqlCounted(analyst.database),
        announce=alarm_to_outbox,
        now=lambda: NOW,
    )
    with analyst.database.read() as connection:
        return connection.execute(sa.select(outbox)).all()


def test_an_alarm_is_an_event(analyst: SqlAnalyst) -> None:
    """Texts that became four times as long ring, in all and in their language, and nothing else."""
    grow(analyst, 20, 50)
    grow(analyst, 3, 200)

    told = rung(analyst)

    assert {row.id for row in told} == {
        "drift:length:all:2026-04-07",
        "drift:length:kk:2026-04-07",
    }
    assert {(row.aggregatetype, row.type) for row in told} == {
        (alarms.TOPIC.name, "kz.qyzmet.alarm.drift.v1")
    }
    alarm = codec.decode(told[0].payload, pb.DriftAlarm)
    assert (alarm.row.measure, alarm.row.is_alarm, alarm.end_date) == ("length", True, "2026-04-07")


def test_an_alarm_rings_once_a_day(analyst: SqlAnalyst) -> None:
    """However often somebody looks."""
    grow(analyst, 20, 50)
    grow(analyst, 3, 200)

    assert len(rung(analyst)) == len(rung(analyst)) == 2


def test_the_same_as_ever_rings_nothing(analyst: SqlAnalyst) -> None:
    """Texts as long as before."""
    grow(analyst, 20, 50)
    grow(analyst, 3, 50)

    assert rung(analyst) == []


def test_what_one_of_all_tests_of_a_day_may_bring_by_chance_rings_nothing(
    analyst: SqlAnalyst,
) -> None:
    """Of the tests of one language alone it would have been rare enough."""
    grow(analyst, 20, 50)
    grow(analyst, 3, 50, longer=17)
    kazakh = drift_of(
        Asked(end_date="2026-04-07", language="kk"),
        Asked(),
        counted=SqlCounted(analyst.database),
        now=lambda: NOW,
    )
    assert [row.measure for row in kazakh.rows if row.is_alarm] == ["length"]

    assert rung(analyst) == []


def test_alarms_go_where_delivery_rings() -> None:
    """Whoever starts first makes the topic as the other would."""
    assert alarms.TOPIC in topics([])
