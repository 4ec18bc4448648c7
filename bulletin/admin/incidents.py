"""The admin pages of incidents, regions and services, with publishing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from markdownx.models import MarkdownxField

from bulletin import publishing
from bulletin.admin import publication_log
from bulletin.admin.base import BaseAdmin, refuse_unchanged
from bulletin.admin.permissions import GuardedIncidents
from bulletin.admin.post_forms import IncidentAdminForm
from bulletin.admin.preview import PreviewAdmin
from bulletin.admin.widgets import MarkdownWidget
from bulletin.effects import moment
from bulletin.models import Article, Bulletin
from incidents.admin import AddendumInline, IncidentAdmin, RegionAdmin, ServiceAdmin
from incidents.models import Incident, Region, Service
from incidents.site import absolute

PUBLISH: Final = "_publish_incident"
UNPUBLISH: Final = "_unpublish_incident"


def publish_effects(incident: Incident, at: datetime) -> list[str]:
    sentences = [_("Readers see it at once, at %s.") % absolute(incident.get_absolute_url())]
    if bulletin := _bulletin_of_week(incident):
        sentences += _in_its_week(bulletin, at)
    else:
        sentences.append(_("Its week's bulletin lists it when that is published."))
    if _is_late(incident, at):
        sentences.append(_("The next bulletin lists it under “Late reports and corrections”."))
    if _articles(incident, at):
        sentences.append(_("The article on it lists it."))
    return sentences


def unpublish_effects(incident: Incident, at: datetime) -> list[str]:
    sentences = [_("Its address gives 404: %s.") % absolute(incident.get_absolute_url())]
    bulletin = _bulletin_of_week(incident)
    if bulletin and bulletin.is_public(at):
        gone = _("It leaves “%s”, its grid and its entry in the feeds.")
        sentences.append(gone % bulletin.plain_title)
    elif bulletin and bulletin.publish_at:
        words = {"title": bulletin.plain_title, "moment": moment(bulletin.publish_at)}
        sentences.append(_("“%(title)s” publishes it again: %(moment)s.") % words)
    sentences.append(_("Copies that subscribers fetched remain."))
    return sentences


def _in_its_week(bulletin: Bulletin, at: datetime) -> Iterator[str]:
    title = bulletin.plain_title
    if bulletin.is_public(at):
        yield _("“%s”, published already, lists it and draws it in its grid.") % title
        yield _("Subscribers see that bulletin’s entry as updated.")
    elif bulletin.publish_at:
        words = {"title": title, "moment": moment(bulletin.publish_at)}
        yield _("“%(title)s” lists it, too, and is published %(moment)s.") % words


def _bulletin_of_week(incident: Incident) -> Bulletin | None:
    return Bulletin.objects.scheduled_or_published().containing_day(incident.local_date).first()


def _is_late(incident: Incident, at: datetime) -> bool:
    """Whether a bulletin of its week or of a later one is public."""
    return Bulletin.objects.published(at).filter(period_last__gte=incident.local_date).exists()


def _articles(incident: Incident, at: datetime) -> bool:
    return Article.objects.published(at).filter(incidents=incident).exists()


class IncidentPublishingAdmin(GuardedIncidents, BaseAdmin[Incident]):
    buttons = frozenset({PUBLISH, UNPUBLISH})

    class Media:
        css = {"all": ["css/publication.css"]}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        incident: Incident | None = context.get("original")
        context |= {"may_publish_incidents": self.has_decide_permission(request)}
        if incident is not None and context["may_publish_incidents"]:
            at = timezone.now()
            stored = Incident.objects.get(pk=incident.pk)
            public = stored.is_public(at)
            sentences = unpublish_effects(stored, at) if public else publish_effects(stored, at)
            context |= {"is_published": public, "effects": sentences}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        at = timezone.now()
        incident = Incident.objects.get(pk=form.instance.pk)
        if PUBLISH in request.POST and incident.is_public(at):
            text = _("“%s” is published already.") % incident
            refuse_unchanged(text, form, formsets)
            self.message_user(request, text)
        super().save_related(request, form, formsets, change)
        incident.refresh_from_db()
        if PUBLISH in request.POST and not incident.is_public(at):
            self.message_user(request, " ".join(publish_effects(incident, at)), messages.SUCCESS)
            publishing.publish_incidents([incident], at)
            publication_log.record(request, [incident], publication_log.Action.INCIDENT_PUBLISHED)
        elif UNPUBLISH in request.POST and incident.is_public(at):
            self.message_user(request, " ".join(unpublish_effects(incident, at)), messages.SUCCESS)
            publishing.unpublish_incidents([incident], at)
            publication_log.record(request, [incident], publication_log.Action.INCIDENT_UNPUBLISHED)
        publication_log.add_to_revision([incident])
        self._warn(request, incident, formsets, at)

    def _warn(self, request: HttpRequest, incident: Incident, formsets: Any, at: datetime) -> None:
        decided = PUBLISH in request.POST or incident.publish_at is not None
        if decided and UNPUBLISH not in request.POST and incident.impact is None:
            text = _("Its impact is not rated: readers see “impact not rated”.")
            self.message_user(request, text, messages.WARNING)
        if any(formset.new_objects for formset in formsets):
            text = _(
                "Readers see the addendum at once; the next bulletin lists it under “Late reports "
                "and corrections”, and its bulletin’s feed entry is updated."
            )
            self.message_user(request, text)


class LogAddendumInline(AddendumInline):
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget}}


@admin.register(Incident)
class LogIncidentAdmin(PreviewAdmin[Incident], IncidentPublishingAdmin, IncidentAdmin):
    form = IncidentAdminForm
    change_form_template = "admin/bulletin/incident_form.html"
    inlines = [LogAddendumInline]
    list_editable = ["impact", "scope"]
    shown_in = {"body": ".account > .prose"}
    actions = ["publish_now", "unpublish"]

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        if change:
            publishing.preserve_updated_at_of([Incident.objects.get(pk=obj.pk)], timezone.now())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        decides = self.has_decide_permission(request)
        if scheduled := publishing.sync_scheduled(timezone.now()) if decides else []:
            names = ", ".join(map(str, scheduled))
            self.message_user(request, _("Scheduled with its week: %s.") % names)
        incident = Incident.objects.get(pk=form.instance.pk)
        bulletins = Bulletin.objects.scheduled_or_published().containing_day(incident.local_date)
        if incident.publish_at is None and (bulletin := bulletins.first()):
            text = _("Its week is public in “%s”; it stays private until you publish it.")
            if not decides:
                text = _(
                    "Its week is published or scheduled in “%s”; "
                    "it stays private until an editor publishes it."
                )
            self.message_user(request, text % bulletin, messages.WARNING)

    @admin.action(description=gettext_lazy("Publish now"), permissions=["decide"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        at = timezone.now()
        publication_log.record(
            request,
            [one for one in queryset if not one.is_public(at)],
            publication_log.Action.INCIDENT_PUBLISHED,
        )
        published = publishing.publish_incidents(queryset, at)
        self.message_user(
            request,
            ngettext("%d incident is published.", "%d incidents are published.", published)
            % published,
        )

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["decide"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        rows = list(queryset)
        publication_log.record(
            request,
            [one for one in rows if one.publish_at],
            publication_log.Action.INCIDENT_UNPUBLISHED,
        )
        number = publishing.unpublish_incidents(rows, timezone.now())
        text = ngettext("%d incident is private.", "%d incidents are private.", number)
        self.message_user(request, text % number)


@admin.register(Region)
class LogRegionAdmin(BaseAdmin[Region], RegionAdmin):
    pass


@admin.register(Service)
class LogServiceAdmin(BaseAdmin[Service], ServiceAdmin):
    pass
