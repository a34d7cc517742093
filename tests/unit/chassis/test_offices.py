"""Codes of offices: made of an agency and a region, and taken apart again."""

import pytest

from services.chassis.offices import agency_and_region, regional


@pytest.mark.parametrize(("agency", "region"), [("AKIMAT", "75"), ("A1", "Abai")])
def test_the_code_of_an_office_tells_its_agency_and_its_region(agency: str, region: str) -> None:
    """What was put together comes apart."""
    assert agency_and_region(regional(agency, region)) == (agency, region)


@pytest.mark.parametrize("code", ["MIA", ""])
def test_the_code_of_an_agency_tells_no_region(code: str) -> None:
    """It is its own office; so is what is no code at all."""
    assert agency_and_region(code) == (code, "")
