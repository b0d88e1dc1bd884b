"""A form: the rows of some questions, of which those that apply are shown."""

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from screens.question import FixedRow, QuestionRow
from wizard import paths
from wizard.ask import Kind, Question
from wizard.draft import Draft
from wizard.paths import Path
from wizard.problems import Problem
from wizard.situation import Asked, Situation, applying


class Form(Vertical):
    """The rows of some of a model's questions.

    `among` are all questions of that model, on which the conditions of these may hang; `at` is
    where the model's answers stand in the draft.
    """

    def __init__(
        self, questions: Sequence[Question], among: Sequence[Question], at: Path = ()
    ) -> None:
        super().__init__(classes="form")
        self.questions = questions
        self._all = among
        self.at = at
        self._rows: dict[Path, QuestionRow] = {}
        self._fixed: dict[Path, FixedRow] = {}
        self._headings: list[tuple[Path, Widget]] = []
        # Made at once, not when the form is drawn: a screen may fill them in before that.
        self._widgets = tuple(self._made(questions, at))

    def compose(self) -> ComposeResult:
        """One row a question; a group has its heading before its rows."""
        yield from self._widgets

    def _made(self, questions: Sequence[Question], at: Path) -> Iterator[Widget]:
        for question in questions:
            path = (*at, question.name)
            if question.kind is Kind.GROUP:
                heading = Static(Content(question.label), classes="group")
                self._headings.append((path, heading))
                yield heading
                yield from self._made(question.children, path)
            elif question.never_asked:
                self._fixed[path] = FixedRow(question, path)
                yield self._fixed[path]
            elif question.kind is not Kind.LIST:
                self._rows[path] = QuestionRow(question, path)
                yield self._rows[path]

    def update_from(self, draft: Draft) -> None:
        """Show the draft's answers and problems, and the rows that apply now."""
        answers = draft.answers if not self.at else draft.get(self.at)
        asked = {found.path: found for found in applying(self._all, answers, self.at)}
        problems = draft.problems()
        for path, row in self._rows.items():
            row.display = path in asked
            if path in asked:
                _update_row(row, asked[path], draft, problems)
        situation = Situation(self._all, answers)
        for path, fixed in self._fixed.items():
            fixed.display = len(path) == len(self.at) + 1 and situation.shows(str(path[-1]))
        for path, heading in self._headings:
            inside = [row for p, row in self._rows.items() if p[: len(path)] == path]
            heading.display = len(inside) > 1 and any(row.display for row in inside)

    def reveal(self) -> None:
        """Tell all problems from now on, gaps too."""
        for row in self._rows.values():
            row.revealed = True

    def first_row(self) -> QuestionRow:
        """The row where one begins."""
        return next(row for row in self._rows.values() if row.display)

    def row_of(self, path: Path) -> QuestionRow | None:
        """The row where a path is answered, `None` where it is answered elsewhere."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._rows:
                return self._rows[path[:end]]
        return None

    def row_of_control(self, control: Widget) -> QuestionRow | None:
        """The row that holds a control."""
        return next((row for row in self._rows.values() if row.control is control), None)


def _update_row(row: QuestionRow, asked: Asked, draft: Draft, problems: Sequence[Problem]) -> None:
    row.show(draft.get(row.path), asked.offer)
    row.problem = next(
        (_told(p, row.path) for p in problems if p.path[: len(row.path)] == row.path), ""
    )


def _told(problem: Problem, path: Path) -> str:
    """What is wrong, with the place inside the field's value where there is one."""
    inside = problem.path[len(path) :]
    return f"{paths.write(inside)} {problem.message}" if inside else problem.message
