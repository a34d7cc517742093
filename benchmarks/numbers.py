"""What is told of many measurements."""

import math
from collections.abc import Sequence


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median, the 95th and 99th percentiles and the largest, in milliseconds."""
    if not seconds:
        return {}
    known = sorted(seconds)
    last = len(known) - 1
    places = {
        "p50": last // 2,
        "p95": math.ceil(last * 0.95),
        "p99": math.ceil(last * 0.99),
        "max": last,
    }
    return {name: round(known[place] * 1000, 1) for name, place in places.items()}
