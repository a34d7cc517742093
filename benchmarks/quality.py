"""How good the classifier is: on texts held apart, and on public data that nobody here wrote.

Example: python -m benchmarks.quality ../shared/data --parts own,clinc,banking --subjects model

Every figure is that of the calibrated model as it would be served; beside it stand scikit-learn's
plain TF-IDF with logistic regression, and the nearest example by MiniLM's embeddings, on the same
split. Nothing is tuned on the texts of the tests. What was measured is kept: a run that was broken
off goes on where it ended, parts that are named are measured anew, and `--anew` measures all. The
parts `spb-…-later`, measured only where they are named, learn all that came before the test.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import public
from benchmarks.peers import PEERS, Split, accuracy, auroc, by_language, macro_f1
from classifier import artifact
from classifier import train as training
from classifier.card import curves_as_json
from classifier.domain import OUT_OF_SCOPE, Entry, Example
from classifier.evaluate import Judged, curves, is_routed, judge, measure, of_rows, predictions
from classifier.examples import BUNDLED, read_bundled, read_examples
from classifier.pipeline import Model
from classifier.recipe import RECIPES, STANDARD, Recipe
from classifier.text import prepare
from classifier.trained import Trained
from deploy.cli.model import entries_of
from deploy.cli.terminal import progress
from services.catalog import store
from services.chassis.masking import mask

RESULT = Path("build/bench/quality.json")
SEED = 0
BATCH = 256
SINGLES = 500
HELD_BACK = 50
MODEL = "model"


def learn(
    entries: Sequence[Entry], examples: Sequence[Example], recipes: Sequence[Recipe] = (STANDARD,)
) -> Trained:
    """Train and calibrate a model as `qyzmet train` does."""
    with progress("training") as advance:
        return training.train(entries, examples, seed=SEED, progress=advance, recipes=recipes)


def answers(trained: Trained, asked: Sequence[Example]) -> Judged:
    """Let the model answer."""
    return judge(Model(trained.weights), asked, mask=mask)


def bundled() -> list[Entry]:
    """Return the bundled catalogue."""
    return entries_of(store.read_folder(store.bundled_folder()))


def own_split() -> Split:
    """Return the bundled examples, with the titles for peers that know no catalogue; the tests."""
    tests = BUNDLED.with_name("test")
    asked = [one for path in sorted(tests.glob("services-*.jsonl")) for one in read_examples(path)]
    titles = [Example(text, one.service_id) for one in bundled() for text in one.titles.values()]
    strange = {path.stem: read_examples(path) for path in sorted(tests.glob("out-of-scope*.jsonl"))}
    return Split([*titles, *read_bundled()], asked, strange)


def own(split: Split) -> dict[str, Any]:
    """Measure the bundled model on the bundled tests, by language."""
    trained = learn(bundled(), read_bundled())
    judged = answers(trained, split.asked)
    return {
        "languages": {k: v.as_json() for k, v in measure(judged, trained.thresholds).items()},
        "out_of_scope": {
            name: astray(trained, judged, some) for name, some in split.strange.items()
        },
        "risk_coverage": curves_as_json(curves(judged)),
        **speed(trained, split.asked),
    }


def astray(trained: Trained, ordinary: Judged, strange: Sequence[Example]) -> dict[str, Any]:
    """Measure texts that are nobody's: how well they are told, and how many are routed."""
    judged = answers(trained, strange)
    routed = [is_routed(one, trained.thresholds) for one in predictions(judged)]
    return {
        "texts": len(strange),
        "auroc": auroc(ordinary, judged),
        "routed": float(np.mean(routed)),
    }


def cold_start(split: Split) -> dict[str, Any]:
    """Hold back all examples of fifty services, and ask for these."""
    entries, examples = bundled(), read_bundled()
    shown = sorted({one.label for one in examples} - {OUT_OF_SCOPE})
    back = set(np.random.default_rng(SEED).choice(shown, HELD_BACK, replace=False).tolist())
    trained = learn(entries, [one for one in examples if one.label not in back])
    asked = [one for one in split.asked if one.label in back]
    judged = answers(trained, asked)
    return {"texts": len(asked), "top1": accuracy(judged), "top3": accuracy(judged, 3)}


def speed(trained: Trained, asked: Sequence[Example]) -> dict[str, Any]:
    """Measure the whole path from raw text, and the folder."""
    model = Model(trained.weights)
    texts = [one.text for one in asked if 60 <= len(one.text) <= 100]

    def answer(some: Sequence[str]) -> None:
        model.probabilities([prepare(text, mask=mask).words for text in some])

    batches = [texts[begin : begin + BATCH] for begin in range(0, len(texts) - BATCH, BATCH)]
    for batch in batches:
        answer(batch)
    begun = time.perf_counter()
    for batch in batches:
        answer(batch)
    rate = BATCH * len(batches) / (time.perf_counter() - begun)
    singles = []
    for text in texts[:SINGLES]:
        begun = time.perf_counter()
        answer([text])
        singles.append(time.perf_counter() - begun)
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / artifact.save(trained, Path(folder))
        size = sum(path.stat().st_size for path in stored.iterdir())
        begun = time.perf_counter()
        artifact.load(stored, trained.weights.labels)
        loading = time.perf_counter() - begun
    return {
        "texts_per_second": round(rate),
        "p99_of_one_ms": round(1000 * float(np.quantile(singles, 0.99)), 2),
        "folder_megabytes": round(size / 1e6, 1),
        "loading_seconds": round(loading, 2),
    }


def of_public(split: Split) -> dict[str, Any]:
    """Measure the recipe that fits, by its own held-out examples, on the asked texts of a split."""
    trained = learn([], split.trained, RECIPES)
    judged = answers(trained, split.asked)
    hits = np.asarray(judged.labels)[judged.probabilities.argmax(axis=1)] == judged.truth
    half = 1.96 * float(hits.std()) / len(hits) ** 0.5
    found = {
        "top1": accuracy(judged),
        "interval": [float(hits.mean()) - half, float(hits.mean()) + half],
        "top3": accuracy(judged, 3),
        "macro_f1": macro_f1(judged),
        "of_unseen": of_unseen(judged, split),
        "recipe": trained.facts["recipe"],
    }
    if any(one.language for one in split.asked):
        found["languages"] = by_language(judged)
    found["out_of_scope"] = {
        name: {"texts": len(some), "auroc": auroc(judged, answers(trained, some))}
        for name, some in split.strange.items()
    }
    return found


def of_unseen(judged: Judged, split: Split) -> dict[str, Any]:
    """Measure the texts that nobody learned word for word: people send an appeal again."""
    fresh = public.unseen(split)
    left = of_rows(judged, np.flatnonzero(fresh).tolist())
    if not left.truth:
        return {"texts": 0}
    return {"texts": len(left.truth), "top1": accuracy(left), "top3": accuracy(left, 3)}


@dataclass(frozen=True)
class Part:
    """Something that is measured: of the model, and of peers beside it."""

    read: Callable[[], Split]
    model: Callable[[Split], dict[str, Any]] = of_public
    has_peers: bool = True
    is_usual: bool = True
    """Whether it is measured where nobody names it."""

    @cached_property
    def split(self) -> Split:
        """Return what is learned and asked."""
        return self.read()

    @property
    def subjects(self) -> Mapping[str, Callable[[Split], dict[str, Any]]]:
        """Return what is measured of whom, by name."""
        return {MODEL: self.model, **(PEERS if self.has_peers else {})}


def parts(data: Path) -> Mapping[str, Part]:
    """Return what is measured, by name."""
    return {
        "own": Part(own_split, own),
        "cold-start": Part(own_split, cold_start, has_peers=False),
        "clinc": Part(partial(public.clinc, data)),
        "banking": Part(partial(public.banking, data)),
        "sib": Part(partial(public.sib, data)),
        "spb-category": Part(partial(public.spb, data, "category")),
        "spb-reason": Part(partial(public.spb, data, "reason")),
        **{
            f"spb-{column}-later": Part(
                partial(public.spb, data, column, public.SPB_SHARES[1]),
                has_peers=False,
                is_usual=False,
            )
            for column in ("category", "reason")
        },
    }


def main() -> None:
    """Measure what is not known yet, and keep each result as soon as it is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--parts", default="")
    parser.add_argument("--subjects", default="")
    parser.add_argument("--anew", action="store_true")
    given = parser.parse_args()
    known = parts(given.data)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(RESULT.read_text()) if RESULT.exists() and not given.anew else {}
    usual = [name for name, part in known.items() if part.is_usual]
    for name in given.parts.split(",") if given.parts else usual:
        subjects = known[name].subjects
        told = found.setdefault(name, {})
        for subject in given.subjects.split(",") if given.subjects else subjects:
            if subject not in subjects or (subject in told and not given.parts):
                continue
            begun = time.perf_counter()
            told[subject] = subjects[subject](known[name].split)
            told[subject]["seconds"] = round(time.perf_counter() - begun)
            RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
            print(name, subject, json.dumps(told[subject], ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
