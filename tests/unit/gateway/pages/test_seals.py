"""What a browser keeps for us."""

import pytest

from gateway.pages.seals import Seals, new_key

SEALS = Seals(new_key())
VALUE = {"who": "Айгүл"}


def test_what_was_sealed_comes_back() -> None:
    """Within its time, as the kind it was."""
    opened = SEALS.open("kind", SEALS.seal("kind", VALUE, seconds=60))

    assert opened is not None
    assert opened["who"] == "Айгүл"


def test_what_was_sealed_cannot_be_read() -> None:
    """A cookie looks like nothing."""
    sealed = SEALS.seal("kind", VALUE, seconds=60)

    assert "who" not in sealed
    assert SEALS.seal("kind", VALUE, seconds=60) != sealed


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "nonsense",
        "Ә",
        SEALS.seal("another", VALUE, seconds=60),
        SEALS.seal("kind", VALUE, seconds=0),
        Seals(new_key()).seal("kind", VALUE, seconds=60),
    ],
    ids=["empty", "short", "letters", "kind", "late", "key"],
)
def test_what_is_not_ours_is_nothing(sealed: str) -> None:
    """Another kind, another key, too late, or no seal at all."""
    assert SEALS.open("kind", sealed) is None


def test_a_changed_seal_is_nothing() -> None:
    """One letter is enough."""
    sealed = SEALS.seal("kind", VALUE, seconds=60)
    changed = sealed[:-8] + ("A" if sealed[-8] != "A" else "B") + sealed[-7:]

    assert SEALS.open("kind", changed) is None


def test_a_mark_is_of_one_browser() -> None:
    """A form that was made for one is refused from another."""
    mark = SEALS.mark("browser session")

    assert SEALS.is_mark(mark, "browser session")
    assert not SEALS.is_mark(mark, "another session")


def test_a_mark_looks_different_each_time() -> None:
    """Compressing many pages tells nothing of it."""
    assert SEALS.mark("browser") != SEALS.mark("browser")


@pytest.mark.parametrize("shown", ["", "short", "Ә" * 90, "A" * 86])
def test_no_mark_is_no_mark(shown: str) -> None:
    """Whatever is shown in its place."""
    assert not SEALS.is_mark(shown, "browser")
