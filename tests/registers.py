"""Registers of services that differ from one that a model was trained for."""

import shutil
from pathlib import Path

OLD, NEW = "service.identity-passport", "service.new-passport"


def renamed(catalogue: Path, copy: Path) -> Path:
    """Copy a catalogue's folder, with one service under another id; return the copy."""
    shutil.copytree(catalogue, copy)
    services = copy / "services" / "service.yaml"
    services.write_text(services.read_text("utf-8").replace(OLD, NEW), "utf-8")
    return copy
