"""The language of a text, told by its letters and its small words: a rule of our own."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from classifier.domain import Language

WORDS_REMEMBERED = 20_000
"""A few megabytes of single words, in memory only; nothing tells whose they were."""

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
    "kalai kaida kayda kaidan kashan kansha kandai otbasy beredi beriledi alaiyq alamyz alam "
    "kalay kay kaydan kanday jok jana jer jeke bir eki tegin kelet birak emes "
    "adam alyp bolyp degen deydi deidi bere beri otyr tur kim jatyr jumyska menen biz bizdin ozim "
    "azhem otinish kun kunde mekenjay uakytsha memlekettik memleket mektep bala balaga"
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
    "there be been not no after before if at by as us his her "
    "about above again all already also always am any anyone anything because being between both "
    "but could did didn does doesn doing don down each else enough even ever every few first found "
    "get getting give given go goes going gone got had having here hers him how if into isn just "
    "keep know last late later like little long look looking lost made make making many "
    "maybe might more most much must never new next nothing now off often old once one only "
    "other our out over own per please put really right said same say see seems send sent several "
    "shall she should show since someone something soon still such sure take taken tell than thank "
    "thanks their them then these they thing think those though three through took try trying "
    "two under until up use used using very wait waiting want wants was wasn way well went were "
    "while who whole whose why will with within without won work working would year years yes yet "
    "yours day days week weeks month months monthly today tomorrow yesterday hour hours morning "
    "child children baby kids mother father wife husband daughter family people person man woman "
    "house home flat car land school work job money pay paid payment payments free buy sell cost "
    "price card account list letter office company government doctor hospital state street city "
    "allowance benefit benefits change check help hello need needs needed open close call called "
    "start started stop switch transfer write wrote read find born died married born lives living"
)
RUSSIAN_LATIN_WORDS = _words(
    "kak gde kuda chto mne menya moy moi moya nuzhno nujno nado mozhno mojno dlya posle kogda "
    "kakie kakoy esli uzhe ili chtoby cherez poluchit oformit podat hochu khochu spravka spravku "
    "dokumenty dokument zayavlenie rebenok rebenka skolko pomogite vmeste net est budet bylo "
    "v na ne po za ot iz bez pri pro ya on ona oni ego ee ih eto etot tak uje esche eshche "
    "sdelat uznat ochered deti detey detskiy muj muzh jena zhena syn doch mama let god goda "
    "kakoi pochemu teper tolko chtob hochet mogu mojet mozhet prishla prishel dali"
)

# Kazakh grammar as people spell it: of whom, from where, "I", "we", "does", "having done".
KAZAKH_LATIN_ENDINGS = tuple(
    _words(
        "myn imin emin myz miz syz nyn inin enin dyn idin edin tyn etin itin gym gim kym dym "
        "dik dyk tyk tik olady edi aidy eidi aydy eydi alady ylady lyp elip ryp erip typ "
        "etip mdy mdi yndy ldy ldi yrdy irdi tti ynda inde uga lge erge arga yru iru ysy "
        "agy egi lgan lgen lyk lik ktan kten shygu gyn mys ndar nder"
    )
)
RUSSIAN_LATIN_ENDINGS = tuple(
    _words(
        "ovat evat anie enie niya niyu nii ogo skaya skoy skiy skie tsya tsa nyy naya "
        "nnoe lnoe nomu nnye avit upit osti nost tvo tva vka vku vki ami yah uyu"
    )
)
SHORTEST_INFLECTED = 5
"""Letters of a word that an ending tells of; shorter ones end so by chance."""
MIXED_SHARE = 0.3
"""The weaker language's share of the telling words from which on a text is mixed."""
MIXED_WORDS = 2
"""One borrowed word does not make a text mixed."""


def words_of(text: str) -> list[str]:
    """Return the words of a case-folded text: letters only."""
    return _WORD.findall(text)


class Signs(NamedTuple):
    """What words say of their language: how many of them are its own."""

    letters: int = 0
    latin_letters: int = 0
    english: int = 0
    kazakh_latin: int = 0
    russian_latin: int = 0
    kazakh: int = 0
    russian: int = 0

    @property
    def is_latin(self) -> bool:
        """Tell whether most letters are Latin."""
        return self.latin_letters * 2 > self.letters

    @property
    def telling_latin(self) -> int:
        """Count the words that tell a language in Latin letters."""
        return self.english + self.kazakh_latin + self.russian_latin

    @property
    def language(self) -> Language:
        """Tell the language of the text."""
        return self._of_latin() if self.is_latin else self._of_cyrillic()

    def _of_latin(self) -> Language:
        told = {
            Language.EN: self.english,
            Language.KK: self.kazakh_latin,
            Language.RU: self.russian_latin,
        }
        return max(told, key=lambda language: told[language])

    def _of_cyrillic(self) -> Language:
        fewer, told = min(self.kazakh, self.russian), self.kazakh + self.russian
        if fewer >= MIXED_WORDS and fewer >= MIXED_SHARE * told:
            return Language.MIXED
        return Language.KK if self.kazakh > self.russian else Language.RU


def signs(words: Sequence[str]) -> Signs:
    """Read the signs of all words together."""
    return Signs(*map(sum, zip(*map(_signs, words), strict=True)))


@lru_cache(WORDS_REMEMBERED)
def _signs(word: str) -> Signs:
    # An English word is no Kazakh or Russian one by how it ends: under, transfer.
    is_english = word in ENGLISH_WORDS
    return Signs(
        letters=len(word),
        latin_letters=len(word) if word[0] < "\u0250" else 0,
        english=is_english,
        kazakh_latin=word in KAZAKH_LATIN_WORDS or (not is_english and _has_kazakh_latin(word)),
        russian_latin=word in RUSSIAN_LATIN_WORDS
        or (not is_english and _is_inflected(word, RUSSIAN_LATIN_ENDINGS)),
        kazakh=word in KAZAKH_WORDS or _looks_kazakh(word),
        russian=word in RUSSIAN_WORDS or _looks_russian(word),
    )


def _has_kazakh_latin(word: str) -> bool:
    # English writes q before u only; Kazakh writes it before any vowel and at the end.
    return (
        not KAZAKH_LATIN_LETTERS.isdisjoint(word)
        or "q" in word.replace("qu", "")
        or _is_inflected(word, KAZAKH_LATIN_ENDINGS)
    )


def _is_inflected(word: str, endings: tuple[str, ...]) -> bool:
    return len(word) >= SHORTEST_INFLECTED and word.endswith(endings)


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
