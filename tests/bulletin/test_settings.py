from __future__ import annotations

import os
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from bulletin.wsgi import under_prefix
from deploy.healthcheck import answers
from tests.installation import running

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "only-for-tests-" + "0123456789" * 5


def django(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {"PATH": os.environ["PATH"], "SECRET_KEY": KEY}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *command],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deployment_by_https_has_nothing_to_warn_of() -> None:
    checked = django(
        "check", "--deploy", "--fail-level=WARNING", SITE_URL="https://log.example.org"
    )
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_https_means_host_cookies_redirect_and_hsts() -> None:
    code = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        "s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.FORCE_SCRIPT_NAME)"
    )
    shown = django(
        "shell", "--no-imports", "-c", code, SITE_URL="https://log.example.org/infra-log/"
    )
    assert shown.stdout.split() == [
        "__Host-session",
        "__Host-csrf",
        "True",
        "True",
        "True",
        "/infra-log",
    ]


def test_static_files_and_uploads_are_under_the_prefix() -> None:
    code = "import bulletin.wsgi as w; s = w.settings; print(s.STATIC_URL, s.MEDIA_URL)"
    shown = django(
        "shell", "--no-imports", "-c", code, SITE_URL="https://log.example.org/infra-log"
    )
    assert shown.stdout.split() == ["/infra-log/static/", "/infra-log/media/"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SITE_URL": "http://log.example.org"}, "https"),
        ({"SITE_URL": "log.example.org"}, "whole address"),
        ({"SITE_URL": "https://log.example.org//a"}, "whole address"),
        ({"SITE_URL": "https://log.example.org/a/../b"}, "whole address"),
        ({"SITE_URL": "https://log example.org"}, "whole address"),
        ({"SITE_URL": "https://log.example.org", "TIME_ZONE": "Mars/Olympus"}, "timezone"),
        ({"SITE_URL": "https://log.example.org", "FIRST_WEEKDAY": "7"}, "0 for Monday"),
        (
            {
                "SITE_URL": "https://log.example.org",
                "S3_BUCKET": "uploads",
                "S3_ACCESS_KEY": "half",
            },
            "S3_SECRET_KEY",
        ),
        ({"SITE_URL": "https://log.example.org", "LOG_FORMAT": "xml"}, "text or json"),
        ({"SITE_URL": "https://log.example.org", "LOG_LEVEL": "loud"}, "INFO or DEBUG"),
        ({"SITE_URL": "https://log.example.org", "ACCESS_LOG": "/no/such/log"}, "'/no/such/log'"),
        (
            {"SITE_URL": "https://log.example.org", "LOGIN_REQUIRE_SECOND_FACTOR": "true"},
            "LOGIN_EXTRA=true",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    environment: dict[str, str], message: str
) -> None:
    failed = django("check", **environment)
    assert failed.returncode != 0
    assert message in failed.stderr


def test_an_extra_without_its_packages_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['allauth'] = None; import bulletin.settings"
    environment = {"SECRET_KEY": KEY, "SITE_URL": "https://log.example.org", "LOGIN_EXTRA": "true"}
    failed = subprocess.run(
        [sys.executable, "-c", hidden], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert failed.returncode != 0
    assert b"pip install --require-hashes -r requirements/login.txt" in failed.stderr


@pytest.mark.parametrize("prefix", ["", "/infra-log"])
def test_probes_are_answered_by_http_under_a_prefix(prefix: str, tmp_path: Path) -> None:
    address = f"https://log.example.org{prefix}"
    with running(tmp_path, demo=False, SITE_URL=address, WEB_CONCURRENCY="1") as site:
        assert answers(address, site.server.port)
        caller = HTTPConnection("127.0.0.1", site.server.port)
        caller.request("GET", f"{prefix}/readyz", headers={"Host": "log.example.org"})
        assert caller.getresponse().status == 200
        caller.close()


@pytest.mark.parametrize(
    ("path", "inner"),
    [("/infra-log/feed.xml", "/feed.xml"), ("/infra-log", "/"), ("/feed.xml", "/feed.xml")],
)
def test_the_prefix_is_found_whether_or_not_a_proxy_cut_it_off(path: str, inner: str) -> None:
    seen: list[str] = []

    def inside(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return []

    under_prefix(inside, "/infra-log")({"PATH_INFO": path}, lambda *_: None)
    assert seen == [inner]
