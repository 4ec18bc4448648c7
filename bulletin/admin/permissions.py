"""Who may do what at the admin: writers draft, and editors decide what readers see.

The rules ask for permissions, never for a group, so that an installation may have roles of its
own. The groups "Writers" and "Editors" come with a migration.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, TypeVar

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from bulletin.conflicts import VersionedRow
from bulletin.models import Article, Bulletin, Post, SiteSettings, Status
from incidents.models import Addendum, Incident

ModelT = TypeVar("ModelT", bound=Model)
PostT = TypeVar("PostT", bound=Post)
AnyUser = User | AnonymousUser

WRITERS: Final = "Writers"
EDITORS: Final = "Editors"
# What the decision to publish consists of on a post's page.
PUBLICATION: Final = frozenset({"publish_at", "notify_subscribers"})
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


class GuardedAdmin(admin.ModelAdmin[ModelT]):
    """Rows that readers see, or will see at their hour, are changed by those only who decide it."""

    # Fields that only those see, and names of buttons that only those may press.
    deciding: Collection[str] = ()
    buttons: frozenset[str] = frozenset()
    # Fields that buttons change, and cells of a list never do.
    by_button: Collection[str] = ()

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """What actions of the list ask, too, under the name "decide"."""
        raise NotImplementedError

    def is_decided(self, row: ModelT) -> bool:
        """Whether readers see the row or will without anybody doing more."""
        raise NotImplementedError

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if self.buttons.intersection(request.POST) and not self.has_decide_permission(request):
            raise PermissionDenied
        return super().changeform_view(request, object_id, *args, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        closed = (
            obj is not None and self.is_decided(obj) and not self.has_decide_permission(request)
        )
        return not closed and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:
        """Looks at the stored row once more, under a lock: an editor may have decided meanwhile,
        and lists of rows that are edited in place ask about no single one."""
        rows = self.model._default_manager.select_for_update()
        stored = rows.filter(pk=obj.pk).first() if change else None
        if stored and not self.has_change_permission(request, stored):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Cells of a row that the user may not change are shown and can't be typed in."""
        model_admin = self

        class Row(VersionedRow[ModelT]):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                open_ = model_admin.has_change_permission(request, self.instance)
                may = model_admin.has_decide_permission(request)
                withheld = {*model_admin.by_button, *(() if may else model_admin.deciding)}
                for name, field in self.fields.items():
                    field.disabled |= not open_ or name in withheld

        return super().get_changelist_form(request, **{"form": Row} | kwargs)


class GuardedPosts(GuardedAdmin[PostT]):
    """Posts: a writer's are drafts."""

    deciding = PUBLICATION
    by_button = ("status", "publish_at")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return allowed(request.user, "publish", self.model)

    def is_decided(self, row: PostT) -> bool:
        return row.status != Status.DRAFT

    def has_delete_permission(self, request: HttpRequest, obj: PostT | None = None) -> bool:
        """A public post is unpublished before it is deleted."""
        is_protected = obj is not None and self.is_decided(obj) and not request.user.is_superuser
        return not is_protected and super().has_delete_permission(request, obj)

    def withheld(self, request: HttpRequest, obj: PostT | None) -> Collection[str]:
        """Names of fields that are not on the user's page."""
        names = set() if self.has_decide_permission(request) else set(self.deciding)
        if obj is not None and not self.has_change_permission(request, obj):
            return names - {"publish_at"} | {"notify_subscribers", "incident_started_at"}
        if not allowed(request.user, "add", Incident):
            names.add("incident_started_at")
        return names

    def get_fieldsets(self, request: HttpRequest, obj: PostT | None = None) -> Any:
        names = self.withheld(request, obj)
        return [
            (title, {**options, "fields": without(options["fields"], names)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: PostT | None = None) -> Any:
        """A field that a form declares leaves it only as one that is read."""
        return [*super().get_readonly_fields(request, obj), *self.withheld(request, obj)]


class GuardedIncidents(GuardedAdmin[Incident]):
    """Incidents: a writer's are private."""

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return may_publish_incidents(request.user)

    def is_decided(self, row: Incident) -> bool:
        return row.publish_at is not None


def without(fields: Sequence[Any], names: Collection[str]) -> list[Any]:
    """The fields of a fieldset, rows of several included, but for `names`."""
    allowed = [
        without(field, names) if isinstance(field, list | tuple) else field
        for field in fields
        if not isinstance(field, str) or field not in names
    ]
    return [field for field in allowed if field]
