"""The gate before promotion: nobody may pay for an average that got better.

A candidate is compared with the live model on texts neither was trained on. It passes if no
language loses more than its bound, no service loses more than its bound, no language sends
more of its routed texts astray than was promised, unless the live model does as well, and no
language has far fewer of its texts routed or more of them left to people: a model that dares
nothing errs in nothing. One text alone refuses nothing: it may be chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from classifier import today
from classifier.artifact.layout import Stored
from classifier.domain import OUT_OF_SCOPE, Bounds, Example
from classifier.evaluate import ALL, Judged, Metrics, judge, measure
from classifier.text import Mask
from classifier.today import NONE, Successors

NO_TEXTS = "NO_TEXTS"
"""What the gate says where its texts are of another register: every model would pass, or none."""


@dataclass(frozen=True, slots=True)
class Losses:
    """How much worse than the live model a candidate may be."""

    language: float = 0.01
    """Of the accuracy in any language; and of the error bound of what is routed."""
    service: float = 0.34
    """Of the accuracy for any service: of nine texts, three may be lost and four may not."""
    routed: float = 0.1
    """Of the share that is routed in any language, and of the share that is not left to people."""
    fewest: int = 6
    """A service or a language with fewer texts is not judged by itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """The accuracy for some texts, before and after."""

    name: str
    count: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the live model."""

    before: Mapping[str, Metrics]
    """By language, of the live model."""
    after: Mapping[str, Metrics]
    services: Sequence[Change]
    """Every service that the texts speak of, the greatest loss first."""


class FaultKind(StrEnum):
    """Why the gate refuses."""

    LANGUAGE = "language"
    """A language loses more of its accuracy than it may."""
    ASTRAY = "astray"
    """In a language too many of those routed go astray."""
    ROUTED = "routed"
    """In a language far fewer are routed."""
    LEFT = "left"
    """In a language far more are left to people."""
    SERVICE = "service"
    """A service loses more of its accuracy than it may."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A language or a service that would pay, by the share that tells it."""

    kind: FaultKind
    name: str
    before: float
    after: float

    def __str__(self) -> str:
        """Say it in words."""
        match self.kind:
            case FaultKind.LANGUAGE:
                return f"{self.name}: {self.before - self.after:.1%} less accurate"
            case FaultKind.ASTRAY:
                return f"{self.name}: {self.after:.1%} of the routed go astray"
            case FaultKind.ROUTED:
                return f"{self.name}: {self.before:.0%} were routed, {self.after:.0%} would be"
            case FaultKind.LEFT:
                return (
                    f"{self.name}: {self.before:.0%} were left to people, {self.after:.0%} would be"
                )
            case FaultKind.SERVICE:
                return f"{self.name}: {self.before:.0%} were right, {self.after:.0%} would be"


def is_asked_of(live: Stored, examples: Sequence[Example], successors: Successors = NONE) -> bool:
    """Tell whether any text is of a service that the live model knows."""
    known = {successors.get(one, one) for one in live.model.labels} - {OUT_OF_SCOPE}
    return any(successors.get(one.label, one.label) in known for one in examples)


def compare(
    live: Stored,
    candidate: Stored,
    examples: Sequence[Example],
    *,
    mask: Mask,
    successors: Successors = NONE,
) -> Comparison:
    """Let both models answer the same texts."""
    before, after = (judge(one.model, examples, mask=mask) for one in (live, candidate))
    return compare_judged(live, before, candidate, after, successors)


def compare_judged(
    live: Stored, before: Judged, candidate: Stored, after: Judged, successors: Successors = NONE
) -> Comparison:
    """Compare what both models answered to the same texts, each in the ids of its time."""
    before, after = (today.judged_of(one, successors) for one in (before, after))
    return Comparison(
        before=measure(before, live.thresholds),
        after=measure(after, candidate.thresholds),
        services=sorted(_by_service(before, after), key=lambda one: one.after - one.before),
    )


def faults(
    found: Comparison, losses: Losses | None = None, bounds: Bounds | None = None
) -> Iterator[Fault]:
    """Tell every reason why the candidate may not go live; none means that it may."""
    losses, bounds = losses or Losses(), bounds or Bounds()
    for language, now in found.after.items():
        if language == ALL or now.count >= losses.fewest:
            yield from _of_language(language, found.before[language], now, losses, bounds)
    for one in found.services:
        if one.count >= losses.fewest and one.before - one.after >= losses.service:
            yield Fault(FaultKind.SERVICE, one.name, one.before, one.after)


def _of_language(
    language: str, was: Metrics, now: Metrics, losses: Losses, bounds: Bounds
) -> Iterator[Fault]:
    if _is_more(was.top1 - now.top1, losses.language, now.count):
        yield Fault(FaultKind.LANGUAGE, language, was.top1, now.top1)
    is_astray = now.routed_error > bounds.route_error + losses.language
    if is_astray and _is_more(now.routed_error - was.routed_error, 0.0, now.routed * now.count):
        yield Fault(FaultKind.ASTRAY, language, was.routed_error, now.routed_error)
    if _is_more(was.routed - now.routed, losses.routed, now.count):
        yield Fault(FaultKind.ROUTED, language, was.routed, now.routed)
    if _is_more(now.left - was.left, losses.routed, now.count):
        yield Fault(FaultKind.LEFT, language, was.left, now.left)


def _is_more(share: float, bound: float, count: float) -> bool:
    """Tell whether a share of so many texts is beyond a bound, and is more than one text."""
    return share > bound and round(share * count) > 1


def refusals(
    found: Comparison, losses: Losses | None = None, bounds: Bounds | None = None
) -> Iterator[str]:
    """Tell the same in words."""
    return map(str, faults(found, losses, bounds))


def _by_service(before: Judged, after: Judged) -> Iterator[Change]:
    truth = np.asarray(before.truth)
    were, are = _hits(before), _hits(after)
    for service in sorted(set(before.truth)):
        chosen = truth == service
        yield Change(
            service, int(chosen.sum()), float(were[chosen].mean()), float(are[chosen].mean())
        )


def _hits(judged: Judged) -> NDArray[np.bool_]:
    best = np.asarray(judged.labels)[judged.probabilities.argmax(axis=1)]
    return np.asarray(best == np.asarray(judged.truth))
