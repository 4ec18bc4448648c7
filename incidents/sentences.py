"""What rooms without Django say of what was typed: English, and marked for translation. Pure."""

from __future__ import annotations


class Sentence(ValueError):
    """A whole sentence for whoever typed; `values` fill the names in the English `message`."""

    def __init__(self, message: str, **values: str | int) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values


def gettext_noop(message: str) -> str:
    """Marks a message for `makemessages`; it is translated where it is shown."""
    return message
