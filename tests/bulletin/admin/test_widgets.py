"""The editor widget knows its addresses, and brings no script but its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import Resolver404, clear_script_prefix, get_resolver, resolve, set_script_prefix

from bulletin.admin.widgets import MarkdownWidget


@pytest.fixture
def prefix() -> Iterator[None]:
    set_script_prefix("/infra-log/")
    yield
    clear_script_prefix()


def rendered() -> str:
    return MarkdownWidget().render("essay", "a < b\n", {"id": "id_essay"})


def test_it_holds_the_text_and_the_addresses() -> None:
    html = rendered()
    assert 'name="essay"' in html
    assert "\na &lt; b\n</textarea>" in html
    assert 'data-upload-url="/admin/desk/upload/"' in html


@pytest.mark.usefixtures("prefix")
def test_its_addresses_are_under_the_prefix() -> None:
    html = rendered()
    assert 'data-upload-url="/infra-log/admin/desk/upload/"' in html


def test_it_has_no_inline_script_or_style() -> None:
    html = rendered()
    assert not re.search(r"<script|<style| style=| on[a-z]+=", html)
    assert not re.search(r"markdownx-|data-markdownx", html)


def test_it_brings_one_module_and_no_script_of_the_package() -> None:
    media = str(MarkdownWidget().media)
    assert re.findall(r'<script src="([^"]+)" type="module">', media) == [
        "/static/js/desk-editor.js"
    ]
    assert media.count("<script") == 1
    assert "markdownx" not in media


def test_what_it_names_is_there() -> None:
    for path in ("js/desk-editor.js", "js/desk-keys.js", "css/desk.css"):
        assert finders.find(path), path


def test_the_packages_own_addresses_are_nowhere() -> None:
    for path in ("/markdownx/upload/", "/markdownx/markdownify/"):
        with pytest.raises(Resolver404):
            resolve(path)
    assert not any("markdownx" in str(pattern) for pattern in get_resolver().url_patterns)
    sources = Path(settings.BASE_DIR, "bulletin").rglob("*.py")
    assert not any("markdownx.urls" in source.read_text() for source in sources)
