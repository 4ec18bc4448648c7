"""Where a thing is found: whole addresses, and the page on which an incident stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bulletin.models import Bulletin
from incidents.addresses import absolute
from incidents.models import Incident
from incidents.weeks import Period

__all__ = ["Directory", "absolute"]


@dataclass(frozen=True)
class Directory:
    """Finds each incident's place among `bulletins`, the published ones of its time."""

    bulletins: Sequence[Bulletin]

    @classmethod
    def of(cls, first: date, last: date, at: datetime) -> Directory:
        """Of the bulletins that are public at `at` and cover a day from `first` to `last`."""
        found = Bulletin.objects.published(at).overlapping(Period(first, last))
        return cls(list(found.by_date()))

    def holder(self, incident: Incident) -> Bulletin | None:
        """The bulletin whose period holds the incident."""
        day = incident.local_date
        return next((one for one in self.bulletins if day in one.period), None)

    def place(self, incident: Incident) -> str:
        """Its heading in that bulletin, else its own page."""
        bulletin = self.holder(incident)
        if bulletin is None:
            return incident.get_absolute_url()
        return f"{bulletin.get_absolute_url()}#{incident.slug}"
