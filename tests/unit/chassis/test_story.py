"""The order of a case's events: each version once, none missing."""

from dataclasses import dataclass

import pytest

from services.cases.domain import Happening
from services.chassis import codec
from services.chassis.story import KNOWN_TYPES, GapError, fresh


@dataclass(frozen=True)
class Told:
    """As little as an event can tell."""

    case_id: str
    case_version: int


def story(case_id: str, *versions: int) -> list[Told]:
    return [Told(case_id, version) for version in versions]


def test_versions_seen_are_dropped() -> None:
    """Of a repeated batch only the new rest is kept, each version once."""
    kept = fresh(story("c1", 1, 2, 3, 3), {"c1": 2})

    assert kept == story("c1", 3)


def test_cases_count_for_themselves() -> None:
    """What was seen of one case tells nothing of another."""
    batch = [*story("c1", 3), *story("c2", 1)]

    assert fresh(batch, {"c1": 2}) == batch


@pytest.mark.parametrize(
    ("versions", "seen"), [((1, 3), {}), ((3,), {"c1": 1}), ((2,), {}), ((3, 2), {"c1": 1})]
)
def test_a_missing_version_is_an_error(versions: tuple[int, ...], seen: dict[str, int]) -> None:
    """Version 3 after version 1 means that the story would have a hole."""
    with pytest.raises(GapError):
        fresh(story("c1", *versions), seen)


@pytest.mark.parametrize("happening", Happening)
def test_all_that_happens_to_a_case_is_known(happening: Happening) -> None:
    """No event that cases can tell is passed over."""
    assert f"{codec.TYPE_PREFIX}case.{happening}{codec.TYPE_SUFFIX}" in KNOWN_TYPES
