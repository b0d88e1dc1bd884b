"""A page on one text of the draft, on which undo and redo work as on the steps."""

from textual.screen import ScreenResultType

from screens.messages import DraftChanged
from screens.widgets.page_frame import Page
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.draft.draft import Draft
from wizard.formats.paths import Path


class TextPage(Page[ScreenResultType]):
    """`path` is the place of the text."""

    path: Path
    _draft: Draft

    def action_undo(self) -> None:
        """Take the draft's last change back."""
        self._step_through(self._draft.undo(), "There is nothing left to undo.")

    def action_redo(self) -> None:
        """Make the last undone change again."""
        self._step_through(self._draft.redo(), "There is nothing left to redo.")

    def show_undone(self, path: Path) -> None:
        """Show that the answer at a path was changed."""
        question = find(QUESTIONS, path)
        self.notify(f"That changed {question.label if question else 'the draft'}.")

    def _step_through(self, path: Path | None, nothing: str) -> None:
        if path is None:
            self.notify(nothing)
            return
        self.post_message(DraftChanged())
        self.show_undone(path)
