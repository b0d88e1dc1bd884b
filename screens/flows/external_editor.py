"""Opens a text in an editor: the wizard's own over the whole screen, or the person's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported
from textual.screen import Screen

from screens.form.row import row_of
from screens.form.text_controls import TextAreaControl
from screens.pages.editor import EditorScreen
from wizard import settings
from wizard.contract.fields import Kind
from wizard.errors import EditorTrouble
from wizard.exchange.external_editor import edited

if TYPE_CHECKING:
    from screens.services import FlowApp
    from wizard.formats.paths import Path


async def open_editor(app: FlowApp) -> None:
    """Open the text in focus in the wizard's editor."""
    if (found := _text_in_focus(app)) is None:
        return
    control, path = found
    below = app.screen
    if isinstance(below, EditorScreen):
        below.dismiss(below.cursor)
        return
    cursor = await app.push_screen_wait(EditorScreen(app.draft, path, control))
    _show_draft(app, below)
    if cursor is not None:
        control.move_cursor(cursor)
        control.focus()


async def open_external_editor(app: FlowApp) -> None:
    """Open the text in focus in the editor that the environment names."""
    if (found := _text_in_focus(app)) is None:
        return
    control, path = found
    app.session.flush()
    try:
        text = _edited(app, control, path)
    except SuspendNotSupported:
        app.notify("This terminal cannot be lent to another editor.")
        if not isinstance(app.screen, EditorScreen):
            await open_editor(app)
        return
    except EditorTrouble as trouble:
        app.notify(str(trouble), severity="error", timeout=10)
        return
    if text == control.text:
        app.notify("The editor changed nothing.")
        return
    with app.draft.history.alone():
        app.draft.answer(path, control.answer_for(text))
    app.session.changed()
    _show_draft(app, app.screen)


def _edited(app: FlowApp, control: TextAreaControl, path: Path) -> str:
    """Return the text from the person's editor, which gets the terminal."""
    text, kind = control.text, control.question.kind
    trouble = None
    with app.suspend():
        try:
            place, home = (app.draft.id, path), app.session.home
            text = edited(text, place, kind, settings.editor(), settings.keyless(), home=home)
        except EditorTrouble as error:
            # Textual takes the terminal back only if this block raises nothing.
            trouble = error
    if trouble:
        raise trouble
    if kind in (Kind.TEXT, Kind.NUMBER) and text != control.text:
        return control.pasted(text)
    return text


def _text_in_focus(app: FlowApp) -> tuple[TextAreaControl, Path] | None:
    """Return the text control in focus and the path that it answers; if there is none, say so."""
    control = app.focused
    if isinstance(control, TextAreaControl):
        if isinstance(app.screen, EditorScreen):
            return control, app.screen.path
        if row := row_of(control):
            return control, row.path
    app.notify("Focus a text field first: an editor is for texts.")
    return None


def _show_draft(app: FlowApp, screen: Screen[Any]) -> None:
    """Show the draft as it is now, if the screen follows it."""
    update: Any = getattr(screen, "update_from", None)
    if update:
        update(app.draft)
