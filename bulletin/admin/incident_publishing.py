"""Telling an incident from its page: the buttons, and what readers and subscribers will see."""

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

TELL: Final = "_tell"
WITHDRAW: Final = "_withdraw"


def if_told(incident: Incident, at: datetime) -> list[str]:
    """What readers and subscribers see where `incident`, not public yet, is told at `at`."""
    sentences = [_("Readers see it at once, at %s.") % absolute(incident.get_absolute_url())]
    if holder := _holder(incident):
        sentences += _in_its_week(incident, holder, at)
    else:
        sentences.append(_("Its week's bulletin lists it when that is published."))
    if _is_late(incident, at):
        sentences.append(_("The next bulletin names it under “Late reports and corrections”."))
    if _articles(incident, at):
        sentences.append(_("The article on it lists it."))
    return sentences


def if_withdrawn(incident: Incident, at: datetime) -> list[str]:
    """What they see where the public `incident` is made private."""
    sentences = [_("Its address gives 404: %s.") % absolute(incident.get_absolute_url())]
    holder = _holder(incident)
    if holder and holder.is_public(at):
        gone = _("It leaves “%s”, its grid and its entry in the feeds.")
        sentences.append(gone % holder.plain_title)
    elif holder and holder.publish_at:
        words = {"title": holder.plain_title, "moment": moment(holder.publish_at)}
        sentences.append(_("“%(title)s” tells it again: %(moment)s.") % words)
    sentences.append(_("Copies that subscribers fetched stay with them."))
    return sentences


def _in_its_week(incident: Incident, holder: Bulletin, at: datetime) -> Iterator[str]:
    title = holder.plain_title
    if holder.is_public(at):
        yield _("“%s”, published already, lists it and draws it in its grid.") % title
        yield _("Subscribers see the entry of that bulletin as news.")
    elif holder.publish_at:
        words = {"title": title, "moment": moment(holder.publish_at)}
        yield _("“%(title)s” lists it, too, and is published %(moment)s.") % words


def _holder(incident: Incident) -> Bulletin | None:
    """The published or scheduled bulletin of its week."""
    return Bulletin.objects.scheduled_or_published().containing_day(incident.local_date).first()


def _is_late(incident: Incident, at: datetime) -> bool:
    """Whether a bulletin of its week, or of a later one, is read already."""
    return Bulletin.objects.published(at).filter(period_last__gte=incident.local_date).exists()


def _articles(incident: Incident, at: datetime) -> bool:
    return Article.objects.published(at).filter(incidents=incident).exists()


class IncidentPublishingAdmin(GuardedIncidents, BaseAdmin[Incident]):
    """Two more buttons on an incident's page: they save it, and tell it or make it private."""

    buttons = frozenset({TELL, WITHDRAW})

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
            sentences = if_withdrawn(stored, at) if public else if_told(stored, at)
            context |= {"is_told": public, "telling": sentences}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        at = timezone.now()
        incident = Incident.objects.get(pk=form.instance.pk)
        if TELL in request.POST and incident.is_public(at):
            text = _("“%s” is published already.") % incident
            refuse_unchanged(text, form, formsets)
            self.message_user(request, text)
        super().save_related(request, form, formsets, change)
        incident.refresh_from_db()
        if TELL in request.POST and not incident.is_public(at):
            self.message_user(request, " ".join(if_told(incident, at)), messages.SUCCESS)
            publishing.publish_incidents([incident], at)
            publication_log.record(request, [incident], publication_log.Deed.TOLD)
        elif WITHDRAW in request.POST and incident.is_public(at):
            self.message_user(request, " ".join(if_withdrawn(incident, at)), messages.SUCCESS)
            publishing.unpublish_incidents([incident], at)
            publication_log.record(request, [incident], publication_log.Deed.WITHDRAWN)
        publication_log.keep([incident])
        self._warn(request, incident, formsets, at)

    def _warn(self, request: HttpRequest, incident: Incident, formsets: Any, at: datetime) -> None:
        decided = TELL in request.POST or incident.publish_at is not None
        if decided and WITHDRAW not in request.POST and incident.impact is None:
            text = _("Its impact is not rated: readers see “impact not rated”.")
            self.message_user(request, text, messages.WARNING)
        if any(formset.new_objects for formset in formsets):
            text = _(
                "Readers see the addendum at once; the next bulletin names it under “Late reports "
                "and corrections”, and the entry in the feeds of its bulletin is news."
            )
            self.message_user(request, text)
