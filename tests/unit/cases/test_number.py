"""What the number on a receipt finds out about slips."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import is_receipt_number, receipt_number

YEARS = st.integers(2000, 2099)
SERIALS = st.integers(1, 10**12 - 1)
NUMBERS = [receipt_number(26, 42), receipt_number(99, 9_999_999), receipt_number(0, 10**11 + 7)]


def places(number: str) -> list[int]:
    return [place for place, sign in enumerate(number) if sign.isdigit()]


@given(YEARS, SERIALS)
def test_a_number_we_give_out_is_good(year: int, serial: int) -> None:
    """What a receipt says can be read back."""
    assert is_receipt_number(receipt_number(year, serial))


@given(st.tuples(YEARS, SERIALS), st.tuples(YEARS, SERIALS))
def test_two_cases_have_two_numbers(one: tuple[int, int], two: tuple[int, int]) -> None:
    """In one century, year and running number can be read off it."""
    assert (receipt_number(*one) == receipt_number(*two)) == (one == two)


def test_a_number_looks_as_the_contract_says() -> None:
    """The year, the running number of seven digits or more, and the check digit."""
    assert receipt_number(2026, 42) == "QZ-26-0000042-5"
    assert receipt_number(2026, 10**9).startswith("QZ-26-1000000000-")


def test_the_check_digit_is_damm_s() -> None:
    """The example of Damm's thesis: 572 has the digit 4; leading zeros change nothing."""
    assert receipt_number(2000, 572) == "QZ-00-0000572-4"


@pytest.mark.parametrize("number", NUMBERS)
def test_every_single_wrong_digit_is_found(number: str) -> None:
    """Any digit replaced by any other, at any place."""
    wrong = {
        number[:place] + digit + number[place + 1 :]
        for place in places(number)
        for digit in "0123456789"
    } - {number}

    assert len(wrong) == 9 * len(places(number))
    assert not [slip for slip in wrong if is_receipt_number(slip)]


@given(YEARS, SERIALS)
def test_every_swap_of_neighbours_is_found(year: int, serial: int) -> None:
    """Two different digits side by side, spoken in the wrong order; the hyphens do not count."""
    number = receipt_number(year, serial)
    for left, right in pairwise(places(number)):
        swapped = list(number)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        if "".join(swapped) != number:
            assert not is_receipt_number("".join(swapped))


@pytest.mark.parametrize("pair", [f"{a}{b}" for a in range(10) for b in range(10) if a != b])
def test_every_pair_of_neighbours_can_be_told_apart(pair: str) -> None:
    """All ninety swaps, behind every interim digit the table can be in."""
    for head in range(10):
        number = receipt_number(2026, int(f"1{head}{pair}00"))
        swapped = number.replace(pair + "00-", pair[::-1] + "00-")

        assert swapped != number
        assert not is_receipt_number(swapped)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "QZ-26-0000042",
        "qz-26-0000042-" + NUMBERS[0][-1],
        NUMBERS[0] + "\n",
        " " + NUMBERS[0],
        NUMBERS[0].replace("-", ""),
        NUMBERS[0].replace("0", "٠"),
        "QZ-26-000042-0",
        "QZ-26-" + "0" * 13 + "-0",
    ],
)
def test_what_is_written_otherwise_is_no_number(text: str) -> None:
    """One spelling, in plain digits, and nothing around it."""
    assert not is_receipt_number(text)
