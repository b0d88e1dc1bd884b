"""The review as lines of text: errors, advice, and the whole payload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from wizard.advice.speech import about
from wizard.contract.problems import Problem
from wizard.draft.draft import Source
from wizard.draft.review import Group, Item, bases, groups
from wizard.errors import WizardError
from wizard.exchange.differences import Difference, Sort, differences
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING
from wizard.plain.context import Context, own_file
from wizard.plain.listing import Listing
from wizard.plain.navigation import LEAVE, Navigation, Way
from wizard.plain.sending import Sending
from wizard.plain.wording import ended

_WAYS: Final = {
    "submit": "Submit: create the assistant",
    "json": "Show the JSON, as it is sent",
    "write": "Write the JSON to a file",
    "again": "Read the review again",
    "leave": "Quit; the draft is saved",
}
_CHANGES: Final = {
    Sort.ADDED: "added",
    Sort.REMOVED: "removed",
    Sort.CHANGED: "changed",
    Sort.MOVED: "moved",
}
# Longer values are cut in comparisons.
_SHORT: Final = 60
# A text longer than this says how long it is.
_COUNTED: Final = 60


class Review:
    """Shows the review and asks for the next action."""

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console
        self._fixes: list[Problem] = []

    def ask(self) -> Navigation:
        """Review until the person goes elsewhere, or leaves."""
        self.tell()
        listing = Listing(_WAYS.items())
        while True:
            self._console.say()
            self._console.say("What next? Type :go and a field's name to change an answer.")
            listing.show(self._console)
            way = self._hear(listing)
            if isinstance(way, Navigation):
                if way.way in (Way.NEXT, Way.NEXT_STEP, Way.REVIEW):
                    self._console.say("This is the end. 1 submits, and :leave leaves.")
                    continue
                return way
            if turn := self._do(way):
                return turn

    def _hear(self, listing: Listing) -> Any:
        """Return the chosen action, a Navigation if the user leaves."""
        while True:
            line = self._context.hear("Choose:")
            if isinstance(line, Navigation):
                return line
            what, _, number = line.text.partition(" ")
            if what == "mend":
                self._mend(number)
            elif line.text == "?":
                self._console.say("Nothing is sent before you choose 1 and then say yes.")
                listing.show(self._console)
            else:
                try:
                    return listing.pick(line.text)
                except WizardError as error:
                    self._console.refuse(str(error))

    def _do(self, way: str) -> Navigation | None:
        match way:
            case "submit":
                return Sending(self._context).ask()
            case "json":
                self._context.obey(":json")
            case "write":
                return self._write()
            case "again":
                self.tell()
            case _:
                return LEAVE
        return None

    def _mend(self, number: str) -> None:
        """Apply the fixes that need no choice."""
        index = int(number) - 1 if number.strip().isdecimal() else -1
        if not 0 <= index < len(self._fixes):
            self._console.refuse("There is nothing of that number to mend.")
            return
        problem = self._fixes[index]
        if problem.fix:
            self._context.answer(problem.path, problem.fix.value)
            self._console.say(f"{problem.fix.label}: done. :undo takes it back.")
            self._fixes = []
            self._problems()

    def _write(self) -> Navigation | None:
        line = self._context.hear("Write to which file:")
        if isinstance(line, Navigation):
            return None if line.way is Way.BACK else line
        if line.is_empty:
            return None
        draft = self._context.draft
        try:
            name = own_file(line.text)
            self._context.write(name, f"{draft.preview()}\n")
        except WizardError as error:
            self._console.say(ended(str(error)))
        else:
            self._console.say(f"Written to {name}.")
        return None

    # --- what is told

    def tell(self) -> None:
        """Say everything."""
        self._console.say()
        self._console.say("Review.")
        self._problems()
        draft = self._context.draft
        self._kept("Kept, not sent", [(left.path, left.why) for left in draft.left_out()])
        self._kept(
            "Unknown to QCall",
            [((name,), "not documented, sent as it is") for name in draft.extras()],
        )
        for group in groups(draft):
            self._group(group)
        self._changes()

    def _problems(self) -> None:
        draft = self._context.draft
        problems, advice = draft.problems(), draft.advice()
        self._fixes = [each for each in (*problems, *advice) if each.fix]
        if problems:
            count = len(problems)
            self._console.say(f"{count} answer{'s are' if count > 1 else ' is'} missing or wrong:")
        else:
            self._console.say(f"Ready to be sent to {self._context.target.name}.")
        for problem in problems:
            self._console.say(ended(str(problem)), self._fix(problem))
        if advice:
            self._console.say()
            self._console.say(f"Advice, {len(advice)}:")
        for each in advice:
            self._console.say(f"{each.code}, {ended(str(each))}", self._fix(each))

    def _fix(self, problem: Problem) -> str:
        if problem.fix is None:
            return ""
        return f"Type mend {self._fixes.index(problem) + 1} to do so: {ended(problem.fix.label)}"

    def _kept(self, title: str, told: Sequence[tuple[paths.Path, str]]) -> None:
        if told:
            self._console.say()
            self._console.say(f"{title}:")
        for path, why in told:
            self._console.say(f"{paths.write(path)}: {ended(why)}")

    def _group(self, group: Group) -> None:
        self._console.say()
        self._console.say(f"{group.title}.")
        for item in group.chosen:
            self._console.say(_told(item))
        if group.default:
            rest = "; ".join(
                f"{item.label}: {item.words[:_SHORT] or 'empty'}" for item in group.default
            )
            self._console.say(f"Default: {ended(rest)}")

    def _changes(self) -> None:
        try:
            found = bases(self._context.draft, self._context.session.receipts)
        except WizardError:
            return  # told by the session, which meets it too
        for base in found:
            changes = differences(base.payload, self._context.draft.compose())
            told = f"Changed since {base.words}:" if changes else f"The same as {base.words}."
            self._console.say()
            self._console.say(told)
            for each in changes:
                self._console.say(_change(each))


def _told(item: Item) -> str:
    size = f" {item.characters:,} characters." if item.characters > _COUNTED else ""
    size += f" {about(item.seconds)}" if item.seconds else ""
    source = "" if item.source is Source.TYPED else f" From: {item.source}."
    return f"{item.label}: {ended(item.words)}{source}{size}"


def _change(each: Difference) -> str:
    values = [_value(value) for value in (each.before, each.after) if value is not MISSING]
    return f"{paths.write(each.path)} {_CHANGES[each.kind]}: {ended(', now '.join(values))}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else dump(value)
    short = " ".join(text.split())
    return short if len(short) <= _SHORT else f"{short[:_SHORT]} ..."
