"""Posts, the site's settings, and what editors leave behind."""

from __future__ import annotations

from bulletin.models.article import Article
from bulletin.models.bulletin import Bulletin, BulletinQuerySet
from bulletin.models.editing import Autosave
from bulletin.models.post import Author, Post, PostQuerySet, PostT, Status
from bulletin.models.site import SiteSettings, site_settings
from bulletin.page_cache.content_revision import ContentRevision

__all__ = [
    "Article",
    "Author",
    "Autosave",
    "Bulletin",
    "BulletinQuerySet",
    "ContentRevision",
    "Post",
    "PostQuerySet",
    "PostT",
    "SiteSettings",
    "Status",
    "site_settings",
]
