"""Shares, times and gaps, and how sure they are."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from services.audit.domain.counts import minutes_bin
from services.audit.domain.measures import Gap, Hours, Share, gap_of_hours, gap_of_shares, holm


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_of_a_share_is_wilsons(told: tuple[int, int]) -> None:
    """SciPy computes the same."""
    count, of = told
    share = Share(count, of)

    expected = binomtest(count, of).proportion_ci(method="wilson")

    assert share.low == pytest.approx(expected.low, abs=1e-9)
    assert share.high == pytest.approx(expected.high, abs=1e-9)


def test_of_nothing_anything_may_be_true() -> None:
    """A share of no case is 0, from 0 to 1, and small."""
    share = Share(0, 0)

    assert (share.value, share.low, share.high, share.is_small) == (0.0, 0.0, 1.0, True)


@pytest.mark.parametrize(("of", "is_small"), [(29, True), (30, False)])
def test_small_numbers_are_marked(of: int, is_small: bool) -> None:
    """Not hidden: of fewer than thirty cases a figure says little."""
    assert Share(1, of).is_small is is_small


def hours(*minutes: int) -> Hours:
    bins: dict[int, int] = {}
    for one in minutes:
        bins[minutes_bin(one * 60)] = bins.get(minutes_bin(one * 60), 0) + 1
    return Hours(len(minutes), sum(minutes), sum(one * one for one in minutes), bins)


def test_a_mean_is_told_in_hours() -> None:
    """With the interval of its standard error."""
    told = hours(60, 120, 180)

    assert told.mean == 2.0
    assert told.mean_high - told.mean == pytest.approx(1.96 * (1 / 3) ** 0.5, abs=1e-3)


def test_quantiles_from_bins_are_near_the_true_ones() -> None:
    """Within the width of a bin, a fifth."""
    chance = Random(1)
    minutes = sorted(int(chance.lognormvariate(6, 1)) for _ in range(5001))

    told = hours(*minutes)

    assert told.median == pytest.approx(minutes[2500] / 60, rel=0.1)
    assert told.ninth_decile == pytest.approx(minutes[4500] / 60, rel=0.1)


def test_without_bins_there_is_no_quantile() -> None:
    """Groups that have none tell the mean only."""
    told = Hours(3, 180, 10_900, {})

    assert (told.mean, told.median) == (1.0, 0.0)


def test_a_gap_of_shares_is_newcombes() -> None:
    """The example of his paper: 56 of 70 beside 48 of 80."""
    gap = gap_of_shares(Share(56, 70), Share(48, 80))

    assert (gap.value, gap.low, gap.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert gap.is_clear


def test_beside_nothing_no_gap_is_clear() -> None:
    """A group that is alone has nobody to be held against."""
    assert not gap_of_shares(Share(5, 10), Share(0, 0)).is_clear


def test_a_gap_of_times_is_clear_where_chance_is_no_reason() -> None:
    """Ten times an hour and ten times two are; noise is not."""
    assert gap_of_hours(hours(*[119, 121] * 5), hours(*[59, 61] * 5)).is_clear
    assert not gap_of_hours(hours(10, 200, 700), hours(5, 300, 500)).is_clear


def test_a_gap_around_nothing_is_not_clear() -> None:
    """Its interval holds 0."""
    assert not Gap(0.1, -0.1, 0.3).is_clear


def test_many_tests_are_corrected_after_holm() -> None:
    """The textbook's example; in any order."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
