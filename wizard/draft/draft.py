"""A draft: answers so far, in any order, wrong ones too, and the payload they come to."""

import os
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wizard.advice import advise
from wizard.contract.actions import Action, read_slots
from wizard.contract.applicability import Applicability, applying
from wizard.contract.assistant import QUESTIONS
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question, find, questions
from wizard.contract.problems import Problem
from wizard.contract.steps import Step
from wizard.contract.validation import find_errors
from wizard.draft.history import History, change
from wizard.errors import NotReady
from wizard.formats import paths
from wizard.formats.paths import MISSING, Missing, Path
from wizard.formats.payload_text import dump
from wizard.templates.template import Template, from_data

ACTION_QUESTIONS = questions(Action)


_LANGUAGE: Path = ("language",)
# What comes with a voice.
_VOICE: tuple[Path, ...] = (
    ("accent",),
    ("voice_id",),
    ("voice_name",),
    ("gender",),
    ("ai_modal",),
    ("voice_data",),
)
# Where the history notes which template was chosen; no path of an answer begins with a number.
TEMPLATE_PLACE: Path = (0,)


class Source(StrEnum):
    """Where a value comes from."""

    TYPED = "typed"
    TEMPLATE = "template"
    IMPORTED = "imported"
    VOICE = "the voice"
    DERIVED = "derived"
    RESTING = "resting"


class StepState(StrEnum):
    """How far a step has come."""

    UNTOUCHED = "untouched"
    DONE = "done"
    OPEN = "to do"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Payload:
    """A valid request. `text` is what is previewed and, encoded as `body`, what is sent."""

    data: Mapping[str, Any]
    text: str

    @property
    def body(self) -> bytes:
        """The bytes of the request."""
        return self.text.encode()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An answer that stays in the draft and out of the payload, and why."""

    path: Path
    why: str


@dataclass(slots=True)
class Draft:
    """Plain data: what was answered, where it came from and which steps were seen.

    `answers` has the payload's shape but may be incomplete and wrong, and keeps what does not
    apply at the moment. `sources` has a path's source; a path without one has that of the nearest
    path above it. What the template answers and a person took away has a source and no answer.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    sources: dict[Path, Source] = field(default_factory=dict)
    seen: set[Step] = field(default_factory=set)
    checked: set[Step] = field(default_factory=set)
    history: History = field(default_factory=History)
    id: str = field(default_factory=lambda: os.urandom(4).hex())
    step: Step = Step.TYPE
    focus: Path = ()
    _template: Template | Missing | None = field(default=MISSING, repr=False, compare=False)
    _settled: dict[str, Any] | None = field(default=None, repr=False)
    _composed: dict[str, Any] | None = field(default=None, repr=False)
    _problems: tuple[Problem, ...] | None = field(default=None, repr=False)
    _advice: tuple[Problem, ...] | None = field(default=None, repr=False)
    _text: str | None = field(default=None, repr=False)

    @classmethod
    def imported(cls, payload: Mapping[str, Any]) -> "Draft":
        """A draft of an existing payload; nothing is proposed beside what the payload has."""
        answers = deepcopy(dict(payload))
        for question in QUESTIONS:
            if question.ask.propose:
                answers.setdefault(question.name, "")
        return cls(answers, dict.fromkeys(((name,) for name in answers), Source.IMPORTED))

    def get(self, path: Path) -> Any:
        """Return what was answered at a path, or `MISSING`."""
        return paths.get(self.answers, path)

    def answer(self, path: Path, value: Any, source: Source = Source.TYPED) -> None:
        """Take an answer, whatever it is; `MISSING` takes the answer away."""
        if value is MISSING and isinstance(path[-1], int):
            # An item that goes makes the others move up: the list is what changes.
            self.answer(path[:-1], paths.put(self.get(path[:-1]), path[-1:], MISSING), source)
            return
        with self.history.together():
            said = self.template_answers() if path == _LANGUAGE else {}
            self._put(path, value, source)
            if path == _LANGUAGE and self.based_on:
                self._derive(said)
            if path[-1] == "template_text":
                slots = read_slots(value) if isinstance(value, str) else []
                self.answer((*path[:-1], "parameter_slots"), slots, Source.DERIVED)

    # --- templates

    @property
    def template(self) -> str | None:
        """The name of the template that the draft is based on, None where there is none."""
        return self.based_on.name if self.based_on else None

    @property
    def based_on(self) -> Template | None:
        """The template as it was when it was chosen: its file may have changed since, or be gone.

        It is kept in the history, so choosing one can be undone.
        """
        if isinstance(self._template, Missing):
            made = [c for edit in self.history.edits[: self.history.done] for c in edit.changes]
            chosen = (c.after for c in reversed(made) if c.path == TEMPLATE_PLACE)
            self._template = _unpacked(next(chosen, None))
        return self._template

    def start_from(self, template: Template | None) -> None:
        """Base the draft on a template, on another one, or on none any more; one edit.

        What a person answered, imported or chose stays; all else is the template's. The language
        is the template's too while none was chosen, and a voice stays whatever it speaks.
        """
        with self.history.together():
            said, before = self.template_answers(), _packed(self.based_on)
            self._template = template
            if self._is_free(_LANGUAGE):
                named = template.language if template else MISSING
                self._take(_LANGUAGE, named)
            self._derive(said)
            after = _packed(template)
            self.history.record(change(TEMPLATE_PLACE, before, after, depth=1))
            self._forget()

    def go_to_first_gap(self) -> None:
        """Put the focus on the first answer that is missing."""
        gaps = (p.path for p in self.problems() if is_empty(self.get(p.path)))
        self.focus = next(gaps, ())
        self.step = step_of(self.focus) or Step.TYPE

    def settle(self) -> None:
        """Write the names that were given meanwhile into the template's texts; one edit.

        The payload has them without it. This is for the person who reads the answers, and not for
        every key: each would change all texts.
        """
        with self.history.together():
            self._derive(self.template_answers())

    def template_answers(self) -> dict[str, Any]:
        """What the template alone answers, in the draft's language; empty without a template.

        Its texts name the assistant and the company as the draft does, once they are known.

        An action has the values that a new one begins with where the template says nothing.
        """
        if self.based_on is None:
            return {}
        answers = self.based_on.said_by(str(self._language()), self.answers)
        if actions := answers.get("actions"):
            answers["actions"] = [starting_action(action["type"]) | action for action in actions]
        return answers

    def _language(self) -> Any:
        language = self.get(_LANGUAGE)
        return self.based_on.language if is_empty(language) and self.based_on else language

    def _derive(self, said: Mapping[str, Any]) -> None:
        """Take the template's answers where there is none of one's own; `said` is what it said."""
        for path, value in self._free_answers(said):
            self._take(path, value)

    def _free_answers(self, said: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
        """What the template answers now where a person answered nothing, and it is not yet so."""
        wanted = dict(_leaves(QUESTIONS, self.template_answers(), ()))
        before = dict(_leaves(QUESTIONS, said, ()))
        held = {_LANGUAGE}
        if not all(map(self._is_free, _VOICE)):
            held.update(_VOICE)  # a voice is taken whole, or one part would be of another
        for path in [*wanted, *(path for path in before if path not in wanted)]:
            value = wanted.get(path, MISSING)
            if path not in held and self.get(path) != value and self._is_free(path):
                yield path, value

    def _settled_answers(self) -> dict[str, Any]:
        """The answers as `settle` would leave them."""
        if self._settled is None:
            self._settled = self.answers
            for path, value in self._free_answers({}):
                self._settled = paths.put(self._settled, path, value)
        return self._settled

    def _forget(self) -> None:
        """Forget all that was made of the answers before they changed."""
        self._settled = self._composed = self._problems = self._advice = self._text = None

    def _take(self, path: Path, value: Any) -> None:
        if self.get(path) != value:
            self._put(path, deepcopy(value), Source.TEMPLATE)

    def _is_free(self, path: Path) -> bool:
        """Whether nothing was done at a path but by a template."""
        noted = {s for p, s in self.sources.items() if p[: len(path)] == path}
        noted |= {source for source in (self._noted(path),) if source}
        if self.get(path) is not MISSING:
            return noted == {Source.TEMPLATE}
        above = (self.get(path[:end]) for end in range(1, len(path)))
        return noted <= {Source.TEMPLATE} and all(isinstance(v, Mapping | Missing) for v in above)

    def _refuses(self, path: Path, value: Any, source: Source) -> bool:
        """Whether somebody takes away what the template answers: it is not to come back then."""
        taken = value is MISSING and source is not Source.TEMPLATE
        return taken and paths.get(self.template_answers(), path) is not MISSING

    # --- changes

    def _put(self, path: Path, value: Any, source: Source) -> None:
        before = self.get(path)
        held = [(p, s) for p, s in self.sources.items() if p[: len(path)] == path]
        depths = range(1, len(path) + 1)
        depth = next((d for d in depths if self.get(path[:d]) is MISSING), len(path))
        noted = value is not MISSING or self._refuses(path, value, source)
        told = source if noted else ""
        made = change(path, before, value, depth=depth, sources=held, source=told)
        self.history.record(made)
        self._set(path, value, ((path, source),) if noted else ())

    def _set(self, path: Path, value: Any, sources: Iterable[tuple[Path, str]]) -> None:
        self._forget()
        if path == TEMPLATE_PLACE:
            self._template = _unpacked(value)
            return
        self.answers = paths.put(self.answers, path, value)
        kept = {p: s for p, s in self.sources.items() if p[: len(path)] != path}
        self.sources = kept | {where: Source(name) for where, name in sources}

    def undo(self) -> Path | None:
        """Take the last edit back; returns where it was, `None` where there is none."""
        edit = self.history.back()
        for made in reversed(edit.changes if edit else ()):
            before = made.undone(self.get(made.path))
            # What was not there goes with the containers that were made to hold it.
            path = made.path[: made.depth] if before is MISSING else made.path
            self._set(path, before, made.sources)
        return edit.changes[0].path if edit else None

    def redo(self) -> Path | None:
        """Make the last undone edit again; returns where it was, `None` where there is none."""
        edit = self.history.forth()
        for made in edit.changes if edit else ():
            after = made.redone(self.get(made.path))
            self._set(made.path, after, ((made.path, made.source),) if made.source else ())
        return edit.changes[0].path if edit else None

    def choose_voice(self, fills: Mapping[str, Any]) -> None:
        """Take a voice from the catalogue: its fields, and none of the one before it."""
        with self.history.together():
            for path in _VOICE:
                self.answer(path, paths.get(fills, path), Source.VOICE)

    def situation(self) -> Applicability:
        """The answers as they are sent, by the questions of the assistant."""
        return Applicability(QUESTIONS, self._settled_answers(), self._derived())

    def _derived(self) -> Mapping[str, Any]:
        """What follows from the template: whether the opening line is still the one it offers."""
        if self.based_on is None:
            return {}
        offered = self.template_answers().get("start_speech")
        said = self._settled_answers().get("start_speech")
        if not (isinstance(offered, str) and isinstance(said, str)):
            return {}
        return {"is_start_speech_update": said != offered}

    def compose(self) -> Mapping[str, Any]:
        """What would be sent as things stand, valid or not; not to be changed."""
        if self._composed is None:
            self._composed = self.situation().compose()
        return self._composed

    def problems(self, step: Step | None = None) -> tuple[Problem, ...]:
        """Everything that stands between the draft and a payload, of one step or of all."""
        if self._problems is None:
            self._problems = tuple(find_errors(self.compose()))
        if step is None:
            return self._problems
        return tuple(problem for problem in self._problems if step_of(problem.path) is step)

    @property
    def is_advised(self) -> bool:
        """Whether the advice on the payload as it stands is known."""
        return self._advice is not None

    def take_advice(self, payload: Mapping[str, Any], advice: tuple[Problem, ...]) -> None:
        """Take the advice that was found meanwhile on what `compose` returned then."""
        if self._composed is payload:
            self._advice = advice

    def advice(self, step: Step | None = None) -> tuple[Problem, ...]:
        """What is allowed in the payload as it stands, and yet worth a second look."""
        if self._advice is None:
            self._advice = tuple(advise(self.compose()))
        if step is None:
            return self._advice
        return tuple(problem for problem in self._advice if step_of(problem.path) is step)

    def payload(self) -> Payload:
        """The payload; NotReady where something is missing or wrong."""
        problems = self.problems()
        if problems:
            more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
            raise NotReady(f"the draft is not ready to be sent: {problems[0]}{more}")
        return Payload(self.compose(), self.preview())

    def preview(self) -> str:
        """The payload's text as things stand; what it says when valid is what is sent."""
        if self._text is None:
            self._text = dump(dict(self.compose()))
        return self._text

    def look_over(self) -> None:
        """Find all that is told of the payload as it stands; of a large one in a thread, maybe."""
        self.problems()
        self.advice()
        self.preview()

    def source(self, path: Path) -> Source:
        """Where the value that stands at a path of the payload comes from."""
        top, question = find(QUESTIONS, path[:1]), find(QUESTIONS, path)
        if top and top.ask.propose and path[0] not in self.answers:
            return Source.DERIVED
        answer, sent = paths.get(self._settled_answers(), path), paths.get(self.compose(), path)
        if path[0] in self._derived():
            return Source.DERIVED
        if is_empty(answer) or (question and question.never_asked):
            return Source.RESTING
        if answer != sent and not isinstance(answer, Mapping | list):
            return Source.RESTING  # the answer does not apply
        return self._noted(path) or Source.RESTING

    def _noted(self, path: Path) -> Source | None:
        """The source that is noted for a path, or for the nearest one above it."""
        above = (path[:end] for end in range(len(path), 0, -1))
        return next((self.sources[p] for p in above if p in self.sources), None)

    def left_out(self) -> Iterator[LeftOut]:
        """The answers that are kept in the draft and are not sent, with the reason for each."""
        yield from _left_out(QUESTIONS, self._settled_answers(), self.compose(), ())

    def extras(self) -> tuple[str, ...]:
        """The names of unknown top-level fields, which are kept and sent."""
        known = {question.name for question in QUESTIONS}
        return tuple(name for name in self.answers if name not in known)

    def state(self, step: Step) -> StepState:
        """How far a step has come; one that was never seen is wrong only by what was answered."""
        problems = self.problems(step)
        blamed = [
            problem for problem in problems if step in self.checked or self._is_wrong(problem)
        ]
        if blamed:
            return StepState.WRONG
        if step not in self.seen:
            answered = any(path[0] in _NAMES[step] for path in self.sources if path)
            return StepState.OPEN if answered and problems else _unseen(answered)
        return StepState.OPEN if problems else StepState.DONE

    def _is_wrong(self, problem: Problem) -> bool:
        """Whether a problem is with something that was answered, and not with a gap."""
        return not is_empty(self.get(problem.path))


def _leaves(
    asked: tuple[Question, ...], answers: Mapping[str, Any], at: Path
) -> Iterator[tuple[Path, Any]]:
    """The answers one by one: members of groups by themselves, lists and objects whole."""
    for name, value in answers.items():
        question, path = find(asked, (name,)), (*at, name)
        if question and question.kind is Kind.GROUP and isinstance(value, Mapping):
            yield from _leaves(question.children, value, path)
        else:
            yield path, value


def _packed(template: Template | None) -> dict[str, Any] | None:
    """A template as the history keeps it."""
    if template is None:
        return None
    return {"name": template.name, "own": template.own, **template.as_data()}


def _unpacked(packed: Any) -> Template | None:
    if packed is None:
        return None
    return from_data(packed, packed["name"], own=packed["own"])


def _unseen(answered: bool) -> StepState:
    return StepState.DONE if answered else StepState.UNTOUCHED


_STEPS = {question.name: question.step for question in QUESTIONS}
_NAMES = {step: frozenset(name for name, of in _STEPS.items() if of is step) for step in Step}


def step_of(path: Path) -> Step | None:
    """The step that a path belongs to; `None` for the payload itself and for unknown fields."""
    return _STEPS.get(str(path[0])) if path else None


def starting_action(kind: str) -> dict[str, Any]:
    """The answers that a new action of a type begins with."""
    values: dict[str, Any] = {"type": kind}
    for asked in applying(ACTION_QUESTIONS, values):
        if asked.question.ask.start:
            values[asked.question.name] = asked.question.ask.start()
    return values


def _left_out(
    asked: tuple[Question, ...], answers: Mapping[str, Any], sent: Mapping[str, Any], at: Path
) -> Iterator[LeftOut]:
    situation = Applicability(asked, answers)
    for question in asked:
        answer, path = answers.get(question.name, MISSING), (*at, question.name)
        if is_empty(answer) or question.sent == "never":
            continue
        if question.never_asked or not situation.applies(question.name):
            if answer not in (sent.get(question.name, MISSING), question.default):
                yield LeftOut(path, _why(question))
        elif question.kind is Kind.GROUP and isinstance(answer, Mapping):
            yield from _left_out(question.children, answer, _members(sent, question.name), path)
        elif question.kind is Kind.LIST and isinstance(answer, list):
            whole = sent.get(question.name)
            for index, item in enumerate(answer):
                # Most of a thousand are sent as they are, and that is seen fast.
                inner = whole[index] if isinstance(whole, list) and index < len(whole) else {}
                if item != inner and isinstance(item, Mapping):
                    yield from _left_out(
                        question.children,
                        item,
                        inner if isinstance(inner, Mapping) else {},
                        (*path, index),
                    )


def _members(sent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = sent.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _why(question: Question) -> str:
    if question.never_asked:
        return "it is not asked: what is sent is fixed"
    return f"it is sent when {question.ask.when.words}"
