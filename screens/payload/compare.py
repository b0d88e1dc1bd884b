"""Compares two versions of an assistant, field by field, and long texts word by word."""

from asyncio import to_thread
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens.widgets.inputs import pictured, pictured_lines
from screens.widgets.page_frame import Page
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.exchange.differences import (
    Difference,
    DifferenceKind,
    Run,
    RunKind,
    differences,
    is_long,
    shortened,
    word_changes,
)
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.text import capitalized, counted

# Unchanged characters that are shown around a change, and of a long text.
_AROUND = 60
_SHOWN = 1_000
# The most places that are shown, and the most characters.
_MOST = 200
_MOST_CHARACTERS = 20_000


class CompareScreen(Page[None]):
    """The differences of two payloads, whose names are `names`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back_to_steps", "Back to the answers", id="compare.back"),
    ]

    def __init__(
        self, before: Mapping[str, Any], after: Mapping[str, Any], names: tuple[str, str]
    ) -> None:
        super().__init__()
        self._payloads = before, after
        self._names = names
        self._title = Static(classes="title", id="compare-title")
        self._differences = Static(id="differences")

    def contents(self) -> ComposeResult:
        """The names, the differences, the button."""
        with Vertical(id="compare"):
            yield self._title
            with VerticalScroll(id="compare-list"):
                yield self._differences
            with Horizontal(classes="buttons"):
                yield Button(
                    "Back to the answers",
                    action="app.back_to_steps",
                    variant="primary",
                    compact=True,
                )

    def on_mount(self) -> None:
        """Find the differences."""
        self._compare()

    @work(group="compare")
    async def _compare(self) -> None:
        """Find the differences in a thread: two long texts take a second."""
        title, message = await to_thread(self._found)
        self._title.update(Content(title))
        self._differences.update(message)

    def _found(self) -> tuple[str, Content]:
        found = differences(*self._payloads)
        return self._title_for(len(found)), Content("\n\n").join(_message(found))

    def _title_for(self, count: int) -> str:
        one, other = map(pictured, self._names)
        if not count:
            return f"{one} and {other} are the same"
        return capitalized(f"{other} differs from {one} in {counted(count, 'place')}")


def _message(found: Sequence[Difference]) -> Iterator[Content]:
    length = 0
    for place, difference in enumerate(found):
        if place == _MOST or length > _MOST_CHARACTERS:
            yield Content(f"… and {len(found) - place:,} more").stylize("$text-muted")
            return
        message = _heading(difference) + Content("\n") + _change(difference)
        length += len(message)
        yield message


def _heading(difference: Difference) -> Content:
    """The field's label, if it has one, and its path."""
    question = find(QUESTIONS, difference.path)
    place = Content(pictured(paths.write(difference.path))).stylize("$text-muted")
    label = Content(question.label).stylize("bold") + Content("  ") if question else Content("")
    return label + place + Content(f"  {difference.kind}").stylize("$text-muted")


def _change(difference: Difference) -> Content:
    before, after = difference.before, difference.after
    match difference.kind:
        case DifferenceKind.MOVED:
            return Content(f"from place {before} to place {after}")
        case DifferenceKind.ADDED:
            return _added(_shown_value(after))
        case DifferenceKind.REMOVED:
            return _removed(_shown_value(before))
        case _ if is_long(before) and is_long(after):
            return _words(word_changes(before, after))
        case _:
            return _removed(_shown_value(before)) + Content("\n") + _added(_shown_value(after))


# Signs repeat the meaning of the colours, which not everyone sees.


def _added(text: str) -> Content:
    return Content(f"+ {text}").stylize("$text-success")


def _removed(text: str) -> Content:
    return Content(f"- {text}").stylize("$text-error")


def _words(runs: Sequence[Run]) -> Content:
    """Mark the changed words of a text; unchanged parts far from a change are left out."""
    message = Content("")
    for place, run in enumerate(runs):
        if run.kind is RunKind.REMOVED:
            message += Content(f"[-{_cut(run.text)}-]").stylize("$text-error")
        elif run.kind is RunKind.ADDED:
            message += Content(f"{{+{_cut(run.text)}+}}").stylize("$text-success")
        else:
            same = _around(run.text, first=place == 0, last=place == len(runs) - 1)
            message += Content(same)
    return message


def _around(text: str, *, first: bool, last: bool) -> str:
    start = "" if first else pictured_lines(text[:_AROUND])
    end = "" if last else pictured_lines(text[-_AROUND:])
    if len(text) <= (2 - first - last) * _AROUND:
        return pictured_lines(text)
    return f"{start} … {end}".strip(" ") if first or last else f"{start} …\n… {end}"


def _cut(text: str) -> str:
    return pictured_lines(shortened(text, _SHOWN))


def _shown_value(value: Any) -> str:
    return _cut(value if isinstance(value, str) else dump(value))
