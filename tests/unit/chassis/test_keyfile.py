"""What a file with a key promises."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from services.chassis.keyfile import load_or_make

STARTERS = 8


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """The second start finds what the first one made."""
    first = load_or_make(tmp_path / "a.key", lambda: b"first")

    assert load_or_make(tmp_path / "a.key", lambda: b"second") == first == b"first"


def test_all_who_start_at_once_get_one_key(tmp_path: Path) -> None:
    """Nobody goes on with a key that another start has replaced."""
    gate, numbers = threading.Barrier(STARTERS), count()

    def make() -> bytes:
        gate.wait(10)  # everybody has seen that there is no key
        return str(next(numbers)).encode()

    with ThreadPoolExecutor(STARTERS) as pool:
        starts = [pool.submit(load_or_make, tmp_path / "a.key", make) for _ in range(STARTERS)]
        keys = {start.result() for start in starts}

    assert keys == {(tmp_path / "a.key").read_bytes()}


def test_nothing_else_stays_in_the_folder(tmp_path: Path) -> None:
    """Copies of a key are not left about."""
    load_or_make(tmp_path / "deep" / "a.key", lambda: b"key")

    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.key"]


def test_a_key_that_cannot_be_made_leaves_no_empty_file(tmp_path: Path) -> None:
    """The next start tries again."""

    def fail() -> bytes:
        raise OSError("no randomness")

    with pytest.raises(OSError, match="no randomness"):
        load_or_make(tmp_path / "a.key", fail)

    assert load_or_make(tmp_path / "a.key", lambda: b"key") == b"key"
