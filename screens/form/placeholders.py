"""The rows of a WhatsApp template's placeholders: one for each, below the template's text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Button

from screens.form.row import QuestionRow
from screens.widgets.text_area import Mark
from wizard.contract.problems import Problem
from wizard.contract.template_slots import Placeholder
from wizard.draft.draft import Draft
from wizard.draft.placeholder_hints import EXAMPLE, hint_question, hints_at
from wizard.formats.paths import Path

# More rows take seconds to make. A template of WhatsApp has far fewer placeholders; what is beyond
# is edited as JSON.
_MOST_ROWS = 100


class PlaceholderRow(QuestionRow):
    """The hint for one placeholder."""

    def __init__(self, path: Path, placeholder: Placeholder) -> None:
        super().__init__(hint_question(placeholder), path)
        self.placeholder = placeholder

    def set_placeholder(self, placeholder: Placeholder) -> None:
        """Show another line of the template."""
        if placeholder != self.placeholder:
            self.placeholder, self.question = placeholder, hint_question(placeholder)
            self.refresh()


class PlaceholderRows(Vertical):
    """A row for each placeholder of the template at a path, and the way to their JSON."""

    @dataclass
    class FocusMoved(Message):
        """Another placeholder has the focus, or none."""

        placeholder: Placeholder | None

    class JsonWanted(Message):
        """A person wants the placeholders as JSON, or the rows again."""

    def __init__(self, at: Path) -> None:
        super().__init__(classes="placeholders")
        self.at = at
        self.rows: list[PlaceholderRow] = []
        self._button = Button("Edit as JSON", id="placeholders-json", compact=True)

    def compose(self) -> ComposeResult:
        """The rows, and the button."""
        yield from self.rows
        yield self._button

    def update_from(self, draft: Draft, problems: Sequence[Problem], *, as_json: bool) -> None:
        """Show the hints; rows are made anew only if there are other placeholders."""
        found = list(islice(hints_at(draft, self.at), _MOST_ROWS))
        if [each for _, each in found] != [row.placeholder for row in self.rows]:
            self._make(found)
        self._button.label = "Edit in rows" if as_json else "Edit as JSON"
        aligned = not any(problem.code == "not_aligned" for problem in problems)
        for row in self.rows:
            row.display = not as_json
            hint = draft.get(row.path)
            row.show(hint if isinstance(hint, str) else "", EXAMPLE)
            wrong = (problem.message for problem in problems if problem.path == row.path)
            lacking = "" if aligned or isinstance(hint, str) else "Required."
            row.problem = next(wrong, lacking)

    def _make(self, found: Sequence[tuple[Path, Placeholder]]) -> None:
        """Make the rows; those whose label stays keep their widgets, and so the focus."""
        kept = {(row.path, row.placeholder.label): row for row in self.rows}
        rows = []
        for path, placeholder in found:
            row = kept.pop((path, placeholder.label), None) or PlaceholderRow(path, placeholder)
            row.set_placeholder(placeholder)
            rows.append(row)
        self.rows = rows
        if self._button.is_attached:
            self.remove_children(list(kept.values()))
            for row in rows:
                if not row.is_attached:
                    self.mount(row, before=self._button)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Mark the placeholder in the text."""
        row = next((row for row in self.rows if event.widget is row.control), None)
        self.post_message(self.FocusMoved(row.placeholder if row else None))

    def on_descendant_blur(self) -> None:
        """Mark nothing."""
        self.post_message(self.FocusMoved(None))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Show the JSON, or the rows."""
        event.stop()
        self.post_message(self.JsonWanted())


def marks_of(line: str, placeholder: Placeholder) -> Iterator[Mark]:
    """The places of a placeholder in a line of its template."""
    if line == placeholder.line:
        yield from (Mark(start, end, "text--found") for start, end in placeholder.spans)
