"""What is typed: a code, and what to look for in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from login import audit, factors
from login.models import Kind


class CodeForm(forms.Form):
    """Valid when the code is right, which uses it up; `device` is then what it came from."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_(
            "The six digits that your authenticator shows now, or one of your recovery codes."
        ),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(
        self,
        request: HttpRequest,
        device_of: Callable[[str], factors.Device | None],
        at: datetime,
    ) -> None:
        """`device_of` gives the device that a code seems to come from."""
        super().__init__(request.POST if request.method == "POST" else None)
        self.request, self.device_of, self.at = request, device_of, at
        self.device: factors.Device | None = None

    def clean_code(self) -> str:
        code = factors.plain(self.cleaned_data["code"])
        device = self.device_of(code)
        wrong = forms.ValidationError(_("This code is wrong, or it was used before."))
        if device is None:
            raise wrong
        allowed, why = device.verify_is_allowed()
        if not allowed:
            raise forms.ValidationError(
                _("Too many wrong codes. Try again at %(hour)s."),
                params={"hour": f"{timezone.localtime(why['locked_until']):%H:%M:%S %Z}"},
            )
        if not factors.is_right(device, code):
            username = device.user.get_username()
            audit.record(Kind.FACTOR_FAILED, username, self.at, self.request)
            raise wrong
        self.device = device
        return code


class AuditForm(forms.Form):
    """Both empty: everything."""

    user = forms.ModelChoiceField(
        get_user_model()._default_manager.order_by("username"),
        label=_("Account"),
        to_field_name="username",
        required=False,
        empty_label=_("all accounts"),
    )
    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=[("", _("everything")), *audit.KINDS],
        required=False,
    )

    def found(self, at: datetime) -> Any:
        """The entries that are asked for; a question that makes no sense finds nothing."""
        if not self.is_valid():
            return audit.entries(at).none()
        user = self.cleaned_data["user"]
        username = user.get_username() if user else ""
        return audit.entries(at, username, self.cleaned_data["kind"])
