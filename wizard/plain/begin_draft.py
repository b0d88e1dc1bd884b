"""Begins a draft: from scratch, a template, a draft, a file or what was created."""

from datetime import datetime
from typing import Any, Final

from wizard.api.receipt_store import as_draft
from wizard.errors import InUse, WizardError
from wizard.plain.asking import choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Entry, Listing, index_of
from wizard.plain.navigation import LEAVE, NEXT, REVIEW, Navigation, Way
from wizard.plain.wording import ended
from wizard.settings import Target
from wizard.storage.session import ago
from wizard.storage.store import KEPT_DAYS, CreatedLine

_WAYS: Final = {
    "nothing": "Start from scratch",
    "template": "Start from a template",
    "draft": "Continue a draft",
    "file": "Open a file: a payload, an API response, a curl command or a script",
    "created": "Show what was created",
}


class BeginDraft:
    """Asks which draft to work on, and opens it."""

    def __init__(self, context: Context) -> None:
        self._context, self._console, self._session = context, context.console, context.session

    def ask(self) -> Navigation:
        """Ask how to begin until a draft is open; return its place, or LEAVE."""
        listing = Listing(_WAYS.items())
        while True:
            self._console.say_apart(
                "How would you like to begin? An empty line starts from scratch."
            )
            way = choose(self._context, listing, "Begin:", empty="nothing")
            if isinstance(way, Navigation):
                if way in (LEAVE, REVIEW) or way.way is Way.GO:
                    return way
                self._console.refuse("This is the first question. Type :leave to quit.")
            elif self._begin(way):
                return NEXT

    def _begin(self, way: str) -> bool:
        """Begin in one way; return whether a draft is open."""
        ways = {
            "template": self._template,
            "draft": self._draft,
            "file": self._file,
            "created": self._created,
        }
        if way in ways:
            return ways[way]()
        self._session.begin()
        return True

    def _template(self) -> bool:
        from wizard.templates.library import all_templates, find_template  # noqa: PLC0415 - slow

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
        if not self._session.drafts():
            self._console.refuse("There are no drafts yet.")
            return False
        self._console.say(
            "A number continues a draft. rename, copy and delete with a number change the list, as "
            "in rename 1; restore brings back what was deleted last."
        )
        listing = Listing(self._draft_titles())
        draft_id = choose(
            self._context, listing, "Draft:", command=lambda text: self._change(text, listing)
        )
        return not isinstance(draft_id, Navigation) and self._open(draft_id)

    def _draft_titles(self) -> list[tuple[str, str]]:
        """The drafts in words; one whose assistant was created says so."""
        now = self._session.store.clock()
        created = {line.draft: line for line in reversed(self._session.created())}
        return [
            (
                line.id,
                _created_words(created[line.id], now, line.name)
                if line.id in created
                else f"{line.name}, at {line.step.label}, {ago(line.updated, now)}",
            )
            for line in self._session.drafts()
        ]

    def _change(self, text: str, listing: Listing) -> bool:
        """Rename, copy, delete or restore a draft; return whether the line asked for it."""
        word, _, number = text.partition(" ")
        if word not in ("rename", "copy", "delete", "restore"):
            return False
        index = index_of(number, len(listing.entries))
        if word == "restore" and not self._session.can_restore:
            self._console.refuse("No draft was deleted in this run.")
        elif word != "restore" and index < 0:
            self._console.refuse("There is no draft with that number.")
        else:
            try:
                done = self._changed(word, listing.entries[index].value if index >= 0 else "")
            except WizardError as error:
                self._console.refuse(f"{error}.")
                return True
            self._console.say(done)
            listing.entries[:] = [Entry(*each) for each in self._draft_titles()]
            listing.show(self._console)
        return True

    def _changed(self, word: str, draft_id: str) -> str:
        """Change the list of drafts in one way, and say what was done."""
        match word:
            case "rename":
                line = self._context.read_line("Its name in lists, empty for the assistant's name:")
                if isinstance(line, Navigation):
                    return "It keeps its name."
                self._session.rename(draft_id, line.text)
                return "Renamed. The assistant's name stays."
            case "copy":
                self._session.copy(draft_id)
                return "Copied."
            case "delete":
                self._session.delete(draft_id)
                return f"Deleted. Type restore to restore it; it is kept for {KEPT_DAYS} days."
            case _:
                self._session.restore_last()
                return "Restored."

    def _open(self, draft_id: str) -> bool:
        """Open a draft, or a copy if another wizard has it; return whether one is open."""
        try:
            self._session.open(draft_id)
        except InUse as error:
            self._console.say(ended(str(error)))
            if self._context.agrees("Open a copy?") is not True:
                return False
            self._session.open_copy(draft_id)
        except WizardError as error:
            self._console.refuse(f"It cannot be opened. {ended(str(error))}")
            return False
        return True

    def _created(self) -> bool:
        """List what was created; open the draft of one, or a copy of its answers."""
        lines = {line.receipt: line for line in self._session.created()}
        if not lines:
            self._console.refuse("Nothing was created yet.")
            return False
        now = self._session.store.clock()
        titles = {key: _created_words(line, now, line.name) for key, line in lines.items()}
        chosen = choose(self._context, Listing(titles.items()), "Which one:")
        if isinstance(chosen, Navigation):
            return False
        line = lines[chosen]
        named = f"Its id is {line.assistant_id}." if line.assistant_id else "Its id is not known."
        self._console.say(f"{titles[chosen]}. {named}")
        ways = {"open": "Open its draft"} if line.draft else {}
        ways |= {"copy": "Create a copy: a new draft with the same answers", "back": "Go back"}
        way = choose(self._context, Listing(ways.items()), "Choose:", empty="back")
        if way == "open":
            return self._open(line.draft)
        return way == "copy" and self._copy_receipt(chosen)

    def _copy_receipt(self, receipt_id: str) -> bool:
        try:
            draft = as_draft(self._session.receipts.get(receipt_id))
        except WizardError as error:
            self._console.refuse(f"It cannot be opened. {ended(str(error))}")
            return False
        self._session.begin(draft)
        self._context.keep()
        return True

    def _file(self) -> bool:
        from wizard.exchange import importing  # noqa: PLC0415 - rarely needed

        while True:
            line = self._context.read_line("File name:")
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
            self._console.say_all(imported.report.lines())
            return True


def _created_words(line: CreatedLine, now: datetime, name: str) -> str:
    return f"{name}, created {Target(line.target).place} {ago(line.sent, now)}"
