"""For `make test-services`, which has the services; elsewhere these tests are not collected."""

from __future__ import annotations

import os

if not os.environ.get("S3_BUCKET"):
    collect_ignore_glob = ["test_*.py"]
