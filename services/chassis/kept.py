"""What an outside server told, kept for a while: how old it may become, and when to ask again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx
import structlog

from services.chassis.errors import UnavailableError

T = TypeVar("T", bound=Mapping[str, Any])
Clock = Callable[[], float]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what it told is good, and how often an issuer is asked; times are in seconds."""

    refresh: float = 300.0
    """What is older than this is fetched again; callers go on with the keys we have."""
    stale: float = 86400.0
    """What is older than this is of no use, should the issuer be away for so long."""
    pause: float = 10.0
    """An issuer is asked at most once in so long, whatever tokens we are shown."""


class Kept(Generic[T]):
    """What an issuer told: how old it is, and whether the issuer may be asked again."""

    def __init__(self, fetch: Callable[[], T], patience: Patience, now: Clock) -> None:
        self._fetch = fetch
        self._patience = patience
        self._now = now
        self._told: T | None = None
        self._fetched = 0.0
        self._asked: float | None = None

    @property
    def told(self) -> T | None:
        """Return what was told; None where nothing was, or too long ago."""
        return self._told if self._is_within(self._patience.stale) else None

    @property
    def is_fresh(self) -> bool:
        """Tell whether there is no need to ask."""
        return self._is_within(self._patience.refresh)

    @property
    def may_ask(self) -> bool:
        """Tell whether the issuer was left in peace for long enough."""
        return self._asked is None or self._now() - self._asked >= self._patience.pause

    def ask(self) -> None:
        """Fetch it anew; where that fails, what was told before stays."""
        self._asked = self._now()
        try:
            self._told = self._fetch()
        except (httpx.HTTPError, UnavailableError, ValueError) as error:
            log.warning("issuer does not tell", error=type(error).__name__)
            return
        self._fetched = self._now()
        log.info("issuer told", things=len(self._told))

    def _is_within(self, seconds: float) -> bool:
        return self._told is not None and self._now() - self._fetched < seconds
