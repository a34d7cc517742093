"""The words of messages to citizens, made from the templates that come with the product."""

import tomllib
from collections.abc import Callable, Iterator
from importlib import resources

import jinja2

from services.delivery.domain.notices import LANGUAGES, Notice, Text

OfficeName = Callable[[str, str], str]
"""Says what an office is called, by its code, in a language."""


class Templates:
    """The templates of every language, read once."""

    def __init__(self, link: str = "", office_name: OfficeName = lambda code, _: code) -> None:
        self._link = link
        self._office_name = office_name
        plain = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701  plain text, not HTML
        self._texts = {
            (language, template, part): plain.from_string(words)
            for language in LANGUAGES
            for template, part, words in _read(language)
        }

    def __call__(self, notice: Notice) -> Text:
        """Make the words of a message, in each of its languages one after the other."""
        link = self._link.replace("{case_id}", notice.case_id)
        link = link.replace("{language}", notice.languages[0])

        def said(language: str, part: str) -> str:
            office = notice.office and self._office_name(notice.office, language)
            words = self._texts[language, notice.template, part]
            return words.render(number=notice.number, office=office)

        def made(part: str, between: str) -> str:
            return between.join(said(language, part) for language in notice.languages)

        body = made("body", "\n\n")
        return Text(made("subject", " / "), f"{body}\n\n{link}\n" if link else f"{body}\n")


def _read(language: str) -> Iterator[tuple[str, str, str]]:
    path = resources.files("services.delivery") / "data" / "notices" / f"{language}.toml"
    for template, parts in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for part, words in parts.items():
            yield template, part, words
