"""Specifies that weights become few bytes and still say the same."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, identity, random_array

from classifier.condense import (
    STEPS,
    Array,
    Condensed,
    condense,
    condense_sparse,
    frequency,
)

LEARNED = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
IDF = np.ones(40, dtype=np.float32)
CONDENSED = [condense(LEARNED, IDF, most=40)[1], condense_sparse(LEARNED, IDF, most=90)[1]]


def every_term(condensed: Condensed) -> Array:
    """Return the whole matrix: what is said of texts that have one term each."""
    return condensed.said_of(identity(len(condensed.scales), dtype=np.float32, format="csr"))


def test_all_is_kept_where_there_is_room() -> None:
    """Rounded to half a step of what the row's largest weight makes."""
    rows, condensed = condense(LEARNED, IDF, most=40)

    half = np.abs(LEARNED).max(axis=1, keepdims=True) / STEPS / 2
    assert rows.tolist() == list(range(40))
    assert (np.abs(every_term(condensed) - LEARNED) <= half * 1.001).all()


def test_what_says_little_goes_first() -> None:
    """A term with small weights, not one at the end."""
    learned = LEARNED.copy()
    learned[3] /= 1000

    rows, condensed = condense(learned, IDF, most=39)

    assert rows.tolist() == [row for row in range(40) if row != 3]
    assert every_term(condensed).shape == (39, 6)


def test_a_rare_term_says_less_in_all() -> None:
    """Of two with the same weights the frequent one is kept."""
    learned = np.ones((2, 3), dtype=np.float32)

    rows, _ = condense(learned, np.array([9.0, 2.0], dtype=np.float32), most=1)

    assert rows.tolist() == [1]


def test_the_largest_entries_are_kept() -> None:
    """And rows that keep none are gone."""
    learned = np.zeros((3, 4), dtype=np.float32)
    learned[0, 1], learned[0, 2], learned[2, 3] = 5.0, 0.1, -4.0

    rows, condensed = condense_sparse(learned, IDF[:3], most=3)

    assert rows.tolist() == [0, 2]
    assert len(condensed.steps) == 2
    np.testing.assert_allclose(every_term(condensed), [[0, 5, 0, 0], [0, 0, 0, -4]], atol=0.02)


def test_what_occurs_rarely_in_many_texts_needs_no_more_room_than_allowed() -> None:
    """The bound holds for entries, whatever rows they stand in."""
    _, condensed = condense_sparse(LEARNED, IDF, most=50)

    assert len(condensed.steps) <= 50


def test_sparse_and_dense_say_the_same() -> None:
    """Where nothing is left out."""
    _, sparse = condense_sparse(LEARNED, IDF, most=LEARNED.size)
    _, full = condense(LEARNED, IDF, most=40)

    np.testing.assert_array_equal(every_term(sparse), every_term(full))


@pytest.mark.parametrize("condensed", CONDENSED)
def test_texts_are_told_as_by_a_product_of_matrices(condensed: Condensed) -> None:
    """Also a text without any term, and one that has the same terms as another."""
    terms = len(condensed.scales)
    texts = random_array((9, terms), density=0.2, format="csr", dtype=np.float32, rng=1)
    texts = csr_matrix(np.vstack([texts.toarray(), np.zeros((1, terms)), texts[[0]].toarray()]))

    told = condensed.said_of(texts.astype(np.float32))

    np.testing.assert_allclose(told, texts @ every_term(condensed), atol=1e-5)


@pytest.mark.parametrize("condensed", CONDENSED)
def test_a_lead_is_the_difference_of_two_weights(condensed: Condensed) -> None:
    """The same term may be asked for several times; what was left out is zero."""
    terms = np.array([3, 0, 3, 3, 7])
    labels, others = np.array([1, 5, 2, 1, 0]), np.array([0, 1, 2, 3, 4])

    told = condensed.leads(terms, labels, others)

    whole = every_term(condensed)
    np.testing.assert_allclose(told, whole[terms, labels] - whole[terms, others], atol=1e-6)


def test_no_terms_have_no_weights() -> None:
    """Texts may have no pair that occurs twice."""
    nothing = np.empty((0, 3), dtype=np.float32)

    for rows, condensed in (condense(nothing, IDF[:0], 5), condense_sparse(nothing, IDF[:0], 5)):
        assert len(rows) == 0
        assert every_term(condensed).shape == (0, 3)
        assert condensed.leads(*np.empty((3, 0), dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize(("texts", "containing"), [(9, 9), (99, 9), (99, 0)])
def test_frequency_is_read_off_the_idf(texts: int, containing: int) -> None:
    """Of scikit-learn's formula: ln((1 + texts) / (1 + containing)) + 1."""
    idf = np.log((1 + texts) / (1 + containing)) + 1

    assert frequency(idf) == pytest.approx((1 + containing) / (1 + texts))


def test_a_weight_of_zero_stays_zero() -> None:
    """A row that says nothing is no reason to divide by zero."""
    _, condensed = condense(np.zeros((1, 2), dtype=np.float32), IDF[:1], most=1)

    assert every_term(condensed).tolist() == [[0.0, 0.0]]
