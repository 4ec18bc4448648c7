"""What public pages have a process load: nothing that they don't need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.installation import Installation
from tests.servers import ROOT

# What commands, data in other formats and services are made of.
UNNEEDED = {
    *("bulletin.backups", "dbbackup", "bulletin.demo", "bulletin.management.commands.export_site"),
    *("jsonschema", "boto3", "django_redis", "psycopg", "prometheus_client"),
    *("allauth", "fido2", "requests"),
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
    site = Installation(tmp_path, DEBUG="true")
    site.fill(demo=False, static=False)
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=site.env,
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(done.stdout.split())
    assert "bulletin.views.posts" in loaded
    assert set() == UNNEEDED & loaded
