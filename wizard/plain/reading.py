"""Converts a typed line or text to the answer of a question, by its kind alone."""

import os
from typing import Any, Final

from wizard.contract.fields import Kind, Question
from wizard.errors import WizardError
from wizard.formats.files import read_text
from wizard.formats.json_text import parse_json, typed_number
from wizard.formats.text import normal_newlines, too_long
from wizard.plain.listing import Listing, index_of

OF_MANY_LINES: Final = (Kind.LONG_TEXT, Kind.OBJECT, Kind.LINES, Kind.LIST)
"""The kinds that are answered with more than one line."""

_FLAGS: Final = {True: "Yes", False: "No"}
_YES: Final = ("y", "yes", "true")
_NO: Final = ("n", "no", "false")


class Unfit(WizardError):
    """A line is not a valid answer. The message says which lines are."""


def listing_of(question: Question) -> Listing | None:
    """The choices or suggestions of a question as a numbered list, None without any."""
    if question.kind is Kind.FLAG:
        return Listing(_FLAGS.items())
    if question.options and not are_numbers(question):
        return Listing(question.options.items())
    if question.meta.suggest:
        return Listing((text, text) for text in question.meta.suggest())
    return None


def are_numbers(question: Question) -> bool:
    """Whether all choices are numbers, which are typed themselves."""
    numbers = [isinstance(value, int | float) for value in question.options]
    return bool(numbers) and all(numbers)


def is_of_many_lines(question: Question) -> bool:
    """Whether the answer takes more than one line. Spoken texts take one."""
    return question.kind in OF_MANY_LINES and not question.meta.spoken


def takes_file(question: Question) -> bool:
    """Whether a file may hold the answer."""
    return question.kind in (*OF_MANY_LINES, Kind.TEXT, Kind.SECRET) and not question.options


def names_file(text: str) -> bool:
    """Whether a line names a file that holds the answer."""
    return len(text) > 1 and text.startswith("@")


def read_file(question: Question, name: str) -> Any:
    """The answer in a file; Unreadable and Unfit."""
    text = normal_newlines(read_text(os.path.expanduser(name)))
    if question.kind is not Kind.LONG_TEXT:
        text = text.removesuffix("\n")
    return read(question, text, None)


def read(question: Question, text: str, listing: Listing | None) -> Any:
    """Return the answer of a text; raise Unfit, NotListed and Unreadable.

    With a listing, a number is the choice of that number. A text in place of a number stays a text,
    which the validation reports.
    """
    match question.kind:
        case Kind.FLAG:
            value: Any = _flag(text)
        case Kind.SEVERAL:
            value = _several(question, text)
        case Kind.LINES:
            value = _lines(text)
        case Kind.CHOICE if not are_numbers(question):
            value = (listing or Listing(question.options.items())).pick(text)
        case Kind.NUMBER | Kind.CHOICE:
            value = typed_number(text)
        case Kind.TEXT | Kind.LONG_TEXT | Kind.SECRET:
            if reason := too_long(len(text)):
                raise Unfit(f"{reason.capitalize()}.")
            value = _suggested(text, listing) if listing else text
        case _:
            value = parse_json(text, "the answer")
    return value


def _flag(text: str) -> bool:
    word = text.strip().casefold()
    if word in (*_YES, "1"):
        return True
    if word in (*_NO, "2"):
        return False
    raise Unfit("Answer yes or no.")


def _several(question: Question, text: str) -> Any:
    """The choices that are named, in the order of the list."""
    listing = Listing(question.options.items())
    named = [listing.pick(part.strip()) for part in text.split(",") if part.strip()]
    values = [value for value in question.options if value in named]
    return ",".join(values) if question.joined else values


def _lines(text: str) -> Any:
    if text.lstrip().startswith("["):
        return parse_json(text, "the answer")
    lines = text.rstrip("\n")
    return lines.split("\n") if lines else []


def _suggested(text: str, listing: Listing) -> str:
    index = index_of(text, len(listing.entries))
    return str(listing.entries[index].value) if index >= 0 else text
