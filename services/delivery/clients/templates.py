"""The words of messages to citizens, made from the templates that come with the product."""

import tomllib
from collections.abc import Iterator
from importlib import resources

import jinja2

from services.delivery.domain.notices import LANGUAGES, Notice, Text


class Templates:
    """The templates of every language, read once."""

    def __init__(self, link: str = "") -> None:
        self._link = link
        plain = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701  plain text, not HTML
        self._texts = {
            (language, template, part): plain.from_string(words)
            for language in LANGUAGES
            for template, part, words in _read(language)
        }

    def __call__(self, notice: Notice) -> Text:
        """Make the words of a message, in each of its languages one after the other."""
        link = self._link.replace("{case_id}", notice.case_id)
        told = {"number": notice.number, "office": notice.office, "link": link}

        def made(part: str, between: str) -> str:
            keys = [(language, notice.template, part) for language in notice.languages]
            return between.join(self._texts[key].render(told) for key in keys)

        body = made("body", "\n\n")
        return Text(made("subject", " / "), f"{body}\n\n{link}\n" if link else f"{body}\n")


def _read(language: str) -> Iterator[tuple[str, str, str]]:
    path = resources.files("services.delivery") / "data" / "notices" / f"{language}.toml"
    for template, parts in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for part, words in parts.items():
            yield template, part, words
