"""Labelled texts as people bring them: in columns of their own, by ids or by titles of services.

Whoever learns from a file, measures by it or asks the gate by it reads it here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from classifier.domain import OUT_OF_SCOPE, Example
from classifier.examples import MAX_EXAMPLES, read_examples

Names = Mapping[str, str]
"""What a label may say of a service, and the service's id of today."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold the words and what they are about."""

    text: str = "text"
    label: str = "service_id"


USUAL = Columns()


def names_of(titles: Mapping[str, Iterable[str]], successors: Mapping[str, str]) -> Names:
    """Return what a label may say: an id, one that stopped and leads on, or a title.

    `titles` are those of each service, in all languages. A title never hides an id.
    """
    named = {_plain(title): id_ for id_, told in titles.items() for title in told}
    ids = {id_: id_ for id_ in (*titles, OUT_OF_SCOPE)}
    return {**named, **successors, **ids}


def read(
    path: Path, names: Names, columns: Columns = USUAL, *, limit: int = MAX_EXAMPLES
) -> list[Example]:
    """Read up to `limit` texts under the ids of today; a label that says nothing known is kept."""
    told = read_examples(path, text_column=columns.text, label_column=columns.label, limit=limit)
    return [replace(one, label=names.get(_plain(one.label), one.label)) for one in told]


def _plain(words: str) -> str:
    return " ".join(words.split())
