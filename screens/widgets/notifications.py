"""Messages that are shown for some seconds: the list of them, and which of them end earlier."""

import math
from collections import deque
from datetime import datetime
from typing import Any

from textual.app import App
from textual.notifications import Notification, Notify, SeverityLevel

from screens.textual_internals.private_names import forget_notifications, shown_notifications
from screens.widgets.inputs import pictured

# The maximum number of messages in the list of them.
_MOST_MESSAGES = 200
# How long a warning is shown that no key asked for, in seconds.
_WARNING_SECONDS = 20.0


class UnaskedWarning(Notification):
    """A warning that no key asked for: it stays when another screen is opened."""


class NotifyingApp(App[None]):
    """An app that lists its messages. They are never markup: people's texts may have brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.message_log: deque[str] = deque(maxlen=_MOST_MESSAGES)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a message for some seconds, in place of the last one that is no warning.

        A held key reports the same at every repetition: that is shown once while it is there.
        """
        if severity == "information" and self._is_shown(message, title):
            return
        self._add_to_log(message, title)
        forget_notifications(self, lambda each: each.severity == severity == "information")
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def _is_shown(self, message: str, title: str) -> bool:
        return any(
            (each.message, each.title, each.severity) == (message, title, "information")
            for each in shown_notifications(self)
        )

    def warn(self, message: str, title: str = "") -> None:
        """Show a warning that no key asked for, for long enough to be noticed later."""
        shown = pictured(message)
        self._add_to_log(shown, title)
        self.post_message(Notify(UnaskedWarning(shown, title, "warning", _WARNING_SECONDS)))

    def show_error(self, error: Exception) -> None:
        """Show an error."""
        self.notify(str(error), severity="error")

    def _add_to_log(self, message: str, title: str) -> None:
        line = f"{title}: {message}" if title else message
        now = datetime.now()  # noqa: DTZ005 - the local time
        self.message_log.append(f"{now:%H:%M:%S}  {line}")


def end_messages(app: App[Any], before: float = math.inf) -> None:
    """Remove what was shown before a time, except the warnings that no key asked for."""
    forget_notifications(
        app, lambda each: each.raised_at < before and not isinstance(each, UnaskedWarning)
    )
