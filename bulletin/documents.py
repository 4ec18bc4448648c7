"""What of bulletins and articles can be searched: what their readers read."""

from __future__ import annotations

from incidents.triggers import FullText

# As PostQuerySet.published has it.
_PUBLIC = "CASE WHEN doc.status = 'published' THEN doc.publish_at END"

ARTICLE = FullText(
    name="article_fulltext", fields=["title", "body"], kind=2, at="doc.publish_at", public=_PUBLIC
)
BULLETIN = FullText(
    name="bulletin_fulltext",
    fields=["title", "intro", "essay_heading", "essay"],
    kind=3,
    at="doc.date",
    public=_PUBLIC,
)
