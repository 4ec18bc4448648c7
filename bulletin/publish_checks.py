"""Checks before publishing: errors, which block, and warnings, which an editor accepts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from bulletin import leaks, publishing
from bulletin.admin_urls import admin_url
from bulletin.drafting import Gap, gaps
from bulletin.link_checks import LinkedPages, LinkTargetView, link
from bulletin.models import Article, Bulletin, Post, SiteSettings
from incidents.markdown import LinkTarget, extract_links
from incidents.models import Incident


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

    @property
    def digest(self) -> str:
        whole = f"{self.level}\n{self.about}\n{self.sentence}"
        return hashlib.sha256(whole.encode()).hexdigest()[:12]


class Refusal(publishing.NotPublished):
    """Errors, or warnings that were not accepted. `held` where the post was scheduled, and so can't
    be saved as a draft without taking it back."""

    def __init__(self, findings: Sequence[Finding], *, held: bool) -> None:
        super().__init__(" ".join(f"{one.about}: {one.sentence}" for one in findings))
        self.findings = findings
        self.held = held


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that readers will see: its name, where it can be corrected, its page;
    `title` is its heading, without being Markdown."""

    text: str
    about: str
    link: str
    page: str
    title: str = ""


def check(post: Post, at: datetime, accepted: Collection[str] = ()) -> None:
    """Refusal where `post`, to be public from `at`, has errors, or warnings whose digests are
    not all among `accepted`."""
    found = findings(post, at)
    open_ones = {one.digest for one in found if one.level == Level.WARNING} - set(accepted)
    if open_ones or any(one.level == Level.ERROR for one in found):
        raise Refusal(found, held=post.incidents_publish_at is not None)


def findings(post: Post, at: datetime) -> list[Finding]:
    """All that speaks against making the stored `post` public from `at` on, errors first.

    The number of queries depends neither on its incidents nor on its links.
    """
    incidents = list(post.scope().in_time_order().prefetch_related("regions"))
    passages = [*_texts(post), *(_write_up(post, one) for one in incidents)]
    found = [*_pictures(passages), *_gaps(incidents)]
    found += [*_dead_links(post, incidents, passages, at), *_leaks(passages)]
    return sorted(found, key=lambda one: one.level != Level.ERROR)


# Texts --------------------------------------------------------------------------------


def _texts(post: Post) -> Iterator[Passage]:
    page = post.get_absolute_url()
    if isinstance(post, Article):
        yield Passage(post.body, _("Text"), "#id_body", page, post.title)
    if isinstance(post, Bulletin):
        yield Passage(post.intro, _("Introduction"), "#id_intro", page, post.title)
        yield Passage(post.essay, _("Essay"), "#id_essay", page, post.essay_heading)
        notice = SiteSettings.objects.values_list("about", flat=True).first() or ""
        link = admin_url(SiteSettings(pk=SiteSettings.ONLY))
        yield Passage(notice, _("About this log"), link, page)


def _write_up(post: Post, incident: Incident) -> Passage:
    """An article shows no write-ups: those stand on the incidents' own pages."""
    shown = post if isinstance(post, Bulletin) else incident
    link = f"{admin_url(incident)}#id_body"
    return Passage(
        incident.body, str(incident), link, shown.get_absolute_url(), title=incident.title
    )


def _pictures(passages: Iterable[Passage]) -> Iterator[Finding]:
    for passage in passages:
        for target in extract_links(passage.text):
            if target.alt == "":
                sentence = _("The picture %(address)s (line %(line)d) has no alternative text.")
                address = Truncator(target.address).chars(60)
                words = sentence % {"address": address, "line": target.line}
                yield Finding(Level.ERROR, words, passage.about, passage.link)


def _leaks(passages: Iterable[Passage]) -> Iterator[Finding]:
    for passage in passages:
        text = f"{passage.title}\n{passage.text}"
        for leak in leaks.find(text):
            line = text.count("\n", 0, leak.start)
            sentence = _("Line %(line)d looks like a secret (%(kind)s): “%(shown)s…”.")
            words = sentence % {"line": line, "kind": leak.kind, "shown": leak.shown}
            yield Finding(Level.WARNING, words, passage.about, passage.link)


def _dead_links(
    post: Post, incidents: list[Incident], passages: Iterable[Passage], at: datetime
) -> Iterator[Finding]:
    links = list(_links(passages))
    linked_pages = LinkedPages(post, incidents, at, [one for *_rest, one in links])
    for passage, target, one in links:
        if reason := linked_pages.why_dead(one):
            sentence = _("“%(address)s” (line %(line)d) is a dead link: %(reason)s.")
            address = Truncator(target.address).chars(100)
            words = sentence % {"address": address, "line": target.line, "reason": reason}
            yield Finding(Level.WARNING, words, passage.about, passage.link)


def _links(passages: Iterable[Passage]) -> Iterator[tuple[Passage, LinkTarget, LinkTargetView]]:
    for passage in passages:
        for target in extract_links(passage.text):
            if (one := link(target.address, passage.page)) is not None:
                yield passage, target, one


# Incidents ----------------------------------------------------------------------------


def _gaps(incidents: Iterable[Incident]) -> Iterator[Finding]:
    for incident in incidents:
        proposed = ", ".join(name.replace("_", " ") for name in incident.proposed)
        sentences = {
            Gap.IMPACT: _("Its impact is not rated."),
            Gap.REGION: _("It names no region."),
            Gap.LENGTH: _("Its length is unknown."),
            Gap.PROPOSALS: _("The import suggested this, and it is not confirmed: %s.") % proposed,
        }
        for gap in gaps(incident):
            if gap in sentences:
                level = Level.ERROR if gap == Gap.IMPACT else Level.WARNING
                link = f"{admin_url(incident)}#id_{gap.value}"
                yield Finding(level, sentences[gap], str(incident), link)
