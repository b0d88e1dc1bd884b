"""Metadata of fields: `FieldMeta` is declared beside a type, a `Question` combines both."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from wizard.contract.conditions import ALWAYS, NEVER, Condition, Siblings, is_empty
from wizard.contract.steps import FieldGroup, Step
from wizard.formats.paths import MISSING, Path

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from wizard.contract.model import ContractModel


class Sent(StrEnum):
    """Condition the payload includes a field."""

    ALWAYS = "always"
    ASKED = "when asked"
    IF_SET = "if set"
    NEVER = "never"


class Kind(StrEnum):
    """The kind of answer. The form has a control and plain mode a prompt for each kind."""

    TEXT = "text"
    LONG_TEXT = "long text"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    NUMBER = "number"
    FLAG = "yes or no"
    CHOICE = "choice"
    SEVERAL = "several choices"
    LINES = "list of texts"
    OBJECT = "object"
    GROUP = "group"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class FieldMeta:
    """The metadata of one field.

    - `step` also applies to the fields after this one.
    - `group` folds a field that few people set until it is needed. Only fields of the payload name
      one; the fields inside them belong to the same group.
    - `sent` is only needed if it does not follow from the field being required.
    - `default` is the value sent while the field is hidden or has no answer.
    - `start` returns the value that a new action begins with, given the assistant's language.
    - `propose` returns a suggestion, which is sent until the user enters another value.
    - `several` lists the allowed parts of a comma-separated text, in order.
    - `suggest` returns values to offer beside free text.
    - `complete` returns the full form of a text that was typed in short.
    - `long` marks a text of many lines, `spoken` a text that is read out on the phone.
    - `whole` marks an object that is entered as JSON.
    - `shown` is when to show a value that cannot be edited.
    - `derives` returns answers beside this one that follow from it, given all of the object.
    - `selects_template_texts` marks the answer that selects the language of a template's texts.
    - `template_variable` is the variable of a template's texts that the answer replaces.
    - `compared_with_template` names a field; the value is whether its answer differs from the
      template's.
    - `from_voice` marks the answers that a voice of the catalogue fills, all together.
    - `summary` returns a sentence about an answer, such as the number of things found in it.
    - `as_json` marks what other fields fill; it is entered as a whole on request.
    - `aligned` marks a list of texts whose items belong to those of another list, one to one.
    - `note` explains an oddity of the published document.
    """

    label: str
    help: str
    when: Condition = ALWAYS
    step: Step | None = None
    group: FieldGroup | None = None
    sent: Sent | None = None
    default: Any = MISSING
    start: Callable[[str], Any] | None = None
    propose: Callable[[Siblings], Any] | None = None
    several: tuple[str, ...] = ()
    suggest: Callable[[], Sequence[str]] | None = None
    complete: Callable[[str], str] | None = None
    long: bool = False
    spoken: bool = False
    whole: bool = False
    secret: bool = False
    shown: Condition = NEVER
    derives: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    selects_template_texts: bool = False
    template_variable: str = ""
    compared_with_template: str = ""
    from_voice: bool = False
    summary: Callable[[Any], str] | None = None
    as_json: bool = False
    aligned: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A field of a model with its metadata.

    `name` is the API's name and `children` are the fields of a group or of a list's items.
    `options` maps each allowed value to its label. `joined` means that several choices form one
    comma-separated text. `allowed` describes valid values as a noun phrase, such as "a number".
    """

    name: str
    kind: Kind
    meta: FieldMeta
    sent: Sent
    allowed: str
    options: Mapping[Any, str]
    children: tuple["Question", ...]
    joined: bool
    step: Step | None

    @property
    def label(self) -> str:
        """The name shown beside the field."""
        return self.meta.label

    @property
    def default(self) -> Any:
        """The value sent without an answer, or `MISSING`."""
        return self.meta.default

    def completed(self, answer: Any) -> Any:
        """The full form of an answer that was typed in short, else the answer itself."""
        if self.meta.complete and isinstance(answer, str):
            return self.meta.complete(answer)
        return answer

    @property
    def is_required(self) -> bool:
        """Whether an answer is needed, because nothing is sent in its place."""
        return self.sent in (Sent.ALWAYS, Sent.ASKED) and is_empty(self.default)

    @property
    def never_asked(self) -> bool:
        """Whether the value is fixed or derived, so that the user never enters it."""
        return self.meta.when is NEVER


@cache
def questions(model: "type[ContractModel]") -> tuple[Question, ...]:
    """Return the questions of a model in the order of its fields."""
    found: list[Question] = []
    step: Step | None = None
    for name, info in model.model_fields.items():
        question = _question(name, info)
        step = question.meta.step or step
        found.append(_with_step(question, step))
    return tuple(found)


def find(top: Sequence[Question], path: Path) -> Question | None:
    """Return the question at a path, ignoring indexes, or `None` if there is no such field."""
    found: Question | None = None
    for name in (part for part in path if isinstance(part, str)):
        found = next((question for question in top if question.name == name), None)
        if found is None:
            return None
        top = found.children
    return found


def walk(top: Sequence[Question], at: Path = ()) -> Iterator[tuple[Path, Question]]:
    """Yield all questions with their paths, each followed by its children."""
    for question in top:
        path = (*at, question.name)
        yield path, question
        yield from walk(question.children, path)


def condition_words(question: Question, siblings: Sequence[Question]) -> str:
    """Return the condition of a field in words, with the labels of its siblings."""
    labels = {sibling.name: f"“{sibling.label}”" for sibling in siblings}
    return re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), question.meta.when.words)


def _with_step(question: Question, step: Step | None) -> Question:
    children = tuple(_with_step(child, step) for child in question.children)
    return replace(question, step=step, children=children)


def _question(name: str, info: "FieldInfo") -> Question:
    # Imported late: the first screen needs no models.
    from wizard.contract.model import ContractModel  # noqa: PLC0415
    from wizard.contract.rules import OneOf, Rule  # noqa: PLC0415

    meta = next((hint for hint in info.metadata if isinstance(hint, FieldMeta)), None)
    if meta is None:
        raise TypeError(f"the field {name} has no FieldMeta")
    annotation: Any = info.annotation
    metadata: Sequence[Any] = info.metadata
    is_list = get_origin(annotation) is list
    if is_list:
        annotation, metadata = get_args(annotation)[0], []
    if get_origin(annotation) is Annotated:
        annotation, *metadata = get_args(annotation)
    is_model = isinstance(annotation, type) and issubclass(annotation, ContractModel)
    options = next((hint.options for hint in metadata if isinstance(hint, OneOf)), {})
    options = {part: part for part in meta.several} or options
    if is_list:
        kind = Kind.LIST if is_model else Kind.SEVERAL if options else Kind.LINES
    else:
        kind = Kind.GROUP if is_model else Kind.CHOICE if options else _kind(annotation)
    kind = _control_kind(kind, meta)
    rules = [hint.allowed for hint in info.metadata if isinstance(hint, Rule)]
    return Question(
        name=name,
        kind=kind,
        meta=meta,
        sent=meta.sent or (Sent.ALWAYS if info.is_required() else Sent.IF_SET),
        allowed=" and ".join(rules) or _allowed(kind, options),
        options=options,
        children=questions(annotation) if is_model else (),
        joined=bool(meta.several),
        step=None,
    )


def _kind(annotation: Any) -> Kind:
    return {str: Kind.TEXT, bool: Kind.FLAG, float: Kind.NUMBER}.get(annotation, Kind.OBJECT)


def _control_kind(kind: Kind, meta: FieldMeta) -> Kind:
    """Return the kind of the type, or a more specific one from the metadata."""
    if meta.long:
        return Kind.LONG_TEXT
    if meta.whole:
        return Kind.OBJECT
    if meta.several:
        return Kind.SEVERAL
    return Kind.SECRET if meta.secret else kind


def _allowed(kind: Kind, options: Mapping[Any, str]) -> str:
    if options:
        return "some of " + ", ".join(map(str, options))
    return _ALLOWED.get(kind, "text")


_ALLOWED = {
    Kind.FLAG: "true or false",
    Kind.NUMBER: "a number",
    Kind.OBJECT: "an object, for example {}",
    Kind.GROUP: "an object, for example {}",
    Kind.LIST: "a list, for example []",
    Kind.LINES: "a list of texts",
}
