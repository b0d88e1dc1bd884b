"""The review of a draft: its values in words and in groups, and payloads to compare it with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wizard.advice.speech import seconds
from wizard.contract.applicability import Applicability
from wizard.contract.assistant import QUESTIONS, questions_of
from wizard.contract.choices import ACTION_TYPES
from wizard.contract.conditions import is_empty
from wizard.contract.fields import Kind, Question
from wizard.contract.steps import STEPS, Step
from wizard.draft.draft import Draft, Source
from wizard.formats.json_text import dump, parse_json
from wizard.formats.paths import MISSING, Path

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipts

_SPOKEN = next(info.group for info in STEPS if info.step is Step.SCRIPT)
# The number of characters of a text in its summary.
_SUMMARY_LENGTH = 400


class Item(NamedTuple):
    """A value of the payload in words. `seconds` is its duration if it is spoken, or 0."""

    path: Path
    label: str
    words: str
    source: Source
    characters: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """A group of values: those that were chosen, and those with their default."""

    title: str
    chosen: tuple[Item, ...]
    default: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """A payload to compare the draft with. `words` name it."""

    words: str
    payload: Mapping[str, Any]


def groups(draft: Draft) -> list[Group]:
    """All values of the payload, in the groups of the steps."""
    found: dict[str, list[Item]] = {info.group: [] for info in STEPS}
    payload = draft.compose()
    for info in STEPS:
        for question in questions_of(info.step):
            value = payload.get(question.name, MISSING)
            # Spoken texts belong to the script, although other steps ask for them.
            title = _SPOKEN if question.ask.spoken else info.group
            found[title] += _items(draft, question, value, (question.name,))
    return [
        Group(
            title,
            tuple(item for item in items if item.source is not Source.DEFAULT),
            tuple(item for item in items if item.source is Source.DEFAULT),
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
            yield Item(at, f"Action {index + 1}", action_words(item), draft.source(at))
    else:
        source, characters, spoken = draft.source(path), 0, 0.0
        if question.kind is Kind.LONG_TEXT and isinstance(value, str):
            characters, spoken = len(value), spoken_seconds(draft, question, value)
        words = format_value(question, value)
        yield Item(path, question.label, words, source, characters, spoken)


def spoken_seconds(draft: Draft, question: Question, text: str) -> float:
    """The duration of a text with the draft's voice; 0 for a text that is not spoken."""
    if not question.ask.spoken:
        return 0.0
    applicability = draft.applicability()
    return seconds(text, applicability.value("language"), applicability.value("voice_speed"))


def format_value(question: Question, value: Any) -> str:
    """A value in words, on one line. A secret is masked."""
    if question.ask.secret and not is_empty(value):
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
        return f"an object of {len(value)} member{'s' * (len(value) != 1)}"
    return " ".join(dump(value).split())[:_SUMMARY_LENGTH]


def action_words(action: Any) -> str:
    """An action in one line."""
    if not isinstance(action, Mapping):
        return "not an action"
    kind = action.get("type")
    words = ACTION_TYPES.get(kind, kind) if isinstance(kind, str) else "no type"
    if kind == "scheduleMeeting":
        days = str(action.get("bookingDays") or "")
        count = days.count(",") + 1 if days else 0
        return f"{words}: {action.get('length', '?')} minutes, {count} days a week"
    channels = {
        "sms": ("is_sms", "SMS"),
        "whatsapp": ("is_whatsapp", "WhatsApp, old form"),
        "zeplo": ("is_zeplo", "WhatsApp template"),
    }
    on = [name for part, (switch, name) in channels.items() if _is_on(action.get(part), switch)]
    return f"{words}: {', '.join(on) or 'no channel yet'}"


def _is_on(channel: Any, switch: str) -> bool:
    return isinstance(channel, Mapping) and channel.get(switch) is True


def chosen(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a payload that differ from their defaults."""
    named = {question.name: question for question in QUESTIONS}
    return _chosen(named, payload)


def _chosen(named: Mapping[str, Question], members: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in members.items():
        question = named.get(name)
        if question and question.kind is Kind.GROUP and isinstance(value, Mapping):
            inner = _chosen({child.name: child for child in question.children}, value)
            if inner:
                kept[name] = inner
        elif question is None or not _is_default(question, value):
            kept[name] = value
    return kept


def _is_default(question: Question, value: Any) -> bool:
    default = question.default
    return isinstance(value, bool) == isinstance(default, bool) and bool(value == default)


def bases(draft: Draft, receipts: "Receipts") -> list[Base]:
    """The payloads to compare a draft with: the last sent one, then its template.

    Raises StoreTrouble and Unreadable.
    """
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
