"""How often one caller may ask: by who they are, or by their address where nobody signed in."""

import ipaddress
import math
import time

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from services.chassis.config import Rates
from services.chassis.errors import OverloadedError
from services.chassis.principal import Principal, Role

IN_PRODUCTION = {"person": 600, "portal": 60_000, "address": 120}
"""Requests in a minute where the settings say nothing; in development there is no bound."""
HOUSEHOLD = 64
"""So many bits of an IPv6 address are one caller's; the rest is theirs to choose."""

log = structlog.get_logger()


class RateLimitedError(OverloadedError):
    """You ask too often; try again after so many seconds."""

    reason = "RATE_LIMITED"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"you ask too often; try again after {retry_after} seconds")
        self.retry_after = retry_after


class CallerRates:
    """Counts the requests of each caller over the last minute, in this process."""

    def __init__(self, rates: Rates, *, is_production: bool) -> None:
        self._limits = {}
        for kind, strict in IN_PRODUCTION.items():
            told = getattr(rates, f"{kind}_per_minute")
            most = (strict if is_production else 0) if told is None else told
            if most:
                self._limits[kind] = RateLimitItemPerMinute(most)
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check_caller(self, principal: Principal, address: str) -> None:
        """Count a request of somebody; RateLimitedError where they had too many."""
        if principal.is_anonymous:
            self.check_address(address)
        elif principal.role is Role.PORTAL:
            self._check("portal", principal.portal)
        else:
            self._check("person", principal.subject)

    def check_address(self, address: str) -> None:
        """Count a request of nobody in particular, or with a token that was refused."""
        self._check("address", _household(address))

    def _check(self, kind: str, who: str) -> None:
        limit = self._limits.get(kind)
        if limit is None or self._window.hit(limit, kind, who):
            return
        again = self._window.get_window_stats(limit, kind, who).reset_time - time.time()
        log.warning("rate limited", kind=kind)
        raise RateLimitedError(max(1, math.ceil(again)))


def _household(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    return str(ipaddress.ip_network((found, HOUSEHOLD), strict=False))
