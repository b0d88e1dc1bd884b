"""Asks who the caller of a rehearsal is."""

from typing import Any, Final

from textual.app import App

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from wizard.rehearsal.prompt import Caller, callers, find_caller

_OWN: Final = "own"
_YOU: Final = "you"


async def ask_caller(app: App[Any], current: Caller | None) -> Caller | None:
    """Ask for a caller that the model plays; None is the person at the keys."""
    options = {_YOU: "You: type what the caller says"}
    options |= {caller.name: caller.title for caller in callers()}
    options[_OWN] = "Describe a caller"
    at = current.name if current else _YOU
    chosen = await app.push_screen_wait(Menu("Who is the caller?", options, at=at))
    if chosen == _YOU:
        return None
    if chosen == _OWN:
        about = "The model plays this person, for example: a father who has little time."
        text = current.person if current and current.name == _OWN else ""
        chosen = await app.push_screen_wait(PromptScreen("Describe a caller", about, text))
    return find_caller(chosen) if chosen and chosen.strip() else current
