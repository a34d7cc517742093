"""Where a citizen wants answers: one e-mail address or one phone number, and nothing else.

What names several would tell strangers, and what names nobody is tried for hours in vain.
"""

import re

from email_validator import EmailNotValidError, validate_email

from services.chassis.errors import InvalidError

PHONE = re.compile(r"\+?[0-9]{10,15}")
"""As many digits as a number with its country's or its trunk's code has (E.164)."""
BETWEEN = str.maketrans("", "", " -()\u00a0")
"""What people write between the digits."""


class ContactError(InvalidError):
    """A contact is one e-mail address, or one phone number with its code."""

    reason = "CONTACT"


def check_contact(contact: str) -> str:
    """Return a contact without the blanks around it, or refuse it; empty is none."""
    stripped = contact.strip()
    if stripped and not (email_of(stripped) or is_phone(stripped)):
        raise ContactError(field="contact")
    return stripped


def email_of(contact: str) -> str:
    """Return the e-mail address as mail servers take it; empty where it is no single one."""
    try:
        found = validate_email(contact, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        return ""
    return found.ascii_email or ""


def is_phone(contact: str) -> bool:
    """Tell whether this is the number of a phone."""
    return PHONE.fullmatch(contact.translate(BETWEEN)) is not None
