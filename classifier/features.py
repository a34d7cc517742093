"""The features of texts, as the fitted vectorizers make them and several times as fast.

scikit-learn cuts every text anew; here each word is cut once and remembered. A test holds both
to the same numbers, to the last bit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

WORDS_REMEMBERED = 20_000
"""About 10 MB. Single words, in memory only, and nothing tells whose they were."""

Cut = Callable[[str], Sequence[int]]
"""Gives the columns of a text's terms, each as often as it occurs."""
_WORD = re.compile(r"\w+")


class Features:
    """Fitted vectorizers side by side, for texts that are cut again and again."""

    def __init__(self, fitted: FeatureUnion) -> None:
        shares = fitted.transformer_weights or {}
        self._vectorizers = [part for _, part in fitted.transformer_list]
        self._tables = [
            (one.idf_, shares.get(name, 1.0), _cutter(one)) for name, one in fitted.transformer_list
        ]

    def of(self, texts: Sequence[str]) -> csr_matrix:
        """Return one row a text: tf-idf, sublinear in tf, each part as long as its share."""
        parts = [
            _weighed(idf, [cut(text) for text in texts]) * share for idf, share, cut in self._tables
        ]
        return hstack(parts, format="csr")

    def places(self, text: str) -> Iterator[tuple[int, Sequence[int]]]:
        """Give the column of every term of a text, with the words it lies in.

        Words are what spaces divide, counted from 0; a term occurs as often as it is given.
        """
        begin = 0
        for vectorizer in self._vectorizers:
            places = _in_words if vectorizer.analyzer == "char_wb" else _across_words
            for term, words in places(text, *vectorizer.ngram_range):
                if (column := vectorizer.vocabulary_.get(term)) is not None:
                    yield begin + column, words
            begin += len(vectorizer.vocabulary_)


def _in_words(text: str, shortest: int, longest: int) -> Iterator[tuple[str, Sequence[int]]]:
    for number, word in enumerate(text.split()):
        for piece in _pieces(f" {word} ", shortest, longest):
            yield piece, (number,)


def _across_words(text: str, shortest: int, longest: int) -> Iterator[tuple[str, Sequence[int]]]:
    found = [
        (part[0], number)
        for number, word in enumerate(text.split())
        for part in _WORD.finditer(word)
    ]
    for size in range(shortest, longest + 1):
        for begin in range(len(found) - size + 1):
            terms, words = zip(*found[begin : begin + size], strict=True)
            yield " ".join(terms), words


def _cutter(vectorizer: TfidfVectorizer) -> Cut:
    known = vectorizer.vocabulary_.get
    if vectorizer.analyzer == "char_wb":
        shortest, longest = vectorizer.ngram_range

        @lru_cache(WORDS_REMEMBERED)
        def columns(word: str) -> Sequence[int]:
            pieces = _pieces(f" {word} ", shortest, longest)
            return tuple(column for piece in pieces if (column := known(piece)) is not None)

        return lambda text: list(chain.from_iterable(map(columns, text.split())))
    terms = vectorizer.build_analyzer()
    return lambda text: [column for term in terms(text) if (column := known(term)) is not None]


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
