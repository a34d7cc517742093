"""Whether something is other than it was."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from scipy.stats import chi2_contingency, ks_2samp

from services.audit.domain.drift import DriftRow, Samples, drift, stability_index
from tests.unit.audit.test_demand import MARCH


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
