"""The page of settings, made from the settings themselves: `python -m tests.settings_page`."""

from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from services.chassis.config import PREFIX, Addresses, Settings

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
        if name == "addresses":
            yield from _addresses()
        else:
            yield _row(name, _default(field), field.description or "")


def _addresses() -> Iterator[str]:
    for name, field in Addresses.model_fields.items():
        told = f"where {name} listens for gRPC, as host:port; port 0 takes a free one"
        yield _row(f"addresses__{name}", _default(field), told)


def _row(name: str, default: str, told: str) -> str:
    return f"| `{PREFIX}{name.upper()}` | {default} | {told} |\n"


def _default(field: FieldInfo) -> str:
    return "" if field.default is None else f"`{field.default}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
