"""Asks one question until the answer is valid or the user skips it."""

from collections.abc import Callable
from typing import Any, Final

from wizard.contract.applicability import Applicability, Asked
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Kind
from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.draft.review import format_value
from wizard.errors import WizardError
from wizard.formats import paths
from wizard.formats.paths import MISSING
from wizard.plain import reading, wording
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing
from wizard.plain.navigation import NEXT, Line, Navigation

_END: Final = "."
_CANCEL: Final = ":cancel"


class Asking:
    """One question, as it is asked."""

    def __init__(self, context: Context, asked: Asked) -> None:
        self._context, self._console = context, context.console
        self._path, self._question, self._offer = asked.path, asked.question, asked.offer
        self._listing = reading.listing_of(asked.question)

    def ask(self) -> Navigation:
        """Ask, and store the answer in the draft; return the next place."""
        self._introduce()
        while True:
            line = self._read_line()
            if isinstance(line, Navigation):
                return line
            if self._is_command(line):
                continue
            if self._may_stay() if line.is_empty else self._take(line):
                return NEXT

    def _introduce(self) -> None:
        question = self._question
        self._console.say_apart(f"{question.label}.", wording.help_of(question))
        self._console.say(self._current())
        self._console.say(wording.how(question))
        if self._listing:
            self._listing.show(self._console)

    def _current(self) -> str:
        return wording.current(self._context.draft, self._path, self._question, self._offer)

    def _read_line(self) -> Line | Navigation:
        end = ", a single full stop ends it" if reading.is_of_many_lines(self._question) else ""
        return self._context.read_line(
            f"{self._question.label}{end}:",
            unseen=self._question.kind is Kind.SECRET,
            several=bool(end),
        )

    def _is_command(self, line: Line) -> bool:
        """Run a command about this question; return whether the line was one."""
        if line.literal:
            return False
        if line.text == "?":
            self._console.say_all(
                wording.explained(self._context.draft, self._path, self._question)
            )
            return True
        if line.text == "-":
            self._context.answer(self._path, MISSING)
            self._console.say("Your answer is removed.")
            self._console.say(self._current())
            return True
        return self._listing is not None and self._listing.take(line.text, self._console)

    def _may_stay(self) -> bool:
        """Return whether the question can be left; report its errors."""
        wrong = wording.problems_at(self._context.draft, self._path)
        self._refuse(wrong)
        return not wrong

    def _take(self, line: Line) -> bool:
        """Store an answer if it is valid; return whether it is."""
        try:
            value = self._read(line)
        except WizardError as error:
            self._console.refuse(wording.ended(str(error)))
            return False
        if value is None:
            self._console.say("What you typed is dropped.")
            return False
        value = self._question.completed(value)
        payload = paths.put(self._context.draft.shown, self._path, value)
        errors = find_errors(Applicability(QUESTIONS, payload).compose())
        wrong = [error for error in errors if error.path[: len(self._path)] == self._path]
        if wrong:
            self._refuse(wrong)
            return False
        self._context.answer(self._path, value)
        if self._question.meta.summary:
            self._console.say(self._question.meta.summary(value))
        elif value is not MISSING and self._is_completed(line.text, value):
            answer = format_value(self._question, value)
            self._console.say(f"{self._question.label}: {wording.ended(answer)}")
        return True

    def _is_completed(self, typed: str, value: Any) -> bool:
        """Whether it was typed in short, or as a number of a list that is not in sight."""
        is_listed = self._listing is not None and self._listing.is_long
        return (is_listed or bool(self._question.meta.complete)) and str(value) != typed

    def _read(self, line: Line) -> Any:
        question = self._question
        if not line.literal and reading.takes_file(question) and reading.names_file(line.text):
            return reading.read_file(question, line.text[1:])
        if reading.is_of_many_lines(question):
            return self._read_lines(line)
        if question.meta.spoken:
            self._console.pass_over(_END)  # people end texts of several lines with it
            if line == Line(_END):
                return self._nothing
        return reading.read(question, line.text, None if line.literal else self._listing)

    def _read_lines(self, line: Line) -> Any:
        """Read the lines up to a full stop; None if the person drops them.

        If the program ends first, they are stored.
        """
        lines = [line.text] if line.literal else []
        self._context.begun = self._path, lines
        text = self._console.read(several=True) if lines else line.text
        while text not in (_END, _CANCEL):
            # A line of only full stops is typed with one more.
            lines.append(text[1:] if len(text) > 1 and not text.strip(_END) else text)
            text = self._console.read(several=True)
        self._context.begun = None
        if text == _CANCEL:
            return None
        if not lines:
            return self._nothing
        return reading.read(self._question, "\n".join(lines), None)

    @property
    def _nothing(self) -> Any:
        return "" if self._question.meta.propose else MISSING

    def _refuse(self, problems: list[Problem]) -> None:
        texts = [wording.sentence(self._question, self._path, problem) for problem in problems]
        if texts:
            self._console.refuse("\n".join([*texts, "Answer again, or type > to skip it."]))


def choose(
    context: Context,
    listing: Listing,
    prompt: str,
    empty: Any = MISSING,
    command: Callable[[str], bool] = lambda _: False,
) -> Any:
    """Let the user choose an entry of a list; return a Navigation if the user leaves.

    `empty` is the choice of an empty line, `MISSING` for no choice. `command` runs other lines and
    returns whether it knows them.
    """
    listing.show(context.console)
    while True:
        line = context.read_line(prompt)
        if isinstance(line, Navigation):
            return line
        if line.is_empty and empty is not MISSING:
            return empty
        if line.text == "?" and not line.literal:
            listing.explain(context.console)
        elif command(line.text) or listing.take(line.text, context.console):
            pass
        else:
            try:
                return listing.pick(line.text)
            except WizardError as error:
                context.console.refuse(str(error))
