"""Who may do what at the admin: writers draft, and editors decide what readers see.

The rules ask for permissions, never for a group, so that an installation may have roles of its
own. The groups "Writers" and "Editors" come with a migration.
"""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model

from bulletin.models import Article, Bulletin, Post, SiteSettings, Status
from incidents.models import Addendum, Incident

AnyUser = User | AnonymousUser

WRITERS: Final = "Writers"
EDITORS: Final = "Editors"
# The models that have texts, and therefore pictures and previews.
TEXTS: Final = (Bulletin, Article, Incident, Addendum, SiteSettings)


def allowed(user: AnyUser, action: str, model: type[Model]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def may_write(user: AnyUser) -> bool:
    if not (user.is_active and user.is_staff):
        return False
    return any(allowed(user, action, text) for text in TEXTS for action in ("add", "change"))


def may_publish_incidents(user: AnyUser) -> bool:
    return allowed(user, "publish", Incident)


def is_decided(row: Post | Incident) -> bool:
    """Whether readers see the row, or will without anybody doing more."""
    if isinstance(row, Incident):
        return row.publish_at is not None
    return row.status != Status.DRAFT
