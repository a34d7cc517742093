"""The pace of loops: what comes close together shares a batch, and one alone waits for nobody."""

import pytest

from services.chassis.bus.pace import SPACING, rest_after


@pytest.mark.parametrize(
    ("done", "rest"), [(0, 0.0), (1, 0.0), (2, SPACING), (99, SPACING), (100, 0.0)]
)
def test_a_loop_rests_where_records_come_together(done: int, rest: float) -> None:
    """After some, but neither after one alone nor where the next batch is there already."""
    assert rest_after(done, 100) == rest


@pytest.mark.parametrize(("done", "rest"), [(0, 0.0), (1, 0.2), (99, 0.2), (100, 0.0)])
def test_who_has_time_rests_after_one_as_well(done: int, rest: float) -> None:
    """So that even a trickle shares batches."""
    assert rest_after(done, 100, 0.2) == rest
