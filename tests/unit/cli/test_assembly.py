"""Services put together in one process."""

import gc
from pathlib import Path

import pytest

from deploy.cli import assembly
from services.chassis.testing import settings_in


def test_the_collector_leaves_out_what_a_start_brought(tmp_path: Path) -> None:
    """As long as the services run; a round over all of it made answers wait."""
    with assembly.running(settings_in(tmp_path), ["catalog"]):
        assert len(gc.get_objects()) < gc.get_freeze_count()

    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("name", ["gateway", "cases"])
def test_whoever_takes_words_knows_the_rules_of_emergencies(tmp_path: Path, name: str) -> None:
    """Also where it runs by itself: whom to call is told whatever else is down."""
    with assembly.running(settings_in(tmp_path), [name]) as started:
        told = started.platform.recognise("Дом горит")

    assert told is not None
    assert told.number == "101"
