"""What import-linter can't see: walls between templates, and files with no place."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("bulletin", "incidents")
TEMPLATES = sorted(
    path
    for room in ("templates", "bulletin/extras/templates")
    for path in (ROOT / room).rglob("*.html")
)


OF_POSTS = re.compile(r"bulletin/|{% url '(bulletin|article|archive|home)|bulletin_")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)[^>]*>\s*\S")


def test_templates_of_incidents_know_no_posts() -> None:
    paths = (ROOT / "templates" / "incidents").glob("*.html")
    assert [path for path in paths if OF_POSTS.search(path.read_text())] == []


def test_no_template_holds_script_or_style() -> None:
    assert [path for path in TEMPLATES if INLINE.search(path.read_text())] == []


def test_no_room_is_a_grab_bag() -> None:
    names = {"utils", "helpers", "common", "signals"}
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
