"""What tests of commands that train have in common."""

import json
from pathlib import Path

import pytest

from deploy.cli import model
from tests.unit.classifier.corpus import EXAMPLES


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> model.Source:
    """Return somebody's own examples, in a folder of their own."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "cases.jsonl"
    rows = [json.dumps({"text": one.text, "label": one.label}) for one in EXAMPLES]
    path.write_text("\n".join(rows))
    return model.Source(path, label="label")
