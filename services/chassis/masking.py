"""Personal data in a text, replaced by marks: what leaves `cases` names nobody.

Individual and business identification numbers (ИИН, БИН), bank cards and account numbers (IBAN)
by their check digits; phone numbers, e-mail addresses, numbers of documents and of vehicles by
their form. Bounded: passes of patterns without nested repetition, so time grows with the length
of the text only.
"""

import re
from collections.abc import Callable

IIN_MARK = "[IIN]"
PHONE_MARK = "[PHONE]"
EMAIL_MARK = "[EMAIL]"
IBAN_MARK = "[IBAN]"
CARD_MARK = "[CARD]"
DOCUMENT_MARK = "[DOCUMENT]"
PLATE_MARK = "[PLATE]"

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
# KZ, two check digits, three digits of the bank, thirteen letters or digits of the account.
_IBAN = re.compile(r"(?<!\w)[KkКк][ZzЗз]\d\d(?: ?[A-Za-z0-9]){16}(?!\w)")
_CARD = re.compile(r"(?<!\d)(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}|\d{13,19})(?!\d)")
# Passports are N and eight digits; identity cards nine digits, of which the first is 0.
_DOCUMENT = re.compile(r"(?<!\w)[NnН](?: ?[№#] ?|[ -])?\d{8}(?!\w)|(?<![\w+])0\d{8}(?!\w)")
# 123 ABC 02 with a region from 01 to 20, and the older A 123 BCD; letters as on the plates.
_REGION = r"(?:0[1-9]|1\d|20)"
_PLATE_LETTER = "A-ZАВЕКМНОРСТУХ"
_PLATE = re.compile(
    rf"(?<!\w)(?:\d{{3}} ?[{_PLATE_LETTER}]{{2,3}} ?{_REGION}|[{_PLATE_LETTER}] ?\d{{3}} ?"
    rf"[{_PLATE_LETTER}]{{2,3}}|\d{{3}}[a-zавекмнорстух]{{2,3}}{_REGION})(?!\w)"
)
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def mask(text: str) -> str:
    """Return the text with personal data replaced by marks."""
    if "@" in text:
        text = _EMAIL.sub(EMAIL_MARK, text)
    if not any(map(str.isdigit, text)):
        return text
    for pattern, mark in _WITH_DIGITS:
        text = pattern.sub(mark, text)
    return text


def mask_with_places(text: str) -> tuple[str, list[int]]:
    """Return the masked text, and for each of its characters and its end a place in the text.

    So that what is told of places in the masked text can be shown in the text itself.
    """
    places = list(range(len(text) + 1))
    for pattern, mark in ((_EMAIL, EMAIL_MARK), *_WITH_DIGITS):
        text, places = _masked(pattern, mark, text, places)
    return text, places


def _masked(
    pattern: re.Pattern[str], mark: "_Mark", text: str, places: list[int]
) -> tuple[str, list[int]]:
    pieces: list[str] = []
    kept: list[int] = []
    end = 0
    for found in pattern.finditer(text):
        new = mark if isinstance(mark, str) else mark(found)
        start, stop = found.span()
        pieces += (text[end:start], new)
        kept += places[end:start]
        kept += places[start:stop] if new == found.group() else [places[start]] * len(new)
        end = stop
    return "".join((*pieces, text[end:])), kept + places[end:]


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


def is_iban(number: str) -> bool:
    """Tell whether a number without spaces carries the check digits of an IBAN (ISO 13616).

    Moved behind, with letters as the numbers from 10 on, it is 1 modulo 97.
    """
    if not number.isascii() or not number.isalnum():
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def is_card(digits: str) -> bool:
    """Tell whether digits carry the check digit of a bank card (ISO/IEC 7812, Luhn)."""
    if not digits.isascii() or not digits.isdigit():
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _weighted(values: list[int], weights: tuple[int, ...]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=False)) % 11


def _mask_iin(found: re.Match[str]) -> str:
    digits = found.group().replace(" ", "").replace("-", "")
    return IIN_MARK if is_iin(digits) else found.group()


def _mask_iban(found: re.Match[str]) -> str:
    number = "KZ" + found.group()[2:].replace(" ", "")
    return IBAN_MARK if is_iban(number) else found.group()


def _mask_card(found: re.Match[str]) -> str:
    digits = found.group().replace(" ", "").replace("-", "")
    return CARD_MARK if is_card(digits) else found.group()


_Mark = str | Callable[[re.Match[str]], str]

_WITH_DIGITS: tuple[tuple[re.Pattern[str], _Mark], ...] = (
    (_IBAN, _mask_iban),
    (_CARD, _mask_card),
    (_TWELVE_DIGITS, _mask_iin),
    (_PHONE, PHONE_MARK),
    (_DOCUMENT, DOCUMENT_MARK),
    (_PLATE, PLATE_MARK),
)
"""In the order in which they are looked for, after e-mail addresses."""
