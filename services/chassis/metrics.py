"""Figures that are read when somebody asks for them, of whoever runs at the moment."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import prometheus_client
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

TOTAL = "_total"

Tell = Callable[[], Mapping[str, float]]
"""Gives the figures as they are now, by the names of their family."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a figure is called, and what it is in words."""

    name: str
    words: str

    def empty(self, label: str) -> GaugeMetricFamily | CounterMetricFamily:
        """Begin a family; a name that ends in `_total` only grows."""
        kind = CounterMetricFamily if self.name.endswith(TOTAL) else GaugeMetricFamily
        return kind(self.name, self.words, labels=[label])


class Living(Collector):
    """Asks those who run for their figures; whoever cannot tell is left out."""

    def __init__(self, label: str, *figures: Figure) -> None:
        self._label = label
        self._figures = figures
        self._lock = threading.Lock()
        self._told: dict[str, Tell] = {}
        prometheus_client.REGISTRY.register(self)

    def add(self, name: str, tell: Tell) -> None:
        """Show somebody's figures from now on, under a name."""
        with self._lock:
            self._told[name] = tell

    def drop(self, name: str, tell: Tell) -> None:
        """Show them no more."""
        with self._lock:
            if self._told.get(name) == tell:
                del self._told[name]

    def collect(self) -> Iterable[Metric]:
        """Return every family with the figures of all."""
        families = {figure.name: figure.empty(self._label) for figure in self._figures}
        with self._lock:
            told = dict(self._told)
        for who, tell in told.items():
            for name, value in _asked(tell).items():
                families[name].add_metric([who], value)
        return families.values()


def _asked(tell: Tell) -> Mapping[str, float]:
    try:
        return tell()
    except Exception:  # noqa: BLE001  one database that is away must not hide all other figures
        return {}
