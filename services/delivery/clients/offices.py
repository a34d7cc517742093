"""What offices are called, for messages to citizens: by the register, as it was last asked for."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.chassis.errors import ServiceError
from services.chassis.offices import regional

REFRESH = timedelta(minutes=1)

Names = Mapping[str, Mapping[str, str]]
"""The names of offices by code, each by language."""


class OfficeNames:
    """Says what an office is called; its code where the register is away or does not know it."""

    def __init__(self, ask: Callable[[], Names], now: Callable[[], datetime]) -> None:
        self._ask = ask
        self._now = now
        self._names: Names = {}
        self._ask_at: datetime | None = None
        self._lock = threading.Lock()

    def __call__(self, code: str, language: str) -> str:
        """Return the name of an office in a language."""
        with self._lock:
            if self._ask_at is None or self._now() >= self._ask_at:
                self._refresh()
        return self._names.get(code, {}).get(language) or code

    def _refresh(self) -> None:
        """Ask for the names; a register that is away is left alone for as long as one that is not.

        A message is rather sent with a code than late.
        """
        self._ask_at = self._now() + REFRESH
        try:
            self._names = self._ask()
        except ServiceError:
            return


def names_of(catalogue: pb.Catalogue) -> Names:
    """Return what every office of a register is called, regional ones with their region."""
    return dict(_names(catalogue))


def _names(catalogue: pb.Catalogue) -> Iterator[tuple[str, Mapping[str, str]]]:
    for agency in catalogue.agencies:
        name = _by_language(agency.name)
        yield agency.code, name
        for region in catalogue.regions:
            place = _by_language(region.name)
            told = {language: f"{name[language]}, {place[language]}" for language in name}
            yield regional(agency.code, region.code), told


def _by_language(text: pb.LocalizedText) -> Mapping[str, str]:
    return {"kk": text.kk, "ru": text.ru, "en": text.en}
