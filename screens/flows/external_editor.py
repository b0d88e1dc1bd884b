"""Opens a text in an editor: the wizard's own over the whole screen, or the person's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported
from textual.screen import Screen

from screens.keys.key_queue import KeyQueue
from wizard import settings
from wizard.errors import EditorTrouble

if TYPE_CHECKING:
    from screens.form.controls import TextAreaControl
    from wizard.formats.paths import Path
    from wizard.storage.session import Session

_NOT_HERE = "Go to a text first: an editor is for texts."


class EditorFlow(KeyQueue):
    """The part of the app that opens editors."""

    session: Session

    def action_editor(self) -> None:
        """Open the text in focus in the wizard's editor."""
        from screens.form.controls import TextAreaControl
        from screens.pages.editor import EditorScreen

        control = self.focused
        path = _path_of(control)
        if not isinstance(control, TextAreaControl) or path is None:
            self.notify(_NOT_HERE, markup=False)
            return
        if isinstance(self.screen, EditorScreen):
            self.screen.dismiss(self.screen.cursor)
            return
        below = self.screen

        def take(cursor: tuple[int, int] | None) -> None:
            self._show_draft(below)
            if cursor is not None:
                control.move_cursor(cursor)
                control.focus()

        self.push_screen(EditorScreen(self.session.draft, path, control), take)

    def action_external_editor(self) -> None:
        """Open the text in focus in the editor that the environment names."""
        from screens.form.controls import TextAreaControl
        from screens.pages.editor import EditorScreen

        control = self.focused
        path = _path_of(control)
        if not isinstance(control, TextAreaControl) or path is None:
            self.notify(_NOT_HERE, markup=False)
            return
        self.session.flush()
        try:
            made = self._written_outside(control, path)
        except SuspendNotSupported:
            self.notify("This terminal cannot be lent to another editor.", markup=False)
            if not isinstance(self.screen, EditorScreen):
                self.action_editor()
            return
        except EditorTrouble as trouble:
            self.notify(str(trouble), severity="error", timeout=10, markup=False)
            return
        if made == control.text:
            self.notify("The editor changed nothing.", markup=False)
            return
        draft = self.session.draft
        with draft.history.alone():
            draft.answer(path, control.answer_for(made))
        self.session.changed()
        self._show_draft(self.screen)

    def _written_outside(self, control: TextAreaControl, path: Path) -> str:
        """Return the text from the user's editor, which gets the terminal."""
        from wizard.contract.fields import Kind
        from wizard.exchange.external_editor import edited

        text, question = control.text, control.question
        trouble = None
        with self.suspend():
            try:
                command, around = settings.editor(), settings.keyless()
                place, home = (self.session.draft.id, path), self.session.home
                text = edited(text, place, question.kind, command, around, home=home)
            except EditorTrouble as error:
                # Textual takes the terminal back only if this block raises nothing.
                trouble = error
        if trouble:
            raise trouble
        if question.kind in (Kind.TEXT, Kind.NUMBER) and text != control.text:
            return control.pasted(text)
        return text

    def _show_draft(self, screen: Screen[Any]) -> None:
        """Have a screen show the draft as it is now."""
        update: Any = getattr(screen, "update_from", None)
        if update:
            update(self.session.draft)


def _path_of(control: Any) -> Path | None:
    """The path that a control answers."""
    from screens.form.row import QuestionRow
    from screens.pages.editor import EditorScreen

    if control is None:
        return None
    if isinstance(control.screen, EditorScreen):
        return control.screen.path
    row = next((each for each in control.ancestors if isinstance(each, QuestionRow)), None)
    return row.path if row else None
