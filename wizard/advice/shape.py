"""Advice on the shape of a payload: extras, values that do not apply, parts that are left out."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wizard.actions import Action
from wizard.advice.standing import OBJECT, Asked, inside, is_filled
from wizard.advice.view import AdviceInfo, View
from wizard.ask import questions
from wizard.assistant import QUESTIONS, Sentiment
from wizard.conditions import is_empty
from wizard.paths import MISSING, Path
from wizard.problems import Fix, Problem

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
        yield from rule(view)


def _extras(view: View) -> Iterator[Problem]:
    for name in view.payload:
        if name not in _KNOWN:
            yield Problem((name,), "QW001", "is not documented by QCall; it is kept and sent")


_KNOWN: Final = frozenset(question.name for question in QUESTIONS)


def _idle(view: View) -> Iterator[Problem]:
    yield from _not_applying(view, QUESTIONS, view.payload, ())


def _not_applying(view: View, asked: Asked, members: Any, at: Path) -> Iterator[Problem]:
    """Find the values that do not apply, in groups and in the members of lists too."""
    if not isinstance(members, OBJECT):
        return
    for question, applies in view.standing(asked, members, at).sorted_out:
        value = members.get(question.name)
        if is_empty(value):
            continue
        place = (*at, question.name)
        if applies:
            for path, member in inside(question, value, place):
                yield from _not_applying(view, question.children, member, path)
        elif value != question.resting:
            told = f"does not apply: it counts when {question.ask.when.words}"
            yield Problem(place, "QW002", told)


def _unfilled(view: View) -> Iterator[Problem]:
    mood = view.payload.get("sentiment")
    if isinstance(mood, OBJECT):
        yield from _gaps(view, _MOOD, mood, ("sentiment",))
    for path, action in view.actions:
        yield from _gaps(view, _ACTION, action, path)


_MOOD: Final = questions(Sentiment)
_ACTION: Final = questions(Action)


def _gaps(view: View, asked: Asked, members: Mapping[str, Any], at: Path) -> Iterator[Problem]:
    """Find what is left out of members that apply and that the wizard never leaves empty."""
    for question in view.standing(asked, members, at).needed:
        if question.name not in members:
            if is_filled(question):
                told = f"is left out: {question.ask.help.removesuffix('.')}"
                yield Problem((*at, question.name), "QW003", told)
        elif question.children and isinstance(value := members[question.name], OBJECT):
            yield from _gaps(view, question.children, value, (*at, question.name))


def _twice(view: View) -> Iterator[Problem]:
    fillers: Any = view.payload.get("fillers")
    for index, filler in enumerate(fillers if isinstance(fillers, list) else ()):
        if filler in fillers[:index]:
            once = Fix("Name it once", MISSING)
            yield Problem(("fillers", index), "QW004", f"names {filler} a second time", once)


def _other_voice(view: View) -> Iterator[Problem]:
    voice: Any = view.payload.get("voice_data")
    for name in ("voice_id", "id") if isinstance(voice, OBJECT) else ():
        if name in voice and voice[name] != view.payload.get("voice_id"):
            told = "differs from the assistant's voice_id: the object is of another voice"
            yield Problem(("voice_data", name), "QW005", told)
