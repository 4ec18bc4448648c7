"""The audit log's own rows. What was published is in the admin's log, of the core."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What happened."""

    LOGIN = "login", _("signed in")
    PASSWORD = "password", _("gave the password, code to come")
    LOGOUT = "logout", _("signed out")
    FAILURE = "failure", _("wrong name or password")
    LOCKED_OUT = "locked_out", _("locked out")
    FACTOR_SET_UP = "factor_set_up", _("second factor set up")
    FACTOR_USED = "factor_used", _("signed in with a code")
    FACTOR_FAILED = "factor_failed", _("wrong code")
    FACTOR_REMOVED = "factor_removed", _("second factor removed")
    CODES_MADE = "codes_made", _("recovery codes made")
    CODE_USED = "code_used", _("signed in with a recovery code")


class Entry(models.Model):
    """One event. It names the account and doesn't point at it, so that it outlives it; the name is
    empty where somebody typed one that no account has, which may well be a password."""

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=20, choices=Kind)
    username = models.CharField(max_length=150, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.username} {self.kind}"
