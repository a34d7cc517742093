"""Lets the shared cases explain their failures as well as test modules do."""

import pytest

pytest.register_assert_rewrite(
    "tests.contract.bus.cases",
    "tests.contract.bus.parking_cases",
    "tests.contract.bus.loop_cases",
)
