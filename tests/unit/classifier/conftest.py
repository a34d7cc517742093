"""A trained model, made once, and folders it was saved to."""

from pathlib import Path

import pytest

from classifier import artifact
from classifier.train import train
from classifier.trained import Trained
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, silent


@pytest.fixture(scope="session")
def trained() -> Trained:
    return train(ENTRIES, EXAMPLES, seed=7, progress=silent)


@pytest.fixture
def folder(trained: Trained, tmp_path: Path) -> Path:
    """Save the model, and return its folder."""
    return tmp_path / artifact.save(trained, tmp_path)
