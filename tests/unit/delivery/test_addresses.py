"""Where webhooks may lead."""

import ipaddress
from collections.abc import Iterable

import pytest

from services.delivery.clients.addresses import AddressNotAllowedError, Guard, HostUnknownError

PUBLIC = "93.184.216.34"


def guard(*addresses: str, allowed: Iterable[str] = ()) -> Guard:
    """Return a guard for whom every name means these addresses."""
    networks = [ipaddress.ip_network(network) for network in allowed]
    return Guard(networks, lambda host, port: addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
    ],
)
def test_what_is_not_public_is_not_sent_to(address: str) -> None:
    """Loopback, private, link-local, metadata, reserved, and all of them wrapped in another."""
    with pytest.raises(AddressNotAllowedError):
        guard(address).check("https://office.kz/")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_what_is_public_is_sent_to(address: str) -> None:
    """An ordinary address passes."""
    guard(address).check("https://office.kz/")


def test_one_bad_address_among_good_ones_refuses_all() -> None:
    """Which of them would be connected to is not left to chance."""
    with pytest.raises(AddressNotAllowedError):
        guard(PUBLIC, "10.0.0.1").check("https://office.kz/")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "localhost"]
)
def test_no_way_of_writing_an_address_gets_past(host: str) -> None:
    """The system's own resolver reads them all, as a connection would."""
    with pytest.raises(AddressNotAllowedError):
        Guard().check(f"https://{host}/")


def test_plain_http_is_for_named_networks_only() -> None:
    """What would go through the open net is encrypted."""
    with pytest.raises(AddressNotAllowedError, match="only https"):
        guard(PUBLIC).check("http://office.kz/")

    guard("10.1.2.3", allowed=["10.1.0.0/16"]).check("http://office.kz/")


def test_a_named_network_is_named_exactly() -> None:
    """Its neighbour is as forbidden as before."""
    with pytest.raises(AddressNotAllowedError):
        guard("10.2.0.1", allowed=["10.1.0.0/16", "fd00::/64"]).check("https://office.kz/")


def test_a_name_without_address_is_refused() -> None:
    """Nothing to look at is nothing to send to."""
    with pytest.raises(HostUnknownError):
        guard().check("https://office.kz/")
    with pytest.raises(HostUnknownError):
        Guard().check("https://office.invalid/")
