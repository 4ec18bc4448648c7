"""A save over a newer version is refused: forms that know which version they were opened on.

The version of a form is a digest of each field's stored value, sent along in a hidden field. It
needs no column and raises no false alarm: only what the form itself would overwrite counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Final, TypeVar

from django import forms
from django.db.models import Model
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from reversion.models import Revision, Version

from bulletin.diffs import merge_paragraphs
from incidents.templatetags.incident_tags import time_text

ModelT = TypeVar("ModelT", bound=Model)
# In a form's data: show all of it again as it was typed, and save nothing.
SHOW_ONLY: Final = "_show_only"
# Before a field's name, in an answer to a refused save: "mine" or "theirs".
RESOLVE: Final = "_resolve-"
# Before a field's name, in a form's version: what of theirs the form showed beside what was typed.
SHOWN: Final = "shown "
VERSIONS: Final = 50  # a text that was saved more often since it was opened is not merged
# The comment of a revision that is no save: what an editor sent, before it was merged.
AS_TYPED: Final = "as typed"


@dataclass(frozen=True, slots=True)
class Collision:
    """A field that somebody else saved while it was being typed in: both values, as text."""

    field: str
    # With the prefix of its form.
    name: str
    label: str
    typed: str
    saved: str
    # The save of theirs; None where no version tells.
    revision: Revision | None
    # "mine" or "theirs"; empty until the editor chooses.
    choice: str
    # Whether the editor had both before their eyes when they sent the form.
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """A field in which the save has what somebody else saved meanwhile: all of it, or some of its
    paragraphs."""

    label: str
    revision: Revision | None
    is_part: bool


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

    Where only they edited a field, a unit or a paragraph, theirs stays, and `merged` says so.
    Where both did, `collisions` names the fields, and the form is shown again with all that was
    typed until the editor chooses for each.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # Fields that others of the form determine.
    derived: Collection[str] = ()
    # Fields that are one value together: an edit of one is an edit of all.
    units: Collection[Collection[str]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collisions: list[Collision] = []
        self.merged: list[Merge] = []
        # What the editor sent, where it was merged.
        self.as_typed: dict[str, Any] = {}
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
        if opened is None or not self._differs_from_stored:
            return self._differs_from_stored
        if not hasattr(self, "cleaned_data"):  # formsets ask before they validate
            self.full_clean()
        return any(name not in opened or self._is_typed(name, opened) for name in self._compared())

    @property
    def _differs_from_stored(self) -> bool:
        return bool(set(self.changed_data) - {"version"})

    def full_clean(self) -> None:
        """Of a row of several that is sent as it is stored, there is nothing to clean: of a week of
        four incidents it took 8 of the 56 queries of a save."""
        if self.prefix and self.instance.pk and self.is_bound and not self._differs_from_stored:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = value.replace("\r\n", "\n")
        if self.data.get(SHOW_ONLY) and not self.prefix:
            self.add_error(None, forms.ValidationError(_("Nothing is saved yet."), code="hold"))
        opened = self._opened_version()
        # A row of several in which nothing was typed isn't saved.
        if opened is not None and self.instance.pk and (not self.prefix or self.has_changed()):
            self._resolve_changes(opened)
        return self.cleaned_data

    def _resolve_changes(self, opened: Mapping[str, str]) -> None:
        """What others saved since the form was opened stays, unless it was typed here."""
        now = self.fingerprint()
        newer = [name for name in now if name in opened and opened[name] != now[name]]
        typed = {name for name in now if self._is_typed(name, opened)}
        mine = typed.union(*[unit for unit in self.units if typed.intersection(unit)])
        both = [
            name
            for name in newer
            if name in mine and digest(self.cleaned_data.get(name)) != now[name]
        ]
        texts = {name: self._merge(name, opened[name]) for name in both}
        collided = [name for name in both if texts[name] is None]
        self.collisions = [
            self._collision(name, now[name], opened.get(SHOWN + name)) for name in collided
        ]
        if not all(collision.choice for collision in self.collisions):
            shown = {SHOWN + name: now[name] for name in collided}
            self._refuse(json.dumps({**opened, **shown}), self.refusal())
            return
        only_theirs = [name for name in newer if name not in mine]
        merged = {name: text for name, text in texts.items() if text is not None}
        if typed and (only_theirs or merged):
            self.as_typed = dict(self.cleaned_data)
            self.merged = [
                self._merged(name, now[name], merged) for name in [*only_theirs, *merged]
            ]
        self.cleaned_data |= merged
        chosen = [one.field for one in self.collisions if one.choice == "theirs"]
        self._use_saved([*only_theirs, *chosen])

    def _merged(self, name: str, value: str, parts: Collection[str]) -> Merge:
        return Merge(self._label(name), self._revision(name, value), is_part=name in parts)

    def _merge(self, name: str, opened: str) -> str | None:
        """The text with the edits of both; None where they aren't of different paragraphs."""
        is_text = isinstance(self.fields[name].widget, forms.Textarea)
        if not is_text or name in self.errors:
            return None
        texts = (normal(version.field_dict.get(name)) for version in self._versions)
        base = next((text for text in texts if digest(text) == opened), None)
        mine, saved = normal(self.cleaned_data[name]), normal(self._stored(name))
        return None if base is None else merge_paragraphs(base, mine, saved)

    @cached_property
    def _versions(self) -> list[Version]:
        """Newest first."""
        found = Version.objects.get_for_object(self.instance).select_related("revision__user")
        return list(found.exclude(revision__comment=AS_TYPED)[:VERSIONS])

    def _revision(self, name: str, value: str) -> Revision | None:
        """The one that saved the value of `name` that has the digest `value`."""
        same = takewhile(lambda one: digest(one.field_dict.get(name)) == value, self._versions)
        return next((version.revision for version in reversed([*same])), None)

    def _refuse(self, version: str, sentence: str) -> None:
        """Shown again, the form is on `version`."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = version
        self.data = data
        self.add_error(None, forms.ValidationError(sentence, code="collision"))

    def _use_saved(self, names: Collection[str]) -> None:
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = self._stored(name)
        self.resolved.update(names)
        # What the history says of the save.
        same = {"version", *names}
        self.changed_data[:] = [name for name in self.changed_data if name not in same]

    def refusal(self) -> str:
        return str(_("Somebody saved this while you were typing. Nothing of yours is lost."))

    def _collision(self, name: str, value: str, shown: str | None) -> Collision:
        """`value` is the digest of theirs, `shown` that of the one that the form showed."""
        typed = self.cleaned_data.get(name, self[name].data)
        choice = self.data.get(RESOLVE + self.add_prefix(name))
        return Collision(
            field=name,
            name=self.add_prefix(name),
            label=self._label(name),
            typed=as_text(self.fields[name], typed),
            saved=as_text(self.fields[name], self._stored(name)),
            revision=self._revision(name, value),
            # A choice between other texts than these is none.
            choice=choice if shown == value and choice in ("mine", "theirs") else "",
            is_shown=shown == value,
        )

    def _label(self, name: str) -> str:
        return str(self.fields[name].label or name)

    def _compared(self) -> list[str]:
        left_out = {"version", *self.derived}
        return [
            name
            for name, field in self.fields.items()
            if name not in left_out and not field.disabled
        ]

    def _stored(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

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
        return time_text(timezone.localtime(value))
    return str(value if value is not None else "").replace("\r\n", "\n")


def row_digest(row: Model) -> str:
    fields = [field for field in row._meta.concrete_fields if field.editable]
    return digest("\n".join(f"{one.name}={normal(getattr(row, one.attname))}" for one in fields))
