"""How a field is asked: `FieldMeta` is declared beside its type, a `Question` has both."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from wizard.contract.conditions import ALWAYS, NEVER, Siblings, When
from wizard.contract.steps import Step
from wizard.formats.paths import MISSING, Path

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from wizard.contract.model import ContractModel


class Sent(StrEnum):
    """When a field is in the payload."""

    ALWAYS = "always"
    ASKED = "when asked"
    IF_SET = "if set"
    NEVER = "never"


class Kind(StrEnum):
    """What a person answers with; each face of the wizard has one control for each."""

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
    """How one field is asked.

    `step` holds for the fields that follow too. `sent` is given where it is not said by the
    field's being required. `default` is the value sent while the field is not asked or not
    answered, `start` makes the one that a new action begins with, `propose` the one that is
    offered, and sent, until the person gives another. `several` are the words that a text with
    commas is made of, in order; `suggest` makes values to be offered beside free text. `long` is
    text of many lines, `spoken` is said on the phone word for word, `whole` is an object that is
    answered as one. `shown` is when a value that nobody is asked for is shown all the same. `note`
    tells where the published document is odd.
    """

    label: str
    help: str
    when: When = ALWAYS
    step: Step | None = None
    sent: Sent | None = None
    default: Any = MISSING
    start: Callable[[], Any] | None = None
    propose: Callable[[Siblings], Any] | None = None
    several: tuple[str, ...] = ()
    suggest: Callable[[], Sequence[str]] | None = None
    long: bool = False
    spoken: bool = False
    whole: bool = False
    secret: bool = False
    shown: When = NEVER
    # The answers beside this one that follow from it, made of the answers of its object.
    derives: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    # A change of the answer takes the template's texts for it.
    selects_template_texts: bool = False
    # The template variable that the answer replaces.
    template_variable: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A field of a model with its Ask; `name` is the API's, `children` those of a group or list.

    `options` are the values to choose from with their words, in order; `joined` says that several
    choices are one text with commas between; `allowed` completes the sentence "must be ...".
    """

    name: str
    kind: Kind
    ask: FieldMeta
    sent: Sent
    allowed: str
    options: Mapping[Any, str]
    children: tuple["Question", ...]
    joined: bool
    step: Step | None

    @property
    def label(self) -> str:
        """What a person reads in front of the field."""
        return self.ask.label

    @property
    def default(self) -> Any:
        """The value sent while there is no answer, or `MISSING`."""
        return self.ask.default

    @property
    def never_asked(self) -> bool:
        """Whether no one is ever asked: the value is fixed or derived."""
        return self.ask.when is NEVER


@cache
def questions(model: "type[ContractModel]") -> tuple[Question, ...]:
    """The questions of a model, in the order in which its fields are declared."""
    found: list[Question] = []
    step: Step | None = None
    for name, info in model.model_fields.items():
        question = _question(name, info)
        step = question.ask.step or step
        found.append(_placed(question, step))
    return tuple(found)


def find(asked: Sequence[Question], path: Path) -> Question | None:
    """Return the question that a path leads to, `None` where there is none; indexes are passed."""
    found: Question | None = None
    for name in (part for part in path if isinstance(part, str)):
        found = next((question for question in asked if question.name == name), None)
        if found is None:
            return None
        asked = found.children
    return found


def walk(asked: Sequence[Question], at: Path = ()) -> Iterator[tuple[Path, Question]]:
    """Walk all questions, nested ones after the one that holds them, each with its path."""
    for question in asked:
        path = (*at, question.name)
        yield path, question
        yield from walk(question.children, path)


def _placed(question: Question, step: Step | None) -> Question:
    children = tuple(_placed(child, step) for child in question.children)
    return replace(question, step=step, children=children)


def _question(name: str, info: "FieldInfo") -> Question:
    # Whoever has a model has imported this; the first screen has none.
    from wizard.contract.rules import Rule  # noqa: PLC0415

    ask = next((hint for hint in info.metadata if isinstance(hint, FieldMeta)), None)
    if ask is None:
        raise TypeError(f"the field {name} says nothing of how it is asked")
    shape = _shape(info.annotation, info.metadata)
    kind = _asked_as(shape.kind, ask)
    options = {name: name for name in ask.several} or shape.options
    rules = [hint.allowed for hint in info.metadata if isinstance(hint, Rule)]
    return Question(
        name=name,
        kind=kind,
        ask=ask,
        sent=ask.sent or (Sent.ALWAYS if info.is_required() else Sent.IF_SET),
        allowed=rules[0] if rules else _allowed(kind, options),
        options=options,
        children=questions(shape.model) if shape.model else (),
        joined=bool(ask.several),
        step=None,
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a type says by itself: its plain kind, its closed list, the model inside."""

    kind: Kind
    options: Mapping[Any, str] = field(default_factory=dict)
    model: "type[ContractModel] | None" = None


def _shape(annotation: Any, metadata: Sequence[Any] = ()) -> _Shape:
    from wizard.contract.model import ContractModel  # noqa: PLC0415 - see above
    from wizard.contract.rules import OneOf  # noqa: PLC0415

    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape(*_split(annotation))
    if origin is list:
        return _list_shape(_shape(get_args(annotation)[0]))
    if isinstance(annotation, type) and issubclass(annotation, ContractModel):
        return _Shape(Kind.GROUP, model=annotation)
    closed = next((hint.options for hint in metadata if isinstance(hint, OneOf)), None)
    if closed is not None:
        return _Shape(Kind.CHOICE, closed)
    return _Shape(
        {str: Kind.TEXT, bool: Kind.FLAG, float: Kind.NUMBER}.get(annotation, Kind.OBJECT)
    )


def _split(annotation: Any) -> tuple[Any, Sequence[Any]]:
    plain, *metadata = get_args(annotation)
    return plain, metadata


def _list_shape(item: _Shape) -> _Shape:
    if item.model:
        return _Shape(Kind.LIST, model=item.model)
    return _Shape(Kind.SEVERAL, item.options) if item.options else _Shape(Kind.LINES)


def _asked_as(kind: Kind, ask: FieldMeta) -> Kind:
    """The kind of control: what the type says, unless the Ask says more of it."""
    if ask.long:
        return Kind.LONG_TEXT
    if ask.whole:
        return Kind.OBJECT
    if ask.several:
        return Kind.SEVERAL
    return Kind.SECRET if ask.secret else kind


def _allowed(kind: Kind, options: Mapping[Any, str]) -> str:
    if options:
        return "some of " + ", ".join(map(str, options))
    return _ALLOWED.get(kind, "text")


_ALLOWED = {
    Kind.FLAG: "true or false",
    Kind.NUMBER: "a number",
    Kind.OBJECT: "an object, as in {}",
    Kind.GROUP: "an object, as in {}",
    Kind.LIST: "a list, as in []",
    Kind.LINES: "a list of texts",
}
