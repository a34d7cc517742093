"""The words of the pages: English in the source, Kazakh and Russian in catalogues beside it.

`words/<language>/<area>.po` holds the translations of one area of the pages, so that people who
write different pages do not write the same file. `make words` adds what is new to them; they are
compiled when the gateway starts.
"""

import gettext
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.messages import mofile, pofile
from babel.support import Translations

SOURCE = "en"
"""The language of the words in templates and code."""
ROOT = resources.files("gateway.pages")


def N_(message: str) -> str:  # noqa: N802  gettext's own name for it
    """Mark words for the catalogues that are translated later, where they are shown."""
    return message


def translations(language: str) -> gettext.NullTranslations:
    """Return what turns the words of the source into a language."""
    if language == SOURCE:
        return gettext.NullTranslations()
    whole = Translations()
    for file in sorted((ROOT / "words" / language).iterdir(), key=lambda one: one.name):
        whole = _compiled(file, language).merge(whole)
    return whole


def _compiled(file: Traversable, language: str) -> Translations:
    compiled = BytesIO()
    catalogue = pofile.read_po(BytesIO(file.read_bytes()), locale=language)
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
