"""A form: the rows of some questions, of which those that apply are shown."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.form.answers import as_text
from screens.form.choice_controls import CheckboxControl, RadioControl, SelectControl
from screens.form.group_line import GroupLine
from screens.form.placeholders import PlaceholderRows, marks_of
from screens.form.row import FixedRow, QuestionRow
from screens.form.text_controls import TextControl
from wizard.contract.applicability import Applicability, Asked, applying
from wizard.contract.assistant import labels_inside, repeats
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question, condition_words, find
from wizard.contract.problems import Problem
from wizard.contract.steps import FieldGroup
from wizard.draft.draft import Draft
from wizard.draft.field_groups import GroupState, group_of, group_states
from wizard.draft.review import spoken_seconds
from wizard.formats.paths import Path
from wizard.formats.text import counted

# The most characters that are shown of a value that is none of the options.
_KEPT = 200


class Form(Vertical):
    """The rows of some of a model's questions.

    `among` are all questions of that model, which conditions may refer to; `at` is the path of the
    model's answers. The fields that few people set follow the others, in groups. A group opens when
    a person asks for it or for one of its fields, and when a field in it becomes wrong or changed.
    """

    class ViewChanged(Message):
        """Other rows are to be shown."""

    def __init__(
        self, questions: Sequence[Question], among: Sequence[Question], at: Path = ()
    ) -> None:
        super().__init__(classes="form")
        self._all = among
        self.at = at
        self.lists_hidden = False
        self._rows: dict[Path, QuestionRow] = {}
        self._fixed: dict[Path, FixedRow] = {}
        self._placeholders: PlaceholderRows | None = None
        self._shows_json = False
        self._headings: list[tuple[Path, Widget]] = []
        self._lines: dict[FieldGroup, GroupLine] = {}
        self._groups: dict[FieldGroup, GroupState] = {}
        self._open: set[FieldGroup] = set()
        # The paths of the fields that apply, and of the fixed values that are shown.
        self._applying: Collection[Path] = ()
        self._fixed_shown: Collection[Path] = ()
        # Made at once: a screen may show a draft before the form is drawn.
        essentials = [question for question in questions if question.meta.group is None]
        self._widgets = (*self._made(essentials, at), *self._made_groups(questions))

    def compose(self) -> ComposeResult:
        """One row a question; a group has its heading before its rows."""
        yield from self._widgets

    def _made_groups(self, questions: Sequence[Question]) -> Iterator[Widget]:
        for group in dict.fromkeys(question.meta.group for question in questions):
            if group is not None:
                self._lines[group] = GroupLine(group)
                yield self._lines[group]
                members = [question for question in questions if question.meta.group is group]
                for row in self._made(members, self.at):
                    yield row.add_class("-grouped")

    def _made(self, questions: Sequence[Question], at: Path, above: str = "") -> Iterator[Widget]:
        for question in questions:
            path = (*at, question.name)
            if question.meta.group and question.kind is Kind.GROUP:
                yield from self._made(question.children, path)  # the group's line is its heading
            elif question.kind is Kind.GROUP:
                if not repeats(question, above):
                    heading = Static(Content(question.label), classes="group")
                    self._headings.append((path, heading))
                    yield heading
                yield from self._made(question.children, path, above=question.label)
            elif question.never_asked:
                self._fixed[path] = FixedRow(question, path)
                yield self._fixed[path]
            elif question.kind is not Kind.LIST:
                if question.meta.as_json and not self._placeholders:
                    self._placeholders = PlaceholderRows(at)
                    yield self._placeholders
                self._rows[path] = QuestionRow(question, path)
                yield self._rows[path]

    def update_from(self, draft: Draft) -> None:
        """Show the draft's answers and problems, and the rows that apply now."""
        answers = draft.shown if not self.at else draft.get(self.at)
        asked = {found.path: found for found in applying(self._all, answers, self.at)}
        problems = draft.problems()
        self._applying = asked.keys()
        for path, row in self._rows.items():
            applies = path in asked
            row.set_hidden(self.lists_hidden and not applies)
            if applies:
                _update_row(row, asked[path], draft, problems)
        if self._placeholders:
            at = self._placeholders.at
            self._placeholders.display = any(path[: len(at)] == at for path in asked)
            self._placeholders.update_from(draft, problems, as_json=self._shows_json)
        applicability = Applicability(self._all, answers)
        self._fixed_shown = {
            path
            for path in self._fixed
            if len(path) == len(self.at) + 1 and applicability.shows(str(path[-1]))
        }
        if draft.origin:
            for path in self._fixed_shown:
                words = draft.origin.words(path, draft.compose())
                self._fixed[path].show(draft.get(path), f"{words}." if words else "")
        own = (each for path, each in asked.items() if path in self._rows)
        for state in group_states(draft, own) if self._lines else ():
            self._follow_group(state)
        self._show_rows()

    def _show_rows(self) -> None:
        """Show the rows that apply, except those of folded groups."""
        for group, state in self._groups.items():
            is_open, is_wrong = group in self._open, bool(state.wrong)
            self._lines[group].show(state.words, is_open=is_open, is_wrong=is_wrong)
        for path, row in self._rows.items():
            applies = path in self._applying or self.lists_hidden
            is_folded = row.question.meta.as_json and not self._shows_json
            row.display = applies and not is_folded and self._is_unfolded(path)
        for path, fixed in self._fixed.items():
            fixed.display = path in self._fixed_shown and self._is_unfolded(path)
        for path, heading in self._headings:
            inside = [row for p, row in self._rows.items() if p[: len(path)] == path]
            heading.display = len(inside) > 1 and any(row.display for row in inside)

    # --- groups

    def _is_unfolded(self, path: Path) -> bool:
        group = group_of(path) if self._lines else None
        return group is None or group in self._open

    def _follow_group(self, state: GroupState) -> None:
        """Open a group if there is a new reason to: a field in it became wrong or changed."""
        before = self._groups.get(state.group)
        if state.reasons - (before.reasons if before else frozenset()):
            self._open.add(state.group)
        self._groups[state.group] = state

    def on_group_line_toggled(self, event: GroupLine.Toggled) -> None:
        """Open or fold a group; what opens comes in sight."""
        event.stop()
        self._open ^= {event.group}
        self._show_rows()
        if event.group in self._open:
            self.call_after_refresh(self._bring_in_sight, event.group)

    def _bring_in_sight(self, group: FieldGroup) -> None:
        inside = [row for p, row in self._rows.items() if row.display and group_of(p) is group]
        for widget in (*inside[-1:], self._lines[group]):
            widget.scroll_visible(animate=False)

    def show_all(self, everything: bool) -> None:
        """Open all groups, or fold those in which nothing is wrong or changed."""
        self._open = {g for g, state in self._groups.items() if everything or state.reasons}
        for group, line in self._lines.items():
            inside = (row for path, row in self._rows.items() if group_of(path) is group)
            if group not in self._open and any(row.has_focus_within for row in inside):
                line.focus()
        self._show_rows()

    def open_at(self, path: Path) -> GroupLine | None:
        """Open the group of a field, and return its line; None for a field without a group."""
        line = self._lines.get(group) if (group := group_of(path)) else None
        if line and line.group not in self._open:
            self._open.add(line.group)
            self._show_rows()
        return line

    # --- hidden fields

    @property
    def hidden_rows(self) -> list[QuestionRow]:
        """The rows of the fields that do not apply, listed or not."""
        return [
            row
            for path, row in self._rows.items()
            if path not in self._applying and (row.is_hidden or not row.question.meta.as_json)
        ]

    @property
    def hidden_words(self) -> str:
        """Whether hidden fields are shown now, in a sentence."""
        count = len(self.hidden_rows)
        if not count:
            return "Every field here applies."
        fields = counted(count, "hidden field")
        return f"Showing {fields}, with the reasons." if self.lists_hidden else f"Hiding {fields}."

    async def list_hidden(self, draft: Draft, *, listed: bool) -> None:
        """Show the fields that do not apply, each with the reason, or hide them."""
        self.lists_hidden = listed
        for path, row in self._rows.items():
            if listed and path not in self._applying:
                self.open_at(path)
                await row.show_hidden(
                    f"asked when {condition_words(row.question, self._beside(path))}"
                )
        self.update_from(draft)

    def _beside(self, path: Path) -> Sequence[Question]:
        holder = find(self._all, path[len(self.at) : -1])
        return holder.children if holder else self._all

    def advise(self, draft: Draft) -> None:
        """Show advice under the fields it is about."""
        # A template raises advice that is of no use before the person has begun.
        advice = draft.advice() if draft.has_own_answers else ()
        for path, row in self._rows.items():
            if path in self._applying:
                row.advice = next(
                    (
                        f"{_message(each, path)} {each.code}"
                        for each in advice
                        if each.path[: len(path)] == path
                    ),
                    "",
                )

    def reveal(self) -> None:
        """Show all errors from now on, empty fields too."""
        hints = self._placeholders.rows if self._placeholders else ()
        for row in (*self._rows.values(), *hints):
            row.revealed = True

    def on_placeholder_rows_focus_moved(self, event: PlaceholderRows.FocusMoved) -> None:
        """Mark the placeholder in focus in the template's text."""
        event.stop()
        found = event.placeholder
        for row in self._rows.values():
            if row.question.meta.summary and isinstance(row.control, TextControl):
                row.control.more_marks = partial(marks_of, placeholder=found) if found else None
                row.control.redraw()

    def on_placeholder_rows_json_wanted(self, event: PlaceholderRows.JsonWanted) -> None:
        """Show the placeholders as JSON, or as rows."""
        event.stop()
        self._shows_json = not self._shows_json
        self.post_message(self.ViewChanged())

    def first_row(self) -> QuestionRow:
        """The first row to answer."""
        return next(row for row in self._rows.values() if row.display and not row.is_hidden)

    def row_of(self, path: Path) -> QuestionRow | None:
        """The row of a path, None if it is answered elsewhere."""
        for hint in self._placeholders.rows if self._placeholders else ():
            if hint.path == path and hint.display:
                return hint
        for end in range(len(path), 0, -1):
            if path[:end] in self._rows:
                return self._rows[path[:end]]
        return None


def _update_row(row: QuestionRow, asked: Asked, draft: Draft, problems: Sequence[Problem]) -> None:
    row.show(draft.get(row.path), asked.offer)
    found = [p for p in problems if p.path[: len(row.path)] == row.path]
    row.problem = _message(found[0], row.path) if found else ""
    value = draft.get(row.path)
    shown = asked.offer if is_empty(value) else value
    row.summary = row.question.meta.summary(shown) if row.question.meta.summary else ""
    row.kept = _kept(row, draft)
    if row.question.kind is Kind.LONG_TEXT:
        counts = isinstance(value, str) and value
        row.count(_length(draft, row.question, value) if counts else "")


def _kept(row: QuestionRow, draft: Draft) -> str:
    """What a value from QCall is: one in a form of its clients, or one that is no option."""
    origin, control = draft.origin, row.control
    if origin is None:
        return ""
    words = origin.words(row.path, draft.compose())
    choices = SelectControl | RadioControl | CheckboxControl
    if not (isinstance(control, choices) and control.is_other):
        return f"{words}." if words else ""
    if not origin.is_untouched(row.path, draft.compose()):
        return ""
    if words and isinstance(control, SelectControl):
        return f"{words}."  # the control shows the value
    value = " ".join(as_text(draft.get(row.path)).split())[:_KEPT]
    return f"{words} ({value})." if words else f"From QCall: {value}"


def _length(draft: Draft, question: Question, text: str) -> str:
    """Return the length of a text in characters and spoken seconds."""
    seconds = spoken_seconds(draft, question, text)
    length = f"{len(text):,} char{'s' * (len(text) != 1)}"
    return f"{length} · {max(1, round(seconds))} s" if seconds else length


def _message(problem: Problem, path: Path) -> str:
    """Return the message of a problem; one inside the field's value begins with the place."""
    if problem.path == path:
        return problem.message
    return f"{labels_inside(path, problem.path)}: {problem.message}"
