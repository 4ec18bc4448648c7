"""The outbox: what the hub was told, or may have been."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    """How far a ping has come."""

    # A row that stays in this state is of a sender that died: nobody knows what the hub got.
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"


class PingQuerySet(models.QuerySet["Ping"]):
    """What can be asked of the outbox."""

    def to_retry(self, at: datetime) -> Self:
        """Those that the hub surely didn't take, once their pause is over."""
        return self.filter(state=State.FAILED, retry_at__lte=at)

    def settled(self, at: datetime) -> Self:
        """Those that must not be sent at `at`."""
        return self.exclude(Q(state=State.FAILED, retry_at__lte=at))


class Ping(models.Model):
    """One publication, told to the hub once at most: its row is there before the request is.

    It names the post by the id that feeds give it and doesn't point at it, so that it outlives a
    deletion, and the same post brought back is no news.
    """

    uid = models.UUIDField(primary_key=True)
    state = models.CharField(max_length=7, choices=State, default=State.CLAIMED)
    attempts = models.PositiveSmallIntegerField(default=1)
    tried_at = models.DateTimeField()
    retry_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    objects = PingQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"
