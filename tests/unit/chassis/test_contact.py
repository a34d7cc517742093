"""A contact names one citizen: by an address or by a number, and no list of strangers."""

import pytest

from services.chassis.contact import ContactError, check_contact, email_of


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "aigul@example.kz",
        " aigul.b+state@mail.example.kz ",
        "aigul@почта.рф",
        "+77010000000",
        "8 (701) 000-00-00",
        "+7 701\u00a0000 00 00",
    ],
)
def test_one_address_or_one_number_is_a_contact(contact: str) -> None:
    """As people write them; and whoever leaves none is not told."""
    assert check_contact(contact) == contact.strip()


@pytest.mark.parametrize(
    "contact",
    [
        "aigul@",
        "@example.kz",
        "aigul",
        "aigul@example",
        "a@x.kz, b@y.kz",
        "a@x.kz; b@y.kz",
        "a@x.kz b@y.kz",
        "Aigul <aigul@example.kz>",
        "friends: a@x.kz, b@y.kz;",
        "aigul@[10.0.0.1]",
        "aigul@localhost",
        "aigul@example.kz\nBcc: b@y.kz",
        "айгуль@example.kz",
        "112",
        "+7701000000012345",
        "+77010000000, +77010000001",
    ],
)
def test_what_is_no_single_contact_is_refused(contact: str) -> None:
    """Mistyped, several, with a name around it, within a machine, or beyond our mail servers."""
    with pytest.raises(ContactError) as refused:
        check_contact(contact)

    assert (refused.value.reason, refused.value.field) == ("CONTACT", "contact")


def test_a_name_in_other_letters_is_written_as_mail_servers_take_it() -> None:
    """The name of the server, that is: its own form goes into the letter."""
    assert email_of("aigul@почта.рф") == "aigul@xn--80a1acny.xn--p1ai"
