"""Texts that are about the same, put together by scikit-learn."""

import threading
from collections.abc import Iterable, Sequence
from math import sqrt

from services.cases.domain.topics import stem_of, words_of

SEED = 20260118
MOST_GROUPS = 20
FEWEST_TEXTS = 10
"""A group has so many texts on average, or more."""
DIMENSIONS = 50
FEWEST_CASES = 5
"""Words of fewer texts tell no group from another."""
MOST_SHARE = 0.5
"""Words of more texts tell no group from another either."""
ALIKE = 6
"""Places that are the same to so many digits are one."""

_one_at_a_time = threading.Lock()


def group(texts: Sequence[str]) -> Sequence[int]:
    """Return the group of each text: k-means over the words they share (TF-IDF, LSA).

    The same texts come into the same groups. One is done at a time, so that cases has a core left.
    """
    with _one_at_a_time:
        return _group(texts)


def _group(texts: Sequence[str]) -> Sequence[int]:
    most = min(MOST_GROUPS, round(sqrt(len(texts) / 2)), len(texts) // FEWEST_TEXTS)
    if most < 2:
        return [0] * len(texts)
    # Loaded by who first asks: a second that no start of the record of cases should take.
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    vectors = TfidfVectorizer(analyzer=_stems, min_df=FEWEST_CASES, max_df=MOST_SHARE)
    try:
        weights = vectors.fit_transform(texts)
    except ValueError:  # no word is shared by enough of them and not by too many
        return [0] * len(texts)
    if weights.shape[1] > DIMENSIONS:
        places = TruncatedSVD(DIMENSIONS, random_state=SEED).fit_transform(weights)
    else:
        places = weights.toarray()
    places = normalize(places)
    # Texts that say the same lie at one place: there are no more groups than places.
    count = min(most, len(np.unique(places.round(ALIKE), axis=0)))
    means = KMeans(count, n_init=1, max_iter=50, random_state=SEED)
    return [int(number) for number in means.fit_predict(places)]


def _stems(text: str) -> Iterable[str]:
    return map(stem_of, words_of(text))
