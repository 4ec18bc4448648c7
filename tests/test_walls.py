"""What import-linter can't see: walls between templates, and files with no place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("bulletin", "incidents", "login", "observe", "services")
TEMPLATES = sorted(
    path for room in ("templates", "login/templates") for path in (ROOT / room).rglob("*.html")
)


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "incidents").glob("*.html")), ids=str)
def test_templates_of_incidents_know_no_posts(path: Path) -> None:
    source = path.read_text()
    assert "bulletin/" not in source
    assert not re.search(r"{% url '(bulletin|article|archive|home)", source)
    assert "bulletin_" not in source


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_or_style(path: Path) -> None:
    source = path.read_text()
    assert "<style" not in source
    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>\s*\S", source)


def test_no_room_is_a_grab_bag() -> None:
    names = {"utils", "helpers", "services", "common", "signals"}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            assert path.stem not in names, path


def test_no_module_is_over_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 300
    }
    assert not long
