"""Labels in the ids of today: a service keeps its texts when it is renamed or merged.

Files of texts and models name services by the ids of their time. The register tells of each id
that stopped where it leads, and nothing is judged or learned but under the ids that there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from classifier.domain import Example
from classifier.evaluate import Judged

Successors = Mapping[str, str]
"""The ids that stopped, each with the service that it leads to."""
NONE: Successors = MappingProxyType({})


def examples_of(examples: Iterable[Example], successors: Successors) -> list[Example]:
    """Return examples under the ids of today."""
    return [replace(one, label=successors.get(one.label, one.label)) for one in examples]


def judged_of(judged: Judged, successors: Successors) -> Judged:
    """Return what a model answered under the ids of today; what was merged counts as one."""
    if successors.keys().isdisjoint({*judged.labels, *judged.truth}):
        return judged
    names = [successors.get(one, one) for one in judged.labels]
    labels, column = np.unique(np.asarray(names), return_inverse=True)
    summed = np.zeros((len(judged.probabilities), len(labels)), judged.probabilities.dtype)
    np.add.at(summed.T, column, judged.probabilities.T)
    truth = [successors.get(one, one) for one in judged.truth]
    return replace(judged, labels=labels.tolist(), probabilities=summed, truth=truth)
