"""The editor widget knows its addresses, and brings no script but its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import Model
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string
from markdownx import settings as markdownx_settings
from markdownx.models import MarkdownxField

from bulletin.admin import views
from bulletin.admin.widgets import MarkdownWidget
from bulletin.models import Article, Bulletin, SiteSettings
from incidents.models import Addendum, Incident


def rendered() -> str:
    return MarkdownWidget().render("essay", "a < b\n", {"id": "id_essay"})


def test_it_holds_the_text_and_the_addresses() -> None:
    html = rendered()
    assert 'name="essay"' in html
    assert "\na &lt; b\n</textarea>" in html
    assert 'data-markdownx-upload-urls-path="/admin/markdownx/upload/"' in html


def test_the_packages_addresses_are_our_guarded_views_under_the_prefix() -> None:
    assert resolve(settings.MARKDOWNX_UPLOAD_URLS_PATH).func is views.upload
    assert resolve(settings.MARKDOWNX_URLS_PATH).func is views.markdownify
    code = "from bulletin import settings; print(settings.MARKDOWNX_URLS_PATH)"
    env = {**os.environ, "SITE_URL": "http://127.0.0.1:8000/infra-log", "SECRET_KEY": "x" * 50}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "/infra-log/admin/markdownx/markdownify/"


def test_whoever_calls_the_package_gets_our_renderer() -> None:
    function = import_string(markdownx_settings.MARKDOWNX_MARKDOWNIFY_FUNCTION)
    assert function("<script>*a*</script>") == "<p>&lt;script&gt;<em>a</em>&lt;/script&gt;</p>\n"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        *((Bulletin, "intro"), (Bulletin, "essay"), (Article, "body"), (Incident, "body")),
        *((Addendum, "body"), (SiteSettings, "about")),
    ],
)
def test_markdown_is_typed_into_the_packages_field(model: type[Model], name: str) -> None:
    assert isinstance(model._meta.get_field(name), MarkdownxField)


def test_it_has_no_inline_script_or_style() -> None:
    html = rendered()
    assert not re.search(r"<script|<style| style=| on[a-z]+=", html)


def test_it_brings_one_module_and_no_script_of_the_package() -> None:
    media = str(MarkdownWidget().media)
    assert re.findall(r'<script src="([^"]+)" type="module">', media) == [
        "/static/js/admin-editor.js"
    ]
    assert media.count("<script") == 1
    assert "markdownx" not in media


VENDORED = re.findall(
    r'"\./(vendor/[^"]+)"', Path(settings.BASE_DIR, "static/js/admin-editor.js").read_text()
)


def test_what_it_names_is_there() -> None:
    for path in ("js/admin-editor.js", *(f"js/{path}" for path in VENDORED), "css/admin.css"):
        assert finders.find(path), path


def test_the_packages_own_urls_are_never_included() -> None:
    for path in ("/markdownx/upload/", "/markdownx/markdownify/"):
        with pytest.raises(Resolver404):
            resolve(path)
    sources = Path(settings.BASE_DIR, "bulletin").rglob("*.py")
    assert not any("markdownx.urls" in source.read_text() for source in sources)
