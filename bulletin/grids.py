"""From a bulletin's rows to the layout that its picture, table and words are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from bulletin.addresses import Directory
from bulletin.grid_words import drawable, words
from bulletin.holdings import Holdings
from bulletin.http_caching import WEEK
from bulletin.kept import Kept, key_of, values_of
from bulletin.models import Bulletin
from incidents import grid
from incidents.models import Incident
from incidents.weeks import Period, grid_window, week_containing

# Shapes that are drawn by the face that we ship, and not by a reader's browser.
PIXELS = (grid.PICTURE, grid.CARD)


@dataclass(frozen=True)
class Picture:
    """An <img> of a grid; `width` and `height` in CSS pixels."""

    url: str
    alt_text: str
    width: int
    height: int


@dataclass(frozen=True)
class Drawings:
    """A grid for wide and for narrow screens, with its table, and by their slugs its boxes one by
    one, to stand beside their incidents."""

    wide: SafeString
    narrow: SafeString
    rows: Sequence[grid.Row]
    mini_boxes: Mapping[str, SafeString]


# A year's weeks are pictures; the newest ones are read whole.
PICTURES: Kept[tuple[str, str, int, int]] = Kept(256)
DRAWINGS: Kept[Drawings] = Kept(32)


@dataclass(frozen=True)
class Figure:
    """A grid on a page, with its caption."""

    drawings: Drawings
    caption: grid.Caption
    picture: Picture


def caption(period: Period, directory: Directory) -> grid.Caption:
    """Derived, never typed: with a pointer where a published bulletin tells of the rows above."""
    window = grid_window(period, settings.FIRST_WEEKDAY)
    above = (one for one in directory.bulletins if one.period_last < period.first)
    earlier = next(above, None) if window.first < period.first else None
    return grid.caption(
        window,
        period,
        settings.FIRST_WEEKDAY,
        earlier=earlier.get_absolute_url() if earlier else "",
        strings=words(),
    )


def drawn(layout: grid.Layout) -> bytes:
    """The picture as PNG. Replicas share what one of them has drawn, by the digest of all that is
    on it, so that a kept one is never an outdated one."""
    key = f"grid-{grid.digest(layout)}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        # Asked for twice and not, as by get_or_set, three times: each is a wait for one that hangs.
        kept = grid.png(layout)
        cache.set(key, kept, WEEK)
    return kept


def mini_box(incident: Incident, at: datetime) -> SafeString:
    """The box of one incident, at the scale on which weeks compare."""
    week = week_containing(incident.local_date, settings.FIRST_WEEKDAY)
    layout = grid.lay_out(
        [incident.entry("")],
        week,
        grid.WIDE,
        at=at,
        period=week,
        first_weekday=settings.FIRST_WEEKDAY,
    )
    return SafeString(grid.mini_box(layout.boxes[0]))


class Shelf(Holdings):
    """Bulletins with what is drawn of their incidents; a drawing is kept under what it shows."""

    def caption(self, bulletin: Bulletin) -> grid.Caption:
        return caption(bulletin.period, self._near(bulletin))

    def _near(self, bulletin: Bulletin) -> Directory:
        """Of its window."""
        window = bulletin.window
        bulletins = self.directory.bulletins
        return Directory([one for one in bulletins if one.period.overlaps(window)])

    def _entries(self, bulletin: Bulletin) -> list[grid.Entry]:
        """Of its window, found once for all of its drawings."""
        if bulletin.pk not in self._found:
            here = bulletin.get_absolute_url()
            self._found[bulletin.pk] = [
                one.entry(self._place(one, bulletin.period, here))
                for one in self.in_window(bulletin)
            ]
        return self._found[bulletin.pk]

    @cached_property
    def _found(self) -> dict[int, list[grid.Entry]]:
        return {}

    # What drawings and entries of feeds are kept under ------------------------------------

    def values(self, bulletin: Bulletin) -> Any:
        """All that its drawings and its caption are made of."""
        near = [(one.date, one.period) for one in self._near(bulletin).bulletins]
        here = bulletin.get_absolute_url(), bulletin.period, bulletin.plain_title
        told = [self._digests[one.pk] for one in self.in_window(bulletin)]
        return here, self._measured_at(bulletin), near, told

    def values_of_news(self, bulletin: Bulletin) -> Any:
        return [
            (one.place, self._digests[one.incident.pk], one.addendum and one.addendum.pk)
            for one in self.late(bulletin)
        ]

    @cached_property
    def _digests(self) -> dict[int, bytes]:
        """Each row is part of several weeks, and read once."""
        return {one.pk: key_of(values_of(one)) for _day, one in self._fetched}

    def _measured_at(self, bulletin: Bulletin) -> datetime:
        """Public pages measure what is ongoing to the hour of publication, the desk to now."""
        return (bulletin.is_public(self.at) and bulletin.publish_at) or self.at

    def layout(self, bulletin: Bulletin, shape: grid.Shape) -> grid.Layout:
        if shape in PIXELS:
            with drawable():
                return self._layout(bulletin, shape)
        return self._layout(bulletin, shape)

    def _layout(self, bulletin: Bulletin, shape: grid.Shape) -> grid.Layout:
        return grid.lay_out(
            self._entries(bulletin),
            bulletin.window,
            shape,
            at=self._measured_at(bulletin),
            period=bulletin.period,
            first_weekday=settings.FIRST_WEEKDAY,
            strings=words(),
            title=bulletin.plain_title,
        )

    def figure(self, bulletin: Bulletin) -> Figure:
        drawings = DRAWINGS.get(self.values(bulletin), lambda: self._drawings(bulletin))
        return Figure(drawings, self.caption(bulletin), self.picture(bulletin))

    def _drawings(self, bulletin: Bulletin) -> Drawings:
        wide = self.layout(bulletin, grid.WIDE)
        return Drawings(
            wide=SafeString(grid.svg(wide)),
            narrow=SafeString(grid.svg(self.layout(bulletin, grid.NARROW))),
            rows=grid.rows(wide),
            mini_boxes={box.entry.slug: SafeString(grid.mini_box(box)) for box in wide.boxes},
        )

    def picture(self, bulletin: Bulletin) -> Picture:
        def described() -> tuple[str, str, int, int]:
            layout = self.layout(bulletin, grid.PICTURE)
            told = grid.alt_text(replace(layout, strings=words()))
            return grid.digest(layout), told, layout.width, layout.height

        digest, told, width, height = PICTURES.get(self.values(bulletin), described)
        url = reverse("grid_by_digest", args=[bulletin.date, digest])
        return Picture(url, told, width, height)

    def _place(self, incident: Incident, ours: Period, here: str) -> str:
        """A draft's boxes lead into the draft, which no published bulletin can hold."""
        if incident.local_date in ours:
            return f"{here}#{incident.slug}"
        return self.directory.place(incident)
