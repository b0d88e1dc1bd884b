"""Opens a text in an editor: the wizard's own over the whole screen, or the person's."""

from typing import Any, NamedTuple

from textual.app import SuspendNotSupported
from textual.screen import Screen

from screens.flows.flow_app import FlowApp
from screens.form.answers import text_form
from screens.form.row import row_of
from screens.form.text_controls import TextAreaControl, answer_for
from screens.pages.editor import EditorScreen
from screens.rehearsal.rehearsal_screen import RehearsalScreen
from wizard import settings
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Kind, Question, find
from wizard.errors import EditorTrouble
from wizard.exchange.external_editor import EditedText, edited, remove
from wizard.formats.paths import MISSING, Path


class _Text(NamedTuple):
    """A text to edit. `control` shows it, None in a rehearsal."""

    path: Path
    question: Question
    text: str
    default: Any = MISSING
    control: TextAreaControl | None = None


async def open_editor(app: FlowApp) -> None:
    """Open the text in focus in the wizard's editor."""
    if (found := _text_to_edit(app)) is None:
        return
    below = app.screen
    if isinstance(below, EditorScreen):
        below.dismiss(below.cursor)
        return
    control = found.control
    begin_at = control.cursor_location if control else (0, 0)
    screen = EditorScreen(app.draft, found.path, found.question, found.default, begin_at)
    cursor = await app.push_screen_wait(screen)
    _show_draft(app, below)
    if control and cursor is not None:
        control.move_cursor(cursor)
        control.focus()


async def open_external_editor(app: FlowApp) -> None:
    """Open the text in focus in the editor that the environment names."""
    if (found := _text_to_edit(app)) is None:
        return
    app.session.flush()
    try:
        text, file = _edited(app, found)
    except SuspendNotSupported:
        app.notify("This terminal cannot run another editor.")
        if not isinstance(app.screen, EditorScreen):
            await open_editor(app)
        return
    except EditorTrouble as trouble:
        app.notify(str(trouble), severity="error", timeout=10)
        return
    if text == found.text:
        remove(file)
        app.notify("No changes from the editor.")
        return
    with app.draft.history.alone():
        app.draft.answer(found.path, answer_for(found.question, text))
    app.session.changed()
    if app.session.flush():
        remove(file)
    _show_draft(app, app.screen)


def _edited(app: FlowApp, found: _Text) -> EditedText:
    """Return the text from the person's editor, which gets the terminal."""
    text, kind = found.text, found.question.kind
    place, home = (app.draft.id, found.path), app.session.home
    made: EditedText | EditorTrouble
    with app.suspend():
        try:
            made = edited(text, place, kind, settings.editor(), settings.keyless(), home=home)
        except EditorTrouble as error:
            # Textual takes the terminal back only if this block raises nothing.
            made = error
    if isinstance(made, EditorTrouble):
        raise made
    if found.control and kind in (Kind.TEXT, Kind.NUMBER) and made.text != text:
        return made._replace(text=found.control.pasted(made.text))
    return made


def _text_to_edit(app: FlowApp) -> _Text | None:
    """Return the text in focus, in a rehearsal the script; if there is none, say so."""
    control = app.focused
    if isinstance(app.screen, RehearsalScreen):
        path = app.screen.path
        question = find(QUESTIONS, path)
        assert question is not None  # noqa: S101 - it is a field
        return _Text(path, question, text_form(question.kind).write(app.draft.get(path)))
    if isinstance(control, TextAreaControl):
        row = None if isinstance(app.screen, EditorScreen) else row_of(control)
        path = app.screen.path if isinstance(app.screen, EditorScreen) else row.path if row else ()
        if path:
            return _Text(path, control.question, control.text, control.default, control)
    app.notify("Select a text field first.")
    return None


def _show_draft(app: FlowApp, screen: Screen[Any]) -> None:
    """Show the draft as it is now, if the screen follows it."""
    update: Any = getattr(screen, "update_from", None)
    if update:
        update(app.draft)
