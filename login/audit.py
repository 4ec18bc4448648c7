"""Writing the audit log, and reading it with the publications of the admin log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.db.models import Case, CharField, F, GenericIPAddressField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bulletin.admin.publication_log import Action
from login.addresses import client
from login.models import Entry, Kind

DELETED = "deleted"
PUBLICATIONS = [*Action.choices, (DELETED, _("deleted"))]
KINDS = [(_("Signing in"), Kind.choices), (_("Publishing"), PUBLICATIONS)]
LABELS = dict([*Kind.choices, *PUBLICATIONS])
# The last orders entries of one instant.
COLUMNS = ("moment", "action", "who", "what", "where", "place")


def record(kind: Kind, username: str, at: datetime, request: HttpRequest | None = None) -> None:
    """`username` as typed; older entries than AUDIT_DAYS are deleted."""
    users = get_user_model()._default_manager
    known = users.filter(username__iexact=username).values_list("username", flat=True).first()
    address = client(request) if request else None
    Entry.objects.create(at=at, kind=kind, username=known or "", address=address)
    Entry.objects.filter(at__lt=oldest(at)).delete()


def oldest(at: datetime) -> datetime:
    return at - timedelta(days=settings.AUDIT_DAYS)


def entries(at: datetime, username: str = "", kind: str = "") -> QuerySet[Any, Any]:
    """Tuples of COLUMNS, newest first, of the last AUDIT_DAYS."""
    own = signing_in(at).values_list(*COLUMNS)
    posts = publications(at).values_list(*COLUMNS)
    if username:
        own, posts = own.filter(who=username), posts.filter(who=username)
    if kind:
        own, posts = own.filter(action=kind), posts.filter(action=kind)
    return own.union(posts, all=True).order_by("-moment", "-place")


def signing_in(at: datetime) -> QuerySet[Any, Any]:
    return Entry.objects.filter(at__gte=oldest(at)).annotate(
        moment=F("at"),
        action=F("kind"),
        who=F("username"),
        what=Value("", output_field=CharField()),
        where=F("address"),
        place=F("pk"),
    )


def publications(at: datetime) -> QuerySet[Any, Any]:
    of_posts = Q(
        content_type__app_label="bulletin", content_type__model__in=["bulletin", "article"]
    )
    of_incidents = Q(content_type__app_label="incidents", content_type__model="incident")
    cases = [
        When(change_message__contains=action.mark, then=Value(action.value)) for action in Action
    ]
    deleted = When(of_posts | of_incidents, action_flag=DELETION, then=Value(DELETED))
    found = LogEntry.objects.filter(action_time__gte=oldest(at)).annotate(
        moment=F("action_time"),
        action=Case(deleted, *cases, default=Value(""), output_field=CharField()),
        who=F("user__username"),
        what=F("object_repr"),
        where=Value(None, output_field=GenericIPAddressField()),
        place=F("pk"),
    )
    return found.exclude(action="").order_by()
