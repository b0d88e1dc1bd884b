"""The blanks of a draft's texts as questions: each with the sentence around it."""

from typing import Final

from wizard.draft.blanks import NO_BLANKS, Blank, blanks, fill, fill_words, takes_columns
from wizard.plain.conversation_state import Context
from wizard.plain.navigation import BACK, NEXT, Navigation, Way
from wizard.plain.wording import ended

_COLUMN: Final = "column"


class BlankQuestions:
    """Asks for each blank; what was typed becomes one edit of the draft, also if the input ends."""

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console
        self._found = blanks(context.draft)
        self._takes_columns = takes_columns(context.draft)
        self._values: dict[str, str] = {}
        self._columns: set[str] = set()

    def offer(self) -> Navigation | None:
        """Ask whether to fill in the blanks, if there are any; return a Navigation to elsewhere."""
        if not self._found:
            return None
        self._console.say()
        names = ", ".join(blank.label for blank in self._found)
        self._console.say(f"The texts have blanks that QCall does not fill: {ended(names)}")
        agreed = self._context.agrees(f"{fill_words(self._found)}?")
        if isinstance(agreed, Navigation):
            return None if agreed in (NEXT, BACK) else agreed
        return self.ask() if agreed else None

    def ask(self) -> Navigation | None:
        """Ask for all blanks; return a Navigation if the user goes elsewhere before the end."""
        if not self._found:
            self._console.say(NO_BLANKS)
            return None
        try:
            return self._ask_all()
        finally:
            fill(self._context.draft, self._values, self._columns)
            self._context.keep()

    def _ask_all(self) -> Navigation | None:
        at = 0
        while at < len(self._found):
            turn = self._ask(at)
            if turn.way not in (Way.NEXT, Way.BACK):
                return turn
            at = max(0, at + (1 if turn.way is Way.NEXT else -1))
        self._console.say(*self._summary())
        return None

    def _ask(self, at: int) -> Navigation:
        """Ask for one blank; return the way to go on."""
        blank = self._found[at]
        place = blank.places[0]
        self._console.say_apart(f"Blank {at + 1} of {len(self._found)}: {blank.label}.")
        self._console.say(f"In {blank.where}: {ended(place.sentence)}")
        self._console.say(self._current(blank), self._how())
        line = self._context.read_line(f"{blank.label}:")
        if isinstance(line, Navigation):
            return line
        if line.text == _COLUMN and not line.literal and self._takes_columns:
            self._columns.add(blank.name)
            self._values.pop(blank.name, None)
        elif line.text == "-" and not line.literal:
            self._columns.discard(blank.name)
            self._values.pop(blank.name, None)
        elif line.text.strip():
            self._columns.discard(blank.name)
            self._values[blank.name] = line.text
        return NEXT

    def _current(self, blank: Blank) -> str:
        """The result of an empty line."""
        if blank.name in self._columns:
            return "An empty line keeps it as a column of the contacts."
        if value := self._values.get(blank.name):
            return f"An empty line keeps: {ended(value)}"
        return "An empty line leaves it for later."

    def _how(self) -> str:
        if not self._takes_columns:
            return ""
        return f"Type {_COLUMN} to keep it as a column of the contacts."

    def _summary(self) -> tuple[str, ...]:
        left = len(self._found) - len(self._values) - len(self._columns)
        filled = f"{len(self._values)} filled in" if self._values else "None filled in"
        kept = f", {len(self._columns)} kept as columns" if self._columns else ""
        return (
            f"{filled}{kept}, {left} left." if left else f"{filled}{kept}.",
            "Type :blanks to come back to them." if left else "",
        )
