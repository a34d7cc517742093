"""The page of settings, made from the settings themselves: `python -m tests.settings_page`."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.chassis.config import GROUPS, PREFIX, Settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable, read once at the start. A wrong or unknown one stops the
start and names itself. `qyzmet up`, `qyzmet serve` and the commands beside a running system read
the same ones, so that `QYZMET_HTTP_PORT=9000 make up` goes with `QYZMET_HTTP_PORT=9000 make demo`.

This page is made from `services/chassis/config.py` by `python -m tests.settings_page`.

| setting | default | what it is |
|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    return HEAD + "".join(_rows())


def _rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            for part, inner in GROUPS[name].model_fields.items():
                yield _row(f"{name}__{part}", _default(inner), inner.description or _door(part))
        else:
            yield _row(name, _default(field), field.description or "")


def _door(name: str) -> str:
    return f"where {name} listens for gRPC, as host:port; port 0 takes a free one"


def _row(name: str, default: str, told: str) -> str:
    return f"| `{PREFIX}{name.upper()}` | {default} | {told} |\n"


def _default(field: FieldInfo) -> str:
    default = field.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, tuple | dict):
        default = json.dumps(default) if default else ""
    return "" if default in {None, ""} else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
