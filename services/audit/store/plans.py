"""The plan of programmes, read from a file."""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from services.audit.domain.programmes import Audience, Plan
from services.chassis.errors import InvalidError

FORMAT = 1


class PlanError(InvalidError):
    """The file of programmes is not valid."""

    reason = "PROGRAMMES"


def read_plan(path: Path | None) -> Plan:
    """Read the plan from a file, or the one that ships with the product."""
    try:
        if path is None:
            bundled = resources.files("services.audit").joinpath("data/programmes.toml")
            return _plan(tomllib.loads(bundled.read_text("utf-8")))
        return _plan(tomllib.loads(path.read_text("utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise PlanError(f"QYZMET_AUDIT__PROGRAMMES: {path}: {error}") from error


def _plan(table: Mapping[str, Any]) -> Plan:
    if table["format"] != FORMAT:
        raise ValueError(f"format must be {FORMAT}")
    begin, end = table["begin"], table["end"]
    if type(begin) is not date or type(end) is not date or begin >= end:
        raise ValueError("begin and end are dates, one before the other")
    audiences = [
        Audience(str(one["name"]), int(one["target"]), tuple(map(str, one["services"])))
        for one in table["audience"]
    ]
    if not audiences or any(one.target < 1 for one in audiences):
        raise ValueError("every audience has a target")
    return Plan(str(table["name"]), str(table["source"]), begin, end, audiences)
