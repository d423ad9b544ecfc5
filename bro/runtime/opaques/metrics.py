"""Metrics that scripts keep: counters, gauges and histograms, in families with labels.

Names and kinds are those of Prometheus: a family has a full name (prefix, name and unit with underscores
between them), names of labels, and one metric for each combination of the labels' values.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import ClassVar

from bro.runtime import context

#: The most metrics of one family; what comes beyond goes into none, and is reported once.
MAX_METRICS = 10_000


class Metric:
    """A number with the values of its labels."""

    bro_type: ClassVar[str] = ""
    __slots__ = ("labels", "value")

    def __init__(self, labels: tuple[bytes, ...]) -> None:
        self.labels = labels
        self.value = 0.0


class Counter(Metric):
    """A number that only grows."""

    bro_type = "counter_metric"
    __slots__ = ()


class Gauge(Metric):
    """A number that goes up and down."""

    bro_type = "gauge_metric"
    __slots__ = ()


class Histogram(Metric):
    """How many observations were at most as large as each bound; `value` is their sum."""

    bro_type = "histogram_metric"
    __slots__ = ("bounds", "counts")

    def __init__(self, labels: tuple[bytes, ...], bounds: tuple[float, ...]) -> None:
        super().__init__(labels)
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one has no bound

    def observe(self, measurement: float) -> None:
        """Count an observation."""
        self.counts[bisect_left(self.bounds, measurement)] += 1
        self.value += measurement


class Family:
    """Metrics that differ in the values of their labels."""

    __slots__ = ("bounds", "bro_type", "help", "kind", "labels", "metrics", "name", "prefix", "unit")

    def __init__(
        self,
        kind: str,
        prefix: bytes,
        name: bytes,
        labels: tuple[bytes, ...],
        help: bytes,
        unit: bytes,
        bounds: tuple[float, ...],
    ) -> None:
        self.kind = kind  #: "counter", "gauge" or "histogram"
        self.bro_type = f"{kind}_metric_family"
        self.prefix = prefix
        self.name = name
        self.labels = labels
        self.help = help
        self.unit = unit
        self.bounds = bounds
        self.metrics: dict[tuple[bytes, ...], Metric] = {}

    @property
    def full_name(self) -> bytes:
        """The name under which it is published."""
        parts = [part for part in (self.prefix, self.name, self.unit) if part]
        text = b"_".join(parts).replace(b"-", b"_")
        return text + b"_total" if self.kind == "counter" and not text.endswith(b"_total") else text

    def metric(self, labels: tuple[bytes, ...]) -> Metric:
        """The metric with these values of the labels, made if it is not there.

        :raises ValueError: when there are too many
        """
        found = self.metrics.get(labels)
        if found is None:
            if len(self.metrics) >= MAX_METRICS:
                raise ValueError(f"there are {MAX_METRICS} metrics of {self.full_name.decode()} already")
            if self.kind == "histogram":
                found = Histogram(labels, self.bounds)
            else:
                found = (Counter if self.kind == "counter" else Gauge)(labels)
            self.metrics[labels] = found
        return found


def families() -> dict[tuple[bytes, bytes], Family]:
    """The families of the program, by prefix and name."""
    found: dict[tuple[bytes, bytes], Family] = context.current.state.setdefault("metrics", {})
    return found


def matching(prefix: bytes, name: bytes, histograms: bool) -> Iterator[Family]:
    """The families whose prefix and name fit patterns with ``*`` and ``?``."""
    wanted_prefix, wanted_name = prefix.decode("latin-1"), name.decode("latin-1")
    for family in families().values():
        if (family.kind == "histogram") != histograms:
            continue
        if fnmatchcase(family.prefix.decode("latin-1"), wanted_prefix) and fnmatchcase(
            family.name.decode("latin-1"), wanted_name
        ):
            yield family
