"""The extra [observe]: metrics for Prometheus, summed over the worker processes."""

from __future__ import annotations

import os
import re
from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured

from bulletin.env import require_packages, temporary_folder

MULTIPROC_DIR: Final = "PROMETHEUS_MULTIPROC_DIR"


def extend(settings: dict[str, Any], env: environ.Env) -> None:
    require_packages("OBSERVE_EXTRA", "observe", "django_prometheus")
    token = env.str("METRICS_TOKEN", default="")
    if not re.fullmatch(r"[\x21-\x7e]{24,}", token):
        raise ImproperlyConfigured(
            "METRICS_TOKEN is missing, too short or has odd letters; give 24 random characters or "
            "more, such as those of: openssl rand -hex 24"
        )
    settings["METRICS_TOKEN"] = token
    settings["INSTALLED_APPS"] += ["django_prometheus"]
    settings["MIDDLEWARE"][:] = [
        "bulletin.extras.metrics.MetricsMiddleware",
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        *settings["MIDDLEWARE"],
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ]
    settings["PAGE_CACHE_ON_RESPONSE"] += ["bulletin.extras.metrics.count_cached_response"]
    # prometheus_client looks for it when it is imported. Counts of a worker outlive the worker.
    if MULTIPROC_DIR not in os.environ:
        os.environ[MULTIPROC_DIR] = temporary_folder("metrics")
