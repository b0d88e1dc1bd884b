"""The whole conversation: the beginning, the questions of the steps, the review."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.api.outcomes import Outcome
from wizard.api.receipt_store import Receipt
from wizard.api.unanswered import (
    found_line,
    report_submissions,
    unanswered_line,
    unanswered_updates,
)
from wizard.contract.applicability import Asked, applying
from wizard.contract.assistant import QUESTIONS, labels_of, questions_of
from wizard.contract.fields import Kind, find
from wizard.contract.steps import STEPS, FieldGroup, Step
from wizard.draft.draft import Draft, step_of
from wizard.draft.field_groups import GroupState, group_of, group_states
from wizard.draft.placeholder_hints import labelled
from wizard.draft.review import format_value
from wizard.errors import WizardError
from wizard.exchange.external_editor import unused_texts
from wizard.formats.paths import Path
from wizard.plain import wording
from wizard.plain.action_questions import Actions
from wizard.plain.asking import Asking
from wizard.plain.begin_draft import BeginDraft
from wizard.plain.blank_questions import BlankQuestions
from wizard.plain.conversation_state import Context
from wizard.plain.navigation import (
    BLANKS,
    INTRODUCTION,
    LEAVE,
    NEXT,
    REVIEW,
    START,
    Navigation,
    Way,
)
from wizard.plain.review_lines import Review
from wizard.plain.voice import Voices

if TYPE_CHECKING:
    from wizard.exchange.importing import Report

_GREETING: Final = f"qcall-wizard, plain questions: a voice assistant in {len(STEPS)} steps."
# The place of the voice catalogue; it has no answer itself.
_VOICES: Final[Path] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the conversation: a question, the choice of a voice, or the offer of a group."""

    step: Step
    path: Path = _VOICES
    asked: Asked | None = None
    offer: GroupState | None = None

    @property
    def group(self) -> FieldGroup | None:
        """The group that is offered, or that the question belongs to."""
        return self.offer.group if self.offer else group_of(self.path)

    def is_like(self, other: Stop) -> bool:
        """Whether this is the same place, perhaps with other answers."""
        return (self.path, self.group) == (other.path, other.group)


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
        # The groups of fields that are asked, and not only offered.
        self._opened: set[FieldGroup] = set()
        self._heading: tuple[Step | None, str] = (None, "")

    def run(self) -> int:
        """Ask everything and return the exit code. Raises EndOfInput."""
        self._greet()
        is_update = self._context.draft.origin is not None
        turn = START if self._welcome else REVIEW if is_update else self._offer_blanks(None)
        while turn != LEAVE:
            if turn == BLANKS:
                turn = BlankQuestions(self._context).ask() or REVIEW
            elif turn == START:
                self._heading = (None, "")
                turn = self._offer_blanks(BeginDraft(self._context).ask())
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
            "It uses the sandbox inside this program, where nothing reaches QCall."
            if target.is_sandbox
            else f"Assistants are created {target.place}. {target.effect}"
        )
        self._console.say(_GREETING, where)
        session, origin = self._context.session, self._context.draft.origin
        if origin:
            self._console.say(f"This changes the assistant {origin.record.name}.")
        rescue = [session.rescue.sentence] if session.rescue else []
        self._console.say_all((*INTRODUCTION, *rescue, *self._notices))
        self._context.report_trouble()
        for left in unused_texts(session.home):
            self._console.say(
                f"Your text from an editor for {labels_of(left.path)} is in {left.file}. "
                "Answer with @ and this name to use it."
            )
        self._console.say_all(self._report.lines() if self._report else ())
        with suppress(WizardError):
            self._context.runner.run(
                report_submissions(self._context.submission, session, self._report_attempt)
            )
            self._context.runner.run(self._report_updates())

    async def _report_updates(self) -> None:
        """Report the outcomes of updates whose program ended before the answer."""
        async for receipt, outcome in unanswered_updates(self._context.updates):
            self._console.say(f"{unanswered_line(receipt)} {outcome.sentence}")

    def _report_attempt(self, receipt: Receipt, outcome: Outcome) -> None:
        """Report the outcome of an attempt whose program ended before the answer."""
        line = found_line(receipt, outcome)
        self._console.say(f"{line} `qcall-wizard receipts` shows more.")

    def _farewell(self) -> None:
        program = f"qcall-wizard --plain{self._context.settings.options}"
        self._console.say(self._context.session.closing_line(program))

    # --- from question to question

    def _first(self, turn: Navigation | None) -> Stop:
        """The place to begin at: that of a Navigation, or the last place of the draft."""
        draft = self._context.draft
        stops = self._stops(draft.focus)
        if turn is None or turn.way is Way.NEXT:
            here = _stop_at(stops, draft.focus) if draft.focus else None
            return here or _start_of(draft.step, stops)
        if turn.way is Way.GO:
            return self._goal(turn)
        return _start_of(STEPS[-1], stops) if turn.way is Way.BACK_STEP else stops[-1]

    def _goal(self, turn: Navigation) -> Stop:
        """The place that a Navigation names, or its step if that place is not asked."""
        path = turn.path
        question = find(QUESTIONS, path[:1]) if path else None
        if question and question.meta.from_voice:
            self._voices.by_hand = True
        stops = self._stops(path)
        if turn.step:
            return _start_of(turn.step, stops)
        if found := _stop_at(stops, path):
            self._context.draft.focus = path
            return found
        step = step_of(path) or stops[0].step
        if path and question:
            self._console.refuse(f"{labels_of(path)} does not apply now. This is its step.")
        return _start_of(step, stops)

    def _stops(self, path: Path = ()) -> list[Stop]:
        """All places now; the group of the field at a path is asked, and those with errors."""
        draft = self._context.draft
        needed = map(group_of, (path, *(problem.path for problem in draft.problems())))
        self._opened.update(filter(None, needed))
        opened = [*FieldGroup] if self._context.session.shows_all_fields else self._opened
        return list(stops_of(draft, opened, by_hand=self._voices.by_hand))

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
            if turn.way is Way.BACK and self._is_first(stop):
                return START
            stop = self._after(stop, turn)
        return REVIEW

    def _enter(self, stop: Stop) -> None:
        """Announce a new step and a new group; store the place in the draft."""
        draft = self._context.draft
        group = group_of(stop.path) or wording.heading_of(stop.path)
        step, before = self._heading
        if stop.step is not step:
            number, label = STEPS.index(stop.step) + 1, stop.step.label
            self._console.say_apart(f"Step {number} of {len(STEPS)}: {label}. {stop.step.about}.")
        if group and (stop.step is not step or group != before):
            self._console.say_apart(f"{group}.")
        self._heading = (stop.step, group)
        draft.step = stop.step
        draft.seen.add(stop.step)
        is_elsewhere = draft.focus[: len(stop.path)] != stop.path or not stop.path
        if is_elsewhere and stop.offer is None:
            draft.focus = stop.path
        self._context.session.changed()

    def _take(self, stop: Stop) -> Navigation:
        """Ask the question of a place."""
        if stop.offer:
            return self._offer(stop.offer)
        if stop.asked is None:
            return self._voices.ask()
        if stop.asked.question.kind is not Kind.LIST:
            return Asking(self._context, stop.asked).ask()
        actions, focus = Actions(self._context, stop.asked), self._context.draft.focus
        inside = len(focus) > 2 and isinstance(focus[1], int)
        turn = actions.edit(int(focus[1]), focus) if inside else None
        return turn or actions.ask()

    def _offer(self, state: GroupState) -> Navigation:
        """Offer the fields of a group, which few people set."""
        self._console.say()
        asked = [each.question for each in state.fields]
        about = [f"{question.label}: {wording.help_of(question)}" for question in asked]
        wanted = self._context.agrees(f"Also set: {state.group} ({state.words})?", about)
        if isinstance(wanted, Navigation):
            return wanted
        if wanted:
            self._opened.add(state.group)
        return NEXT

    def _is_first(self, stop: Stop) -> bool:
        return self._stops()[0].is_like(stop)

    def _offer_blanks(self, turn: Navigation | None) -> Navigation | None:
        """Offer to fill in the blanks of a template that the draft just began with."""
        draft = self._context.draft
        if turn in (None, NEXT) and draft.based_on and not draft.has_own_answers:
            return BlankQuestions(self._context).offer() or turn
        return turn

    def _after(self, stop: Stop, turn: Navigation) -> Stop | None:
        """The place that a Navigation leads to from another; None behind the last."""
        if turn.way is Way.GO:
            return self._goal(turn)
        stops = self._stops()
        here = _index(stops, stop)
        if turn.way is Way.BACK:
            return stops[max(0, here - 1)]
        if turn.way is Way.BACK_STEP:
            return _start_of(STEPS[max(0, STEPS.index(stop.step) - 1)], stops)
        if turn.way is Way.NEXT_STEP:
            following = STEPS[STEPS.index(stop.step) + 1 :]
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
                self._console.say(f"{question.label}: {wording.ended(value)} {question.meta.help}")
        problems = draft.problems(step)
        if problems:
            draft.checked.add(step)
            self._console.say("Missing or wrong in this step:")
        for problem in problems:
            self._console.say(wording.ended(labelled(draft, problem)))


def stops_of(draft: Draft, opened: Collection[FieldGroup], *, by_hand: bool) -> Iterator[Stop]:
    """The places of a conversation for the current draft, in order.

    The groups that are not `opened` are offered behind the other questions of their step. The
    fields of a voice are among them if they are entered `by_hand`.
    """
    everything = applying(QUESTIONS, draft.answers)
    asked = [one for one in everything if by_hand or not one.question.meta.from_voice]
    for step in STEPS:
        if step is Step.VOICE:
            yield Stop(step)
        here = [one for one in asked if one.question.step is step]
        yield from (Stop(step, one.path, one) for one in here if not group_of(one.path))
        for state in group_states(draft, here):
            if state.group in opened:
                yield from (Stop(step, one.path, one) for one in state.fields)
            else:
                yield Stop(step, offer=state)


def _index(stops: Sequence[Stop], stop: Stop) -> int:
    """The index of a place, or of the offer that took its place when its group was folded.

    The place of an offer that was accepted is in front of the first field.
    """
    exact = (n for n, other in enumerate(stops) if other.is_like(stop))
    if stop.group is None:
        return next(exact, 0)
    first = next(n for n, other in enumerate(stops) if other.group is stop.group)
    return next(exact, first - 1 if stop.offer else first)


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
