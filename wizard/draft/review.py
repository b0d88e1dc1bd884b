"""A draft as a person looks it over: grouped, in words, and beside what it is compared with."""

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
from wizard.formats.paths import MISSING, Path
from wizard.formats.payload_text import dump, parse_json

if TYPE_CHECKING:
    from wizard.api.receipt_store import Receipts

_SPOKEN = next(info.group for info in STEPS if info.step is Step.SCRIPT)
# So much of a text is read for its summary; the rest is counted.
_BEGINNING = 400


class Item(NamedTuple):
    """A value of the payload in words; `seconds` is how long it takes to be said, 0 for others."""

    path: Path
    label: str
    words: str
    source: Source
    characters: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs together: the values that were chosen, and those that rest."""

    title: str
    chosen: tuple[Item, ...]
    default: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """A payload that the draft can be compared with; `words` name it."""

    words: str
    payload: Mapping[str, Any]


def groups(draft: Draft) -> list[Group]:
    """Everything that will be sent, grouped as a person thinks of it."""
    found: dict[str, list[Item]] = {info.group: [] for info in STEPS}
    payload = draft.compose()
    for info in STEPS:
        for question in questions_of(info.step):
            value = payload.get(question.name, MISSING)
            # What is said on the phone belongs to the script, wherever it is asked.
            title = _SPOKEN if question.ask.spoken else info.group
            found[title] += _items(draft, question, value, (question.name,))
    return [
        Group(
            title,
            tuple(item for item in items if item.source is not Source.RESTING),
            tuple(item for item in items if item.source is Source.RESTING),
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
        # The items have the list's source, but for those that have one of their own, or are empty.
        depth, whole = len(path), draft.source(path)
        own = {p[depth] for p in draft.sources if len(p) > depth and p[:depth] == path}
        for place, item in enumerate(value):
            at = (*path, place)
            alike = place not in own and isinstance(item, (dict, Mapping)) and item
            source = whole if alike else draft.source(at)
            yield Item(at, f"Action {place + 1}", action_words(item), source)
    else:
        source, characters, spoken = draft.source(path), 0, 0.0
        if question.kind is Kind.LONG_TEXT and isinstance(value, str):
            characters, spoken = len(value), spoken_seconds(draft, question, value)
        yield Item(path, question.label, said(question, value), source, characters, spoken)


def spoken_seconds(draft: Draft, question: Question, text: str) -> float:
    """How long a text takes to be said by the draft's voice; 0 for one that is only read."""
    if not question.ask.spoken:
        return 0.0
    situation = draft.situation()
    return seconds(text, situation.value("language"), situation.value("voice_speed"))


def said(question: Question, value: Any) -> str:
    """A value in words, on one line; a secret is not told."""
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
        short = value[:_BEGINNING]
        return " ".join(short.split()) + ("…" if short != value else "")
    if is_empty(value):
        return "none"
    if isinstance(value, Mapping):
        return f"an object of {len(value)} member{'s' * (len(value) != 1)}"
    return " ".join(dump(value).split())[:_BEGINNING]


def action_words(action: Any) -> str:
    """An action in one line."""
    # Of ten thousand the test for an abstract class alone would take 10 ms.
    if not isinstance(action, (dict, Mapping)):
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
    """What of a payload differs from what rests in its place."""
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
        elif question is None or not _is_at_rest(question, value):
            kept[name] = value
    return kept


def _is_at_rest(question: Question, value: Any) -> bool:
    default = question.default
    return isinstance(value, bool) == isinstance(default, bool) and bool(value == default)


def bases(draft: Draft, receipts: "Receipts") -> list[Base]:
    """What a draft can be compared with: what was last sent of it, then its template.

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
