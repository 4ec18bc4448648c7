"""Publishing and unpublishing an incident from its page, with what that does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletin import publishing
from bulletin.admin import publication_log
from bulletin.admin.base import BaseAdmin, refuse_unchanged
from bulletin.admin.permissions import GuardedIncidents
from bulletin.effects import moment
from bulletin.models import Article, Bulletin
from incidents.models import Incident
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
