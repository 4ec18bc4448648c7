"""What the dashboard shows: this week at a glance, as one editor may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Model, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from bulletin.admin.permissions import allowed
from bulletin.admin.publish import sheet_url
from bulletin.admin_urls import admin_url
from bulletin.autosave import LAST_WEEK, LIFETIME, model_admin_for
from bulletin.drafting import draft_of, next_period, tasks, uncovered
from bulletin.grid_images import BulletinGrid
from bulletin.grid_words import words
from bulletin.models import Article, Bulletin, Post, Status
from bulletin.models.editing import Autosave
from bulletin.week import BulletinData
from incidents.choices import Impact, Precision
from incidents.models import Incident
from incidents.site import site_zone
from incidents.weeks import Period, grid_window, week_containing

# Of each list that could grow without end, the page shows so many.
MOST = 8


@dataclass(frozen=True)
class GapLink:
    """A gap of an incident, and the field of its page that closes it."""

    name: str
    label: str
    url: str


@dataclass(frozen=True)
class IncidentLine:
    """An incident on the dashboard; `state` is private, scheduled or public."""

    incident: Incident
    url: str
    state: str
    gaps: Sequence[GapLink]
    may_change: bool


@dataclass(frozen=True)
class Week:
    """Days with a name, and their incidents in time order."""

    name: str
    period: Period
    lines: Sequence[IncidentLine]


@dataclass(frozen=True)
class PostLine:
    """A post that isn't public yet; `left` is how much is left to do in a bulletin. The address of
    its publish sheet is empty for who may not publish it."""

    post: Post
    url: str
    publish_url: str
    kind: str
    period: Period | None
    left: int


@dataclass(frozen=True)
class LateLine:
    """A line of "Late reports and corrections" to come."""

    incident: Incident
    url: str
    is_addendum: bool = False
    publish_url: str = ""


@dataclass(frozen=True)
class AutosaveLine:
    """What the editor typed on a page and has not saved."""

    title: str
    kind: str
    url: str
    at: datetime
    # In its last week.
    expires_at: datetime | None


class Dashboard:
    """Of one user at `at`; each part takes a fixed number of queries, when it is shown."""

    impacts = Impact.choices
    # Gaps that are closed in the row.
    quick_fields = ("impact", "length", "regions")

    def __init__(self, user: Any, at: datetime) -> None:
        self.user = user
        self.at = at
        self.today = at.astimezone(site_zone()).date()
        self.this_week = week_containing(self.today, settings.FIRST_WEEKDAY)
        self.window = grid_window(self.this_week, settings.FIRST_WEEKDAY)
        self.shows_incidents, self.shows_bulletins = self._sees(Incident), self._sees(Bulletin)
        self.may_log = allowed(user, "add", Incident)
        self.may_draft = allowed(user, "add", Bulletin)

    def _sees(self, model: type[Model]) -> bool:
        return any(allowed(self.user, action, model) for action in ("view", "change"))

    # Incidents ------------------------------------------------------------------------

    @cached_property
    def next_period(self) -> Period:
        return next_period(self.at)

    @cached_property
    def _incidents(self) -> list[Incident]:
        first = min(self.window.first, self.next_period.first)
        found = Incident.objects.in_period(Period(first, self.window.last))
        return list(found.in_time_order().prefetch_related("regions"))

    @cached_property
    def grid(self) -> BulletinGrid:
        entries = [incident.entry(admin_url(incident)) for incident in self._incidents]
        week = self.this_week
        return BulletinGrid(week.last, "", week, self.window, self.at, entries)

    @property
    def caption(self) -> str:
        return words().caption

    @cached_property
    def ongoing(self) -> list[IncidentLine]:
        """However old."""
        found = Incident.objects.filter(precision=Precision.ONGOING).newest_first()
        return [self._line(incident) for incident in found.prefetch_related("regions")[:MOST]]

    @cached_property
    def weeks(self) -> list[Week]:
        (last, this) = self.window.weeks(settings.FIRST_WEEKDAY)
        found = [self._week(_("This week"), this), self._week(_("Last week"), last)]
        older = [one for one in self._incidents if one.local_date < last.first]
        if older:
            days = Period(self.next_period.first, min(self.next_period.last, older[-1].local_date))
            found.append(self._week(_("Before, and in no bulletin yet"), days))
        return found

    def _week(self, name: str, period: Period) -> Week:
        return Week(
            name,
            period,
            [
                self._line(one)
                for one in self._incidents
                if one.local_date in period and one.precision != Precision.ONGOING
            ],
        )

    def _line(self, incident: Incident) -> IncidentLine:
        state = _("public") if incident.is_public(self.at) else _("scheduled")
        url = admin_url(incident)
        return IncidentLine(
            incident=incident,
            url=url,
            state=state if incident.publish_at else _("private"),
            gaps=self._gaps(incident, url),
            may_change=self._may_change if incident.publish_at is None else self._may_decide,
        )

    def _gaps(self, incident: Incident, url: str) -> list[GapLink]:
        """Of what is public none: its week is done."""
        gaps = [] if incident.is_public(self.at) else incident.gaps()
        return [GapLink(gap.value, str(gap.label), f"{url}#id_{gap.value}") for gap in gaps]

    @cached_property
    def _may_change(self) -> bool:
        return allowed(self.user, "change", Incident)

    @cached_property
    def _may_decide(self) -> bool:
        return self._may_change and allowed(self.user, "publish", Incident)

    @property
    def gap_count(self) -> int:
        lines = [*self.ongoing, *(line for week in self.weeks for line in week.lines)]
        return sum(len(line.gaps) for line in lines)

    # Posts ----------------------------------------------------------------------------

    @cached_property
    def draft(self) -> Bulletin | None:
        return draft_of(self.next_period)

    @cached_property
    def drafts(self) -> list[PostLine]:
        return self._post_lines(Q(status=Status.DRAFT), "-edited_at")

    @cached_property
    def for_review(self) -> list[PostLine]:
        """For who may publish them."""
        asked = Q(status=Status.DRAFT, review_requested_at__isnull=False)
        return [line for line in self._post_lines(asked, "review_requested_at") if line.publish_url]

    @cached_property
    def scheduled(self) -> list[PostLine]:
        decided = Q(status=Status.PUBLISHED, publish_at__gt=self.at)
        return self._post_lines(decided, "publish_at")

    def _post_lines(self, asked: Q, order: str) -> list[PostLine]:
        found: list[Post] = []
        for model in self._posts:
            found += model._default_manager.filter(asked).order_by(order)[:MOST]
        found.sort(key=attrgetter(order.removeprefix("-")), reverse=order.startswith("-"))
        return [self._post_line(post) for post in found[:MOST]]

    def _post_line(self, post: Post) -> PostLine:
        bulletin = post if isinstance(post, Bulletin) else None
        return PostLine(
            post=post,
            url=admin_url(post),
            publish_url=self._sheet_url(post),
            kind=str(post._meta.verbose_name),
            period=bulletin.period if bulletin else None,
            left=len(list(tasks(bulletin))) if bulletin else 0,
        )

    def _sheet_url(self, row: Post | Incident) -> str:
        return sheet_url([row], "publish") if allowed(self.user, "publish", type(row)) else ""

    @property
    def _posts(self) -> list[type[Post]]:
        models: list[type[Post]] = [Bulletin, Article]
        return [model for model in models if self._sees(model)]

    @cached_property
    def uncovered(self) -> list[Period]:
        return uncovered(self.today)[-MOST:]

    # Late reports and corrections ---------------------------------------------------

    @cached_property
    def late(self) -> list[LateLine]:
        period = self.next_period
        bulletin = self.draft or Bulletin(
            date=period.last, period_first=period.first, period_last=period.last
        )
        late = BulletinData([bulletin], self.at).late(bulletin)
        return [LateLine(one.incident, admin_url(one.incident), bool(one.addendum)) for one in late]

    @cached_property
    def private(self) -> list[LateLine]:
        private = Incident.objects.unpublished().before(self.next_period.first).newest_first()
        return [
            LateLine(incident, admin_url(incident), publish_url=self._sheet_url(incident))
            for incident in private[:MOST]
        ]

    # Autosaves ----------------------------------------------------------------------

    @cached_property
    def autosaves(self) -> list[AutosaveLine]:
        rows = Autosave.objects.open().filter(user=self.user).order_by("-typed_at")[:MOST]
        return [line for row in rows if (line := _autosave_line(row, self.at))]


def _autosave_line(row: Autosave, at: datetime) -> AutosaveLine | None:
    """None for a page that the admin no longer has."""
    end = row.typed_at + LIFETIME
    expires_at = end if end - at <= LAST_WEEK else None
    if row.model == "import":
        words = _("Import text")
        return AutosaveLine(words, words, admin_url(Bulletin, "import"), row.typed_at, expires_at)
    model_admin = model_admin_for(row.model)
    if model_admin is None or not (row.object_id or "0").isdecimal():
        return None
    found = model_admin.model._default_manager.filter(pk=row.object_id or None).first()
    url = admin_url(found) if found else admin_url(model_admin.model)
    kind = str(model_admin.opts.verbose_name)
    title = str(found) if found else " ".join(row.fields.get("title", []))
    return AutosaveLine(title or kind, kind, url, row.typed_at, expires_at)
