"""The language of a text, told by its letters and its small words: a rule of our own."""

import re
from collections.abc import Sequence

from classifier.domain import Language

_WORD = re.compile(r"[^\W\d_]+")

KAZAKH_LETTERS = frozenset("әғқңөұүһі")
KAZAKH_LATIN_LETTERS = frozenset("äğñöşūüıńǵ")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Frequent words that tell the language even where its own letters are not typed.
KAZAKH_WORDS = _words(
    "мен сен ол мына осы бул сол калай кайда кайдан кашан канша кандай керек "
    "бар жок алу алсам алуга болады бола болама екен еди деп деген бойынша туралы "
    "ушин жане немесе дейин кейин бала балам баламды улым кызым анам акем ата апа "
    "жас жыл жылы айым жаны ма ме ба бе па пе гой боп берди береди "
    "кужат кужаттар куалик куалигин акша жумыс уй уйге барам барамын жатыр жатырмын "
    "айтып маган менин ары енди ашу ажырасу кезек екпе мал ауыл азаматына калайсыз"
)
KAZAKH_LATIN_WORDS = _words(
    "qalai qalay qaida qayda qaidan qaydan qashan qansha qandai qanday kerek bar joq zhok "
    "alu alsam bolady bolama bola ma me ba be pa pe men meni menin menim ushin jane zhane "
    "nemese dep edi eken turaly boiynsha kuzhat qujat kualik qualik balam balamdy ulym qyzym "
    "anam akem apam atam jas zhas jyl zhyl aqsha aksha jumys zhumys bul osy ol endi qalaj "
    "kalai kaida kayda kaidan kashan kansha kandai otbasy beredi beriledi alaiyq alamyz alam"
)
RUSSIAN_WORDS = _words(
    "и в не на я с что как по к у за из от для это до мы вы он она они мне меня нам нас "
    "мой моя мои моей моего наш но а или если где куда когда какие какой можно нужно надо "
    "ли бы же уже еще есть нет при о об без после сын дочь муж жена ребенок ребенка "
    "хочу подать получить оформить документы справку свидетельство заявление через "
    "пособие выплата сколько чтобы его ее их себе так там все"
)
ENGLISH_WORDS = _words(
    "the a an i my me is are was to of in on for and or how do does can could need want get "
    "what where when which with from have has had we our he she it they you your this that "
    "there be been not no after before if at by as us his her"
)
RUSSIAN_LATIN_WORDS = _words(
    "kak gde kuda chto mne menya moy moi moya nuzhno nujno nado mozhno mojno dlya posle kogda "
    "kakie kakoy esli uzhe ili chtoby cherez poluchit oformit podat hochu khochu spravka spravku "
    "dokumenty dokument zayavlenie rebenok rebenka skolko pomogite vmeste net est budet bylo"
)

MIXED_SHARE = 0.3
"""The weaker language's share of the telling words from which on a text is mixed."""
MIXED_WORDS = 2
"""One borrowed word does not make a text mixed."""


def words_of(text: str) -> list[str]:
    """Return the words of a case-folded text: letters only."""
    return _WORD.findall(text)


def is_latin(words: Sequence[str]) -> bool:
    """Tell whether most letters are Latin."""
    letters = sum(map(len, words))
    return sum(len(word) for word in words if word[0] < "\u0250") * 2 > letters


def detect(words: Sequence[str]) -> Language:
    """Tell the language of a text from its words."""
    return _detect_latin(words) if is_latin(words) else _detect_cyrillic(words)


def english(words: Sequence[str]) -> int:
    """Count the words that only English has."""
    return sum(word in ENGLISH_WORDS for word in words)


def _detect_latin(words: Sequence[str]) -> Language:
    told = {
        Language.EN: english(words),
        Language.KK: sum(word in KAZAKH_LATIN_WORDS or _has_kazakh_latin(word) for word in words),
        Language.RU: sum(word in RUSSIAN_LATIN_WORDS for word in words),
    }
    return max(told, key=lambda language: told[language])


def _has_kazakh_latin(word: str) -> bool:
    # English writes q before u only; Kazakh writes it before any vowel and at the end.
    return not KAZAKH_LATIN_LETTERS.isdisjoint(word) or "q" in word.replace("qu", "")


def _detect_cyrillic(words: Sequence[str]) -> Language:
    kazakh = sum(word in KAZAKH_WORDS or _looks_kazakh(word) for word in words)
    russian = sum(word in RUSSIAN_WORDS or _looks_russian(word) for word in words)
    fewer, told = min(kazakh, russian), kazakh + russian
    if fewer >= MIXED_WORDS and fewer >= MIXED_SHARE * told:
        return Language.MIXED
    return Language.KK if kazakh > russian else Language.RU


def _looks_kazakh(word: str) -> bool:
    # The endings are Kazakh grammar: infinitives, "I", "we", "you", "which does".
    return not KAZAKH_LETTERS.isdisjoint(word) or word.endswith(
        ("ыру", "теу", "мын", "мыз", "сыз", "тын")
    )


def _looks_russian(word: str) -> bool:
    # The soft sign and щ are not typed in Kazakh words; these endings are Russian grammar.
    return KAZAKH_LETTERS.isdisjoint(word) and (
        "щ" in word
        or word.endswith(("ть", "ться", "ого", "его", "ение", "ения", "ство", "ами", "ях", "ую"))
    )
