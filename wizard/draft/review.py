"""The review of a draft: its values in words, step by step, and payloads to compare it with."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wizard.advice.speech import seconds
from wizard.contract.actions import channels_of
from wizard.contract.applicability import Applicability
from wizard.contract.assistant import QUESTIONS, questions_of
from wizard.contract.choices import ACTION_TYPES
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.contract.steps import STEPS
from wizard.draft.draft import ACTION_QUESTIONS, Draft, Source
from wizard.exchange.differences import same
from wizard.formats.json_text import dump, parse_json
from wizard.formats.paths import MISSING, Path
from wizard.formats.text import counted

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipts

# The names of the channels of a message.
_CHANNELS = {"sms": "SMS", "whatsapp": "WhatsApp, old form", "zeplo": "WhatsApp template"}
# The number of characters of a text in its summary.
_SUMMARY_LENGTH = 400


class Item(NamedTuple):
    """A value of the payload in words. `seconds` is its duration if it is spoken, or 0.

    `is_verbatim`: the words are the whole text as it is said or sent. `is_part`: it belongs to the
    item before.
    """

    path: Path
    label: str
    words: str
    source: Source
    characters: int = 0
    seconds: float = 0.0
    is_verbatim: bool = False
    is_part: bool = False
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The values of a step: those that were chosen, and those with their default."""

    title: str
    chosen: tuple[Item, ...]
    default: tuple[Item, ...]

    @property
    def default_count(self) -> str:
        """How many values have their default, in words."""
        count = len(self.default)
        return "1 more at its default" if count == 1 else f"{count} more at their defaults"


@dataclass(frozen=True, slots=True)
class Base:
    """A payload to compare the draft with. `words` name it."""

    words: str
    payload: Mapping[str, Any]


def groups(draft: Draft) -> list[Group]:
    """All values of the payload by step; the fields of a voice are one item."""
    found: dict[str, list[Item]] = {step.label: [] for step in STEPS}
    payload = draft.compose()
    for step in STEPS:
        if any(question.meta.from_voice for question in questions_of(step)):
            found[step.label] += _voice(draft)
        for question in questions_of(step):
            value = payload.get(question.name, MISSING)
            if not question.meta.from_voice:
                found[step.label] += _items(draft, question, value, (question.name,))
    return [
        Group(
            title,
            tuple(item for item in items if not item.is_default),
            tuple(item for item in items if item.is_default),
        )
        for title, items in found.items()
        if items
    ]


def _items(draft: Draft, question: Question, value: Any, path: Path) -> Iterator[Item]:
    if value is MISSING:
        return
    if question.kind is Kind.GROUP and isinstance(value, Mapping):
        for child in question.children:
            inner = value.get(child.name, MISSING)
            yield from _items(draft, child, inner, (*path, child.name))
    elif question.kind is Kind.LIST and isinstance(value, list):
        for index, item in enumerate(value):
            at = (*path, index)
            source = draft.source(at)
            yield Item(
                at, f"Action {index + 1}", action_words(item, in_app=bool(draft.origin)), source
            )
            for inner, label, words in _action_parts(item):
                inner_path = (*at, *inner)
                yield Item(inner_path, label, words, source, is_verbatim=True, is_part=True)
    else:
        source, characters, spoken = draft.source(path), 0, 0.0
        words, is_text = format_value(question, value), isinstance(value, str)
        if question.kind is Kind.LONG_TEXT and is_text:
            characters, spoken = len(value), spoken_seconds(draft, question, value)
        is_said = question.meta.spoken and is_text and bool(value.strip())
        words = value if is_said else words
        if note := draft.origin.words(path, draft.compose()) if draft.origin else "":
            words = " · ".join(filter(None, (words, note)))
        yield Item(
            path,
            question.label,
            words,
            source,
            characters,
            spoken,
            is_verbatim=is_said,
            is_default=source is Source.DEFAULT or same(value, question.default),
        )


def _voice(draft: Draft) -> Iterator[Item]:
    """The chosen voice as one item."""
    # Imported late: a draft without a review has no use for the catalogue.
    from wizard.api.voice_catalogue import draft_voice  # noqa: PLC0415

    if voice := draft_voice(draft.compose()):
        words = " ".join(voice.summary.split())
        yield Item(("voice_id",), "Voice", words, draft.source(("voice_name",)))


def _action_parts(action: Any) -> Iterator[tuple[Path, str, str]]:
    """What an action says, sends and goes by, word for word: path, label and text of each."""
    if not isinstance(action, Mapping):
        return
    for question in ACTION_QUESTIONS:
        value = action.get(question.name)
        if question.name not in _CHANNELS:
            yield from _parts(question, value, (question.name,))
        elif part := channels_of(action).get(question.name):
            for child in question.children:
                yield from _parts(child, part.get(child.name), (question.name, child.name))


def _parts(question: Question, value: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    if question.kind is Kind.GROUP and isinstance(value, Mapping):
        for child in question.children:
            yield from _parts(child, value.get(child.name), (*path, child.name))
    elif question.kind is Kind.LINES and isinstance(value, list):
        if value:
            yield path, question.label, "\n".join(map(str, value))
    elif question.kind in (Kind.TEXT, Kind.LONG_TEXT) and isinstance(value, str) and value.strip():
        yield path, question.label, value


def spoken_seconds(draft: Draft, question: Question, text: str) -> float:
    """The duration of a text with the draft's voice; 0 for a text that is not spoken."""
    if not question.meta.spoken:
        return 0.0
    applicability = draft.applicability()
    return seconds(text, applicability.value("language"), applicability.value("voice_speed"))


def format_value(question: Question, value: Any) -> str:
    """A value in words, on one line. A secret is masked."""
    if question.meta.secret and not is_empty(value):
        return "••••••••"
    if question.joined and isinstance(value, str):
        value = value.split(",")
    if isinstance(value, list) and question.options and value:
        return ", ".join(_word(question, item) for item in value)
    return _word(question, value)


def _word(question: Question, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, str | int | float) and value in question.options:
        return question.options[value]
    if isinstance(value, str):
        short = value[:_SUMMARY_LENGTH]
        return " ".join(short.split()) + ("…" if short != value else "")
    if is_empty(value):
        return "none"
    if isinstance(value, Mapping):
        return f"an object of {counted(len(value), 'member')}"
    return " ".join(dump(value).split())[:_SUMMARY_LENGTH]


def action_words(action: Any, *, in_app: bool) -> str:
    """An action in one line. `in_app`: it came from QCall, whose app has more types."""
    if not isinstance(action, Mapping):
        return "not an action"
    kind = action.get("type")
    words = ACTION_TYPES.get(kind, kind) if isinstance(kind, str) else "no type"
    if words and words not in ACTION_TYPES.values() and isinstance(kind, str):
        return f"{words}: an action of QCall's app" if in_app else f"{words}: an unknown type"
    if kind == "scheduleMeeting":
        days = str(action.get("bookingDays") or "")
        count = days.count(",") + 1 if days else 0
        return f"{words}: {action.get('length', '?')} minutes, {count} days a week"
    on = [_CHANNELS[channel] for channel in channels_of(action)]
    return f"{words}: {', '.join(on) or 'no channel yet'}"


def condition_of(action: Any) -> str:
    """When an action runs, in the person's words: its own, or those of its first channel."""
    parts = [action, *channels_of(action).values()] if isinstance(action, Mapping) else []
    texts = (part.get("description") for part in parts)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def chosen(members: Mapping[str, Any], questions: Iterable[Question] = QUESTIONS) -> dict[str, Any]:
    """The values of a payload, or of an object in it, that differ from their defaults."""
    named = {question.name: question for question in questions}
    kept: dict[str, Any] = {}
    for name, value in members.items():
        question = named.get(name)
        if question and question.kind is Kind.GROUP and isinstance(value, Mapping):
            if inner := chosen(value, question.children):
                kept[name] = inner
        elif question is None or not same(value, question.default):
            kept[name] = value
    return kept


def bases(draft: Draft, receipts: "Receipts") -> list[Base]:
    """The payloads to compare a draft with: the last sent one, then its template.

    For a draft that changes an existing assistant it is the assistant as it was opened. Raises
    StoreTrouble and Unreadable.
    """
    if draft.origin:
        return [Base("it was opened", draft.origin.record.data)]
    found = []
    receipt = receipts.last_of(draft.id)
    if receipt:
        body = parse_json(receipt.body, f"the receipt {receipt.id}")
        if isinstance(body, dict):
            found.append(Base("last sent", body))
    template = draft.template_answers()
    if template:
        found.append(Base("template", Applicability(QUESTIONS, template).compose()))
    return found
