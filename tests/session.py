"""What a run of the tests and its worker processes share on disk."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

# Names the folder to worker processes.
VARIABLE = "BULLETIN_TEST_SESSION"


def session_folder() -> Path:
    """Of this run of the tests and its worker processes, removed when it ends."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="bulletin-tests-")
        atexit.register(shutil.rmtree, os.environ[VARIABLE], ignore_errors=True)
    return Path(os.environ[VARIABLE])


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """What `make` makes at the path that it is given, by the first process to ask for it."""
    place = session_folder() / name
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            unfinished = place.with_name(f"{name}.unfinished")
            make(unfinished)
            unfinished.rename(place)
    return place
