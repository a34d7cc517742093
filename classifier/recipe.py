"""Recipes: which kinds of terms a model is made of, and how much each counts.

A term is a word, a piece of a word within its borders, or a pair of words that stand near each
other. Which cut fits depends on the language and on the length of what people write; so there are
several, and training can find by held-out examples which one fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.chassis.errors import InvalidError

AUTO = "auto"
"""The name for whichever recipe fits."""
WORD = "word"
NEIGHBOURS = "neighbours"
"""Two words, the second right behind the first."""
CHARACTER = "character"
PAIR = "pair"
"""Two words that stand near each other, in either order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of terms."""

    name: str
    sizes: tuple[int, int]
    """The shortest and the longest piece of a word; how many words are neighbours; of pairs, how
    many letters stand for a word, and how far apart two words may be."""
    share: float
    """How much it counts beside the others."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model is made of."""

    name: str
    kinds: Sequence[Kind]
    penalty: float
    """Of large weights: beside the sum of the squared shares, the squared length of a text."""
    evenness: float = 0.0
    """How much more the examples of rare labels count: at 0 examples are even, at 1 labels are."""
    stacking: float = 0.0
    """The penalty of what the scores of labels say for and against other labels
    (`classifier/stacking.py`); at 0 they say nothing."""

    def without(self, name: str) -> "Recipe":
        """Return it without one kind of terms, to tell what that kind adds."""
        kept = tuple(kind for kind in self.kinds if kind.name != name)
        return replace(self, name=f"{self.name} without {name}", kinds=kept)


STANDARD = Recipe(
    "standard",
    (Kind(WORD, (1, 1), 0.3), Kind(CHARACTER, (1, 5), 1.0), Kind(PAIR, (4, 8), 0.8)),
    penalty=0.87,
    stacking=0.1,
)
"""The one for Kazakh and Russian, where words change their endings, and for the bundled examples.

By other writers the best label is right for 62.7 % of texts with words, their neighbours and
pieces of up to four letters, for 65.9 % with pieces of up to five, and for 69.5 % with pairs
besides. Pairs further apart say no more than these, and are half as many again. The penalty is
half as much as one text. Stacking adds: of a third of the writers, 71.4 → 75.2 %."""

EVEN = replace(STANDARD, name="even", evenness=0.3)
"""For labels of which some are a hundred times as frequent as others: on the validation part of
appeals in 15 categories, learned by a fifth, macro-F1 0.798 where the standard one has 0.760, and
accuracy 0.923 beside 0.920; evenness of 0.5 costs half a point of accuracy. Stacking adds: learned
by 6,000, macro-F1 0.749 → 0.790, and of 125 reasons the right one is among three for 0.895 instead
of 0.870."""
WORD_ORDER = Recipe(
    "word-order",
    (
        *(Kind(WORD, (1, 1), 0.3), Kind(NEIGHBOURS, (2, 2), 0.5)),
        *(Kind(CHARACTER, (1, 5), 1.0), Kind(PAIR, (5, 8), 1.0)),
    ),
    penalty=0.87,
    stacking=0.1,
)
"""For languages that say by the order of words what others say by their endings, as English does:
on the validation part of CLINC150, learned by half, 0.9 points more than the standard one, and 0.4
more by stacking; 1.9 on half of BANKING77, where labels are much alike. A penalty of 0.3 or of 0.03
is worth less."""
PIECES = Recipe(
    "pieces",
    (Kind(WORD, (1, 1), 0.15), Kind(CHARACTER, (1, 6), 1.0), Kind(PAIR, (4, 8), 0.2)),
    penalty=0.2,
    stacking=10.0,
)
"""For examples too few to meet a word or a pair twice: in cross-validation of the 2,103 training
sentences of SIB-200, translations held out together, 69.0 % where the standard one has 67.3, and
69.7 by stacking; at a penalty of 1, 69.2."""
RECIPES = (STANDARD, EVEN, WORD_ORDER, PIECES)
"""Those that are tried."""


def named(name: str) -> Sequence[Recipe]:
    """Return the recipe of a name; all of them, to choose among, under the name "auto"."""
    found = RECIPES if name == AUTO else [one for one in RECIPES if one.name == name]
    if not found:
        known = ", ".join((AUTO, *(one.name for one in RECIPES)))
        raise InvalidError(f"there is no recipe {name!r}; known are: {known}", reason="RECIPE")
    return found
