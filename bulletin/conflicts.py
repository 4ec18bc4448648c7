"""A save over a newer version is refused: forms that know which version they were opened on.

The version of a form is a digest of each field's stored value, sent along in a hidden field. It
needs no column and raises no false alarm: only what the form itself would overwrite counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from django import forms
from django.db import connection, transaction
from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

ModelT = TypeVar("ModelT", bound=Model)
# In a form's data: show all of it again as it was typed, and save nothing.
SHOW_ONLY: Final = "_show_only"
# Before a field's name, in an answer to a refused save: "theirs" takes the stored value.
RESOLVE: Final = "_resolve-"


# Any number that nothing else in the database locks.
LOCK_KEY: Final = 20240702


@contextmanager
def save_lock() -> Iterator[None]:
    """A transaction that begins when those before it have ended; one within another is the same.

    A save reads many rows before it writes: the post, its incidents, the bulletins whose periods
    must not overlap. SQLite lets one writer in at a time anyway (BEGIN IMMEDIATE, see the
    settings); PostgreSQL would let a second one save what it read before the first had ended.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        yield


@dataclass(frozen=True, slots=True)
class Collision:
    """A field that somebody else saved while it was being typed in: both values, as text."""

    name: str
    label: str
    typed: str
    saved: str
    # Whether the editor typed here at all; else theirs is what is meant.
    is_typed: bool


def normal(value: Any) -> str:
    """The value of a form field as text that is equal where the value means the same."""
    if value is None or value is False:
        return ""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, datetime):
        stamp = value.astimezone(UTC) if value.tzinfo else value
        return stamp.isoformat(timespec="seconds")
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    if hasattr(value, "__iter__"):
        return ",".join(sorted(map(normal, value)))
    return str(value)


def digest(value: Any) -> str:
    return hashlib.sha256(normal(value).encode()).hexdigest()[:12]


class VersionedForm(forms.ModelForm[ModelT]):
    """Merges with what somebody else saved since the form was opened, or refuses to save over it.

    Where only they edited a field or a unit, theirs stays, and `merged` has its label. Where both
    did, `collisions` names the fields, and the form, shown again with all that was typed, is on
    the newer version: sending it once more overwrites.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # Fields that others of the form determine.
    derived: Collection[str] = ()
    # Fields that are one value together: an edit of one is an edit of all.
    units: Collection[Collection[str]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collisions: list[Collision] = []
        self.merged: list[str] = []
        # Names of fields that have what somebody else saved meanwhile.
        self.resolved: set[str] = set()

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == "version" and "version" not in self.initial:
            return json.dumps(self.fingerprint()) if self.instance.pk else ""
        return super().get_initial_for_field(field, field_name)

    def fingerprint(self) -> dict[str, str]:
        return {name: digest(self._stored(name)) for name in self._compared()}

    @cached_property
    def changed_data(self) -> list[str]:
        """Without texts in which a browser's newlines alone differ from those that are stored."""
        return [name for name in super().changed_data if self._differs(name)]

    def _differs(self, name: str) -> bool:
        stored, sent = self[name].initial, self[name].data
        texts = isinstance(stored, str) and isinstance(sent, str)
        return not texts or normal(stored) != normal(sent)

    def has_changed(self) -> bool:
        """Whether the editor changed anything: that somebody else did is no change of theirs."""
        opened = self._opened_version()
        if opened is None:
            return bool(set(self.changed_data) - {"version"})
        if not hasattr(self, "cleaned_data"):  # formsets ask before they validate
            self.full_clean()
        return any(name not in opened or self._is_typed(name, opened) for name in self._compared())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = value.replace("\r\n", "\n")
        if self.data.get(SHOW_ONLY) and not self.prefix:
            self.add_error(None, forms.ValidationError(_("Nothing is saved yet."), code="hold"))
        opened = self._opened_version()
        # A row of several in which nothing was typed isn't saved.
        if opened is not None and (not self.prefix or self.has_changed()):
            self._resolve_changes(opened)
        return self.cleaned_data

    def _resolve_changes(self, opened: Mapping[str, str]) -> None:
        """What others saved since the form was opened stays, unless it was typed here. A save holds
        its lock by now, so that the row stays; what is merely shown locks nothing."""
        stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
        if stored is None:
            return
        theirs = type(self)(instance=stored, prefix=self.prefix)
        now = theirs.fingerprint()
        newer = [name for name in now if name in opened and opened[name] != now[name]]
        typed = {name for name in now if self._is_typed(name, opened)}
        mine = typed.union(*[unit for unit in self.units if typed.intersection(unit)])
        merged = [name for name in newer if name not in mine]
        self.collisions = [
            self._collision(name, theirs, is_typed=name in typed)
            for name in newer
            if name in mine and digest(self.cleaned_data.get(name)) != now[name]
        ]
        if self.collisions:
            # The form holds no newer value of what is merged.
            version = now | {name: opened[name] for name in merged}
            self._refuse(json.dumps(version), self.refusal())
            return
        if typed:
            self.merged = [str(self.fields[name].label or name) for name in merged]
        prefix = f"{RESOLVE}{self.add_prefix('')}"
        resolved = [name for name in now if self.data.get(prefix + name) == "theirs"]
        self._use_saved(theirs, [*merged, *resolved])

    def _refuse(self, version: str, sentence: str) -> None:
        """Shown again, the form is on `version`."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = version
        self.data = data
        self.add_error(None, forms.ValidationError(sentence, code="collision"))

    def _use_saved(self, theirs: VersionedForm[ModelT], names: Collection[str]) -> None:
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = theirs._stored(name)
        self.resolved.update(names)
        # What the history says of the save.
        same = {"version", *names}
        self.changed_data[:] = [name for name in self.changed_data if name not in same]

    def refusal(self) -> str:
        return str(_("Somebody saved this while you were typing. Nothing of yours is lost."))

    def _collision(self, name: str, theirs: VersionedForm[ModelT], is_typed: bool) -> Collision:
        label = str(self.fields[name].label or name)
        typed = as_text(self.fields[name], self.cleaned_data.get(name, self[name].data))
        stored = as_text(theirs.fields[name], theirs._stored(name))
        return Collision(self.add_prefix(name), label, typed, stored, is_typed)

    def _compared(self) -> list[str]:
        left_out = {"version", *self.derived}
        return [
            name
            for name, field in self.fields.items()
            if name not in left_out and not field.disabled
        ]

    def _stored(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

    def _post_clean(self) -> None:
        # A row that nobody changed is valid as it is stored. To check its constraints took 20 of
        # the 60 queries that the save of a bulletin with four incidents made.
        if not (self.prefix and self.instance.pk) or self.has_changed():
            super()._post_clean()  # type: ignore[misc]

    def _opened_version(self) -> dict[str, str] | None:
        """The fingerprint that the form was opened on; None on an add page, or where a client
        sent none."""
        try:
            opened = json.loads(self.data.get(self.add_prefix("version")) or "null")
        except ValueError:
            return None
        return opened if isinstance(opened, dict) else None

    def _is_typed(self, name: str, opened: Mapping[str, str]) -> bool:
        """Whether this form says anything else than it did when it was opened."""
        if name in self.resolved:
            return False
        if name in self.errors or name not in self.cleaned_data:
            return True
        return digest(self.cleaned_data[name]) != opened.get(name)


def as_text(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(map(str, value or [])))
    if isinstance(field, forms.ChoiceField):
        words = {str(key): str(word) for key, word in field.widget.choices}
        return words.get(normal(value), normal(value))
    if isinstance(value, datetime) and value.tzinfo:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M %Z}"
    return str(value if value is not None else "").replace("\r\n", "\n")


def row_digest(row: Model) -> str:
    fields = [field for field in row._meta.concrete_fields if field.editable]
    return digest("\n".join(f"{one.name}={normal(getattr(row, one.attname))}" for one in fields))
