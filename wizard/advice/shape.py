"""Advice on the shape of a payload: extras, values that do not apply, parts that are left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from wizard.actions import Action
from wizard.advice.view import AdviceInfo, View
from wizard.ask import Kind, Question, Sent, questions
from wizard.assistant import QUESTIONS
from wizard.conditions import is_empty
from wizard.paths import MISSING, Path
from wizard.problems import Fix, Problem
from wizard.situation import Situation

ADVICE: Final = (
    AdviceInfo("QW001", "A top-level field that QCall does not document.", {"mood": "calm"}),
    AdviceInfo("QW002", "A value that does not apply as things stand.", {"background_volume": 3}),
    AdviceInfo(
        "QW003",
        "An optional part is left out that the wizard would have filled.",
        {"sentiment": {}},
    ),
    AdviceInfo("QW004", "A filler is named twice.", {"is_filler": True, "fillers": ["umm", "umm"]}),
    AdviceInfo(
        "QW005",
        "The voice object is of another voice than the assistant's.",
        {"voice_id": "v-1", "voice_data": {"voice_id": "v-2"}},
    ),
)


def look(view: View) -> Iterator[Problem]:
    """Look at the members of a payload."""
    for rule in (_extras, _idle, _unfilled, _twice, _other_voice):
        yield from rule(view.payload)


def _extras(payload: Mapping[str, Any]) -> Iterator[Problem]:
    known = {question.name for question in QUESTIONS}
    for name in payload:
        if name not in known:
            yield Problem((name,), "QW001", "is not documented by QCall; it is kept and sent")


def _idle(payload: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _not_applying(QUESTIONS, payload, ())


def _not_applying(asked: Sequence[Question], members: Any, at: Path) -> Iterator[Problem]:
    """Find the values that do not apply, in groups and in the members of lists too."""
    if not isinstance(members, Mapping):
        return
    situation = Situation(asked, members)
    for question in asked:
        value, path = members.get(question.name), (*at, question.name)
        if question.never_asked or is_empty(value):
            continue
        if not situation.applies(question.name):
            if value != question.resting:
                told = f"does not apply: it counts when {question.ask.when.words}"
                yield Problem(path, "QW002", told)
        elif question.kind is Kind.GROUP:
            yield from _not_applying(question.children, value, path)
        elif question.kind is Kind.LIST and isinstance(value, list):
            for index, item in enumerate(value):
                yield from _not_applying(question.children, item, (*path, index))


def _unfilled(payload: Mapping[str, Any]) -> Iterator[Problem]:
    mood = payload.get("sentiment")
    if isinstance(mood, Mapping):
        group = next(question for question in QUESTIONS if question.name == "sentiment")
        yield from _gaps(group.children, mood, ("sentiment",))
    actions = payload.get("actions")
    for index, action in enumerate(actions if isinstance(actions, list) else ()):
        if isinstance(action, Mapping):
            yield from _gaps(_ACTION, action, ("actions", index))


_ACTION = questions(Action)


def _gaps(asked: tuple[Question, ...], members: Mapping[str, Any], at: Any) -> Iterator[Problem]:
    """Find what is left out of members that apply and that the wizard never leaves empty."""
    situation = Situation(asked, members)
    for question in asked:
        if question.never_asked or not situation.applies(question.name):
            continue
        path, value = (*at, question.name), members.get(question.name)
        if isinstance(value, Mapping) and question.children:
            yield from _gaps(question.children, value, path)
        elif question.name not in members and _is_filled_by_wizard(question):
            yield Problem(path, "QW003", f"is left out: {question.ask.help.removesuffix('.')}")


def _is_filled_by_wizard(question: Question) -> bool:
    sent = question.ask.start is not None or question.sent in (Sent.ALWAYS, Sent.ASKED)
    return sent and question.resting != []


def _twice(payload: Mapping[str, Any]) -> Iterator[Problem]:
    fillers: Any = payload.get("fillers")
    for index, filler in enumerate(fillers if isinstance(fillers, list) else ()):
        if filler in fillers[:index]:
            once = Fix("Name it once", MISSING)
            yield Problem(("fillers", index), "QW004", f"names {filler} a second time", once)


def _other_voice(payload: Mapping[str, Any]) -> Iterator[Problem]:
    voice: Any = payload.get("voice_data")
    for name in ("voice_id", "id") if isinstance(voice, Mapping) else ():
        if name in voice and voice[name] != payload.get("voice_id"):
            told = "differs from the assistant's voice_id: the object is of another voice"
            yield Problem(("voice_data", name), "QW005", told)
