"""What a file promises that is there whole or not at all."""

from pathlib import Path

import pytest

from services.chassis.wholefile import whole


def test_what_was_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    """A reader sees the old content, then the new, and nothing between."""
    path = tmp_path / "table.csv"
    path.write_text("old")

    with whole(path) as fresh:
        fresh.write_text("half of the n")
        assert path.read_text() == "old"
        fresh.write_text("new")

    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    """Half a file is never found, under any name."""
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail(fresh: Path) -> None:
        fresh.write_text("half of the n")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), whole(path) as fresh:
        fail(fresh)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_who_write_at_once_do_not_mix(tmp_path: Path) -> None:
    """Each writes a file of its own; who ends last is read."""
    path = tmp_path / "table.csv"

    with whole(path) as first, whole(path) as second:
        first.write_text("first")
        second.write_text("second")

    assert path.read_text() == "first"


def test_a_file_for_its_owner_is_so_from_the_beginning(tmp_path: Path) -> None:
    """Nobody else can open it while it is written, either."""
    path = tmp_path / "words.jsonl"

    with whole(path, 0o600) as fresh:
        assert fresh.stat().st_mode & 0o777 == 0o600

    assert path.stat().st_mode & 0o777 == 0o600
