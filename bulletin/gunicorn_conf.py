"""gunicorn's settings; the command line may override each, WEB_CONCURRENCY the workers."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any


def processors() -> int:
    """As many as this process may use: of the machine, and in a container of its quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return min(count or 1, max(1, int(quota) // int(period)))
    except (OSError, ValueError):  # no such limit
        return count or 1


worker_class = "gthread"
# Two at least, so that one may die.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, processors()))
threads = int(os.environ.get("WEB_THREADS") or 4)
# The site has no use for a socket that can steer the server.
control_socket_disable = True
graceful_timeout = 20
keepalive = 5
preload_app = True
# Long enough for a search of many words.
limit_request_line = 8190
# settings.py alone says which headers of a proxy are believed; gunicorn would believe its own from
# any process of this machine.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# The site's own log has both (log_config.py): what gunicorn says goes there, and each request is
# logged by the middleware, which knows its id.
accesslog = errorlog = None
# The heartbeat file belongs in memory: on a slow disk it would stall healthy workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108


def pre_fork(server: Any, worker: Any) -> None:
    """What is loaded by now stays for ever. The garbage collector need not look at it again, nor
    write to it and so give each worker a copy."""
    gc.freeze()
