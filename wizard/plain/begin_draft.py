"""Begins a draft: from scratch, a template, a draft or a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from wizard.contract.steps import STEPS
from wizard.errors import InUse, WizardError
from wizard.plain.asking import choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing
from wizard.plain.navigation import LEAVE, NEXT, REVIEW, Navigation, Way
from wizard.storage.session import ago

_WAYS: Final = {
    "nothing": "Start from scratch",
    "template": "Start from a template",
    "draft": "Continue a draft",
    "file": "Open a file: a payload, an API response, a curl command or a script",
}
_TITLES: Final = {info.step: info.title for info in STEPS}


class BeginDraft:
    """Asks which draft to work on, and opens it."""

    def __init__(self, context: Context) -> None:
        self._context, self._console, self._session = context, context.console, context.session

    def ask(self) -> Navigation:
        """Ask how to begin until a draft is open; return its place, or LEAVE."""
        listing = Listing(_WAYS.items())
        while True:
            self._console.say()
            self._console.say("How would you like to begin? An empty line starts from scratch.")
            way = choose(self._context, listing, "Begin:", empty="nothing")
            if isinstance(way, Navigation):
                if way in (LEAVE, REVIEW) or way.way is Way.GO:
                    return way
                self._console.refuse("This is the first question. Type :leave to quit.")
            elif self._begin(way):
                return NEXT

    def _begin(self, way: str) -> bool:
        """Begin in one way; return whether a draft is open."""
        match way:
            case "template":
                return self._template()
            case "draft":
                return self._draft()
            case "file":
                return self._file()
            case _:
                self._session.begin()
                return True

    def _template(self) -> bool:
        from wizard.templates import all_templates, find_template  # noqa: PLC0415 - reads files

        found = all_templates(self._session.home)
        for refused in found.refused:
            self._console.say(f"A template cannot be used. {refused}")
        self._console.say("Templates.")
        titles = {
            each.name: f"{each.title}, {each.type}{', your own' if each.own else ''}. {each.about}"
            for each in found.templates
        }
        name = choose(self._context, Listing(titles.items()), "Template:")
        if isinstance(name, Navigation):
            return False
        draft = self._session.begin()
        draft.start_from(find_template(name, self._session.home))
        self._context.keep()
        return True

    def _draft(self) -> bool:
        lines = self._session.drafts()
        if not lines:
            self._console.refuse("There are no drafts yet.")
            return False
        now = datetime.now(UTC)
        titles = {
            line.id: f"{line.name}, at {_TITLES[line.step]}, {ago(line.updated, now)}"
            for line in lines
        }
        draft_id = choose(self._context, Listing(titles.items()), "Draft:")
        if isinstance(draft_id, Navigation):
            return False
        try:
            self._session.open(draft_id)
        except InUse as error:
            self._console.say(f"{error}.")
            if self._context.agrees("Open a copy?") is not True:
                return False
            self._session.open_copy(draft_id)
        except WizardError as error:
            self._console.refuse(f"It cannot be opened. {error}.")
            return False
        return True

    def _file(self) -> bool:
        from wizard.exchange import importing  # noqa: PLC0415 - rarely needed

        while True:
            line = self._context.hear("File name:")
            if isinstance(line, Navigation) or line.is_empty:
                return False
            try:
                found = importing.read(line.text)
            except WizardError as error:
                self._console.refuse(f"{error}. Try again; an empty line goes back.")
                continue
            titles = Listing((n, one.title) for n, one in enumerate(found.candidates))
            number: Any = 0
            if len(found.candidates) > 1:
                self._console.say(f"It holds {len(found.candidates)} assistants.")
                number = choose(self._context, titles, "Which one:")
            if isinstance(number, Navigation):
                return False
            imported = importing.take(found, number)
            self._session.begin(imported.draft)
            self._context.keep()
            for text in imported.report.lines():
                self._console.say(text)
            return True
