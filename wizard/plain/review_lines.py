"""The review as lines of text: errors, advice, and the whole payload."""

import os
from collections.abc import Sequence
from typing import Any, Final

from wizard.advice.speech import about
from wizard.contract.assistant import labels_of
from wizard.contract.problems import Problem
from wizard.draft.blanks import blanks, fill_words
from wizard.draft.draft import Source
from wizard.draft.placeholder_hints import labelled
from wizard.draft.review import Group, Item, bases, groups
from wizard.errors import WizardError
from wizard.exchange.differences import Difference, DifferenceKind, differences
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING
from wizard.plain.asking import choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing, index_of
from wizard.plain.navigation import BLANKS, LEAVE, Navigation, Way
from wizard.plain.sending import Sending
from wizard.plain.updating import Updating
from wizard.plain.wording import change_lines, ended

_WAYS: Final = {
    "submit": "Submit: create the assistant",
    "json": "Show the JSON, as it is sent",
    "write": "Save the JSON to a file",
    "again": "Repeat the review",
    "leave": "Quit; the draft is saved",
}
_UPDATE: Final = "Submit: update the assistant"
# Longer values are cut in comparisons, and have their length in the review.
_SHORT: Final = 60


class Review:
    """Shows the review and asks for the next action."""

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console
        self._fixes: list[Problem] = []

    def ask(self) -> Navigation:
        """Show the review until the user goes to another place, which is returned."""
        self._show()
        while True:
            self._console.say_apart(
                "What next? Type :go and a field's name to change an answer, all to list what has "
                "its default."
            )
            listing = Listing(self._ways().items())
            way = choose(self._context, listing, "Choose:", command=self._command)
            if isinstance(way, Navigation):
                if way.way in (Way.NEXT, Way.NEXT_STEP, Way.REVIEW):
                    self._console.say("This is the end. Type 1 to submit, or :leave to quit.")
                    continue
                return way
            if turn := self._do(way):
                return turn

    def _ways(self) -> dict[str, str]:
        left = blanks(self._context.draft)
        ways = _WAYS | ({"submit": _UPDATE} if self._context.draft.origin else {})
        return ways | ({"blanks": fill_words(left)} if left else {})

    def _command(self, text: str) -> bool:
        """Run a command of the review; return whether the line is one."""
        name, _, number = text.partition(" ")
        if name == "fix":
            self._apply_fix(number)
        elif text == "all":
            self._defaults()
        elif text == "?":
            self._console.say("Nothing is sent before you choose 1 and then answer yes.")
        return name == "fix" or text in ("all", "?")

    def _do(self, way: str) -> Navigation | None:
        match way:
            case "submit" if self._context.draft.origin:
                return Updating(self._context).ask()
            case "submit":
                return Sending(self._context).ask()
            case "json":
                self._context.obey(":json")
            case "write":
                return self._write()
            case "again":
                self._show()
            case "blanks":
                return BLANKS
            case _:
                return LEAVE
        return None

    def _apply_fix(self, number: str) -> None:
        index = index_of(number, len(self._fixes))
        if index < 0:
            self._console.refuse("There is no fix with that number.")
        elif fix := self._fixes[index].fix:
            self._context.answer(self._fixes[index].path, fix.value)
            self._console.say(f"{fix.label}: done. Type :undo to undo it.")
            self._problems()

    def _write(self) -> Navigation | None:
        line = self._context.read_line("File name:")
        if isinstance(line, Navigation):
            return None if line.way is Way.BACK else line
        if line.is_empty:
            return None
        name = os.path.expanduser(line.text.strip())
        try:
            self._context.write(name, f"{self._context.draft.preview()}\n")
        except WizardError as error:
            self._console.say(ended(str(error)))
        else:
            self._console.say(f"Written to {name}.")
        return None

    # --- the review itself

    def _show(self) -> None:
        self._console.say_apart("Review.")
        draft = self._context.draft
        if draft.origin:
            self._updates(draft.origin.changes(draft.compose()))
        self._problems()
        self._fields("Saved, not sent", [(left.path, left.why) for left in draft.left_out()])
        as_it_is = "kept as QCall wrote it" if draft.origin else "sent as it is"
        unknown = [((name,), f"not documented, {as_it_is}") for name in draft.extras()]
        self._fields("Unknown members" if draft.origin else "Unknown to QCall", unknown)
        for group in groups(draft):
            self._group(group)
        if not draft.origin:
            self._changes()

    def _updates(self, changes: Sequence[Difference]) -> None:
        """Say what an update changes, before and after, long texts by line."""
        self._console.say("What changes:" if changes else "Nothing is changed yet.")
        for each in changes:
            if each.kind is DifferenceKind.MOVED:
                self._console.say(_change(each))
                continue
            self._console.say(f"{labels_of(each.path)}.")
            self._console.say_all(change_lines(each.before, each.after))

    def _problems(self) -> None:
        draft = self._context.draft
        problems, advice = draft.problems(), draft.advice()
        self._fixes = [each for each in (*problems, *advice) if each.fix]
        if problems:
            count = len(problems)
            self._console.say(f"{count} answer{'s are' if count > 1 else ' is'} missing or wrong:")
        else:
            self._console.say(f"Ready for {self._context.target.label}.")
        for problem in problems:
            self._console.say(ended(labelled(draft, problem)), self._fix(problem))
        if advice:
            self._console.say_apart(f"Advice, {len(advice)}:")
        for each in advice:
            self._console.say(f"{each.code}, {ended(labelled(draft, each))}", self._fix(each))

    def _fix(self, problem: Problem) -> str:
        if problem.fix is None:
            return ""
        return f"Type fix {self._fixes.index(problem) + 1} to: {ended(problem.fix.label)}"

    def _fields(self, title: str, fields: Sequence[tuple[paths.Path, str]]) -> None:
        if fields:
            self._console.say_apart(f"{title}:")
        for path, why in fields:
            self._console.say(f"{labels_of(path)}: {ended(why)}")

    def _group(self, group: Group) -> None:
        self._console.say_apart(f"{group.title}.")
        for item in group.chosen:
            self._console.say(_line(item))
        if group.default:
            self._console.say(f"{group.default_count}.")

    def _defaults(self) -> None:
        """List what has its default, which the review only counts."""
        for group in groups(self._context.draft):
            if group.default:
                self._console.say(f"{group.title}.")
            for item in group.default:
                self._console.say(_line(item))

    def _changes(self) -> None:
        try:
            found = bases(self._context.draft, self._context.session.receipts)
        except WizardError:
            return  # the session reports it
        for base in found:
            changes = differences(base.payload, self._context.draft.compose())
            self._console.say_apart(
                f"Changed since {base.words}:" if changes else f"The same as {base.words}."
            )
            for each in changes:
                self._console.say(_change(each))


def _line(item: Item) -> str:
    size = f" {item.characters:,} characters." if item.characters > _SHORT else ""
    size += f" {about(item.seconds)}" if item.seconds else ""
    source = "" if item.source is Source.TYPED else f" From: {item.source}."
    return f"{item.label}: {ended(item.words)}{source}{size}"


def _change(each: Difference) -> str:
    values = [_value(value) for value in (each.before, each.after) if value is not MISSING]
    return f"{labels_of(each.path)} {each.kind}: {ended(', now '.join(values))}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else dump(value)
    short = " ".join(text.split())
    return short if len(short) <= _SHORT else f"{short[:_SHORT]} ..."
