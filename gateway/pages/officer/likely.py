"""How sure a model was, in words."""

from gateway.pages.words import N_

STEPS = (
    (0.9, N_("almost certain")),
    (0.7, N_("likely")),
    (0.4, N_("possible")),
    (0.15, N_("rather not")),
    (0.0, N_("hardly")),
)
"""From which probability on each word is said."""
LEAST_PROBABILITY = 0.005
"""Less is nothing in per cent."""


def likely(probability: float) -> str:
    """Return a probability in words of the source."""
    return next((words for least, words in STEPS if probability >= least), STEPS[-1][1])
