"""Offers texts that were not taken from an external editor, because it or the wizard failed."""

from contextlib import suppress
from typing import Final

from textual.screen import ModalScreen

from screens.dialogs.menu import Menu
from screens.flows.flow_app import FlowApp
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Question, find
from wizard.draft.draft import step_of
from wizard.errors import NoSuch, WizardError
from wizard.exchange.external_editor import UnusedText, from_file, remove, unused_texts
from wizard.formats.text import shorten

# How long a message about a text is shown, in seconds.
_SECONDS: Final = 20.0


async def offer_unused_texts(app: FlowApp) -> None:
    """Ask about one text after another, the newest first, until one is left alone."""
    session = app.session
    for left in unused_texts(session.home):
        question = find(QUESTIONS, left.path)
        if question is None or session.is_open_elsewhere(left.draft):
            continue
        if _is_unchanged(app, left):
            remove(left.file)  # its wizard was killed before anything was written
            continue
        if isinstance(app.screen, ModalScreen):
            message = f"A text from your editor for {question.label} is in {left.file}."
            app.notify(message, timeout=_SECONDS)
            return
        name = session.list_name(left.draft) or "a new draft"
        # The menu opens by itself: an Enter that is meant for the page must change nothing.
        options = {
            "leave": f"Leave it in {left.file}",
            "take": f"Use it as {question.label} of {name}",
            "delete": "Delete it",
        }
        title = f"A text from your editor was not used{_first_words(left)}"
        chosen = await app.push_screen_wait(Menu(title, options))
        if chosen == "delete" or (chosen == "take" and _is_taken(app, left, question)):
            remove(left.file)
        else:
            return


def _first_words(left: UnusedText) -> str:
    """The first words of a text, to follow a title; empty if the file cannot be read."""
    with suppress(WizardError):
        return f": “{shorten(' '.join(from_file(str(left.file)).split()))}”"
    return ""


def _is_unchanged(app: FlowApp, left: UnusedText) -> bool:
    with suppress(WizardError):
        draft = app.session.peek(left.draft)
        return bool(draft.get(left.path) == from_file(str(left.file)))
    return False


def _is_taken(app: FlowApp, left: UnusedText, question: Question) -> bool:
    """Put a text into its draft and show that; return whether it is saved there."""
    from wizard.plain import reading  # noqa: PLC0415 - it imports what only sending needs

    session = app.session
    try:
        answer = reading.read(question, from_file(str(left.file)), None)
        session.open(left.draft)
    except NoSuch:  # it was deleted, or never saved: the text begins another draft
        session.begin()
    except WizardError as error:
        app.notify(f"{error}.", severity="error", timeout=_SECONDS)
        return False
    draft = session.draft
    draft.answer(left.path, answer)
    draft.step, draft.focus = step_of(left.path) or draft.step, left.path
    session.changed()
    app.work_on(draft)
    return session.flush()
