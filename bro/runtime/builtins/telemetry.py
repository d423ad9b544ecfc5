"""Metrics; the functions of module Telemetry that scripts call are in ``base/frameworks/telemetry``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bro.runtime.builtins._support import enum_value, record, report_error
from bro.runtime.builtins.registry import builtin

if TYPE_CHECKING:
    from bro.runtime.opaques.metrics import Family, Metric
    from bro.runtime.tables import Table

#: The help text of metrics that have none.
_HELP = "Zeek Script Metric"


def _family(
    kind: str,
    prefix: bytes,
    name: bytes,
    labels: list[bytes],
    helptext: bytes,
    unit: bytes,
    bounds: tuple[float, ...] = (),
) -> Family:
    from bro.runtime.opaques.metrics import Family, families

    known = families().get((prefix, name))
    if known is not None:
        if known.kind == kind and known.labels == tuple(labels):
            return known
        shown = known.full_name.decode("utf-8", "replace")
        report_error(f"Telemetry: {shown} is a {known.kind} with other labels already")
        return Family(kind, prefix, name, tuple(labels), helptext, unit, bounds)
    made = families()[prefix, name] = Family(kind, prefix, name, tuple(labels), helptext, unit, bounds)
    return made


def _metric(family: Family, labels: Table) -> Metric:
    values = tuple(labels.get(name, b"") for name in family.labels)
    try:
        return family.metric(values)
    except ValueError as error:
        report_error(f"Telemetry: {error}")
        from bro.runtime.opaques.metrics import Family

        stray = Family(family.kind, b"", b"", (), b"", b"", family.bounds)
        return stray.metric(values)


@builtin(
    "function Telemetry::__counter_family(prefix: string, name: string, labels: string_vec, "
    f'helptext: string &default="{_HELP}", unit: string &default=""): opaque of counter_metric_family'
)
def counter_family(
    prefix: bytes, name: bytes, labels: list[bytes], helptext: bytes = _HELP.encode(), unit: bytes = b""
) -> Family:
    """Return the family of counters with this prefix and name, made if it is not there."""
    return _family("counter", prefix, name, labels, helptext, unit)


@builtin(
    "function Telemetry::__gauge_family(prefix: string, name: string, labels: string_vec, "
    f'helptext: string &default="{_HELP}", unit: string &default=""): opaque of gauge_metric_family'
)
def gauge_family(
    prefix: bytes, name: bytes, labels: list[bytes], helptext: bytes = _HELP.encode(), unit: bytes = b""
) -> Family:
    """Return the family of gauges with this prefix and name, made if it is not there."""
    return _family("gauge", prefix, name, labels, helptext, unit)


@builtin(
    "function Telemetry::__histogram_family(prefix: string, name: string, labels: string_vec, "
    f'bounds: double_vec, helptext: string &default="{_HELP}", unit: string &default=""): '
    "opaque of histogram_metric_family"
)
def histogram_family(
    prefix: bytes,
    name: bytes,
    labels: list[bytes],
    bounds: list[float],
    helptext: bytes = _HELP.encode(),
    unit: bytes = b"",
) -> Family:
    """Return the family of histograms with this prefix and name, made if it is not there."""
    return _family("histogram", prefix, name, labels, helptext, unit, tuple(sorted(bounds)))


@builtin(
    "function Telemetry::__counter_metric_get_or_add(family: opaque of counter_metric_family, "
    "labels: table_string_of_string): opaque of counter_metric"
)
def counter_metric_get_or_add(family: Family, labels: Table) -> Metric:
    """Return the counter with these labels."""
    return _metric(family, labels)


@builtin(
    "function Telemetry::__gauge_metric_get_or_add(family: opaque of gauge_metric_family, "
    "labels: table_string_of_string): opaque of gauge_metric"
)
def gauge_metric_get_or_add(family: Family, labels: Table) -> Metric:
    """Return the gauge with these labels."""
    return _metric(family, labels)


@builtin(
    "function Telemetry::__histogram_metric_get_or_add(family: opaque of histogram_metric_family, "
    "labels: table_string_of_string): opaque of histogram_metric"
)
def histogram_metric_get_or_add(family: Family, labels: Table) -> Metric:
    """Return the histogram with these labels."""
    return _metric(family, labels)


@builtin(
    "function Telemetry::__counter_inc(val: opaque of counter_metric, amount: double &default=1.0): bool"
)
def counter_inc(val: Metric, amount: float = 1.0) -> bool:
    """Add to a counter; false, after a report, if the amount is negative."""
    if amount < 0:
        report_error(f"Telemetry: a counter cannot go down by {-amount}")
        return False
    val.value += amount
    return True


@builtin("function Telemetry::__counter_value(val: opaque of counter_metric): double")
def counter_value(val: Metric) -> float:
    """Return what a counter has counted."""
    return val.value


@builtin("function Telemetry::__gauge_inc(val: opaque of gauge_metric, amount: double &default=1.0): bool")
def gauge_inc(val: Metric, amount: float = 1.0) -> bool:
    """Add to a gauge."""
    val.value += amount
    return True


@builtin("function Telemetry::__gauge_dec(val: opaque of gauge_metric, amount: double &default=1.0): bool")
def gauge_dec(val: Metric, amount: float = 1.0) -> bool:
    """Take from a gauge."""
    val.value -= amount
    return True


@builtin("function Telemetry::__gauge_value(val: opaque of gauge_metric): double")
def gauge_value(val: Metric) -> float:
    """Return what a gauge is at."""
    return val.value


@builtin(
    "function Telemetry::__histogram_observe(val: opaque of histogram_metric, measurement: double): bool"
)
def histogram_observe(val: Any, measurement: float) -> bool:
    """Count an observation in a histogram."""
    val.observe(measurement)
    return True


@builtin("function Telemetry::__histogram_sum(val: opaque of histogram_metric): double")
def histogram_sum(val: Metric) -> float:
    """Return the sum of a histogram's observations."""
    return val.value


def _options(family: Family) -> Any:
    """The record that describes a family."""
    kind = enum_value("Telemetry::MetricType", f"Telemetry::{family.kind.upper()}")
    fields: dict[str, Any] = {
        "prefix": family.prefix,
        "name": family.full_name,
        "unit": family.unit,
        "help_text": family.help,
        "label_names": list(family.labels),
        "metric_type": kind,
    }
    if family.kind == "histogram":
        fields["bounds"] = [*family.bounds, float("inf")]
    elif family.kind == "counter":
        fields["is_total"] = True
    return record("Telemetry::MetricOpts")(**fields)


@builtin("function Telemetry::__collect_metrics(prefix: string, name: string): any_vec")
def collect_metrics(prefix: bytes, name: bytes) -> list[Any]:
    """Return the counters and gauges whose family fits, as records `Telemetry::Metric`."""
    from bro.runtime.opaques.metrics import matching

    cls = record("Telemetry::Metric")
    found = []
    for family in matching(prefix, name, histograms=False):
        options = _options(family)
        for labels, metric in family.metrics.items():
            found.append(
                cls(
                    opts=options,
                    label_names=list(family.labels),
                    label_values=list(labels),
                    value=metric.value,
                )
            )
    return found


@builtin("function Telemetry::__collect_histogram_metrics(prefix: string, name: string): any_vec")
def collect_histogram_metrics(prefix: bytes, name: bytes) -> list[Any]:
    """Return the histograms whose family fits, as records `Telemetry::HistogramMetric`.

    Its `values` are the number of observations for each bound that no lower bound has.
    """
    from bro.runtime.opaques.metrics import Histogram, matching

    cls = record("Telemetry::HistogramMetric")
    found = []
    for family in matching(prefix, name, histograms=True):
        options = _options(family)
        for labels, metric in family.metrics.items():
            assert isinstance(metric, Histogram)
            found.append(
                cls(
                    opts=options,
                    label_names=list(family.labels),
                    label_values=list(labels),
                    values=[float(n) for n in metric.counts],
                    observations=float(sum(metric.counts)),
                    sum=metric.value,
                )
            )
    return found
