from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.forms import HiddenInput
from django.test import RequestFactory

from bulletin.admin.base import BaseAdmin
from tests.factories import make_editor

PAGES = [one for one in admin.site._registry.values() if isinstance(one, BaseAdmin)]


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.opts.model_name)
def test_every_field_says_its_rule_in_a_sentence(page: BaseAdmin[Any], rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User.objects.filter(pk=make_editor().pk).get()
    for name, field in page.get_form(request)().fields.items():
        if not isinstance(field.widget, HiddenInput):
            text = str(field.help_text)
            assert len(text) > 10, name
            assert text.rstrip().endswith((".", ")")), (name, text)
