"""The project's own settings, with static files in a folder of one test run's own."""

from __future__ import annotations

import os
from pathlib import Path

from bulletin.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["TMPDIR"]) / "static"
