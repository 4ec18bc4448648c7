"""The project's own settings, with static files where the environment says."""

from __future__ import annotations

import os
from pathlib import Path

from bulletin.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["STATIC_ROOT"])
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
