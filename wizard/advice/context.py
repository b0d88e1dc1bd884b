"""What advice looks at: a payload as it came, today's date, and the texts in it that count."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from wizard.advice.applicable_fields import OBJECT, ApplicableFields, FieldSorter, inside, standings
from wizard.contract.assistant import QUESTIONS
from wizard.contract.problems import Fix
from wizard.formats.paths import Path

# The texts that are said word by word; the script is what the model speaks from.
_SPOKEN: Final = ("start_speech", "end_call_message", "voice_note", "say")
_SCRIPT: Final = "script"


TOP: Final = standings(QUESTIONS)
"""How things stand for the questions of a payload."""


@dataclass(frozen=True, slots=True)
class AdviceInfo:
    """A code of advice: what it stands for, in a sentence, and members of a payload to raise it."""

    code: str
    about: str
    example: Mapping[str, Any]


class Text:
    """A text of the payload, not blank, with its path; `text` is no more of it than is read.

    What is far longer than QCall's app allows is judged by its beginning, and gets no fix.
    """

    __slots__ = ("_bare", "is_whole", "path", "text")

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.is_whole = len(text) <= _READ
        self.text = text if self.is_whole else text[:_READ]
        self._bare: str | None = None

    @property
    def bare(self) -> str:
        """The text with blanked out variables, of the same length."""
        if self._bare is None:
            text = self.text
            self._bare = _VARIABLE.sub(_blanked, text) if "{{" in text else text
        return self._bare

    @property
    def is_spoken(self) -> bool:
        """Whether it is said word by word."""
        return self.path[-1] in _SPOKEN

    @property
    def is_script(self) -> bool:
        """Whether it is the script."""
        return self.path == (_SCRIPT,)

    @property
    def is_heard(self) -> bool:
        """Whether a caller gets to hear it, or what the model makes of it."""
        return self.path[-1] in _SPOKEN or self.path == (_SCRIPT,)


# Three times the longest script of QCall's app.
_READ: Final = 100_000

_VARIABLE: Final = re.compile(r"\{\{[^{}\n]{0,80}\}\}")


def _blanked(found: re.Match[str]) -> str:
    return "\0" * len(found[0])


class View:
    """A payload, valid or not, on a day.

    `texts` are those that people write at length and that apply, in the contract's order, `heard`
    the script and those of them that a caller gets to hear. `actions` are the actions that are
    objects, each with its path. All of it is looked at by every part, so it is there at once.
    """

    def __init__(self, payload: Mapping[str, Any], today: date) -> None:
        self.payload = payload
        self.today = today
        self._standings: dict[Path, ApplicableFields] = {}
        found: list[Text] = []
        _gather(self, TOP, payload, (), found)
        self.texts: Sequence[Text] = found
        self.heard: Sequence[Text] = [text for text in found if text.is_heard]
        self.actions: Sequence[tuple[Path, Mapping[str, Any]]] = _actions(payload)

    def standing(
        self, model: FieldSorter, members: Mapping[str, Any], at: Path
    ) -> ApplicableFields:
        """How things stand for the questions of an object at a path of the payload."""
        found = self._standings.get(at)
        if found is None:
            found = self._standings[at] = model.of(members)
        return found

    def text(self, name: str) -> str:
        """A text at the top level; empty where it is none."""
        value = self.payload.get(name)
        return value if isinstance(value, str) else ""


def _actions(payload: Mapping[str, Any]) -> Sequence[tuple[Path, Mapping[str, Any]]]:
    listed = payload.get("actions")
    return [
        (("actions", index), action)
        for index, action in enumerate(listed if isinstance(listed, list) else ())
        if isinstance(action, OBJECT)
    ]


def _gather(view: View, model: FieldSorter, members: Any, at: Path, into: list[Text]) -> None:
    """Gather the texts of many lines, and those of actions, where they apply."""
    if not isinstance(members, OBJECT):
        return
    for question, below in view.standing(model, members, at).telling:
        value = members.get(question.name)
        if not value:
            continue
        if below:
            for path, member in inside(question, value, (*at, question.name)):
                _gather(view, below, member, path, into)
        elif isinstance(value, str) and not value.isspace():
            into.append(Text((*at, question.name), value))


def quoted(found: Sequence[str], most: int = 3) -> str:
    """The first few of what was found, each once, as one reads them out."""
    shown = [shorten(one) for one in dict.fromkeys(found)]
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else shown[0]


def shorten(text: str, most: int = 40) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


Span = tuple[int, int]


def spliced(text: str, spans: Sequence[Span], make: Callable[[str], str]) -> str:
    """Return a text with something else in place of each span; spans are in order, apart."""
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], make(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def fix(label: str, before: str, after: str) -> Fix | None:
    """A fix for a text, where it changes it and leaves something of it."""
    return Fix(label, after) if after != before and after.strip() else None
