"""Variables in texts, as in `{{first_name}}`: near misses, sample values and contact lists."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from typing import Any, Final

from wizard.contract.assistant import field_place
from wizard.formats.paths import Path

# The names that QCall fills from a contact, with their meaning. Values for other names belong to
# the contacts' other columns.
KNOWN: Final = {
    "first_name": "The contact's first name.",
    "last_name": "The contact's last name.",
    "full_name": "The contact's first and last name.",
    "email": "The contact's e-mail address.",
    "phone": "The contact's telephone number.",
}


def known_names(payload: Mapping[str, Any]) -> Mapping[str, str]:
    """The names that QCall fills in an assistant's calls: none if there is no contact."""
    return {} if payload.get("type") == "inbound" else KNOWN


class Form(StrEnum):
    """The form of a variable. All but the first are near misses, which QCall does not fill."""

    RIGHT = "right"
    NUMBER = "a number"
    EMPTY = "empty"
    BLANKS = "blanks"
    HYPHEN = "hyphens"
    CASE = "capitals"
    CHARACTERS = "other characters"
    SINGLE = "single braces"
    UNEVEN = "uneven braces"
    MENTION = "a mention"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or a near miss, from character `start` up to `end` of its text.

    `name` is in lower_snake_case. For a near miss it is the name that was likely meant, empty if
    that is unclear; for a number it is the number.
    """

    name: str
    start: int
    end: int
    form: Form

    @property
    def is_right(self) -> bool:
        """Whether QCall fills it."""
        return self.form is Form.RIGHT

    @property
    def corrected(self) -> str:
        """The variable in its right form; empty if the name is unclear."""
        return f"{{{{{self.name}}}}}" if self.name and self.form is not Form.NUMBER else ""


# Bounded, possessive repetition keeps the search linear in the length of the text.
_BRACED = re.compile(
    r"(?P<open>\{{1,9}+)(?P<name>[^{}\n]{0,80}+)(?P<close>\}{1,9}+)"
    r"|\{\{(?P<unclosed>[A-Za-z_]\w{0,60})"
    r"|@\[(?P<mention>[^\[\]{}\n]{1,80})\]\([^(){}\n]{0,120}\)"
)
_RIGHT: Final = re.compile(r"[a-z][a-z0-9_]*")
_FILLED: Final = re.compile(r"(?<!\{)\{\{([a-z][a-z0-9_]{0,79})\}\}(?!\})")
# Single braces are a near miss only around text that looks like a name.
_NAME_LIKE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_ -][A-Za-z0-9]+){0,3}")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS: Final = re.compile(r"[\s_.-]+")


def find(text: str) -> list[Variable]:
    """Return the variables of a text and the near misses, in order."""
    if "{" not in text and "@[" not in text:
        return []
    return [variable for found in _BRACED.finditer(text) if (variable := _read(found))]


def _read(found: re.Match[str]) -> Variable | None:
    written = found["name"]
    if written is None:
        inner, form = found["unclosed"], Form.UNEVEN
        if inner is None:
            inner, form = found["mention"], Form.MENTION
    else:
        inner = written
        form = _form(written, len(found["open"]), len(found["close"]))
        if form is Form.SINGLE and not _NAME_LIKE.fullmatch(written.strip()):
            return None
        if form is Form.UNEVEN and not written.strip():
            return None
    name = inner.strip() if form is Form.NUMBER else normalised(inner)
    return Variable(name, found.start(), found.end(), form)


def _form(written: str, opened: int, closed: int) -> Form:
    """The form of a name in braces."""
    if opened == closed == 1:
        return Form.SINGLE
    if not opened == closed == 2:
        return Form.UNEVEN
    if _RIGHT.fullmatch(written):
        return Form.RIGHT
    return next((form for form, test in _FORMS if test(written)), Form.CASE)


# The forms of a wrong name in two pairs of braces. The first match counts.
_FORMS: Final[tuple[tuple[Form, Callable[[str], object]], ...]] = (
    (Form.EMPTY, lambda written: not written.strip()),
    (Form.NUMBER, lambda written: written.strip().isdecimal()),
    (Form.CHARACTERS, lambda written: not re.fullmatch(r"\s*[A-Za-z][A-Za-z0-9_\s-]*", written)),
    (Form.HYPHEN, lambda written: "-" in written),
    (Form.BLANKS, lambda written: re.search(r"\s", written)),
)


def normalised(name: str) -> str:
    """Return a name in lower_snake_case; empty if a character is not allowed in names."""
    parts = _JOINTS.split(_HUMP.sub("_", name.strip()))
    made = "_".join(part.lower() for part in parts if part)
    return made if _RIGHT.fullmatch(made) else ""


def used_in(payload: Mapping[str, Any]) -> dict[str, tuple[Path, ...]]:
    """The variables in a payload's texts, in the contract's order, with the paths of the texts.

    Near misses are excluded, because QCall does not fill them.
    """
    used: dict[str, list[Path]] = {}
    for path, text in texts(payload):
        for name in dict.fromkeys(_FILLED.findall(text)) if "{{" in text else ():
            used.setdefault(name, []).append(path)
    return {name: tuple(places) for name, places in used.items()}


def texts(payload: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield all texts of a payload at any depth, the top level in the contract's order."""
    for name in sorted(payload, key=field_place):
        yield from _texts(payload[name], (name,))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(member, (*path, str(name)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


# Sample values by the whole name, and by its last word.
_SAMPLES: Final = {
    "last_name": "Rao",
    "full_name": "Asha Rao",
    "company_name": "Acme",
    "appointment_date": "Monday the third of May",
}
_SAMPLES_BY_ENDING: Final = {
    "name": "Asha",
    "date": "the third of May",
    "day": "Monday",
    "month": "May",
    "year": "2027",
    **dict.fromkeys(("time", "slot"), "half past ten"),
    **dict.fromkeys(("amount", "price", "balance", "fee", "total"), "1500"),
    **dict.fromkeys(("id", "number", "code"), "4521"),
    "count": "3",
    **dict.fromkeys(("phone", "mobile"), "+91 98765 43210"),
    "email": "asha@example.com",
    "city": "Pune",
    "address": "12 High Street, Pune",
    **dict.fromkeys(("link", "url"), "example.com"),
    "company": "Acme",
}


def sample(name: str) -> str:
    """A sample value for a variable: `Asha` for a name; the words of its name if none fits."""
    ending = name.rpartition("_")[2]
    return _SAMPLES.get(name) or _SAMPLES_BY_ENDING.get(ending) or name.strip("_").replace("_", " ")


def render(text: str, values: Mapping[str, str] | None = None) -> str:
    """Replace the variables of a text by their `values`, or by sample values.

    Near misses stay unchanged, as in a call.
    """
    if "{{" not in text:
        return text
    given = values or {}
    return _FILLED.sub(lambda found: given.get(found[1]) or sample(found[1]), text)


def csv_header(payload: Mapping[str, Any]) -> str:
    """The header of a CSV of contacts, quoted as in RFC 4180, without a line end."""
    import csv  # noqa: PLC0415 - rarely needed

    line = StringIO()
    csv.writer(line, lineterminator="").writerow(used_in(payload))
    return line.getvalue()


def description(payload: Mapping[str, Any], values: Mapping[str, str] | None = None) -> str:
    """The variables of a payload and their values as JSON text.

    The API's document does not describe variables. A contact, and a test call, has a text field
    `description` for further facts about the person. This is its plain shape:
    `{"first_name": "Asha", "order_id": "4521"}`.
    """
    given = values or {}
    filled = {name: given.get(name) or sample(name) for name in used_in(payload)}
    return json.dumps(filled, ensure_ascii=False)
