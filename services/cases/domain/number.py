"""The number on a receipt: short enough to say on the telephone, with a check digit.

`QZ-26-0000042-5`: the year, the running number, and Damm's check digit over
both, which finds every single wrong digit and every swap of two neighbours
(H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004).
"""

import re

PATTERN = re.compile(r"^QZ-([0-9]{2})-([0-9]{7,12})-([0-9])\Z")

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def receipt_number(year: int, serial: int) -> str:
    """Return the number of the serial-th case of a year."""
    short = f"{year % 100:02d}"
    running = f"{serial:07d}"
    return f"QZ-{short}-{running}-{_check_digit(short + running)}"


def is_receipt_number(text: str) -> bool:
    """Tell whether a text is a receipt number without a slip of the pen."""
    found = PATTERN.match(text)
    return found is not None and _check_digit("".join(found.groups())) == 0


def _check_digit(digits: str) -> int:
    """Return Damm's digit; over digits that end in their own check digit it is 0."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
