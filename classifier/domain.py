"""What the classifier speaks of: texts, labels, suggestions, and when to trust them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.chassis.emergency import Emergency
from services.chassis.errors import InvalidError, UnavailableError

OUT_OF_SCOPE = "out-of-scope"
"""The label of texts that speak of no public service; never suggested."""

MAX_TEXT_CHARACTERS = 4000
MAX_BATCH_TEXTS = 500
MAX_SUGGESTIONS = 5
MAX_GROUNDS = 8
"""So many words tell most of why; each takes some 15 bytes of a decision's record."""
CONFIRM_CHOICES = 3
"""How many services a citizen is offered to choose from."""

NEVER = 1.0
"""A threshold that a probability does not reach: nothing is routed, or offered."""
DOUBT = 0.05
"""How often a bound on strays may be chosen too laxly by chance."""
CERTAIN = 1.0
"""A limit that no probability exceeds."""


class TextLengthError(InvalidError):
    """A text must have between 1 and 4000 characters."""

    reason = "TEXT_LENGTH"


class BatchSizeError(InvalidError):
    """A batch may hold at most 500 texts."""

    reason = "BATCH_SIZE"


class NoModelError(UnavailableError):
    """No model is live yet."""

    reason = "NO_MODEL"


class Language(StrEnum):
    """The language a text is written in."""

    KK = "kk"
    RU = "ru"
    EN = "en"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A service of the catalogue, as training needs it: its id and its titles by language."""

    service_id: str
    titles: Mapping[str, str]
    texts: Sequence[str] = ()
    """What else the catalogue says of it: descriptions, what people call it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the label a person gave it."""

    text: str
    label: str
    language: str = ""
    """As stated by the writer; empty where nobody stated it."""
    writer: str = ""
    """Who wrote it, where that is known; texts of one writer are alike."""
    is_sample: bool = True
    """Whether it tells how people ask; one that was written for its words is learned, and no model
    is measured by it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A service a text may speak of, with its calibrated probability."""

    service_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities from which on a text may be routed, or offered for confirmation."""

    route: float
    confirm: float
    strange: float = CERTAIN
    """A text that is out of scope with a greater probability than this is not routed."""

    def of_text(self, out_of_scope: float) -> "Thresholds":
        """Return what holds for a text that is out of scope with some probability."""
        return self if out_of_scope <= self.strange else replace(self, route=NEVER)


@dataclass(frozen=True, slots=True)
class Asked:
    """A text somebody asks about, and what they ask besides."""

    text: str
    explain: bool = False
    """Why."""
    alert: bool = True
    """Whether it speaks of an emergency."""


@dataclass(frozen=True, slots=True)
class Spoke:
    """A word of the text, and how much it spoke for the chosen label; below 0: against it."""

    start: int
    """Offset of its first character in the composed (NFC), masked text."""
    end: int
    """Offset behind its last character."""
    weight: float


@dataclass(frozen=True, slots=True)
class Grounds:
    """Which words spoke the loudest, for the best service against the runner-up."""

    service_id: str
    against: str
    words: Sequence[Spoke]


@dataclass(frozen=True, slots=True)
class Classification:
    """What the model says of a text."""

    language: Language
    suggestions: Sequence[Suggestion]
    out_of_scope: float
    thresholds: Thresholds
    model: str
    emergency: Emergency | None = None
    """Told by rules, not by the model."""
    grounds: Grounds | None = None
    """None where fewer than two services are known."""
    text_length: int = 0
    """How many characters the text has, masked."""
    unknown_share: float = 0.0
    """The share of its words the model never saw when it learned."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The errors that thresholds must stay under, and how much evidence a language needs."""

    route_error: float = 0.05
    """At most this share of automatically routed texts goes to a wrong service."""
    stray_share: float = 0.03
    """At most this share of texts out of scope is routed to a service: surely, not on average."""
    confirm_miss: float = 0.15
    """At most this share of texts offered for confirmation lacks the right service."""
    fewest: int = 100
    """A language with fewer held-out predictions takes the thresholds of all together: at a
    bound of 5 % the estimate of 100 predictions is uncertain by about as much again."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A held-out prediction and whether it held."""

    language: Language
    probability: float
    """Of the best service."""
    is_right: bool
    is_offered: bool
    """Whether the right service is among the first three."""
    is_stray: bool = False
    """Whether no service is right: the text is out of scope."""
    out_of_scope: float = 0.0
    """How probable the model held that."""


@dataclass(frozen=True, slots=True)
class ThresholdTable:
    """Thresholds by language."""

    by_language: Mapping[Language, Thresholds] = field(default_factory=dict)

    def of(self, language: Language) -> Thresholds:
        """Return the thresholds of a language."""
        return self.by_language.get(language, Thresholds(NEVER, NEVER))


def check_texts(texts: Sequence[str]) -> None:
    """Refuse a batch that is too large, or a text that is empty or too long."""
    if len(texts) > MAX_BATCH_TEXTS:
        raise BatchSizeError(field="texts")
    if any(not 1 <= len(text) <= MAX_TEXT_CHARACTERS or text.isspace() for text in texts):
        raise TextLengthError(field="text")


def choose_thresholds(
    predictions: Sequence[Prediction], bounds: Bounds, strays: Sequence[Prediction] | None = None
) -> ThresholdTable:
    """Return for each language the laxest thresholds that keep the bounds.

    `strays` are texts out of scope, where more of them were held out than come among others.
    """
    if strays is None:
        strays = [one for one in predictions if one.is_stray]
    pooled = _thresholds(predictions, strays, bounds, CERTAIN)
    table = {}
    for language in Language:
        own, own_strays = (
            [one for one in told if one.language is language] for told in (predictions, strays)
        )
        is_enough = len(own) >= bounds.fewest
        table[language] = (
            _thresholds(own, own_strays, bounds, pooled.strange) if is_enough else pooled
        )
    return ThresholdTable(table)


def _thresholds(
    predictions: Sequence[Prediction],
    strays: Sequence[Prediction],
    bounds: Bounds,
    fallback: float,
) -> Thresholds:
    route = lowest_threshold(
        ((prediction.probability, prediction.is_right) for prediction in predictions),
        bounds.route_error,
    )
    confirm = lowest_threshold(
        (
            (prediction.probability, prediction.is_offered)
            for prediction in predictions
            if prediction.probability < route
        ),
        bounds.confirm_miss,
    )
    strange = _strange(strays, route, bounds) if len(strays) >= bounds.fewest else fallback
    return Thresholds(route, min(route, confirm), strange)


def _strange(strays: Sequence[Prediction], route: float, bounds: Bounds) -> float:
    """Return how strange a text may be so that few enough texts out of scope are routed."""
    likely = [one.out_of_scope for one in strays if one.probability >= route]
    return highest_below(likely, most_seen(len(strays), bounds.stray_share))


def most_seen(count: int, share: float) -> int:
    """Return how many of so many may be seen where the true share is surely under a bound.

    A greater share would show so few only once in twenty times (Clopper and Pearson, 1934). Below
    0, there is no evidence at all.
    """
    if not 0 < share < 1:
        return count if share >= 1 else -1
    chance = 0.0
    for seen in range(count + 1):
        ways = math.lgamma(count + 1) - math.lgamma(seen + 1) - math.lgamma(count - seen + 1)
        chance += math.exp(ways + seen * math.log(share) + (count - seen) * math.log1p(-share))
        if chance > DOUBT:
            return seen - 1
    return count


def highest_below(probabilities: Sequence[float], allowed: int) -> float:
    """Return the highest probability that at most so many others do not exceed."""
    ranked = sorted(probabilities)
    if allowed < 0:
        return 0.0
    return CERTAIN if allowed >= len(ranked) else max(0.0, math.nextafter(ranked[allowed], -1.0))


def lowest_threshold(outcomes: Iterable[tuple[float, bool]], bound: float) -> float:
    """Return the lowest probability at and above which failures stay under the bound.

    One failure more than was seen is counted, as in conformal risk control
    (Angelopoulos et al., 2022), so that a lucky short prefix does not pass.
    """
    ranked = sorted(outcomes, key=lambda outcome: -outcome[0])
    failures = 0
    threshold = NEVER
    for count, (probability, is_good) in enumerate(ranked, start=1):
        failures += not is_good
        is_last_of_ties = count == len(ranked) or ranked[count][0] < probability
        if is_last_of_ties and (failures + 1) / (count + 1) <= bound:
            threshold = probability
    return threshold
