"""A demo log with a row in each table that editors' work can fill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import reversion
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from bulletin.models import Bulletin
from bulletin.models.editing import Autosave

EXPIRY = datetime(2024, 9, 1, tzinfo=UTC) + timedelta(days=9)


def fill() -> None:
    editor = User.objects.create_superuser("ana", password="a long enough password")
    editor.groups.set(Group.objects.all())
    editor.user_permissions.set(Group.objects.all()[0].permissions.all())
    bulletin = Bulletin.objects.latest("date")
    with reversion.create_revision():
        bulletin.title = "Line ends \r\n, a tab \t, ü, \u2028 and 🛰"
        bulletin.save()
    LogEntry.objects.create(
        user=editor,
        content_type=ContentType.objects.get_for_model(Bulletin),
        object_id=bulletin.pk,
        action_flag=ADDITION,
    )
    Autosave.objects.create(user=editor, model="bulletin.bulletin", fields={"essay": ["half a"]})
    session = SessionStore()
    session["typed"] = "here"
    session.save()
    default_storage.save("uploads/empty.png", ContentFile(b""))
    default_storage.save("uploads/more/ü 1.png", ContentFile(bytes(range(256)) * 9000))
