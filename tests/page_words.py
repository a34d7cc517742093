"""The catalogues of the pages' words, as they should be: `python -m tests.page_words` adds to them.

Each area of the pages (`gateway/pages/<area>/` and `templates/<area>/`) has a file of its own in
each language; what stands elsewhere, or in `shared.po` already, is in `shared.po`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

PAGES = Path(__file__).parents[1] / "gateway" / "pages"
TRANSLATED = ("kk", "ru")
SHARED = "shared"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle": "true"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "words": None}

MessageId = str | tuple[str, ...]


def said() -> Mapping[str, list[MessageId]]:
    """Return what templates and code say, by area, in alphabetical order."""
    found: dict[str, set[MessageId]] = {SHARED: set()}
    for file, _, message, _, _ in extract_from_dir(
        PAGES, METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        found.setdefault(_area(file), set()).add(message)
    areas = {area: ids - found[SHARED] for area, ids in found.items() if area != SHARED}
    return {area: sorted(ids, key=str) for area, ids in {**areas, SHARED: found[SHARED]}.items()}


def _area(file: str) -> str:
    parts = file.split("/")
    folders = parts[1:-1] if parts[0] == "templates" else parts[:-1]
    return folders[0] if folders and folders[0] != "signin" else SHARED


def path(language: str, area: str) -> Path:
    """Return where an area's words in a language are."""
    return PAGES / "words" / language / f"{area}.po"


def read(language: str, area: str) -> Catalog:
    """Read a catalogue; an empty one where there is none yet."""
    file = path(language, area)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as opened:
        return pofile.read_po(opened, locale=language)


def catalogues() -> Iterator[tuple[str, str, Catalog]]:
    """Return every catalogue as it should be: with what is said, and nothing else."""
    for area, ids in said().items():
        for language in TRANSLATED:
            before, after = read(language, area), Catalog(locale=language, fuzzy=False)
            for message_id in ids:
                known = before.get(message_id[0] if isinstance(message_id, tuple) else message_id)
                after.add(message_id, known.string if known else "")
            yield language, area, after


def main() -> None:
    """Write every catalogue, and tell what is to be translated."""
    for language, area, catalogue in catalogues():
        file = path(language, area)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            pofile.write_po(opened, catalogue, omit_header=True, width=98, no_location=True)
        for message in catalogue:
            if message.id and not _is_translated(message.string):
                print(f"{file}: {message.id}")  # noqa: T201  a command


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    main()
