"""Specifies what the command says of who calls."""

from pathlib import Path

import pytest

from deploy.cli import running
from services.chassis.auth import Issuer
from services.chassis.errors import InvalidError


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_pseudonym_is_that_of_the_installation(data: Path) -> None:
    """The one its services write into their logs."""
    issuer = Issuer.at(data / "secrets")

    assert running.pseudonym("officer-7") == issuer.pseudonym("officer-7")


def test_a_folder_without_an_installation_has_no_pseudonyms(data: Path) -> None:
    """A key made for the question would give a name that stands in no log."""
    with pytest.raises(InvalidError, match="QYZMET_DATA_DIR"):
        running.pseudonym("officer-7")

    assert not (data / "secrets").exists()
