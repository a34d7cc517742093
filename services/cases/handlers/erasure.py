"""The end of a case's words."""

from dataclasses import dataclass

from services.cases import domain
from services.cases.domain import Case, Happening, UnknownCaseError
from services.cases.handlers.record import only
from services.cases.ports import Cases, Change, Clock, History, Vault
from services.chassis.errors import VersionConflictError


def erase(
    case_id: str,
    *,
    expected_version: int,
    request_id: str,
    cases: Cases,
    history: History,
    vault: Vault,
    now: Clock,
) -> Case:
    """Destroy the words of a case for ever, and tell the world; a repetition gets the case.

    What was split off of it goes with it: its words are a part of these.
    """
    erasure = _Erasure(domain.name_request("erase", request_id), cases, history, vault, now)
    case = cases.get([case_id]).get(case_id)
    if case is None:
        raise UnknownCaseError
    if expected_version not in (0, case.version) and not erasure.is_told(case):
        raise VersionConflictError(f"the case has version {case.version} now")
    return erasure.of(case)


@dataclass(frozen=True, slots=True)
class _Erasure:
    """One wish to erase, under its name, and all it needs."""

    name: str
    cases: Cases
    history: History
    vault: Vault
    now: Clock

    def is_told(self, case: Case) -> bool:
        """Tell whether a case was erased before."""
        return any(step.type is Happening.ERASED for step in self.history.steps(case.id))

    def of(self, case: Case) -> Case:
        """Erase a case and then its parts; one that was cut off is completed by the next."""
        erased = case if self.is_told(case) else self._one(case.id)
        for part in self.cases.get(erased.child_ids).values():
            self.of(part)
        return erased

    def _one(self, case_id: str) -> Case:
        # Words first: if we stop here, they are gone, and whoever asks again has it told.
        self.vault.erase(case_id)
        change = Change(case_id, 0, self.name, self._move)
        return only(self.cases.apply([change]))

    def _move(self, case: Case) -> domain.Moved:
        return domain.erase(case, request_id=self.name, now=self.now())
