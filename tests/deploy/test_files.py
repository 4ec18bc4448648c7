"""What can be said of the files of deploy/ without a container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import BIN, ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def run(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_has_nothing_to_mend() -> None:
    run(BIN / "hadolint", DEPLOY / "Dockerfile")


def test_compose_is_what_the_specification_allows() -> None:
    run(
        BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"
    )


def test_the_unit_is_what_systemd_allows(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    unit = (DEPLOY / "bulletin.service").read_text()
    here = unit.replace("/srv/bulletin/.venv", str(Path(sys.executable).parent.parent))
    (tmp_path / "bulletin.service").write_text(here)
    shutil.copy(DEPLOY / "bulletin.socket", tmp_path)
    run("systemd-analyze", "verify", "--man=no", *tmp_path.iterdir())


def test_nginx_is_given_all_that_its_template_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "nginx/site.conf.template").read_text()))
    assert asked == set(COMPOSE["services"]["nginx"]["environment"])


def test_the_image_is_made_of_files_that_are_there_and_not_ignored() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    }
    assert copied == sent
    assert not [name for name in copied if not (ROOT / name).exists()]


def test_every_room_of_the_site_is_in_the_image() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert rooms <= set(re.findall(r"^COPY (\w+)/ ", DOCKERFILE, re.MULTILINE))
    # The admin's Help.
    assert "COPY docs/editing.md docs/" in DOCKERFILE


@pytest.mark.parametrize("name", ["web1", "web2", "migrate"])
def test_the_site_runs_as_nobody_on_a_file_system_that_it_cannot_write(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["user"] == "10001:10001"
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]


def test_no_secret_has_a_default() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    assert not re.findall(r"\$\{\w*(?:KEY|PASSWORD)\w*(?!:\?)[:}-][^?]", text)
    assert re.findall(
        r"^\w*(?:KEY|PASSWORD)\w*=(.*)$", (DEPLOY / "example.env").read_text(), re.M
    ) == [
        "",
        "",
        "",
    ]
