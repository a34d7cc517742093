"""Tries a proposed model at the gate, beside the live one, while calls are being answered.

It takes a few texts at a time and rests in between, so that an answer waits for it a
few milliseconds at most. Of several replicas the first to end writes down what it found.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from classifier import artifact, gate, proposals
from classifier.artifact import ModelRefusedError
from classifier.domain import Example
from classifier.evaluate import Judged, Metrics, judge, together
from classifier.examples import ExampleError
from classifier.pipeline import Model
from classifier.proposals import (
    Figures,
    Kind,
    LanguageTrial,
    Proposal,
    ServiceTrial,
    Trial,
    Tried,
)
from classifier.text import Mask
from classifier.watch import Register
from services.chassis.application import Clock
from services.chassis.errors import UnavailableError
from services.chassis.rounds import Rest, Rounds

AT_ONCE = 8
"""So many texts are answered between two rests: about five milliseconds."""
REST = 3.0
"""A rest for each time of work: a quarter of one core at most."""
MAX_TEXTS = 10_000
MAX_ANSWERS = 5_000_000
"""So many probabilities of each model are kept until all is told: 40 MB."""
TOO_MANY_TEXTS = "TOO_MANY_TEXTS"
"""What the gate says of more texts than a process that answers calls can bear."""
LOOK_SECONDS = 1.0
SHOWN_SERVICES = 20
TOLD = ("top1", "top3", "calibration_error", "routed", "routed_error")

log = structlog.get_logger()


class Trials(Rounds):
    """Looks every second for a proposal that the gate has not answered yet."""

    def __init__(
        self,
        models_dir: Path,
        register: Callable[[], Register],
        texts: Callable[[], Sequence[Example]],
        mask: Mask,
        now: Clock,
    ) -> None:
        super().__init__("trials", self.look)
        self._models_dir = models_dir
        self._register = register
        self._texts = texts
        self._mask = mask
        self._now = now

    def look(self) -> Rest:
        """Try what waits to be tried, and write down what was found."""
        waiting = proposals.read(self._models_dir).open
        if waiting and waiting.kind is Kind.PROMOTION and waiting.trial is None:
            self._keep(waiting, self._try(waiting))
        return Rest(LOOK_SECONDS)

    def _keep(self, proposal: Proposal, trial: Trial) -> None:
        with artifact.locked(self._models_dir):
            now = proposals.read(self._models_dir).proposals[proposal.id]
            if now.trial is None:
                proposals.add(self._models_dir, Tried(proposal.id, trial))
        log.info("model tried", model=proposal.model, faults=len(trial.faults))

    def _try(self, proposal: Proposal) -> Trial:
        known = self._register()
        try:
            texts = self._texts()
            live, candidate = (
                artifact.load(self._models_dir / one, known.labels, expected_id=one)
                for one in (proposal.live, proposal.model)
            )
        except (ExampleError, ModelRefusedError) as error:
            log.warning("model not tried", reason=error.reason, detail=error.message)
            return Trial(self._now(), failure=error.reason)
        if not gate.is_asked_of(live, texts, known.successors):
            return Trial(self._now(), failure=gate.NO_TEXTS)
        most = max(len(one.model.labels) for one in (live, candidate))
        if len(texts) > MAX_TEXTS or len(texts) * most > MAX_ANSWERS:
            return Trial(self._now(), failure=TOO_MANY_TEXTS)
        before, after = (self._judge(one.model, texts) for one in (live, candidate))
        return self._told(gate.compare_judged(live, before, candidate, after, known.successors))

    def _told(self, found: gate.Comparison) -> Trial:
        losing = [one for one in found.services if one.after < one.before]
        return Trial(
            time=self._now(),
            languages=[
                LanguageTrial(name, _figures(name, told), _figures(name, found.after[name]))
                for name, told in found.before.items()
            ],
            services=[
                ServiceTrial(one.name, one.count, one.before, one.after)
                for one in losing[:SHOWN_SERVICES]
            ],
            better_count=sum(one.after > one.before for one in found.services),
            same_count=sum(one.after == one.before for one in found.services),
            faults=list(gate.faults(found)),
        )

    def _judge(self, model: Model, texts: Sequence[Example]) -> Judged:
        parts: list[Judged] = []
        for at in range(0, len(texts), AT_ONCE):
            begin = time.perf_counter()
            parts.append(judge(model, texts[at : at + AT_ONCE], mask=self._mask))
            if self._stopping.wait(REST * (time.perf_counter() - begin)):
                raise UnavailableError("this process ends; the next one tries it anew")
        return together(parts)


def _figures(language: str, told: Metrics) -> Figures:
    return Figures(language, told.count, *(getattr(told, name) for name in TOLD))
