"""The features of texts, as the fitted vectorizers make them and several times as fast.

scikit-learn cuts every text anew; here each word is cut once and remembered. A test holds both
to the same numbers, to the last bit.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

from classifier.pairs import MAX_WORDS, Pairs, pair_name, paired_words

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

    def of(self, texts: Sequence[str]) -> Sequence[csr_matrix]:
        """Return a matrix for each table, one row a text: tf-idf, sublinear in tf.

        A row is as long as its table's share.
        """
        return [
            _weighed(idf, [cut(text) for text in texts]) * share for idf, share, cut in self._tables
        ]

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


def _cutter(vectorizer: TfidfVectorizer) -> Cut:
    known = vectorizer.vocabulary_.get
    if isinstance(vectorizer.analyzer, Pairs):
        return _pair_cutter(vectorizer.analyzer, vectorizer.vocabulary_)
    if vectorizer.analyzer == "char_wb":
        shortest, longest = vectorizer.ngram_range

        @lru_cache(WORDS_REMEMBERED)
        def columns(word: str) -> Sequence[int]:
            pieces = _pieces(f" {word} ", shortest, longest)
            return tuple(column for piece in pieces if (column := known(piece)) is not None)

        return lambda text: list(chain.from_iterable(map(columns, text.split())))
    terms = vectorizer.build_analyzer()
    return lambda text: [column for term in terms(text) if (column := known(term)) is not None]


def _pair_cutter(pairs: Pairs, vocabulary: Mapping[str, int]) -> Cut:
    known: dict[str, dict[str, int]] = {}
    for term, column in vocabulary.items():
        one, _, other = term.partition(" ")
        known.setdefault(one, {})[other] = column
        known.setdefault(other, {})[one] = column
    nothing: dict[str, int] = {}
    letters, reach = pairs.letters, pairs.reach

    def columns(text: str) -> Sequence[int]:
        # As `Pairs`, without a name for every pair: most are not known.
        stems = [word[:letters] for word in paired_words(text)]
        found: set[int] = set()
        for place, stem in enumerate(stems, start=1):
            if of := known.get(stem, nothing):
                found.update(of[other] for other in stems[place : place + reach] if other in of)
        return list(found)

    return columns


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
