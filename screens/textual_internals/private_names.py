"""Names that Textual keeps to itself, each with the reason why it is needed."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode
from textual.notifications import Notification
from textual.widget import Widget
from textual.widgets._toast import ToastRack


def accept_alt_enter() -> None:
    """Read Alt+Enter as a separate key: older terminals send it as ESC CR, read as Enter."""
    ANSI_SEQUENCES_KEYS["\x1b\r"] = (SimpleNamespace(value="alt+enter"),)  # type: ignore[index]


def failed_widget() -> object:
    """Return the object that was handling a message when an exception was raised, or None."""
    return active_message_pump.get(None)


def is_being_removed(widget: Widget) -> bool:
    """Return whether a widget is being removed; Textual has no public name for it."""
    return widget._pruning


def stop_watching(watched: DOMNode, widget: Widget) -> None:
    """Remove a widget's watchers: Textual keeps them, and so its screen, until the next change."""
    for watchers in getattr(watched, "__watchers", {}).values():
        watchers[:] = [each for each in watchers if each[0] is not widget]


def first_error(app: App[None]) -> BaseException | None:
    """Return the exception that ends the app, after the except block is over."""
    return app._exception


def shown_notifications(app: App[Any]) -> list[Notification]:
    """Return the messages that are shown; Textual has no public name for them."""
    return [*app._notifications]


def forget_notifications(app: App[Any], forgotten: Callable[[Notification], bool]) -> None:
    """Remove some of the messages that are shown; Textual has a public name for all of them."""
    found = [each for each in shown_notifications(app) if forgotten(each)]
    for each in found:
        app._unnotify(each, refresh=False)
        # Textual leaves what held the message in its place, as an empty row.
        app.screen.query(f"#{ToastRack._toast_id(each)}").remove()
    if found:
        app._refresh_notifications()


def set_return_code(app: App[Any], code: int) -> None:
    """Have the program end with a code; Textual's public `exit` would end it at once."""
    app._return_code = code
