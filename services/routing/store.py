"""The policy as a file that people can read, and whose every slip is named."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from services.chassis.wholefile import whole
from services.routing.domain import (
    HOP_CAP,
    MOST_OFFERS,
    MOST_SAMPLE,
    MOST_TERM_DAYS,
    TERM_DAYS,
    Language,
    OffSwitch,
    Policy,
    PolicyError,
    Thresholds,
)

FORMAT = 1
VERSION = re.compile(r"[0-9a-f]{64}")
MAX_BYTES = 1024 * 1024
RULES = {
    "format",
    "hop-cap",
    "offers",
    "least-chance",
    "sample-share",
    "term-days",
    "thresholds",
    "needs-human",
    "off",
}
"""What a policy may state at its top."""

Table = Mapping[str, Any]


def bundled_policy() -> Path:
    """Return the policy that ships with the product."""
    return Path(str(resources.files("services.routing") / "data" / "policy.toml"))


def read_policy(path: Path) -> Policy:
    """Read a policy; a PolicyError names the file, and the line or key at fault."""
    with _named(path):
        return parse(tomllib.loads(_text(path)))


def keep_policy(path: Path, folder: Path) -> Policy:
    """Read a policy, and keep its content for ever under its version, beside those before it."""
    with _named(path):
        table = tomllib.loads(_text(path))
        policy = parse(table)
    kept = folder / f"{policy.version}.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with whole(kept) as fresh:  # of two that start at once both write the same
            fresh.write_bytes(canonical(table))
    return policy


def kept_policy(folder: Path, version: str) -> Policy | None:
    """Return a policy that was kept; a PolicyError where its content was altered."""
    path = folder / f"{version}.json"
    if not VERSION.fullmatch(version) or not path.exists():
        return None
    with _named(path):
        policy = parse(json.loads(_text(path)))
        if policy.version != version:
            raise PolicyError("was altered")
    return policy


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except PolicyError as error:
        raise PolicyError(f"{path}: {error.message}", field=error.field) from error
    except (OSError, ValueError, RecursionError) as error:
        raise PolicyError(f"{path}: {_sentence(error)}") from error


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise PolicyError(f"is larger than {MAX_BYTES} bytes")
    return content.decode()


def parse(table: Table) -> Policy:
    """Return the policy that a parsed document states."""
    _refuse_unknown(table, RULES)
    if table.get("format") != FORMAT:
        raise _slip("format", f"must be {FORMAT}")
    needs_human, off = _table(table, "needs-human"), _table(table, "off")
    _refuse_unknown(needs_human, {"services"}, "needs-human.")
    _refuse_unknown(off, {"everything", "languages", "services"}, "off.")
    return Policy(
        hop_cap=_whole(table, "hop-cap", 0, HOP_CAP),
        offers=_whole(table, "offers", 1, MOST_OFFERS),
        least_chance=_probability(table, "least-chance"),
        sample_share=_probability(table, "sample-share", most=MOST_SAMPLE),
        term_days=_whole(table, "term-days", 1, MOST_TERM_DAYS, TERM_DAYS),
        thresholds=_thresholds(_table(table, "thresholds")),
        needs_human=_names(needs_human, "services", "needs-human."),
        off=OffSwitch(
            everything=_truth(off, "everything", "off."),
            languages=frozenset(
                _language(name, "off.languages") for name in _names(off, "languages", "off.")
            ),
            services=_names(off, "services", "off."),
        ),
        version=version_of(table),  # last: only what was checked is sure to have a canonical form
    )


def version_of(table: Table) -> str:
    """Return the SHA-256 of the content, whatever its order, spacing and comments."""
    return hashlib.sha256(canonical(table)).hexdigest()


def canonical(table: Table) -> bytes:
    """Return the content as JSON that is the same, byte for byte, for equal policies."""
    text = json.dumps(table, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def _thresholds(table: Table) -> Mapping[Language, Thresholds]:
    return {_language(name, "thresholds"): _threshold(table, name) for name in table}


def _threshold(table: Table, name: str) -> Thresholds:
    place = f"thresholds.{name}."
    own = _table(table, name, "thresholds.")
    _refuse_unknown(own, {"route", "confirm"}, place)
    found = Thresholds(_probability(own, "route", place), _probability(own, "confirm", place))
    if "route" in own and found.route < found.confirm:
        raise _slip(f"{place}route", "must not be lower than confirm")
    return found


def _refuse_unknown(table: Table, known: set[str], place: str = "") -> None:
    for key in table:
        if key not in known:
            raise _slip(f"{place}{key}", "is not a key of the policy")


def _table(table: Table, key: str, place: str = "") -> Table:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise _slip(f"{place}{key}", "must be a table")
    return value


def _whole(table: Table, key: str, low: int, high: int, default: int | None = None) -> int:
    value = table.get(key, high if default is None else default)
    if type(value) is not int or not low <= value <= high:
        raise _slip(key, f"must be a whole number from {low} to {high}")
    return value


def _probability(table: Table, key: str, place: str = "", *, most: float = 1) -> float:
    value = table.get(key, 0.0)
    if type(value) not in (int, float) or not 0 <= value <= most:
        raise _slip(f"{place}{key}", f"must be a number from 0 to {most}")
    return float(value)


def _truth(table: Table, key: str, place: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise _slip(f"{place}{key}", "must be true or false")
    return value


def _names(table: Table, key: str, place: str) -> frozenset[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _slip(f"{place}{key}", "must be a list of texts")
    return frozenset(value)


def _language(name: str, key: str) -> Language:
    if name not in list(Language):
        raise _slip(key, f"{name} is not one of {', '.join(Language)}")
    return Language(name)


def _slip(key: str, rule: str) -> PolicyError:
    return PolicyError(f"{key} {rule}", field=key)


def _sentence(error: Exception) -> str:
    """Tell what is wrong in words: TOML's own name line and column."""
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8"
    return (error.strerror or "cannot be read") if isinstance(error, OSError) else str(error)
