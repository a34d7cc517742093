"""The pages of an analyst: questions about all cases, and no words of any citizen."""

from gateway.pages.analyst import (
    coverage,
    decisions,
    drift,
    fairness,
    first,
    lifecycle,
    model,
    programmes,
    quality,
    times,
)

ROUTERS = (
    first.router,
    coverage.router,
    quality.router,
    drift.router,
    fairness.router,
    times.router,
    programmes.router,
    decisions.router,
    model.router,
    lifecycle.router,
)

__all__ = ["ROUTERS"]
