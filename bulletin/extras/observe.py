"""The extra [observe]: metrics for Prometheus, summed over the worker processes."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured

from bulletin.env import require_packages

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
    share_between_workers()


def share_between_workers() -> None:
    """prometheus_client looks for the folder when it is imported. It is new at each start and goes
    with the process that made it, gunicorn's master: counts of a worker outlive the worker."""
    if MULTIPROC_DIR in os.environ:
        return
    os.environ[MULTIPROC_DIR] = folder = tempfile.mkdtemp(prefix="bulletin-metrics-")
    maker = os.getpid()

    def remove() -> None:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
