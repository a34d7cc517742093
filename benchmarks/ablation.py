"""What each step of text preparation and each kind of feature adds: trained and asked without it.

Example: python -m benchmarks.ablation

Every row is a training of its own on the bundled corpus, asked the sealed test: as it is, and typed
as people without the right keyboard type it. Nothing is chosen by these figures.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from classifier import pipeline
from classifier.corpus import corpus_of
from classifier.domain import Entry, Example
from classifier.examples import BUNDLED, read_bundled, read_examples
from classifier.folds import rounds
from classifier.heldout import learn
from classifier.pipeline import Model
from classifier.recipe import PAIR, STANDARD, WORD, Recipe
from classifier.text import Mask, prepare, spelling
from deploy.cli.model import entries_of
from services.catalog import store
from services.chassis.masking import mask

RESULT = Path("build/bench/ablation.json")
STEPS = (
    "nothing",
    "masking",
    "Latin Kazakh",
    "wrong keys",
    "look-alike letters",
    "missing Kazakh letters",
)
SEED = 0
TEMPERATURE = 1.0
"""Order is all that is asked; probabilities are not."""

_RUSSIAN_KEYS = str.maketrans(
    'йцукенгшщзхъфывапролджэячсмитьбюё.,?;:№"', "qwertyuiop[]asdfghjkl;'zxcvbnm,.`/?&$^#@"
)
_OFFICIAL_2017 = str.maketrans(
    {
        **dict(zip("абвгдежзкқлмноп", "abvgdejzkqlmnop", strict=True)),
        **dict(zip("рстұфхһыіэё", "rstufhhyiee", strict=True)),
        **{"ә": "a'", "ғ": "g'", "и": "i'", "й": "i'", "ң": "n'", "ө": "o'", "у": "y'", "ү": "u'"},
        **{"ш": "s'", "ч": "c'", "ц": "ts", "щ": "s'c'", "ю": "i'y'", "я": "i'a", "ъ": "", "ь": ""},
    }
)
_OFFICIAL_2018 = str.maketrans(
    {
        **dict(zip("аәбвгғдеёжзийкқлмнң", "aábvgǵdeejzııkqlmnń", strict=True)),
        **dict(zip("оөпрстуұүфхһыіэ", "oóprstýuúfhhyie", strict=True)),
        **{"ш": "sh", "ч": "ch", "ц": "ts", "щ": "shch", "ю": "ıý", "я": "ıa", "ъ": "", "ь": ""},
    }
)
_OFFICIAL_2021 = str.maketrans(
    {
        **dict(zip("аәбвгғдеёжзийкқлмнң", "aäbvgğdeejziikqlmnñ", strict=True)),
        **dict(zip("оөпрстуұүфхһыіэ", "oöprstuūüfhhyie", strict=True)),
        **{"ш": "ş", "ч": "ch", "ц": "ts", "щ": "şş", "ю": "iu", "я": "ia", "ъ": "", "ь": ""},
    }
)
_EVERYDAY = str.maketrans(
    {
        **dict(zip("аәбвгғдеёжзийкқлмнң", "aabvggdeejziykklmnn", strict=True)),
        **dict(zip("оөпрстуұүфхһыіэ", "ooprstuuufhhyie", strict=True)),
        **{"ш": "sh", "ч": "ch", "ц": "ts", "щ": "sh", "ю": "yu", "я": "ya", "ъ": "", "ь": ""},
    }
)
_WITHOUT_KAZAKH_LETTERS = str.maketrans("әғқңөұүһі", "агкноуухи")

WAYS: Mapping[str, tuple[Sequence[str], dict[int, str]]] = {
    "as written": (("kk", "ru", "en"), {}),
    "Kazakh, alphabet of 2017": (("kk",), _OFFICIAL_2017),
    "Kazakh, alphabet of 2018": (("kk",), _OFFICIAL_2018),
    "Kazakh, alphabet of 2021": (("kk",), _OFFICIAL_2021),
    "Kazakh, everyday Latin": (("kk",), _EVERYDAY),
    "Kazakh without its letters": (("kk",), _WITHOUT_KAZAKH_LETTERS),
    "Russian, everyday Latin": (("ru",), _EVERYDAY),
    "Russian on English keys": (("ru",), _RUSSIAN_KEYS),
}


def unmasked(text: str) -> str:
    """Mask nothing."""
    return text


@contextmanager
def without(step: str) -> Iterator[Mask]:
    """Switch a step of preparation off, in this process."""
    off = {
        "Latin Kazakh": ("_in_cyrillic", lambda found: found[0]),
        "wrong keys": ("_with_right_keys", lambda text: (text, _signs(text))),
        "look-alike letters": ("_LOOK_ALIKES", {}),
        "missing Kazakh letters": ("_LETTERS_FOLDED", {}),
    }
    with ExitStack() as opened:
        if step in off:
            opened.enter_context(patch.object(spelling, *off[step]))
        yield unmasked if step == "masking" else mask


def _signs(text: str) -> spelling.Signs:
    return spelling.signs(spelling.words_of(text))


def asked() -> list[Example]:
    """Return the sealed test."""
    tests = sorted(BUNDLED.with_name("test").glob("services-*.jsonl"))
    return [one for path in tests for one in read_examples(path)]


def accuracy(model: Model, examples: Sequence[Example], masked: Mask) -> float:
    """Return the share of texts whose best label is right."""
    scores = model.scores([prepare(one.text, mask=masked).words for one in examples])
    best = np.asarray(model.labels)[scores.argmax(axis=1)]
    return float(np.mean(best == [one.label for one in examples]))


def measure(entries: Sequence[Entry], masked: Mask, recipe: Recipe = STANDARD) -> dict[str, float]:
    """Train once, and ask in every way of typing."""
    corpus = corpus_of(entries, read_bundled(), masked)
    chosen = rounds(corpus, np.random.default_rng(SEED), is_ample=True)
    fitted, _ = learn(corpus, chosen, recipe)
    model = Model(pipeline.weights_of(fitted, TEMPERATURE))
    return {way: round(accuracy(model, list(typed(*how)), masked), 4) for way, how in WAYS.items()}


def typed(languages: Sequence[str], keys: Mapping[int, str]) -> Iterator[Example]:
    """Give the test's texts of some languages as they come out of a keyboard."""
    for one in asked():
        if one.language in languages:
            yield replace(one, text=one.text.lower().translate(keys) if keys else one.text)


def main() -> None:
    """Measure every row, and keep each as soon as it is known."""
    entries = entries_of(store.read_folder(store.bundled_folder()))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, float]] = {}

    def keep(name: str, told: dict[str, float]) -> None:
        found[name] = told
        RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        print(name, told, flush=True)

    for step in STEPS:
        with without(step) as masked:
            keep(f"without {step}", measure(entries, masked))
    for kind in (WORD, PAIR):
        keep(f"without the kind {kind}", measure(entries, mask, STANDARD.without(kind)))
    titles = [replace(one, texts=()) for one in entries]
    keep("without descriptions and words of search", measure(titles, mask))


if __name__ == "__main__":
    main()
