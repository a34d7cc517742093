"""The features of texts, as the fitted vectorizers make them and several times as fast.

scikit-learn cuts every text anew; here each word is cut once and remembered. A test holds both
to the same numbers, to the last bit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

WORDS_REMEMBERED = 20_000
"""About 10 MB. Single words, in memory only, and nothing tells whose they were."""

Indices = NDArray[np.integer[Any]]
Shares = NDArray[np.floating[Any]]
Placed = tuple[Indices, Indices, Shares]
"""Columns, words and shares."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the terms of texts stand: one entry for each term in each word it lies in."""

    columns: Indices
    words: Indices
    """Words are what spaces divide, counted from 0 through all texts."""
    shares: Shares
    """What lies in two words belongs to each by half."""


class Features:
    """Fitted vectorizers side by side, for texts that are cut again and again."""

    def __init__(self, fitted: FeatureUnion) -> None:
        shares = fitted.transformer_weights or {}
        self._tables = [
            (one.idf_, shares.get(name, 1.0), _cutter(one)) for name, one in fitted.transformer_list
        ]

    def of(self, texts: Sequence[str]) -> csr_matrix:
        """Return one row a text: tf-idf, sublinear in tf, each part as long as its share."""
        parts = [
            _weighed(idf, [cutter.cut(text) for text in texts]) * share
            for idf, share, cutter in self._tables
        ]
        return hstack(parts, format="csr")

    def places(self, texts: Sequence[str]) -> Places:
        """Tell where the terms of texts stand; a term occurs as often as it is given."""
        words = [text.split() for text in texts]
        begin, parts = 0, []
        for idf, _, cutter in self._tables:
            columns, numbers, shares = cutter.places(words)
            parts.append((columns + begin, numbers, shares))
            begin += len(idf)
        return Places(*map(np.concatenate, zip(*parts, strict=True)))


class _Pieces:
    """Cuts words into pieces within their borders; each word is cut once and remembered."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        known = vectorizer.vocabulary_.get
        shortest, longest = vectorizer.ngram_range

        @lru_cache(WORDS_REMEMBERED)
        def columns(word: str) -> Sequence[int]:
            pieces = _pieces(f" {word} ", shortest, longest)
            return tuple(column for piece in pieces if (column := known(piece)) is not None)

        self._columns = columns

    def cut(self, text: str) -> Sequence[int]:
        """Give the columns of a text's terms, each as often as it occurs."""
        return list(chain.from_iterable(map(self._columns, text.split())))

    def places(self, texts: Sequence[Sequence[str]]) -> Placed:
        """Tell where they stand in texts that were divided into words."""
        found = [self._columns(word) for text in texts for word in text]
        lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
        columns = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=lengths.sum())
        return columns, np.repeat(np.arange(len(found)), lengths), np.ones(len(columns))


class _Words:
    """Cuts texts into words and pairs of words."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        self._known = vectorizer.vocabulary_.get
        self._terms = vectorizer.build_analyzer()
        self._sizes = range(vectorizer.ngram_range[0], vectorizer.ngram_range[1] + 1)

    def cut(self, text: str) -> Sequence[int]:
        """Give the columns of a text's terms, each as often as it occurs."""
        known = self._known
        return [column for term in self._terms(text) if (column := known(term)) is not None]

    def places(self, texts: Sequence[Sequence[str]]) -> Placed:
        """Tell where they stand in texts that were divided into words."""
        columns: list[int] = []
        numbers: list[int] = []
        shares: list[float] = []
        begin = 0
        for text in texts:
            for column, words in self._across(text, begin):
                columns += [column] * len(words)
                numbers += words
                shares += [1 / len(words)] * len(words)
            begin += len(text)
        return np.array(columns, np.int64), np.array(numbers, np.int64), np.array(shares)

    def _across(self, text: Sequence[str], begin: int) -> Iterator[tuple[int, list[int]]]:
        parts = [
            (part, number)
            for number, word in enumerate(text, begin)
            for part in _WORD.findall(word)
        ]
        for size in self._sizes:
            for first in range(len(parts) - size + 1):
                terms, words = zip(*parts[first : first + size], strict=True)
                if (column := self._known(" ".join(terms))) is not None:
                    yield column, list(words)


def _cutter(vectorizer: TfidfVectorizer) -> _Pieces | _Words:
    return (_Pieces if vectorizer.analyzer == "char_wb" else _Words)(vectorizer)


def _pieces(padded: str, shortest: int, longest: int) -> Iterator[str]:
    """Give the n-grams of a word within its borders; a word shorter than n counts once."""
    for size in range(shortest, longest + 1):
        last = max(0, len(padded) - size)
        for begin in range(last + 1):
            yield padded[begin : begin + size]
        if last == 0:
            return


def _weighed(idf: np.ndarray, columns: Sequence[Sequence[int]]) -> csr_matrix:
    ends = np.cumsum([0, *map(len, columns)])
    indices = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=ends[-1])
    counts = np.ones(len(indices), dtype=np.float32)
    found = csr_matrix((counts, indices, ends), shape=(len(columns), len(idf)))
    found.sum_duplicates()
    np.log(found.data, out=found.data)
    found.data += 1.0
    found.data *= idf[found.indices]
    return normalize(found, copy=False)
