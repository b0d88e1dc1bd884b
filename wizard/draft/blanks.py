"""Blanks: the variables in a draft's texts that QCall does not fill.

A person fills a blank once for all texts, or keeps it, because the contacts have a column for it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Final

from wizard.advice.context import spliced
from wizard.advice.variables import Form, Variable, find, known_names, texts
from wizard.contract.assistant import QUESTIONS, labels_of
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Sent
from wizard.contract.fields import find as find_question
from wizard.contract.rules import is_blank
from wizard.draft.draft import Draft
from wizard.formats.paths import Path
from wizard.formats.text import counted
from wizard.templates.template import NAMES

# The forms that are surely meant as a variable, QCall's own and near misses.
_FORMS: Final = (Form.RIGHT, Form.BLANKS, Form.HYPHEN, Form.CASE)
_KINDS: Final = (Kind.TEXT, Kind.LONG_TEXT, Kind.LINES)
# The end of a sentence, and the most characters that are shown before and after a blank.
_END: Final = re.compile(r"[.!?।؟][\"”')]*\s|\n")
_BEFORE: Final = 110
_AFTER: Final = 70


@dataclass(frozen=True, slots=True)
class Place:
    """A blank in the text at a path: the sentence around it, and its span in that sentence."""

    path: Path
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Blank:
    """A variable to fill, with all its places in the order of the fields."""

    name: str
    places: tuple[Place, ...]

    @property
    def label(self) -> str:
        """Its name in words, such as `Opening hours`."""
        return self.name.replace("_", " ").strip().capitalize()

    @property
    def where(self) -> str:
        """The text it is in, and the number of its other places."""
        more = len(self.places) - 1
        others = f" and {counted(more, 'more place')}" if more else ""
        return f"{labels_of(self.places[0].path)}{others}"


def blanks(draft: Draft) -> tuple[Blank, ...]:
    """The blanks of the texts that are sent, in the order of the fields."""
    payload = draft.compose()
    passed_over = {*known_names(payload), *_coming_names(draft)}
    if takes_columns(draft):
        passed_over.update(draft.columns)
    found: dict[str, list[Place]] = {}
    for path, text in _texts(payload):
        for variable in _variables(text):
            if variable.name not in passed_over:
                place = _place(path, text, variable)
                found.setdefault(variable.name, []).append(place)
    return tuple(Blank(name, tuple(places)) for name, places in found.items())


def takes_columns(draft: Draft) -> bool:
    """Whether the calls have contacts, so that a blank can be a column of theirs."""
    return bool(draft.compose().get("type") == "outbound")


def why_not_blank(draft: Draft, name: str) -> str:
    """Why a name is no blank of a draft, in words that can follow the name."""
    if name in known_names(draft.compose()):
        return "is filled by QCall, with the contact's own"
    if name in _coming_names(draft):
        return f"is filled by the answer to {NAMES[name]}"
    names = [blank.name for blank in blanks(draft)]
    if not names:
        return "is not a blank: no text has one"
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]}? The" if near else "the"
    return f"is not a blank; {meant} blanks are {', '.join(names)}"


NO_BLANKS: Final = "There are no blanks: QCall fills all variables that are left in the texts."


def fill_words(found: Collection[Blank]) -> str:
    """The offer to fill blanks, such as `Fill in 4 blanks`."""
    return f"Fill in {counted(len(found), 'blank')}"


def fill(draft: Draft, values: Mapping[str, str], columns: Collection[str] = ()) -> None:
    """Write values in place of blanks, in every text, and keep columns; one edit.

    Blank values are left out. The template's own texts are filled in the template, so that they
    still follow the names and the language.
    """
    given = {name: value.strip() for name, value in values.items() if not is_blank(value)}
    change = partial(filled, values=given)
    with draft.history.alone():
        if given and draft.based_on:
            draft.start_from(draft.based_on.with_texts(change))
        for path, text in list(_texts(draft.shown)) if given else ():
            if (changed := change(text)) != text:
                draft.answer(path, changed)
        draft.keep_columns(columns)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values in place of its blanks."""
    found = [variable for variable in _variables(text) if variable.name in values]
    names = iter(variable.name for variable in found)
    spans = [(variable.start, variable.end) for variable in found]
    return spliced(text, spans, lambda _: values[next(names)])


def _coming_names(draft: Draft) -> Iterator[str]:
    """The variables that the template gets from answers that are not given yet."""
    if draft.based_on:
        yield from (name for name, field in NAMES.items() if is_empty(draft.get((field,))))


def _texts(answers: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    """The texts that people write, at any depth."""
    for path, text in texts(answers):
        if "{{" in text and _is_written(path):
            yield path, text


def _is_written(path: Path) -> bool:
    """Whether a field has words of a person's, which are sent; an object may mean anything."""
    around = [find_question(QUESTIONS, path[:end]) for end in range(1, len(path) + 1)]
    if any(field is None or field.kind is Kind.OBJECT for field in around):
        return False
    field = around[-1]
    return field is not None and field.kind in _KINDS and field.sent is not Sent.NEVER


def _variables(text: str) -> Iterator[Variable]:
    return (found for found in find(text) if found.name and found.form in _FORMS)


def _place(path: Path, text: str, variable: Variable) -> Place:
    """The sentence around a variable, on one line; a long one is cut at words."""
    before = text[max(0, variable.start - _BEFORE) : variable.start]
    ends = [end.end() for end in _END.finditer(before)]
    if ends:
        before = before[ends[-1] :]
    elif variable.start > _BEFORE:
        before = f"…{before.partition(' ')[2]}"
    after = text[variable.end : variable.end + _AFTER]
    if end := _END.search(after):
        after = after[: end.end()]
    elif variable.end + _AFTER < len(text):
        after = f"{after.rpartition(' ')[0]}…"
    before, after = before.lstrip(), after.rstrip()
    written = text[variable.start : variable.end]
    return Place(path, f"{before}{written}{after}", len(before), len(before) + len(written))
