"""The texts a model is trained on: those of the catalogue first, then the examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.domain import Entry, Example, Language
from classifier.text import Mask, prepare

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Training texts, prepared: those of the catalogue first, then the examples."""

    texts: NDArray[Any]
    labels: NDArray[Any]
    writers: NDArray[Any]
    """Of the examples; one that nobody signed has a name of its own."""
    languages: Sequence[Language]
    """Of the examples, as detected."""
    is_sample: NDArray[np.bool_]
    """Of the examples, whether models are measured by them."""
    titles: int
    """How many of the texts are titles and descriptions of the catalogue."""

    @property
    def examples(self) -> Indices:
        """Return the rows that are examples."""
        return np.arange(self.titles, len(self.texts))

    def sample(self, count: int, random: np.random.Generator) -> "Corpus":
        """Return it with so many of its examples, where it has more."""
        examples = len(self.texts) - self.titles
        if examples <= count:
            return self
        some = np.sort(random.choice(examples, count, replace=False))
        rows = np.r_[np.arange(self.titles), self.titles + some]
        return Corpus(
            texts=self.texts[rows],
            labels=self.labels[rows],
            writers=self.writers[some],
            languages=[self.languages[row] for row in some.tolist()],
            is_sample=self.is_sample[some],
            titles=self.titles,
        )


def corpus_of(entries: Sequence[Entry], examples: Sequence[Example], mask: Mask) -> Corpus:
    """Prepare what is trained on."""
    titles = [
        (text, entry.service_id)
        for entry in entries
        for text in (*entry.titles.values(), *entry.texts)
    ]
    pairs = [*titles, *((example.text, example.label) for example in examples)]
    prepared = [prepare(text, mask=mask) for text, _ in pairs]
    writers = [example.writer or f"#{row}" for row, example in enumerate(examples)]
    return Corpus(
        texts=np.array([one.words for one in prepared], dtype=object),
        labels=np.array([label for _, label in pairs], dtype=object),
        writers=np.array(writers, dtype=object),
        languages=[one.language for one in prepared[len(titles) :]],
        is_sample=np.array([example.is_sample for example in examples], dtype=bool),
        titles=len(titles),
    )
