"""What is told of many measurements."""

import math
from collections.abc import Iterator, Sequence
from statistics import linear_regression, mean

WINDOW_SECONDS = 10


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


def shape(sizes: Sequence[float]) -> dict[str, float]:
    """Return the resident memory after 1, 2, 4 … minutes and at the end, and how it grows by then.

    The growth is that of a minute, by the line through the second half.
    """
    half = sizes[len(sizes) // 2 :]
    minutes = [second / 60 for second in range(len(half))]
    ends = {f"after {end // 60} min": end for end in _doubling(60, len(sizes))}
    looks = {"begin": WINDOW_SECONDS, **ends, "end": len(sizes)}
    seen = {name: mean(sizes[max(0, end - WINDOW_SECONDS) : end]) for name, end in looks.items()}
    grows = linear_regression(minutes, half).slope if len(half) > 1 else 0.0
    return {name: round(size, 1) for name, size in (seen | {"a minute": grows}).items()}


def _doubling(first: int, last: int) -> Iterator[int]:
    while first <= last:
        yield first
        first *= 2
