"""The texts of questions, changes and outcomes as lines."""

import re
from collections.abc import Iterator
from typing import Any, Final

from wizard.advice.speech import about
from wizard.api.outcomes import Outcome
from wizard.contract.assistant import QUESTIONS, labels_inside, repeats
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question, Sent, find
from wizard.contract.problems import Problem
from wizard.draft.draft import Draft, Source
from wizard.draft.explain import does, explain, guide
from wizard.draft.review import format_value, spoken_seconds
from wizard.exchange.differences import RunKind, changed_lines, shown_value
from wizard.formats.paths import MISSING, Path
from wizard.plain.reading import are_numbers, is_of_many_lines

# Plain questions have numbers in place of the keys of the screens.
_KEY_OF_SCREENS: Final = re.compile(r" Press ↓[^.;↓]*\.")

_CHANGES: Final = {RunKind.REMOVED: "Before", RunKind.ADDED: "Now"}


def help_of(question: Question) -> str:
    """The question's help without the keys of the screens."""
    return _KEY_OF_SCREENS.sub("", question.meta.help)


def heading_of(path: Path) -> str:
    """The labels of the groups around a question; empty if it has none."""
    labels: list[str] = []
    for end in range(1, len(path)):
        group = find(QUESTIONS, path[:end])
        if group and group.kind is Kind.GROUP and not (labels and repeats(group, labels[-1])):
            labels.append(group.label)
    return ", ".join(labels)


def current(draft: Draft, path: Path, question: Question, offer: Any) -> str:
    """The result of an empty line."""
    answer = draft.get(path)
    if answer == "" and question.meta.propose:
        return "An empty line keeps it empty."
    if not is_empty(answer):
        source = draft.source(path)
        note = "" if source in (Source.TYPED, Source.DEFAULT) else f", from: {source}"
        if draft.origin and (words := draft.origin.words(path, draft.compose())):
            note += f". {words}"
        return f"An empty line keeps: {ended(format_value(question, answer) + note)}"
    if not is_empty(offer):
        kind = "suggestion" if question.meta.propose else "default"
        return f"An empty line keeps the {kind}: {ended(format_value(question, offer))}"
    if is_needed(question, offer):
        return f"Required: {ended(question.allowed)}"
    wrong = problems_at(draft, path)
    return sentence(question, path, wrong[0]) if wrong else "An empty line skips it."


def is_needed(question: Question, offer: Any) -> bool:
    """Whether an answer is required and no default replaces it."""
    return question.sent in (Sent.ALWAYS, Sent.ASKED) and offer in (MISSING, "", None)


def how(question: Question) -> str:
    """How to type the answer, if it is not just a line of text."""
    if are_numbers(question):
        return f"Type one of these: {', '.join(question.options.values())}."
    if question.meta.suggest:
        return "Type a number, or your own words."
    if question.kind is Kind.LONG_TEXT and not is_of_many_lines(question):
        return "Type one line, or @ and a file name for a longer text."
    return _HOW.get(question.kind, "")


_HOW: Final = {
    Kind.SEVERAL: "Type the numbers of your choices, separated by commas.",
    Kind.LINES: "Type one item per line. End with a line that is a single full stop.",
    Kind.OBJECT: "Type JSON. End with a line that is a single full stop.",
    Kind.LONG_TEXT: "Type any number of lines. End with a line that is a single full stop.",
}


def explained(draft: Draft, path: Path, question: Question) -> Iterator[str]:
    """The full help of a question, line by line."""
    yield f"{question.label}. {does(question, path)}"
    for heading, text in (*guide(question, path, draft), *explain(question, path, draft)):
        yield f"{heading}: {ended(text)}"
    answer = draft.get(path)
    if isinstance(answer, str) and question.kind is Kind.LONG_TEXT and answer:
        yield f"Its text, {len(answer):,} characters:\n{answer}"
        if seconds := spoken_seconds(draft, question, answer):
            yield about(seconds)
    for problem in [*problems_at(draft, path), *advice_at(draft, path)]:
        yield sentence(question, path, problem)


def problems_at(draft: Draft, path: Path) -> list[Problem]:
    """The errors of the answer at a path, or inside it."""
    return [problem for problem in draft.problems() if problem.path[: len(path)] == path]


def advice_at(draft: Draft, path: Path) -> list[Problem]:
    """The advice on the answer at a path, or inside it."""
    return [advice for advice in draft.advice() if advice.path[: len(path)] == path]


def sentence(question: Question, path: Path, problem: Problem) -> str:
    """A problem as a sentence that begins with the question's label."""
    place = question.label if problem.path == path else labels_inside(path, problem.path)
    return ended(f"{place}: {problem.message}")


def ended(text: str) -> str:
    """A text that ends as a sentence does."""
    return text if text.endswith((".", "!", "?", "।")) else f"{text}."


def change_lines(before: Any, after: Any) -> Iterator[str]:
    """Yield the lines that differ, each with whether it was there before or is there now."""
    for run in changed_lines(shown_value(before), shown_value(after)):
        if run.kind in _CHANGES:
            yield f"{_CHANGES[run.kind]}: {run.text}"


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield an outcome as lines."""
    yield " ".join(filter(None, (f"{outcome.title}.", outcome.sentence, outcome.note)))
    if outcome.message:
        yield f"The server says: {outcome.message}"
    if outcome.receipt:
        yield f"Receipt {outcome.receipt}."
