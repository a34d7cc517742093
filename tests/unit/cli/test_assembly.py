"""Services put together in one process."""

import gc
from pathlib import Path

from deploy.cli import assembly
from services.chassis.testing import settings_in


def test_the_collector_leaves_out_what_a_start_brought(tmp_path: Path) -> None:
    """As long as the services run; a round over all of it made answers wait."""
    with assembly.running(settings_in(tmp_path), ["catalog"]):
        assert len(gc.get_objects()) < gc.get_freeze_count()

    assert gc.get_freeze_count() == 0
