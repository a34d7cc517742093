"""Emergencies told by rules: the number to call, at once, whatever a model says.

A rule is a few groups of words said near each other. It costs microseconds, needs no model, and
a person can read why it spoke; the words are in `data/emergencies.yaml`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from classifier.domain import Language
from classifier.text import Mask, Prepared, prepare
from classifier.text.language import WORDS_REMEMBERED
from classifier.text.spelling import fold, in_cyrillic
from services.chassis.emergency import Emergency

BUNDLED = Path(__file__).parent / "data" / "emergencies.yaml"
NEAR_WORDS = 12
"""How far apart the words of one rule may stand: a sentence."""
# The base loader makes nothing but strings: 103 is a word here, and so is no.
LOADER: type[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
FEWEST_LETTERS = 3
"""Of a stem; shorter ones begin too many words."""
MOST_WORDS = 3
"""Of an entry whose words stand side by side."""
BREVITY = {"nothing-else": 1, "little-else": 5}
"""Groups that every word of a short text belongs to, and how many words that is at most."""
LEADS = (Language.KK, Language.RU)
"""Who mixes both languages is answered in both."""

_APOSTROPHES = re.compile(r"['’ʼ`´]")
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[a-z]")

_UNLESS = "unless"
"""Of an office's business or of the past: only what is sure speaks beside it."""
_NEVER = "never"
"""What nobody in danger says: nothing speaks beside it."""

Places = Mapping[str, Sequence[int]]
"""Where in a text the words of each group stand."""
Rules = Mapping[str, Sequence[tuple[int, Sequence[str]]]]
"""By the first group of each rule: whose rule it is, and which groups it needs besides."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of emergency: whom to call, what to say, and how it is recognised."""

    code: str
    number: str
    messages: Mapping[Language, str]
    rules: Sequence[Sequence[str]]
    sure: Sequence[Sequence[str]] = ()
    """Rules that speak also beside words of an office's business."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A few words side by side, the last of them perhaps only begun, and their group."""

    words: Sequence[str]
    is_stem: bool
    group: str

    def is_said(self, words: Sequence[str]) -> bool:
        """Tell whether words begin so."""
        *first, last = self.words
        said = words[: len(self.words)]
        if len(said) < len(self.words) or said[:-1] != first:
            return False
        return said[-1].startswith(last) if self.is_stem else said[-1] == last


class Lexicon:
    """Groups of words, found in one pass over a text."""

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._words: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        self._phrases: dict[str, list[_Phrase]] = defaultdict(list)
        for group, listed in groups.items():
            for said in {_written(word) for word in listed}:
                self._add(said, group)
        self._groups = lru_cache(WORDS_REMEMBERED)(self._groups_of)

    def _add(self, said: str, group: str) -> None:
        is_stem, said = said.endswith("*"), said.rstrip("*")
        words = said.split()
        if (is_stem or len(words) > 1) and (len(said) < FEWEST_LETTERS or len(words) > MOST_WORDS):
            raise ValueError(f"{said!r}: too short, or too many words")
        if len(words) > 1:
            self._phrases[words[0]].append(_Phrase(words, is_stem, group))
        else:
            (self._stems if is_stem else self._words)[said].append(group)

    def places(self, text: str) -> Places:
        """Return where each group is said."""
        words = _WORD.findall(_APOSTROPHES.sub("", text))
        found: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            for group in self._groups(word):
                found[group].append(place)
            for phrase in self._phrases.get(word, ()):
                if phrase.is_said(words[place : place + MOST_WORDS]):
                    found[phrase.group].append(place)
        for group, most in BREVITY.items():
            if len(words) <= most:
                found[group].extend(range(len(words)))
        return found

    def _groups_of(self, word: str) -> Sequence[str]:
        """Return the groups that a word belongs to, or begins as one of."""
        found = set(self._words.get(word, ()))
        for end in range(FEWEST_LETTERS, len(word) + 1):
            found.update(self._stems.get(word[:end], ()))
        return tuple(found)


class Emergencies:
    """What is known of emergencies."""

    def __init__(self, kinds: Sequence[Kind], lexicon: Lexicon) -> None:
        self._kinds = kinds
        self._lexicon = lexicon
        self._sure = _by_first([kind.sure for kind in kinds])
        self._rules = _by_first([[*kind.sure, *kind.rules] for kind in kinds])

    def find(self, prepared: Prepared) -> Emergency | None:
        """Return the emergency a text speaks of, if it speaks of one."""
        rules = self._rules
        for words in _spellings(prepared.words):
            places = self._lexicon.places(words)
            if _NEVER in places:
                return None
            if _UNLESS in places:
                rules = self._sure
            if kind := self._kind(places, rules):
                return Emergency(kind.code, kind.number, _message(kind, prepared.language))
        return None

    def _kind(self, places: Places, rules: Rules) -> Kind | None:
        """Return the kind that most rules speak for; the first of those that are even."""
        told = Counter(
            kind
            for first, said in places.items()
            for kind, others in rules.get(first, ())
            if _are_near(said, [places.get(group, ()) for group in others])
        )
        if not told:
            return None
        return self._kinds[min(told, key=lambda kind: (-told[kind], kind))]


@cache
def bundled() -> Emergencies:
    """Return the rules that ship with the product."""
    return read(BUNDLED)


def find(text: str, *, mask: Mask) -> Emergency | None:
    """Return the emergency that somebody's words speak of, if they do."""
    return bundled().find(prepare(text, mask=mask))


def read(path: Path) -> Emergencies:
    """Read rules from a file; one that names a group that is not there raises."""
    told = yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506  it makes strings only
    groups = {**told["words"], _UNLESS: told["unless"], _NEVER: told.get(_NEVER, [])}
    kinds = [_kind_of(row) for row in told["emergencies"]]
    for kind in kinds:
        for rule in (*kind.sure, *kind.rules):
            if missing := set(rule) - set(groups) - set(BREVITY):
                raise ValueError(f"{path.name}: {kind.code}: no words for {sorted(missing)}")
    return Emergencies(kinds, Lexicon(groups))


def _by_first(told: Sequence[Sequence[Sequence[str]]]) -> Rules:
    """Return the rules of each kind by the group they begin with, for one pass over a text."""
    rules = defaultdict(list)
    for kind, listed in enumerate(told):
        for first, *others in listed:
            rules[first].append((kind, others))
    return rules


def _kind_of(row: Mapping[str, Any]) -> Kind:
    messages = {Language(name): str(text) for name, text in row["message"].items()}
    rules, sure = ([str(rule).split() for rule in row.get(key, ())] for key in ("rules", "sure"))
    return Kind(str(row["code"]), str(row["number"]), messages, rules, sure)


def _spellings(words: str) -> Iterator[str]:
    """Latin letters may be English, or Kazakh and Russian that nothing else gave away."""
    yield words
    if _LATIN.search(words):
        yield in_cyrillic(words)


def _are_near(places: Sequence[int], others: Sequence[Sequence[int]]) -> bool:
    """Tell whether everything else is said within a sentence of one of the places."""
    if not all(others):
        return False
    return any(
        all(any(abs(other - one) <= NEAR_WORDS for other in said) for said in others)
        for one in places
    )


def _written(word: str) -> str:
    return fold(_APOSTROPHES.sub("", word.casefold()))


def _message(kind: Kind, language: Language) -> str:
    languages = LEADS if language is Language.MIXED else (language,)
    return " / ".join(kind.messages[one] for one in languages)
