"""The stand-alone post."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from bulletin.models.post import Post, PostQuerySet, publication_constraint
from incidents import markdown
from incidents.models import Incident, is_saved
from incidents.querysets import IncidentQuerySet
from incidents.validators import validate_body


class Article(Post):
    """A stand-alone post, usually the long post-mortem of one incident."""

    slug = models.SlugField(
        _("slug"),
        max_length=80,
        unique=True,
        blank=True,
        help_text=_("Its address: /articles/…/. Empty for one made of the title."),
    )
    title = models.CharField(
        _("title"), max_length=300, help_text=_("`Backticks` are code on pages, plain elsewhere.")
    )
    body = MarkdownxField(
        _("text"),
        blank=True,
        validators=[validate_body],
        help_text=_("Markdown: usually the long post-mortem of an incident."),
    )
    body_html = models.TextField(editable=False)
    incidents = models.ManyToManyField(
        Incident,
        verbose_name=_("incidents"),
        blank=True,
        related_name="+",
        help_text=_("The first of them gives the line with the time above the title."),
    )

    objects = PostQuerySet["Article"].as_manager()

    class Meta:
        ordering = ["-publish_at", "-pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [("publish_article", _("Can publish and take back articles"))]
        constraints = [publication_constraint("article")]

    def __str__(self) -> str:
        return self.plain_title

    def save(self, **kwargs: Any) -> None:
        if is_saved("body_html", kwargs):
            self.body_html = self._anchored(self.body)
        super().save(**kwargs)

    def clean(self) -> None:
        super().clean()
        if not self.slug:
            stem = slugify(markdown.strip_code(self.title))[:76].strip("-") or "article"
            taken = Article.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
            names = (f"{stem}-{number}" if number > 1 else stem for number in count(1))
            self.slug = next(name for name in names if name not in set(taken))

    def get_absolute_url(self) -> str:
        return self.url_override or reverse("article", args=[self.slug])

    @property
    def name(self) -> str:
        return self.title

    @property
    def search_date(self) -> datetime | None:
        return self.publish_at

    def search_texts(self) -> list[str]:
        return [self.title, self.body]

    def own_incidents(self) -> IncidentQuerySet[Incident]:
        return Incident.objects.filter(pk__in=self.incidents.values("pk"))
