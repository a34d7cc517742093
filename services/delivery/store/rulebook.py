"""The rules of clocks as a file that people can read, and whose every slip is named."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from services.chassis.errors import InvalidError
from services.delivery.domain.clocks import Rulebook, Rules

FORMAT = 1
KEYS = ("acknowledge-minutes", "reminders", "escalation-days")
MOST_MINUTES = 7 * 24 * 60
MOST_DAYS = 1000


class RulebookError(InvalidError):
    """The rules of clocks are not valid."""

    reason = "CLOCKS"


def read_rulebook(path: Path | None) -> Rulebook:
    """Read the rules from a file, or from the one that ships with the product."""
    try:
        if path is None:
            bundled = resources.files("services.delivery").joinpath("data/clocks.toml")
            return parse(tomllib.loads(bundled.read_text("utf-8")))
        return parse(tomllib.loads(path.read_text("utf-8")))
    except RulebookError as error:
        raise RulebookError(f"{path}: {error.message}", field=error.field) from error
    except (OSError, ValueError) as error:
        raise RulebookError(f"{path}: {error}") from error


def parse(table: Mapping[str, Any]) -> Rulebook:
    """Return the rules that a parsed document states."""
    _check(table.get("format") == FORMAT, "format", f"must be {FORMAT}")
    services = table.get("services", {})
    _check(isinstance(services, dict), "services", "must be tables by the ids of services")
    own = {key: value for key, value in table.items() if key not in ("format", "services")}
    general = _rules(own, "", Rules())
    return Rulebook(
        general=general,
        services={
            id_: _rules(rules, f"services.{id_}.", general) for id_, rules in services.items()
        },
    )


def _rules(table: Any, place: str, above: Rules) -> Rules:
    """Read rules; what is not named holds as above."""
    _check(isinstance(table, dict), place, "must be a table")
    for key in table:
        _check(key in KEYS, place + key, "is not a rule of clocks")
    minutes = table.get("acknowledge-minutes", above.acknowledge_minutes)
    reminders = table.get("reminders", list(above.reminders))
    days = table.get("escalation-days", list(above.escalation_days))
    _check(_is_whole(minutes, 1, MOST_MINUTES), place + KEYS[0], f"must be 1 to {MOST_MINUTES}")
    _check(_are_shares(reminders), place + KEYS[1], "must be a list of numbers between 0 and 1")
    _check(_are_days(days), place + KEYS[2], "must be a growing list of whole numbers of days")
    return Rules(
        acknowledge_minutes=minutes,
        reminders=tuple(sorted(float(share) for share in reminders)),
        escalation_days=tuple(days),
    )


def _is_whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _are_shares(values: Any) -> bool:
    return isinstance(values, list) and all(
        type(value) in (int, float) and 0 < value < 1 for value in values
    )


def _are_days(values: Any) -> bool:
    if not isinstance(values, list) or not values:
        return False
    return all(_is_whole(one, 0, MOST_DAYS) for one in values) and values == sorted(set(values))


def _check(holds: bool, key: str, rule: str) -> None:
    if not holds:
        raise RulebookError(f"{key} {rule}", field=key)
