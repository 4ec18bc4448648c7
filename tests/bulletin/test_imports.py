"""What public pages have a process load: nothing that they don't need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

# What commands, data in other formats and services are made of.
UNNEEDED = {
    *("bulletin.backups", "bulletin.demo", "bulletin.export"),
    *("jsonschema", "boto3", "django_redis", "psycopg", "prometheus_client"),
    *("axes", "segno"),
}
CODE = """
import sys
import bulletin.wsgi
from django.test import Client
client = Client()
for path in ("/", "/archive/", "/incidents/", "/feed.xml", "/grid.png", "/search/?q=rack"):
    client.get(path, headers={"host": "127.0.0.1"})
print(*sys.modules)
"""


def test_public_pages_load_nothing_that_they_do_not_need(tmp_path: Path) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
        "SITE_URL": "http://127.0.0.1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DEBUG": "true",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=env, check=True)
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert "bulletin.views.posts" in loaded
    assert set() == UNNEEDED & loaded
