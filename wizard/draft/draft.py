"""A draft: the answers so far, valid or not, and the payload made of them."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wizard.advice import advise
from wizard.advice.variables import texts
from wizard.contract.actions import Action
from wizard.contract.applicability import Applicability, applying
from wizard.contract.assistant import FIELD_ORDER, QUESTIONS, as_choices, labels_of
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question, Sent, condition_words, find, questions, walk
from wizard.contract.problems import Problem
from wizard.contract.steps import Step
from wizard.contract.validation import find_errors
from wizard.draft.history import Change, Edit, History, change
from wizard.errors import NotReady
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Missing, Path
from wizard.templates.template import Template, from_data

if TYPE_CHECKING:
    from wizard.draft.origin import Origin

ACTION_QUESTIONS = questions(Action)

_LANGUAGE: Path = next((q.name,) for q in QUESTIONS if q.meta.selects_template_texts)
# The path of the list of actions.
ACTIONS: Path = ("actions",)
# The fields that a chosen voice fills.
_VOICE: tuple[Path, ...] = tuple((q.name,) for q in QUESTIONS if q.meta.from_voice)
_COMPARED = {q.name: c for q in QUESTIONS if (c := q.meta.compared_with_template)}
_COMPLETED = {path: question for path, question in walk(QUESTIONS) if question.meta.complete}
# The path of the chosen template in the history. No path of an answer begins with a number.
TEMPLATE_PLACE: Path = (0,)
# The path of the columns that the contacts have, in the same way.
COLUMNS_PLACE: Path = (1,)
PLACE_WORDS: Mapping[Path, str] = {
    TEMPLATE_PLACE: "the template",
    COLUMNS_PLACE: "the columns of the contacts",
}
"""What undo and redo call the places that are no answers."""


class Source(StrEnum):
    """The source of a value."""

    TYPED = "typed"
    TEMPLATE = "template"
    IMPORTED = "imported"
    QCALL = "QCall"
    VOICE = "the voice"
    DERIVED = "derived"
    DEFAULT = "default"

    @property
    def words(self) -> str:
        """The source behind a value, as a person reads it."""
        return f"from {self}" if self is Source.QCALL else str(self)


class StepState(StrEnum):
    """The progress of a step, as a person reads it."""

    DONE = "done"
    OPEN = "answers are missing"
    WRONG = "answers are wrong or missing"
    UNTOUCHED = "not opened yet"


@dataclass(frozen=True, slots=True)
class Payload:
    """A valid request. `text` is the preview and, encoded, the `body` of the request."""

    data: Mapping[str, Any]
    text: str

    @property
    def body(self) -> bytes:
        """The bytes of the request."""
        return self.text.encode()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An answer that is kept in the draft but not sent, with the reason."""

    path: Path
    why: str


@dataclass(slots=True)
class Draft:
    """The answers, their sources, and the steps that were seen.

    `answers` has the payload's shape but may be incomplete or wrong, and keeps answers that do not
    apply. `sources` has the source of a path; a path without one has that of its nearest parent.
    An answer of the template that the person removed has a source and no value. The template's
    texts are stored without the names of the assistant and the company, because every key press in
    a name would change all of them; `shown` and the payload have the names. `origin` is the
    existing assistant that the draft changes; its payload is the record with the changes then.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    sources: dict[Path, Source] = field(default_factory=dict)
    seen: set[Step] = field(default_factory=set)
    checked: set[Step] = field(default_factory=set)
    history: History = field(default_factory=History)
    id: str = field(default_factory=lambda: os.urandom(4).hex())
    step: Step = Step.TYPE
    focus: Path = ()
    origin: "Origin | None" = None
    _template: Template | Missing | None = field(default=MISSING, repr=False, compare=False)
    _columns: tuple[str, ...] | None = field(default=None, repr=False, compare=False)
    _shown: dict[str, Any] | None = field(default=None, repr=False)
    _settled: dict[str, Any] | None = field(default=None, repr=False)
    _composed: dict[str, Any] | None = field(default=None, repr=False)
    _problems: tuple[Problem, ...] | None = field(default=None, repr=False)
    _advice: tuple[Problem, ...] | None = field(default=None, repr=False)
    _text: str | None = field(default=None, repr=False)

    @classmethod
    def imported(cls, payload: Mapping[str, Any]) -> "Draft":
        """A draft of an existing payload, without proposals for missing values."""
        answers = deepcopy(dict(payload))
        for question in QUESTIONS:
            if question.meta.propose:
                answers.setdefault(question.name, "")
        return cls(answers, dict.fromkeys(((name,) for name in answers), Source.IMPORTED))

    @classmethod
    def opened(cls, origin: "Origin") -> "Draft":
        """A draft that changes an existing assistant."""
        draft = cls.imported(origin.record.data)
        draft.sources = dict.fromkeys(((name,) for name in origin.record.data), Source.QCALL)
        draft.origin = origin
        return draft

    def rebase(self, origin: "Origin", theirs: Collection[str]) -> None:
        """Go on from what the assistant is at QCall now; one edit.

        Members that the person has not changed, and those in `theirs`, become those of QCall.
        """
        mine = self.origin.changed(self.answers) if self.origin else frozenset()
        old, new = self.origin.record.data if self.origin else {}, origin.record.data
        with self.history.together():
            for name in dict.fromkeys([*old, *new]):
                if name in theirs or name not in mine:
                    now = new.get(name, MISSING)
                    if self.answers.get(name, MISSING) != now:
                        self._put((name,), deepcopy(now), Source.QCALL)
        self.origin = origin
        self._clear_caches()

    @property
    def shown(self) -> dict[str, Any]:
        """The answers as they are shown: the names are in the template's texts.

        Callers must not change it.
        """
        if self._shown is None:
            self._shown = self.answers
            for path, value in self._changed_template_answers({}):
                self._shown = paths.put(self._shown, path, value)
        return self._shown

    def get(self, path: Path) -> Any:
        """Return the answer at a path as it is shown, or `MISSING`."""
        return paths.get(self.shown, path)

    @property
    def says_name(self) -> bool:
        """Whether a text has the assistant's name as a word; those of its voice do not count."""
        name = str(self.get(("name",))).strip()
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        others = {("name",), *_VOICE}
        return any(
            word.search(text) for path, text in texts(self.compose()) if path[:1] not in others
        )

    def _stored(self, path: Path) -> Any:
        return paths.get(self.answers, path)

    def answer(self, path: Path, value: Any, source: Source = Source.TYPED) -> None:
        """Store an answer, valid or not, and the answers that its field derives.

        `MISSING` removes the answer.
        """
        if isinstance(path[-1], int) and self._is_aligned(path[:-1]):
            items = self.get(path[:-1])
            count = len(items) if isinstance(items, list) else 0
            value = "" if value is MISSING else value
            if path[-1] >= count:
                kept = items if isinstance(items, list) else []
                self.answer(path[:-1], [*kept, *[""] * (path[-1] - count), value], source)
                return
        if value is MISSING and isinstance(path[-1], int):
            # The items after a removed one move up, so the list is the change.
            self.answer(path[:-1], paths.put(self.get(path[:-1]), path[-1:], MISSING), source)
            return
        question = find(QUESTIONS, path) if isinstance(path[-1], str) else None
        selects_texts = bool(question and question.meta.selects_template_texts and self.based_on)
        with self.history.together():
            before = self.template_answers() if selects_texts else {}
            if source is not Source.TEMPLATE:
                self._take_names(path)
            begins = is_action_type(path) and value != self.get(path)
            self._put(path, value, source)
            if begins:
                self._begin_action(path[:-1], value)
            if selects_texts:
                self._apply_template(before)
            beside = self.get(path[:-1])
            if question and question.meta.derives and isinstance(beside, Mapping):
                for name, answer in question.meta.derives(beside).items():
                    self.answer((*path[:-1], name), answer, Source.DERIVED)

    def _begin_action(self, at: Path, kind: Any) -> None:
        """Store the starting values of an action's type, except over its own."""
        for name, value in self.starting_action(kind).items() if isinstance(kind, str) else ():
            if is_empty(self.get((*at, name))):
                self._put((*at, name), value, Source.DEFAULT)

    def set_sources(self, sources: Mapping[Path, Source]) -> None:
        """Store sources of answers, in which nothing has a source yet; parents come first."""
        for path, source in sources.items():
            value = self._stored(path)
            self.history.record(change(path, value, value, depth=len(path), source=source))
        self.sources = {**self.sources, **sources}
        self._clear_caches()

    def _take_names(self, path: Path) -> None:
        """Store the template's texts beside an answer that changes as they are shown.

        After a change in the list of actions, not all of them follow the names any longer.
        """
        for beside, value in [*self._changed_template_answers({})]:
            if beside != path and beside[0] == path[0]:
                self._put_template_answer(beside, value)

    @staticmethod
    def _is_aligned(path: Path) -> bool:
        """Whether the items of a list keep their places, because they belong to others."""
        question = find(QUESTIONS, path)
        return question is not None and question.meta.aligned

    # --- templates

    @property
    def template(self) -> str | None:
        """The name of the template that the draft is based on, or None."""
        return self.based_on.name if self.based_on else None

    @property
    def based_on(self) -> Template | None:
        """The template as it was when it was chosen. Its file may have changed or be deleted.

        It is kept in the history, so that the choice can be undone.
        """
        if isinstance(self._template, Missing):
            self._template = _unpacked(self._noted(TEMPLATE_PLACE))
        return self._template

    def _noted(self, place: Path) -> Any:
        """The last value that the history has for a place that is no answer; None without one."""
        done = reversed(self.history.edits[: self.history.done])
        changes = (change for edit in done for change in reversed(edit.changes))
        return next((change.after for change in changes if change.path == place), None)

    def start_from(self, template: Template | None) -> None:
        """Base the draft on a template, or on none; one edit.

        Typed and imported answers and the chosen voice stay. The template replaces all others, and
        the language if none was chosen.
        """
        with self.history.together():
            answers, before = self.template_answers(), _packed(self.based_on)
            self._template = template
            if self._is_free(_LANGUAGE):
                named = template.language if template else MISSING
                self._put_template_answer(_LANGUAGE, named)
            self._apply_template(answers)
            after = _packed(template)
            self.history.record(change(TEMPLATE_PLACE, before, after, depth=1))
            self._clear_caches()

    @property
    def has_own_answers(self) -> bool:
        """Whether there are answers that no template has given."""
        given = (Source.TEMPLATE, Source.DERIVED)
        return any(source not in given for source in self.sources.values())

    def go_to_first_gap(self) -> None:
        """Move the focus to the first missing answer."""
        gaps = (p.path for p in self.problems() if is_empty(self.get(p.path)))
        self.focus = next(gaps, ())
        self.step = step_of(self.focus) or Step.TYPE

    def settle(self) -> None:
        """Write the answers that were typed in short in full; one edit. The payload has them so."""
        with self.history.together():
            for path, full in [*self._completions()]:
                self._put(path, full, Source.TYPED)

    def complete(self, path: Path) -> bool:
        """Write a typed answer in full when the person leaves its field; return whether it was
        short."""
        full = dict(self._completions()).get(path, MISSING)
        if full is not MISSING:
            self._put(path, full, Source.TYPED)
        return full is not MISSING

    def _completions(self) -> Iterator[tuple[Path, str]]:
        """The full forms of the answers that were typed in short, with their paths."""
        for names, question in _COMPLETED.items():
            for path in _places(self.answers, names):
                answer = self._stored(path)
                full = question.completed(answer)
                if full != answer and self.source_of_answer(path) is Source.TYPED:
                    yield path, full

    def template_answers(self) -> dict[str, Any]:
        """The template's answers in the draft's language; empty without a template.

        Its texts have the names of the assistant and the company, if the draft has them. An action
        starts with the values of a new one.
        """
        if self.based_on is None:
            return {}
        answers = self.based_on.answers_with_names(str(self._language()), self.answers)
        if actions := answers.get("actions"):
            starting = self.starting_action
            answers["actions"] = [starting(action["type"]) | action for action in actions]
        return answers

    def starting_action(self, kind: str) -> dict[str, Any]:
        """The answers of a new action of a type, in the draft's language."""
        return starting_action(kind, str(self._language()))

    def _language(self) -> Any:
        language = self._stored(_LANGUAGE)
        return self.based_on.language if is_empty(language) and self.based_on else language

    def _apply_template(self, before: Mapping[str, Any]) -> None:
        """Store the template's answers, except over the person's own.

        `before` are its answers until now. Those that it lacks now are removed.
        """
        for path, value in self._changed_template_answers(before):
            self._put_template_answer(path, value)

    def _changed_template_answers(self, before: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
        """The template's answers that differ from the draft's and may replace them."""
        wanted = dict(self._template_leaves())
        removed = [path for path, _ in _leaves(QUESTIONS, before, ()) if path not in wanted]
        fixed = {_LANGUAGE}
        if not all(map(self._is_free, _VOICE)):
            fixed.update(_VOICE)  # The parts of a voice belong together.
        for path in [*wanted, *removed]:
            value = wanted.get(path, MISSING)
            if path not in fixed and self._stored(path) != value and self._is_free(path):
                yield path, value

    def _template_leaves(self) -> Iterator[tuple[Path, Any]]:
        """The template's single answers.

        If the person has changed the list of actions, those of each action that is the only one of
        its type in the template: it follows the names and the language wherever it was moved.
        """
        for path, value in _leaves(QUESTIONS, self.template_answers(), ()):
            if path != ACTIONS or self._is_free(path):
                yield path, value
                continue
            by_type = {action["type"]: action for action in value}
            if len(by_type) < len(value):
                continue
            mine = self._stored(path)
            for index, action in enumerate(mine if isinstance(mine, list) else ()):
                kind = action.get("type") if isinstance(action, Mapping) else None
                if isinstance(kind, str) and kind in by_type:
                    yield from _leaves(ACTION_QUESTIONS, by_type[kind], (*path, index))

    def _settled_answers(self) -> dict[str, Any]:
        """The answers as they are shown after `settle`."""
        if self._settled is None:
            self._settled = self.shown
            for path, value in self._completions():
                self._settled = paths.put(self._settled, path, value)
        return self._settled

    def _clear_caches(self) -> None:
        self._shown = self._settled = self._composed = None
        self._problems = self._advice = None
        self._text = None

    def _put_template_answer(self, path: Path, value: Any) -> None:
        if self._stored(path) != value:
            self._put(path, deepcopy(value), Source.TEMPLATE)

    def _is_free(self, path: Path) -> bool:
        """Whether only a template changed the answers at a path, or nothing did."""
        sources = {s for p, s in self.sources.items() if p[: len(path)] == path}
        sources |= {source for source in (self.source_of_answer(path),) if source}
        if self._stored(path) is not MISSING:
            return sources == {Source.TEMPLATE}
        above = (self._stored(path[:end]) for end in range(1, len(path)))
        return sources <= {Source.TEMPLATE} and all(isinstance(v, Mapping | Missing) for v in above)

    def _removes_template_answer(self, path: Path, value: Any, source: Source) -> bool:
        """Whether the person removes an answer of the template, which must not return then."""
        is_removed = value is MISSING and source is not Source.TEMPLATE
        return is_removed and paths.get(self.template_answers(), path) is not MISSING

    # --- columns of the contacts

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that stay in the texts, because the contacts have a column for each."""
        if self._columns is None:
            self._columns = tuple(self._noted(COLUMNS_PLACE) or ())
        return self._columns

    def keep_columns(self, names: Iterable[str]) -> None:
        """Keep more variables as columns of the contacts."""
        before, after = self.columns, tuple(dict.fromkeys((*self.columns, *names)))
        if after != before:
            self._clear_caches()
            self._columns = after
            # Tuples, which the history keeps whole.
            self.history.record(change(COLUMNS_PLACE, before, after, depth=1))

    # --- changes

    def _put(self, path: Path, value: Any, source: Source) -> None:
        before = self._stored(path)
        sources = [(p, s) for p, s in self.sources.items() if p[: len(path)] == path]
        depths = range(1, len(path) + 1)
        depth = next((d for d in depths if self._stored(path[:d]) is MISSING), len(path))
        has_source = value is not MISSING or self._removes_template_answer(path, value, source)
        after = source if has_source else ""
        self.history.record(change(path, before, value, depth=depth, sources=sources, source=after))
        self._set(path, value, ((path, source),) if has_source else ())

    def _set(self, path: Path, value: Any, sources: Iterable[tuple[Path, str]]) -> None:
        self._clear_caches()
        if path == TEMPLATE_PLACE:
            self._template = _unpacked(value)
            return
        if path == COLUMNS_PLACE:
            self._columns = tuple(value)
            return
        self.answers = paths.put(self.answers, path, value)
        kept = {p: s for p, s in self.sources.items() if p[: len(path)] != path}
        self.sources = kept | {changed: Source(name) for changed, name in sources}

    def undo(self) -> Path | None:
        """Undo the last edit and return its place, or None if there is nothing to undo.

        The place is the path of the first change, or TEMPLATE_PLACE if a template was chosen, or
        COLUMNS_PLACE if nothing but those changed.
        """
        edit = self.history.back()
        for applied in reversed(edit.changes if edit else ()):
            before = applied.undone(self._stored(applied.path))
            # The containers that were created for the answer are removed too.
            path = applied.path[: applied.depth] if before is MISSING else applied.path
            self._set(path, before, applied.sources)
        return _place_of(edit) if edit else None

    def redo(self) -> Path | None:
        """Redo the last undone edit and return its place, as `undo` does."""
        edit = self.history.forth()
        for applied in edit.changes if edit else ():
            after = applied.redone(self._stored(applied.path))
            self._set(
                applied.path, after, ((applied.path, applied.source),) if applied.source else ()
            )
        return _place_of(edit) if edit else None

    def choose_voice(self, fills: Mapping[str, Any]) -> None:
        """Store the fields of a voice from the catalogue in place of those of the last one."""
        with self.history.together():
            for path in _VOICE:
                self.answer(path, paths.get(fills, path), Source.VOICE)

    def applicability(self) -> Applicability:
        """The fields that apply to the answers as they are sent, and their values."""
        return Applicability(QUESTIONS, self._settled_answers(), self._derived())

    def _derived(self) -> Mapping[str, Any]:
        """The values that follow from the template: whether an answer to it was changed."""
        if self.based_on is None:
            return {}
        originals, answers = self.template_answers(), self._settled_answers()
        return {
            name: answers[compared] != originals[compared]
            for name, compared in _COMPARED.items()
            if isinstance(originals.get(compared), str) and isinstance(answers.get(compared), str)
        }

    def compose(self) -> Mapping[str, Any]:
        """The current payload, valid or not. Callers must not change it."""
        if self._composed is None:
            if self.origin:
                answers = {**self._settled_answers(), **self._derived()}
                self._composed = self.origin.composed(answers)
            else:
                self._composed = self.applicability().compose()
        return self._composed

    def problems(self, step: Step | None = None) -> tuple[Problem, ...]:
        """The errors of the current payload as a person solves them, of one step or of all."""
        if self._problems is None:
            find = self.origin.problems if self.origin else find_errors
            self._problems = as_choices(find(self.compose()))
        if step is None:
            return self._problems
        return tuple(problem for problem in self._problems if step_of(problem.path) is step)

    @property
    def is_advised(self) -> bool:
        """Whether the advice on the current payload is known."""
        return self._advice is not None

    def set_advice(self, payload: Mapping[str, Any], advice: tuple[Problem, ...]) -> None:
        """Store advice on a payload that `compose` returned, unless the answers changed since."""
        if self._composed is payload:
            self._advice = self._own(advice)

    def advice(self) -> tuple[Problem, ...]:
        """The advice on the current payload."""
        if self._advice is None:
            self._advice = self._own(advise(self.compose(), columns=self.columns))
        return self._advice

    def _own(self, advice: Iterable[Problem]) -> tuple[Problem, ...]:
        """The advice on what the person may change: what came from QCall goes back as it is."""
        return tuple(self.origin.own(advice, self.compose()) if self.origin else advice)

    def payload(self) -> Payload:
        """The payload of a new assistant. Raises NotReady if an answer is missing or wrong.

        It also raises NotReady for a draft that changes an existing assistant, which an update
        sends.
        """
        if self.origin:
            raise NotReady(f"the draft changes the assistant {self.origin.assistant}: update it")
        problems = self.problems()
        if problems:
            more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
            first = f"{labels_of(problems[0].path)}: {problems[0].message}".removesuffix(".")
            raise NotReady(f"the draft is not ready to be sent: {first}{more}")
        return Payload(self.compose(), self.preview())

    def preview(self) -> str:
        """The text of the current payload, valid or not."""
        if self._text is None:
            composed = self.compose()
            self._text = self.origin.text(composed) if self.origin else dump(dict(composed))
        return self._text

    def validate(self) -> None:
        """Compute errors, advice and preview, which takes a while for a large payload."""
        self.problems()
        self.advice()
        self.preview()

    def source(self, path: Path) -> Source:
        """The source of the value at a path of the payload."""
        top, question = find(QUESTIONS, path[:1]), find(QUESTIONS, path)
        if self.origin and path[:1] in self.sources:
            return self.source_of_answer(path) or Source.QCALL
        if top and top.meta.propose and path[0] not in self.answers:
            return Source.DERIVED
        answer, sent = paths.get(self._settled_answers(), path), paths.get(self.compose(), path)
        if path[0] in self._derived():
            return Source.DERIVED
        if is_empty(answer) or (question and question.never_asked):
            return Source.DEFAULT
        if answer != sent and not isinstance(answer, Mapping | list):
            return Source.DEFAULT  # The answer does not apply.
        return self.source_of_answer(path) or Source.DEFAULT

    def source_of_answer(self, path: Path) -> Source | None:
        """The source of the answer at a path: its own, or that of its nearest parent with one."""
        above = (path[:end] for end in range(len(path), 0, -1))
        return next((self.sources[p] for p in above if p in self.sources), None)

    def left_out(self) -> Iterator[LeftOut]:
        """The answers that are kept in the draft but not sent, with the reason for each."""
        if self.origin:
            return  # the record goes back as a whole
        for left in _left_out(QUESTIONS, self._settled_answers(), self.compose(), ()):
            # The starting values of another type of action are no answers of a person's.
            if self.source_of_answer(left.path) is not Source.DEFAULT:
                yield left

    def extras(self) -> tuple[str, ...]:
        """The names of unknown top-level fields. They are kept and sent."""
        return tuple(name for name in self.answers if name not in FIELD_ORDER)

    def state(self, step: Step) -> StepState:
        """The progress of a step. Missing answers are wrong only after the step was checked."""
        problems = self.problems(step)
        if any(step in self.checked or self._is_wrong(problem) for problem in problems):
            return StepState.WRONG
        if step not in self.seen:
            answered = any(path[0] in _NAMES[step] for path in self.sources if path)
            if answered:
                return StepState.OPEN if problems else StepState.DONE
            return StepState.UNTOUCHED
        return StepState.OPEN if problems else StepState.DONE

    def _is_wrong(self, problem: Problem) -> bool:
        """Whether a problem concerns an answer, and not a missing one."""
        return not is_empty(self.get(problem.path))


def _place_of(edit: Edit) -> Path:
    """The place of an edit: that of its first change by a person, or of the template it chose.

    Blanks that were filled in are changes of the template's texts, and choose no template.
    """
    if any(each.path == TEMPLATE_PLACE and _chooses(each) for each in edit.changes):
        return TEMPLATE_PLACE
    answers = [each for each in edit.changes if each.path not in PLACE_WORDS]
    own = [each for each in answers if each.source != Source.TEMPLATE]
    return (own or answers or edit.changes)[0].path


def _chooses(chosen: Change) -> bool:
    """Whether a change of the template is to another one, and not to its texts alone."""
    before, after = (_unpacked(packed) for packed in (chosen.before, chosen.after))
    return (before and before.name) != (after and after.name)


def _leaves(
    asked: tuple[Question, ...], answers: Mapping[str, Any], at: Path
) -> Iterator[tuple[Path, Any]]:
    """The single answers: members of groups, and whole lists and objects."""
    for name, value in answers.items():
        question, path = find(asked, (name,)), (*at, name)
        if question and question.kind is Kind.GROUP and isinstance(value, Mapping):
            yield from _leaves(question.children, value, path)
        else:
            yield path, value


def _places(answers: Any, names: Path, at: Path = ()) -> Iterator[Path]:
    """The paths of a field's answers, of each item in a list."""
    if isinstance(answers, list):
        for index, item in enumerate(answers):
            yield from _places(item, names, (*at, index))
    elif not names:
        yield at
    elif isinstance(answers, Mapping) and names[0] in answers:
        yield from _places(answers[names[0]], names[1:], (*at, names[0]))


def _packed(template: Template | None) -> dict[str, Any] | None:
    """A template in the form in which the history keeps it."""
    if template is None:
        return None
    return {"name": template.name, "own": template.own, **template.as_data()}


def _unpacked(packed: Any) -> Template | None:
    if packed is None:
        return None
    return from_data(packed, packed["name"], own=packed["own"])


_STEPS = {question.name: question.step for question in QUESTIONS}
_NAMES = {step: frozenset(name for name, of in _STEPS.items() if of is step) for step in Step}


def step_of(path: Path) -> Step | None:
    """The step of a path; None for the payload itself and for unknown fields."""
    return _STEPS.get(str(path[0])) if path else None


def is_action_type(path: Path) -> bool:
    """Whether a path is that of the type of an action."""
    return path[:1] == ACTIONS and path[2:] == ("type",)


def starting_action(kind: str, language: str = "en") -> dict[str, Any]:
    """The answers of a new action of a type."""
    values: dict[str, Any] = {"type": kind}
    for asked in applying(ACTION_QUESTIONS, values):
        if asked.question.meta.start:
            values[asked.question.name] = asked.question.meta.start(language)
    return values


def _left_out(
    asked: tuple[Question, ...], answers: Mapping[str, Any], sent: Any, at: Path
) -> Iterator[LeftOut]:
    applicability = Applicability(asked, answers)
    for question in asked:
        answer, path = answers.get(question.name, MISSING), (*at, question.name)
        value = paths.get(sent, (question.name,))
        if is_empty(answer) or question.sent is Sent.NEVER:
            continue
        if question.never_asked or not applicability.applies(question.name):
            if answer not in (value, question.default):
                yield LeftOut(path, _why(question, asked))
        elif question.kind is Kind.GROUP and isinstance(answer, Mapping):
            yield from _left_out(question.children, answer, value, path)
        elif question.kind is Kind.LIST and isinstance(answer, list):
            for index, item in enumerate(answer):
                if isinstance(item, Mapping):
                    item_sent = paths.get(value, (index,))
                    yield from _left_out(question.children, item, item_sent, (*path, index))


def _why(question: Question, siblings: tuple[Question, ...]) -> str:
    if question.never_asked:
        return "its value is fixed"
    return f"it is sent when {condition_words(question, siblings)}"
