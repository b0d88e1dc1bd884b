"""Names that Textual keeps to itself, each with the reason why it is needed."""

from types import SimpleNamespace

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._context import active_message_pump
from textual.app import App
from textual.driver import Driver
from textual.widget import Widget

__all__ = ["accept_alt_enter", "fail_in_app", "failed_widget", "is_being_removed"]


def accept_alt_enter() -> None:
    """Read Alt+Enter as a separate key: older terminals send it as ESC CR, read as Enter."""
    ANSI_SEQUENCES_KEYS["\x1b\r"] = (SimpleNamespace(value="alt+enter"),)  # type: ignore[index]


def failed_widget() -> object:
    """Return the object that was handling a message when an exception was raised, or None."""
    return active_message_pump.get(None)


def is_being_removed(widget: Widget) -> bool:
    """Return whether a widget is on its way out; Textual has no public name for it."""
    return widget._pruning


def fail_in_app(driver: Driver, error: Exception) -> None:
    """End the app with an error of a driver's thread, as an error of a widget does."""
    driver._app.call_later(driver._app._handle_exception, error)


def first_error(app: App[None]) -> BaseException | None:
    """Return the exception that ends the app, after the except block is over."""
    return app._exception
