"""The desk as a whole: its front page, and signing in without losing what was typed."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bulletin.desk.frontpage import FrontPage


class DeskSite(FrontPage):
    """The stock admin site under the log's name."""

    site_header = site_title = settings.SITE_NAME
    index_title = _("Desk")
