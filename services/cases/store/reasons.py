"""The words of reason codes, as a file that people can read and translate."""

import tomllib
from collections.abc import Mapping
from importlib import resources

from services.cases.domain import LocalizedText


def bundled_reasons() -> Mapping[str, LocalizedText]:
    """Read the words that ship with the product, by code."""
    text = resources.files("services.cases").joinpath("data/reasons.toml").read_text("utf-8")
    return {code: LocalizedText(**words) for code, words in tomllib.loads(text).items()}
