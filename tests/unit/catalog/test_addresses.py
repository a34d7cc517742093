"""Where services are had online: kept with files, and in the bundled register."""

from collections import Counter
from pathlib import Path

import pytest

from services.catalog.domain import Catalogue, CatalogueError, Channel, Code, compose
from services.catalog.store import bundled_folder, read_folder, save_folder
from tests.unit.catalog.conftest import draft, service

PORTALS = {
    "https://cabinet.salyk.kz",
    "https://egov.kz",
    "https://elicense.kz",
    "https://enbek.kz",
    "https://eotinish.kz",
}


def small(**changed: str) -> Catalogue:
    return compose(draft(services=(service("identity.passport", **changed),)))


def test_an_address_is_written_to_files_and_read_again(tmp_path: Path) -> None:
    """And is a part of what the version stands for."""
    told = small(online_address="https://egov.kz")

    save_folder(told, tmp_path / "register")

    assert read_folder(tmp_path / "register") == told
    assert told.version != small().version


def test_a_register_without_addresses_keeps_its_version() -> None:
    """What is empty is left out of the content."""
    assert b"online_address" not in small().canonical()
    assert Catalogue.from_canonical(small().canonical()) == small()


@pytest.mark.parametrize(
    "address", ["http://egov.kz", "egov.kz", "https://egov.kz/ a", "https://a"]
)
def test_what_is_no_address_is_a_fault(address: str) -> None:
    """Told at its field."""
    with pytest.raises(CatalogueError) as refusal:
        small(online_address=address)

    (fault,) = refusal.value.faults
    assert (fault.code, fault.place) == (Code.BAD_ADDRESS, "service 1, online-address")


def test_the_bundled_register_leads_to_front_pages_of_portals() -> None:
    """To no page that nobody vouched for; and only where a service is online."""
    register = read_folder(bundled_folder())
    told = Counter(one.online_address for one in register.services if one.online_address)

    assert set(told) == PORTALS
    assert all(one.channel is Channel.ONLINE for one in register.services if one.online_address)
    taxes = {one.online_address for one in register.services if one.area == "tax"}
    assert taxes <= {"", "https://cabinet.salyk.kz"}
