"""Asks one question until the answer fits, or the person goes on without one."""

from __future__ import annotations

from typing import Any, Final

from wizard.contract.applicability import Applicability, Asked
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Kind
from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.errors import WizardError
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path
from wizard.plain import reading, wording
from wizard.plain.context import Context
from wizard.plain.listing import Listing
from wizard.plain.navigation import NEXT, Line, Navigation

_END: Final = "."


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
            line = self._hear()
            if isinstance(line, Navigation):
                return line
            if self._is_command(line):
                continue
            if line.is_empty:
                if self._may_stay():
                    return NEXT
                continue
            if self._take(line):
                return NEXT

    def _introduce(self) -> None:
        question = self._question
        self._console.say()
        self._console.say(f"{question.label}.", wording.help_of(question))
        self._console.say(wording.standing(self._context.draft, self._path, question, self._offer))
        self._console.say(wording.how(question))
        if self._listing:
            self._listing.show(self._console)

    def _hear(self) -> Line | Navigation:
        end = ", a single full stop ends it" if reading.is_of_many_lines(self._question) else ""
        prompt = f"{self._question.label}{end}:"
        unseen = self._question.kind is Kind.SECRET
        return self._context.hear(prompt, unseen=unseen)

    def _is_command(self, line: Line) -> bool:
        """Run a command about this question; return whether the line was one."""
        if line.literal:
            return False
        if line.text == "?":
            for told in wording.explained(self._context.draft, self._path, self._question):
                self._console.say(told)
            return True
        if line.text == "-":
            self._context.answer(self._path, MISSING)
            self._console.say("Your answer is taken away.")
            self._console.say(
                wording.standing(self._context.draft, self._path, self._question, self._offer)
            )
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
        wrong = judged(self._context.draft.answers, self._path, value)
        if wrong:
            self._refuse(wrong)
            return False
        self._context.answer(self._path, value)
        return True

    def _read(self, line: Line) -> Any:
        question = self._question
        if not line.literal and reading.takes_file(question) and reading.names_file(line.text):
            return reading.read_file(question, line.text[1:])
        if reading.is_of_many_lines(question):
            return self._read_lines(line)
        if question.ask.spoken:
            self._console.pass_over(_END)  # who is used to end a text with it
            if line == Line(_END):
                return self._nothing
        return reading.read(question, line.text, None if line.literal else self._listing)

    def _read_lines(self, line: Line) -> Any:
        """The lines up to the one that ends them; if something else ends them, they are kept."""
        lines = [line.text] if line.literal else []
        try:
            text = self._console.read() if lines else line.text
            while text != _END:
                # One that consists of full stops was written with one more.
                lines.append(text[1:] if len(text) > 1 and not text.strip(_END) else text)
                text = self._console.read()
        except BaseException:
            self._context.answer(self._path, "\n".join(lines))
            raise
        if not lines:
            return self._nothing
        return reading.read(self._question, "\n".join(lines), None)

    @property
    def _nothing(self) -> Any:
        return "" if self._question.ask.propose else MISSING

    def _refuse(self, problems: list[Problem]) -> None:
        told = [wording.sentence(self._question, self._path, problem) for problem in problems]
        if told:
            self._console.refuse("\n".join([*told, "Answer again, or type > to go on without."]))


def judged(answers: Any, path: Path, value: Any) -> list[Problem]:
    """The errors that a value would cause at a path."""
    payload = Applicability(QUESTIONS, paths.put(answers, path, value)).compose()
    return [problem for problem in find_errors(payload) if problem.path[: len(path)] == path]


def choose(context: Context, listing: Listing, prompt: str, empty: Any = MISSING) -> Any:
    """Let the user choose an entry of a list; return a Navigation if the user leaves.

    `empty` is the choice of an empty line, `MISSING` for no choice.
    """
    listing.show(context.console)
    while True:
        line = context.hear(prompt)
        if isinstance(line, Navigation):
            return line
        if line.is_empty and empty is not MISSING:
            return empty
        if listing.take(line.text, context.console):
            continue
        try:
            return listing.pick(line.text)
        except WizardError as error:
            context.console.refuse(str(error))
