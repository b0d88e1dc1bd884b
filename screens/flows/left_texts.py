"""Offers texts from an external editor that were not taken: the editor or the wizard failed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.screen import ModalScreen

from screens.dialogs.menu import Menu
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Question, find
from wizard.draft.draft import step_of
from wizard.errors import NoSuch, WizardError
from wizard.exchange.external_editor import LeftText, from_file, left_texts, remove

if TYPE_CHECKING:
    from textual.app import App

    from wizard.draft.draft import Draft
    from wizard.storage.session import Session

# How long a sentence about a text stays, in seconds.
_SECONDS: Final = 20.0


class LeftTexts:
    """Asks about one text after another, the newest first; `work_on` shows a draft."""

    def __init__(self, app: App[Any], session: Session, work_on: Callable[[Draft], None]) -> None:
        self._app, self._session, self._work_on = app, session, work_on

    def offer(self) -> None:
        """Ask about the newest text that belongs to no other running wizard."""
        for left in left_texts(self._session.home):
            question = find(QUESTIONS, left.path)
            if question and not self._session.is_open_elsewhere(left.draft):
                if not self._is_unchanged(left):
                    self._ask(left, question)
                    return
                remove(left.file)  # its wizard was killed before anything was written

    def _is_unchanged(self, left: LeftText) -> bool:
        with suppress(WizardError):
            draft = self._session.peek(left.draft)
            return bool(draft.get(left.path) == from_file(str(left.file)))
        return False

    def _ask(self, left: LeftText, question: Question) -> None:
        if isinstance(self._app.screen, ModalScreen):
            message = f"A text from your editor for {question.label} is in {left.file}."
            self._app.notify(message, timeout=_SECONDS, markup=False)
            return
        options = {
            "take": f"Use it as {question.label}",
            "leave": f"Leave it in {left.file}",
            "delete": "Delete it",
        }
        menu = Menu("A text from your editor was not used", options)
        self._app.push_screen(menu, partial(self._chose, left, question))

    def _chose(self, left: LeftText, question: Question, chosen: str | None) -> None:
        if chosen == "delete" or (chosen == "take" and self._is_taken(left, question)):
            remove(left.file)
            self.offer()

    def _is_taken(self, left: LeftText, question: Question) -> bool:
        """Put a text into its draft and show that; whether it is saved there."""
        from wizard.plain import reading

        session = self._session
        try:
            answer = reading.read(question, from_file(str(left.file)), None)
            session.open(left.draft)
        except NoSuch:  # it was deleted, or never saved: the text begins another one
            session.begin()
        except WizardError as error:
            self._app.notify(f"{error}.", severity="error", timeout=_SECONDS, markup=False)
            return False
        draft = session.draft
        draft.answer(left.path, answer)
        draft.step, draft.focus = step_of(left.path) or draft.step, left.path
        session.changed()
        self._work_on(draft)
        return session.flush()
