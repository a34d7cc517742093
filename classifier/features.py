"""The features of texts, as the fitted vectorizers make them and several times as fast.

scikit-learn cuts every text anew; here each word is cut once and remembered. A test holds both
to the same numbers, to the last bit.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

from classifier.pairs import MAX_WORDS, Pairs, pair_name, paired_words

WORDS_REMEMBERED = 20_000
"""About 10 MB. Single words, in memory only, and nothing tells whose they were."""

Counts = Callable[[Sequence[str]], csr_matrix]
"""Counts the terms of texts: one row a text, one column a term."""
_WORD = re.compile(r"\w+")


class Features:
    """Fitted vectorizers side by side, for texts that are cut again and again."""

    def __init__(self, fitted: FeatureUnion) -> None:
        shares = fitted.transformer_weights or {}
        self._vectorizers = [part for _, part in fitted.transformer_list]
        self._tables = [
            (one.idf_, shares.get(name, 1.0), _counter(one))
            for name, one in fitted.transformer_list
        ]

    def of(self, texts: Sequence[str]) -> Sequence[csr_matrix]:
        """Return a matrix for each table, one row a text: tf-idf, sublinear in tf.

        A row is as long as its table's share.
        """
        return [_weighed(idf, counts(texts)) * share for idf, share, counts in self._tables]

    def places(self, text: str) -> Iterator[tuple[int, int, Sequence[int]]]:
        """Give the table and the column of every term of a text, with the words it lies in.

        Words are what spaces divide, counted from 0; a term occurs as often as it is given.
        """
        for table, vectorizer in enumerate(self._vectorizers):
            for term, words in _places(vectorizer, text):
                if (column := vectorizer.vocabulary_.get(term)) is not None:
                    yield table, column, words


def _places(vectorizer: TfidfVectorizer, text: str) -> Iterator[tuple[str, Sequence[int]]]:
    if isinstance(vectorizer.analyzer, Pairs):
        return _in_pairs(text, vectorizer.analyzer)
    if vectorizer.analyzer == "char_wb":
        return _in_words(text, *vectorizer.ngram_range)
    return ((word, (number,)) for word, number in _numbered(text))


def _in_words(text: str, shortest: int, longest: int) -> Iterator[tuple[str, Sequence[int]]]:
    for number, word in enumerate(text.split()):
        for piece in _pieces(f" {word} ", shortest, longest):
            yield piece, (number,)


def _in_pairs(text: str, pairs: Pairs) -> Iterator[tuple[str, Sequence[int]]]:
    found = [one for one in _numbered(text)[:MAX_WORDS] if len(one[0]) > 1]
    stems = [word[: pairs.letters] for word, _ in found]
    for one, other in pairs.places(stems):
        yield pair_name(stems[one], stems[other]), (found[one][1], found[other][1])


def _numbered(text: str) -> Sequence[tuple[str, int]]:
    """Return the parts of words that count as words, with the number of the whole word."""
    return [
        (part[0], number)
        for number, word in enumerate(text.split())
        for part in _WORD.finditer(word)
    ]


def _counter(vectorizer: TfidfVectorizer) -> Counts:
    vocabulary = vectorizer.vocabulary_
    if isinstance(vectorizer.analyzer, Pairs):
        return PairCounter(vectorizer.analyzer, vocabulary)
    if vectorizer.analyzer == "char_wb":
        shortest, longest = vectorizer.ngram_range

        @lru_cache(WORDS_REMEMBERED)
        def columns(word: str) -> Sequence[int]:
            pieces = _pieces(f" {word} ", shortest, longest)
            return tuple(vocabulary[piece] for piece in pieces if piece in vocabulary)

        return lambda texts: _counted(
            [list(chain.from_iterable(map(columns, text.split()))) for text in texts],
            len(vocabulary),
        )
    return lambda texts: _counted(
        [
            [vocabulary[word] for word in _WORD.findall(text) if word in vocabulary]
            for text in texts
        ],
        len(vocabulary),
    )


def _counted(columns: Sequence[Sequence[int]], width: int) -> csr_matrix:
    ends = np.cumsum([0, *map(len, columns)])
    indices = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=ends[-1])
    counts = np.ones(len(indices), dtype=np.float32)
    found = csr_matrix((counts, indices, ends), shape=(len(columns), width))
    found.sum_duplicates()
    return found


class PairCounter:
    """Counts pairs in all texts at once: a word is a number, and a pair one number of two."""

    def __init__(self, pairs: Pairs, vocabulary: Mapping[str, int]) -> None:
        self._pairs = pairs
        self._stems: dict[str, int] = {}
        keys = np.empty(len(vocabulary), dtype=np.int64)
        for term, column in vocabulary.items():
            one, _, other = term.partition(" ")
            keys[column] = _pair(*sorted((self._number(one), self._number(other))))
        self._columns = np.argsort(keys).astype(np.int32)
        self._keys = keys[self._columns]

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Return the pairs of each text, each once."""
        rows, keys = self._pairs_of(texts)
        places = np.searchsorted(self._keys, keys)
        places[places == len(self._keys)] = 0
        known = self._keys[places] == keys if len(self._keys) else np.zeros(len(keys), dtype=bool)
        rows, columns = rows[known], self._columns[places[known]]
        ones = np.ones(len(rows), dtype=np.float32)
        found = csr_matrix((ones, (rows, columns)), shape=(len(texts), len(self._keys)))
        found.data[:] = 1.0
        return found

    def _pairs_of(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the number of every pair there is, and the row of its text."""
        letters, reach = self._pairs.letters, self._pairs.reach
        apart = [-1] * reach  # no pair reaches from one text into the next
        said = [[self._stems.get(word[:letters], -1) for word in paired_words(t)] for t in texts]
        numbers = np.array([one for words in said for one in (*words, *apart)], dtype=np.int64)
        rows = np.repeat(np.arange(len(texts)), [len(words) + reach for words in said])
        keys, owners = [], []
        for step in range(1, reach + 1):
            one, other = numbers[:-step], numbers[step:]
            paired = (one >= 0) & (other >= 0)
            keys.append(_pair(*np.sort([one[paired], other[paired]], axis=0)))
            owners.append(rows[:-step][paired])
        return np.concatenate(owners), np.concatenate(keys)

    def _number(self, stem: str) -> int:
        return self._stems.setdefault(stem, len(self._stems))


def _pair(one: Any, other: Any) -> Any:
    return one << 32 | other


def _pieces(padded: str, shortest: int, longest: int) -> Iterator[str]:
    """Give the n-grams of a word within its borders; a word shorter than n counts once."""
    for size in range(shortest, longest + 1):
        last = max(0, len(padded) - size)
        for begin in range(last + 1):
            yield padded[begin : begin + size]
        if last == 0:
            return


def _weighed(idf: np.ndarray, counts: csr_matrix) -> csr_matrix:
    np.log(counts.data, out=counts.data)
    counts.data += 1.0
    counts.data *= idf[counts.indices]
    return normalize(counts, copy=False)
