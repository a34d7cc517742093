"""How another model goes live: one person proposes, the gate tries it, another person approves.

That a model looks on decides nothing, so there one person is enough.
Each act is done under the lock of the models folder, on what stands there then, and the same
request by the same person is done once. The folder is the same that `qyzmet promote` changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from classifier import artifact, proposals
from classifier.domain import NoModelError
from classifier.proposals import Act, Kind, Log, Proposal, Proposed, Refused, Shadowed, State
from classifier.watch import Register
from services.chassis.application import Clock
from services.chassis.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)

MAX_REASON = 500
MAX_REQUEST_ID = 128
PROMOTED = {Kind.PROMOTION: "promoted", Kind.ROLLBACK: artifact.ROLLED_BACK}
"""What the history calls it, by a page as by the command."""

log = structlog.get_logger()


class SamePersonError(ForbiddenError):
    """Who proposed a model cannot approve it: another person must."""

    reason = "SAME_PERSON"


@dataclass(frozen=True, slots=True)
class Wish:
    """What every act tells: who, why, as of which version, by which request."""

    by: str
    reason: str
    expected_version: int
    request_id: str


class Lifecycle:
    """Proposes, approves and refuses models, and lets them look on; several threads may ask."""

    def __init__(
        self, models_dir: Path, register: Callable[[], Register], now: Clock, *, is_pinned: bool
    ) -> None:
        self._models_dir = models_dir
        self._register = register
        self._now = now
        self._is_pinned = is_pinned

    def propose(self, kind: Kind, model: str, wish: Wish) -> Proposal:
        """Propose that a stored model goes live, or that the one before comes back."""
        _check(wish)
        with artifact.locked(self._folder(wish)):
            found = proposals.read(self._models_dir)
            if (repeated := _repeated(found, wish)) is not None:
                known, act = repeated
                if act is known.proposed and known.kind is kind and model in ("", known.model):
                    return known
                raise IdempotencyKeyReusedError
            self._check_version(found, wish)
            if found.open is not None:
                raise ConflictError("another proposal waits for an answer", reason="PROPOSAL_OPEN")
            live = self._live()
            chosen = self._chosen(kind, model, live)
            self._load(chosen)
            id_ = str(len(found.proposals) + 1)
            proposals.add(self._models_dir, Proposed(id_, kind, chosen, live, self._act(wish)))
            log.info("model proposed", proposal=id_, kind=kind.value, model=chosen, by=wish.by)
            return self._now_is(id_)

    def approve(self, id_: str, wish: Wish) -> Proposal:
        """Let the proposed model go live; another person than who proposed it answers for it."""
        _check(wish)
        with artifact.locked(self._folder(wish)):
            proposal, is_done = self._answered(id_, wish, State.APPROVED)
            if not is_done:
                self._check_approval(proposal, wish)
                self._load(proposal.model)
                artifact.publish_locked(
                    self._models_dir,
                    proposal.model,
                    by=[proposal.proposed.subject, wish.by],
                    why=PROMOTED[proposal.kind],
                    proposal=id_,
                    reason=wish.reason,
                    request_id=wish.request_id,
                )
                log.info("model approved", proposal=id_, model=proposal.model, by=wish.by)
            self._point_again(id_)
            return self._now_is(id_)

    def refuse(self, id_: str, wish: Wish) -> Proposal:
        """Refuse a proposal; who made it takes it back so."""
        _check(wish)
        with artifact.locked(self._folder(wish)):
            _, is_done = self._answered(id_, wish, State.REFUSED)
            if not is_done:
                proposals.add(self._models_dir, Refused(id_, self._act(wish)))
                log.info("model refused by a person", proposal=id_, by=wish.by)
            return self._now_is(id_)

    def set_shadow(self, model: str, wish: Wish) -> Shadowed:
        """Let a stored model look on beside the live one; without an id, none any more."""
        _check(wish)
        if not self._models_dir.is_dir():  # a setting names a model elsewhere: none is stored here
            self._check_version(Log(), wish)
            artifact.check_stored(self._models_dir, model)
        with artifact.locked(self._models_dir):
            found = proposals.read(self._models_dir)
            done = next((one for one in found.shadowed if _is_of(wish, one.act)), None)
            is_late = done is not None and done != found.shadowed[-1]
            if done is None:
                done = self._shadow(found, model, wish)
            elif done.model != model:
                raise IdempotencyKeyReusedError
            if not is_late:  # a late repetition brings nothing back
                artifact.set_shadow(self._models_dir, model or None)
            return done

    def _shadow(self, found: Log, model: str, wish: Wish) -> Shadowed:
        """Write down who wants which model to look on, where it may."""
        if _repeated(found, wish) is not None:
            raise IdempotencyKeyReusedError
        self._check_version(found, wish)
        if model:
            artifact.check_stored(self._models_dir, model)
            if not self._is_pinned and model == artifact.live(self._models_dir):
                raise ConflictError("this model is live", reason="ALREADY_LIVE")
            self._load(model)
        step = Shadowed(model, self._act(wish))
        proposals.add(self._models_dir, step)
        log.info("shadow set", model=model, by=wish.by)
        return step

    def _folder(self, wish: Wish) -> Path:
        if self._is_pinned:
            self._check_version(proposals.read(self._models_dir), wish)
            message = "a setting names the model that answers, so no other can go live"
            raise ConflictError(message, reason="MODEL_PINNED")
        if not self._models_dir.is_dir():
            raise NoModelError
        return self._models_dir

    def _check_version(self, found: Log, wish: Wish) -> None:
        if wish.expected_version not in (0, found.version):
            raise VersionConflictError

    def _answered(self, id_: str, wish: Wish, state: State) -> tuple[Proposal, bool]:
        """Return the proposal, and whether this very request answered it before."""
        found = proposals.read(self._models_dir)
        if (repeated := _repeated(found, wish)) is not None:
            known, act = repeated
            if act is known.settled and known.id == id_ and known.state is state:
                return known, True
            raise IdempotencyKeyReusedError
        self._check_version(found, wish)
        if id_ not in found.proposals:
            raise NotFoundError("there is no such proposal", reason="PROPOSAL_NOT_FOUND")
        proposal = found.proposals[id_]
        if proposal.state is State.OVERTAKEN:
            raise ConflictError("another model went live meanwhile", reason="LIVE_CHANGED")
        if proposal.state is not State.OPEN:
            raise ConflictError("somebody answered it already", reason="PROPOSAL_SETTLED")
        return proposal, False

    def _check_approval(self, proposal: Proposal, wish: Wish) -> None:
        if wish.by == proposal.proposed.subject:
            raise SamePersonError
        if proposal.kind is Kind.ROLLBACK:
            return  # it was live before; who takes it back is in a hurry
        if proposal.trial is None:
            raise ConflictError("the gate has not answered yet", reason="NOT_TRIED")
        if not proposal.trial.is_passed:
            raise ConflictError("the gate refuses this model", reason="GATE")

    def _live(self) -> str:
        live = artifact.live(self._models_dir)
        if live is None:
            raise NoModelError
        return live

    def _chosen(self, kind: Kind, model: str, live: str) -> str:
        if kind is Kind.ROLLBACK:
            before = artifact.before(self._models_dir)
            if model not in ("", before):
                message = "a rollback leads to the model that was live before"
                raise ConflictError(message, reason="NOT_BEFORE")
            return before
        artifact.check_stored(self._models_dir, model)
        if model == live:
            raise ConflictError("this model is live", reason="ALREADY_LIVE")
        return model

    def _load(self, model: str) -> None:
        """Refuse a model that would not be served."""
        artifact.load(self._models_dir / model, self._register().labels, expected_id=model)

    def _point_again(self, id_: str) -> None:
        """Finish what a loss of power left half done: in the history, and nothing points at it."""
        last = artifact.history(self._models_dir)[-1]
        if last.get("proposal") == id_ and artifact.live(self._models_dir) != last["model"]:
            artifact.point(self._models_dir, str(last["model"]))

    def _act(self, wish: Wish) -> Act:
        return Act(wish.by, self._now(), wish.reason, wish.request_id)

    def _now_is(self, id_: str) -> Proposal:
        return proposals.read(self._models_dir).proposals[id_]


def _check(wish: Wish) -> None:
    if not 1 <= len(wish.request_id) <= MAX_REQUEST_ID or not wish.request_id.isprintable():
        raise InvalidError(f"a request id has 1 to {MAX_REQUEST_ID} characters", field="request_id")
    if wish.expected_version < 0:
        raise InvalidError("a version is not negative", field="expected_version")
    if not wish.reason.strip() or len(wish.reason) > MAX_REASON:
        raise InvalidError(f"a reason has 1 to {MAX_REASON} characters", field="reason")


def _repeated(found: Log, wish: Wish) -> tuple[Proposal, Act] | None:
    """Return what the same request by the same person did, and on which proposal."""
    if any(_is_of(wish, one.act) for one in found.shadowed):
        raise IdempotencyKeyReusedError
    for proposal in found.proposals.values():
        for act in (proposal.proposed, proposal.settled):
            if act is not None and _is_of(wish, act):
                return proposal, act
    return None


def _is_of(wish: Wish, act: Act) -> bool:
    return (act.subject, act.request_id) == (wish.by, wish.request_id)
