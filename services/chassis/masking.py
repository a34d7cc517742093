"""Personal data in a text, replaced by marks: what leaves `cases` names nobody.

First form: individual and business identification numbers (ИИН, БИН) by their
check digit, phone numbers, e-mail addresses. Bounded: one pass of patterns
without nested repetition, so time grows with the length of the text only.
"""

import re

IIN_MARK = "[IIN]"
PHONE_MARK = "[PHONE]"
EMAIL_MARK = "[EMAIL]"

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_TWELVE_DIGITS = re.compile(r"(?<!\d)\d{6}[ -]?\d{6}(?!\d)")
# Kazakhstan's numbers: +7 or 8, a code beginning with 7 (three digits for a network, four for
# a town), the rest of ten digits, as people space them.
_PHONE = re.compile(
    r"(?<![\d+])(?:\+7|8|7)[\s(.–-]{0,2}7\d\d[\s).–-]{0,2}"
    r"(?:\d{3}[\s.–-]?\d{2}[\s.–-]?\d{2}|\d{2}[\s.–-]?\d{2}[\s.–-]?\d{3})(?!\d)"
    r"|(?<![\d+])(?:\+7|8)[\s(.–-]{0,2}7\d{3}[\s).–-]{0,2}"
    r"(?:\d{2}[\s.–-]?\d{2}[\s.–-]?\d{2}|\d{3}[\s.–-]?\d{3})(?!\d)"
    r"|(?<![\d+])(?:\(7\d\d\)|7\d\d)[\s-]?\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"
    r"|(?<!\d)\+\d{1,3}[\s-]?\(?\d{2,4}\)?[\s-]?\d{3}[\s-]?\d{2,4}[\s-]?\d{2,4}(?!\d)"
)
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def mask(text: str) -> str:
    """Return the text with personal data replaced by marks."""
    if "@" in text:
        text = _EMAIL.sub(EMAIL_MARK, text)
    if not any(map(str.isdigit, text)):
        return text
    text = _TWELVE_DIGITS.sub(_mask_iin, text)
    return _PHONE.sub(PHONE_MARK, text)


def is_iin(digits: str) -> bool:
    """Tell whether twelve digits carry the check digit of an ИИН or БИН.

    The weighted sum of the first eleven digits modulo 11; where that is 10, the
    sum with the second weights; where that is 10 again, the number is not given
    out (Rules for forming identification numbers, Republic of Kazakhstan).
    """
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
        return False
    values = [int(digit) for digit in digits]
    check = _weighted(values, _FIRST_WEIGHTS)
    if check == 10:
        check = _weighted(values, _SECOND_WEIGHTS)
    return check == values[11]


def _weighted(values: list[int], weights: tuple[int, ...]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=False)) % 11


def _mask_iin(found: re.Match[str]) -> str:
    digits = found.group().replace(" ", "").replace("-", "")
    return IIN_MARK if is_iin(digits) else found.group()
