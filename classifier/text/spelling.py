"""How people really type, brought to one spelling: scripts, keyboards, letters left out.

Every step keeps the words of a text apart as they were, so that what is found in the result can
be shown in the citizen's own words.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from classifier.domain import Language
from classifier.text.language import (
    ENGLISH_WORDS,
    WORDS_REMEMBERED,
    Signs,
    signs,
    words_of,
)

_ENGLISH_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
# Where the keys of both are marks, they are other marks.
_TO_RUSSIAN_KEYS = str.maketrans(f"{_ENGLISH_KEYS}/?&", f"{_RUSSIAN_KEYS}.,?")
_TO_ENGLISH_KEYS = str.maketrans(_RUSSIAN_KEYS, _ENGLISH_KEYS)
_LATIN_VOWELS = frozenset("aeiouy")
_CYRILLIC_VOWELS = frozenset("аеиоуыэюя")
FEWEST_LETTERS = 4
FEW_VOWELS, FEWER_VOWELS = 0.35, 0.22
"""Of the letters; English has two vowels among five, Russian on English keys one among ten."""
TELLING_WORDS = 2
"""So many more words that tell Russian or Kazakh make up for vowels that are not so few."""
VOWELS_OF_RUSSIAN = (0.25, 0.6)
ODDS = {
    **{"a": -3.4, "b": 1.6, "c": 0.7, "d": 0.1, "e": -1.6, "f": 1.3, "g": 0.3, "h": -0.3},
    **{"i": -2.3, "j": 4.3, "k": 1.7, "l": -0.3, "m": -0.3, "n": -0.1, "o": -3.0, "p": -0.2},
    **{"q": 2.5, "r": -0.5, "s": -1.2, "t": -0.1, "u": -0.5, "v": 1.2, "w": -1.6, "x": 2.3},
    **{"y": 1.2, "z": 3.4},
}
"""How much more often a key is pressed for Russian than for English: log of both frequencies."""
LEAST_ODDS = -0.3
"""Of a letter, on average; English has about -1, Kazakh without its own letters 0."""
MORE_VOWELS = 0.1
"""What typing again must win, as a share of the letters."""

_LETTERS_FOLDED = str.maketrans("ёқңүұөәіғһ", "екнууоаигх")
"""Most keyboards lack Kazakh letters, and who types without them means the same words."""

_LOOK_ALIKES = str.maketrans("aeopcxykmthbi", "аеорсхукмтнви")
_CYRILLIC = re.compile(r"[а-яёәғқңөұүһі]")
_LATIN = re.compile(r"[a-z]")
_BOTH_SCRIPTS = re.compile(r"\w*(?:[a-z][а-яёәғқңөұүһі]|[а-яёәғқңөұүһі][a-z])\w*")

_APOSTROPHES = "'’ʼ`´"
_PIECE = re.compile(
    rf"shch|[sc][{_APOSTROPHES}]|[sczkg]h|ng\b"
    # After u a y is ы (оқуы), but for the word that begins so: үй.
    r"|(?:(?<=[aeioäöáóə])[iyı]|(?<=[uüúū])[iı]|(?<=\bu)y|(?<=\b[üúū])y)(?P<after>[au]?)"
    rf"|y[ua]|(?<=\w)[{_APOSTROPHES}]|[a-zà-ɏə]"
)
_AFTER_VOWEL = {"": "й", "a": "я", "u": "ю"}
_CYRILLIC_OF = {
    **{"shch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "gh": "г", "ng": "н"},
    **{"yu": "ю", "ya": "я"},
    **dict(zip("abcdefghijklmn", "абкдефгхижклмн", strict=True)),
    **dict(zip("opqrstuvwxyz", "опкрстувухыз", strict=True)),
    **dict(zip("äáəğǵñńöóüúūýşçžı", "аааггннооуууушчжи", strict=True)),
    **{f"{letter}{mark}": sound for letter, sound in ("sш", "cч") for mark in _APOSTROPHES},
    **dict.fromkeys(_APOSTROPHES, ""),
}


def spell(text: str) -> tuple[str, Language]:
    """Return a case-folded text in one spelling, and its language."""
    text, told = _with_right_keys(text)
    if told.is_latin and told.language is not Language.EN:
        text = _PIECE.sub(_in_cyrillic, text)
    elif _LATIN.search(text) and _CYRILLIC.search(text):
        text = _BOTH_SCRIPTS.sub(lambda word: word[0].translate(_LOOK_ALIKES), text)
    return fold(text), told.language


def fold(text: str) -> str:
    """Return a case-folded text without the letters that most keyboards lack."""
    return text.translate(_LETTERS_FOLDED)


def in_cyrillic(text: str) -> str:
    """Return Latin letters read as Kazakh or Russian, whatever language they look like."""
    return fold(_PIECE.sub(_in_cyrillic, text))


def _with_right_keys(text: str) -> tuple[str, Signs]:
    """Type a text again whose writer forgot to change the keyboard: gfcgjhn is паспорт."""
    words = words_of(text)
    told = signs(words)
    if told.is_latin:
        vowels = _share(words, _LATIN_VOWELS)
        if told.letters >= FEWEST_LETTERS and vowels < FEW_VOWELS:
            typed = text.translate(_TO_RUSSIAN_KEYS)
            meant = words_of(typed)
            again = signs(meant)
            if _is_rather(words, vowels, told, meant, again):
                return typed, again
    elif words and sum(map(_is_english_typed, words)) * 2 > len(words):
        typed = text.translate(_TO_ENGLISH_KEYS)
        return typed, signs(words_of(typed))
    return text, told


@lru_cache(WORDS_REMEMBERED)
def _is_english_typed(word: str) -> bool:
    return word.translate(_TO_ENGLISH_KEYS) in ENGLISH_WORDS


def _is_rather(
    words: Sequence[str], vowels: float, told: Signs, meant: Sequence[str], again: Signs
) -> bool:
    """Tell whether words with few vowels make sense on Russian keys, and as they stand do not."""
    if _odds(words) < LEAST_ODDS:
        return False
    vowels_meant = _share(meant, _CYRILLIC_VOWELS)
    least, most = VOWELS_OF_RUSSIAN
    if not least <= vowels_meant <= most or vowels_meant <= vowels + MORE_VOWELS:
        return False
    telling = again.russian + again.kazakh - told.telling_latin
    return telling >= TELLING_WORDS or (telling >= 0 and vowels < FEWER_VOWELS)


def _odds(words: Sequence[str]) -> float:
    return sum(ODDS.get(one, 0.0) for word in words for one in word) / sum(map(len, words))


def _share(words: Sequence[str], letters: frozenset[str]) -> float:
    return sum(letter in letters for word in words for letter in word) / sum(map(len, words))


def _in_cyrillic(found: re.Match[str]) -> str:
    """Return a piece of Kazakh or Russian in Latin letters, whichever alphabet it follows.

    The official alphabets of 2017 (apostrophes), 2018 (acutes) and 2021 (diaereses) and everyday
    spelling differ in what is folded anyway. What is left is told by its neighbours: i and y
    after a vowel are й.
    """
    if found["after"] is not None:
        return _AFTER_VOWEL[found["after"]]
    return _CYRILLIC_OF.get(found[0], found[0])
