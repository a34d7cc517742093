"""The features of texts, as the fitted vectorizers make them and several times as fast.

scikit-learn cuts every text anew; here each word is cut once and remembered. A test holds both
to the same numbers, to the last bit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

from classifier.pairs import MAX_WORDS, Pairs, paired_words

WORDS_REMEMBERED = 20_000
"""About 10 MB. Single words, in memory only, and nothing tells whose they were."""

Numbers = NDArray[np.integer[Any]]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the terms of texts stand: one entry for each term in each word it lies in."""

    columns: Numbers
    words: Numbers
    """Words are what spaces divide, counted from 0 through all texts."""


class Counter(Protocol):
    """Finds the terms of one table in texts."""

    def counts(self, texts: Sequence[str]) -> csr_matrix:
        """Return how often each term occurs: one row a text."""

    def places(self, texts: Sequence[Sequence[str]]) -> Places:
        """Tell where they stand in texts that were divided into words."""


class Features:
    """Fitted vectorizers side by side, for texts that are cut again and again."""

    def __init__(self, fitted: FeatureUnion) -> None:
        shares = fitted.transformer_weights or {}
        self._tables = [
            (part.idf_, shares.get(name, 1.0), _counter(part))
            for name, part in fitted.transformer_list
        ]

    def of(self, texts: Sequence[str]) -> list[csr_matrix]:
        """Return a matrix for each table, one row a text: tf-idf, sublinear in tf.

        A row is as long as its table's share.
        """
        return [_weighed(idf, counter.counts(texts), share) for idf, share, counter in self._tables]

    def places(self, texts: Sequence[str]) -> list[Places]:
        """Tell for each table where its terms stand."""
        words = [text.split() for text in texts]
        return [counter.places(words) for _, _, counter in self._tables]

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        """Return the share of words, as spaces divide them, in which nothing is known.

        Known are words that the model learned; where it learned none by themselves, their pieces.
        """
        words = [text.split() for text in texts]
        lengths = [len(told) for told in words]
        counters = [counter for _, _, counter in self._tables]
        known = np.zeros(sum(lengths), dtype=bool)
        for one in [one for one in counters if isinstance(one, _WordCounter)] or counters[:1]:
            known[one.places(words).words] = True
        found = np.bincount(np.repeat(np.arange(len(texts)), lengths), known, len(texts)).tolist()
        return [1 - of / count if count else 0.0 for of, count in zip(found, lengths, strict=True)]


def _counter(vectorizer: TfidfVectorizer) -> Counter:
    if isinstance(vectorizer.analyzer, Pairs):
        return _PairCounter(vectorizer.analyzer, vectorizer.vocabulary_)
    if vectorizer.analyzer == "char_wb":
        return _PieceCounter(vectorizer.ngram_range, vectorizer.vocabulary_)
    if vectorizer.ngram_range == (2, 2):
        return _NeighbourCounter(vectorizer.vocabulary_)
    return _WordCounter(vectorizer.vocabulary_)


class _PieceCounter:
    """Finds pieces of words within their borders; each word is cut once and remembered."""

    def __init__(self, sizes: tuple[int, int], vocabulary: Mapping[str, int]) -> None:
        @lru_cache(WORDS_REMEMBERED)
        def columns(word: str) -> Sequence[int]:
            pieces = _pieces(f" {word} ", *sizes)
            return tuple(vocabulary[piece] for piece in pieces if piece in vocabulary)

        self._columns = columns
        self._width = len(vocabulary)

    def counts(self, texts: Sequence[str]) -> csr_matrix:
        """Return how often each term occurs: one row a text."""
        found = [list(chain.from_iterable(map(self._columns, text.split()))) for text in texts]
        return _counted(found, self._width)

    def places(self, texts: Sequence[Sequence[str]]) -> Places:
        """Tell where they stand in texts that were divided into words."""
        return _placed(self._columns(word) for text in texts for word in text)


class _WordCounter:
    """Finds words."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary

    def counts(self, texts: Sequence[str]) -> csr_matrix:
        """Return how often each term occurs: one row a text."""
        return _counted(list(map(self._columns, texts)), len(self._vocabulary))

    def places(self, texts: Sequence[Sequence[str]]) -> Places:
        """Tell where they stand in texts that were divided into words."""
        return _placed(self._columns(word) for text in texts for word in text)

    def _columns(self, text: str) -> Sequence[int]:
        known = self._vocabulary
        return [known[word] for word in _WORD.findall(text) if word in known]


class _NeighbourCounter:
    """Finds two words, the second right behind the first."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary

    def counts(self, texts: Sequence[str]) -> csr_matrix:
        """Return how often each term occurs: one row a text."""
        known = self._vocabulary
        found = [
            [known[two] for two in map(" ".join, pairwise(_WORD.findall(text))) if two in known]
            for text in texts
        ]
        return _counted(found, len(known))

    def places(self, texts: Sequence[Sequence[str]]) -> Places:
        """Tell where they stand in texts that were divided into words."""
        columns: list[int] = []
        words: list[int] = []
        begin = 0
        for text in texts:
            parts = [(p, at) for at, word in enumerate(text, begin) for p in _WORD.findall(word)]
            for (one, first), (other, second) in pairwise(parts):
                if (column := self._vocabulary.get(f"{one} {other}")) is not None:
                    columns += column, column
                    words += first, second
            begin += len(text)
        return Places(np.array(columns, dtype=np.int64), np.array(words, dtype=np.int64))


class _PairCounter:
    """Finds pairs in all texts at once: a word is a number, and a pair one number of two."""

    def __init__(self, pairs: Pairs, vocabulary: Mapping[str, int]) -> None:
        self._pairs = pairs
        self._stems: dict[str, int] = {}
        keys = np.empty(len(vocabulary), dtype=np.int64)
        for term, column in vocabulary.items():
            one, _, other = term.partition(" ")
            keys[column] = _pair(*sorted((self._number(one), self._number(other))))
        self._columns = np.argsort(keys).astype(np.int32)
        self._keys = keys[self._columns]

    def counts(self, texts: Sequence[str]) -> csr_matrix:
        """Return which terms occur: one row a text."""
        stems, rows = self._laid_out([paired_words(text) for text in texts])
        columns, first, _ = self._known_pairs(stems)
        ones = np.ones(len(columns), dtype=np.float32)
        shape = (len(texts), len(self._keys))
        found = csr_matrix((ones, (rows[first], columns)), shape=shape)
        found.data[:] = 1.0  # however often
        return found

    def places(self, texts: Sequence[Sequence[str]]) -> Places:
        """Tell where they stand in texts that were divided into words."""
        parts: list[list[str]] = []
        numbers: list[int] = []
        begin = 0
        for text in texts:
            told = list(_numbered(text, begin))
            parts.append([part for part, _ in told])
            numbers += [number for _, number in told] + [-1] * self._pairs.reach
            begin += len(text)
        columns, first, second = self._known_pairs(self._laid_out(parts)[0])
        words = np.array(numbers, dtype=np.int64)
        return Places(np.tile(columns, 2), np.r_[words[first], words[second]])

    def _laid_out(self, texts: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
        """Return the words of all texts in a row as numbers, and the texts they stand in.

        Between two texts is a gap that no pair reaches over: -1, as for words that are not known.
        """
        letters, reach = self._pairs.letters, self._pairs.reach
        gap = [""] * reach
        known = self._stems.get
        stems = [known(word[:letters], -1) for words in texts for word in (*words, *gap)]
        rows = np.repeat(np.arange(len(texts)), [len(words) + reach for words in texts])
        return np.array(stems, dtype=np.int64), rows

    def _known_pairs(self, stems: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return the column of each known pair, and the places of both its words."""
        first, second, keys = [], [], []
        for step in range(1, min(self._pairs.reach, len(stems) - 1) + 1):
            one, other = stems[:-step], stems[step:]
            places = np.flatnonzero((one >= 0) & (other >= 0))
            keys.append(_pair(*np.sort([one[places], other[places]], axis=0)))
            first.append(places)
            second.append(places + step)
        if not keys or not len(self._keys):
            return (np.empty(0, dtype=np.int64),) * 3
        wanted = np.concatenate(keys)
        found = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        known = self._keys[found] == wanted
        columns = self._columns[found[known]]
        return columns, np.concatenate(first)[known], np.concatenate(second)[known]

    def _number(self, stem: str) -> int:
        return self._stems.setdefault(stem, len(self._stems))


def _numbered(words: Sequence[str], begin: int) -> Iterator[tuple[str, int]]:
    """Give the words that are paired, with the number of the word they are in."""
    parts = [(p, number) for number, word in enumerate(words, begin) for p in _WORD.findall(word)]
    return (one for one in parts[:MAX_WORDS] if len(one[0]) > 1)


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


def _placed(columns_of_words: Iterable[Sequence[int]]) -> Places:
    found = list(columns_of_words)
    lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    columns = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=lengths.sum())
    return Places(columns, np.repeat(np.arange(len(found)), lengths))


def _counted(columns: Sequence[Sequence[int]], width: int) -> csr_matrix:
    ends = np.cumsum([0, *map(len, columns)])
    indices = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=ends[-1])
    counts = np.ones(len(indices), dtype=np.float32)
    found = csr_matrix((counts, indices, ends), shape=(len(columns), width))
    found.sum_duplicates()
    return found


def _weighed(idf: NDArray[np.floating[Any]], counts: csr_matrix, share: float) -> csr_matrix:
    np.log(counts.data, out=counts.data)
    counts.data += 1.0
    counts.data *= idf[counts.indices]
    # As sklearn.preprocessing.normalize does after looking at what it is given, for far longer.
    inplace_csr_row_normalize_l2(counts)
    counts.data *= share
    return counts
