"""A bulletin's grid: drawn for pages, and as pictures whose address says what is on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bulletin import http_caching
from bulletin.grid_words import words
from bulletin.models import Bulletin
from incidents.grid import describe, png, svg
from incidents.grid.boxes import BoxSpec
from incidents.grid.fonts import font_digest
from incidents.grid.layout import NARROW, PICTURE, WIDE, lay_out
from incidents.grid.shapes import Entry, Layout, Shape
from incidents.models import Incident
from incidents.weeks import Period, grid_window, week_containing


@dataclass(frozen=True)
class BulletinGrid:
    """All that the grid of one bulletin is drawn from, and its drawings."""

    date: date
    title: str
    period: Period
    window: Period
    measured_at: datetime
    entries: Sequence[Entry]

    def layout(self, shape: Shape) -> Layout:
        return lay_out(
            self.entries,
            self.window,
            shape,
            at=self.measured_at,
            period=self.period,
            first_weekday=settings.FIRST_WEEKDAY,
            strings=words(),
            title=self.title,
        )

    @cached_property
    def picture(self) -> Layout:
        return self.layout(PICTURE)

    @property
    def url(self) -> str:
        """Immutable: another picture has another address."""
        return reverse("grid_by_digest", args=[self.date, self.digest])

    @property
    def alt_text(self) -> str:
        """Made without a layout, so that a feed of twenty needs none."""
        entries = sorted(self.entries, key=lambda entry: entry.sort_key)
        measured = [BoxSpec(entry, entry.minutes(self.measured_at)) for entry in entries]
        return describe.describe_window(measured, self.window, settings.FIRST_WEEKDAY, words())

    @cached_property
    def digest(self) -> str:
        """Of every value that is drawn, in 16 hexadecimal digits; made without a layout."""
        ongoing = any(entry.precision == "ongoing" for entry in self.entries)
        strings = words()
        values = (
            png.DRAWING_VERSION,
            png.FLAT_COLOURS,
            font_digest(),
            [getattr(strings, one.name) for one in fields(strings) if one.name != "count"],
            get_language(),
            settings.FIRST_WEEKDAY,
            settings.TIME_ZONE,
            self.title,
            self.date,
            self.period,
            self.window,
            self.measured_at if ongoing else None,
            [
                (e.title, e.starts.isoformat(), e.day, e.ends, e.precision, e.impact)
                for e in self.entries
            ],
        )
        return sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def png(self, shape: Shape) -> bytes:
        """Replicas share what one of them has drawn, under the digest."""
        key = f"grid-{shape.name}-{self.digest}"
        content: bytes | None = cache.get(key)
        if content is None:
            content = png.draw(self.layout(shape))
            cache.set(key, content, http_caching.WEEK)
        return content

    @cached_property
    def _wide_layout(self) -> Layout:
        return self.layout(WIDE)

    @property
    def wide(self) -> SafeString:
        return SafeString(svg.draw(self._wide_layout))

    @property
    def narrow(self) -> SafeString:
        return SafeString(svg.draw(self.layout(NARROW)))

    @property
    def rows(self) -> list[tuple[Entry, str, str]]:
        return describe.rows(self._wide_layout)

    @cached_property
    def boxes(self) -> Mapping[str, SafeString]:
        """The box of each incident by its slug, to stand beside its write-up."""
        return {box.entry.slug: SafeString(svg.mini_box(box)) for box in self._wide_layout.boxes}


@dataclass(frozen=True)
class Caption:
    """`text`, and where the row above is an earlier bulletin's, `pointer`, a link to `href`."""

    text: str
    pointer: str = ""
    href: str = ""

    def __str__(self) -> str:
        return f"{self.text}; {self.pointer}" if self.pointer else self.text


def grid_caption(period: Period, bulletins: Sequence[Bulletin]) -> Caption:
    """Points to the newest of `bulletins` before the period, where a row lies above it."""
    window = grid_window(period, settings.FIRST_WEEKDAY)
    top_row = week_containing(window.first, settings.FIRST_WEEKDAY)
    earlier = next((each for each in bulletins if each.period_last < period.first), None)
    if earlier is None or top_row.overlaps(period):
        return Caption(words().caption)
    return Caption(words().caption, words().earlier_row, earlier.get_absolute_url())


def incident_box(incident: Incident, at: datetime) -> SafeString:
    """The box of one incident, at the scale on which weeks compare."""
    week = week_containing(incident.local_date, settings.FIRST_WEEKDAY)
    grid = BulletinGrid(week.last, "", week, week, at, [incident.entry("")])
    return SafeString(svg.mini_box(grid.layout(WIDE).boxes[0]))
