"""What a save of the largest page costs, and how deep its admin is."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from bulletin.models import Bulletin, Status
from tests.factories import make_bulletin, make_editor, make_incident
from tests.pages import form_of


def test_the_admin_of_bulletins_has_five_classes_of_ours() -> None:
    classes = type(admin.site.get_model_admin(Bulletin)).__mro__
    assert len([one for one in classes if one.__module__.startswith("bulletin.")]) <= 5


@pytest.mark.django_db
def test_a_save_of_a_week_of_four_takes_forty_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_editor())
    for number in range(4):
        make_incident(title=f"Disk {number}", publish_at=None, regions="GRU")
    draft = make_bulletin(status=Status.DRAFT, publish_at=None)
    url = f"/admin/bulletin/bulletin/{draft.pk}/change/"
    form = form_of(client.get(url)) | {"essay": "We moved a rack.", "_continue": "1"}
    client.post(url, form)
    with django_assert_max_num_queries(40):
        client.post(url, form | {"essay": "We moved two racks."})
