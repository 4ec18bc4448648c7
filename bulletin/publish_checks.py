"""Checks before publishing: errors, which block, and warnings, which an editor accepts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bulletin import leaks
from bulletin.admin_urls import admin_url
from bulletin.link_checks import LinkedPages, LinkTargetView, link
from bulletin.models import Article, Bulletin, Post, SiteSettings
from incidents.choices import Gap
from incidents.markdown import LinkTarget, extract_links
from incidents.models import Incident
from incidents.site import site_zone

# What nobody means to publish; an essay may speak of drafts.
_TODO: Final = re.compile(r"\b(?:DRAFT|TODO|TBD|FIXME)\b|^\W*Draft\b(?=\W*$|[.:])", re.MULTILINE)
_DRAFT: Final = re.compile(r"\b(?:draft|todo|tbd|fixme)\b", re.IGNORECASE)


class Level(StrEnum):
    """An error blocks; a warning asks."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` names the field or incident, and `link` leads to where it can be corrected."""

    level: Level
    sentence: str
    about: str
    link: str
    line: int | None = None

    @property
    def digest(self) -> str:
        """The same wherever its text has moved to."""
        whole = f"{self.level}\n{self.link}\n{self.sentence}"
        return hashlib.sha256(whole.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that readers will see: its name, where it can be corrected, its page;
    `title` is its heading, without being Markdown."""

    text: str
    about: str
    link: str
    page: str
    title: str = ""


def findings(row: Post | Incident, at: datetime) -> list[Finding]:
    """All that speaks against making the stored `row` public from `at` on, errors first.

    The number of queries depends neither on its incidents nor on its links.
    """
    if isinstance(row, Incident):
        incidents, texts = [row], []
    else:
        incidents = list(row.own_incidents().in_time_order().prefetch_related("regions"))
        texts = list(_texts(row))
    passages = [*texts, *(_write_up(row, incident) for incident in incidents)]
    found = [*_pictures(passages), *_gaps(row, incidents)]
    found += [*_dead_links(row, incidents, passages, at), *_leaks(passages), *_unfinished(texts)]
    if isinstance(row, Bulletin):
        found += _period(row, at)
    return sorted(found, key=lambda finding: finding.level != Level.ERROR)


# Texts --------------------------------------------------------------------------------


def _texts(post: Post) -> Iterator[Passage]:
    page, form = post.get_absolute_url(), admin_url(post) if post.pk else ""
    if isinstance(post, Article):
        yield Passage(post.body, _("Text"), f"{form}#id_body", page, post.title)
    if isinstance(post, Bulletin):
        yield Passage(post.intro, _("Introduction"), f"{form}#id_intro", page, post.title)
        yield Passage(post.essay, _("Essay"), f"{form}#id_essay", page, post.essay_heading)
        about = SiteSettings.objects.values_list("about", flat=True).first() or ""
        yield Passage(about, _("About this log"), admin_url(SiteSettings(pk=1)), page)


def _write_up(row: Post | Incident, incident: Incident) -> Passage:
    """A bulletin shows the write-ups of its incidents, an article leads to their own pages."""
    page = row if isinstance(row, Bulletin) else incident
    link = edit_link(row, incident, "body")
    return Passage(
        incident.body, incident.plain_title, link, page.get_absolute_url(), incident.title
    )


def edit_link(row: Post | Incident, incident: Incident, field: str) -> str:
    """The field of an incident: in its row of the bulletin's page, else on its own page."""
    if isinstance(row, Bulletin) and row.pk:
        return f"{admin_url(row)}#incident-{incident.pk}-{field}"
    return f"{admin_url(incident)}#id_{field}"


def _pictures(passages: Iterable[Passage]) -> Iterator[Finding]:
    for passage in passages:
        for target in extract_links(passage.text):
            if target.alt == "":
                address = Truncator(target.address).chars(60)
                sentence = _("The picture %s has no alternative text.") % address
                yield Finding(Level.ERROR, sentence, passage.about, passage.link, target.line)


def _leaks(passages: Iterable[Passage]) -> Iterator[Finding]:
    for passage in passages:
        text = f"{passage.title}\n{passage.text}"
        for leak in leaks.find(text):
            line = text.count("\n", 0, leak.start)
            words = {"kind": leak.kind, "shown": leak.shown}
            sentence = _("It looks like a secret (%(kind)s): “%(shown)s…”.") % words
            yield Finding(Level.WARNING, sentence, passage.about, passage.link, line)


def _dead_links(
    row: Post | Incident, incidents: list[Incident], passages: Iterable[Passage], at: datetime
) -> Iterator[Finding]:
    links = list(_links(passages))
    linked_pages = LinkedPages(row, incidents, at, [there for *_rest, there in links])
    for passage, target, there in links:
        if reason := linked_pages.why_dead(there):
            words = {"address": Truncator(target.address).chars(100), "reason": reason}
            sentence = _("“%(address)s” is a dead link: %(reason)s.") % words
            level = Level.ERROR if there.is_nowhere else Level.WARNING
            yield Finding(level, sentence, passage.about, passage.link, target.line)


def _links(passages: Iterable[Passage]) -> Iterator[tuple[Passage, LinkTarget, LinkTargetView]]:
    for passage in passages:
        for target in extract_links(passage.text):
            if (there := link(target.address, passage.page)) is not None:
                yield passage, target, there


def _unfinished(texts: Iterable[Passage]) -> Iterator[Finding]:
    for passage in texts:
        pattern = _DRAFT if passage.link.endswith("#id_intro") else _TODO
        if found := pattern.search(passage.text):
            sentence = _("It says “%s”: is it finished?") % found[0].strip()
            line = passage.text.count("\n", 0, found.start()) + 1
            yield Finding(Level.WARNING, sentence, passage.about, passage.link, line)


# Incidents ----------------------------------------------------------------------------


def _gaps(row: Post | Incident, incidents: Iterable[Incident]) -> Iterator[Finding]:
    for incident in incidents:
        proposed = ", ".join(name.replace("_", " ") for name in incident.proposed)
        sentences = {
            Gap.IMPACT: _("Its impact is not rated."),
            Gap.REGION: _("It names no region."),
            Gap.LENGTH: _("Its length is unknown."),
            Gap.SUGGESTIONS: _("The import suggested this, and it is not confirmed: %s.")
            % proposed,
        }
        for gap in incident.gaps():
            if gap in sentences:
                level = Level.ERROR if gap == Gap.IMPACT else Level.WARNING
                link = edit_link(row, incident, gap.value)
                yield Finding(level, sentences[gap], incident.plain_title, link)


def _period(bulletin: Bulletin, at: datetime) -> Iterator[Finding]:
    if at.astimezone(site_zone()).date() < bulletin.period_last:
        sentence = _("Its last day, %s, has not come by then.")
        words = sentence % date_format(bulletin.period_last, "DATE_FORMAT")
        link = f"{admin_url(bulletin)}#id_period_last"
        yield Finding(Level.WARNING, words, _("Period"), link)
