"""The extra [observe]: metrics for Prometheus, summed over the worker processes.

prometheus_client looks for the folder that workers share when it is imported, so it is made here,
before any module of this room can import it. It is new at each start and goes with the process
that made it, which is gunicorn's master: the counts of a worker outlive the worker.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_in_memory = Path("/dev/shm")  # noqa: S108
FOLDER = Path(
    tempfile.mkdtemp(
        prefix="bulletin-metrics-",
        dir=_in_memory if os.access(_in_memory, os.W_OK) else None,
    )
)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)


def remove(maker: int) -> None:
    # A worker that ends inherits this, and the others still count.
    if os.getpid() == maker:
        shutil.rmtree(FOLDER, ignore_errors=True)


atexit.register(remove, os.getpid())
