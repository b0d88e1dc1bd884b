"""The whole conversation: the beginning, the questions of the six steps, the review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.api import pending_submissions
from wizard.api.outcomes import Created, Outcome, local_time
from wizard.api.receipt_store import Receipt
from wizard.contract.applicability import Asked, applying
from wizard.contract.assistant import QUESTIONS, questions_of
from wizard.contract.fields import Kind
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft, step_of
from wizard.draft.placeholder_hints import labelled
from wizard.draft.review import format_value
from wizard.errors import WizardError
from wizard.exchange.external_editor import left_texts
from wizard.formats import paths
from wizard.formats.paths import Path
from wizard.plain import wording
from wizard.plain.action_questions import Actions
from wizard.plain.asking import Asking
from wizard.plain.begin_draft import BeginDraft
from wizard.plain.blank_questions import BlankQuestions
from wizard.plain.conversation_state import Context
from wizard.plain.navigation import BEGINNING, BLANKS, LEAVE, NEXT, REVIEW, Navigation, Way
from wizard.plain.review_lines import Review
from wizard.plain.voice import Voices

if TYPE_CHECKING:
    from wizard.exchange.importing import Report

_ORDER: Final = tuple(info.step for info in STEPS)
# The place of the voice catalogue; it has no answer itself.
_VOICES: Final[Path] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the conversation: a question, or the choice of a voice before its fields."""

    step: Step
    path: Path = _VOICES
    asked: Asked | None = None


class Conversation:
    """Asks everything, one question after another.

    `welcome` asks how to begin; `notices` are sentences about the start, `report` lists the results
    of an import.
    """

    def __init__(
        self,
        context: Context,
        *,
        welcome: bool = False,
        notices: Sequence[str] = (),
        report: Report | None = None,
    ) -> None:
        self._context, self._console = context, context.console
        self._welcome = welcome
        self._notices = notices
        self._report = report
        self._voices = Voices(context)
        self._heading: tuple[Step | None, str] = (None, "")

    def run(self) -> int:
        """Ask everything and return the exit code. Raises Ended."""
        self._greet()
        turn = BeginDraft(self._context).ask() if self._welcome else None
        draft = self._context.draft
        if turn in (None, NEXT) and draft.based_on and not draft.has_own_answers:
            turn = BlankQuestions(self._context).offer() or turn
        while turn != LEAVE:
            if turn == BLANKS:
                turn = BlankQuestions(self._context).ask() or REVIEW
            elif turn == REVIEW:
                self._heading = (None, "")
                turn = Review(self._context).ask()
            else:
                turn = self._walk(self._first(turn))
        self._context.keep()
        self._farewell()
        return self._context.code

    # --- start and end

    def _greet(self) -> None:
        target = self._context.target
        where = (
            "It uses the sandbox inside this program, where nothing is real."
            if target.is_sandbox
            else f"Assistants are created on {target.name}, for real."
        )
        self._console.say("qcall-wizard, plain questions: a voice assistant in six steps.", where)
        session = self._context.session
        rescue = [session.rescue.sentence] if session.rescue else []
        for text in (*BEGINNING, *rescue, *self._notices):
            self._console.say(text)
        self._context.report_trouble()
        for left in left_texts(session.home):
            self._console.say(
                f"Your text from an editor for {paths.write(left.path)} is in {left.file}. "
                "Answer with @ and this name to use it."
            )
        for text in self._report.lines() if self._report else ():
            self._console.say(text)
        with suppress(WizardError):
            self._context.runner.run(
                pending_submissions.report_unanswered(
                    self._context.submission, session, self._report_attempt
                )
            )

    def _report_attempt(self, receipt: Receipt, outcome: Outcome) -> None:
        """Report the outcome of an attempt whose program ended before the answer."""
        sent = (
            f"{receipt.name}, sent to {receipt.host} on {local_time(receipt.sent)}, had no answer."
        )
        created = outcome.assistant_id if isinstance(outcome, Created) else None
        named = f" with the id {created}" if created else ""
        self._console.say(f"{sent} {outcome.title}{named}. `qcall-wizard receipts` shows more.")

    def _farewell(self) -> None:
        draft = self._context.draft
        if draft.answers and not self._context.session.trouble:
            self._console.say(f"The draft {draft.id} is saved.")

    # --- from question to question

    def _first(self, turn: Navigation | None) -> Stop:
        """The place to begin at: that of a Navigation, or the last place of the draft."""
        draft, stops = self._context.draft, list(stops_of(self._context.draft))
        if turn is None or turn.way is Way.NEXT:
            here = _stop_at(stops, draft.focus) if draft.focus else None
            return here or _start_of(draft.step, stops)
        if turn.way is Way.GO:
            return self._goal(turn)
        return _start_of(_ORDER[-1], stops) if turn.way is Way.BACK_STEP else stops[-1]

    def _goal(self, turn: Navigation) -> Stop:
        """The place that a Navigation names, or its step if that place is not asked."""
        stops, path = list(stops_of(self._context.draft)), turn.path
        if turn.step:
            return _start_of(turn.step, stops)
        if found := _stop_at(stops, path):
            self._context.draft.focus = path
            return found
        step = step_of(path) or stops[0].step
        if len(path) == 1 and path[0] in {question.name for question in QUESTIONS}:
            self._console.refuse(f"{path[0]} does not apply now. This is its step.")
        return _start_of(step, stops)

    def _walk(self, stop: Stop | None) -> Navigation:
        """Ask from a place on, to the review or out."""
        while stop is not None:
            self._enter(stop)
            turn = self._take(stop)
            while turn == BLANKS:
                # Its question is asked again: the text may be another one now.
                turn = BlankQuestions(self._context).ask() or _back_to(stop)
            if turn.way in (Way.REVIEW, Way.LEAVE):
                return turn
            stop = self._after(stop, turn)
        return REVIEW

    def _enter(self, stop: Stop) -> None:
        """Announce a new step and a new group; store the place in the draft."""
        draft = self._context.draft
        group = wording.heading_of(stop.path)
        step, before = self._heading
        if stop.step is not step:
            info = STEPS[_ORDER.index(stop.step)]
            self._console.say()
            self._console.say(
                f"Step {_ORDER.index(stop.step) + 1} of {len(STEPS)}: {info.title}. {info.about}."
            )
        if group and (stop.step is not step or group != before):
            self._console.say()
            self._console.say(f"{group}.")
        self._heading = (stop.step, group)
        draft.step = stop.step
        draft.seen.add(stop.step)
        if draft.focus[: len(stop.path)] != stop.path or not stop.path:
            draft.focus = stop.path
        self._context.session.changed()

    def _take(self, stop: Stop) -> Navigation:
        """Ask the question of a place."""
        if stop.asked is None:
            return self._voices.ask()
        if stop.asked.question.kind is not Kind.LIST:
            return Asking(self._context, stop.asked).ask()
        actions, focus = Actions(self._context, stop.asked), self._context.draft.focus
        inside = len(focus) > 2 and isinstance(focus[1], int)
        turn = actions.edit(int(focus[1]), focus) if inside else None
        return turn or actions.ask()

    def _after(self, stop: Stop, turn: Navigation) -> Stop | None:
        """The place that a Navigation leads to from another; None behind the last."""
        stops = list(stops_of(self._context.draft))
        left = turn.path if turn.way is Way.PAST else stop.path
        here = next((n for n, s in enumerate(stops) if s.path == left), 0)
        if turn.way is Way.GO:
            return self._goal(turn)
        if turn.way is Way.BACK:
            if here == 0:
                self._console.say("This is the first question. Type :leave to quit.")
            return stops[max(0, here - 1)]
        if turn.way is Way.BACK_STEP:
            return _start_of(_ORDER[max(0, _ORDER.index(stop.step) - 1)], stops)
        if turn.way is Way.NEXT_STEP:
            following = _ORDER[_ORDER.index(stop.step) + 1 :]
            then = next((s for s in stops if s.step in following), None)
        else:
            then = stops[here + 1] if here + 1 < len(stops) else None
        if then is None or then.step is not stop.step:
            self._finish(stop.step)
        return then

    def _finish(self, step: Step) -> None:
        """Show the derived values of a step, and its errors."""
        draft = self._context.draft
        applicability = draft.applicability()
        for question in questions_of(step):
            if question.never_asked and applicability.shows(question.name):
                value = format_value(question, question.default)
                self._console.say(f"{question.label}: {wording.ended(value)} {question.ask.help}")
        problems = draft.problems(step)
        if problems:
            draft.checked.add(step)
            self._console.say("Missing or wrong in this step:")
        for problem in problems:
            self._console.say(wording.ended(labelled(draft, problem)))


def stops_of(draft: Draft) -> Iterator[Stop]:
    """The places of a conversation for the current draft, in order."""
    asked = list(applying(QUESTIONS, draft.answers))
    for step in _ORDER:
        if step is Step.VOICE:
            yield Stop(step)
        yield from (Stop(step, one.path, one) for one in asked if one.question.step is step)


def _back_to(stop: Stop) -> Navigation:
    """The Navigation to a place that is already shown."""
    return Navigation(Way.GO, stop.path, step=None if stop.path else stop.step)


def _start_of(step: Step, stops: Sequence[Stop]) -> Stop:
    """The first place of a step."""
    return next(stop for stop in stops if stop.step is step)


def _stop_at(stops: Sequence[Stop], path: Path) -> Stop | None:
    """The place at which a path is asked: its own, one around it, or one inside it."""
    for stop in stops:
        if stop.path and path[: len(stop.path)] == stop.path:
            return stop
    return next((stop for stop in stops if path and stop.path[: len(path)] == path), None)
