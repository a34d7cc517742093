"""Cells of large tables: what they tell, the first time and again."""

import re

import pytest

from gateway.pages.analyst.cells import NOTHING, Cells
from gateway.pages.assets import Assets
from gateway.pages.render import Renderer
from qyzmet.audit.v1 import audit_pb2 as pb

RENDERER = Renderer(Assets.bundled(), "Asia/Almaty")
SHARE = pb.Share(count=7, of=8, value=0.875, low=0.529, high=0.978, is_small=True)
HOURS = pb.Hours(case_count=40, mean=12.5, mean_low=11, mean_high=14, median=9, ninth_decile=30)


def read(cell: str) -> str:
    """Return a cell as it is read."""
    return re.sub("<[^>]+>", " ", cell)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("kk", ("88%", "53% – 97,8%", "8 ішінен 7", "жағдай аз")),
        ("ru", ("88%", "53% – 97,8%", "7 из 8", "мало случаев")),
        ("en", ("88%", "53% – 97.8%", "7 of 8", "few cases")),
    ],
)
def test_a_share_is_told_with_what_it_is_of(language: str, told: tuple[str, ...]) -> None:
    """In its own language, also once it is kept."""
    cells = Cells(RENDERER, language)
    for cell in (cells.share(SHARE), cells.share(SHARE)):
        assert [one for one in told if one not in read(cell)] == []


def test_shares_that_differ_in_anything_are_not_taken_for_each_other() -> None:
    """Such as in whether they are of few cases."""
    cells, many = Cells(RENDERER, "en"), pb.Share()
    many.CopyFrom(SHARE)
    many.is_small = False

    assert "few cases" in cells.share(SHARE)
    assert "few cases" not in cells.share(many)


def test_hours_are_told_with_what_half_and_nine_of_ten_took() -> None:
    """Where that is known."""
    cells, alone = Cells(RENDERER, "en"), pb.Hours(case_count=40, mean=12.5)

    assert "half within 9 h, nine of ten within 30 h" in cells.hours(HOURS)
    assert "half within" not in cells.hours(alone)


def test_of_nothing_there_is_a_dash() -> None:
    """And no share of it."""
    cells = Cells(RENDERER, "kk")
    assert {cells.share(pb.Share()), cells.hours(pb.Hours())} == {NOTHING}
